"""Where one is signed in, and signing out there."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from huhang.console.middleware import actor_of, before_factor
from huhang.console.pages import page
from huhang.kernel.write import write
from huhang.parties.models import User
from huhang.parties.signed_in import end_sessions, ref_of, sessions_of


@before_factor
@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """One's own sessions; any of them, or all others, can be ended."""
    user = cast(User, request.user)
    here = ref_of(request.session.session_key)
    if request.method == "POST":
        ref = request.POST.get("ref", "")
        chosen = {"besides": here} if ref == "others" else {"only": ref or "none"}
        write(lambda w: end_sessions(w, user.username, **chosen), actor=actor_of(request))
        return HttpResponseRedirect(reverse("console:sessions"))
    rows = [(told, told.ref == here) for told in sessions_of(user)]
    return page(request, "console/sessions.html", {"rows": rows})
