"""When a paper is offered, and when it may get a number. Pure: values in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass

from huhang.cases.flow import adverse
from huhang.rulebook import PaperRule


@dataclass(frozen=True)
class Facts:
    """What the conditions of the rulebook look at."""

    state: str
    accepted: bool
    urged: int
    finding: str
    governed: str
    cleared: int
    """How often a name was cleared."""


def holds(condition: str, facts: Facts) -> bool:
    """Whether a condition of the rulebook holds."""
    answers = {
        "always": True,
        "accepted": facts.accepted,
        "urged": facts.urged > 0,
        "adverse": adverse(facts.finding),
        "transferred": facts.state == "transferred",
        "fed_back": facts.state in ("fed_back", "governed", "closed"),
        "found_or_governed": bool(facts.finding or facts.governed),
        "cleared": facts.cleared > 0,
    }
    return answers[condition]


def offered(rule: PaperRule, facts: Facts) -> bool:
    """Whether the paper is offered; a case that went into another one has none of its own."""
    return facts.state != "merged" and holds(rule.when, facts)


def may_number(rule: PaperRule, facts: Facts, live: int) -> bool:
    """Whether one more number may be given: one a paper, one for each time a case was urged or a
    name cleared."""
    if not (rule.series and offered(rule, facts) and holds(rule.number_when, facts)):
        return False
    most = {"urged": facts.urged, "cleared": facts.cleared}.get(rule.when, 1)
    return live < most
