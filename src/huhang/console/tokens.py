"""Tokens: what lets a program act for oneself. Made and revoked here; shown once."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import ROLE_WORDS, language, page
from huhang.console.places import asked, failed
from huhang.kernel import clock
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.look.once import new_mark, once, shown
from huhang.parties import accounts
from huhang.parties.models import Token, User
from huhang.parties.queries import SCOPES, tokens_of

SCOPE_WORDS: dict[str, Any] = {
    "read": gettext_lazy("read what you may read"),
    "report": gettext_lazy("enter reports"),
    "act": gettext_lazy("do verbs on cases"),
    "import": gettext_lazy("import files"),
    "publish": gettext_lazy("publish, and take back"),
    "admin": gettext_lazy("set up units, groups, sites and people"),
    "calendar": gettext_lazy(
        "show in a calendar how many cases are due on which day (alone: as an address)"
    ),
}
EVERYBODY = tuple(ROLE_WORDS)


class NewToken(Form):
    name = Typed(
        label=gettext_lazy("What it is for"), most=80,
        help_text=gettext_lazy("The program, and where it runs."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=[(s, SCOPE_WORDS[s]) for s in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Never more than you may do yourself, on the day that it is used."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("Days that it holds"), min_value=1, max_value=accounts.TOKEN_MOST_DAYS,
        initial=90,
    )  # fmt: skip


def rows_of(user_ref: str) -> list[dict[str, Any]]:
    """A user's tokens, as rows."""
    now = clock.now()
    return [
        {"token": t, "scopes": [SCOPE_WORDS[s] for s in t.scopes.split() if s in SCOPE_WORDS],
         "holds": t.revoked_at is None and t.expires_at > now}
        for t in tokens_of(user_ref)
    ]  # fmt: skip


@for_roles(*EVERYBODY)
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once, on the page that follows its form."""
    actor = actor_of(request)
    form = NewToken(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            name = User.objects.get(ref=actor.ref).username
            try:
                ref = _made_once(request, name, form.cleaned_data)
                return HttpResponseRedirect(reverse("console:tokens") + f"?made={ref}")
            except HuhangError as error:
                failed(form, error)
    rows = rows_of(actor.ref)
    made = request.GET.get("made", "")
    token = next((r["token"] for r in rows if r["token"].ref == made), None)
    secret = shown.take(f"token {actor.ref} {made}")
    context = {"form": form, "rows": rows, "mark": new_mark(), "made": token, "secret": secret,
               "api_url": f"{settings.HUHANG_BASE_URL}/api/v1"}  # fmt: skip
    if secret and token is not None and token.scopes == "calendar":
        asked_for = urlencode({"key": secret, "lang": "en" if language() == "en" else "zh-hans"})
        context["feed"] = request.build_absolute_uri(f"/api/v1/due.ics?{asked_for}")
    return page(request, "console/tokens.html", context, status=status)


def _made_once(request: HttpRequest, username: str, wanted: dict[str, Any]) -> str:
    """Make the token, and for the same form sent again nothing: the reference of the one it made."""
    actor = actor_of(request)

    def make() -> str:
        made, secret = write(lambda w: accounts.make_token(w, username, **wanted), actor=actor)
        shown.keep(f"token {actor.ref} {made.ref}", secret)
        return made.ref

    mark = request.POST.get("mark", "")
    key = f"token {actor.ref} {mark} {wanted}"
    return once.run(mark and hashlib.sha256(key.encode()).hexdigest(), make)


@for_roles(*EVERYBODY)
@require_POST
def revoke(request: HttpRequest, ref: str) -> HttpResponse:
    """Revoke a token, after a question: one's own; an administrator anybody's."""
    actor = actor_of(request)
    found = Token.objects.select_related("user").filter(ref=ref, revoked_at__isnull=True).first()
    own = found is not None and found.user.ref == actor.ref
    if found is None or not (own or actor.has("administrator")):
        raise Missing(_("There is no such token."))
    back = (
        reverse("console:tokens") if own else reverse("console:person", args=[found.user.username])
    )
    if "confirm" not in request.POST:
        return asked(
            request, here="", title=_("Revoke the token “%(name)s”?") % {"name": found.name},
            text=_("Whatever uses it is refused at once. It cannot be brought back."),
            kept=_("That it was there and that it was revoked, by whom and when."),
            label=_("Revoke"), back_url=back,
        )  # fmt: skip
    write(lambda w: accounts.revoke_token(w, ref), actor=actor)
    return HttpResponseRedirect(back)
