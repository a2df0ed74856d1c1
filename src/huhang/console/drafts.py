"""Writing a bulletin: a text with figure fields, what they come to, and publishing it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huhang.checker import Source, check
from huhang.checker.report import kind_words
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, language, page
from huhang.insight import actions, drafts, figures, queries
from huhang.insight.figures import Scope
from huhang.insight.models import Bulletin, Draft
from huhang.insight.texts import BASES
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, HuhangError, Refused
from huhang.kernel.plain import whole_number
from huhang.kernel.write import write
from huhang.parties.models import Unit

WRITERS = drafts.WRITERS


def _typed(data: Any) -> dict[str, str]:
    since, until = figures.this_month_or(data.get("from", ""), data.get("to", ""))
    return {"since": since, "until": until, "unit": data.get("unit", ""),
            "title": data.get("title", ""), "text": data.get("text", "")}  # fmt: skip


def _palette(actor: Actor, scope: Scope) -> list[dict[str, Any]]:
    """Every figure that can be put into the text, with what it comes to now."""
    document = queries.live(figures.count(actor, scope), scope)
    return [
        {"name": section.name, "definition": section.definition, "split": section.split,
         "rows": [{"field": "{" + row.id + "}", "name": row.name, "shown": row.shown, "unit": row.unit}
                  for row in section.rows]}
        for section in document.sections
    ]  # fmt: skip


def _editor(
    request: HttpRequest,
    typed: dict[str, str],
    draft: Draft | None,
    error: HuhangError | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {
        **typed, "draft": draft, "error": error, "bases": [(b, w) for b, w in BASES.items() if b],
        "units": [(u.code, in_language(u)) for u in Unit.objects.order_by("code")],
        "may_publish": actions.may_publish(actor), "saved": "saved" in request.GET,
    }  # fmt: skip
    try:
        scope = figures.read_scope(typed["since"], typed["until"], typed["unit"])
        context["palette"] = _palette(actor, scope)
    except Refused as refused:
        context["error"] = error or refused
    overtaken = isinstance(error, Conflict)  # then what somebody else saved is shown above
    if draft is not None and (error is None or overtaken):
        seen = drafts.look(actor, draft)
        report = check(Source(seen.shown)) if seen.shown.strip() else None
        context.update(
            seen=seen,
            moved=_moved(seen),
            contradictions=[
                {"kind": kind_words(c.kind), "arithmetic": c.arithmetic}
                for c in (report.contradictions if report else ())
            ],
        )
    if draft is not None:
        context.update(
            receivers=[(u.username, in_language(u)) for u in drafts.receivers(actor)],
            mine=draft.held_by == actor.ref,
        )
    status = 409 if overtaken else 400 if context["error"] else 200
    return page(request, "console/draft.html", context, here="bulletin", status=status)


def _moved(seen: drafts.Look) -> list[dict[str, Any]]:
    """What moved, by the name of its figure; of a wrong field by what was typed."""
    return [
        {"name": queries.name_of(m.value.figure, language()) if m.value.figure else m.name,
         "basis": BASES[m.value.field.basis] if m.value.figure and m.value.field.basis else "",
         "then": m.then, "now": m.now}
        for m in seen.moved
    ]  # fmt: skip


def _published(request: HttpRequest, made: Bulletin) -> HttpResponse:
    """A draft that is a bulletin now: on to that. What was still sent to it is refused in words."""
    if request.method == "POST" and "confirm" not in request.POST:
        raise Conflict(_("This draft has been published already. What you sent was not kept."))
    if made.withdrawn_at is not None:
        raise Conflict(_("This draft was published, and the bulletin was withdrawn."))
    return HttpResponseRedirect(reverse("console:published", args=[made.ref]))


@for_roles(*WRITERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a bulletin."""
    if request.method == "GET":
        return _editor(request, _typed(request.GET), None)
    typed = _typed(request.POST)
    try:
        scope = figures.read_scope(typed["since"], typed["until"], typed["unit"])
        made = write(
            lambda w: drafts.begin(w, scope, typed["title"], typed["text"]), actor=actor_of(request)
        )
    except Refused as error:
        return _editor(request, typed, None, error)
    return HttpResponseRedirect(reverse("console:draft", args=[made.ref]) + "?saved=1")


