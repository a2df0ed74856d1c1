"""Who asks: the actor of a request, and sign-in by default."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huhang.kernel.actor import PUBLIC, Actor
from huhang.look.views import not_found
from huhang.parties import factors
from huhang.parties.models import User
from huhang.parties.queries import actor_for

ROOM = "huhang.console."
IDLE_SECONDS = 3600
SEEN_EVERY = 300
"""Seconds after which it is written again that a session is in use: not with each page."""


class StaffRoom:
    """Sessions, sign-in and the actor, for the console's pages alone: the public's have no session.

    Sets ``request.actor``; asks for sign-in unless a page is open to all, and for a second factor
    where the office requires one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.inside = SessionMiddleware(AuthenticationMiddleware(get_response))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "/console/" in request.path_info:
            return cast(HttpResponse, self.inside(request))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Before a console's view: find out who it is."""
        if not view.__module__.startswith(ROOM):
            return None
        actor = PUBLIC
        if request.user.is_authenticated and _too_old(request):
            logout(request)
        if request.user.is_authenticated:
            actor = actor_for(cast(User, request.user))
        request.actor = actor  # type: ignore[attr-defined]
        if getattr(view, "open_to_all", False):
            return None
        if actor.kind != "user":
            target = reverse("console:sign_in")
            if request.method == "GET":
                target += "?" + urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(target)
        needs = factors.required() and not getattr(view, "before_factor", False)
        if needs and not cast(User, request.user).factor:
            return HttpResponseRedirect(reverse("console:factor"))
        roles = getattr(view, "roles", None)
        if roles is not None and not any(actor.has(r) for r in roles):
            return not_found(request)
        return None


def _too_old(request: HttpRequest) -> bool:
    """Whether a session was left alone for too long, or began too long ago; it is seen now."""
    now = int(time.time())
    begun = request.session.setdefault("begun", now)
    seen = request.session.get("seen", now)
    if now - seen > IDLE_SECONDS or now - begun > settings.SESSION_COOKIE_AGE:
        return True
    if "seen" not in request.session or now - seen > SEEN_EVERY:
        request.session["seen"] = now
    return False


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a console's request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def open_to_all(view: Any) -> Any:
    """A page that needs no sign-in."""
    view.open_to_all = True
    return view


def before_factor(view: Any) -> Any:
    """A page for whoever signed in, even before they set up a second factor that they need."""
    view.before_factor = True
    return view


def for_roles(*roles: str) -> Callable[[Any], Any]:
    """A page for these roles; for others it is not there."""

    def mark(view: Any) -> Any:
        view.roles = roles
        return view

    return mark
