"""Units with their aliases, sites with their posters, notices, the log's state."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.cases import flow, queries
from huhang.cases.timeline import OTHER_VERBS
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, page
from huhang.intake import posters, sites
from huhang.intake.models import Site
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.write import write
from huhang.look.fields import Choice, Form, Typed
from huhang.look.files import download
from huhang.parties import actions
from huhang.parties.models import Group, Unit
from huhang.parties.words import language
from huhang.rulebook import current
from huhang.tlog import publishing
from huhang.tlog.models import Tick


def _units() -> list[tuple[str, str]]:
    found = [(u.code, in_language(u)) for u in Unit.objects.filter(active=True).order_by("code")]
    return [("", "—"), *found]


def _kind_words(kind: str) -> str:
    words = current().unit_kinds.get(kind)
    return words.in_(language()) if words else kind


class NewUnit(Form):
    code = Typed(label=gettext_lazy("Code"), most=40)
    name = Typed(label=pgettext_lazy("thing", "Name"), most=120)
    name_en = Typed(label=pgettext_lazy("thing", "Name in English"), most=160, required=False)
    kind = Choice(label=gettext_lazy("Kind"))
    parent = Choice(label=gettext_lazy("Below"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = _units()  # type: ignore[attr-defined]
        kinds = current().unit_kinds
        self.fields["kind"].choices = [(k, w.in_(language())) for k, w in kinds.items()]  # type: ignore[attr-defined]


class ChangeUnit(Form):
    name = Typed(label=pgettext_lazy("thing", "Name"), most=120,
                           help_text=gettext_lazy("A former name becomes an alias."))  # fmt: skip
    name_en = Typed(label=pgettext_lazy("thing", "Name in English"), most=160, required=False)
    parent = Choice(label=gettext_lazy("Below"), required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = _units()  # type: ignore[attr-defined]


def failed(form: forms.Form, error: HuhangError) -> None:
    """Put an error beside its field."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def asked(request: HttpRequest, *, here: str = "units", **context: Any) -> HttpResponse:
    """Ask once, in words, before the same form is sent again with ``confirm``."""
    again = [(k, v) for k, v in request.POST.items() if k != "csrfmiddlewaretoken"]
    return page(
        request, "console/confirm.html", {"again": again, "danger": True, **context}, here=here
    )


@for_roles("intake", "leader", "administrator")
@require_http_methods(["GET", "POST"])
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units with their aliases; an administrator adds to it."""
    actor = actor_of(request)
    may = actor.has("administrator")
    form = NewUnit(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = write(lambda w: actions.add_unit(w, **form.cleaned_data), actor=actor)
                return HttpResponseRedirect(reverse("console:unit", args=[made.code]))
            except HuhangError as error:
                failed(form, error)
    found = list(Unit.objects.prefetch_related("aliases").order_by("code"))
    children: dict[int | None, list[Unit]] = {}
    for unit in found:
        children.setdefault(unit.parent_id, []).append(unit)
    rows: list[dict[str, Any]] = []

    def walk(parent: int | None, depth: int) -> None:
        for unit in children.get(parent, []):
            rows.append({"unit": unit, "dashes": "–\u00a0" * depth, "name": in_language(unit),
                         "kind": _kind_words(unit.kind),
                         "aliases": [a.name for a in unit.aliases.all()]})  # fmt: skip
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return page(
        request, "console/units.html",
        {"rows": rows, "form": form, "may": may,
         "groups": [
             (g, in_language(g), [in_language(s.unit) for s in g.supervised.all()])
             for g in Group.objects.prefetch_related("supervised__unit").order_by("code")
         ]},
        here="units", status=status,
    )  # fmt: skip


@for_roles("administrator")
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One unit: its names, its place, its aliases."""
    actor = actor_of(request)
    found = Unit.objects.select_related("parent").filter(code=code).first()
    if found is None:
        raise Missing(_("There is no such unit."))
    do = request.POST.get("do", "")
    initial = {"name": found.name, "name_en": found.name_en, "active": found.active,
               "parent": found.parent.code if found.parent else ""}  # fmt: skip
    form = ChangeUnit(request.POST if do == "change" else None, initial=initial)
    alias_error = None
    if do == "drop" and "confirm" not in request.POST:
        return asked(
            request,
            title=_("Take the name “%(name)s” away?")
            % {"name": request.POST.get("name", "")[:120]},
            text=_(
                "Imports and searches will no longer find this unit by it. Cases stay as they are."
            ),
            kept=_("That the name was taken away, by whom and when."),
            label=_("Take away"),
            back_url=reverse("console:unit", args=[code]),
        )
    try:
        if do == "alias":
            write(lambda w: actions.add_alias(w, code, request.POST.get("name", "")), actor=actor)
        elif do == "drop":
            write(
                lambda w: actions.remove_alias(w, code, request.POST.get("name", "")), actor=actor
            )
        elif do == "change" and form.is_valid():
            write(lambda w: actions.change_unit(w, code, **form.cleaned_data), actor=actor)
        if do and not (do == "change" and form.errors):
            return HttpResponseRedirect(reverse("console:unit", args=[code]))
    except HuhangError as error:
        if do == "change":
            failed(form, error)
        else:
            alias_error = error
    status = 400 if alias_error or form.errors else 200
    context = {"unit": found, "name": in_language(found), "form": form, "alias_error": alias_error,
               "aliases": found.aliases.order_by("name")}  # fmt: skip
    return page(request, "console/unit.html", context, here="units", status=status)


