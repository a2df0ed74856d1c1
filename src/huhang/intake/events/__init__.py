"""Dispositions of another system (who handled what, in time or not): columns and rows. Pure."""

from huhang.intake.events.names import VOCABULARY
from huhang.intake.events.rows import EventRow, EventsFile

__all__ = ["VOCABULARY", "EventRow", "EventsFile"]
