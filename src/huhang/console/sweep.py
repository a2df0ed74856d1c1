"""The page of what rests: kept for reference or held for now, with when somebody last looked at it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huhang.cases import flow, sweeping
from huhang.console.filters import PER_PAGE
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.kernel.errors import Missing
from huhang.look.fields import Choice, Form
from huhang.parties.models import Unit
from huhang.parties.queries import below
from huhang.rulebook import current

MONTHS = (1, 3, 6, 12, 24)


class Filters(Form):
    """The filters of the page, in its address."""

    months = Choice(label=gettext_lazy("Not swept for"), required=False)
    unit = Choice(label=gettext_lazy("Unit"), required=False)

    def __init__(self, usual: int, data: Any) -> None:
        super().__init__(data)
        said = _("%(n)d months")
        self.fields["months"].choices = [  # type: ignore[attr-defined]
            ("", _("any")),
            *((str(n), said % {"n": n}) for n in sorted({*MONTHS, usual})),
        ]
        units = Unit.objects.order_by("code")
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", _("any")), *((u.code, in_language(u)) for u in units),
        ]  # fmt: skip

    @property
    def active(self) -> bool:
        """Whether anything is asked for."""
        return any(self.data.get(name) for name in self.fields)


@for_roles(*CASE_ROLES)
@require_safe
def sweep(request: HttpRequest) -> HttpResponse:
    """What rests, longest without a look first."""
    rule = current().sweep
    if rule is None:
        raise Missing(_("There is no such page."))
    form = Filters(rule.months, request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    unit = Unit.objects.filter(code=wanted.get("unit") or "").values_list("pk", flat=True)
    found = sweeping.resting(
        actor_of(request),
        months=int(wanted.get("months") or 0),
        unit_ids=frozenset(below(unit)) if unit else frozenset(),
    )
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {**row, "state": flow.STATES[row["case"].state], "unit": in_language(row["case"].unit)}
        for row in sweeping.rows_of(list(shown.object_list))
    ]
    context = {
        "form": form,
        "rows": rows,
        "page": shown,
        "rule": rule,
        "words": rule.words.in_(language()),
    }
    return page(request, "console/sweep.html", context, here="sweep")
