"""A bulletin as Word and as Excel: the same figures, each with its definition."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import docx
import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TYPES = {
    "word": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "excel": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


def file_name(what: str, since: date, until: date, *more: str) -> str:
    """What a file is called when it is saved, without its ending: what it is, of which period, ``more``."""
    days = {"since": since.isoformat(), "until": until.isoformat()}
    period = pgettext("file name", "%(since)s-%(until)s") % days
    return "-".join([what, period, *filter(None, more)])


def bulletin_name(since: date, until: date, more: str) -> str:
    """What a bulletin is called when it is saved. ``more``: its unit, or its reference."""
    return file_name(pgettext("file name", "bulletin"), since, until, more)


@dataclass(frozen=True)
class Row:
    """A line of a section: what is counted, and the value as it is shown. ``id``: the figure's.

    ``unit``: of the value, in one language; nothing where no number is shown.
    """

    name: str
    value: int | float | None
    shown: str
    unit: str
    url: str = ""
    id: str = ""


@dataclass(frozen=True)
class Section:
    """A figure with its breakdown. ``definition``, ``population``, ``unit`` in one language."""

    id: str
    name: str
    unit: str
    definition: str
    population: str
    rows: tuple[Row, ...]
    split: bool


@dataclass(frozen=True)
class Document:
    """A bulletin ready to be written in one language."""

    title: str
    period: str
    scope: str
    stamp: str
    sections: tuple[Section, ...]
    note: str = ""
    text: str = ""

    @property
    def head(self) -> list[str]:
        """The lines below the title; ``note`` says what "not shown" means, where it stands."""
        return [line for line in (self.period, self.scope, self.stamp, self.note) if line]


def begin(title: str, head: Iterable[str]) -> Any:
    """A Word document on A4 with its title and the lines below it."""
    out = docx.Document()
    style: Any = out.styles["Normal"]
    style.font.name = "Noto Sans CJK SC"
    style.font.size = Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    out.core_properties.author = ""
    out.core_properties.title = title
    out.add_heading(title, 0)
    for page in out.sections:
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(20)
        page.top_margin = page.bottom_margin = Mm(22)
    for line in head:
        out.add_paragraph(line)
    return out


def word(document: Document) -> bytes:
    """A .docx file."""
    out = begin(document.title, document.head)
    for line in document.text.splitlines():
        if line.strip():
            paragraph = out.add_paragraph(line.strip())
            paragraph.paragraph_format.first_line_indent = Pt(21)  # two characters
    if document.text and document.sections:
        out.add_heading(_("Figures in this text"), 1)
    whole = [s for s in document.sections if not s.split]
    table = table_in(out, (_("Figure"), _("Value"), _("Unit"), _("Definition")))
    for section in whole:
        for row in section.rows:
            line_in(table, (row.name, row.shown, row.unit, section.definition))
    for section in document.sections:
        if not section.split or not section.rows:
            continue
        out.add_heading(section.name, 1)
        out.add_paragraph(section.definition)
        table = table_in(out, (section.name, _("Value"), _("Unit")))
        for row in section.rows:
            line_in(table, (row.name, row.shown, row.unit))
    made = io.BytesIO()
    out.save(made)
    return made.getvalue()


def table_in(out: Any, heads: Iterable[str]) -> Any:
    """A table with these headings at the end of a Word document."""
    heads = tuple(heads)
    table = out.add_table(rows=1, cols=len(heads))
    table.style = "Light Grid Accent 1"
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    return table


def line_in(table: Any, cells: Iterable[str]) -> None:
    """A row at the end of a table."""
    for cell, text in zip(table.add_row().cells, cells, strict=True):
        cell.text = text


def excel(document: Document) -> bytes:
    """An .xlsx file: one sheet, one line for each figure."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        bold = book.add_format({"bold": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_("Bulletin"))
        lines = (document.title, *document.head, *filter(None, document.text.splitlines()))
        for at, line in enumerate(lines):
            sheet.write_string(at, 0, line, bold if at == 0 else None)
        top = max(6, len(lines) + 1)
        heads = (_("Identifier"), _("Figure"), _("Of which"), _("Value"), _("Unit"),
                 _("Definition"), _("Population"))  # fmt: skip
        for column, head in enumerate(heads):
            sheet.write_string(top, column, head, bold)
        sheet.freeze_panes(top + 1, 0)
        at = top + 1
        for section in document.sections:
            for row in section.rows:
                sheet.write_string(at, 0, section.id)
                sheet.write_string(at, 1, section.name)
                sheet.write_string(at, 2, row.name if section.split else "")
                if row.value is None:
                    sheet.write_string(at, 3, row.shown)
                else:
                    sheet.write_number(at, 3, row.value)
                sheet.write_string(at, 4, row.unit)
                sheet.write_string(at, 5, section.definition, wrap)
                sheet.write_string(at, 6, section.population, wrap)
                at += 1
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 2, 20)
        sheet.set_column(3, 4, 9)
        sheet.set_column(5, 6, 46)
        sheet.fit_to_pages(1, 0)
        sheet.set_paper(9)
    return made.getvalue()
