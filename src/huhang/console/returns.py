"""Returns (报表): the periods with their states, one table, freezing, signing, sending."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import language, page
from huhang.insight.documents import TYPES
from huhang.insight.returns import actions, files, freezing, view
from huhang.insight.returns.queries import READERS, Line, Reading
from huhang.kernel import clock
from huhang.kernel.errors import HuhangError
from huhang.kernel.plain import whole_number
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.look.files import download
from huhang.rulebook import ReturnRule, current


class Freezing(Form):
    reason = Typed(label=gettext_lazy("Reason in words"), most=500)


class Sending(Form):
    on = forms.DateField(
        label=gettext_lazy("Sent on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    to = Typed(label=gettext_lazy("Sent to"), most=120)
    serial = Typed(label=gettext_lazy("Serial number"), most=60, required=False)


class Correcting(Sending):
    reason = Typed(label=gettext_lazy("What was wrong in the note"), most=500)


@for_roles(*READERS)
@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """The periods of a year with their states, by table."""
    reading = Reading(actor_of(request))
    years = reading.years()
    year = whole_number(request.GET.get("year", ""))
    if year not in years:
        year = years[0] if years else clock.today().year
    tables: dict[str, tuple[ReturnRule, list[dict[str, Any]]]] = {}
    for line in reading.lines(year):
        rows = tables.setdefault(line.rule.id, (line.rule, []))[1]
        rows.append({"line": line, "name": view.period_words(line.period), "badge": _badge(line)})
    shown = [
        {"rule": rule, "name": rule.words.in_(language()), "to": rule.to.in_(language()),
         "source": rule.source.in_(language()), "rows": rows}
        for rule, rows in tables.values()
    ]  # fmt: skip
    context = {"year": year, "years": years, "tables": shown, "any": bool(current().returns)}
    return page(request, "console/returns.html", context, here="returns")


def _badge(line: Line) -> tuple[str, str]:
    """Kind and words of a period's badge: what is late comes before all else."""
    words = view.state_words(line)
    if line.overdue:
        return "overdue", f"{_('overdue')}{view.colon()}{words}"
    if line.sent_late:
        return "overdue", _("sent late")
    if line.state == "sent":
        return "done", words
    return ("plain" if line.state == "running" else "due"), words


@for_roles(*READERS)
@require_safe
def one_return(request: HttpRequest, table: str, period: str) -> HttpResponse:
    """One return: its table, its corrections, the year; as page, Word, Excel or JSON."""
    actor = actor_of(request)
    reading = Reading(actor)
    found, one = reading.find(table, period)
    document = view.document(reading, found, one)
    form = request.GET.get("format", "")
    if form in TYPES:
        return download(*files.made(document, form))
    if form == "json":
        content = JsonResponse(view.as_json(document)).content
        return download(content, "application/json", f"{files.file_name(document)}.json")
    line = document.line
    leader = actor.has("leader")
    context = {
        "document": document, "table": table, "period": found, "frozen": one is not None,
        "badge": _badge(line), "empty": _empty(line),
        "may_freeze": leader and one is None and found.since <= clock.today(),
        "may_sign": leader and line.state == "frozen", "may_send": line.state == "signed",
        "may_correct": line.state == "sent",
    }  # fmt: skip
    return page(request, "console/return.html", context, here="returns")


def _empty(line: Line) -> str:
    return (
        _("Nothing to report: a zero report.")
        if line.state not in ("running", "waiting")
        else _("Nothing in this period so far.")
    )


def _asked(
    request: HttpRequest, table: str, period: str, form: forms.Form | None, check: Any, do: Any,
    words: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    """Ask once, with a form or without, and do it. ``check`` raises why it cannot be asked at all."""
    if request.method != "POST":
        check()
    back = reverse("console:return", args=[table, period])
    status, errors = 200, []
    if request.method == "POST":
        status = 400
        if form is None or form.is_valid():
            try:
                do()
                return HttpResponseRedirect(back)
            except HuhangError as error:
                if form is not None and error.field in form.fields:
                    form.add_error(error.field, str(error))
                else:
                    errors = [str(error)]
    context = {**words, "form": form, "back_url": back, "errors": errors}
    return page(request, "console/return_do.html", context, here="returns", status=status)


def _posted(request: HttpRequest, **initial: Any) -> dict[str, Any]:
    return {"data": request.POST if request.method == "POST" else None, "initial": initial}


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def freeze(request: HttpRequest, table: str, period: str) -> HttpResponse:
    """Freeze a period early, or one that the worker has missed: asks for the reason."""
    actor = actor_of(request)
    found, _one = Reading(actor).find(table, period)
    form = Freezing(**_posted(request))
    words = {
        "title": _("Freeze %(period)s now?") % {"period": view.period_words(found)},
        "text": _(
            "The worker does it at the cut-off by itself. Frozen now, the table holds what was "
            "known until now, or at the cut-off where that has passed; what comes later stands "
            "in the next return as a correction."
        ),
        "kept": _("The table as it is frozen, by whom, when and why. It never changes afterwards."),
        "label": _("Freeze"),
    }  # fmt: skip
    return _asked(
        request, table, period, form, lambda: freezing.check_by_hand(actor, found),
        lambda: freezing.by_hand(actor, found, form.cleaned_data["reason"]), words,
    )  # fmt: skip


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, table: str, period: str) -> HttpResponse:
    """Sign a frozen return."""
    actor = actor_of(request)
    found, one = Reading(actor).find(table, period)
    words = {
        "title": _("Sign %(period)s?") % {"period": view.period_words(found)},
        "text": _("You sign the numbers as they were frozen, with the corrections that it holds."),
        "kept": _("That you signed it, and when."),
        "label": _("Sign"),
    }
    return _asked(
        request, table, period, None, lambda: actions.check_sign(actor, one.row if one else None),
        lambda: write(lambda w: actions.sign(w, table, period), actor=actor), words,
    )  # fmt: skip


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, table: str, period: str) -> HttpResponse:
    """Note that a signed return was sent: asks when, to whom, under which number; and, where it was
    noted already, what was wrong."""
    actor = actor_of(request)
    reading = Reading(actor)
    found, one = reading.find(table, period)
    named = {"period": view.period_words(found)}
    if one is None or one.row.sent_on is None:
        initial = {"on": clock.today().isoformat(), "to": found.rule.to.in_(language())}
        form: Form = Sending(**_posted(request, **initial))
        words = {
            "title": _("Note that %(period)s was sent?") % named,
            "text": _("Send the file by the channel that its receiver prescribes; this notes it."),
            "kept": _("When it was sent, to whom and under which number."),
            "label": _("Note it"),
        }
    else:
        noted = reading.sent_of(one.row)
        initial = {"on": one.row.sent_on.isoformat(), "to": noted["to"], "serial": noted["serial"]}
        form = Correcting(**_posted(request, **initial))
        words = {
            "title": _("Correct the note that %(period)s was sent?") % named,
            "text": _("The return itself stays as it is: only the note of its sending changes."),
            "kept": _("The earlier note, the new one, and what was wrong."),
            "label": _("Correct it"),
        }
    return _asked(
        request, table, period, form, lambda: actions.check_send(actor, one.row if one else None),
        lambda: write(
            lambda w: actions.send(w, table, period, **form.cleaned_data), actor=actor
        ), words,
    )  # fmt: skip
