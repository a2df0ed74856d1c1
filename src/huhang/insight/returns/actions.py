"""Freezing a return, signing it, and noting that it was sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from huhang.insight.models import Return
from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.rulebook import current

if TYPE_CHECKING:
    from huhang.insight.returns.freezing import Prepared


def need_leader(actor: Actor) -> None:
    """A leader freezes by hand and signs, or the operator of the machine. Raises ``NotAllowed``."""
    if actor.kind != "operator" and not actor.has("leader"):
        raise NotAllowed(_("Only a leader may do this."))


def freeze(w: Write, prepared: Prepared, *, reason: str = "") -> Return:
    """Keep a return as it was counted, and what changed in the earlier ones; it never changes again.

    By the worker, or by a leader with a reason. Raises ``NotAllowed``, ``Refused`` and ``Conflict``
    (it was frozen meanwhile, or one before it was).
    """
    period = prepared.period
    if w.actor.kind != "worker":
        need_leader(w.actor)
        reason = _line(reason, "reason", 500)
    frozen = Return.objects.filter(table=period.rule.id)
    if frozen.filter(period=period.key).exists():
        raise Conflict(_("This return has been frozen already."))
    if frozen.count() != prepared.follows or frozen.filter(since__gt=period.since).exists():
        raise Conflict(_("Another return of this table was frozen in the meantime. Look again."))
    entry = w.entry("freeze", rule=period.rule.id, rulebook=current().version)
    made: Return = w.insert(
        Return,
        ref=ids.new_ref(),
        table=period.rule.id,
        period=period.key,
        year=period.year,
        since=period.since,
        until=period.until,
        cut_off=period.cut_off,
        due_on=period.due_on,
        tick=prepared.tick,
        as_of=prepared.as_of,
        frozen_at=w.now,
        by=w.actor.ref,
        payload=entry.say("return", prepared.table),
        members=entry.say("members", prepared.members),
        reason=entry.say("note", reason) if reason else None,
    )
    return made


def check_sign(actor: Actor, found: Return | None) -> None:
    """Whether this person may sign this return now; None: it is not frozen.

    Raises ``NotAllowed``, ``Refused`` (not frozen) and ``Conflict`` (signed already).
    """
    need_leader(actor)
    if found is None:
        raise Refused(_("This return is not frozen yet: it cannot be signed."))
    if found.signed_at is not None:
        raise Conflict(_("This return has been signed already."))


def check_send(actor: Actor, found: Return | None) -> None:
    """Whether this person may note now that this return was sent; None: it is not frozen.

    Raises ``NotAllowed`` and ``Refused`` (not frozen, or not signed).
    """
    if actor.kind != "operator" and not (actor.has("leader") or actor.has("intake")):
        raise NotAllowed(_("Only the intake office or a leader may do this."))
    if found is None:
        raise Refused(_("This return is not frozen yet: it cannot be sent."))
    if found.signed_at is None:
        raise Refused(_("A leader signs it first."))


def sign(w: Write, table: str, period: str) -> Return:
    """A leader signs a frozen return, one that says nothing happened too."""
    found = _frozen(table, period)
    check_sign(w.actor, found)
    w.entry("sign", rule=table)
    w.update(found, signed_at=w.now, signed_by=w.actor.ref)
    return found


def send(
    w: Write, table: str, period: str, *, on: date, to: str, serial: str = "", reason: str = ""
) -> Return:
    """Note that a signed return was sent: on which day, to whom, under which number (文号).

    With a reason, a note that was wrong is made anew; the log keeps the earlier one. Raises
    ``NotAllowed``, ``Refused`` (not signed, a day that cannot be, or a reason and nothing to correct)
    and ``Conflict`` (noted already, and no reason).
    """
    found = _frozen(table, period)
    check_send(w.actor, found)
    again = found.sent_on is not None
    if again and not plain_line(reason):
        raise Conflict(_("That it was sent has been noted already; to correct the note, say why."))
    if reason and not again:
        raise Refused(_("There is no note to correct yet."), field="reason")
    frozen_on = clock.local_day(found.frozen_at)
    if not frozen_on <= on <= clock.local_day(w.now):
        raise Refused(
            _("The table was frozen on %(day)s: a day from then until today is needed.")
            % {"day": frozen_on},
            field="on",
        )
    to = _line(to, "to", 120)
    serial = plain_line(serial)
    if len(serial) > 60:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.") % {"limit": 60, "given": len(serial)},
            field="serial",
        )
    said = {"to": to, "serial": serial}
    if again:
        said["reason"] = _line(reason, "reason", 500)
    entry = w.entry("send", rule=table)
    w.update(found, sent_on=on, sent_by=w.actor.ref, sent=entry.say("sent", said))
    return found


def _frozen(table: str, period: str) -> Return:
    rows = Return.objects.filter(table=table[:40], period=period[:8])
    found = rows.select_for_update().first()
    if found is None:
        raise Missing(_("There is no such return."))
    return found


def _line(given: str, field: str, limit: int) -> str:
    line = plain_line(given)
    if not line:
        raise Refused(_("This is needed."), field=field)
    if len(line) > limit:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": limit, "given": len(line)},
            field=field,
        )
    return line
