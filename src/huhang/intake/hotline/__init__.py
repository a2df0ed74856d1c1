"""A file of reports, as hotlines and other bodies hand them over: its columns by their usual names,
and what a row tells. Pure."""

from huhang.intake.hotline.names import CLUES, VOCABULARY
from huhang.intake.hotline.rows import HotlineFile, HotlineRow

__all__ = ["CLUES", "VOCABULARY", "HotlineFile", "HotlineRow"]
