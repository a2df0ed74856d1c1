"""The rulebook: vocabulary, natures with their clocks, reasons, figures, each rule with its source.

Data in ``books/*.yaml``, validated when loaded; a decision stores the rule's id and the book's
version. Pure: no database, no other part of Huhang.
"""

from huhang.rulebook.book import (
    DUTIES,
    FLOWS,
    Duty,
    FigureRule,
    Nature,
    PaperRule,
    Rulebook,
    Series,
)
from huhang.rulebook.clocks import ClockRule, Escalation, Extension, Limit, Review
from huhang.rulebook.faults import Fault, RulebookError
from huhang.rulebook.loading import current, load, shipped, use
from huhang.rulebook.returns import ReturnRule
from huhang.rulebook.words import Text

__all__ = [
    "DUTIES",
    "FLOWS",
    "ClockRule",
    "Duty",
    "Escalation",
    "Extension",
    "Fault",
    "FigureRule",
    "Limit",
    "Nature",
    "PaperRule",
    "ReturnRule",
    "Review",
    "Rulebook",
    "RulebookError",
    "Series",
    "Text",
    "current",
    "load",
    "shipped",
    "use",
]
