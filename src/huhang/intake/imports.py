"""Importing a hotline's file: nothing twice, nothing lost, every refused row named.

Rows are taken in by groups, each group one transaction: an interruption keeps what was committed,
and the same file again adds only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from huhang.cases.models import Report
from huhang.intake.actions import ReportDraft, submit_many, supplement
from huhang.intake.hotline import HotlineFile, HotlineRow, Mapping, Refusal, Remark, read
from huhang.intake.hotline.columns import REPORT_COLUMNS
from huhang.intake.models import ImportRun
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write, write
from huhang.parties.queries import UnitNames
from huhang.rulebook import current

GROUP = 500
MAX_REMARKS = 10_000
Progress = Callable[[int, int], None]


@dataclass
class ImportResult:
    """What an import did. ``read`` is the sum of accepted, updated, repeated and refused."""

    read: int = 0
    accepted: int = 0
    updated: int = 0
    repeated: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that ``huhang import hotline --json`` prints."""

        def named(row: Refusal | Remark) -> dict[str, Any]:
            return {"sheet": row.sheet, "row": row.row, "field": row.field, "reason": row.reason}

        return {
            "read": self.read,
            "accepted": self.accepted,
            "updated": self.updated,
            "repeated": self.repeated,
            "refused": self.refused,
            "refusals": [named(r) for r in self.refusals],
            "notices": [named(r) for r in self.notices],
        }


def open_file(path: Path, mapping: Mapping | None = None) -> HotlineFile:
    """The file with its headers recognised. Raises ``UnusableFile``."""
    return read(path, mapping=mapping, zone=clock.local_zone(), now=clock.now())


def import_hotline(
    path: Path,
    *,
    actor: Actor,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    run: ImportRun | None = None,
) -> ImportResult:
    """Import a file, or with ``dry_run`` only say what would happen.

    ``progress(done, total)`` is called after each group. Raises ``UnusableFile`` when nothing can
    be read, ``Full`` when the disk is full (what was committed stays).
    """
    file = open_file(path, mapping)
    total = file.count() if progress else 0
    if not dry_run:
        files.check_room(path.stat().st_size * 4)
        run = run or begin_run(path, actor, mapping)
    result = ImportResult()
    source = (mapping.source if mapping else "") or "hotline"
    names = UnitNames(current().unit_aliases)
    seen: dict[str, bytes] = {}
    rows = file.rows()
    while group := list(islice(rows, GROUP)):
        result.read += len(group)
        taken = _drafts(group, source, names, result)
        if dry_run:
            _count_dry(taken, source, seen, result)
        else:
            counts = write(lambda w, taken=taken: _take_in(w, taken, source), actor=actor)  # type: ignore[misc]
            result.accepted += counts[0]
            result.updated += counts[1]
            result.repeated += counts[2]
        if progress:
            progress(result.read, total)
    result.notices = (file.remarks + result.notices)[:MAX_REMARKS]
    if run is not None and not dry_run:
        _end_run(run, result, actor)
    return result


def _drafts(
    group: list[HotlineRow | Refusal], source: str, names: UnitNames, result: ImportResult
) -> list[tuple[HotlineRow, ReportDraft]]:
    taken = []
    for row in group:
        if isinstance(row, Refusal):
            result.refused += 1
            result.refusals.append(row)
            continue
        unit = row.values.get("unit", "")
        unit_id = names.find(unit) if unit else None
        if unit and unit_id is None:
            result.notices.append(
                Remark(row.sheet, row.row, "unit",
                       _("There is no unit “%(name)s”; kept as text.") % {"name": unit[:60]})
            )  # fmt: skip
        taken.append((row, _draft(row, source, unit_id)))
    return taken


def _draft(row: HotlineRow, source: str, unit_id: int | None) -> ReportDraft:
    values = row.values
    words: dict[str, str] = {
        k: values[k]
        for k in ("subject", "text", "unit", "reply", "category", "place", "satisfaction")
        if k in values
    }
    words.setdefault("text", values.get("subject", ""))
    if row.replied_on:
        words["replied_on"] = row.replied_on.isoformat(sep=" ", timespec="minutes")
    for heading, text in row.extra.items():
        words[f"+{heading}"] = text
    contact = {k: values[v] for k, v in (("name", "person"), ("phone", "contact")) if v in values}
    return ReportDraft(
        channel="hotline_file",
        words=words,
        kind="demand",
        contact=contact or None,
        anonymous=not contact,
        units=(unit_id,) if unit_id else (),
        reported_at=row.reported_on,
        source=source,
        number=row.key,
        content_hash=row.content_hash,
    )


def _known(keys: list[str], source: str) -> dict[str, Report]:
    return {
        r.number: r
        for r in Report.objects.filter(source=source, number__in=keys)
        if r.number is not None
    }


