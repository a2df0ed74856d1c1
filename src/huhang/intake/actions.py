"""Taking reports in, as the channels give them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huhang.cases.flow import SEALED
from huhang.cases.models import Case, Report
from huhang.cases.naming import name_more
from huhang.intake.filing import (
    Filed,
    SealedReport,
    Upload,
    Way,
    attach,
    file_many,
    named_in,
    title_of,
)
from huhang.kernel import files
from huhang.kernel.actor import Actor
from huhang.kernel.draft import seal
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.plain import MAX_TEXT
from huhang.kernel.write import Write, write
from huhang.rulebook import current


@dataclass(frozen=True)
class ReportDraft:
    """A report as a channel gives it.

    ``words``: JSON object of strings, at least ``text``. ``units``, ``groups``, ``persons``: ids of those it names.
    ``accuse``: the reporter says that it is about conduct, so that what is named stays accused.
    ``minor``: it is about somebody under age.
    ``login_hash``: SHA-256 of the login token of the reporter's code.
    """

    channel: str
    words: dict[str, str]
    kind: str = field(default_factory=lambda: next(iter(current().kinds)))
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
    minor: bool = False
    uploads: tuple[Upload, ...] = field(default=())

    @cached_property
    def sealed(self) -> SealedReport:
        """What is filed. Whoever makes drafts ahead of the writer asks for it there."""
        return SealedReport(
            Way(self.kind, self.channel, self.anonymous, self.language, self.site, self.source,
                self.taken_by, self.accuse, minor=self.minor),
            title_of(self.words, self.title),
            seal("words", {k: v for k, v in self.words.items() if v}),
            seal("contact", self.contact) if self.contact else None,
            self.units, self.groups, self.persons, self.occurred_on, self.reported_at,
            self.login_hash, self.number, self.content_hash, self.uploads,
        )  # fmt: skip


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
        known = _known(draft.login_hash)
        if known is None:
            raise
        return known


def open_once(mark: bytes, action: Callable[[Write], Filed], *, actor: Actor) -> str:
    """The reference of the case whose report has this ``login_hash``: ``action`` opens it, committed,
    where there is none yet (sent a second time it could be refused, so it is asked first)."""
    known = _known(mark)
    if known is None:
        try:
            return write(action, actor=actor).case_ref
        except IntegrityError:
            known = _known(mark)
            if known is None:
                raise
    return known.case_ref


def _known(mark: bytes | None) -> Filed | None:
    """The report that has this ``login_hash`` already."""
    found = Report.objects.select_related("case").filter(login_hash=mark).first() if mark else None
    return Filed(found.pk, found.case_id, found.case.ref) if found is not None else None


def access_report(case: Case, ref: str) -> Report:
    """The report of a case with this reference. Raises ``Missing``."""
    found = Report.objects.filter(case=case, ref=ref[:12]).select_related("case").first()
    if found is None:
        raise Missing(_("There is no such report."))
    return found


def submit_many(w: Write, drafts: Sequence[ReportDraft]) -> list[Filed]:
    """Take in checked drafts that are known to be new, in one action: one entry for each."""
    return file_many(w, [draft.sealed for draft in drafts])


def add_files(w: Write, report: Report, uploads: Sequence[Upload]) -> None:
    """Add files that a reporter sends later. Raises ``NotAllowed`` where nothing may be kept any more."""
    if Case.objects.filter(pk=report.case_id, state=SEALED).exists():
        raise NotAllowed(_("This report was sealed and sent up: nothing more is taken in here."))
    entry = w.entry("add_files", case_id=report.case_id)
    for upload in uploads:
        attach(w, entry, report.pk, upload)


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
    name_more(
        w, Case.objects.get(pk=report.case_id), named_in(draft.units, draft.groups, draft.persons)
    )


def check_room() -> None:
    """Raise ``Full`` when the disk has no room for another report."""
    files.check_room()
