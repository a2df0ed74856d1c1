"""The queue: filters, sorting, search and paging, all in the address; verbs on a selection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from huhang.cases import approving, asking, batches, days, flow, proposing, queries
from huhang.cases.fairness import reading
from huhang.cases.models import Case
from huhang.cases.reading import who_will_read
from huhang.console.filters import PER_PAGE, CaseFilters, Columns, heads
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.console.verb_forms import VerbForm
from huhang.insight import ledger
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.look.fields import Choice, Typed
from huhang.look.files import EXCEL, download
from huhang.rulebook import current

MOST_CHECKS = 20
COLUMNS: Columns = (
    ("", gettext_lazy("Reference")),
    ("", gettext_lazy("Title")),
    ("state", gettext_lazy("State")),
    ("due", gettext_lazy("Due")),
    ("unit", gettext_lazy("Unit")),
    ("received", gettext_lazy("Received on")),
)


class Filters(CaseFilters):
    """The filters of the queue."""

    field_order = (
        "q", "state", "kind", "channel", "unit", "behaviour", "due", "since", "until", "mine",
        "approval", "hinted",
    )  # fmt: skip

    q = Typed(label=gettext_lazy("Search"), required=False, most=100)
    kind = Choice(label=gettext_lazy("Kind"), required=False)
    channel = Choice(label=gettext_lazy("Channel"), required=False)
    behaviour = Choice(label=gettext_lazy("Behaviour"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("My turn"), required=False)
    approval = forms.BooleanField(label=gettext_lazy("Waits for my approval"), required=False)
    hinted = forms.BooleanField(
        label=gettext_lazy("Perhaps a matter of discipline"), required=False
    )

    def __init__(self, *args: Any, triages: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = current()
        if book.discipline_words is None or not triages:
            del self.fields["hinted"]
        self.offer("kind", [(k, v.in_(language())) for k, v in book.kinds.items()])
        self.offer("channel", [(k, v.in_(language())) for k, v in book.channels.items()])
        self.offer("behaviour", [(k, b.words.in_(language())) for k, b in book.behaviours.items()])
        # Open cases unless a state is chosen; a search looks at all of them.
        first, other = ("all", "open") if self.data.get("q", "").strip() else ("open", "all")
        says = {"all": _("all"), "open": _("open")}
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", says[first]), (other, says[other]), *((s, flow.STATES[s]) for s in queries.used()[0]),
        ]  # fmt: skip
        if self.data.get("state") == first:
            self.data = {**dict(self.data.items()), "state": ""}


def rows_of(cases: Any) -> list[dict[str, Any]]:
    """Cases as rows of a table."""
    book = current()
    today = clock.today()
    cases = list(cases)
    waiting = queries.unanswered(cases)
    return [
        {
            "case": case,
            "waiting": case.pk in waiting,
            "state": flow.STATES[case.state],
            "kind": book.kinds[case.kind].in_(language()) if case.kind in book.kinds else case.kind,
            "unit": in_language(case.unit),
            **days.due_of(case, today),
        }
        for case in cases
    ]


@for_roles(*CASE_ROLES)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The cases that this person may see, the next duty on top."""
    actor = actor_of(request)
    form = Filters(request.GET, triages=actor.has("intake") or actor.has("leader"))
    form.is_valid()
    found = asking.asked(actor, form.cleaned_data, request.GET.get("sort", ""))
    if request.GET.get("format") == "excel":
        return _as_excel(found.keys(ledger.MOST))
    shown = found.page(request.GET.get("page"), PER_PAGE)
    offered = _offered(actor, shown.cases)
    return page(
        request,
        "console/queue.html",
        {
            "form": form,
            "page": shown,
            "rows": rows_of(shown.cases),
            "heads": heads(COLUMNS, found.sort, asking.SORTS),
            "search_text": request.GET.get("q", ""),
            "verbs": [(v, flow.VERBS[v]) for v in offered],
            "done": request.GET.get("done", ""),
            "checks_due": reading.checks_due(actor)[:MOST_CHECKS],
            "to_approve": len(approving.waiting_for(actor)),
        },
        here="queue",
    )


def _as_excel(keys: list[int]) -> HttpResponse:
    """The whole queue as it is filtered and sorted, as the ledger that offices exchange."""
    if len(keys) > ledger.MOST:
        raise Refused(_("More than %(most)d cases: filter them first.") % {"most": ledger.MOST})
    by_key: dict[int, Case] = {}
    for start in range(0, len(keys), 500):
        by_key |= Case.objects.select_related("unit").in_bulk(keys[start : start + 500])
    title = _("Ledger of cases")
    content = ledger.workbook([by_key[k] for k in keys if k in by_key], language(), title)
    return download(content, EXCEL, f"{title}-{clock.today().isoformat()}.xlsx")


def _offered(actor: Actor, cases: list[Case]) -> list[str]:
    """The verbs that this person may do on at least one of the cases of the page, in table order."""
    parties = queries.parties_of(cases)
    found = {v for c in cases for v in queries.verbs_for(actor, c, parties[c.pk])}
    return [v for v in flow.VERBS if v in found - set(flow.ONE_BY_ONE)]


@for_roles(*CASE_ROLES)
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """One verb on the selected cases: first its form and who it will reach, then what became of each."""
    actor = actor_of(request)
    verb = request.POST.get("verb", "")
    refs = request.POST.getlist("ref")
    chosen = batches.choose(actor, verb, refs)
    able, parties = chosen.able, chosen.parties
    form = VerbForm(
        verb, able[0] if able else None, request.POST if "confirm" in request.POST else None
    )
    if len(able) > 1:
        form.fields.pop("title", None)  # each keeps its own
    form.fields.pop(flow.REPEATED, None)  # nobody lets words out that they were not shown
    context: dict[str, Any] = {
        "verb": verb,
        "label": flow.VERBS[verb],
        "able": rows_of(able),
        "left_out": chosen.left_out,
        "form": form,
        "reach": who_will_read(verb, [p for c in able for p in parties[c.pk]]),
    }
    if "confirm" not in request.POST or not form.is_valid():
        return page(request, "console/batch.html", context, here="queue")
    outcome = [
        {
            "case": case,
            "failed": why is not None,
            "why": why or "",
            "waits": why is None and verb in proposing.waiting_verbs(case),
        }
        for case, why in batches.perform_each(actor, verb, able, form.values())
    ]
    context["outcome"] = outcome
    context["done"] = sum(not o["failed"] and not o["waits"] for o in outcome)
    return page(request, "console/batch_done.html", context, here="queue")
