"""Which verbs move a case: from, verb, to, who may, when, clock, who is told.

Single source of buttons, permissions, notices, clocks, tests and the diagram in docs/. Rows are
data; ``cases.actions`` holds what a verb changes. Source of the loop: the 查—改—治 model of the
"123" working method, and the work-order rules that the rulebook cites. A nature chooses its flow.
"""

from huhang.cases.flow import fairness, verbs
from huhang.cases.flow.fairness import GUARDED
from huhang.cases.flow.guards import adverse, allowed, guard
from huhang.cases.flow.states import (
    OPEN_STATES,
    PROGRESSING,
    PUBLIC_STATES,
    RELATIONS,
    RESTING,
    SEALED,
    SHOWN,
    STANDINGS,
    STATES,
)
from huhang.cases.flow.table import RUNNING_STATES, TABLE, Transition, rows_of, transition, used
from huhang.cases.flow.verbs import DISCLOSING, MINOR_HINT, REPEATED, Field

VERBS = {**verbs.VERBS, **fairness.VERBS}
FIELDS = {**verbs.FIELDS, **fairness.FIELDS}
ONE_BY_ONE = (*verbs.ONE_BY_ONE, *fairness.VERBS)
"""Verbs that are done on one case at a time, never on a selection."""

__all__ = [
    "DISCLOSING",
    "FIELDS",
    "GUARDED",
    "MINOR_HINT",
    "ONE_BY_ONE",
    "OPEN_STATES",
    "PROGRESSING",
    "PUBLIC_STATES",
    "RELATIONS",
    "REPEATED",
    "RESTING",
    "RUNNING_STATES",
    "SEALED",
    "SHOWN",
    "STANDINGS",
    "STATES",
    "TABLE",
    "VERBS",
    "Field",
    "Transition",
    "adverse",
    "allowed",
    "guard",
    "rows_of",
    "transition",
    "used",
]
