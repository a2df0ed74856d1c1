"""Counted as persons: how many were called to account, tolerated, cleared; never ranked.

Somebody counts once, however many cases or outcomes name them. A name in words is one person within
its unit, or of its case where no unit stands beside it; one whose name was erased is one of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from huhang.cases import accounting, queries
from huhang.cases.accountable import Outcome
from huhang.cases.models import Case, Clearing, Tolerance
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.models import Entry, Payload
from huhang.rulebook import current


class Form(NamedTuple):
    """A form of the rulebook: how many persons, or organisations (``whose``), it came to."""

    key: str
    whose: str
    number: int


class Counted(NamedTuple):
    """``held``, ``organisations``: called to account in any form; ``forms`` in the rulebook's order."""

    held: int
    organisations: int
    forms: tuple[Form, ...]
    tolerated: int
    cleared: int


def counted(actor: Actor, since: date, until: date) -> Counted:
    """Of the cases that ``actor`` may see, from one day to another, both included. Outcomes that were
    revoked, or whose finding is unfounded now, count no more."""
    outcomes = list(
        Outcome.objects.filter(
            proposal__in=accounting.proposals(actor), revoked_at=None,
            decided_on__gte=since, decided_on__lte=until,
        ).exclude(proposal__case__finding="unfounded")
    )  # fmt: skip
    names = queries.texts_of(o.person for o in outcomes)
    whom: dict[str, set[Any]] = {}
    for one in outcomes:
        key = (one.unit_id, names.get(one.person, one.pk)) if one.person else one.unit_id
        whom.setdefault(one.form, set()).add(key)
    forms = current().outcome_forms
    held = {
        whose: set().union(*(whom.get(k, ()) for k, f in forms.items() if f.whose == whose))
        for whose in ("person", "organisation")
    }
    return Counted(
        len(held["person"]), len(held["organisation"]),
        tuple(Form(k, f.whose, len(whom.get(k, ()))) for k, f in forms.items()),
        _tolerated(actor, since, until), _cleared(actor, since, until),
    )  # fmt: skip


def _cases(actor: Actor) -> Any:
    return queries.visible_to(actor) if accounting.may_see(actor) else Case.objects.none()


def _tolerated(actor: Actor, since: date, until: date) -> int:
    rows = list(Tolerance.objects.filter(_person(), case__in=_cases(actor)))
    said = dict(Payload.objects.filter(pk__in=[r.said for r in rows]).values_list("id", "seq"))
    at = dict(Entry.objects.filter(seq__in=said.values()).values_list("seq", "recorded_at"))
    on = {pk: clock.local_day(at[seq]) for pk, seq in said.items()}
    return len(_distinct(r for r in rows if r.said in on and since <= on[r.said] <= until))


def _cleared(actor: Actor, since: date, until: date) -> int:
    rows = Clearing.objects.filter(
        _person(), case__in=_cases(actor), cleared_on__gte=since, cleared_on__lte=until
    )
    return len(_distinct(rows))


def _person() -> Q:
    """Rows about a person: a party, or somebody named in words."""
    return Q(person__isnull=False) | Q(name__isnull=False)


def _distinct(rows: Iterable[Tolerance | Clearing]) -> set[Any]:
    known = list(rows)
    names = queries.texts_of(r.name for r in known)
    return {r.person_id or (r.unit_id or r.case_id, names.get(r.name or 0, r.pk)) for r in known}
