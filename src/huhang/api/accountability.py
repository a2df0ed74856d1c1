"""Proposals of accountability, decisions on them, and a person's history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Schema

from huhang.api.auth import actor_of
from huhang.api.fields import Code, Line, Text
from huhang.api.operations import Strict, operation
from huhang.cases import accounting, persons
from huhang.kernel.write import write

LEADERS = ("leader",)
MOST = 500


class OutcomeOut(Schema):
    """``level``: which of the four forms it belongs to; ``until``: the last day of its period."""

    ref: str
    form: str
    words: str
    level: int
    unit: str
    person: str
    decided_on: date
    until: date | None
    revoked: bool


class PastOutcome(OutcomeOut):
    case: str


class ProposalOut(Schema):
    """``units``: those that bear the duty now, with the person named for it."""

    ref: str
    case: str
    title: str
    heard: bool
    cause: str
    duty: str
    state: str
    state_words: str
    units: list[str]
    raised_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    outcomes: list[OutcomeOut]


class Wanted(Schema):
    """``decided``: those that were decided too."""

    decided: bool = False


@operation("GET", "/accountability", scope="read", roles=("intake", "leader"),
           answer=list[ProposalOut], tag="accountability")  # fmt: skip
def list_proposals(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """The proposals that wait for a decision, the oldest first; at most 500."""
    found = accounting.proposals(actor_of(request))
    return accounting.views(list((found if wanted.decided else found.filter(state="open"))[:MOST]))


class PeriodIn(Schema):
    """Both days are included."""

    since: date
    until: date


class FormOut(Schema):
    """``whose``: person or organisation."""

    key: Code
    whose: str
    number: int


class PersonsOut(Schema):
    """``held``, ``organisations``: called to account in any form."""

    held: int
    organisations: int
    forms: list[FormOut]
    tolerated: int
    cleared: int


@operation("GET", "/accountability/persons", scope="read", roles=("intake", "leader"),
           answer=PersonsOut, tag="accountability")  # fmt: skip
def count_persons(request: HttpRequest, wanted: Query[PeriodIn]) -> Any:
    """How many persons were called to account, tolerated and cleared, in cases that one may see."""
    found = persons.counted(actor_of(request), wanted.since, wanted.until)
    return {**found._asdict(), "forms": [form._asdict() for form in found.forms]}


class OutcomeIn(Strict):
    """``form``: a key of the rulebook's forms; ``person``: for a form for persons."""

    form: Code
    unit: Code
    person: Line = ""


class DecisionIn(Strict):
    """Without outcomes nobody is called to account."""

    note: Text
    outcomes: list[OutcomeIn] = []


@operation("POST", "/accountability/{ref}/decide", scope="act", roles=LEADERS, answer=ProposalOut,
           tag="accountability")  # fmt: skip
def decide_accountability(request: HttpRequest, ref: str, data: DecisionIn) -> Any:
    """Decide a proposal, once those concerned were heard."""
    actor = actor_of(request)
    outcomes = [accounting.Wanted(o.form, o.unit, o.person) for o in data.outcomes]
    write(lambda w: accounting.decide(w, ref, note=data.note, outcomes=outcomes), actor=actor)
    return accounting.views([accounting.access(actor, ref)[0]])[0]


class WhyIn(Strict):
    note: Text


@operation("POST", "/accountability/outcomes/{ref}/revoke", scope="act", roles=LEADERS,
           answer=OutcomeOut, tag="accountability")  # fmt: skip
def revoke_outcome(request: HttpRequest, ref: str, data: WhyIn) -> Any:
    """Revoke an outcome; it leaves the history of whom it concerned."""
    found = write(lambda w: accounting.revoke(w, ref, note=data.note), actor=actor_of(request))
    return accounting.outcome_view(found)


class HistoryIn(Strict):
    person: Line
    unit: Code = ""
    reason: Text


@operation("POST", "/accountability/history", scope="act", roles=LEADERS,
           answer=list[PastOutcome], tag="accountability")  # fmt: skip
def open_history(request: HttpRequest, data: HistoryIn) -> Any:
    """A person's history; that it was opened, and why, is kept in the log."""
    return write(lambda w: accounting.history(w, **data.dict()), actor=actor_of(request))
