"""One's own page of mails: turned on with an address, and off."""

from __future__ import annotations

from typing import cast

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.middleware import actor_of
from huhang.console.pages import page
from huhang.console.places import failed
from huhang.kernel.errors import HuhangError
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.parties import accounts
from huhang.parties.models import User


class Address(Form):
    mail = Typed(
        label=gettext_lazy("E-mail address"), most=accounts.MAIL_MOST,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """Whether this person is told by mail that there is something new."""
    user = cast(User, request.user)
    do = request.POST.get("do", "")
    form = Address(request.POST if do == "on" else None, initial={"mail": user.mail})
    status = 200
    if request.method == "POST":
        status = 400
        if do == "off" or form.is_valid():
            address = "" if do == "off" else form.cleaned_data["mail"]
            try:
                write(
                    lambda w: accounts.set_mail(w, user.username, address), actor=actor_of(request)
                )
                return HttpResponseRedirect(reverse("console:mail"))
            except HuhangError as error:
                failed(form, error)
    context = {"form": form, "on": user.mail, "possible": bool(settings.HUHANG_SMTP_HOST)}
    return page(request, "console/mail.html", context, status=status)
