"""Which duty a unit bears in a case: territorial, sector or both (dual responsibility, 双责任).

A unit bears the duty that the rulebook gives its kind, unless whoever assigned said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from huhang.cases.models import Party
from huhang.rulebook import DUTIES, current

BOTH = "both"
BEARING = ("responsible", "co_handling")
"""The relations in which a unit bears a duty: whoever does part of the work answers for it."""


def of_kind(kind: str) -> str:
    """The duty of a kind of unit by the rulebook; nothing where it splits no ledger."""
    return next((key for key, duty in current().duties.items() if kind in duty.kinds), "")


def duties_of(party: Party) -> tuple[str, ...]:
    """The duties that a party's unit bears in its case (``party.unit`` is read)."""
    if party.unit is None or party.relation not in BEARING or not current().duties:
        return ()
    if party.duty == BOTH:
        return DUTIES
    found = party.duty or of_kind(party.unit.kind)
    return (found,) if found else ()


def bearing(duty: str) -> Q:
    """The parties whose unit bears this duty, or any with an empty one, as a condition."""
    borne = Q(relation__in=BEARING, unit__isnull=False)
    if not duty:
        return borne
    kinds = current().duties[duty].kinds if current().duties else ()
    return borne & (Q(duty__in=(duty, BOTH)) | Q(duty="", unit__kind__in=kinds))


def said(territorial: Iterable[int], sector: Iterable[int]) -> dict[int, str]:
    """What is kept of each unit for which somebody said its duty."""
    first, second = set(territorial), set(sector)
    return {
        unit: BOTH if unit in first & second else DUTIES[0] if unit in first else DUTIES[1]
        for unit in first | second
    }
