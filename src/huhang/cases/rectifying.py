"""What ``rectify``, ``progress`` and ``submit`` keep of a unit's rectification beside the entry."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.cases import duties
from huhang.cases.models import Case, Party, Rectification
from huhang.cases.queries import standings
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write

DAYS = ("planned_on", "finished_on")
FOR_OTHERS = frozenset({"intake", "supervising", "operator"})
"""Standings that write down what a unit told them."""


def told_of(case: Case, unit_id: int | None) -> Rectification | None:
    """What this unit, or with None a responsible group, says last of its rectification."""
    whose = Q(unit__isnull=True) if unit_id is None else Q(unit_id=unit_id)
    return Rectification.objects.filter(whose, case=case).first()


def speaks_for(actor: Actor, case: Case, parties: list[Party]) -> list[Party]:
    """Those with a part in the case for whom ``actor`` can report progress, responsible first."""
    found = sorted(
        (p for p in parties if p.relation in duties.BEARING),
        key=lambda p: (p.relation != "responsible", p.pk),
    )
    if standings(actor, case, parties) & FOR_OTHERS:
        return found
    return [
        p
        for p in found
        if (actor.has("handler") and p.unit_id in actor.units)
        or (actor.has("supervisor") and p.group_id in actor.groups)
    ]


def check(actor: Actor, case: Case, parties: list[Party], v: dict[str, Any]) -> int | None:
    """Whose progress these values of ``progress`` are: a unit's id, None for a responsible group's.

    Raises ``Refused`` naming the field, ``NotAllowed``.
    """
    if not any(v[name] for name in ("note", "person", "remark", *DAYS)):
        raise Refused(_("Say at least one of these."), field="note")
    if v["finished_on"] and v["finished_on"] > clock.today():
        raise Refused(_("This day has not come yet."), field="finished_on")
    received = clock.local_day(case.received_at)
    if v["planned_on"] and v["planned_on"] < received:
        raise Refused(
            _("%(planned)s lies before the day on which the case was received, %(received)s.")
            % {"planned": v["planned_on"].isoformat(), "received": received.isoformat()},
            field="planned_on",
        )
    able = speaks_for(actor, case, parties)
    if v["unit"] is not None:
        if v["unit"] not in {p.unit_id for p in able}:
            raise NotAllowed(_("You cannot report the progress of this unit."), field="unit")
        return int(v["unit"])
    if len(able) > 1 and able[0].relation != "responsible":
        raise Refused(_("Say for which unit."), field="unit")
    return able[0].unit_id if able else None


def progress(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Keep what was said; what was not said stays."""
    unit = check(w.actor, case, list(Party.objects.filter(case=case)), v)
    values: dict[str, Any] = {}
    if v["note"]:
        values["measures"] = v["note_payload"]
    for name in ("person", "remark"):
        if v[name]:
            values[name] = entry.say(name, v[name])
    for name in DAYS:
        if v[name]:
            values[name] = v[name]
            entry.tell({name: v[name].isoformat()})
    _keep(w, case, unit, values)
    return {}


def measures(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """What the responsible say with ``rectify`` and ``submit`` are their measures."""
    responsible = Party.objects.filter(case=case, relation="responsible").order_by("pk").first()
    unit = responsible.unit_id if responsible else None
    _keep(w, case, unit, {"measures": v["note_payload"]})
    return {}


def submit(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The same, and who submitted: somebody else verifies."""
    measures(w, entry, case, v)
    return {"submitted_by": w.actor.ref}


def name_person(w: Write, case: Case, unit_id: int | None, payload: int) -> None:
    """Keep who answers for a duty, as whoever assigns the case named them."""
    _keep(w, case, unit_id, {"person": payload})


def _keep(w: Write, case: Case, unit_id: int | None, values: dict[str, Any]) -> None:
    w.flush()
    known = told_of(case, unit_id)
    if known is not None:
        w.update(known, **values)
    else:
        w.insert(Rectification, case_id=case.pk, unit_id=unit_id, **values)


def begin_anew(w: Write, case: Case) -> None:
    """A reopened case has no rectification yet; what was said of the former one is in the log."""
    for row in Rectification.objects.filter(case=case):
        w.delete(row)