class NewSite(Form):
    code = Typed(
        label=gettext_lazy("Code"), most=40,
        help_text=gettext_lazy("Stands in the address: small letters, digits and dashes."),
    )  # fmt: skip
    name = Typed(label=pgettext_lazy("thing", "Name"), most=120)
    name_en = Typed(label=pgettext_lazy("thing", "Name in English"), most=160, required=False)
    unit = Choice(label=gettext_lazy("It hangs at"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = _units()  # type: ignore[attr-defined]


@for_roles("intake", "administrator")
@require_http_methods(["GET", "POST"])
def site_list(request: HttpRequest) -> HttpResponse:
    """Sites and their posters; the district's poster first."""
    actor = actor_of(request)
    form = NewSite(request.POST if request.POST.get("do") == "add" else None)
    status = 200
    if request.POST.get("do") == "toggle":
        site = Site.objects.filter(code=request.POST.get("code", "")).first()
        if site is None:
            raise Missing(_("There is no such site."))
        write(
            lambda w: sites.change_site(
                w, site.code, name=site.name, name_en=site.name_en, active=not site.active
            ),
            actor=actor,
        )
        return HttpResponseRedirect(reverse("console:sites"))
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                write(lambda w: sites.add_site(w, **form.cleaned_data), actor=actor)
                return HttpResponseRedirect(reverse("console:sites"))
            except HuhangError as error:
                failed(form, error)
    found = [(s, in_language(s)) for s in Site.objects.select_related("unit").order_by("code")]
    return page(
        request, "console/sites.html",
        {"sites": found, "form": form, "loopback": posters.on_loopback(),
         "base_url": settings.HUHANG_BASE_URL},
        here="sites", status=status,
    )  # fmt: skip


@for_roles("intake", "administrator")
@require_safe
def poster(request: HttpRequest, form: str, code: str = "") -> HttpResponse:
    """A poster as PDF or PNG."""
    content = posters.poster(code, form)
    return download(content, posters.TYPES[form], posters.file_name(code, form))


@for_roles(*CASE_ROLES)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What the transition table tells this person."""
    pages = Paginator(queries.notices_for(actor_of(request)), 50)
    shown = pages.get_page(request.GET.get("page"))
    rows = [
        {"notice": n, "what": flow.VERBS.get(n.verb) or OTHER_VERBS.get(n.verb, n.verb)}
        for n in shown.object_list
    ]
    return page(request, "console/notices.html", {"page": shown, "rows": rows}, here="notices")


@for_roles("administrator", "leader", "auditor")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The last tick, how publishing stands, and how to check the log. No sizes: they could tell that
    something was filed."""
    context = {
        "tick": Tick.objects.order_by("-number").first(),
        "standing": publishing.standing(),
        "public_url": reverse("portal:log"),
    }
    return page(request, "console/log.html", context, here="log")
