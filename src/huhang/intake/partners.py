"""Reports that other systems send for somebody (Open311): of kinds that are not confidential alone.

Nothing is kept that could trace the reporter: no device, no account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from huhang.cases.models import Report
from huhang.cases.queries import public_kinds
from huhang.intake.actions import ReportDraft, check_room, submit_once
from huhang.intake.clerk import code_hash
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.plain import MAX_TEXT, plain_line, plain_text
from huhang.parties.models import Unit
from huhang.parties.words import language

CHANNEL = "open311"
LONGEST_LINE = 200


@dataclass(frozen=True)
class Sent:
    """What a partner sends. ``unit``: the code of the unit concerned; ``place``, ``link``: as written."""

    kind: str
    text: str
    unit: str = ""
    place: str = ""
    link: str = ""
    occurred_on: date | None = None
    name: str = ""
    reach: str = ""


def receive(sent: Sent, *, code: str, actor: Actor) -> Report:
    """Take it in as a report, committed. ``code``: the reporter's, to come back with.

    Raises ``NotAllowed`` for somebody without any role, ``Refused`` naming the field, ``Full``.
    """
    if not actor.roles:
        raise NotAllowed(_("This token may not be used for this."))
    if sent.kind not in public_kinds():
        raise Refused(_("There is no such service."), field="service_code")
    text = plain_text(sent.text)
    if not text:
        raise Refused(_("Say what happened."), field="description")
    if len(text) > MAX_TEXT:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": MAX_TEXT, "given": len(text)},
            field="description",
        )
    if sent.occurred_on and sent.occurred_on > clock.today():
        raise Refused(_("This day has not come yet."), field="attribute[occurred_on]")
    unit = None
    if sent.unit:
        unit = Unit.objects.filter(code=plain_line(sent.unit), active=True).first()
        if unit is None:
            raise Refused(_("There is no unit “%(given)s”.") % {"given": sent.unit[:40]},
                          field="attribute[unit]")  # fmt: skip
    words = {"text": text}
    for key, value in (("place", sent.place), ("+media_url", sent.link)):
        if line := plain_line(value)[:LONGEST_LINE]:
            words[key] = line
    contact = {k: v for k, given in (("name", sent.name), ("phone", sent.reach))
               if (v := plain_line(given)[:LONGEST_LINE])}  # fmt: skip
    check_room()
    draft = ReportDraft(
        channel=CHANNEL,
        words=words,
        kind=sent.kind,
        contact=contact or None,
        anonymous=not contact,
        units=(unit.pk,) if unit else (),
        language=language(),
        occurred_on=sent.occurred_on,
        login_hash=code_hash(code),
        taken_by=actor.ref,
    )
    return Report.objects.get(pk=submit_once(draft, actor=actor).report_id)
