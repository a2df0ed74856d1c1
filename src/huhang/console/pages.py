"""What every page of the staff's room shows, and how a page is rendered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huhang.console.middleware import actor_of
from huhang.kernel.actor import Actor
from huhang.parties.words import in_language as in_language
from huhang.parties.words import language as language
from huhang.rulebook import current

ROLE_WORDS: dict[str, Any] = {
    "intake": gettext_lazy("intake"),
    "handler": gettext_lazy("handler"),
    "supervisor": gettext_lazy("supervisor"),
    "leader": gettext_lazy("leader"),
    "administrator": gettext_lazy("administrator"),
    "auditor": gettext_lazy("auditor"),
}
CASE_ROLES = ("intake", "handler", "supervisor", "leader")
NAV_MOST = 6
"""Places that stand in the bar; the others open under "More", so that the bar stays on one line."""


def _nav(actor: Actor, here: str) -> list[tuple[str, str, bool]]:
    places: list[tuple[str, str, tuple[str, ...]]] = [
        ("queue", _("Queue"), CASE_ROLES),
        ("due", _("Due"), CASE_ROLES),
        ("lists", _("Lists"), CASE_ROLES if current().duties else ()),
        ("notices", _("Notices"), CASE_ROLES),
        ("new_report", _("New report"), ("intake",)),
        ("dashboard", _("Dashboard"), CASE_ROLES),
        ("bulletin", _("Bulletin"), CASE_ROLES),
        ("sweep", _("Sweep"), CASE_ROLES if current().sweep else ()),
        (
            "accountability",
            _("Accountability"),
            ("intake", "leader") if current().accountability_causes else (),
        ),
        ("returns", _("Returns"), ("intake", "leader") if current().returns else ()),
        ("own_inquiry", _("Own inquiry"), ("leader",) if current().office_kinds else ()),
        ("transfers", _("Transfers"), ("intake", "leader")),
        ("sent_up", _("Sent up"), ("intake", "leader") if current().sent_up else ()),
        ("imports", _("Imports"), (*CASE_ROLES, "administrator")),
        ("numbers", _("Numbers"), ("intake", "leader") if current().series else ()),
        ("retention", _("Due for erasure"), ("leader",)),
        ("sites", _("Sites"), ("intake", "administrator")),
        ("units", _("Units"), ("intake", "leader", "administrator")),
        ("people", _("People"), ("administrator",)),
        ("audit", _("Audit"), ("auditor",)),
        ("log", _("Log"), ("administrator", "leader", "auditor")),
    ]
    return [
        (reverse(f"console:{name}"), label, name == here)
        for name, label, roles in places
        if any(actor.has(r) for r in roles)
    ]


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    here: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page of the console with its bar."""
    actor = actor_of(request)
    shown = dict(context)
    if actor.kind == "user":
        nav = _nav(actor, here)
        most = NAV_MOST if len(nav) > NAV_MOST + 1 else len(nav)
        roles = "、" if language().startswith("zh") else ", "
        shown.update(
            nav=nav[:most],
            nav_more=nav[most:],
            in_more=any(here_is for _url, _label, here_is in nav[most:]),
            whoami={
                "name": in_language(request.user),
                "role": roles.join(str(w) for r, w in ROLE_WORDS.items() if actor.has(r)),
            },
            tokens_url=reverse("console:tokens") if actor.roles else "",
            factor_url=reverse("console:factor"),
            mail_url=reverse("console:mail") if actor.roles else "",
            sessions_url=reverse("console:sessions"),
            password_url=reverse("console:password"),
            signout_url=reverse("console:sign_out"),
            home_url=reverse("console:home"),
            may_file=actor.has("intake"),
        )
        if any(actor.has(r) for r in CASE_ROLES):
            shown.update(
                search_url=reverse("console:queue"),
                queue_url=reverse("console:queue"),
                bulletin_url=reverse("console:bulletin"),
            )
    return render(request, template, shown, status=status)


def next_of(request: HttpRequest) -> str:
    """Where somebody wants to go after signing in: an address of this server, or the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("console:home")
