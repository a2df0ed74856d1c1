"""A sheet of Excel that offices print and send on: title, frozen header, filters, print area.

Text is written as text: nothing in it is a formula or a link, nor becomes one when it is edited.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

A4 = 9
LINE_POINTS, MOST_POINTS = 15, 409
_GREY, _HEAD = "#F1F3F4", "#E6EEF0"


@dataclass(frozen=True)
class Column:
    """``width`` in characters. ``filled``: an office writes in it; ``hidden``: no person reads it."""

    label: str
    width: int
    filled: bool = False
    hidden: bool = False
    day: bool = False


def workbook(
    name: str,
    lines: Sequence[str],
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    *,
    frozen: int = 2,
    least_lines: int = 1,
    filled_in: Callable[[int], bool] = lambda row: False,
    finish: Callable[[Any, int, int], None] = lambda sheet, first, last: None,
) -> bytes:
    """An .xlsx file. ``lines`` above the table, the first large; ``rows``: text, days or nothing.

    Rows are as high as their text, and at least ``least_lines``: programs that do not measure text
    would cut it. ``filled_in(row)``: whether the columns to fill in are open in this row. ``finish(sheet, first,
    last)`` adds to the sheet; the rows of the table from and to, counted from 0.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    grey = any(c.filled for c in columns)
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet(name)
        big = book.add_format({"bold": True, "font_size": 16})
        head = book.add_format({"bold": True, "bg_color": _HEAD, "border": 1, "text_wrap": True,
                                "valign": "vcenter", "align": "center"})  # fmt: skip
        look = {"text_wrap": True, "valign": "top", "border": 1}
        open_text = book.add_format({**look, "num_format": "@", "quote_prefix": True})
        open_day = book.add_format({**look, "num_format": "yyyy-mm-dd"})
        shut = {**look, "bg_color": _GREY} if grey else look
        text = book.add_format({**shut, "num_format": "@", "quote_prefix": True})
        day = book.add_format({**shut, "num_format": "yyyy-mm-dd"})
        for at, said in enumerate(lines):
            sheet.write_string(at, 0, said, big if at == 0 else None)
        top = len(lines)
        for at, column in enumerate(columns):
            sheet.write_string(top, at, column.label, head)
            sheet.set_column(at, at, column.width, None, {"hidden": column.hidden})
        for line, cells in enumerate(rows, top + 1):
            is_open = filled_in(line - top - 1)
            sheet.set_row(line, _height(columns, cells, least_lines))
            for at, (column, cell) in enumerate(zip(columns, cells, strict=True)):
                opened = column.filled and is_open
                if isinstance(cell, date):
                    sheet.write_datetime(line, at, cell, open_day if opened else day)
                elif cell:
                    sheet.write_string(line, at, cell, open_text if opened else text)
                else:
                    empty = (open_day if column.day else open_text) if opened else text
                    sheet.write_blank(line, at, None, empty)
        sheet.set_row(top, _height(columns, [c.label for c in columns], 2))
        last = max(top + 1, top + len(rows))
        shown = max(at for at, c in enumerate(columns) if not c.hidden)
        sheet.freeze_panes(top + 1, frozen)
        sheet.autofilter(top, 0, last, shown)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, last, shown)
        sheet.set_footer("&C&P / &N")
        finish(sheet, top + 1, last)
    return made.getvalue()


def _height(columns: Sequence[Column], cells: Sequence[Any], least: int) -> float:
    """Points of a row in which every cell shows its whole text, as far as Excel allows."""
    lines = least
    for column, cell in zip(columns, cells, strict=True):
        if isinstance(cell, str) and not column.hidden:
            lines = max(lines, sum(_lines(part, column.width) for part in cell.split("\n")))
    return min(MOST_POINTS, lines * LINE_POINTS + 2)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes; a wide character has the width of two, and words break early."""
    wide = sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
    return max(1, ceil(wide * 1.15 / width))
