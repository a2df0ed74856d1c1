"""Filing sealed reports: each becomes a report, a case with its parties, and one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from huhang.cases.clocks import at_receipt, begun
from huhang.cases.models import Attachment, Case, Clock, Party, Report
from huhang.kernel import clock, ids
from huhang.kernel.draft import Draft, Sealed
from huhang.kernel.write import Write
from huhang.rulebook import Nature, current


@dataclass(frozen=True)
class Upload:
    """A file of a report. ``path`` and ``copy``: names from ``kernel.files.keep``; ``content`` and
    ``copy_content`` are what the log commits to; ``copy`` has its metadata stripped, or is empty."""

    name: str
    media_type: str
    content: bytes
    path: str
    copy: str = ""
    copy_content: bytes = b""


class Way(NamedTuple):
    """How reports come that come alike: most of a file share one (see ``ReportDraft``)."""

    kind: str
    channel: str
    anonymous: bool
    language: str
    site: str
    source: str
    taken_by: str
    accuse: bool
    nature: str = ""
    """Empty: the first nature of its kind."""
    minor: bool = False


class SealedReport(NamedTuple):
    """A report ready to be filed, its payloads sealed (see ``ReportDraft``).

    ``title``: the first title of its case. Made without a database, so that another process can.
    """

    way: Way
    title: str
    words: Sealed
    contact: Sealed | None
    units: tuple[int, ...]
    groups: tuple[int, ...]
    persons: tuple[int, ...]
    occurred_on: date | None
    reported_at: datetime | None
    login_hash: bytes | None
    number: str | None
    content_hash: bytes | None
    uploads: tuple[Upload, ...]


def named_in(
    units: Sequence[int], groups: Sequence[int], persons: Sequence[int]
) -> list[tuple[str, int]]:
    """Whom a report names: kind (unit, group, person) and id."""
    kinds = {"unit": units, "group": groups, "person": persons}
    return [(kind, key) for kind, keys in kinds.items() for key in keys]


def title_of(words: dict[str, str], given: str = "") -> str:
    """The first title of a report's case: the given one, the subject, or the beginning of the text."""
    line = " ".join((given or words.get("subject") or words.get("text", "")).split())
    return line if len(line) <= 60 else line[:59] + "…"


@dataclass(frozen=True)
class Filed:
    """A report that was taken in, and its case."""

    report_id: int
    case_id: int
    case_ref: str


def file_many(w: Write, reports: Sequence[SealedReport]) -> list[Filed]:
    """File reports that are known to be new, in one action: one entry for each."""
    filers: dict[Way, _Filer] = {}
    letter = ids.new_letter() if len(reports) > 1 else None
    filed = []
    for report in reports:
        filer = filers.get(report.way)
        if filer is None:
            filer = filers[report.way] = _Filer(w, report.way, letter)
        filed.append(filer.file(report))
    return filed


class _Filer:
    """Files reports that came the same way."""

    def __init__(self, w: Write, way: Way, letter: int | None) -> None:
        book = current()
        nature = book.natures[way.nature] if way.nature else book.nature_of(way.kind)
        self.w = w
        self.duties: list[Callable[..., int]] = []
        self.letter = letter
        self.head = {
            "to": "received",
            "rule": nature.clock.id,
            "rule_version": book.version,
        }
        self.case = w.adder(
            Case, "id", "ref", "title", "unit_id", "received_at",
            kind=way.kind, nature=nature.id, state="received", channel=way.channel,
            minor=way.minor,
            **self._duties(nature, way),
        )  # fmt: skip
        self.report = w.adder(
            Report, "ref", "case_id", "recorded_at", "occurred_on", "reported_at", "words", "contact",
            "login_hash", "number", "content_hash",
            channel=way.channel, anonymous=way.anonymous, language=way.language, site=way.site,
            source=way.source, taken_by=way.taken_by,
        )  # fmt: skip
        # Until triage whoever is named counts as accused; ``accuse`` keeps it so afterwards.
        self.party = {
            who: w.adder(
                Party, "case_id", f"{who}_id", relation="accused", provisional=not way.accuse
            )
            for who in ("unit", "group", "person")
        }

    def _duties(self, nature: Nature, way: Way) -> dict[str, Any]:
        """Get ready to start the duties that count from receipt; what the case shows of them."""
        rows = [
            begun(rule, clock.local_day(self.w.now)) for rule in at_receipt(nature, way.anonymous)
        ]
        self.duties = [self.w.adder(Clock, "case_id", **row) for row in rows]
        if not rows:
            return {}
        first = min(rows, key=lambda row: row["due_on"])
        return {"due_on": first["due_on"], "due_provisional": first["provisional"]}

    def file(self, report: SealedReport) -> Filed:
        """The case, the report and its parties under an entry of their own."""
        w = self.w
        case_id, ref = w.new_id(), ids.new_ref(self.letter)
        occurred_at = report.occurred_on or report.reported_at
        entry = w.entry("report", case_id=case_id, occurred_at=occurred_at, **self.head)
        words, contact = report.words, report.contact
        unit_id = report.units[0] if report.units else None
        self.case(case_id, ref, report.title, unit_id, w.now)
        report_id = self.report(
            ids.new_ref(), case_id, w.now, report.occurred_on, report.reported_at, entry.put(words),
            entry.put(contact) if contact else None, report.login_hash, report.number,
            report.content_hash,
        )  # fmt: skip
        for who, key in named_in(report.units, report.groups, report.persons):
            self.party[who](case_id, key)
        for start in self.duties:
            start(case_id)
        for upload in report.uploads:
            attach(w, entry, report_id, upload)
        return Filed(report_id, case_id, ref)


def attach(w: Write, entry: Draft, report_id: int, upload: Upload) -> None:
    """Add a file to a report, and to the entry that commits to it."""
    if upload.copy:
        entry.attach("copy", upload.copy, upload.copy_content)
    w.add(
        Attachment,
        ref=ids.new_ref(),
        report_id=report_id,
        payload=entry.attach("file", upload.path, upload.content),
        name=upload.name[:160],
        media_type=upload.media_type,
        size=len(upload.content),
        copy=upload.copy,
    )
