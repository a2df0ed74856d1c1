"""What a clerk writes down: a letter, a visit (read back to the visitor), a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.intake import media, reporter_code, staging
from huhang.intake.actions import ReportDraft, check_room, login_hash, submit_once
from huhang.intake.filing import Filed
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.parties.models import Unit
from huhang.parties.names import GroupNames, named
from huhang.parties.words import language
from huhang.rulebook import current


@dataclass(frozen=True)
class Written:
    """A report as a clerk enters it. ``units``: codes; ``unit_words``, ``person_words``: as named.
    ``minutes``: of the rulebook's list, what the reporter said of the minutes of a talk."""

    channel: str
    kind: str
    text: str
    title: str = ""
    units: tuple[str, ...] = ()
    unit_words: str = ""
    person_words: str = ""
    accuse: bool = False
    occurred_on: date | None = None
    name: str = ""
    phone: str = ""
    read_back: bool = False
    minor: bool = False
    minutes: str = ""


def check(written: Written) -> None:
    """Raise ``Refused`` naming the field of what cannot be filed."""
    for field, reason in faults(written):
        raise Refused(reason, field=field)
    book = current()
    own = written.kind in book.office_kinds
    if written.channel not in ((book.office_channel,) if own else book.clerk_channels):
        raise Refused(_("There is no such channel."), field="channel")


def how_agreed(written: Written) -> dict[str, str]:
    """What is kept of how the reporter agreed to what was written down; nothing for other channels."""
    if written.channel not in current().read_back_channels:
        return {}
    said = current().minutes.get(written.minutes)
    return {"minutes": said.in_(language())} if said else {"read_back": _("yes")}


def faults(written: Written) -> Iterator[tuple[str, str]]:
    """Field and reason of what cannot be filed: a visit is read back, no day that has not come."""
    spoken, minutes = written.channel in current().read_back_channels, current().minutes
    if spoken and minutes and written.minutes not in minutes:
        yield "minutes", _("Say what the reporter said of the minutes.")
    elif spoken and not minutes and not written.read_back:
        yield "read_back", _("A visit is read back to the visitor before it is filed.")
    if written.kind in current().office_kinds:
        for field in ("name", "phone"):
            if getattr(written, field):
                yield field, _("The office opens it by itself: it has no reporter.")
    if GroupNames().is_office(written.unit_words):
        # Everybody who could take it in would be accused: it belongs to the organ above.
        yield "unit_words", current().right_channels["own_leaders"].in_(language())
    if written.occurred_on and written.occurred_on > clock.today():
        yield "occurred_on", _("This day has not come yet.")


def checked_files(sent: Sequence[tuple[str, bytes]], field: str = "upload") -> list[media.Media]:
    """The files, checked. Raises ``Refused``."""
    if len(sent) > settings.HUHANG_UPLOAD_MAX_FILES:
        raise Refused(
            _("At most %(limit)d files.") % {"limit": settings.HUHANG_UPLOAD_MAX_FILES}, field=field
        )
    try:
        return [media.check(name or "file", content) for name, content in sent]
    except Refused as error:
        raise Refused(error.message, field=field) from None


def code_hash(code: str) -> bytes:
    """What is kept of a reporter's code."""
    return login_hash(reporter_code.login_token(code))


def enter(written: Written, sent: Sequence[tuple[str, bytes]], *, code: str, actor: Actor) -> Filed:
    """File it, committed. ``sent``: names and contents of files. ``code``: the reporter's, or empty.

    Raises ``Refused`` naming the field, ``Full``.
    """
    check(written)
    check_room()
    checked = checked_files(sent)
    draft = replace(
        draft_of(written, actor),
        login_hash=code_hash(code) if code else None,
        uploads=tuple(staging.keep_one(m) for m in checked),
    )
    return submit_once(draft, actor=actor)


def draft_of(written: Written, actor: Actor) -> ReportDraft:
    """What is written as a report, without files and code. Raises ``Refused`` naming the field."""
    if written.kind not in current().kinds:
        raise Refused(_("There is no such kind."), field="kind")
    words = {"text": written.text, **how_agreed(written)}
    known = dict(Unit.objects.filter(code__in=written.units, active=True).values_list("code", "pk"))
    for unit in written.units:
        if unit not in known:
            raise Refused(_("There is no unit “%(given)s”.") % {"given": unit[:40]}, field="units")
    ids = list(dict.fromkeys(known[unit] for unit in written.units))
    whom = named(written.unit_words, written.person_words, current().unit_aliases)
    if written.unit_words:
        words["unit"] = written.unit_words
        ids += [found for found in whom.units if found not in ids]
    if written.person_words:
        words["person"] = written.person_words
    contact = {k: v for k, v in (("name", written.name), ("phone", written.phone)) if v}
    return ReportDraft(
        channel=written.channel,
        words=words,
        kind=written.kind,
        contact=contact or None,
        anonymous=not contact,
        units=tuple(ids),
        groups=whom.groups,
        persons=whom.persons,
        accuse=written.accuse or current().accuses(written.kind),
        title=written.title,
        language=language(),
        occurred_on=written.occurred_on,
        taken_by=actor.ref,
        minor=written.minor,
    )
