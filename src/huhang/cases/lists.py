"""The negative ledger and the two lists: which rows they have for somebody, and what a row says.

A row of a list is a case and a unit that bears the list's duty in it; a row of the negative ledger is
a case in which something was found to be wrong, with the unit that is responsible. All pass the gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huhang.cases import days, duties, flow, queries
from huhang.cases.models import Case, Party, Rectification
from huhang.cases.rectifying import told_of
from huhang.kernel.actor import Actor
from huhang.parties.models import Group, Unit
from huhang.parties.queries import below, officer_of
from huhang.rulebook import current

NEGATIVE = "negative"
LISTED = tuple(s for s in flow.PUBLIC_STATES if s != "accepted")
"""States of cases that somebody was made responsible for."""
OPEN = tuple(s for s in LISTED if s in flow.OPEN_STATES)
DUTY_FILTERS = ("territorial", "sector", duties.BOTH, "none")
SORTS: dict[str, tuple[Any, ...]] = {
    "due": (("due_on", False), ("id", False)),
    "-due": (("due_on", True), ("id", True)),
    "received": (("received_at", False), ("id", False)),
    "-received": (("received_at", True), ("id", True)),
    "state": (("state", False), ("due_on", False), ("id", False)),
}
PROGRESS: dict[str, Any] = {
    "not_begun": _("Not begun"),
    "rectifying": _("Being rectified"),
    "submitted": _("Done, to be verified"),
    "verified": _("Verified"),
    "nothing": _("Nothing to rectify"),
}
"""How far a rectification is, in the order in which it goes on; a case's state tells it."""
Key = tuple[int, int | None]
"""A case's id and a unit's."""


def names() -> tuple[str, ...]:
    """The lists that this rulebook has."""
    return (NEGATIVE, *current().duties) if current().duties else ()


@dataclass(frozen=True)
class Wanted:
    """Filters. ``unit``: a code, with the units below: whose rows, in the negative ledger also those
    of cases about them; ``group``: the code of one that is responsible; ``duty``: of ``DUTY_FILTERS``,
    in the negative ledger; ``state``: open, all or one; ``due``, ``since``, ``until``: as in the queue. ``hand_to``:
    the code of a unit: only what its officers may know too."""

    unit: str = ""
    group: str = ""
    duty: str = ""
    state: str = ""
    due: str = ""
    since: Any = None
    until: Any = None
    hand_to: str = ""


@dataclass(frozen=True)
class Row:
    """A row. ``party``: the one whose rectification it tells; None where nobody is responsible now.
    ``said``: measures, person, remark in words, as far as they were said."""

    case: Case
    party: Party | None
    parties: list[Party]
    rectification: Rectification | None
    said: dict[str, str]

    @property
    def unit(self) -> Unit | None:
        """The unit whose row it is; None: a group's."""
        return self.party.unit if self.party else None

    @property
    def group(self) -> Group | None:
        """The group whose row it is; None: a unit's."""
        return self.party.group if self.party else None

    @property
    def progress(self) -> str:
        """Of ``PROGRESS``."""
        return progress_of(self.case)

    def bearing(self, duty: str) -> list[Unit]:
        """The units that bear this duty in the case."""
        return [p.unit for p in self.parties if p.unit and duty in duties.duties_of(p)]


def progress_of(case: Case) -> str:
    """How far the rectification of a case is: of ``PROGRESS``."""
    if case.state in ("rectifying", "submitted"):
        return case.state
    if case.finding and not flow.adverse(case.finding):
        return "nothing"
    return (
        "verified" if case.state in ("verified", "fed_back", "governed", "closed") else "not_begun"
    )


def entries(actor: Actor, which: str, wanted: Wanted, sort: str = "due") -> QuerySet[Any]:
    """The rows that ``actor`` may see, as keys (case; case and unit) in order. Count and slice it."""
    own = which == NEGATIVE
    prefix, key = ("", "pk") if own else ("case__", "case_id")
    may = _may(actor, wanted, prefix, key)
    found: QuerySet[Any] = (
        Case.objects.all() if own else Party.objects.filter(duties.bearing(which))
    )
    if may is None:
        return found.none().values_list("pk")
    found = found.filter(may, _matching(wanted, prefix))
    units = below(Unit.objects.filter(code=wanted.unit).values_list("pk", flat=True)) if wanted.unit else None  # fmt: skip
    if wanted.group:
        found = found.filter(Exists(_led_by(wanted.group, key)))
    if own:
        found = found.filter(finding__in=current().adverse_findings)
        if units is not None:
            part = Exists(_bearing("").filter(unit_id__in=units))
            found = found.filter(part | Q(unit_id__in=units))
        found = _of_duty(found, wanted.duty)
    elif units is not None:
        found = found.filter(unit_id__in=units)
    if sort == "unit":
        first = f"{prefix}unit__code" if own else "unit__code"
        order: list[Any] = [first, f"{prefix}received_at", f"{prefix}id"]
    else:
        order = [_ordered(prefix, *key) for key in SORTS.get(sort, SORTS["due"])]
    if own:
        return found.order_by(*order).values_list("pk")
    return found.order_by(*order, "pk").values_list("case_id", "unit_id")


