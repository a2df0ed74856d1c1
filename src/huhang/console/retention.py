"""Cases whose term of keeping has passed: a leader erases their words, nobody else and nothing else."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from huhang.cases import flow, retention
from huhang.cases.models import Case
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, language, page
from huhang.kernel.plain import MAX_TEXT
from huhang.look.fields import Form, LongText
from huhang.rulebook import RetentionRule, current

PER_PAGE = 50


class Reason(Form):
    """Why the words are erased."""

    note = LongText(label=gettext_lazy("Reason in words"), most=MAX_TEXT, rows=3)


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def due(request: HttpRequest) -> HttpResponse:
    """The list; of selected cases the question, and when it is answered what became of each."""
    actor = actor_of(request)
    if request.method == "POST":
        return _erase(request)
    shown = Paginator(retention.due(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": shown, "rows": [_row(case) for case in shown], "terms": terms()}
    return page(request, "console/retention.html", context, here="retention")


def _erase(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    refs = request.POST.getlist("ref")
    form = Reason(request.POST if "confirm" in request.POST else None)
    if form.is_bound and form.is_valid():
        done = retention.erase_each(actor, refs, form.cleaned_data["note"])
        outcome = [{"case": c, "failed": why is not None, "why": why or ""} for c, why in done]
        context: dict[str, Any] = {
            "label": flow.VERBS["erase"],
            "outcome": outcome,
            "done": sum(not one["failed"] for one in outcome),
        }
        return page(request, "console/batch_done.html", context, here="retention")
    chosen = retention.selected(actor, refs)
    context = {
        "rows": [_row(case) for case in chosen],
        "left_out": len(set(refs)) - len(chosen),
        "form": form,
    }
    status = 400 if form.is_bound else 200
    return page(request, "console/retention_ask.html", context, here="retention", status=status)


def _row(case: Case) -> dict[str, Any]:
    nature = current().natures[case.nature]
    return {
        "case": case,
        "state": flow.STATES[case.state],
        "nature": nature.words.in_(language()),
        "unit": in_language(case.unit) if case.unit else "",
        "kept": retention.kept(case),
    }


def terms() -> list[dict[str, Any]]:
    """The terms of the rulebook, in words."""
    return [{"nature": n.words.in_(language()), **term_words(n.retention)}
            for n in current().natures.values()]  # fmt: skip


def term_words(rule: RetentionRule) -> dict[str, Any]:
    """A term in words, with its source."""
    years = ngettext("%(count)d year", "%(count)d years", rule.years) % {"count": rule.years}
    return {"years": years, "source": rule.source.in_(language()), "confirmed": rule.confirmed}
