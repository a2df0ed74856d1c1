"""The two lists and the negative ledger as a form: its columns, what stands in them, the mark by which a
row is known when it comes back, and what a filled row says."""

from huhang.intake.lists.names import VOCABULARY
from huhang.intake.lists.rows import ListFile, ListRow

__all__ = ["VOCABULARY", "ListFile", "ListRow"]
