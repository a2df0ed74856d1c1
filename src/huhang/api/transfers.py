"""The register of transfers, as a list and as a file."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema

from huhang.api.auth import actor_of, token_in
from huhang.api.case_shapes import Word
from huhang.api.cases import word
from huhang.api.fields import Code, PageNumber, PageSize
from huhang.api.operations import operation
from huhang.cases import transferring
from huhang.insight import transfers as register
from huhang.kernel.errors import Refused
from huhang.look.files import TABLES, download
from huhang.parties.words import in_language
from huhang.rulebook import current

ROLES = ("intake", "leader")


class TransferOut(Schema):
    """A case given to another organ. ``handed_over_by``: the first signature; ``signed_by``, ``signed_on``,
    ``document``: the second. What was erased is empty."""

    ref: str
    case: str
    title: str
    target: Word
    organ: str
    sent_on: date
    handed_over_by: str
    due_on: date | None
    due_provisional: bool
    overdue: bool
    signed_by: str
    signed_on: date | None
    document: str
    answered_on: date | None
    outcome: str
    status: Word


class TransferPage(Schema):
    """A page of the register."""

    count: int
    page: int
    pages: int
    transfers: list[TransferOut]


class Wanted(Schema):
    """Which transfers: of a case, of a target, that stand so, handed over within days."""

    status: Literal["open", "overdue", "all", "sent", "signed", "answered", "returned"] = "open"
    target: Code = ""
    case: Code = ""
    since: date | None = None
    until: date | None = None
    sort: Literal["sent", "-sent", "due", "-due", "target", "-target", "signed", "-signed"] = "sent"


class WantedPage(Wanted):
    page: PageNumber = 1
    size: PageSize = 50


class WantedFile(Wanted):
    """``format``: excel or csv."""

    format: Literal["excel", "csv"] = "excel"


def _found(request: HttpRequest, asked: Wanted) -> Any:
    if asked.target and asked.target not in current().transfer_targets:
        raise Refused(
            _("“%(given)s” is not one of the choices.") % {"given": asked.target[:40]},
            field="target",
        )
    return transferring.listed(
        actor_of(request), status=asked.status, target=asked.target, ref=asked.case,
        since=asked.since, until=asked.until, sort=asked.sort,
    )  # fmt: skip


@operation("GET", "/transfers", scope="read", roles=ROLES, answer=TransferPage, tag="transfers")
def list_transfers(request: HttpRequest, asked: Query[WantedPage]) -> Any:
    """The transfers of the cases that this person may see."""
    pages = Paginator(_found(request, asked), asked.size)
    shown = pages.get_page(asked.page)
    rows = transferring.rows(list(shown.object_list))
    return {"count": pages.count, "page": shown.number, "pages": pages.num_pages,
            "transfers": [_row(*pair) for pair in zip(rows, register.shown(rows), strict=True)]}  # fmt: skip


def _row(row: transferring.Row, said: dict[str, Any]) -> dict[str, Any]:
    out = row.transfer
    same = ("title", "organ", "sent_on", "due_on", "signed_by", "signed_on", "document",
            "answered_on", "outcome")  # fmt: skip
    return {
        **{name: said[name] for name in same}, "ref": out.ref, "case": out.case.ref,
        "target": word(out.target, current().transfer_targets), "handed_over_by": said["by"],
        "due_provisional": out.due_provisional, "overdue": row.overdue,
        "status": word(row.status, transferring.STATUSES),
    }  # fmt: skip


@operation(
    "GET", "/transfers/file", scope="read", roles=ROLES, tag="transfers",
    file="application/octet-stream",
)  # fmt: skip
def read_transfers_file(request: HttpRequest, asked: Query[WantedFile]) -> Any:
    """The same as Excel or CSV."""
    maker = in_language(token_in(request).user)
    content, name = register.file_of(_found(request, asked), asked.format, maker)
    return download(content, TABLES[asked.format], name)
