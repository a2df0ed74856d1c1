"""The dashboard as Word (which becomes PDF) and as Excel: each chart with its table."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from huhang.insight import documents, queries
from huhang.insight.charts import pictures
from huhang.insight.charts.count import Counted
from huhang.insight.charts.panels import panels
from huhang.insight.charts.shapes import Line, Panel
from huhang.insight.charts.view import View
from huhang.rulebook import current

PICTURE, TALLEST = Mm(166), Mm(190)
WIDE_TABLE = 8
"""Columns from which a table on paper takes small letters."""


@dataclass(frozen=True)
class Report:
    """The dashboard ready to be written. ``public``: small cells and what would give them away are gone."""

    title: str
    head: tuple[str, ...]
    panels: tuple[Panel, ...]
    public: bool


def report(counted: Counted, view: View, *, public: bool, whole: bool = False) -> Report:
    """The dashboard as a document. ``whole``: of units all (never where it is for publication)."""
    least = current().small_cell
    scope = view.scope
    kept = (
        _("For publication: numbers under %(least)d, and those that would give them away, are not shown.")
        if public
        else _("Internal: small cells are not suppressed.")
    ) % {"least": least}  # fmt: skip
    head = (queries.period_words(scope.since, scope.until), *view.chosen,
            queries.stamp_words(counted.tick), kept)  # fmt: skip
    found = panels(counted, view, least=least if public else 0, whole=whole and not public)
    return Report(_("Dashboard"), head, found, public)


def file_name(view: View, *, public: bool) -> str:
    """What the dashboard is called when it is saved, without its ending."""
    scope = view.scope
    reader = pgettext("file name", "public") if public else pgettext("file name", "internal")
    what = pgettext("file name", "dashboard")
    return documents.file_name(what, scope.since, scope.until, *view.named, reader)


def _words(line: Line, panel: Panel) -> list[str]:
    band = [line.band or "–"] if panel.banded else []
    return [*band, line.label, *(c.shown for c in line.cells)]


def _heads(panel: Panel) -> list[str]:
    band = [_("Band")] if panel.banded else []
    return [*band, panel.head, *(words for _key, words in panel.columns)]


def _lines(panel: Panel) -> list[Line]:
    return [*panel.lines, *([panel.total] if panel.total else [])]


def word(made: Report) -> bytes:
    """A .docx file: of each chart its drawing, with what it says as its alternative text, and its table."""
    out = documents.begin(made.title, made.head)
    for page in out.sections:
        page.footer.paragraphs[0].text = made.head[-1]
    for panel in made.panels:
        heading = out.add_heading(panel.name, 1)
        heading.paragraph_format.keep_with_next = True
        out.add_paragraph(panel.definition).paragraph_format.keep_with_next = True
        said = out.add_paragraph(panel.message)
        if panel.empty:
            continue
        said.paragraph_format.keep_with_next = True
        said.runs[0].bold = True
        if panel.drawn:
            _picture(out, panel)
        table = documents.table_in(out, _heads(panel))
        for line in _lines(panel):
            documents.line_in(table, _words(line, panel))
        _dress(table, small=len(table.columns) >= WIDE_TABLE)
    content = io.BytesIO()
    out.save(content)
    return content.getvalue()


def _picture(out: Any, panel: Panel) -> None:
    shape = out.add_picture(io.BytesIO(pictures.png(panel)))
    part = min(1.0, PICTURE / shape.width, TALLEST / shape.height)
    shape.width, shape.height = int(shape.width * part), int(shape.height * part)
    shape._inline.docPr.set("descr", panel.message)


def _dress(table: Any, *, small: bool) -> None:
    """Head repeated on each page, rows not broken; a wide table in small letters."""
    head = table.rows[0]._tr.get_or_add_trPr()
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    head.append(repeat)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)
                for run in paragraph.runs:
                    run.font.size = Pt(7 if small else 9)


def excel(made: Report) -> bytes:
    """An .xlsx file: a sheet for each chart, its numbers as numbers."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        bold = book.add_format({"bold": True})
        number = book.add_format({"num_format": "#,##0"})
        part = book.add_format({"num_format": "0.0"})
        for panel in made.panels:
            sheet = book.add_worksheet(panel.name[:31])
            lines = (made.title, *made.head, panel.name, panel.definition, panel.message)
            for at, text in enumerate(lines):
                sheet.write_string(at, 0, text, bold if text in (made.title, panel.name) else None)
            top = len(lines) + 1
            for column, words in enumerate(_heads(panel)):
                sheet.write_string(top, column, words, bold)
            for row, line in enumerate(_lines(panel), top + 1):
                lead = _words(line, panel)[: -len(line.cells)]
                for column, words in enumerate(lead):
                    sheet.write_string(row, column, words)
                for column, cell in enumerate(line.cells, len(lead)):
                    if cell.value is None:
                        sheet.write_string(row, column, cell.shown)
                    else:
                        form = number if isinstance(cell.value, int) else part
                        sheet.write_number(row, column, cell.value, form)
            sheet.freeze_panes(top + 1, 1)
            sheet.set_column(0, 0, 30)
            sheet.set_column(1, len(panel.columns) + 1, 12)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.set_footer(made.head[-1])
    return content.getvalue()
