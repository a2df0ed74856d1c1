"""The negative ledger and the two lists: filters, sorting and paging in the address; as Excel."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from huhang.cases import days, duties, flow, lists, queries
from huhang.console import imports
from huhang.console.filters import PER_PAGE, CaseFilters, Columns, heads
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.insight import forms as excel
from huhang.intake import kept, runs
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.look.fields import Choice
from huhang.look.files import EXCEL, download
from huhang.parties.models import Group, Unit
from huhang.rulebook import current

COLUMNS: Columns = (
    ("", gettext_lazy("Reference")),
    ("", gettext_lazy("Title")),
    ("unit", gettext_lazy("Unit")),
    ("state", gettext_lazy("State")),
    ("due", gettext_lazy("Due")),
    ("", gettext_lazy("Rectification")),
)


REMEMBERED = 10
"""Forms that came back among which the newest of a list is looked for."""
GROUP = "group:"
"""What a group's code stands behind in the filter of units, which offers both."""


class Filters(CaseFilters):
    """The filters of a list. In the negative ledger a group can be responsible, and a row bear
    either duty, both or none."""

    field_order = ("unit", "duty", "state", "due", "since", "until")

    duty = Choice(label=gettext_lazy("Duty"), required=False)

    def __init__(self, which: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [
            ("", _("open")),
            ("all", _("all")),
            *((s, flow.STATES[s]) for s in lists.LISTED if s in queries.used()[0]),
        ]
        self.fields["state"].choices = states  # type: ignore[attr-defined]
        if which != lists.NEGATIVE:
            del self.fields["duty"]
            return
        words = {key: duty.words.in_(language()) for key, duty in current().duties.items()}
        words |= {duties.BOTH: _("both"), "none": _("no unit bears it")}
        self.offer("duty", words.items())
        groups = [(GROUP + g.code, in_language(g)) for g in Group.objects.order_by("code")]
        self.fields["unit"].choices += [(_("Groups"), groups)]  # type: ignore[attr-defined]

    def wanted(self) -> lists.Wanted:
        """What is asked for, without what was wrong."""
        given = {k: v for k, v in self.cleaned_data.items() if v}
        if given.get("unit", "").startswith(GROUP):
            given["group"] = given.pop("unit").removeprefix(GROUP)
        return lists.Wanted(**given)


@for_roles(*CASE_ROLES)
@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """The lists begin with the negative ledger."""
    if not lists.names():
        raise Missing(_("There is no such list."))
    return HttpResponseRedirect(reverse("console:list", args=[lists.NEGATIVE]))


@for_roles(*CASE_ROLES)
@require_safe
def one(request: HttpRequest, which: str) -> HttpResponse:
    """One list, as far as this person may see it."""
    if which not in lists.names():
        raise Missing(_("There is no such list."))
    actor = actor_of(request)
    form = Filters(which, request.GET)
    form.is_valid()
    wanted = form.wanted()
    sort = request.GET.get("sort", "due")
    if sort not in (*lists.SORTS, "unit"):
        sort = "due"
    if request.GET.get("format") == "excel":
        hand_to = request.GET.get("for", "")
        return _as_excel(request, actor, which, wanted, sort, hand_to)
    pages = Paginator(lists.entries(actor, which, wanted, sort), PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    shown.object_list = lists.rows(list(shown.object_list))
    unit = Unit.objects.filter(code=wanted.unit).first() if wanted.unit else None
    group = Group.objects.filter(code=wanted.group).first() if wanted.group else None
    context = {
        "which": which,
        "title": excel.title(which),
        "tabs": [(w, excel.title(w)) for w in lists.names()],
        "form": form,
        "page": shown,
        "rows": [_row(r) for r in shown.object_list],
        "heads": heads(COLUMNS, sort, lists.SORTS),
        "count": pages.count,
        "unit": unit,
        "unit_name": in_language(unit or group),
        "today": clock.today(),
        "sent_back": _sent_back(actor, which),
    }
    return page(request, "console/list.html", context, here="lists")


def _sent_back(actor: Actor, which: str) -> dict[str, Any] | None:
    """The newest form of this list that the person sent back, as long as its answer is kept."""
    sent = [run for run in runs.own_runs(actor) if run.kind == "list"]
    for run in sent[:REMEMBERED]:
        found = imports.list_of(run, kept.status(run))
        if found and found[0] == which:
            return imports.rows_of([run])[0]
    return None


def _row(row: lists.Row) -> dict[str, Any]:
    book = current()
    told = row.rectification
    return {
        "case": row.case,
        "state": flow.STATES[row.case.state],
        "finding": book.findings[row.case.finding].in_(language()) if row.case.finding else "",
        "unit": in_language(row.unit or row.group),
        "about": in_language(row.case.unit) if row.case.unit != row.unit else "",
        "own": " · ".join(_own(row)),
        "others": _others(row),
        "progress": lists.PROGRESS[row.progress],
        "said": row.said,
        "planned_on": told.planned_on if told else None,
        "finished_on": told.finished_on if told else None,
        **days.due_of(row.case, clock.today()),
    }


def _own(row: lists.Row) -> list[str]:
    """The part of the row's unit, and the duties that it bears."""
    if row.party is None:
        return []
    borne = [current().duties[d].words.in_(language()) for d in duties.duties_of(row.party)]
    return [str(flow.RELATIONS[row.party.relation]), *borne]


def _others(row: lists.Row) -> list[tuple[str, str]]:
    """Which other units bear a duty beside it."""
    found = []
    for key, duty in current().duties.items():
        names = [in_language(u) for u in row.bearing(key) if u != row.unit]
        if names:
            found.append((duty.words.in_(language()), pgettext("list", ", ").join(names)))
    return found


def _as_excel(
    request: HttpRequest, actor: Actor, which: str, wanted: lists.Wanted, sort: str, hand_to: str
) -> HttpResponse:
    """The list as it is filtered and sorted; for a unit only what its officers may know."""
    unit = Unit.objects.filter(code=hand_to).first() if hand_to else None
    if hand_to:
        if unit is None:
            raise Refused(_("There is no unit “%(given)s”.") % {"given": hand_to[:40]}, field="for")
        wanted = lists.Wanted(**{**vars(wanted), "unit": unit.code, "hand_to": unit.code})
    keys = excel.keys(lists.entries(actor, which, wanted, sort))
    content = excel.workbook(
        lists.rows(keys), which, maker=in_language(request.user), hand_to=in_language(unit),
        hands_out=excel.hands_out(actor),
    )  # fmt: skip
    return download(content, EXCEL, excel.file_name(which, in_language(unit)))