@for_roles(*WRITERS)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, ref: str) -> HttpResponse:
    """Go on with a draft: its text, what its fields come to now, what moved since it was saved."""
    actor = actor_of(request)
    if (made := drafts.published_from(actor, ref)) is not None:
        return _published(request, made)
    found = drafts.access_draft(actor, ref)
    if request.method == "GET":
        seen = drafts.look(actor, found)
        typed = {
            "since": found.since.isoformat(), "until": found.until.isoformat(),
            "unit": found.unit.code if found.unit else "", "title": seen.title, "text": seen.text,
        }  # fmt: skip
        return _editor(request, typed, found)
    typed = _typed(request.POST)
    version = whole_number(request.POST.get("version", "")) or 0
    try:
        scope = figures.read_scope(typed["since"], typed["until"], typed["unit"])
        write(
            lambda w: drafts.save(w, ref, scope, typed["title"], typed["text"], version=version),
            actor=actor,
        )
    except (Refused, Conflict) as error:
        return _editor(request, typed, found, error)
    return HttpResponseRedirect(reverse("console:draft", args=[found.ref]) + "?saved=1")


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """The text as it would be frozen, and everything that it discloses; confirmed, it is published."""
    actor = actor_of(request)
    if (made := drafts.published_from(actor, ref)) is not None:
        return _published(request, made)
    found = drafts.access_draft(actor, ref)
    error = None
    if request.method == "POST" and "confirm" in request.POST:
        version = whole_number(request.POST.get("version", "")) or 0
        try:
            made = write(lambda w: drafts.publish(w, ref, version=version), actor=actor)
            return HttpResponseRedirect(reverse("console:published", args=[made.ref]))
        except (Refused, Conflict) as refused:
            error = refused
    seen = drafts.as_published(actor, found)
    live = {v.field.name: v for v in drafts.look(actor, found).values}
    context = {
        "draft": found, "seen": seen, "error": error,
        "moved": _moved(drafts.look(actor, found)),
        "disclosed": [
            {"value": v, "name": queries.name_of(v.figure, language()), "basis": BASES[v.field.basis],
             "live": live[v.field.name]}
            for v in {v.field.name: v for v in seen.values}.values() if v.figure is not None
        ],
    }  # fmt: skip
    return page(
        request,
        "console/draft_publish.html",
        context,
        here="bulletin",
        status=400 if error else 200,
    )


@for_roles(*WRITERS)
@require_POST
def hand_on(request: HttpRequest, ref: str) -> HttpResponse:
    """Give the draft to somebody else who writes bulletins."""
    actor = actor_of(request)
    write(lambda w: drafts.hand_on(w, ref, request.POST.get("to", "")), actor=actor)
    return HttpResponseRedirect(reverse("console:draft", args=[ref]))


@for_roles(*WRITERS)
@require_POST
def discard(request: HttpRequest, ref: str) -> HttpResponse:
    """Throw the draft away, after a question."""
    found = drafts.access_draft(actor_of(request), ref)
    if "confirm" not in request.POST:
        context = {
            "title": _("Throw this draft away?"),
            "text": _("Nobody sees it any more, neither you nor those to whom it was handed."),
            "kept": _("That it was written and thrown away, by whom and when, and its text."),
            "label": _("Throw away"),
            "back_url": reverse("console:draft", args=[ref]),
            "danger": True,
        }
        return page(request, "console/confirm.html", context, here="bulletin")
    write(lambda w: drafts.discard(w, found.ref), actor=actor_of(request))
    return HttpResponseRedirect(reverse("console:bulletin"))
