"""A register of businesses: its columns by their usual names, and what a row tells. Pure."""

from huhang.intake.register.names import VOCABULARY
from huhang.intake.register.rows import BusinessRow, RegisterFile

__all__ = ["VOCABULARY", "BusinessRow", "RegisterFile"]