def _ordered(prefix: str, name: str, down: bool) -> Any:
    field = F(prefix + name)
    last = True if name == "due_on" else None
    return field.desc(nulls_last=last) if down else field.asc(nulls_last=last)


def _may(actor: Actor, wanted: Wanted, prefix: str, key: str) -> Q | None:
    """What the actor may know, and whoever it is made for."""
    may = queries.gate(actor, key, f"{prefix}state")
    if wanted.hand_to:
        unit = Unit.objects.filter(code=wanted.hand_to).first()
        theirs = queries.gate(officer_of(unit.pk), key, f"{prefix}state") if unit else None
        may = None if may is None or theirs is None else may & theirs
    return may


def _matching(wanted: Wanted, prefix: str) -> Q:
    states = {"": OPEN, "open": OPEN, "all": LISTED}.get(wanted.state, (wanted.state,))
    found = Q(**{f"{prefix}state__in": [s for s in states if s in LISTED]})
    found &= days.due_within(wanted.due, prefix)
    return found & days.received_within(wanted.since, wanted.until, prefix)


def _bearing(duty: str) -> QuerySet[Party]:
    return Party.objects.filter(duties.bearing(duty), case_id=OuterRef("pk"))


def _led_by(group: str, key: str) -> QuerySet[Party]:
    return Party.objects.filter(relation="responsible", group__code=group, case_id=OuterRef(key))


def _of_duty(found: QuerySet[Any], duty: str) -> QuerySet[Any]:
    if duty in current().duties:
        return found.filter(Exists(_bearing(duty)))
    if duty == duties.BOTH:
        return found.filter(*(Exists(_bearing(d)) for d in current().duties))
    if duty == "none":
        return found.exclude(Exists(_bearing("")))
    return found


def rows(keys: Sequence[Any]) -> list[Row]:
    """The rows of these keys, which ``entries`` gave, in their order."""
    found: list[Row] = []
    for start in range(0, len(keys), 500):
        found += _rows(keys[start : start + 500])
    return found


def _rows(keys: Sequence[Any]) -> list[Row]:
    cases = Case.objects.select_related("unit").in_bulk({key[0] for key in keys})
    parties = queries.parties_of(cases.values())
    told = {
        (r.case_id, r.unit_id): r
        for r in Rectification.objects.filter(case__in=list(cases)).order_by("pk")
    }
    words = _words(told.values())
    made = []
    for key in keys:
        if (case := cases.get(key[0])) is None:
            continue
        own = parties[case.pk]
        party = part_of(own, key[1]) if len(key) > 1 else responsible_of(own)
        row = told.get((case.pk, party.unit_id if party else None))
        made.append(Row(case, party, own, row, _said(row, words)))
    return made


def part_of(parties: Iterable[Party], unit_id: int | None) -> Party | None:
    """The party by which this unit has a part in handling the case."""
    found = [p for p in parties if p.relation in duties.BEARING and p.unit_id == unit_id]
    return min(found, key=lambda p: (p.relation != "responsible", p.pk), default=None)


def responsible_of(parties: Iterable[Party]) -> Party | None:
    """The party that is responsible now, a unit before a group."""
    found = [p for p in parties if p.relation == "responsible"]
    return min(found, key=lambda p: (p.unit_id is None, p.pk), default=None)


SLOTS = ("measures", "person", "remark")


def _words(told: Iterable[Rectification]) -> dict[int, str]:
    return queries.texts_of(getattr(r, slot) for r in told for slot in SLOTS)


def _said(row: Rectification | None, words: dict[int, str]) -> dict[str, str]:
    if row is None:
        return {}
    return {s: words[getattr(row, s)] for s in SLOTS if getattr(row, s) in words}


def row_of(case: Case, party: Party) -> Row:
    """The row of this party, with what was said last."""
    told = told_of(case, party.unit_id)
    return Row(case, party, [party], told, _said(told, _words([told] if told else [])))


def rectifications(case: Case, parties: list[Party]) -> list[Row]:
    """What was said of the rectification of a case, unit by unit."""
    told = list(Rectification.objects.filter(case=case).select_related("unit").order_by("pk"))
    words = _words(told)
    found = []
    for row in told:
        party = part_of(parties, row.unit_id)
        if party is not None:
            found.append(Row(case, party, parties, row, _said(row, words)))
    return found
