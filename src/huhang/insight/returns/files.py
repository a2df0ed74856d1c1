"""A return as Excel and as Word: A4 across, ready to print."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import docx
import xlsxwriter
from django.utils.translation import gettext as _
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from huhang.insight.documents import TYPES
from huhang.insight.returns.view import Document, Table, colon, period_words
from huhang.parties.words import bracketed, language

A4 = 9
Line = tuple[str, ...]


def made(document: Document, form: str) -> tuple[bytes, str, str]:
    """The file, its media type and its name. ``form``: word or excel."""
    media_type, suffix = TYPES[form]
    content = word(document) if form == "word" else excel(document)
    return content, media_type, f"{file_name(document)}.{suffix}"


def file_name(document: Document) -> str:
    """What a return is called when it is saved, without its ending."""
    period = document.line.period
    return f"{period.rule.words.in_(language())}-{period_words(period)}"


def _corrections(document: Document) -> list[Line]:
    """A line for each cell that this return corrects in an earlier one."""
    return [
        (c.of, _("No. %(number)d") % {"number": c.number}, x.row, x.column, str(x.was), str(x.now),
         x.difference)
        for c in document.corrections
        for x in c.changes
    ]  # fmt: skip


def _correction_heads() -> Line:
    return (
        _("Period"),
        _("Correction"),
        _("Row"),
        _("Column"),
        _("Was"),
        _("Now"),
        _("Difference"),
    )


def _below(document: Document) -> list[str]:
    lines = [_("Nothing to report: a zero report.")] if document.zero else []
    lines += [document.signed or _("Signed by: ________________"), document.sent]
    return [line for line in lines if line]


def excel(document: Document) -> bytes:
    """An .xlsx file: the table, corrections, the year to date, definitions, each a sheet."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        forms = {
            "big": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bg_color": "#E6EEF0", "border": 1,
                                     "text_wrap": True, "valign": "vcenter", "align": "center"}),
            "cell": book.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
            "number": book.add_format({"border": 1, "valign": "top"}),
            "whole": book.add_format({"border": 1, "bold": True}),
        }  # fmt: skip
        _table_sheet(book, forms, _("Return"), document, document.table, _below(document))
        lines = _corrections(document)
        _lines_sheet(
            book, forms, _("Corrections"), _("Corrections to earlier periods"),
            _correction_heads(), lines, [12, 12, 28, 24, 9, 9, 9],
        )  # fmt: skip
        if document.year is not None:
            sums = [f"{s.column}{colon()}{s.arithmetic}" for s in document.sums]
            _table_sheet(book, forms, _("Year to date"), document, document.year, sums)
        heads = document.table.heads
        _lines_sheet(
            book, forms, _("Definitions"), _("Definitions"),
            (_("Identifier"), _("Figure"), _("Unit"), _("Definition"), _("Population")),
            [(h.id, h.name, h.unit, h.definition, h.population) for h in heads],
            [22, 20, 9, 60, 40],
        )  # fmt: skip
    return out.getvalue()


def _table_sheet(
    book: Any, forms: Any, name: str, document: Document, table: Table, below: Iterable[str]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, document.title if name == _("Return") else f"{document.title} {name}",
                       forms["big"])  # fmt: skip
    for at, line in enumerate(document.head, 1):
        sheet.write_string(at, 0, line)
    top = len(document.head) + 1
    sheet.write_string(top, 0, _("Row"), forms["head"])
    for at, head in enumerate(table.heads, 1):
        sheet.write_string(top, at, f"{head.name}\n{head.unit}", forms["head"])
    at = top
    for at, row in enumerate((*table.rows, table.whole), top + 1):
        last = row is table.whole
        sheet.write_string(at, 0, row.name, forms["whole" if last else "cell"])
        for column, cell in enumerate(row.cells, 1):
            form = forms["whole" if last else "number"]
            if cell.value is None:
                sheet.write_string(at, column, cell.shown, form)
            else:
                sheet.write_number(at, column, cell.value, form)
    last_row = at
    for last_row, line in enumerate(below, at + 2):
        sheet.write_string(last_row, 0, line)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(table.heads), 16)
    sheet.freeze_panes(top + 1, 1)
    sheet.repeat_rows(top)
    _page(sheet, last_row, max(len(table.heads), 5))


def _lines_sheet(
    book: Any, forms: Any, name: str, title: str, heads: Line, lines: list[Line], widths: list[int]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title, forms["big"])
    for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.write_string(1, at, head, forms["head"])
        sheet.set_column(at, at, width)
    if not lines:
        sheet.write_string(2, 0, _("None."))
    for at, line in enumerate(lines, 2):
        for column, text in enumerate(line):
            sheet.write_string(at, column, text, forms["cell"])
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(1)
    _page(sheet, max(2, 1 + len(lines)), len(heads) - 1)


def _page(sheet: Any, last_row: int, last_column: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last_row, last_column)
    sheet.set_footer("&C&P / &N")


def word(document: Document) -> bytes:
    """A .docx file."""
    out = docx.Document()
    style: Any = out.styles["Normal"]
    style.font.name = "Noto Sans CJK SC"
    style.font.size = Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    out.core_properties.author = ""
    out.core_properties.title = document.title
    for page in out.sections:
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = Mm(297), Mm(210)
        page.left_margin = page.right_margin = Mm(20)
        page.top_margin = page.bottom_margin = Mm(18)
    out.add_heading(document.title, 0)
    for line in document.head:
        out.add_paragraph(line)
    _word_table(out, document.table)
    for line in _below(document):
        out.add_paragraph(line)
    out.add_heading(_("Corrections to earlier periods"), 1)
    lines = _corrections(document)
    if lines:
        _word_lines(out, _correction_heads(), lines)
    else:
        out.add_paragraph(_("None."))
    if document.year is not None:
        out.add_heading(_("Year to date"), 1)
        _word_table(out, document.year)
        for each in document.sums:
            out.add_paragraph(f"{each.column}{colon()}{each.arithmetic}")
    out.add_heading(_("Definitions"), 1)
    for head in document.table.heads:
        out.add_paragraph(f"{head.name}{colon()}{head.definition}")
    content = io.BytesIO()
    out.save(content)
    return content.getvalue()


def _word_table(out: Any, table: Table) -> None:
    heads = (_("Row"), *(bracketed(h.name, h.unit) for h in table.heads))
    lines = [(r.name, *(c.shown for c in r.cells)) for r in (*table.rows, table.whole)]
    _word_lines(out, heads, lines)


def _word_lines(out: Any, heads: Line, lines: list[Line]) -> None:
    table = out.add_table(rows=1, cols=len(heads))
    table.style = "Light Grid Accent 1"
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        cell.text = text
    repeat = table.rows[0]._tr.get_or_add_trPr()
    repeat.append(OxmlElement("w:tblHeader"))
    for line in lines:
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
