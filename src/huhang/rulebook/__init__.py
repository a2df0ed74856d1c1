"""The rulebook: vocabulary, natures with their clocks, reasons, figures, each rule with its source.

Data in ``books/*.yaml``, validated when loaded; a decision stores the rule's id and the book's
version. Pure: no database, no other part of Huhang.
"""

from huhang.rulebook.book import (
    DUTIES,
    FLOWS,
    POSTS,
    ApprovalRule,
    ClockRule,
    Duty,
    Extension,
    FigureRule,
    Limit,
    Nature,
    OutcomeForm,
    PaperRule,
    Rulebook,
    Series,
    Text,
)
from huhang.rulebook.faults import Fault, RulebookError
from huhang.rulebook.loading import current, load, shipped, use
from huhang.rulebook.returns import ReturnRule

__all__ = [
    "DUTIES",
    "FLOWS",
    "POSTS",
    "ApprovalRule",
    "ClockRule",
    "Duty",
    "Extension",
    "Fault",
    "FigureRule",
    "Limit",
    "Nature",
    "OutcomeForm",
    "PaperRule",
    "ReturnRule",
    "Rulebook",
    "RulebookError",
    "Series",
    "Text",
    "current",
    "load",
    "shipped",
    "use",
]
