"""Refused rows of an import as a workbook: to be corrected there and sent again."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from huhang.intake.hotline import HotlineFile, Refusal
from huhang.intake.hotline.columns import REPORT_COLUMNS


def write_refusals(target: Path, file: HotlineFile, refusals: list[Refusal]) -> None:
    """The refused rows as Excel: the original columns, then why; to be corrected and sent again."""
    by_sheet: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        by_sheet.setdefault(refusal.sheet, []).append(refusal)
    with xlsxwriter.Workbook(str(target), {"strings_to_numbers": False, "strings_to_formulas": False,
                                           "strings_to_urls": False}) as book:  # fmt: skip
        bold = book.add_format({"bold": True})
        bad = book.add_format({"bg_color": "#FFF2CC", "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        used: set[str] = set()
        for name, headings in file.headings():
            if name not in by_sheet:
                continue
            sheet = book.add_worksheet(_sheet_name(name, used))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(headings) - 1, 18)
            sheet.set_column(len(headings), len(headings), 40)
            for column, heading in enumerate([*headings, *REPORT_COLUMNS]):
                sheet.write_string(0, column, heading, bold)
            for at, refusal in enumerate(by_sheet[name], 1):
                for column, cell in enumerate(refusal.cells[: len(headings)]):
                    _write_cell(sheet, at, column, cell, day)
                told = (refusal.reason, refusal.field, refusal.sheet, str(refusal.row))
                for column, text in enumerate(told, len(headings)):
                    sheet.write_string(at, column, text, bad)


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    if isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, bool | int | float):
        sheet.write(row, column, cell)
    elif cell:
        sheet.write_string(row, column, str(cell)[:32_767])


def _sheet_name(name: str, used: set[str]) -> str:
    plain = "".join("_" if c in "[]:*?/\\'" else c for c in name)[:28] or "Sheet"
    made, n = plain, 2
    while made.casefold() in used:
        made, n = f"{plain[:25]} {n}", n + 1
    used.add(made.casefold())
    return made
