"""Erasure reaches the files that sources sent: one that holds an erased report is deleted whole.

A report that was erased keeps a mark in the place of its number (``cases.erasing.erased_number``);
a row belongs to it when its key, or any cell of it, has this mark. A file that cannot be read any
more is deleted too.
"""

from __future__ import annotations

from huhang.cases.erasing import ERASED, ERASING, erased_number
from huhang.cases.models import Case, Report
from huhang.cases.queries import case_ids_of
from huhang.intake import imports, inbox, kept, work
from huhang.intake.hotline import HotlineRow
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.intake.reports_import import ReportsImporter, keys_of
from huhang.kernel.actor import WORKER
from huhang.kernel.models import Cursor, Entry
from huhang.kernel.write import Write, write
from huhang.tables.cells import number_of
from huhang.tables.faults import UnusableFile

CURSOR = "erased from kept files"


def catch_up() -> int:
    """Follow the erasures of the log up to its end: how many files were deleted.

    The files go before the cursor moves: after a kill they are looked at once more.
    """
    start = Cursor.objects.filter(name=CURSOR).values_list("seq", flat=True).first() or 0
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    if last == start:
        return 0
    found = Entry.objects.filter(seq__gt=start, verb__in=ERASING).values_list("case_id", flat=True)
    deleted = _forget({c for c in found if c is not None})

    def move(w: Write) -> None:
        w.derived()
        Cursor.objects.update_or_create(name=CURSOR, defaults={"seq": last})

    write(move, actor=WORKER)
    return deleted


def _forget(case_ids: set[int]) -> int:
    marks: dict[str, set[str]] = {}
    cases = {i for case in Case.objects.filter(pk__in=case_ids) for i in case_ids_of(case)}
    erased = Report.objects.filter(case_id__in=cases, number__startswith=ERASED)
    for source, number in erased.values_list("source", "number"):
        marks.setdefault(source, set()).add(str(number))
    gone = set()
    for run in ImportRun.objects.filter(source__in=marks).order_by("id"):
        if kept.place_of(run.ref).is_dir() and _holds(run, marks[run.source]):
            kept.forget(run.ref)
            gone.add(run.ref)
    inbox.forget(gone)
    return len(gone)


def _holds(run: ImportRun, marks: set[str]) -> bool:
    kind, path = KINDS[run.kind], kept.data_of(run)
    if not issubclass(kind, ReportsImporter) or path is None:
        return False
    try:
        file = imports.open_file(kind, path, work.mapping_for(run, kept.about(run.ref)), run.name)
        for row in file.rows():
            names = {number_of(cell) for cell in row.cells}
            if isinstance(row, HotlineRow):
                names |= set(keys_of(row.key, row.content_hash, run.by))
            if any(erased_number(run.source, name) in marks for name in names if name):
                return True
    except UnusableFile:
        return True
    return False
