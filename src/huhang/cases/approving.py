"""The steps of an approval: approve, return, take back, record a signature on paper.

Nobody approves what they proposed, nor two steps of one chain, unless nobody else who may see the
case holds the post; then the step says so. The last step does the verb as proposed, as its proposer.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import actions, flow, proposing, queries, signing
from huhang.cases.chains import Approval, ApprovalStep
from huhang.cases.fairness import reading
from huhang.cases.models import Case
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.parties.actions import words
from huhang.parties.models import User
from huhang.parties.names import folded
from huhang.parties.queries import actor_for
from huhang.parties.words import POST_WORDS

DOINGS = ("approve", "return", "take_back", "sign")
"""What can be done to an approval that waits."""


def access(actor: Actor, ref: str, *, lock: bool = False) -> tuple[Approval, Case]:
    """An approval and its case. Raises ``Missing`` when it is not there or its case is hidden."""
    found = Approval.objects.filter(ref=plain_line(ref)[:12]).select_related("case").first()
    if found is None:
        raise Missing(_("There is no such approval."))
    try:
        case = queries.access_case(actor, found.case.ref, lock=lock)
    except Missing:
        raise Missing(_("There is no such approval.")) from None
    if not learns_of(actor, found.verb, case):
        raise Missing(_("There is no such approval."))
    # Read again under the lock: another step may have been taken meanwhile.
    return Approval.objects.get(pk=found.pk), case


def learns_of(actor: Actor, verb: str, case: Case) -> bool:
    """Whether ``actor``, who sees the case, learns that this verb is proposed: as of the verb itself."""
    return verb not in flow.GUARDED or reading.entrusted(actor, case)


def holders(post: str, case: Case, verb: str) -> set[str]:
    """The refs of those who hold the post, may see the case and learn of the verb."""
    found = set()
    for user in User.objects.filter(active=True).exclude(posts=""):
        if post not in user.posts.split():
            continue
        actor = actor_for(user)
        if queries.sees(actor, case) and learns_of(actor, verb, case):
            found.add(user.ref)
    return found


def _others_record(actor: Actor, case: Case) -> bool:
    """Whether somebody else of the intake office may see the case."""
    others = User.objects.filter(active=True, memberships__role="intake").exclude(ref=actor.ref)
    return any(
        actor_for(user).has("intake") and queries.sees(actor_for(user), case)
        for user in others.distinct()
    )


def _alone(actor: Actor, approval: Approval, case: Case) -> bool:
    """Whether ``actor`` may take the step only because nobody else holds the post. Raises
    ``NotAllowed`` when somebody else does, or ``actor`` does not hold it."""
    if approval.state != "pending":
        raise Conflict(_("This no longer waits for approval. Look at it again."))
    if approval.post not in actor.posts:
        raise NotAllowed(_("This waits for: %(post)s.") % {"post": POST_WORDS[approval.post]})
    involved = proposing.involved(approval)
    if actor.ref not in involved:
        return False
    if holders(approval.post, case, approval.verb) - involved:
        raise NotAllowed(
            _("You proposed this or approved a step of it; somebody else holds the post.")
        )
    return True


def doings(actor: Actor, approval: Approval, case: Case) -> list[str]:
    """What ``actor``, who may see the case, can do to the approval now."""
    if approval.state != "pending":
        return []
    found = []
    try:
        _alone(actor, approval, case)
        found += ["approve", "return"]
    except NotAllowed:
        pass
    if actor.has("intake"):
        found.append("sign")
    if actor.ref == approval.proposed_by:
        found.append("take_back")
    return found


def waiting_for(actor: Actor) -> list[Approval]:
    """What waits for this person, the oldest first."""
    if actor.kind != "user" or not actor.posts:
        return []
    seen = queries.gate(actor, "case_id", "case__state")
    if seen is None:
        return []
    found = Approval.objects.filter(seen, state="pending", post__in=actor.posts)
    return [
        a
        for a in found.select_related("case").order_by("id")
        if learns_of(actor, a.verb, a.case) and "approve" in doings(actor, a, a.case)
    ]


def approve(w: Write, ref: str, *, note: str = "") -> Approval:
    """Take the step that it waits for. Raises ``Missing``, ``NotAllowed``, ``Conflict``, ``Refused``."""
    approval, case = access(w.actor, ref, lock=True)
    alone = _alone(w.actor, approval, case)
    said = words(note, "note", needed=approval.last and approval.collective)
    entry = _entry(w, "approve", approval, case)
    _take(w, entry, approval, "approved", said, alone=alone)
    _go_on(w, entry, approval, case)
    return approval


def send_back(w: Write, ref: str, *, note: str) -> Approval:
    """Return it with a reason: whoever proposed can propose anew."""
    approval, case = access(w.actor, ref, lock=True)
    alone = _alone(w.actor, approval, case)
    said = words(note, "note", needed=True)
    entry = _entry(w, "return", approval, case)
    _take(w, entry, approval, "returned", said, alone=alone)
    _end(w, approval, case, "returned")
    return approval


def take_back(w: Write, ref: str, *, note: str = "") -> Approval:
    """Take back what one proposed."""
    approval, case = access(w.actor, ref, lock=True)
    if approval.state != "pending":
        raise Conflict(_("This no longer waits for approval. Look at it again."))
    if approval.proposed_by != w.actor.ref:
        raise NotAllowed(_("Only whoever proposed it can take it back."))
    said = words(note, "note", needed=False)
    entry = _entry(w, "take_back_proposal", approval, case)
    if said:
        entry.say("note", said)
    _end(w, approval, case, "taken_back")
    return approval


def sign(w: Write, ref: str, *, signer: str, signed_on: date | None, note: str = "") -> Approval:
    """Record that the step was signed on paper: by whom and on which day. The intake office does."""
    approval, case = access(w.actor, ref, lock=True)
    if approval.state != "pending":
        raise Conflict(_("This no longer waits for approval. Look at it again."))
    if not w.actor.has("intake"):
        raise NotAllowed(_("The intake office records what was signed on paper."))
    if w.actor.ref == approval.proposed_by and _others_record(w.actor, case):
        raise NotAllowed(
            _("You proposed this: somebody else of the intake office records what was signed.")
        )
    name = plain_line(signer)
    if not name or len(name) > 80:
        raise Refused(_("Say who signed, in at most 80 characters."), field="signer")
    if signed_on is None or not clock.local_day(case.received_at) <= signed_on <= clock.today():
        raise Refused(_("The day lies between the case's receipt and today."), field="signed_on")
    signing.check(name, case)
    alone = folded(name) in signing.names_of(approval)
    if alone and holders(approval.post, case, approval.verb) - proposing.involved(approval):
        raise Refused(
            _("“%(name)s” proposed this or approved a step of it; somebody else holds the post.")
            % {"name": name},
            field="signer",
        )
    said = words(note, "note", needed=approval.last and approval.collective)
    entry = _entry(w, "sign_on_paper", approval, case)
    entry.tell({"signed_on": signed_on.isoformat()})
    _take(w, entry, approval, "approved", said, alone=alone, signed_on=signed_on,
          signer=entry.say("signer", name))  # fmt: skip
    _go_on(w, entry, approval, case)
    return approval


def _entry(w: Write, what: str, approval: Approval, case: Case) -> Draft:
    entry = w.entry(what, case=case, to=case.state)
    entry.tell(
        {"from": case.state, "proposed": approval.verb, "step": approval.post,
         "proposers": [approval.proposed_by]}
    )  # fmt: skip
    return entry


def _take(
    w: Write,
    entry: Draft,
    approval: Approval,
    outcome: str,
    words: str,
    *,
    alone: bool,
    **more: Any,
) -> None:
    if alone:
        entry.tell({"alone": True})
    w.insert(
        ApprovalStep, approval_id=approval.pk, post=approval.post, outcome=outcome, by=w.actor.ref,
        at=w.now, alone=alone, words=entry.say("note", words) if words else None, **more,
    )  # fmt: skip


def _end(w: Write, approval: Approval, case: Case, state: str) -> None:
    w.update(approval, state=state, post="", ended_at=w.now)
    w.update(case, version=case.version + 1)


def _go_on(w: Write, entry: Draft, approval: Approval, case: Case) -> None:
    """Wait for the next step; after the last one do the verb, as whoever proposed it."""
    if not approval.last:
        steps = approval.steps.split()
        post = steps[steps.index(approval.post) + 1]
        w.update(approval, post=post)
        entry.tell({"post": post})
        w.update(case, version=case.version + 1)
        return
    w.update(approval, state="approved", post="", ended_at=w.now)
    values = queries.payload_value(approval.values)
    if values is None:
        raise Conflict(_("The words of this proposal were erased."))
    taken = ApprovalStep.objects.filter(approval=approval)
    by = list(taken.filter(signed_on=None).values_list("by", flat=True))
    head = {"approvers": by, "on_paper": taken.exclude(signed_on=None).count()}
    try:
        with w.acting_for(proposer_of(approval)):
            actions.perform_approved(w, case, approval.verb, values, head)
    except Missing:
        raise NotAllowed(_("Whoever proposed this can no longer do it: return it.")) from None
    except NotAllowed as error:
        raise NotAllowed(
            _("This cannot be done as it was proposed; return it. %(reason)s") % {"reason": error}
        ) from None


def proposer_of(approval: Approval) -> Actor:
    """Whoever proposed, as they are now. Raises ``NotAllowed`` when they no longer sign in."""
    if approval.proposed_by == OPERATOR.ref:
        return OPERATOR
    user = User.objects.filter(ref=approval.proposed_by, active=True).first()
    if user is None:
        raise NotAllowed(_("Whoever proposed this can no longer do it: return it."))
    return actor_for(user)
