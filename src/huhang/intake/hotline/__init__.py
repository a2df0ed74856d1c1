"""A hotline's file: its columns by their usual names, and what a row tells. Pure."""

from huhang.intake.hotline.names import VOCABULARY
from huhang.intake.hotline.rows import HotlineFile, HotlineRow

__all__ = ["VOCABULARY", "HotlineFile", "HotlineRow"]
