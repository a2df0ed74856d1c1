"""What must hold of a case before a row of the table lets a verb through."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.flow import fairness
from huhang.cases.flow.table import rows_of
from huhang.rulebook import current


def adverse(finding: str) -> bool:
    """Whether a finding says that something was wrong."""
    return finding in current().adverse_findings


def guard(name: str, facts: dict[str, Any]) -> Any:
    """Why a guard refuses, as a lazy message; None when it lets through.

    ``facts``: finding, heard, hearing_required, rating, acknowledged, own, extensions, pauses, leads,
    natures, sweeps, submitted_by, actor, confidential, minor, sent_up, today, returned, return_times;
    accused, extension, paused, published, return_until, unsigned and unanswered, each a call that says
    so; and what ``fairness.guard`` looks at.
    """
    if name == "heard_if_adverse":
        if (
            adverse(facts.get("new_finding", ""))
            and facts["hearing_required"]
            and not facts["heard"]
        ):
            return _("No adverse finding before those concerned were heard.")
    elif name == "adverse":
        if not adverse(facts["finding"]):
            return _("The finding is not adverse: there is nothing to put right.")
    elif name == "not_adverse":
        if adverse(facts["finding"]):
            return _("The finding is adverse: rectify before feeding back.")
    elif name == "not_submitter":
        if facts["submitted_by"] == facts["actor"]:
            return _("Whoever submitted a rectification cannot verify it.")
    elif name == "own":
        if not facts["own"]:
            return _("Whoever reported it is answered first.")
    elif name in ("reported", "not_acknowledged"):
        if facts["own"]:
            return _("The office opened it by itself: there is nobody to tell.")
        if name == "not_acknowledged" and facts["acknowledged"]:
            return _("Its receipt was acknowledged already.")
    elif name == "not_rated":
        if facts["rating"] is not None:
            return _("This case has been rated.")
    elif name == "extendable":
        rule = facts["extension"]()
        if rule is None or facts["extensions"] >= rule.times:
            return _("The rule allows no further extension.")
        if rule.by == "leader" and not facts["leads"]:
            return _("With this nature a leader decides on more time.")
    elif name == "pausable":
        if not facts["pauses"]:
            return _("The rule does not let the time stand still.")
        if facts["paused"]():
            return _("The time stands still already.")
    elif name == "paused":
        if not facts["paused"]():
            return _("The time does not stand still.")
    elif name == "regradable":
        if facts["natures"] < 2:
            return _("Cases of this kind have one nature alone.")
    elif name == "disclosable":
        if facts["confidential"]:
            return _("Reports of this kind are confidential: nothing of them is published.")
        if facts["accused"]():
            return _("Somebody is accused in this case: nothing of it is published.")
        if facts["minor"]:
            return _("It is about somebody under age: nothing of it is published.")
        if facts["published"]():
            return _("A summary is published already: take it back first.")
    elif name == "sweepable":
        if not facts["sweeps"]:
            return _("The rulebook asks for no sweep.")
    elif name == "published":
        if not facts["published"]():
            return _("Nothing of this case is published.")
    elif name == "of_age":
        if facts["minor"]:
            return _("This case is marked already.")
    elif name == "under_age":
        if not facts["minor"]:
            return _("This case is not marked.")
    elif name == "returnable":
        return _returnable(facts)
    elif name == "unsigned":
        if not facts["unsigned"]():
            return _("No transfer of this case waits for a signature.")
    elif name == "unanswered":
        if not facts["unanswered"]():
            return _("No transfer of this case waits for an answer.")
    elif name == "sent_up":
        if not facts["sent_up"]:
            return _("The rulebook knows nothing of matters of a superior organ.")
    elif name:
        return fairness.guard(name, facts)
    return None


def _returnable(facts: dict[str, Any]) -> Any:
    until = facts["return_until"]()
    if until is None:
        return _("No rule lets an assignment be returned here.")
    if facts["today"] > until:
        return _("It could be returned until %(until)s.") % {"until": until.isoformat()}
    if facts["returned"] >= facts["return_times"] and not facts["leads"]:
        return _("It was returned %(times)d times already: a leader decides.") % {
            "times": facts["returned"]
        }
    return None


def allowed(flow: str, state: str, standings: frozenset[str], facts: dict[str, Any]) -> list[str]:
    """The verbs that somebody with these standings may do in this state now, in table order."""
    return [
        t.verb for t in rows_of(flow, state) if t.who & standings and guard(t.when, facts) is None
    ]
