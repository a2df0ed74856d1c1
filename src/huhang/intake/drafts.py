"""From a row of a hand-over to a report: its words, its contact, and whom it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from django.utils.translation import gettext as _

from huhang.cases.models import Report
from huhang.cases.queries import payload_value
from huhang.intake.actions import ReportDraft
from huhang.intake.filing import SealedReport, Way, title_of
from huhang.intake.hotline import HotlineRow
from huhang.kernel.draft import seal
from huhang.parties.names import GroupNames, PersonNames, UnitNames, parts
from huhang.rulebook import current
from huhang.rulebook.book import HandOver
from huhang.tables.file import TableFile

WORDS = (
    "subject", "text", "unit", "handling_unit", "accused", "reply", "replied_on", "category",
    "place", "satisfaction",
)  # fmt: skip
KEYS = {"accused": "person"}
"""Where a file's field has another name among the words of a report."""
CONTACT = {"person": "name", "contact": "phone"}


class Drafted(NamedTuple):
    """The report that a row is, filed under the row's key, and which columns its file has (see
    ``HotlineRow``)."""

    report: SealedReport
    columns: frozenset[str]


@dataclass(frozen=True)
class _Units:
    """Whom a cell of units means, and which of its names mean nobody."""

    units: tuple[int, ...]
    groups: tuple[int, ...]
    unknown: tuple[str, ...]


class Drafts:
    """Makes drafts of rows. Built once for an import: it knows all names and needs no database then."""

    def __init__(
        self, file: TableFile[HotlineRow], source: str, taken_by: str, hand_over: HandOver
    ) -> None:
        self.file = file
        self.ways = {
            anonymous: Way(
                hand_over.kind, hand_over.channel, anonymous, "", "", source, taken_by,
                current().accuses(hand_over.kind), hand_over.nature,
            )
            for anonymous in (True, False)
        }  # fmt: skip
        self._units = UnitNames(current().unit_aliases)
        self._groups = GroupNames()
        self._people = PersonNames()
        self._known: dict[str, _Units] = {}

    def drafted(self, row: HotlineRow) -> Drafted:
        """The report that a row is. A name that means no unit is kept as text, with a remark."""
        values = row.values
        named = self._named(values.get("unit", ""))
        for name in named.unknown:
            self.file.remark(
                row.sheet, row.row, row.headings.get("unit", ""),
                _("There is no unit “%(name)s”; kept as text.") % {"name": name[:60]},
            )  # fmt: skip
        contact = {v: values[k] for k, v in CONTACT.items() if k in values}
        contact |= {f"+{heading}": text for heading, text in row.private.items()}
        words = _with_text(_words(row))
        report = SealedReport(
            self.ways[not contact],
            title_of(words),
            seal("words", {k: v for k, v in words.items() if v}),
            seal("contact", contact) if contact else None,
            named.units,
            named.groups,
            self._people.find_all(values.get("accused", "")),
            None,
            row.reported_on.astimezone(UTC) if row.reported_on else None,
            None,
            row.key,
            row.content_hash,
            (),
        )
        return Drafted(report, row.columns)

    def _named(self, cell: str) -> _Units:
        found = self._known.get(cell)
        if found is None:
            units, groups = self._units.find_all(cell), self._groups.find_all(cell)
            whole = self._units.find(cell) is not None
            unknown = tuple(
                p
                for p in ([] if whole else parts(cell))
                if not self._units.find_all(p) and not self._groups.find_all(p)
            )
            found = self._known[cell] = _Units(units, groups, unknown)
        return found


def _words(row: HotlineRow) -> dict[str, str]:
    words = {KEYS.get(k, k): row.values[k] for k in WORDS if k in row.values}
    if row.replied_on:
        words["replied_on"] = row.replied_on.isoformat(sep=" ", timespec="minutes")
    for heading, text in row.extra.items():
        words[f"+{heading}"] = text
    return words


def _with_text(words: dict[str, str]) -> dict[str, str]:
    return {"text": words.get("subject", ""), **words}


def merged(drafted: Drafted, report: Report) -> ReportDraft | None:
    """What the report says after this row: what the file has no column for stays as it was.

    None when that is what the report says already, or when its words were erased.
    """
    before = payload_value(report.words)
    if before is None:
        return None
    sealed, columns = drafted
    said = orjson.loads(sealed.words.body)
    contact_said = orjson.loads(sealed.contact.body) if sealed.contact else {}
    contact_before = payload_value(report.contact) or {}
    named = {KEYS.get(c, c) for c in columns}
    counts = {"+" + c[1:] for c in columns if c.startswith("#")}
    kept = {k: v for k, v in before.items() if k not in named}
    words = _with_text({**kept, **{k: v for k, v in said.items() if k in named or v}})
    if "text" not in columns and before.get("text"):
        words["text"] = before["text"]
    reach = {CONTACT.get(c, f"+{c[1:]}" if c[0] == "~" else "") for c in columns}
    contact = {k: v for k, v in contact_before.items() if k not in reach} | contact_said
    moment = _to_the_second(sealed.reported_at, report.reported_at)
    same = _without(words, counts) == _without(before, counts)
    if same and (contact, moment) == (contact_before, report.reported_at):
        return None
    return ReportDraft(
        sealed.way.channel, words, contact=contact or None, units=sealed.units, groups=sealed.groups,
        persons=sealed.persons, reported_at=moment, content_hash=sealed.content_hash,
    )  # fmt: skip


def _without(words: dict[str, str], keys: set[str]) -> dict[str, str]:
    return {k: v for k, v in words.items() if k not in keys}


def _to_the_second(now: datetime | None, before: datetime | None) -> datetime | None:
    """The later word, but not when it only lacks the seconds of the earlier one."""
    if now is None or (before and not now.second and now == before.replace(second=0)):
        return before
    return now
