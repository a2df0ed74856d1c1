"""The verbs. ``perform`` does one of them; ``intake.actions`` opens cases from reports.

Each verb is authorised by the gate and the transition table, changes rows, and appends one entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import (
    absent,
    accounting,
    assigning,
    clocks,
    disclosing,
    erasing,
    flow,
    inquiring,
    leaving,
    merging,
    messaging,
    naming,
    proposing,
    rectifying,
    recusing,
    returning,
    sending_up,
    shielding,
    transferring,
)
from huhang.cases.fairness import effects as fairness
from huhang.cases.inputs import clean
from huhang.cases.models import Case, Party
from huhang.cases.queries import (
    access_case,
    facts,
    flow_of,
    standings,
)
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Conflict, NotAllowed, Refused
from huhang.kernel.write import Write
from huhang.rulebook import current

TWICE = 2
"""A rectification that was sent back so often raises a proposal of accountability."""
Check = Callable[[dict[str, Any]], None]
Effect = Callable[[Write, Draft, Case, dict[str, Any]], dict[str, Any]]


def perform(w: Write, ref: str, verb: str, *, version: int | None = None, **params: Any) -> Case:
    """Do ``verb`` on the case with this reference.

    ``params``: the fields of ``flow.FIELDS[verb]``: units and groups by id or code, choices by
    key. ``version``: the case's version that the person saw. Raises ``Missing`` (no such case, or
    hidden), ``NotAllowed`` (not this person, or not now), ``Conflict`` (changed meanwhile),
    ``Refused`` (a field is missing or wrong).
    """
    case = access_case(w.actor, ref, lock=True)
    if version is not None and version != case.version:
        raise Conflict(_("Somebody changed this case in the meantime. Look at it again."))
    row, values = _allowed(w.actor, case, verb, params)
    # Asked after what is allowed: not everybody who sees the case learns of every proposal.
    if verb in proposing.waiting_verbs(case):
        raise NotAllowed(_("This is proposed already and waits for approval."))
    rule = proposing.chain_of(case, verb, values.get("into"))
    if rule is not None:
        proposing.check_at_once(values)
        proposing.propose(w, case, verb, params, rule)
        return case
    return _carry_out(w, case, row, values)


def perform_approved(
    w: Write, case: Case, verb: str, params: dict[str, Any], approved: dict[str, Any]
) -> Case:
    """Do what was proposed, as the actor of ``w``, once the chain approved it; ``approved``: what the
    entry says of that. Raises as ``perform`` does."""
    access_case(w.actor, case.ref)
    row, values = _allowed(w.actor, case, verb, params)
    return _carry_out(w, case, row, values, approved)


def _allowed(
    actor: Actor, case: Case, verb: str, params: dict[str, Any]
) -> tuple[flow.Transition, dict[str, Any]]:
    """The row of the table and the values, checked, of a verb that ``actor`` may do now."""
    row = flow.transition(flow_of(case), case.state, verb)
    known = facts(actor, case)
    if row is None or not row.who & standings(actor, case):
        raise NotAllowed(_("You cannot do this on this case now."))
    if (reason := flow.guard(row.when, known)) is not None:
        raise NotAllowed(str(reason))
    values = clean(verb, params, actor, case)
    if verb == "find" and Party.objects.filter(case=case, relation="accused").exists():
        known["hearing_required"] = True  # whatever the nature: a finding may hurt whom it accuses
    if "finding" in values:  # of the values a guard looks at this one alone
        reason = flow.guard(row.when, {**known, "new_finding": values["finding"]})
        if reason is not None:
            raise NotAllowed(str(reason))
    check = CHECKS.get(verb)
    if check is not None:
        check(values)
    values["let_out"] = leaving.check(actor, case, verb, values)
    return row, values


def _carry_out(
    w: Write,
    case: Case,
    row: flow.Transition,
    values: dict[str, Any],
    approved: dict[str, Any] | None = None,
) -> Case:
    verb = row.verb
    book = current()
    nature = book.natures[case.nature]
    entry = w.entry(
        verb,
        case=case,
        to=row.target or case.state,
        rule=nature.clock.id,
        rule_version=book.version,
    )
    entry.tell({"from": case.state, **_codes(values)})
    if values["let_out"]:
        entry.tell({flow.REPEATED: values["let_out"]})
    entry.tell(approved or {})
    if values.get("note"):
        values["note_payload"] = entry.say("note", values["note"])
    changes: dict[str, Any] = {"version": case.version + 1}
    if row.target is not None and row.target != case.state:
        changes["state"] = row.target
    effect = EFFECTS.get(verb)
    if effect is not None:
        changes.update(effect(w, entry, case, values))
    changes.update(fairness.answered(w, case, verb))
    changes.update(clocks.turn(w, entry, case, verb, row.clock, values, changes))
    if {"state", "nature"} & set(changes) or verb == "erase":
        proposing.fall(w, entry, case)
    elif verb in absent.VERBS:
        absent.fall(w, entry, case)
    w.update(case, **changes)
    if verb == "recur":
        _reopen_earlier(w, values, approved)
    return case


def _reopen_earlier(w: Write, v: dict[str, Any], approved: dict[str, Any] | None) -> None:
    """What recurs goes into the closed case, which is opened again in the same action: what that needs
    of approval was approved with it."""
    w.flush()
    earlier = access_case(w.actor, v["into"].ref, lock=True)
    params = {"reason": "recurrence", "note": v["note"]}
    row, values = _allowed(w.actor, earlier, "reopen", params)
    _carry_out(w, earlier, row, values, approved)


def _codes(values: dict[str, Any]) -> dict[str, Any]:
    """The values that are codes: they stand in the manifest's head."""
    plain = ("reason", "target", "finding", "form", "rating", "days", "behaviour", "kind", "nature",
             "outcome", "tests")  # fmt: skip
    return {k: values[k] for k in plain if values.get(k) not in (None, "", [])}


