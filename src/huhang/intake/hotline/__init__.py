"""Reading a hotline's file: sheets, columns by their usual names, dates, refusals. Pure.

``read`` gives rows and refusals as a stream; nothing here knows the database.
"""

from huhang.intake.hotline.faults import Refusal, Remark, UnusableFile
from huhang.intake.hotline.mapping import Mapping, parse_mapping, read_mapping
from huhang.intake.hotline.names import FIELDS
from huhang.intake.hotline.reading import read
from huhang.intake.hotline.rows import HotlineFile, HotlineRow

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
