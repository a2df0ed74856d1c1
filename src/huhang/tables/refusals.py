"""Refused rows of an import as a workbook: to be corrected there and sent again."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import XlsxWriterException

from huhang.tables.cells import text_of
from huhang.tables.columns import BEYOND, REPORT_COLUMNS
from huhang.tables.faults import Refusal, UnusableFile
from huhang.tables.file import TableFile

MAX_CELL = 32_767
MAX_COLUMNS = 16_384
MAX_ROWS = 1_000_000


OTHERS = frozenset(
    {".csv", ".tsv", ".txt", ".json", ".xls", ".ods", ".xlsm", ".docx", ".pdf", ".zip"}
)
"""Endings under which nobody would look for an Excel file, or could open it."""


def check_target(target: Path, source: Path) -> None:
    """Raise ``UnusableFile`` or ``OSError`` when refused rows cannot be saved there, before anything is
    imported."""
    if target.is_dir():
        raise UnusableFile(_("%(file)s is a folder, not a file.") % {"file": target})
    if target.exists() and source.exists() and target.samefile(source):
        raise UnusableFile(
            _("%(file)s is the file to import: refused rows need another one.") % {"file": target}
        )
    if target.exists():
        with target.open("r+b"):
            pass
    else:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    if target.suffix.casefold() in OTHERS:
        raise UnusableFile(
            _("%(file)s: refused rows are saved as Excel; let the name end in .xlsx.")
            % {"file": target}
        )


def write_refusals(target: Path, file: TableFile[Any], refusals: list[Refusal]) -> None:
    """The refused rows as Excel: the original columns, then why; to be corrected and sent again."""
    by_sheet: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        by_sheet.setdefault(refusal.sheet, []).append(refusal)
    with _workbook(target) as book:
        used: set[str] = set()
        for name, headings, moves in file.headings():
            rows = by_sheet.get(name, [])
            for start in range(0, len(rows), MAX_ROWS):
                made = book.add_worksheet(_sheet_name(name, used))
                _fill(book, made, headings, BEYOND if moves else "", rows[start : start + MAX_ROWS])


@contextmanager
def _workbook(target: Path) -> Iterator[Any]:
    options = {
        "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False,
    }  # fmt: skip
    try:
        with xlsxwriter.Workbook(str(target), options) as book:
            yield book
    except XlsxWriterException as error:
        raise OSError(0, str(error)) from None


def _fill(book: Any, sheet: Any, headings: list[str], beyond: str, refusals: list[Refusal]) -> None:
    bold = book.add_format({"bold": True})
    bad = book.add_format({"bg_color": "#FFF2CC", "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    most = MAX_COLUMNS - len(REPORT_COLUMNS)
    # Rows can be longer than their header: what they hold comes before the reasons.
    width = min(most, max(len(headings), *(len(r.cells) for r in refusals)))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, width - 1, 18)
    sheet.set_column(width, width, 40)
    behind = [beyond] * (width - len(headings))
    for column, heading in enumerate([*headings[:width], *behind]):
        sheet.write_string(0, column, heading[:MAX_CELL], bold)
    for column, heading in enumerate(REPORT_COLUMNS, width):
        sheet.write_string(0, column, heading, bold)
    for at, refusal in enumerate(refusals, 1):
        whole = len(refusal.cells) <= width
        for column, cell in enumerate(refusal.cells[:width]):
            whole &= _write_cell(sheet, at, column, cell, day)
        reason = refusal.reason if whole else refusal.reason + " " + _cut()
        told = (reason, refusal.field, refusal.sheet, str(refusal.row))
        for column, text in enumerate(told, width):
            sheet.write_string(at, column, text[:MAX_CELL], bad)


def _cut() -> str:
    return _("Excel has no room for all of this row: correct it in the original file.")


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day: Any) -> bool:
    """Write a cell as it came; False when Excel has no room for all of it."""
    if isinstance(cell, datetime | date) and cell.year >= 1900:
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, bool | int | float) and math.isfinite(cell):
        sheet.write(row, column, cell)
    elif text := (cell if isinstance(cell, str) else text_of(cell)):
        sheet.write_string(row, column, text[:MAX_CELL])
        return len(text) <= MAX_CELL
    return True


def _sheet_name(name: str, used: set[str]) -> str:
    plain = "".join("_" if c in "[]:*?/\\'" else c for c in name)[:28] or "Sheet"
    made, n = plain, 2
    while made.casefold() in used:
        made, n = f"{plain[:25]} {n}", n + 1
    used.add(made.casefold())
    return made
