"""Checking the figures of a text that somebody pastes or uploads. Nothing of it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.checker import Report, UnusableText, in_turn
from huhang.checker.report import (
    comparison_words,
    kind_words,
    main_figure,
    range_words,
    subject,
    unit_words,
)
from huhang.console.middleware import for_roles
from huhang.console.pages import CASE_ROLES, page
from huhang.look.fields import Form, Typed

SHOWN_CLAIMS = 2_000


class Text(Form):
    """A text to paste, or a file that holds one."""

    text = Typed(
        label=gettext_lazy("Text of the bulletin"), required=False, most=in_turn.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 12}), strip=False,
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Or a file"), required=False, allow_empty_file=True,
        help_text=gettext_lazy("A .txt, .docx or .pdf file with text. If both are given, the file is checked."),
        widget=forms.FileInput(attrs={"accept": ".txt,.docx,.pdf"}),
    )  # fmt: skip


def _checked(form: Text) -> Report | None:
    """The report on what was sent; None when it could not be read, which the form says."""
    sent, text = form.cleaned_data.get("file"), form.cleaned_data.get("text", "")
    try:
        if sent is None:
            return in_turn.check_in_turn(in_turn.sent_text(text))
        return in_turn.check_in_turn(in_turn.sent_file(sent.size, sent.read(), sent.name or ""))
    except UnusableText as error:
        form.add_error("text" if sent is None else "file", str(error))
        return None


def _rows(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "id": c.id, "line": c.line, "text": c.text, "subject": subject(c),
            "period": c.period.shown, "figure": figure.shown if figure else c.text,
            "unit": unit_words(c), "range": range_words(c), "comparison": comparison_words(c),
        }
        for c in report.claims[:SHOWN_CLAIMS]
        for figure in (main_figure(c),)
    ]  # fmt: skip


@for_roles(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def check_figures(request: HttpRequest) -> HttpResponse:
    """A page to paste a text into; what it claims and what contradicts itself."""
    form = Text(request.POST or None, request.FILES or None)
    report = _checked(form) if request.method == "POST" and form.is_valid() else None
    context: dict[str, Any] = {"form": form, "report": report}
    if report is not None:
        context.update(
            rows=_rows(report),
            more=max(0, len(report.claims) - SHOWN_CLAIMS),
            contradictions=[
                {"kind": kind_words(c.kind), "claims": c.claims, "arithmetic": c.arithmetic}
                for c in report.contradictions
            ],
        )
    status = 400 if request.method == "POST" and report is None else 200
    return page(request, "console/check_figures.html", context, here="bulletin", status=status)
