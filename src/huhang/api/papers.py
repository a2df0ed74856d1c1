"""Papers of a case as files, their serial numbers, and the series with its voids."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.case_shapes import Word
from huhang.api.cases import word
from huhang.api.fields import Code, PageNumber, PageSize, Text
from huhang.api.operations import CASE_ROLES, NO_BODY, Strict, operation
from huhang.cases.queries import access_case, payload_value
from huhang.kernel import clock
from huhang.kernel.write import write
from huhang.look.files import download
from huhang.papers import actions, drawing, queries
from huhang.papers.models import Number
from huhang.rulebook import current

ISSUERS = ("intake", "leader")


class NumberOut(Schema):
    """A serial number. ``number``: its place in the count; none where it stands outside of that.
    ``reason``: why it was voided; empty where it was not, or where the words were erased."""

    ref: str
    serial: str
    series: str
    year: int
    number: int | None
    paper: Word
    case: str
    issued_at: datetime
    voided_at: datetime | None
    reason: str


class NumberPage(Schema):
    """A page of a year of a series, latest on top."""

    count: int
    page: int
    pages: int
    numbers: list[NumberOut]


class PaperOut(Schema):
    """A paper that the case offers now. ``numbers``: that hold; ``may_issue``, ``may_void``: by this person."""

    paper: Word
    numbers: list[NumberOut]
    may_issue: bool
    may_void: bool


class Wanted(Schema):
    """``number``: the reference of one of the paper's numbers, or ``latest``; nothing for a draft."""

    form: Literal["docx", "pdf"] = "docx"
    number: Code = ""


class Known(Strict):
    """``known``: how many numbers of this paper were seen; if there are others by now, 409.
    ``repeated``: the report's own words that a refusal named may go to the unit."""

    known: int | None = Field(None, ge=0, le=1_000_000)
    repeated: bool = False


class Why(Strict):
    reason: Text


class Series(Schema):
    """Without a year, this one."""

    series: Code
    year: int | None = Field(None, ge=1900, le=9999)
    page: PageNumber = 1
    size: PageSize = 50


def _number(number: Number) -> dict[str, Any]:
    reason = payload_value(number.reason)
    return {
        **{name: getattr(number, name) for name in ("ref", "serial", "series", "year", "number")},
        "paper": word(number.paper, current().papers), "case": number.case.ref,
        "issued_at": number.issued_at, "voided_at": number.voided_at,
        "reason": reason["text"] if reason else "",
    }  # fmt: skip


@operation(
    "GET", "/cases/{ref}/papers", scope="read", roles=CASE_ROLES, answer=list[PaperOut],
    tag="papers",
)  # fmt: skip
def list_papers(request: HttpRequest, ref: str) -> Any:
    """The papers that a case offers now, each with its numbers."""
    actor = actor_of(request)
    return [
        {"paper": word(o.rule.id, current().papers), "numbers": [_number(n) for n in o.numbers],
         "may_issue": o.may_issue, "may_void": o.may_void}
        for o in queries.offers(actor, access_case(actor, ref))
    ]  # fmt: skip


@operation(
    "GET", "/cases/{ref}/papers/{paper}/file", scope="read", roles=CASE_ROLES, tag="papers",
    file="application/octet-stream",
)  # fmt: skip
def read_paper(request: HttpRequest, ref: str, paper: Code, asked: Query[Wanted]) -> Any:
    """A paper of a case as Word or PDF."""
    drawn = drawing.draw(actor_of(request), ref, paper, asked.form, asked.number)
    return download(drawn.content, drawing.FORMS[asked.form], f"{drawn.name}.{asked.form}")


@operation(
    "POST", "/cases/{ref}/papers/{paper}/issue", scope="act", roles=ISSUERS, answer=NumberOut,
    tag="papers",
)  # fmt: skip
def issue_number(request: HttpRequest, ref: str, paper: Code, data: Known = NO_BODY) -> Any:
    """Give a paper the next number of its series. It can be voided, never taken back."""
    known = data.known if data else None
    repeated = bool(data and data.repeated)
    made = write(
        lambda w: actions.issue_number(w, ref, paper, known=known, repeated=repeated),
        actor=actor_of(request),
    )
    return _number(made)


@operation("GET", "/papers", scope="read", roles=ISSUERS, answer=NumberPage, tag="papers")
def list_numbers(request: HttpRequest, asked: Query[Series]) -> Any:
    """A year of a series with its voids, as far as this person may see the cases."""
    year = asked.year or clock.today().year
    pages = Paginator(queries.listed(actor_of(request), asked.series, year), asked.size)
    shown = pages.get_page(asked.page)
    return {"count": pages.count, "page": shown.number, "pages": pages.num_pages,
            "numbers": [_number(n) for n in shown.object_list]}  # fmt: skip


@operation(
    "POST", "/papers/{number}/void", scope="act", roles=ISSUERS, answer=NumberOut, tag="papers"
)
def void_number(request: HttpRequest, number: Code, data: Why) -> Any:
    """Void a number, with a reason: it stays in its series and is never given again."""
    actor = actor_of(request)
    return _number(write(lambda w: actions.void_number(w, number, data.reason), actor=actor))
