"""Drawing a paper: for whom, with which number, as Word or as PDF."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.cases import reads
from huhang.cases.queries import access_case
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.papers import pdf, templates
from huhang.papers.context import values
from huhang.papers.models import Number
from huhang.papers.queries import numbers_of, paper_rule
from huhang.rulebook import PaperRule, current

FORMS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Drawn:
    """A paper as a file. ``name``: without its suffix."""

    rule: PaperRule
    number: Number | None
    name: str
    content: bytes


def draw(actor: Actor, ref: str, paper: str, form: str, number: str = "") -> Drawn:
    """The paper of the case with this reference. ``number``: the reference of one of its numbers,
    ``latest`` for the last one if it has any, else a draft.

    Raises ``Missing`` (no such case, paper or number, or hidden), ``BrokenTemplate``, ``NoPdf``.
    """
    case = access_case(actor, ref)
    rule = paper_rule(case, paper)
    given = None
    if number:
        live = numbers_of(case, rule)
        found = live[-1:] if number == "latest" else [n for n in live if n.ref == number]
        if not found and number != "latest":
            raise Missing(_("There is no such number."))
        given = found[0] if found else None
    if form == "pdf" and not pdf.available():
        raise pdf.NoPdf(pdf.needs())
    reads.note(actor, case)
    content = templates.fill(rule.id, values(actor, case, rule, given))
    if form == "pdf":
        content = pdf.from_word(content)
    language = current().paper_language
    draft = case.ref + ("-草稿" if language.startswith("zh") else "-draft")
    name = f"{rule.words.in_(language)}-{(given.serial if given else draft).replace('/', '-')}"
    return Drawn(rule, given, name, content)
