"""The English papers of an ombudsman or a reporting channel: plain letters and one record, on A4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FACE = "Liberation Serif"


def document() -> Any:
    """An empty A4 page with the styles of a letter."""
    out = docx.Document()
    (page,) = out.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(25)
    for name, size in (("Normal", 11), ("Title", 18), ("Heading 2", 12)):
        style = out.styles[name]
        style.font.name, style.font.size = FACE, Pt(size)
        style.font.color.rgb = None
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn("w:" + script), FACE)
    out.styles["Normal"].paragraph_format.space_after = Pt(8)
    out.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr")).find(
        qn("w:lang")
    ).set(qn("w:val"), "en-GB")
    line = page.header.paragraphs[0]
    line.alignment = ALIGN.RIGHT
    line.add_run("{% if draft %}Draft: no number, not to be sent{% endif %}")
    return out


def letter(title: str, body: Sequence[tuple[str, str]]) -> Any:
    """A letter: office, number and day, addressee, title, headings with their text, signature."""
    out = document()
    out.add_paragraph("{{ head }}", "Title")
    out.add_paragraph("{{ serial }}\n{{ today }}").alignment = ALIGN.RIGHT
    out.add_paragraph("To: {{ to }}")
    out.add_paragraph("Case {{ reference }}: {{ title }}").runs[0].bold = True
    out.add_paragraph(title, "Heading 2")
    for heading, text in body:
        if heading:
            out.add_paragraph(heading, "Heading 2")
        out.add_paragraph(text)
    out.add_paragraph("")
    out.add_paragraph("{{ office }}").alignment = ALIGN.RIGHT
    return out


def record() -> Any:
    """What was received and what became of it so far."""
    out = document()
    out.add_paragraph("Record of the case", "Title")
    out.add_paragraph("{{ office }}\n{{ serial }}")
    rows = [
        ("Reference", "{{ reference }}"), ("Channel", "{{ channel }}"), ("Kind", "{{ kind }}"),
        ("Nature", "{{ nature }}"), ("Subject", "{{ behaviour or '—' }}"),
        ("Received", "{{ received_on }}"), ("Due", "{{ due_on or '—' }}"), ("State", "{{ state }}"),
        ("Title", "{{ title }}"), ("Concerned", "{{ concerned or '—' }}"),
        ("Complainant", "{{ reporter_stated }}"), ("What happened", "{{ what_happened }}"),
        ("Reports, files", "{{ report_count }}, {{ file_count }}"), ("Decision", "{{ decision }}"),
        ("Handled by", "{{ responsible or '—' }}"),
    ]  # fmt: skip
    table = out.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    for label, text in rows:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Mm(40), Mm(120)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].paragraphs[0].add_run(text)
    out.add_paragraph("")
    return out


def referral() -> Any:
    """To the authority that can deal with it."""
    return letter(
        "Referral",
        [
            ("", "On {{ received_on }} we received the enclosed {{ kind|lower }}. It is for you to deal with, so we "
             "pass it on, and ask you to confirm receipt and to tell us what becomes of it."),
            ("", "{{ transfer_reason }}"),
            ("", "Who reported it is confidential: it may not be disclosed to anybody beyond the authorised staff "
             "without that person's explicit consent."),
            ("", "Enclosed: reports ({{ report_count }}), files ({{ file_count }})."),
        ],
    )  # fmt: skip


def recommendation() -> Any:
    """To the institution that something was found of."""
    return letter(
        "Recommendation",
        [
            ("Finding", "{{ finding }}. {{ finding_facts }}"),
            ("Recommendation", "{{ recommendation or measures or 'It is set out in the annex.' }}"),
            ("Your answer", "Please tell us in writing whether you accept it and what you have done; "
             "if you do not accept it, please give your reasons."),
        ],
    )  # fmt: skip


def feedback() -> Any:
    """To the complainant or reporting person."""
    return letter(
        "Decision and feedback",
        [
            ("", "You wrote to us on {{ received_on }}. This is what was done, and why."),
            ("", "{{ answer }}"),
            ("Finding", "{{ finding or 'None was made.' }}"),
            (
                "",
                "With your code you can follow the case, write to us and say how content you are.",
            ),
        ],
    )


PAPERS: dict[str, Callable[[], Any]] = {
    "record": record,
    "referral": referral,
    "recommendation_letter": recommendation,
    "feedback": feedback,
}
