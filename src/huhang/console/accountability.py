"""Proposals of accountability: the open ones, a leader's decision, revoking, a person's history."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.cases import accounting, persons
from huhang.cases.accountable import Outcome
from huhang.console.filters import PER_PAGE
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, language, page
from huhang.console.places import failed
from huhang.kernel import clock
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.plain import MAX_TEXT, plain_line
from huhang.kernel.write import write
from huhang.look.fields import Between, Choice, Form, LongText, Typed
from huhang.parties.models import Unit
from huhang.rulebook import current

ROWS = 4
"""Outcomes that one decision can have."""
LEVELS: dict[int, Any] = {
    1: gettext_lazy("first form"), 2: gettext_lazy("second form"),
    3: gettext_lazy("third form"), 4: gettext_lazy("fourth form"),
}  # fmt: skip


def _units() -> list[tuple[str, str]]:
    found = Unit.objects.filter(active=True).order_by("code")
    return [("", "—"), *((u.code, in_language(u)) for u in found)]


def form_words(key: str) -> str:
    """A form of calling to account, with its level, its period, and whether it is confirmed."""
    rule = current().outcome_forms[key]
    said = [rule.words.in_(language())]
    if rule.level:
        said.append(str(LEVELS[rule.level]))
    if rule.months:
        said.append(_("%(n)d months") % {"n": rule.months})
    if not rule.confirmed:
        said.append(_("source not confirmed"))
    return " · ".join(said)


class Decision(Form):
    """What a leader decides: outcomes in rows, or none of them."""

    note = LongText(label=gettext_lazy("Reason in words"), most=MAX_TEXT)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        by: dict[str, list[tuple[str, str]]] = {"person": [], "organisation": []}
        for key, rule in current().outcome_forms.items():
            by[rule.whose].append((key, form_words(key)))
        choices = [
            ("", "—"),
            (_("Persons"), by["person"]),
            (_("Organisations"), by["organisation"]),
        ]
        for n in range(1, ROWS + 1):
            label = {"n": n}
            self.fields[f"form{n}"] = Choice(
                label=_("Outcome %(n)d") % label, required=False, choices=choices
            )
            self.fields[f"unit{n}"] = Choice(
                label=_("Unit of outcome %(n)d") % label, required=False, choices=_units()
            )
            self.fields[f"person{n}"] = Typed(
                label=_("Person of outcome %(n)d") % label, most=80, required=False
            )

    def outcomes(self) -> list[accounting.Wanted]:
        """The rows that were filled in."""
        said = self.cleaned_data
        return [
            accounting.Wanted(said[f"form{n}"], said[f"unit{n}"], said[f"person{n}"])
            for n in range(1, ROWS + 1)
            if said[f"form{n}"] or said[f"person{n}"]
        ]


class Reason(Form):
    note = LongText(label=gettext_lazy("Reason in words"), most=MAX_TEXT)


class Whose(Form):
    """Whose history is opened, and why."""

    person = Typed(label=gettext_lazy("Name"), most=80)
    unit = Choice(label=gettext_lazy("Unit"), required=False)
    reason = LongText(
        label=gettext_lazy("Why it is opened"), most=MAX_TEXT,
        help_text=gettext_lazy("Kept in the log with your name and the person's."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["unit"].choices = _units()  # type: ignore[attr-defined]


class Period(Between):
    """From one day to another; what is left open begins or ends with this year."""

    begins, ends = gettext_lazy("From"), gettext_lazy("To")

    def days(self) -> tuple[date, date]:
        """Both days."""
        self.is_valid()
        today = clock.today()
        since, until = (self.cleaned_data.get(name) for name in ("since", "until"))
        return since or today.replace(month=1, day=1), until or today.replace(month=12, day=31)


def _here() -> None:
    if not current().accountability_causes:
        raise Missing(_("There is no such page."))


@for_roles("intake", "leader")
@require_safe
def accountability(request: HttpRequest) -> HttpResponse:
    """The proposals that wait for a decision; on request all of them."""
    _here()
    actor = actor_of(request)
    found = accounting.proposals(actor)
    if "all" not in request.GET:
        found = accounting.with_open(found)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    period = Period(request.GET)
    since, until = period.days()
    counted = persons.counted(actor, since, until)
    context = {
        "page": shown,
        "rows": [
            {**row, "about": (row["case"], row["cause"])}
            for row in accounting.views(list(shown.object_list))
        ],
        "may": actor.has("leader"), "all": "all" in request.GET,
        "period": period, "counted": counted, "since": since, "until": until,
        "forms": [(form_words(f.key), f.whose, f.number) for f in counted.forms if f.number],
    }  # fmt: skip
    return page(request, "console/accountability.html", context, here="accountability")


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """A leader decides: nobody is called to account, or what comes of it for whom."""
    _here()
    actor = actor_of(request)
    found, case = accounting.access(actor, ref)
    form = Decision(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write(
                lambda w: accounting.decide(
                    w, ref, note=form.cleaned_data["note"], outcomes=form.outcomes()
                ),
                actor=actor,
            )
        except HuhangError as error:
            failed(form, error)
        else:
            return HttpResponseRedirect(
                reverse("console:case", args=[case.ref]) + "?done=decide_accountability"
            )
    context = {"proposal": accounting.views([found])[0], "case": case, "form": form}
    status = 400 if form.errors else 200
    return page(request, "console/decide.html", context, here="accountability", status=status)


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, ref: str) -> HttpResponse:
    """A leader revokes an outcome, with a reason."""
    _here()
    actor = actor_of(request)
    found = (
        Outcome.objects.filter(ref=plain_line(ref)[:12]).select_related("unit", "proposal").first()
    )
    if found is None:
        raise Missing(_("There is no such outcome."))
    _proposal, case = accounting.access(actor, found.proposal.ref)
    form = Reason(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write(lambda w: accounting.revoke(w, ref, note=form.cleaned_data["note"]), actor=actor)
        except HuhangError as error:
            failed(form, error)
        else:
            return HttpResponseRedirect(
                reverse("console:case", args=[case.ref]) + "?done=revoke_outcome"
            )
    context = {"outcome": accounting.outcome_view(found), "case": case, "form": form}
    status = 400 if form.errors else 200
    return page(request, "console/revoke.html", context, here="accountability", status=status)


@for_roles("leader")
@require_http_methods(["GET", "POST"])
def history(request: HttpRequest) -> HttpResponse:
    """A person's history: opened with a reason, which the log keeps."""
    _here()
    form = Whose(request.POST or None)
    rows = None
    if request.method == "POST" and form.is_valid():
        try:
            rows = write(
                lambda w: accounting.history(w, **form.cleaned_data), actor=actor_of(request)
            )
        except HuhangError as error:
            failed(form, error)
    context = {
        "form": form,
        "rows": rows,
        "name": form.cleaned_data["person"] if rows is not None else "",
    }
    status = 400 if form.errors else 200
    return page(request, "console/history.html", context, here="accountability", status=status)
