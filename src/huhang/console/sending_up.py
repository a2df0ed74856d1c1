"""What belongs to a superior organ: how many came on which day, and until when they go up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huhang.cases import days, sending_up
from huhang.cases.models import SentUp
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import language, page
from huhang.kernel import clock
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.write import write
from huhang.look.fields import Choice, Form
from huhang.rulebook import current

PER_PAGE = 50
DONE: dict[str, Any] = {
    "noted": gettext_lazy("Noted: the count and the day, nothing else."),
    "forwarded": gettext_lazy("Noted that it went up."),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class Received(Form):
    """The two fields of a note: nothing else of such a report is asked."""

    received_on = _day(gettext_lazy("Received on"))
    count = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=sending_up.MOST, initial=1
    )


class Forwarded(Form):
    """When they went up, and to which level."""

    forwarded_on = _day(gettext_lazy("Sent up on"))
    level = Choice(label=gettext_lazy("To which level"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(k, v.in_(language())) for k, v in current().superior_levels.items()]
        self.fields["level"].choices = [("", "—"), *words]  # type: ignore[attr-defined]


@for_roles(*sending_up.ROLES)
@require_http_methods(["GET", "POST"])
def sent_up(request: HttpRequest) -> HttpResponse:
    """The form of two fields, what has not gone up yet, what did, and the months."""
    if current().sent_up is None:
        raise Missing(_("There is no such page."))
    today = clock.today()
    form = Received(request.POST if request.method == "POST" else None,
                    initial={"received_on": today.isoformat()})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            write(
                lambda w: sending_up.note(w, given["received_on"], given["count"]),
                actor=actor_of(request),
            )
        except HuhangError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return HttpResponseRedirect(reverse("console:sent_up") + "?done=noted")
    return _page(request, form, None, None)


@for_roles(*sending_up.ROLES)
@require_POST
def forward(request: HttpRequest, ref: str) -> HttpResponse:
    """Note that one of them went up."""
    form = Forwarded(request.POST, prefix=ref)
    if form.is_valid():
        on, level = form.cleaned_data["forwarded_on"], form.cleaned_data["level"]
        try:
            write(lambda w: sending_up.forward(w, ref, level, on), actor=actor_of(request))
        except Missing:
            raise
        except HuhangError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return HttpResponseRedirect(reverse("console:sent_up") + "?done=forwarded")
    return _page(request, Received(initial={"received_on": clock.today().isoformat()}), ref, form)


def _page(
    request: HttpRequest, form: Received, ref: str | None, answered: Forwarded | None
) -> HttpResponse:
    today = clock.today()
    pages = Paginator(sending_up.gone_up(), PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    open_ones = [
        {
            "note": note,
            "form": answered if note.ref == ref else _forwarded(note, today),
            "late": note.due_on < today,
            "due": days.days_left(note.due_on, note.due_provisional, today),
        }
        for note in sending_up.open_ones()
    ]
    levels = current().superior_levels
    context = {
        "form": form,
        "rows": open_ones,
        "late": sum(1 for row in open_ones if row["late"]),
        "page": shown,
        "gone": [(n, levels[n.level].in_(language()) if n.level in levels else n.level,
                  n.forwarded_on is not None and n.forwarded_on > n.due_on)
                 for n in shown.object_list],
        "months": sending_up.by_month(),
        "term": current().sent_up,
        "done": DONE.get(request.GET.get("done", "")),
    }  # fmt: skip
    wrong = request.method == "POST"
    return page(
        request, "console/sent_up.html", context, here="sent_up", status=400 if wrong else 200
    )


def _forwarded(note: SentUp, today: date) -> Forwarded:
    return Forwarded(prefix=note.ref, initial={"forwarded_on": today.isoformat()})
