"""The verbs of fairness: their rows, words, fields and guards. The rulebook says which it knows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huhang.cases.flow.states import STATES
from huhang.cases.flow.verbs import Field

VERBS: dict[str, Any] = {
    "tolerate": pgettext_lazy("verb", "Tolerate an error"),
    "clear": pgettext_lazy("verb", "Clear a name"),
    "not_clear": pgettext_lazy("verb", "Say why nobody is cleared"),
    "propose_false_accusation": pgettext_lazy("verb", "Propose a false accusation"),
    "decide_false_accusation": pgettext_lazy("verb", "Record the decision on a false accusation"),
    "punish_jointly": pgettext_lazy("verb", "Hand over for joint punishment"),
    "check_back": pgettext_lazy("verb", "Ask the reporter again"),
}
GUARDED = ("propose_false_accusation", "decide_false_accusation", "punish_jointly", "check_back")
"""Verbs that only the intake office, leaders and the supervising group learn of: whoever handles the
case may be whom the reporter complains about."""

_WORKING = ("assigned", "talking", "investigating", "held", "found", "filed", "rectifying",
            "submitted", "verified", "fed_back", "governed", "closed")  # fmt: skip
_FOUND = ("found", "fed_back", "governed", "closed")
"""States in which the finding of a case can be unfounded."""

Row = tuple[str, str, str, str, str]
ROWS: tuple[Row, ...] = (
    # In parallel to accountability: at any moment from assignment on.
    *((state, "tolerate", "leader", "tolerable", "responsible supervising") for state in _WORKING),
    *((state, "clear", "leader", "clearable", "intake supervising") for state in _FOUND),
    *((state, "not_clear", "leader", "clearable", "intake") for state in _FOUND),
    *((state, "propose_false_accusation", "intake leader supervising", "proposable", "leader")
      for state in _FOUND),
    *((state, "decide_false_accusation", "intake leader", "proposed", "intake leader")
      for state in _FOUND),
    *((state, "punish_jointly", "leader", "decided_false", "intake") for state in _FOUND),
    *((state, "check_back", "intake leader", "check_due", "leader")
      for state in STATES if state != "merged"),
)  # fmt: skip
"""Source, verb, who may, guard, whom it tells. The state stays."""

_WHOM = (
    Field("concerned", "concerned", gettext_lazy("Unit or person of this case")),
    Field("person", "line", gettext_lazy("Person, by name"),
          hint=gettext_lazy("Where the person is no party of the case. One person or unit at a time.")),
)  # fmt: skip
MISTAKEN = gettext_lazy(
    "A mistaken report is not a false one: false is only what somebody knew to be untrue and said in "
    "order to harm. Nobody may look for who wrote an anonymous report."
)
HEARD = (
    Field("who", "line", gettext_lazy("Who was heard"), True),
    Field("heard_on", "day", gettext_lazy("Heard on"), hint=gettext_lazy("Left open: today.")),
    Field("heard_by", "line", gettext_lazy("Heard by"), hint=gettext_lazy("Left open: you.")),
    Field("note", "text", gettext_lazy("What they said"), True),
    Field("told_route", "yes", gettext_lazy("They were told the route of review"), True),
    Field("route", "choice", gettext_lazy("Which route"), True, "fairness.hearing.routes"),
)
"""The minutes of a hearing."""
FIELDS: dict[str, tuple[Field, ...]] = {
    "hear": HEARD,
    "tolerate": (
        *_WHOM,
        Field("tests", "answers", gettext_lazy("Does it hold?"), True, "fairness.tolerance.tests",
              hint=gettext_lazy("All must hold; say why in words.")),
        Field("distinctions", "answers", gettext_lazy("Is it so?"), True,
              "fairness.tolerance.distinctions"),
        Field("effect", "choice", gettext_lazy("Accountability"), True, "fairness.tolerance.effects"),
        Field("note", "text", gettext_lazy("What was decided, and by whom"), True),
    ),
    "clear": (
        *_WHOM,
        Field("forms", "choices", gettext_lazy("Forms of clearing"), True, "fairness.clearing.forms"),
        Field("consent", "yes", gettext_lazy("The cleared person agrees that it is made public")),
        Field("cleared_on", "day", gettext_lazy("Cleared on"), True),
        Field("note", "text", gettext_lazy("What is said in clearing"), True,
              hint=gettext_lazy("Nothing of the report, and nothing that could tell who reported.")),
    ),
    "not_clear": (
        *_WHOM,
        Field("reason", "choice", gettext_lazy("Reason"), True, "fairness.clearing.reasons"),
        Field("note", "text", gettext_lazy("Reason in words"), True),
    ),
    "propose_false_accusation": (
        Field("fact", "text", gettext_lazy("Evidence that the facts were made up"), True, hint=MISTAKEN),
        Field("intent", "text", gettext_lazy("Evidence of the intent to harm"), True,
              hint=gettext_lazy("Evidence of its own: that a report is untrue shows no intent.")),
    ),
    "decide_false_accusation": (
        Field("outcome", "choice", gettext_lazy("Decision"), True, "fairness.false_accusation.outcomes",
              hint=MISTAKEN),
        Field("decided_by", "choice", gettext_lazy("Decided by"), True, "fairness.false_accusation.levels",
              hint=gettext_lazy("This office does not decide: it records what was decided.")),
        Field("document", "line", gettext_lazy("Number of the document"), True),
        Field("decided_on", "day", gettext_lazy("Decided on"), True),
        Field("note", "text", gettext_lazy("Note")),
    ),
    "punish_jointly": (
        Field("person", "line", gettext_lazy("Person, by name"), True,
              hint=gettext_lazy("One person at a time.")),
        Field("target", "choice", gettext_lazy("Handed over to"), True, "fairness.joint_punishment.targets",
              hint=gettext_lazy("Whoever receives it decides by law. This office punishes nobody.")),
        Field("basis", "text", gettext_lazy("Legal basis: law and article"), True),
        Field("note", "text", gettext_lazy("Note")),
    ),
    "check_back": (
        Field("note", "text", gettext_lazy("What the reporter said, and what was found"), True),
    ),
}  # fmt: skip


def guard(name: str, facts: dict[str, Any]) -> Any:
    """Why a guard of fairness refuses; None when it lets through; ``LookupError`` for no such guard.

    ``facts``: finding, fairness (the rules that the rulebook has), named (a call: whether a reporter
    gave a name), accusation (a call: "", proposed, or the outcome), check_back_on, today.
    """
    rules, finding = facts["fairness"], facts["finding"]
    unknown = _("The rulebook knows nothing of this.")
    if name == "tolerable":
        if "tolerance" not in rules:
            return unknown
        if finding in ("unfounded", "not_proven"):
            return _("There is no error to tolerate: the finding is not adverse.")
    elif name == "clearable":
        if "clearing" not in rules:
            return unknown
        if finding != "unfounded":
            return _("A name is cleared only where the report was found unfounded.")
    elif name == "proposable":
        if "false_accusation" not in rules:
            return unknown
        if finding != "unfounded":
            return _("Only of a report that was found unfounded can this be proposed.")
        if not facts["named"]():
            return _("Every report of this case is anonymous: nobody may look for who wrote it.")
        if facts["accusation"]():
            return _("It has been proposed already.")
    elif name == "proposed":
        if "false_accusation" not in rules:
            return unknown
        if finding != "unfounded" or facts["accusation"]() != "proposed":
            return _("Nothing is proposed that could be decided.")
    elif name == "decided_false":
        if "joint_punishment" not in rules:
            return unknown
        if finding != "unfounded" or facts["accusation"]() != "found":
            return _("Nobody has decided that a report of this case was a false accusation.")
    elif name == "check_due":
        if facts["check_back_on"] is None:
            return _("There is nothing to ask again in this case.")
        if facts["check_back_on"] > facts["today"]:
            return _("The next time to ask again has not come yet.")
    else:
        raise LookupError(name)
    return None
