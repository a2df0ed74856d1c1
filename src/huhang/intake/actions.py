"""Taking reports in: each becomes a report, a case with its parties, and one entry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huhang.cases.actions import name_more
from huhang.cases.models import Attachment, Case, Party, Report
from huhang.kernel import files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Sealed, seal
from huhang.kernel.errors import Refused
from huhang.kernel.plain import MAX_TEXT
from huhang.kernel.write import Write, write
from huhang.rulebook import current


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


@dataclass(frozen=True)
class ReportDraft:
    """A report as a channel gives it.

    ``words``: JSON object of strings, at least ``text``. ``units``, ``groups``, ``persons``: ids of those it names.
    ``accuse``: the reporter says that it is about conduct, so that what is named stays accused.
    ``login_hash``: SHA-256 of the login token of the reporter's code.
    """

    channel: str
    words: dict[str, str]
    kind: str = "demand"
    contact: dict[str, str] | None = None
    anonymous: bool = True
    units: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()
    accuse: bool = False
    title: str = ""
    language: str = ""
    site: str = ""
    occurred_on: date | None = None
    reported_at: datetime | None = None
    login_hash: bytes | None = None
    source: str = ""
    number: str | None = None
    content_hash: bytes | None = None
    taken_by: str = ""
    uploads: tuple[Upload, ...] = field(default=())

    @cached_property
    def sealed(self) -> tuple[Sealed, Sealed | None]:
        """The payloads of its words and of its contact. Whoever makes drafts ahead of the writer
        asks for them there."""
        words = seal("words", {k: v for k, v in self.words.items() if v})
        return words, seal("contact", self.contact) if self.contact else None


def login_hash(token: str) -> bytes:
    """What is kept of a reporter's login token (64 hexadecimal digits): its SHA-256."""
    return hashlib.sha256(b"huhang login " + token.encode("ascii")).digest()


def check(draft: ReportDraft) -> None:
    """Raise ``Refused`` naming the field when a draft cannot be taken in."""
    book = current()
    if draft.channel not in book.channels:
        raise Refused(_("There is no such channel."), field="channel")
    if draft.kind not in book.kinds:
        raise Refused(_("There is no such kind."), field="kind")
    text = draft.words.get("text", "").strip() or draft.words.get("subject", "").strip()
    if not text:
        raise Refused(_("Say what happened."), field="text")
    length = sum(len(v) for v in draft.words.values())
    if length > 5 * MAX_TEXT:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": 5 * MAX_TEXT, "given": length},
            field="text",
        )


def named_in(draft: ReportDraft) -> list[tuple[str, int]]:
    """Whom a draft names: kind (unit, group, person) and id."""
    kinds = {"unit": draft.units, "group": draft.groups, "person": draft.persons}
    return [(kind, key) for kind, keys in kinds.items() for key in keys]


def title_of(draft: ReportDraft) -> str:
    """The case's first title: the given one, the subject, or the beginning of the text."""
    given = draft.title or draft.words.get("subject") or draft.words.get("text", "")
    line = " ".join(given.split())
    return line if len(line) <= 60 else line[:59] + "…"


@dataclass(frozen=True)
class Filed:
    """A report that was taken in, and its case."""

    report_id: int
    case_id: int
    case_ref: str


def submit(w: Write, draft: ReportDraft) -> Filed:
    """Take one report in. A login token that is known already breaks a constraint of the database."""
    check(draft)
    return submit_many(w, [draft])[0]


def submit_once(draft: ReportDraft, *, actor: Actor) -> Filed:
    """Take one report in, committed; the same login token again gives the same report.

    Nobody asks first whether it is known: sending again after a lost connection is rare, and the
    database's constraint says so.
    """
    try:
        return write(lambda w: submit(w, draft), actor=actor)
    except IntegrityError:
        known = (
            Report.objects.select_related("case").filter(login_hash=draft.login_hash).first()
            if draft.login_hash is not None
            else None
        )
        if known is None:
            raise
        return Filed(known.pk, known.case_id, known.case.ref)


