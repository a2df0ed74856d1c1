"""Who approves what, calling to account, and how often what rests is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huhang.rulebook.faults import said
from huhang.rulebook.words import GRADES

if TYPE_CHECKING:
    from huhang.rulebook.reader import Reader
    from huhang.rulebook.words import Text

POSTS = ("handler", "office_head", "leader_in_charge", "principal_leader")
"""The posts that approve, in the order in which a chain asks them."""

APPROVABLE = (
    "acknowledge", "accept", "decline", "transfer_out", "sign_receipt", "record_answer", "take_back",
    "merge", "recur", "link", "keep", "assign", "return_assignment", "talk", "investigate", "hold",
    "sweep", "conclude", "ask_reply", "take_reply", "ask_comments", "take_comments", "offer", "settle",
    "reject", "hear", "find", "file", "recommend", "follow_up", "rectify", "progress", "submit",
    "verify", "send_back", "feed_back", "govern", "close", "reopen", "urge", "extend", "pause",
    "resume", "regrade", "escalate", "note", "message", "disclose", "retract", "unshield", "erase",
    "tolerate", "clear", "not_clear", "propose_false_accusation", "decide_false_accusation",
    "punish_jointly", "check_back",
)  # fmt: skip
"""Verbs that a rulebook may let through by a chain only."""

_REPORTER = said("the reporter does this: no office approves what they say")
_AT_ONCE = said("this keeps somebody out, or out of sight, at once: waiting would leave them in")
NEVER = {
    "rate": _REPORTER,
    "reply": _REPORTER,
    "recuse": _AT_ONCE,
    "accuse": _AT_ONCE,
    "shield": _AT_ONCE,
    "seal_forward": said(
        "what belongs to a superior organ is not kept here for the time of a chain"
    ),
}
"""Verbs that never wait, and why."""

FLOWS_OF = {
    ("reporting", "inquiry"): ("acknowledge",),
    ("discipline",): ("talk", "hold", "conclude", "file"),
    ("inquiry",): (
        "ask_reply", "take_reply", "ask_comments", "take_comments", "offer", "settle", "reject",
        "recommend", "follow_up",
    ),
    ("work_order", "discipline", "reporting"): ("rectify", "progress", "submit", "verify", "send_back"),
}  # fmt: skip
"""Verbs that stand in some flows alone."""
RULES_OF = {
    "tolerate": "tolerance", "clear": "clearing", "not_clear": "clearing",
    "propose_false_accusation": "false_accusation", "decide_false_accusation": "false_accusation",
    "punish_jointly": "joint_punishment", "check_back": "retaliation",
}  # fmt: skip
"""The rule of fairness without which a verb is never offered."""

CAUSES = ("overdue", "sent_back", "false_report")
"""What raises a proposal of accountability: past the red mark, sent back twice, said to be fixed though
it was not."""


@dataclass(frozen=True)
class ApprovalRule:
    """Who approves a verb before it is done. ``steps``: of ``POSTS``, in their order. ``collective``:
    the last step is a collective study, whose minutes are needed."""

    verb: str
    steps: tuple[str, ...]
    collective: bool
    rule: str
    source: str
    grade: str
    confirmed: bool


@dataclass(frozen=True)
class OutcomeForm:
    """A form of calling somebody to account. ``whose``: person or organisation. ``level``: which of the four
    forms (四种形态) it belongs to, 0 for none; ``sanction``: a Party or administrative one; ``months``:
    for how long it lasts, 0 where that is not said."""

    words: Text
    whose: str
    level: int
    sanction: bool
    months: int
    source: str
    grade: str
    confirmed: bool


@dataclass(frozen=True)
class SweepRule:
    """How many months what rests (kept for reference, held for now) may stay without a look (起底)."""

    months: int
    rule: str
    words: Text
    source: str
    grade: str
    confirmed: bool


def read_approvals(r: Reader, data: Any, where: str, flow: str) -> dict[str, ApprovalRule]:
    """Who approves which verbs of a nature that takes this flow."""
    for verb in data:
        _check_verb(r, verb, f"{where}.{verb}", flow)
    return {verb: _approval(r, verb, told, f"{where}.{verb}") for verb, told in data.items()}


def _check_verb(r: Reader, verb: str, where: str, flow: str) -> None:
    """A chain makes no sense on what must not wait, nor on what is never offered."""
    if verb in NEVER:
        raise r.fail(where, NEVER[verb])
    if verb not in APPROVABLE:
        words = said("%(verb)s is none of %(known)s")
        raise r.fail(where, words, verb=verb, known=", ".join(APPROVABLE))
    for flows, verbs in FLOWS_OF.items():
        if verb in verbs and flow not in flows:
            raise r.fail(where, said("cases of the flow %(flow)s do not take this verb"), flow=flow)
    rule = RULES_OF.get(verb, "")
    if rule and rule not in r.names("fairness"):
        raise r.fail(where, said("needs fairness.%(rule)s"), rule=rule)


def _approval(r: Reader, verb: str, data: Any, where: str) -> ApprovalRule:
    steps = r.get(data, where, "steps", list)
    if not steps or [p for p in POSTS if p in steps] != steps:
        words = said("some of %(posts)s are needed, in this order, each once")
        raise r.fail(f"{where}.steps", words, posts=", ".join(POSTS))
    return ApprovalRule(
        verb=verb,
        steps=tuple(steps),
        collective=r.given(data, where, "collective", bool, False),
        rule=r.line(data, where, "rule"),
        source=r.line(data, where, "source"),
        grade=r.one_of(data, where, "grade", GRADES),
        confirmed=r.get(data, where, "confirmed", bool),
    )


def read_causes(r: Reader) -> dict[str, Text]:
    """What raises a proposal of accountability: all causes or none, and none without forms."""
    found = r.optional("accountability_causes", r.text)
    if found and set(found) != set(CAUSES):
        words = said("needs %(known)s, and no other")
        raise r.fail("accountability_causes", words, known=", ".join(CAUSES))
    if found and not r.names("outcome_forms"):
        raise r.fail("accountability_causes", said("needs outcome_forms"))
    return found


def read_outcome_form(r: Reader, data: Any, where: str) -> OutcomeForm:
    """A form of calling somebody to account."""
    return OutcomeForm(
        words=r.text_of(data, where),
        whose=r.one_of(data, where, "whose", ("person", "organisation")),
        level=r.number(data, where, "level", 0, 4) if r.has(data, where, "level") else 0,
        sanction=r.given(data, where, "sanction", bool, False),
        months=r.number(data, where, "months", 0, 120) if r.has(data, where, "months") else 0,
        source=r.line(data, where, "source"),
        grade=r.one_of(data, where, "grade", GRADES),
        confirmed=r.get(data, where, "confirmed", bool),
    )


def read_sweep(r: Reader) -> SweepRule | None:
    """How long what rests may stay without a look; a rulebook may know nothing of it."""
    data = r.given(r.data, "", "sweep", dict, None)
    if data is None:
        return None
    return SweepRule(
        months=r.number(data, "sweep", "months", 1, 120),
        rule=r.line(data, "sweep", "rule"),
        words=r.text_of(data, "sweep"),
        source=r.line(data, "sweep", "source"),
        grade=r.one_of(data, "sweep", "grade", GRADES),
        confirmed=r.get(data, "sweep", "confirmed", bool),
    )
