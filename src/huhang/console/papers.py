"""Papers of a case as files, their serial numbers, and the series with its voids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huhang.cases.flow import REPEATED
from huhang.cases.leaving import quoted
from huhang.cases.models import Case
from huhang.cases.queries import access_case, payload_value
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.console.places import asked
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.plain import whole_number
from huhang.kernel.write import write
from huhang.look.fields import Form
from huhang.look.files import download
from huhang.papers import actions, drawing, pdf, queries, repeats
from huhang.papers.context import content
from huhang.papers.models import Number
from huhang.parties.models import User
from huhang.rulebook import current

PER_PAGE = 50


def panel(actor: Actor, case: Case) -> dict[str, Any]:
    """What the case's page shows of its papers."""
    return {
        "offers": [(o, o.rule.words.in_(language())) for o in queries.offers(actor, case)],
        "no_pdf": "" if pdf.available() else pdf.needs(),
    }


@for_roles(*CASE_ROLES)
@require_safe
def paper(request: HttpRequest, ref: str, paper: str, suffix: str) -> HttpResponse:
    """A paper as Word or PDF; ``?number=``: the reference of its number, else a draft."""
    if suffix not in drawing.FORMS:
        raise Missing(_("There is no such paper."))
    drawn = drawing.draw(actor_of(request), ref, paper, suffix, request.GET.get("number", "")[:12])
    response = download(drawn.content, drawing.FORMS[suffix], f"{drawn.name}.{suffix}")
    response["Cache-Control"] = "no-store"
    return response


@for_roles("intake", "leader")
@require_POST
def issue(request: HttpRequest, ref: str, paper: str) -> HttpResponse:
    """Give a paper its number, after a question, and show the case again. Sent twice it gives one."""
    actor = actor_of(request)
    back = reverse("console:case", args=[ref]) + "#papers"
    if "confirm" not in request.POST:
        offer = queries.access_offer(actor, ref, paper)
        case = access_case(actor, ref)
        repeated = repeats.found(actor, case, offer.rule, content(case, clock.now()))
        return _ask(request, offer, repeated, back)
    known = whole_number(request.POST.get("known", ""))
    confirmed = REPEATED in request.POST
    write(
        lambda w: actions.issue_number(w, ref, paper, known=known, repeated=confirmed), actor=actor
    )
    return HttpResponseRedirect(reverse("console:case", args=[ref]) + "?done=issue_number#papers")


def _ask(
    request: HttpRequest, offer: queries.Offer, repeated: Sequence[str], back: str
) -> HttpResponse:
    """The question before a number is given: it can be voided, never taken back. ``repeated``: what
    the paper repeats of the report; who says yes lets it out."""
    title = _("Give “%(paper)s” a serial number?") % {"paper": offer.rule.words.in_(language())}
    text = _("The next number of its series is used up. It can be voided, never taken back.")
    if offer.numbers:
        serials = pgettext("list", ", ").join(n.serial for n in offer.numbers)
        text = (
            _("It bears %(serials)s already; this gives one more.") % {"serials": serials}
            + " "
            + text
        )
    again: list[tuple[str, Any]] = [("known", len(offer.numbers))]
    if repeated:
        again.append((REPEATED, "on"))
        text = (
            _("This paper repeats the report's own words: %(words)s. They leave with it.")
            % {"words": quoted(repeated)}
            + " "
            + text
        )
    return asked(
        request, here="queue", danger=bool(repeated), again=again, title=title, text=text, back_url=back,
        kept=_("The number for ever, also when it is voided; by whom and when; what the paper says now."),
        label=_("Give the number"),
    )  # fmt: skip


class Reason(Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason in words"), widget=forms.Textarea(attrs={"rows": 3})
    )


@for_roles("intake", "leader")
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Void a number: asks for the reason."""
    actor = actor_of(request)
    case, found = queries.access_number(actor, number)
    if request.method != "POST" and found.voided_at is not None:
        raise Refused(_("This number has been voided already."))
    form = Reason(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                write(
                    lambda w: actions.void_number(w, found.ref, form.cleaned_data["reason"]),
                    actor=actor,
                )
                back = reverse("console:case", args=[case.ref])
                return HttpResponseRedirect(back + "?done=void_number#papers")
            except Refused as error:
                form.add_error("reason" if error.field == "reason" else None, str(error))
    context = {
        "title": _("Void %(serial)s?") % {"serial": found.serial},
        "text": _("The number is not given again. It stays in its series, marked as void."),
        "kept": _("That it was given and voided, by whom, when and why."),
        "label": _("Void"),
        "form": form,
        "danger": True,
        "back_url": reverse("console:case", args=[case.ref]),
    }
    return page(request, "console/confirm.html", context, here="numbers", status=status)


@for_roles("intake", "leader")
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """A year of a series with its voids, as far as this person may see the cases."""
    actor = actor_of(request)
    series = {s.id: s.words.in_(language()) for s in current().series.values()}
    given = queries.series_with_numbers(actor)
    series.update((old, old) for old in given if old not in series)
    chosen = request.GET.get("series", "")
    if chosen not in series:
        chosen = next((s for s in series if s in given), next(iter(series), ""))
    this_year = clock.today().year
    year = whole_number(request.GET.get("year", "")) or this_year
    years = queries.years(actor)
    if year not in years:
        year = this_year
    pages = Paginator(queries.listed(actor, chosen, year), PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    rows = list(shown.object_list)
    context = {
        "series": list(series.items()),
        "chosen": chosen,
        "name": series.get(chosen, ""),
        "year": year,
        "years": sorted({*years, this_year}, reverse=True),
        "page": shown,
        "rows": _rows(rows),
    }
    return page(request, "console/numbers.html", context, here="numbers")


def _rows(found: list[Number]) -> list[dict[str, Any]]:
    papers = current().papers
    users = {u.ref: in_language(u) for u in User.objects.filter(
        ref__in={n.by for n in found} | {n.voided_by for n in found})}  # fmt: skip
    rows = []
    for number in found:
        rule = papers.get(number.paper)
        reason = payload_value(number.reason)
        rows.append(
            {
                "number": number,
                "paper": rule.words.in_(language()) if rule else number.paper,
                "by": users.get(number.by, _("Operator of the machine")),
                "voided_by": users.get(number.voided_by, _("Operator of the machine")),
                "reason": reason["text"] if reason else _("These words were erased."),
            }
        )
    return rows
