"""Importing a hotline's file: nothing twice, nothing lost, every refused row named.

Rows are taken in by groups, each group one transaction: an interruption keeps what was committed,
and the same file again adds only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.actions import erased_number
from huhang.cases.models import Report
from huhang.cases.queries import visible_to
from huhang.intake.actions import ReportDraft, submit_many, supplement
from huhang.intake.drafts import Drafts, merged
from huhang.intake.hotline import VOCABULARY, HotlineFile, HotlineRow
from huhang.intake.models import ImportRun
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write, write
from huhang.tables.faults import Refusal, Remark, UnusableFile
from huhang.tables.mapping import Mapping
from huhang.tables.reading import read

GROUP = 500
Progress = Callable[[int, int], None]
Taken = list[tuple[HotlineRow, ReportDraft]]


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


def open_file(path: Path, mapping: Mapping | None = None, name: str = "") -> HotlineFile:
    """The file with its headers recognised. Raises ``UnusableFile``."""
    return read(
        HotlineFile, path, mapping=mapping or Mapping(VOCABULARY), zone=clock.local_zone(),
        now=clock.now(), name=name,
    )  # fmt: skip


def import_hotline(
    path: Path,
    *,
    actor: Actor,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    run: ImportRun | None = None,
    name: str = "",
) -> ImportResult:
    """Import a file, or with ``dry_run`` only say what would happen.

    A user reaches only reports of cases that they may see (see ``_places``). ``progress(done,
    total)`` is called after each group. Raises ``UnusableFile`` when the file cannot be read, to
    its end or at all, ``Full`` when the disk is full (what was committed stays).
    """
    file = open_file(path, mapping, name)
    total = file.count() if progress else 0
    if not dry_run:
        files.check_room(path.stat().st_size * 4)
        run = run or begin_run(path, actor, mapping)
    work = _Import(file, (mapping.source if mapping else "") or "hotline", actor, dry_run)
    result = work.result
    try:
        for _group in work.groups():
            if progress:
                progress(result.read, total)
    except UnusableFile as error:
        if run is None or dry_run:
            raise
        _end_run(run, result, actor, "failed")
        said = _("%(count)d rows had been taken in before; they stay.")
        raise UnusableFile(
            f"{error} {said % {'count': result.accepted + result.updated}}"
        ) from None
    result.notices = file.notices()
    if run is not None and not dry_run:
        _end_run(run, result, actor)
    return result


@dataclass
class _Judged:
    """What becomes of a group of rows."""

    fresh: list[ReportDraft] = field(default_factory=list)
    changed: list[tuple[Report, ReportDraft]] = field(default_factory=list)
    repeated: int = 0


class _Import:
    """One import on its way."""

    def __init__(self, file: HotlineFile, source: str, actor: Actor, dry_run: bool) -> None:
        self.file = file
        self.source = source
        self.actor = actor
        self.dry_run = dry_run
        self.result = ImportResult()
        self.drafts = Drafts(file, source, actor.ref if actor.kind == "user" else "")
        self.seen: dict[str, tuple[bytes, str, int]] = {}

    def groups(self) -> Iterator[None]:
        """Take in group by group, each committed when it is yielded."""
        rows = self.file.rows()
        while group := list(islice(rows, GROUP)):
            self.result.read += len(group)
            taken = self._taken(group)
            if self.dry_run:
                self._count(self._judge(taken))
            else:
                self._count(write(partial(self._take_in, taken=taken), actor=self.actor))
            yield

    def _count(self, judged: _Judged) -> None:
        self.result.accepted += len(judged.fresh)
        self.result.updated += len(judged.changed)
        self.result.repeated += judged.repeated

    def _taken(self, group: list[HotlineRow | Refusal]) -> Taken:
        """The rows that are neither refused nor in the file twice."""
        taken = []
        for row in group:
            if isinstance(row, Refusal):
                self._refuse(row)
                continue
            before = self.seen.setdefault(row.key, (row.content_hash, row.sheet, row.row))
            if before[1:] == (row.sheet, row.row):
                taken.append((row, self.drafts.draft(row)))
            elif before[0] == row.content_hash:
                self.result.repeated += 1
            else:
                self._refuse(_conflict(row, before[1], before[2]))
        return taken

    def _refuse(self, refusal: Refusal) -> None:
        self.result.refused += 1
        self.result.refusals.append(refusal)

    def _judge(self, taken: Taken) -> _Judged:
        judged = _Judged()
        for row, draft, key, report in self._places(taken):
            if report is not None:
                same = bytes(report.content_hash or b"") == row.content_hash
                changed = None if same else merged(row, draft, report)
                if changed is None:
                    judged.repeated += 1
                else:
                    judged.changed.append((report, changed))
            else:
                judged.fresh.append(draft if key == row.key else replace(draft, number=key))
        return judged

    def _places(self, taken: Taken) -> Iterator[tuple[HotlineRow, ReportDraft, str, Report | None]]:
        """Each row with the key to file it under, and the report that is there already.

        What a user may not see is to them as if it were not there: their row is filed beside it,
        under a key of their own. What they themselves sent before is theirs to repeat, even where
        it accuses them, but not to change.
        """
        waiting = [(row, draft, _keys(row, self.actor)) for row, draft in taken]
        while waiting:
            known = self._known([keys[0] for _row, _draft, keys in waiting])
            seen = self._seen(known)
            later = []
            for row, draft, keys in waiting:
                report = known.get(keys[0])
                if report is None or report.case_id in seen or self._is_own(report, row):
                    yield row, draft, keys[0], report
                else:
                    later.append((row, draft, keys[1:]))
            waiting = later

    def _known(self, keys: list[str]) -> dict[str, Report]:
        """The reports filed under these keys, those whose words were erased since among them."""
        names = {name: k for k in keys for name in (k, erased_number(self.source, k))}
        found = Report.objects.filter(source=self.source, number__in=names)
        return {names[r.number]: r for r in found if r.number is not None}

    def _seen(self, known: dict[str, Report]) -> set[int]:
        """The cases of these reports that the actor may see."""
        case_ids = {r.case_id for r in known.values()}
        if self.actor.kind != "user":
            return case_ids
        return set(visible_to(self.actor).filter(pk__in=case_ids).values_list("pk", flat=True))

    def _is_own(self, report: Report, row: HotlineRow) -> bool:
        same = bytes(report.content_hash or b"") == row.content_hash
        return same and report.taken_by == self.actor.ref

    def _take_in(self, w: Write, taken: Taken) -> _Judged:
        judged = self._judge(taken)
        if not judged.fresh and not judged.changed:
            w.derived()
            return judged
        submit_many(w, judged.fresh)
        for report, draft in judged.changed:
            supplement(w, report, draft)
        return judged


def _keys(row: HotlineRow, actor: Actor) -> list[str]:
    """Where a row is looked for: its own key; for a user also keys beside it (see ``_places``)."""
    if actor.kind != "user":
        return [row.key]
    whole = hashlib.sha256(row.key.encode() + row.content_hash).hexdigest()
    return [row.key, f"~{actor.ref}~{row.key}", f"~{actor.ref}~#{whole}"]


def _conflict(row: HotlineRow, sheet: str, number: int) -> Refusal:
    """The file gives one number to two reports: taking the later one would overwrite the earlier."""
    return Refusal(
        row.sheet, row.row, row.headings.get("number", ""),
        _("The same number stands in sheet %(sheet)s, row %(row)d, with other content.")
        % {"sheet": sheet, "row": number},
        row.cells,
    )  # fmt: skip


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


def _end_run(run: ImportRun, result: ImportResult, actor: Actor, state: str = "done") -> None:
    def action(w: Write) -> None:
        w.entry("import_end" if state == "done" else f"import_{state}")
        w.update(
            run,
            ended_at=w.now,
            state=state,
            read=result.read,
            accepted=result.accepted,
            updated=result.updated,
            repeated=result.repeated,
            refused=result.refused,
        )

    write(action, actor=actor)


def preview(file: HotlineFile, rows: int = 10) -> Iterator[dict[str, Any]]:
    """For each sheet: its name, its columns with the field each gives and why, its first rows."""
    for sheet, header in file.tables:
        yield {
            "sheet": sheet.name,
            "header_row": header.row,
            "columns": header.columns,
            "rows": file.first_rows(sheet, header, rows),
        }
