"""Reading a hotline's file: sheets, columns by their usual names, dates, refusals. Pure.

``read`` gives rows and refusals as a stream; nothing here knows the database.
"""

from huhang.intake.hotline.columns import FIELDS, Mapping, parse_mapping, read_mapping
from huhang.intake.hotline.rows import HotlineFile, HotlineRow, Refusal, Remark, read
from huhang.intake.hotline.tables import UnusableFile

__all__ = [
    "FIELDS",
    "HotlineFile",
    "HotlineRow",
    "Mapping",
    "Refusal",
    "Remark",
    "UnusableFile",
    "parse_mapping",
    "read",
    "read_mapping",
]