def _take_in(
    w: Write, taken: list[tuple[HotlineRow, ReportDraft]], source: str
) -> tuple[int, int, int]:
    """Take in new rows, update changed ones; how many were new, changed and the same."""
    known = _known([row.key for row, _draft in taken], source)
    fresh: dict[str, ReportDraft] = {}
    changed: list[ReportDraft] = []
    repeated = 0
    for row, draft in taken:
        report = known.get(row.key)
        if report is not None:
            if bytes(report.content_hash or b"") == row.content_hash:
                repeated += 1
            else:
                changed.append(draft)
                report.content_hash = row.content_hash
        elif row.key in fresh:
            if fresh[row.key].content_hash == row.content_hash:
                repeated += 1
            else:
                changed.append(draft)
        else:
            fresh[row.key] = draft
    if not fresh and not changed:
        w.derived()
        return 0, 0, repeated
    submit_many(w, list(fresh.values()))
    if changed:
        w.flush()
        now_known = _known([d.number for d in changed if d.number], source)
        for draft in changed:
            supplement(w, now_known[draft.number or ""], draft)
    return len(fresh), len(changed), repeated


def _count_dry(
    taken: list[tuple[HotlineRow, ReportDraft]], source: str, seen: dict[str, bytes],
    result: ImportResult,
) -> None:  # fmt: skip
    known = _known([row.key for row, _draft in taken if row.key not in seen], source)
    for row, _draft in taken:
        before = seen.get(row.key)
        if before is None and row.key in known:
            before = bytes(known[row.key].content_hash or b"")
        seen[row.key] = row.content_hash
        if before is None:
            result.accepted += 1
        elif before == row.content_hash:
            result.repeated += 1
        else:
            result.updated += 1


def begin_run(
    path: Path, actor: Actor, mapping: Mapping | None = None, *, state: str = "running"
) -> ImportRun:
    """Record that an import begins, or (``state`` checking) that a file waits to be looked at."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)

    def action(w: Write) -> ImportRun:
        w.entry("import_begin")
        made: ImportRun = w.insert(
            ImportRun,
            ref=ids.new_ref(),
            kind="hotline",
            source=(mapping.source if mapping else "") or "hotline",
            file_hash=digest.hexdigest(),
            started_at=w.now,
            state=state,
            by=w.actor.ref,
        )
        return made

    return write(action, actor=actor)


def move_run(run: ImportRun, state: str, actor: Actor) -> None:
    """Record that an import was looked at, begins, failed or was given up."""

    def action(w: Write) -> None:
        w.entry(f"import_{state}")
        w.update(run, state=state)

    write(action, actor=actor)


def _end_run(run: ImportRun, result: ImportResult, actor: Actor) -> None:
    def action(w: Write) -> None:
        w.entry("import_end")
        w.update(
            run,
            ended_at=w.now,
            state="done",
            read=result.read,
            accepted=result.accepted,
            updated=result.updated,
            repeated=result.repeated,
            refused=result.refused,
        )

    write(action, actor=actor)


def write_refusals(target: Path, file: HotlineFile, refusals: list[Refusal]) -> None:
    """The refused rows as Excel: the original columns, then why; to be corrected and sent again."""
    by_sheet: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        by_sheet.setdefault(refusal.sheet, []).append(refusal)
    with xlsxwriter.Workbook(str(target), {"strings_to_numbers": False, "strings_to_formulas": False,
                                           "strings_to_urls": False}) as book:  # fmt: skip
        bold = book.add_format({"bold": True})
        bad = book.add_format({"bg_color": "#FFF2CC", "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        used: set[str] = set()
        for name, headings in file.headings():
            if name not in by_sheet:
                continue
            sheet = book.add_worksheet(_sheet_name(name, used))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(headings) - 1, 18)
            sheet.set_column(len(headings), len(headings), 40)
            for column, heading in enumerate([*headings, *REPORT_COLUMNS]):
                sheet.write_string(0, column, heading, bold)
            for at, refusal in enumerate(by_sheet[name], 1):
                for column, cell in enumerate(refusal.cells[: len(headings)]):
                    _write_cell(sheet, at, column, cell, day)
                told = (refusal.reason, refusal.field, refusal.sheet, str(refusal.row))
                for column, text in enumerate(told, len(headings)):
                    sheet.write_string(at, column, text, bad)


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    from datetime import date, datetime

    if isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, bool | int | float):
        sheet.write(row, column, cell)
    elif cell:
        sheet.write_string(row, column, str(cell)[:32_767])


def _sheet_name(name: str, used: set[str]) -> str:
    plain = "".join("_" if c in "[]:*?/\\'" else c for c in name)[:28] or "Sheet"
    made, n = plain, 2
    while made.casefold() in used:
        made, n = f"{plain[:25]} {n}", n + 1
    used.add(made.casefold())
    return made


def preview(file: HotlineFile, rows: int = 10) -> Iterator[dict[str, Any]]:
    """For each sheet: its name, its columns with the field each gives and why, its first rows."""
    for sheet, header in file.tables:
        first = []
        for number, cells in sheet.rows():
            if number > header.row and any(str(c or "").strip() for c in cells):
                first.append(
                    (number, [str(c if c is not None else "").strip()[:60] for c in cells])
                )
                if len(first) == rows:
                    break
        yield {
            "sheet": sheet.name,
            "header_row": header.row,
            "columns": header.columns,
            "rows": first,
        }
