"""Bulletins: figures of a period and scope, the cases behind them, publishing."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huhang.cases.models import Case
from huhang.console.filters import PER_PAGE
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.console.queue import rows_of
from huhang.insight import actions, documents, drafts, figures, queries, suppression
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.kernel.write import write
from huhang.look.files import download
from huhang.parties.models import Unit
from huhang.rulebook import current


def _typed(data: Any) -> tuple[str, str, str]:
    period = figures.this_month_or(data.get("from", ""), data.get("to", ""))
    return (*period, data.get("unit", ""))


def _file(document: documents.Document, form: str, name: str) -> HttpResponse:
    content_type, suffix = documents.TYPES[form]
    content = documents.word(document) if form == "word" else documents.excel(document)
    return download(content, content_type, f"{name}.{suffix}")


def _json(data: dict[str, Any], name: str) -> HttpResponse:
    return download(JsonResponse(data).content, "application/json", f"{name}.json")


def _live(actor: Actor, scope: figures.Scope) -> tuple[documents.Document, figures.Counted]:
    counted = figures.count(actor, scope)
    link = reverse("console:bulletin_cases") + f"?{scope.query}&figure="
    return queries.live(counted, scope, link=link), counted


@for_roles(*CASE_ROLES)
@require_safe
def bulletin(request: HttpRequest) -> HttpResponse:
    """The figures over what this person may see; as page, Word, Excel or JSON."""
    actor = actor_of(request)
    since, until, unit = _typed(request.GET)
    context: dict[str, Any] = {
        "since": since, "until": until, "unit": unit, "title": current().bulletin.in_(language()),
        "units": [(u.code, in_language(u)) for u in Unit.objects.order_by("code")],
        "may_publish": actions.may_publish(actor), "published": queries.published(),
        "may_write": drafts.may_write(actor), "drafts": drafts.titled(drafts.drafts_of(actor)),
        "not_yet": [(k, v.in_(language())) for k, v in current().figures_not_yet.items()],
    }  # fmt: skip
    try:
        scope = figures.read_scope(since, until, unit)
    except Refused as error:
        context["error"] = error
        return page(request, "console/bulletin.html", context, here="bulletin", status=400)
    document, counted = _live(actor, scope)
    name = documents.bulletin_name(scope.since, scope.until, in_language(scope.unit))
    form = request.GET.get("format", "")
    if form in documents.TYPES:
        return _file(document, form, name)
    if form == "json":
        data = figures.as_json(counted, scope, language())
        return _json(data, name)
    context.update(
        document=document,
        whole=[s for s in document.sections if not s.split],
        split=[s for s in document.sections if s.split],
        query=scope.query,
    )
    return page(request, "console/bulletin.html", context, here="bulletin")


@for_roles(*CASE_ROLES)
@require_safe
def bulletin_cases(request: HttpRequest) -> HttpResponse:
    """The cases that a figure counts, as far as this person may see them."""
    scope = figures.read_scope(*_typed(request.GET))
    figure = request.GET.get("figure", "")
    rule, cases = figures.cases_of(actor_of(request), scope, figure)
    pages: Paginator[Case] = Paginator(cases, PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "rule": rule, "name": rule.words.in_(language()),
        "definition": rule.definition.in_(language()), "figure": figure, "scope": scope,
        "page": shown, "rows": rows_of(shown.object_list), "count": pages.count,
        "back": reverse("console:bulletin") + f"?{scope.query}", "back_name": _("Bulletin"),
    }  # fmt: skip
    return page(request, "console/bulletin_cases.html", context, here="bulletin")


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """What would be published, with small cells gone; confirmed, it is published."""
    actor = actor_of(request)
    data = request.POST if request.method == "POST" else request.GET
    scope = figures.read_scope(*_typed(data))
    title = data.get("title", "")
    error = None
    if request.method == "POST" and "confirm" in request.POST:
        try:
            made = write(lambda w: actions.publish(w, scope, title), actor=actor)
            return HttpResponseRedirect(reverse("console:published", args=[made.ref]))
        except Refused as refused:
            error = refused
    counted = suppression.as_published(actor, scope)
    document = queries.live(counted, scope)
    context = {
        "scope": scope, "title": title, "error": error, "document": document,
        "whole": [s for s in document.sections if not s.split],
        "split": [s for s in document.sections if s.split],
        "hidden": sum(f.hidden for f in counted), "least": current().small_cell,
    }  # fmt: skip
    return page(
        request, "console/publish.html", context, here="bulletin", status=400 if error else 200
    )


@for_roles(*CASE_ROLES)
@require_safe
def published(request: HttpRequest, ref: str) -> HttpResponse:
    """A published bulletin, as it was published."""
    found = queries.access_bulletin(ref)
    document = queries.as_published(found)
    form = request.GET.get("format", "")
    if form in documents.TYPES:
        return _file(document, form, documents.bulletin_name(found.since, found.until, found.ref))
    if form == "json":
        data = queries.published_json(found)
        return _json(data, documents.bulletin_name(found.since, found.until, found.ref))
    context = {
        "bulletin": found, "document": document,
        "whole": [s for s in document.sections if not s.split],
        "split": [s for s in document.sections if s.split],
        "may_publish": actions.may_publish(actor_of(request)),
    }  # fmt: skip
    return page(request, "console/published.html", context, here="bulletin")


@for_roles("leader")
@require_POST
def withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a published bulletin off the page, after a question."""
    found = queries.access_bulletin(ref)
    if "confirm" not in request.POST:
        context = {
            "title": _("Withdraw this bulletin?"),
            "text": _("It will no longer be shown here. Copies that people saved stay with them."),
            "kept": _("That it was published and withdrawn, by whom and when, and its figures."),
            "label": _("Withdraw"),
            "back_url": reverse("console:published", args=[ref]),
            "danger": True,
        }
        return page(request, "console/confirm.html", context, here="bulletin")
    write(lambda w: actions.withdraw(w, found.ref), actor=actor_of(request))
    return HttpResponseRedirect(reverse("console:bulletin"))
