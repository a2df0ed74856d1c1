"""Calling to account: what raises a proposal, what leaders decide, a person's history.

Proposals are for both duties, once for each cause. Only leaders and the intake office see them, only
leaders decide; nobody is called to account before those concerned were heard. Persons are counted
(see ``persons``), never ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huhang.cases import duties, flow, queries
from huhang.cases.accountable import Accountability, Outcome
from huhang.cases.days import is_red
from huhang.cases.lists import row_of
from huhang.cases.models import Case, Clock, Party
from huhang.kernel import clock, ids
from huhang.kernel.actor import WORKER, Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write, write
from huhang.parties.actions import find_unit, line, words
from huhang.parties.models import User
from huhang.parties.words import in_language, language
from huhang.rulebook import Limit, current
from huhang.rulebook.workdays import ends_on

STEP = 100
"""So many overdue cases are proposed in one transaction."""
STATES: dict[str, Any] = {
    "open": gettext_lazy("to be decided"),
    "none": gettext_lazy("nobody is called to account"),
    "decided": gettext_lazy("decided"),
}
WHOLE = flow.RUNNING_STATES[flow.RUNNING_STATES.index("assigned") :]
"""States in which somebody bears a duty and the clock may run."""


@dataclass(frozen=True)
class Wanted:
    """An outcome to decide: a form, the code of a unit, and the name of a person of it."""

    form: str
    unit: str
    person: str = ""


def raise_for(w: Write, entry: Draft, case: Case, cause: str) -> None:
    """Propose, in the open entry, that both duties are called to account: once for each cause."""
    if cause not in current().accountability_causes:
        return
    if Accountability.objects.filter(case=case, cause=cause).exists():
        return
    for duty in current().duties:
        w.insert(
            Accountability, ref=ids.new_ref(), case_id=case.pk, cause=cause, duty=duty, state="open",
            raised_at=w.now,
        )  # fmt: skip
    entry.tell({"accountability": cause})


def raise_overdue() -> int:
    """Propose it of the cases whose clock runs past the red mark: how many. The worker does."""
    if not current().accountability_causes:
        return 0
    today, book = clock.today(), current()
    known = Accountability.objects.filter(case=OuterRef("pk"), cause="overdue")
    late = Case.objects.filter(~Exists(known), due_on__lt=today, stopped_on=None, state__in=WHOLE)
    # The duty to conclude is the units': that the office tells or answers in time is its own.
    mine = Clock.objects.filter(
        case__in=late, rule__in=[n.clock.id for n in book.natures.values()], stopped_on=None,
        paused_on=None, due_on__lt=today,
    )  # fmt: skip
    found = [
        c.case_id for c in mine.order_by("case_id") if is_red(c.due_on, book.clocks[c.rule], today)
    ]
    for start in range(0, len(found), STEP):
        keys = found[start : start + STEP]
        write(lambda w, k=keys: propose_overdue(w, k), actor=WORKER)  # type: ignore[misc]
    return len(found)


def propose_overdue(w: Write, keys: Sequence[int]) -> None:
    """Propose it of these cases, each with an entry of its own."""
    for case in Case.objects.select_for_update().filter(pk__in=keys, stopped_on=None):
        entry = w.entry("propose_accountability", case=case, to=case.state)
        entry.tell({"from": case.state})
        raise_for(w, entry, case, "overdue")
        w.flush()


def may_see(actor: Actor) -> bool:
    """Whether somebody sees proposals and outcomes at all."""
    return actor.has("leader") or actor.has("intake")


def proposals(actor: Actor, case: Case | None = None) -> QuerySet[Accountability]:
    """The proposals that ``actor`` may see, of a case or of all."""
    may = queries.gate(actor, "case_id", "case__state")
    if may is None or not may_see(actor):
        return Accountability.objects.none()
    found = Accountability.objects.filter(may).select_related("case__unit").order_by("id")
    return found.filter(case=case) if case is not None else found


def with_open(found: QuerySet[Accountability]) -> QuerySet[Accountability]:
    """Of these the open ones, and what was decided already of the other duty in the same matter."""
    beside = Accountability.objects.filter(
        case=OuterRef("case"), cause=OuterRef("cause"), state="open"
    )
    return found.filter(Exists(beside))


def access(actor: Actor, ref: str, *, lock: bool = False) -> tuple[Accountability, Case]:
    """A proposal and its case. Raises ``Missing``: not there, hidden, or not for this person."""
    found = proposals(actor).filter(ref=plain_line(ref)[:12]).first()
    if found is None:
        raise Missing(_("There is no such proposal."))
    return found, queries.access_case(actor, found.case.ref, lock=lock)


def decide(w: Write, ref: str, *, note: str, outcomes: Sequence[Wanted] = ()) -> Accountability:
    """Decide a proposal: with outcomes, or without any that nobody is called to account; with reasons.

    Raises ``Missing``, ``NotAllowed`` (no leader; nobody was heard), ``Conflict`` (decided already),
    ``Refused``.
    """
    proposal, case = access(w.actor, ref, lock=True)
    _leaders_only(w.actor)
    proposal.refresh_from_db()
    if proposal.state != "open":
        raise Conflict(_("This was decided already. Look at it again."))
    said = words(note, "note")
    if outcomes and not case.heard:
        raise NotAllowed(_("Nobody is called to account before those concerned were heard."))
    chosen = [_checked(one) for one in outcomes]
    entry = w.entry("decide_accountability", case=case, to=case.state)
    entry.tell({"from": case.state, "proposal": proposal.ref})
    for form, unit_id, name in chosen:
        rule = current().outcome_forms[form]
        today = clock.local_day(w.now)
        w.insert(
            Outcome, ref=ids.new_ref(), proposal_id=proposal.pk, form=form, unit_id=unit_id,
            person=entry.say("subject", name) if name else None, decided_on=today,
            until=ends_on(today, Limit(rule.months, "months"), current()).date
            if rule.months else None,
        )  # fmt: skip
    w.update(
        proposal, state="decided" if chosen else "none", decided_by=w.actor.ref, decided_at=w.now,
        words=entry.say("decision", said),
    )  # fmt: skip
    w.update(case, version=case.version + 1)
    return proposal


def _checked(wanted: Wanted) -> tuple[str, int, str]:
    rule = current().outcome_forms.get(wanted.form)
    if rule is None:
        raise Refused(
            _("“%(given)s” is not one of the choices.") % {"given": wanted.form[:40]}, field="form"
        )
    name = line(wanted.person, "person", 80, needed=False)
    if (rule.whose == "person") != bool(name):
        raise Refused(
            _("A form for persons needs a name, one for organisations has none."), field="person"
        )
    return wanted.form, find_unit(wanted.unit).pk, name


def revoke(w: Write, ref: str, *, note: str) -> Outcome:
    """Take an outcome back: it leaves the history of whom it concerned, and stays in the log."""
    _leaders_only(w.actor)
    found = Outcome.objects.filter(ref=plain_line(ref)[:12]).select_related("proposal").first()
    if found is None:
        raise Missing(_("There is no such outcome."))
    proposal, case = access(w.actor, found.proposal.ref, lock=True)
    found.refresh_from_db()
    if found.revoked_at is not None:
        raise Conflict(_("This was revoked already."))
    said = words(note, "note")
    entry = w.entry("revoke_outcome", case=case, to=case.state)
    entry.tell({"from": case.state, "proposal": proposal.ref, "outcome": found.ref})
    entry.say("decision", said)
    w.update(found, revoked_at=w.now, revoked_by=w.actor.ref)
    w.update(case, version=case.version + 1)
    return found


def history(w: Write, *, person: str, unit: str = "", reason: str) -> list[dict[str, Any]]:
    """The outcomes that concern a person of this name: opened by leaders alone, with a reason that
    the log keeps. What was revoked, or whose finding is unfounded now, is not among them."""
    _leaders_only(w.actor)
    name = plain_line(person)
    if not name or len(name) > 80:
        raise Refused(_("Whose history, in at most 80 characters?"), field="person")
    said = words(reason, "reason")
    where = find_unit(unit).pk if unit else None
    entry = w.entry("open_history")
    entry.say("reason", said)
    entry.say("subject", name)
    found = Outcome.objects.filter(
        proposal__in=proposals(w.actor), person__isnull=False, revoked_at=None
    ).exclude(proposal__case__finding="unfounded")
    if where is not None:
        found = found.filter(unit_id=where)
    return [
        {**outcome_view(one), "case": one.proposal.case.ref}
        for one in found.select_related("unit", "proposal__case")
        if (queries.payload_value(one.person) or {}).get("text") == name
    ]


def _leaders_only(actor: Actor) -> None:
    if not actor.has("leader"):
        raise NotAllowed(_("Only a leader may do this."))


# As somebody may read it ------------------------------------------------------------------------


def outcome_view(one: Outcome) -> dict[str, Any]:
    """An outcome as plain data: ref, form and its words, level, unit, person, decided_on, until, revoked."""
    rule = current().outcome_forms.get(one.form)
    name = (queries.payload_value(one.person) or {}).get("text")
    return {
        "ref": one.ref,
        "form": one.form,
        "words": rule.words.in_(language()) if rule else one.form,
        "level": rule.level if rule else 0,
        "unit": in_language(one.unit),
        "person": "" if one.person is None else name or _("These words were erased."),
        "decided_on": one.decided_on,
        "until": one.until,
        "revoked": one.revoked_at is not None,
    }


def views(found: Sequence[Accountability]) -> list[dict[str, Any]]:
    """Proposals as plain data: ref, case, cause, duty, state, each in words, units that bear the duty
    now (with the named person), decided_by, decided_at, note, outcomes."""
    book = current()
    names = {
        u.ref: in_language(u) for u in User.objects.filter(ref__in={p.decided_by for p in found})
    }
    parties = queries.parties_of({p.case_id: p.case for p in found}.values())
    return [
        {
            "ref": p.ref,
            "case": p.case.ref,
            "title": p.case.title,
            "heard": p.case.heard,
            "cause": book.accountability_causes[p.cause].in_(language())
            if p.cause in book.accountability_causes
            else p.cause,
            "duty": book.duties[p.duty].words.in_(language()) if p.duty in book.duties else p.duty,
            "state": p.state,
            "state_words": str(STATES[p.state]),
            "units": [_bearer(x) for x in parties[p.case_id] if p.duty in duties.duties_of(x)],
            "raised_at": p.raised_at,
            "decided_by": names.get(p.decided_by, ""),
            "decided_at": p.decided_at,
            "note": (queries.payload_value(p.words) or {}).get("text", ""),
            "outcomes": [outcome_view(o) for o in p.outcomes.select_related("unit")],
        }
        for p in found
    ]


def _bearer(party: Party) -> str:
    """The unit with the person who was named for its duty."""
    person = row_of(party.case, party).said.get("person", "")
    name = in_language(party.unit)
    return _("%(unit)s, %(person)s") % {"unit": name, "person": person} if person else name