def submit_many(w: Write, drafts: Sequence[ReportDraft]) -> list[Filed]:
    """Take in checked drafts that are known to be new, in one action: one entry for each."""
    filers: dict[tuple[Any, ...], _Filer] = {}
    filed = []
    for draft in drafts:
        way = (
            draft.kind, draft.channel, draft.anonymous, draft.language, draft.site, draft.source,
            draft.taken_by, draft.accuse,
        )  # fmt: skip
        filer = filers.get(way)
        if filer is None:
            filer = filers[way] = _Filer(w, *way)
        filed.append(filer.file(draft))
    return filed


class _Filer:
    """Files drafts that came the same way."""

    def __init__(
        self, w: Write, kind: str, channel: str, anonymous: bool, language: str, site: str,
        source: str, taken_by: str, accuse: bool,
    ) -> None:  # fmt: skip
        book = current()
        nature = {n.kind: key for key, n in book.natures.items()}[kind]
        self.w = w
        self.head = {
            "to": "received",
            "rule": book.natures[nature].clock.id,
            "rule_version": book.version,
        }
        self.case = w.adder(
            Case, "id", "ref", "title", "unit_id", "received_at",
            kind=kind, nature=nature, state="received", channel=channel,
        )  # fmt: skip
        self.report = w.adder(
            Report, "ref", "case_id", "recorded_at", "occurred_on", "reported_at", "words", "contact",
            "login_hash", "number", "content_hash",
            channel=channel, anonymous=anonymous, language=language, site=site, source=source,
            taken_by=taken_by,
        )  # fmt: skip
        # Until triage whoever is named counts as accused; ``accuse`` keeps it so afterwards.
        self.party = {
            who: w.adder(Party, "case_id", f"{who}_id", relation="accused", provisional=not accuse)
            for who in ("unit", "group", "person")
        }

    def file(self, draft: ReportDraft) -> Filed:
        """The case, the report and its parties under an entry of their own."""
        w = self.w
        case_id, ref = ids.new_id(), ids.new_ref()
        occurred_at = draft.occurred_on or draft.reported_at
        entry = w.entry("report", case_id=case_id, occurred_at=occurred_at, **self.head)
        words, contact = draft.sealed
        unit_id = draft.units[0] if draft.units else None
        self.case(case_id, ref, title_of(draft), unit_id, w.now)
        report_id = self.report(
            ids.new_ref(), case_id, w.now, draft.occurred_on, draft.reported_at, entry.put(words),
            entry.put(contact) if contact else None, draft.login_hash, draft.number,
            draft.content_hash,
        )  # fmt: skip
        for who, key in named_in(draft):
            self.party[who](case_id, key)
        for upload in draft.uploads:
            _attach(w, entry, report_id, upload)
        return Filed(report_id, case_id, ref)


def _attach(w: Write, entry: Any, report_id: int, upload: Upload) -> None:
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


def add_files(w: Write, report: Report, uploads: Sequence[Upload]) -> None:
    """Add files that a reporter sends later."""
    entry = w.entry("add_files", case_id=report.case_id)
    for upload in uploads:
        _attach(w, entry, report.pk, upload)


def supplement(w: Write, report: Report, draft: ReportDraft) -> None:
    """A hand-over sent the report again with other content: the new words become a new payload.

    What came first stays in the log; the report points to what came last. Whom it names now and
    did not before becomes a party.
    """
    entry = w.entry("supplement", case_id=report.case_id)
    changes: dict[str, Any] = {
        "words": entry.say("words", {k: v for k, v in draft.words.items() if v}),
        "content_hash": draft.content_hash,
    }
    if draft.contact:
        changes["contact"] = entry.say("contact", draft.contact)
    if draft.reported_at:
        changes["reported_at"] = draft.reported_at
    w.update(report, **changes)
    name_more(w, Case.objects.get(pk=report.case_id), named_in(draft))


def check_room() -> None:
    """Raise ``Full`` when the disk has no room for another report."""
    files.check_room()
