"""The second factor: the second step of signing in, and setting one up."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.attempts import failures
from huhang.console.middleware import actor_of, before_factor, open_to_all
from huhang.console.pages import page
from huhang.console.places import failed
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import HuhangError, Refused
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.look.once import shown
from huhang.look.qr import drawn
from huhang.parties import factors
from huhang.parties.models import User
from huhang.parties.signed_in import BROWSER, SINCE, browser_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
HALF_SECONDS = 600
"""So long the second step may follow the first."""


class Code(Form):
    code = Typed(
        label=gettext_lazy("One-time code"), most=40,
        help_text=gettext_lazy("Six digits from the app on your device, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none",
                                      "spellcheck": "false"}),
    )  # fmt: skip


class FirstCode(Form):
    code = Typed(
        label=gettext_lazy("One-time code"), most=40, help_text=gettext_lazy("Six digits from the app."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip


def begin(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """The first step was right: sign in, or ask for the second step."""
    if not user.factor:
        return enter(request, user, wanted)
    request.session.cycle_key()
    request.session["half"] = [user.pk, int(clock.now().timestamp()), wanted]
    return HttpResponseRedirect(reverse("console:code"))


def enter(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """Sign in: all steps were right."""
    login(request, user, backend=BACKEND)
    request.session[SINCE] = clock.now().isoformat()
    request.session[BROWSER] = browser_of(request.headers.get("user-agent", ""))
    return HttpResponseRedirect(wanted)


def _half(request: HttpRequest) -> tuple[User, str] | None:
    """Who has taken the first step, and where they want to go."""
    pk, at, wanted = request.session.get("half") or (0, 0, "")
    user = User.objects.filter(pk=pk, active=True).exclude(factor="").first()
    if user is None or clock.now().timestamp() - at > HALF_SECONDS:
        return None
    return user, wanted


@open_to_all
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code from the device, or a recovery code."""
    half = _half(request)
    if half is None:
        return HttpResponseRedirect(reverse("console:sign_in"))
    user, wanted = half
    form = Code(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            name = f"code {user.pk}"
            if not failures.begin(name):
                form.add_error(None, _("Too many attempts. Please wait a minute."))
                status = 429
            else:
                try:
                    right = _right(user, form.cleaned_data["code"])
                except Refused as error:
                    right = False
                    failed(form, error)
                if right:
                    failures.forget(name)
                    del request.session["half"]
                    return enter(request, user, wanted)
                if not form.errors:
                    form.add_error("code", _("This code is wrong, or was used already."))
    return page(request, "console/code.html", {"form": form}, status=status)


def _right(user: User, given: str) -> bool:
    if len("".join(c for c in given if c.isalnum())) > 6:
        actor = Actor("user", user.ref)
        return write(lambda w: factors.use_recovery_code(w, user.username, given), actor=actor)
    return factors.accepts(user, given)


@before_factor
@require_http_methods(["GET", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """One's own second factor: set it up, get new recovery codes, take another device."""
    user = cast(User, request.user)
    do = request.POST.get("do", "")
    do = do if do in ("enrol", "codes", "another") else ""
    form = (Code if user.factor else FirstCode)(request.POST if do else None)
    status = 200
    if do:
        status = 400
        if form.is_valid():
            try:
                _change(request, user, do, form.cleaned_data["code"])
                return HttpResponseRedirect(reverse("console:factor") + f"?done={do}")
            except HuhangError as error:
                failed(form, error)
    context: dict[str, Any] = {"form": form, "person": user, "required": factors.required()}
    codes = shown.take(f"recovery {user.ref}").split()
    context["codes"] = codes
    if user.factor:
        context["left"] = factors.codes_left(user)
    else:
        secret = request.session.get("pending") or factors.new_secret()
        request.session["pending"] = secret
        address = factors.address(user, secret, f"Huhang {request.get_host()}")
        context["secret"] = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
        context["address"] = address
        context["qr"] = drawn(address)
    return page(request, "console/factor.html", context, status=status)


def _change(request: HttpRequest, user: User, do: str, given: str) -> None:
    actor = actor_of(request)
    name = f"code {user.pk}"
    if not failures.begin(name):
        raise Refused(_("Too many attempts. Please wait a minute."), field="code")
    if not user.factor:
        secret = request.session.get("pending", "")
        codes = write(lambda w: factors.enrol(w, user.username, secret, given), actor=actor)
        request.session.pop("pending", None)
    else:
        if do == "enrol":  # a page that was opened before
            raise Refused(_("You have a second factor already."), field="code")
        if not _right(user, given):
            raise Refused(_("This code is wrong, or was used already."), field="code")
        if do == "another":
            write(lambda w: factors.remove(w, user.username), actor=actor)
            codes = []
        else:
            codes = write(lambda w: factors.renew_codes(w, user.username), actor=actor)
    failures.forget(name)
    user.refresh_from_db()
    update_session_auth_hash(request, user)  # all other sessions of this person end
    if codes:
        shown.keep(f"recovery {user.ref}", " ".join(codes))