# What each verb changes --------------------------------------------------------------------------


def _accept(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    nature = clocks.nature_for(case, v["kind"], v["nature"])
    inquiring.check_tests(nature, v["tests"])
    named: list[int] = []
    for party in Party.objects.filter(case=case, provisional=True):
        if nature.relation_of_named == "accused" or party.unit_id is None:
            # Nothing lowers an accusation of a person or a group silently; a clue accuses all.
            w.update(party, provisional=False)
        else:
            w.update(party, relation="responsible", provisional=False)
        if party.unit_id:
            named.append(party.unit_id)
    if nature.relation_of_named == "accused":
        # Also in the cases that were merged into this one.
        naming.raise_accused(w, case, [("unit", u) for u in [*named, *v["units"]]])
    else:
        naming.add_parties(w, case, "responsible", [u for u in v["units"] if u not in named])
    naming.raise_accused(w, case, v["raise_accused"])
    units = named + v["units"]
    changes: dict[str, Any] = {
        "kind": v["kind"],
        "nature": nature.id,
        "accepted_at": w.now,
    }
    if v.get("behaviour"):
        changes["behaviour"] = v["behaviour"]
    if v.get("title"):
        changes["title"] = v["title"]
    if v["minor"]:
        changes |= shielding.shield(w, entry, case, v)
    if units and case.unit_id is None:
        changes["unit_id"] = units[0]
    return changes


def _accuse(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    naming.raise_accused(w, case, v["accused"])
    return {}


def _find(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    return {"finding": v["finding"]}


def _check_conclusion(v: dict[str, Any]) -> None:
    """A clue is concluded when it is untrue or cannot be checked (予以了结)."""
    if flow.adverse(v["finding"]):
        raise Refused(
            _("Concluded is what is untrue or cannot be checked; otherwise make a finding."),
            field="finding",
        )


def _rest(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    return {"rested_on": clock.local_day(w.now), "swept_on": None}


def _sweep(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    return {"swept_on": clock.local_day(w.now)}


def _send_back(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    if case.sent_back + 1 >= TWICE:
        accounting.raise_for(w, entry, case, "sent_back")
    if v["false_report"]:
        accounting.raise_for(w, entry, case, "false_report")
    return {"sent_back": case.sent_back + 1}


def _close(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    return {"closed_at": w.now}


def _reopen(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    rectifying.begin_anew(w, case)
    transferring.end(w, case)
    changes: dict[str, Any] = {
        "reopened": case.reopened + 1, "closed_at": None, "finding": "", "heard": False,
        "governed": "", "rating": None, "submitted_by": "", "escalated_to": "", "clearing": "",
        "assigned_on": None, "returned": 0, "outcome": "", "answer_by": None,
        **clocks.review(w, case, v["reason"]),
    }  # fmt: skip
    if case.accepted_at is None:
        changes["accepted_at"] = w.now
    return changes


def _take_back(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The other organ gave the case back, or it was asked for: it begins anew here."""
    entry.tell({"reason": "returned"})
    return _reopen(w, entry, case, {**v, "reason": "returned"})


def _acknowledge(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    messaging.write_message(w, entry, case, v)
    return {"acknowledged_at": w.now}


def _asked_by_message(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The reporters read what is asked of them or proposed to them."""
    messaging.write_message(w, entry, case, v)
    return inquiring.ask(w, entry, case, v)


CHECKS: dict[str, Check] = {"conclude": _check_conclusion}
"""What a verb refuses of its values, also when it is only proposed."""
EFFECTS: dict[str, Effect] = {
    "acknowledge": _acknowledge,
    "ask_reply": inquiring.ask,
    "take_reply": inquiring.take_reply,
    "ask_comments": _asked_by_message,
    "take_comments": lambda w, e, c, v: {"answer_by": None},
    "offer": _asked_by_message,
    "settle": inquiring.settle,
    "reject": lambda w, e, c, v: {"answer_by": None},
    "recommend": inquiring.ask,
    "follow_up": inquiring.follow_up,
    "accept": _accept,
    "decline": messaging.write_message,
    "transfer_out": transferring.transfer_out,
    "sign_receipt": transferring.sign_receipt,
    "record_answer": transferring.record_answer,
    "take_back": _take_back,
    "merge": merging.merge,
    "recur": merging.recur,
    "link": returning.link,
    "return_assignment": returning.return_assignment,
    "keep": _rest,
    "assign": assigning.assign,
    "hold": _rest,
    "sweep": _sweep,
    "hear": fairness.hear,
    "find": _find,
    "conclude": _find,
    "rectify": rectifying.measures,
    "progress": rectifying.progress,
    "submit": rectifying.submit,
    "send_back": _send_back,
    "feed_back": messaging.write_message,
    "rate": lambda w, e, c, v: {"rating": v["rating"]},
    "govern": lambda w, e, c, v: {"governed": v["form"]},
    "close": _close,
    "reopen": _reopen,
    "urge": lambda w, e, c, v: {"urged": c.urged + 1},
    "regrade": clocks.regrade,
    "escalate": lambda w, e, c, v: {"escalated_to": v["target"]},
    "accuse": _accuse,
    "recuse": recusing.recuse,
    "message": messaging.write_message,
    "reply": messaging.write_message,
    "disclose": disclosing.disclose,
    "retract": disclosing.retract,
    "shield": shielding.shield,
    "unshield": shielding.unshield,
    "erase": erasing.erase,
    "seal_forward": sending_up.seal_forward,
    "tolerate": fairness.tolerate,
    "clear": fairness.clear,
    "not_clear": fairness.not_clear,
    "propose_false_accusation": fairness.propose,
    "decide_false_accusation": fairness.decide,
    "punish_jointly": fairness.punish_jointly,
    "check_back": fairness.check_back,
}
