"""What the queue and the lists have in common: the filters of cases and the heads of their columns."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huhang.console.pages import in_language
from huhang.look.fields import Between, Choice
from huhang.parties.models import Unit

PER_PAGE = 50
DUE = {
    "": gettext_lazy("any"),
    "overdue": gettext_lazy("overdue"),
    "today": gettext_lazy("due today"),
    "week": gettext_lazy("due within seven days"),
}
Columns = tuple[tuple[str, Any], ...]
"""The key by which a column is sorted, empty where it is not, and its label."""


class CaseFilters(Between):
    """Filters of cases, all in the address; an unknown value is said and left out."""

    state = Choice(label=gettext_lazy("State"), required=False)
    unit = Choice(label=gettext_lazy("Unit"), required=False)
    due = Choice(label=gettext_lazy("Due"), required=False, choices=list(DUE.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("unit", [(u.code, in_language(u)) for u in Unit.objects.order_by("code")])

    def offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Let people choose among these, or any."""
        self.fields[name].choices = [("", _("any")), *choices]  # type: ignore[attr-defined]

    @property
    def active(self) -> bool:
        """Whether anything is asked for, also what was left out."""
        return any(self.data.get(name) for name in self.fields)


def heads(columns: Columns, sort: str, sorts: Container[str]) -> list[dict[str, Any]]:
    """The heads of a table sorted by ``sort``; each with the order that its link asks for."""
    found = []
    for key, label in columns:
        turned = f"-{key}" if sort == key and f"-{key}" in sorts else key
        order = "ascending" if sort == key else "descending" if sort == f"-{key}" else ""
        found.append({"key": key, "label": label, "to": turned, "order": order})
    return found
