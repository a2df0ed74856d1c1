"""The dashboard: charts with their tables, the cases behind each number, and files of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huhang.cases.models import Case
from huhang.console.filters import PER_PAGE
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.console.queue import rows_of
from huhang.insight import documents, queries
from huhang.insight.charts import count, document, panels, pictures
from huhang.insight.charts.definitions import BY_ID
from huhang.insight.charts.view import FIELDS, View, periods, read_view
from huhang.kernel import clock
from huhang.kernel.errors import Missing, Refused
from huhang.look.files import download
from huhang.papers import pdf
from huhang.papers.errors import NoPdf
from huhang.parties.models import Unit
from huhang.rulebook import current


def _choices(given: dict[str, str]) -> list[dict[str, Any]]:
    """What the filters offer."""
    book, lang = current(), language()
    units = [(u.code, in_language(u)) for u in Unit.objects.order_by("code")]
    behaviours = [(k, b.words.in_(lang)) for k, b in book.behaviours.items()]
    named = {
        "unit": (_("Unit"), _("the whole area"), units),
        "kind": (_("Kind"), _("all"), [(k, w.in_(lang)) for k, w in book.kinds.items()]),
        "channel": (_("Channel"), _("all"), [(k, w.in_(lang)) for k, w in book.channels.items()]),
        "behaviour": (_("Behaviour"), _("all"), behaviours),
    }
    return [{"name": n, "label": label, "none": none, "options": options, "chosen": given[n]}
            for n, (label, none, options) in named.items()]  # fmt: skip


@for_roles(*CASE_ROLES)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The charts over what this person may see; as page, Word, PDF, Excel or JSON."""
    given = {f: request.GET.get(f, "") for f in FIELDS}
    context: dict[str, Any] = {"given": given, "choices": _choices(given)}
    try:
        view = read_view(given)
    except Refused as error:
        context["error"] = error
        return page(request, "console/dashboard.html", context, here="dashboard", status=400)
    form = request.GET.get("format", "")
    if form:
        return _file(request, view, form)
    pictures.warm()
    counted = count.count(actor_of(request), view)
    link = reverse("console:dashboard_cases") + f"?{view.query}"
    since, until = view.scope.since, view.scope.until
    given.update({"from": since.isoformat(), "to": until.isoformat()})
    today = clock.today()
    context.update(
        panels=panels.panels(counted, view, link=link), query=view.query, cases=counted.cases,
        period=queries.period_words(since, until), chosen=view.chosen,
        stamp=queries.stamp_words(counted.tick), least=current().small_cell,
        periods=[(words, _period(view, first, today), (since, until) == (first, today))
                 for _name, words, first in periods()],
        pdf=pdf.available(), needs_pdf=pdf.needs(),
    )  # fmt: skip
    return page(request, "console/dashboard.html", context, here="dashboard")


def _period(view: View, first: date, today: date) -> str:
    """The view over another period, as a query string."""
    return replace(view, scope=replace(view.scope, since=first, until=today)).query


def _file(request: HttpRequest, view: View, form: str) -> HttpResponse:
    public = request.GET.get("for") == "publication"
    counted = count.count(actor_of(request), view)
    name = document.file_name(view, public=public)
    if form == "json":
        content = JsonResponse(panels.as_json(counted, view)).content
        return download(content, "application/json", f"{name}.json")
    if form not in (*documents.TYPES, "pdf"):
        raise Missing(_("There is no such file."))
    made = document.report(counted, view, public=public, whole=form == "excel")
    if form == "pdf":
        try:
            content = pdf.from_word(document.word(made))
        except NoPdf as error:
            context = {"error": error}
            return page(request, "console/told.html", context, here="dashboard", status=503)
        return download(content, "application/pdf", f"{name}.pdf")
    content_type, suffix = documents.TYPES[form]
    content = document.word(made) if form == "word" else document.excel(made)
    return download(content, content_type, f"{name}.{suffix}")


@for_roles(*CASE_ROLES)
@require_safe
def dashboard_chart(request: HttpRequest, chart: str) -> HttpResponse:
    """A chart's drawing as SVG; ``narrow`` for a phone."""
    if chart not in BY_ID:
        raise Missing(_("There is no such chart."))
    view = read_view(request.GET)
    counted = count.count(actor_of(request), view)
    (panel,) = panels.panels(counted, view, only=chart)
    if not panel.drawn:
        raise Missing(_("There is nothing to draw."))
    drawn = pictures.svg(panel, narrow="narrow" in request.GET)
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")


@for_roles(*CASE_ROLES)
@require_safe
def dashboard_cases(request: HttpRequest) -> HttpResponse:
    """The cases that a number of a chart counts, as far as this person may see them."""
    view = read_view(request.GET)
    row, column = request.GET.get("row", ""), request.GET.get("column", "")
    chart, words, cases = count.cases_of(
        actor_of(request), view, request.GET.get("chart", ""), row, column
    )
    pages: Paginator[Case] = Paginator(cases, PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "name": " · ".join([str(chart.words), *words]), "definition": chart.definition,
        "page": shown, "rows": rows_of(shown.object_list), "count": pages.count,
        "back": reverse("console:dashboard") + f"?{view.query}#chart-{chart.id}",
        "back_name": _("Dashboard"),
    }  # fmt: skip
    return page(request, "console/bulletin_cases.html", context, here="dashboard")
