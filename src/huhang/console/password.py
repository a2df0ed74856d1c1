"""Changing one's own password."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import is_password_usable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.attempts import failures
from huhang.console.middleware import actor_of
from huhang.console.pages import page
from huhang.console.signing import NewPassword
from huhang.kernel.errors import Refused
from huhang.kernel.write import write
from huhang.look.fields import Typed
from huhang.parties import accounts, factors
from huhang.parties.models import User


class Change(NewPassword):
    """The present password, the new one twice, and a code of whoever has a second factor."""

    field_order = ("present", "password", "again", "code")
    present = Typed(
        label=gettext_lazy("Present password"), most=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    code = Typed(
        label=gettext_lazy("One-time code"), most=40, help_text=gettext_lazy("Six digits from the app."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip

    late = False
    """Too often tried: the present password was not looked at."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        if not user.factor:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """The new one is typed twice and good enough; only then the present one and the code are looked
        at, for a code holds once. Which of these two is wrong is not said."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if data["password"] != data["again"]:
            self.add_error("again", _("The two are not the same."))
            return data
        try:
            accounts.check_new(self.user, data["password"])
            if not failures.begin(attempts_of(self.user)):
                self.late = True
                self.add_error(None, _("Too many attempts. Please wait a minute."))
            elif not self._proven(data):
                self.add_error("present", _("The present password or the code is wrong."))
        except Refused as error:
            self.add_error(error.field if error.field in self.fields else None, str(error))
        return data

    def _proven(self, data: dict[str, Any]) -> bool:
        right = accounts.authenticate(self.user.username, data["present"]) is not None
        return right and ("code" not in data or factors.accepts(self.user, data["code"]))


def attempts_of(user: User) -> str:
    """The name under which attempts at this person's present password are counted."""
    return f"password {user.pk}"


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The form; changed, all other sessions of this person have ended. Whoever has no password, and
    signs in through the office's provider, is told how to get one."""
    user = cast(User, request.user)
    form = Change(user, request.POST if request.method == "POST" else None)
    has_one = is_password_usable(user.password)
    if has_one and form.is_valid():
        hashed = accounts.hash_password(user, form.cleaned_data["password"])
        actor = actor_of(request)
        write(lambda w: accounts.change_password(w, user.username, hashed), actor=actor)
        failures.forget(attempts_of(user))
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        return HttpResponseRedirect(reverse("console:password") + "?done=1")
    status = 200 if request.method == "GET" else 429 if form.late else 400
    context = {"form": form, "has_one": has_one, "done": "done" in request.GET and status == 200}
    return page(request, "console/password.html", context, status=status)
