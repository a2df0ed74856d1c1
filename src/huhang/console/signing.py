"""Signing in and out, and accepting an invitation."""

from __future__ import annotations

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huhang.console import factor, oidc
from huhang.console.attempts import failures
from huhang.console.middleware import actor_of, open_to_all
from huhang.console.pages import CASE_ROLES, next_of, page
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.parties import accounts


class SignIn(Form):
    username = Typed(
        label=gettext_lazy("Sign-in name"), most=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    password = Typed(
        label=gettext_lazy("Password"), most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class NewPassword(Form):
    password = Typed(
        label=gettext_lazy("New password"), most=200, strip=False,
        help_text=gettext_lazy("At least 10 characters, not a common one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = Typed(
        label=gettext_lazy("The same once more"), most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


@open_to_all
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; then, for whoever has one, the second factor."""
    if actor_of(request).kind == "user":
        return HttpResponseRedirect(next_of(request))
    form = SignIn(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            name = form.cleaned_data["username"].strip().lower()
            if not failures.begin(name):
                form.add_error(None, _("Too many attempts. Please wait a minute."))
                status = 429
            else:
                user = accounts.authenticate(name, form.cleaned_data["password"])
                if user is not None:
                    failures.forget(name)
                    return factor.begin(request, user, next_of(request))
                form.add_error(None, _("The sign-in name or the password is wrong."))
    return page(
        request, "console/sign_in.html",
        {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""),
         "provider": oidc.offered()},
        status=status,
    )  # fmt: skip


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(reverse("console:sign_in"))


@open_to_all
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by a one-time invitation."""
    try:
        invited = accounts.open_invitation(token)
    except Missing as error:
        return page(request, "console/told.html", {"error": error}, status=404)
    form = NewPassword(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            if form.cleaned_data["password"] != form.cleaned_data["again"]:
                form.add_error("again", _("The two are not the same."))
            else:
                try:
                    hashed = accounts.hash_password(invited.user, form.cleaned_data["password"])
                    actor = Actor("user", invited.user.ref)
                    write(lambda w: accounts.accept_invitation(w, token, hashed), actor=actor)
                except Refused as error:
                    form.add_error("password", str(error))
                else:
                    return HttpResponseRedirect(reverse("console:sign_in") + "?set=1")
    return page(
        request, "console/invitation.html", {"form": form, "invited": invited.user}, status=status
    )


def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in: the queue, or what else the roles offer."""
    actor = actor_of(request)
    if any(actor.has(r) for r in CASE_ROLES):
        return HttpResponseRedirect(reverse("console:queue"))
    if actor.has("administrator"):
        return HttpResponseRedirect(reverse("console:people"))
    if actor.has("auditor"):
        return HttpResponseRedirect(reverse("console:audit"))
    return page(request, "console/no_role.html", {})
