"""Which verbs move a case: from, verb, to, who may, when, clock, who is told.

Single source of buttons, permissions, notices, clocks, tests and the diagram in docs/. Rows are
data; ``cases.actions`` holds what a verb changes. Source of the loop: the 查—改—治 model of the
"123" working method, and the work-order rules that the rulebook cites. A nature chooses its flow.
"""

from huhang.cases.flow.guards import adverse, allowed, guard
from huhang.cases.flow.states import (
    OPEN_STATES,
    PROGRESSING,
    PUBLIC_STATES,
    RELATIONS,
    STANDINGS,
    STATES,
)
from huhang.cases.flow.table import RUNNING_STATES, TABLE, Transition, rows_of, transition, used
from huhang.cases.flow.verbs import DISCLOSING, FIELDS, ONE_BY_ONE, VERBS, Field

__all__ = [
    "DISCLOSING",
    "FIELDS",
    "ONE_BY_ONE",
    "OPEN_STATES",
    "PROGRESSING",
    "PUBLIC_STATES",
    "RELATIONS",
    "RUNNING_STATES",
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
