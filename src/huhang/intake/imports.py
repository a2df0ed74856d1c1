"""Importing a hotline's file: nothing twice, nothing lost, every refused row named.

Rows are taken in by groups, each group one transaction: an interruption keeps what was committed,
and the same file again adds only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.models import Report
from huhang.cases.queries import payload_value
from huhang.intake.actions import ReportDraft, submit_many, supplement
from huhang.intake.hotline import HotlineFile, HotlineRow, Mapping, Refusal, Remark, read
from huhang.intake.models import ImportRun
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write, write
from huhang.parties.queries import PersonNames, UnitNames
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
    erased = _erased(source)
    names = UnitNames(current().unit_aliases)
    people = PersonNames()
    seen: dict[str, bytes] = {}
    rows = file.rows()
    while group := list(islice(rows, GROUP)):
        result.read += len(group)
        taken = _drafts(group, source, names, people, result)
        if dry_run:
            _count_dry(taken, source, seen, result, erased)
        else:
            take_in = partial(_take_in, taken=taken, source=source, erased=erased)
            counts = write(take_in, actor=actor)
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
    group: list[HotlineRow | Refusal], source: str, names: UnitNames, people: PersonNames,
    result: ImportResult,
) -> list[tuple[HotlineRow, ReportDraft]]:  # fmt: skip
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
        persons = people.find(row.values.get("accused", ""))
        taken.append((row, _draft(row, source, unit_id, persons)))
    return taken


WORDS = ("subject", "text", "unit", "accused", "reply", "category", "place", "satisfaction")
KEYS = {"accused": "person"}
"""Where a file's field has another name among the words of a report."""
CONTACT = {"person": "name", "contact": "phone"}


def _draft(
    row: HotlineRow, source: str, unit_id: int | None, persons: tuple[int, ...] = ()
) -> ReportDraft:
    values = row.values
    words: dict[str, str] = {KEYS.get(k, k): values[k] for k in WORDS if k in values}
    if row.replied_on:
        words["replied_on"] = row.replied_on.isoformat(sep=" ", timespec="minutes")
    for heading, text in row.extra.items():
        words[f"+{heading}"] = text
    contact = {v: values[k] for k, v in CONTACT.items() if k in values}
    return ReportDraft(
        channel="hotline_file",
        words=_with_text(words),
        kind="demand",
        contact=contact or None,
        anonymous=not contact,
        units=(unit_id,) if unit_id else (),
        persons=persons,
        reported_at=row.reported_on,
        source=source,
        number=row.key,
        content_hash=row.content_hash,
    )


def _with_text(words: dict[str, str]) -> dict[str, str]:
    return {"text": words.get("subject", ""), **words}


@dataclass
class _Said:
    """What a report says now. ``words`` None: they were erased."""

    words: dict[str, str] | None
    contact: dict[str, str]
    reported_at: datetime | None


def _said(one: Report | ReportDraft) -> _Said:
    if isinstance(one, ReportDraft):
        return _Said(one.words, one.contact or {}, one.reported_at)
    return _Said(payload_value(one.words), payload_value(one.contact) or {}, one.reported_at)


def _merged(row: HotlineRow, draft: ReportDraft, said: _Said) -> ReportDraft | None:
    """What the report says after this row: what the file has no column for stays as it was.

    None when that is what the report says already, or when its words were erased.
    """
    before, contact_before = said.words, said.contact
    if before is None:
        return None
    named = {KEYS.get(c, c) for c in row.columns}
    kept = {k: v for k, v in before.items() if k not in named}
    words = _with_text({**kept, **{k: v for k, v in draft.words.items() if k in named or v}})
    if "text" not in row.columns and before.get("text"):
        words["text"] = before["text"]
    reach = {CONTACT[c] for c in row.columns if c in CONTACT}
    contact = {k: v for k, v in contact_before.items() if k not in reach} | (draft.contact or {})
    moment = draft.reported_at or said.reported_at
    if (words, contact, moment) == (before, contact_before, said.reported_at):
        return None
    return replace(draft, words=words, contact=contact or None, reported_at=moment)


def _known(keys: list[str], source: str) -> dict[str, Report]:
    return {
        r.number: r
        for r in Report.objects.filter(source=source, number__in=keys)
        if r.number is not None
    }


def _erased(source: str) -> frozenset[bytes]:
    """Content of this source's reports that were erased: the same file must not bring them back."""
    hashes = Report.objects.filter(source=source, number__isnull=True, content_hash__isnull=False)
    return frozenset(bytes(h) for h in hashes.values_list("content_hash", flat=True) if h)


def _take_in(
    w: Write, taken: list[tuple[HotlineRow, ReportDraft]], source: str, erased: frozenset[bytes]
) -> tuple[int, int, int]:
    """Take in new rows, update changed ones; how many were new, changed and the same."""
    known = _known([row.key for row, _draft in taken], source)
    fresh: dict[str, ReportDraft] = {}
    again: list[tuple[HotlineRow, ReportDraft]] = []
    repeated = 0
    for row, draft in taken:
        report = known.get(row.key)
        if report is not None:
            if bytes(report.content_hash or b"") == row.content_hash:
                repeated += 1
            else:
                again.append((row, draft))
        elif row.key in fresh:
            if fresh[row.key].content_hash == row.content_hash:
                repeated += 1
            else:
                again.append((row, draft))
        elif row.content_hash in erased:
            repeated += 1
        else:
            fresh[row.key] = draft
    if not fresh and not again:
        w.derived()
        return 0, 0, repeated
    submit_many(w, list(fresh.values()))
    said: dict[str, _Said] = {}
    changed = 0
    w.flush()
    known.update(_known([row.key for row, _draft in again if row.key not in known], source))
    for row, draft in again:
        report = known[row.key]
        # What this action wrote stands in no payload yet: the draft says it.
        before = said.get(row.key) or _said(fresh.get(row.key, report))
        merged = _merged(row, draft, before)
        if merged is None:
            repeated += 1
        else:
            supplement(w, report, merged)
            said[row.key] = _said(merged)
            changed += 1
    if not fresh and not changed:
        w.derived()
    return len(fresh), changed, repeated


def _count_dry(
    taken: list[tuple[HotlineRow, ReportDraft]], source: str, seen: dict[str, bytes],
    result: ImportResult, erased: frozenset[bytes],
) -> None:  # fmt: skip
    known = _known([row.key for row, _draft in taken if row.key not in seen], source)
    for row, draft in taken:
        before = seen.get(row.key)
        report = known.get(row.key)
        if before is None and report is not None:
            before = bytes(report.content_hash or b"")
            if before != row.content_hash and _merged(row, draft, _said(report)) is None:
                before = row.content_hash
        if before is None and row.content_hash in erased:
            before = row.content_hash
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
