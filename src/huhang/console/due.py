"""What is due, by unit; each number opens onto its cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huhang.cases import asking, due
from huhang.console.filters import heads
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, page

COLUMNS = (
    ("unit", gettext_lazy("Unit")),
    ("overdue", gettext_lazy("Overdue")),
    ("today", gettext_lazy("Due today")),
    ("week", gettext_lazy("Within a week")),
    ("running", gettext_lazy("All that run")),
)
SORTS = ("unit", *(f"{mark}{key}" for key, _label in COLUMNS[1:] for mark in ("", "-")))


@for_roles(*CASE_ROLES)
@require_safe
def due_page(request: HttpRequest) -> HttpResponse:
    """How many duties run out today, this week, and have run out: of this person, and by unit."""
    actor = actor_of(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "unit"
    rows: list[dict[str, Any]] = [
        {
            "code": line.unit.code if line.unit else "",
            "name": in_language(line.unit) if line.unit else _("no unit"),
            "dashes": "–\u00a0" * line.depth if sort == "unit" else "",
            **{key: line.counts[key] for key, _label in COLUMNS[1:]},
        }
        for line in due.by_unit(actor)
    ]
    if sort != "unit":
        rows.sort(key=lambda row: row[sort.lstrip("-")], reverse=sort.startswith("-"))
    counts = due.of_actor(actor, asking.turn_states(actor))
    context = {
        "rows": rows,
        "heads": [
            {**head, "num": place > 0} for place, head in enumerate(heads(COLUMNS, sort, SORTS))
        ],
        "persons": [
            {
                "name": line.name,
                "unit": in_language(line.unit) if line.unit else "",
                "cases": line.cases,
                **{key: line.counts[key] for key in due.CLASSES},
            }
            for line in due.by_person(actor)
        ],
        "mine": [(key, label, counts[key]) for key, label in COLUMNS[1:4]],
    }
    return page(request, "console/due.html", context, here="due")
