"""The register of transfers: filters, sorting and paging in the address; as Excel and CSV."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huhang.cases import days, transferring
from huhang.cases.models import Case
from huhang.console.filters import PER_PAGE, Columns, heads
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, language, page
from huhang.insight import transfers as register
from huhang.kernel import clock
from huhang.look.fields import Between, Choice
from huhang.look.files import TABLES, download
from huhang.rulebook import current

COLUMNS: Columns = (
    ("", gettext_lazy("Reference")),
    ("target", gettext_lazy("Transfer to")),
    ("sent", gettext_lazy("Handed over")),
    ("signed", gettext_lazy("Signed for")),
    ("due", gettext_lazy("Due")),
    ("", gettext_lazy("Answer")),
)


class Filters(Between):
    """The filters of the register."""

    begins, ends = gettext_lazy("Handed over from"), gettext_lazy("Handed over to")
    field_order = ("status", "target", "since", "until")
    status = Choice(label=gettext_lazy("State"), required=False)
    target = Choice(label=gettext_lazy("Transfer to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            ("", _("open")), ("all", _("all")), (transferring.OVERDUE, _("overdue")),
            *transferring.STATUSES.items(),
        ]  # fmt: skip
        targets = [(k, v.in_(language())) for k, v in current().transfer_targets.items()]
        self.fields["target"].choices = [("", _("any")), *targets]  # type: ignore[attr-defined]

    @property
    def active(self) -> bool:
        """Whether anything is asked for, also what was left out."""
        return any(self.data.get(name) for name in self.fields)


@for_roles("intake", "leader")
@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """The transfers of the cases that this person may see."""
    actor = actor_of(request)
    form = Filters(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = request.GET.get("sort", "")
    found = transferring.listed(
        actor, status=given.get("status") or transferring.OPEN, target=given.get("target") or "",
        since=given.get("since"), until=given.get("until"), sort=sort,
    )  # fmt: skip
    if wanted := request.GET.get("format"):
        content, name = register.file_of(found, wanted, in_language(request.user))
        return download(content, TABLES[wanted], name)
    pages = Paginator(found, PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": shown,
        "rows": rows_of(list(shown.object_list)),
        "count": pages.count,
        "heads": heads(COLUMNS, sort or "sent", transferring.SORTS),
        "term": current().transfer_receipt,
    }
    return page(request, "console/transfers.html", context, here="transfers")


def rows_of(found: list[Any]) -> list[dict[str, Any]]:
    """Transfers as rows of the page: words, and how they stand to their due day."""
    rows = transferring.rows(found)
    today = clock.today()
    return [
        {
            **said, "case": row.transfer.case, "stands": row.status, "overdue": row.overdue,
            "words": transferring.STATUSES[row.status],
            "due": days.days_left(row.transfer.due_on, row.transfer.due_provisional, today)
            if row.status == "sent" and row.transfer.due_on else {},
        }
        for row, said in zip(rows, register.shown(rows), strict=True)
    ]  # fmt: skip


def panel(case: Case) -> list[dict[str, Any]]:
    """What the case's page shows of its transfers, the latest first."""
    found = case.transfers.select_related("case").order_by("-id")  # type: ignore[attr-defined]
    return rows_of(list(found))
