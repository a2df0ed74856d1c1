"""A tree of units as a file: its columns by their usual names, and what a row tells. Pure."""

from huhang.intake.units.names import VOCABULARY
from huhang.intake.units.rows import UnitRow, UnitsFile

__all__ = ["VOCABULARY", "UnitRow", "UnitsFile"]
