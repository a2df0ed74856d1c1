"""Cells as text: the same content gives the same text whether it comes from Excel or from CSV."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from huhang.kernel.plain import plain_text

ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$")
UNSAVED = "#UNSAVED!"
"""Stands in a cell whose formula has no saved value."""
NOTHING = frozenset({"-", "--", "—", "——", "–", "/", "\\", "无", "無", "暂无", "没有", "空", "n/a", "null", "none"})  # fmt: skip
_scientific = re.compile(r"[+-]?\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_as_text = re.compile(r'="([^"]*)"|\'(\d[\w.-]*)')
MOST_EXACT = 1e15
"""Excel keeps fifteen digits of a number; what is larger has lost some."""


def text_of(cell: Any) -> str:
    """A cell as trimmed text; numbers without a needless fraction, as Excel writes them into CSV."""
    if isinstance(cell, str):
        if not cell:
            return ""
        text = plain_text(cell)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text[:1] in ("=", "'") and (match := _as_text.fullmatch(text)):
            return match[1] or match[2] or ""
        return text
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return "#NUM!"
        whole = cell == int(cell) and abs(cell) < MOST_EXACT
        return str(int(cell)) if whole else format(cell, ".15g").upper()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def texts_of(cells: list[Any]) -> list[str]:
    """Cells as ``text_of`` reads them; those of most lines of CSV in one go."""
    try:
        line = "".join(cells)
    except TypeError:  # not all of them are text
        return [text_of(cell) for cell in cells]
    if line.isprintable() and "=" not in line and "'" not in line:
        return [cell.strip() for cell in cells]
    return [text_of(cell) for cell in cells]


def number_of(cell: Any) -> str:
    """A report's number as it is compared; "" where the cell only says that there is none."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    return "" if text.casefold() in NOTHING else text


def lost_digits(cell: Any) -> bool:
    """Whether a number went through Excel's fifteen digits."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return math.isfinite(cell) and abs(cell) >= MOST_EXACT
    return isinstance(cell, str) and bool(_scientific.fullmatch(cell.strip()))


def column_words(index: int) -> str:
    """A column without a heading, as a spreadsheet calls it."""
    return _("column %(letter)s") % {"letter": letter(index)}


def letter(index: int) -> str:
    """A column's letter: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
