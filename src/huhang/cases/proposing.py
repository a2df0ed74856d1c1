"""Verbs that wait for approval: who must approve, proposing one, and what makes a proposal fall.

A verb that moves the case on, changes its nature or erases its words makes whatever waits on the case
fall, and the entry names it: it was proposed of a case that no longer is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.chains import Approval, ApprovalStep
from huhang.cases.flow.verbs import VERBS
from huhang.cases.models import Case
from huhang.kernel import ids
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.rulebook import ApprovalRule, current
from huhang.rulebook.responsibility import POSTS


def chain_of(case: Case, verb: str, into: Case | None = None) -> ApprovalRule | None:
    """Who must approve this verb on this case; None: it is done at once.

    What recurs opens the closed case ``into`` again: whoever must approve that approves this, too.
    """
    rule = _rule(case, verb)
    reopening = _rule(into, "reopen") if verb == "recur" and into is not None else None
    if rule is None or reopening is None:
        return rule or reopening
    both = {*rule.steps, *reopening.steps}
    return replace(
        rule,
        steps=tuple(p for p in POSTS if p in both),
        collective=rule.collective or reopening.collective,
    )


def _rule(case: Case, verb: str) -> ApprovalRule | None:
    return current().natures[case.nature].approvals.get(verb)


def pending(case: Case) -> list[Approval]:
    """What waits for approval on the case."""
    return list(Approval.objects.filter(case=case, state="pending").order_by("id"))


def involved(approval: Approval) -> set[str]:
    """Who has had a part in it: whoever proposed, and whoever took a step themselves."""
    taken = ApprovalStep.objects.filter(approval=approval, signed_on__isnull=True)
    return {approval.proposed_by, *taken.values_list("by", flat=True)}


def waiting_verbs(case: Case) -> set[str]:
    """The verbs that are proposed and wait: nobody proposes them again."""
    if not any(nature.approvals for nature in current().natures.values()):
        return set()
    return set(Approval.objects.filter(case=case, state="pending").values_list("verb", flat=True))


AT_ONCE = {"raise_accused": "accuse", "minor": "shield"}
"""Values that must not wait, and the verbs by which they hold at once."""


def check_at_once(values: Mapping[str, Any]) -> None:
    """Raise ``Refused`` when what is to wait would keep somebody out, or out of sight, only once it is
    approved: whom it accuses would read it until then."""
    for name, verb in AT_ONCE.items():
        if values.get(name):
            raise Refused(
                _("This waits for approval, and that must not. First: %(verb)s.")
                % {"verb": VERBS[verb]},
                field=name,
            )


def propose(
    w: Write, case: Case, verb: str, params: Mapping[str, Any], rule: ApprovalRule
) -> Approval:
    """Keep the verb's values until each step of the chain has approved them."""
    entry = w.entry(
        "propose", case=case, to=case.state, rule=rule.rule, rule_version=current().version
    )
    made: Approval = w.insert(
        Approval,
        ref=ids.new_ref(),
        case_id=case.pk,
        verb=verb,
        state="pending",
        steps=" ".join(rule.steps),
        collective=rule.collective,
        post=rule.steps[0],
        proposed_by=w.actor.ref,
        proposed_at=w.now,
        values=entry.say("values", {k: _plain(v) for k, v in params.items()}),
    )
    entry.tell({"from": case.state, "proposed": verb, "post": made.post})
    w.update(case, version=case.version + 1)
    return made


def _plain(value: Any) -> Any:
    """A value as a program would send it: it is read again when the verb is done."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def fall(w: Write, entry: Draft, case: Case) -> None:
    """End what waits on the case, in the open entry of the verb that overtakes it."""
    end(w, entry, pending(case))


def end(w: Write, entry: Draft, fallen: list[Approval]) -> None:
    """End these proposals; the entry names them and who proposed them."""
    for one in fallen:
        w.update(one, state="fallen", post="", ended_at=w.now)
    if fallen:
        known = entry.head
        entry.tell(
            {
                "fallen": [*known.get("fallen", ()), *(a.verb for a in fallen)],
                "proposers": [*known.get("proposers", ()), *(a.proposed_by for a in fallen)],
            }
        )
