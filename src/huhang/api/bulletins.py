"""Figures of a period and scope, the cases behind them, publishing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.case_shapes import CasePage
from huhang.api.cases import rows_of
from huhang.api.fields import Code, Line, PageNumber, PageSize
from huhang.api.operations import CASE_ROLES, Strict, operation
from huhang.cases.models import Case
from huhang.insight import actions, documents, figures, queries, suppression
from huhang.insight.models import Bulletin
from huhang.kernel.write import write
from huhang.look.files import download
from huhang.parties.words import in_language, language


class Period(Schema):
    """Days of the period, both counted; without them this month so far. ``unit``: a unit's code."""

    since: Code = Field("", alias="from")
    until: Code = Field("", alias="to")
    unit: Code = ""

    def scope(self) -> figures.Scope:
        """The scope. Raises ``Refused``."""
        return figures.read_scope(*figures.this_month_or(self.since, self.until), self.unit)


class FigureOut(Schema):
    """``value`` is null where there is nothing to take a mean of, or where it is ``suppressed``."""

    id: str
    value: float | int | None
    unit: str
    definition: str
    population: str
    since: date = Field(alias="from")
    until: date = Field(alias="to")
    suppressed: bool = False


class BulletinOut(Schema):
    tick: int
    figures: list[FigureOut]


class PublishedBulletin(BulletinOut):
    """``text`` is empty for a bulletin that is figures alone."""

    title: str
    text: str = ""
    published_at: datetime
    scope: str


class BulletinRow(Schema):
    ref: str
    title: str
    since: date
    until: date
    unit: str
    published_at: datetime


class As(Period):
    format: Literal["word", "excel"]


@operation("GET", "/bulletin", scope="read", roles=CASE_ROLES, answer=BulletinOut, tag="bulletins")
def count(request: HttpRequest, wanted: Query[Period]) -> Any:
    """The figures over what this person may see, as `huhang bulletin --json` prints them."""
    scope = wanted.scope()
    counted = figures.count(actor_of(request), scope)
    return figures.as_json(counted, scope, language())


@operation(
    "GET", "/bulletin/file", scope="read", roles=CASE_ROLES, tag="bulletins",
    file="application/octet-stream",
)  # fmt: skip
def count_as_file(request: HttpRequest, wanted: Query[As]) -> HttpResponse:
    """The same as Word or Excel."""
    scope = wanted.scope()
    counted = figures.count(actor_of(request), scope)
    document = queries.live(counted, scope)
    name = documents.bulletin_name(scope.since, scope.until, in_language(scope.unit))
    return _file(document, wanted.format, name)


def _file(document: documents.Document, form: str, name: str) -> HttpResponse:
    media_type, suffix = documents.TYPES[form]
    content = documents.word(document) if form == "word" else documents.excel(document)
    return download(content, media_type, f"{name}.{suffix}")


class Behind(Period):
    figure: Code
    page: PageNumber = 1
    size: PageSize = 50


@operation(
    "GET", "/bulletin/cases", scope="read", roles=CASE_ROLES, answer=CasePage, tag="bulletins"
)
def cases_behind(request: HttpRequest, wanted: Query[Behind]) -> Any:
    """The cases that a figure counts, as far as this person may see them."""
    _rule, cases = figures.cases_of(actor_of(request), wanted.scope(), wanted.figure)
    pages: Paginator[Case] = Paginator(cases, wanted.size)
    shown = pages.get_page(wanted.page)
    return {"count": pages.count, "page": shown.number, "pages": pages.num_pages,
            "cases": rows_of(list(shown.object_list))}  # fmt: skip


def bulletin_row(bulletin: Bulletin, title: str) -> dict[str, Any]:
    """What a list says of a published bulletin."""
    return {
        "ref": bulletin.ref, "title": title, "since": bulletin.since, "until": bulletin.until,
        "unit": bulletin.unit.code if bulletin.unit else "", "published_at": bulletin.published_at,
    }  # fmt: skip


@operation(
    "GET", "/bulletins", scope="read", roles=CASE_ROLES, answer=list[BulletinRow], tag="bulletins"
)
def list_published(request: HttpRequest) -> Any:
    """The published bulletins that stand, newest first."""
    return [bulletin_row(b, title) for b, title in queries.published()]


@operation(
    "GET", "/bulletins/preview", scope="publish", roles=("leader",), answer=BulletinOut,
    tag="bulletins",
)  # fmt: skip
def preview(request: HttpRequest, wanted: Query[Period]) -> Any:
    """What would be published: the figures with small cells suppressed."""
    scope = wanted.scope()
    counted = suppression.as_published(actor_of(request), scope)
    return figures.as_json(counted, scope, language())


class NewBulletin(Strict):
    """What to publish."""

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    unit: Code = ""
    title: Line


@operation(
    "POST", "/bulletins", scope="publish", roles=("leader",), answer=BulletinRow, tag="bulletins"
)
def publish(request: HttpRequest, data: NewBulletin) -> Any:
    """Publish the figures. A disclosure: small cells are suppressed, and the text never changes."""
    scope = figures.read_scope(data.since.isoformat(), data.until.isoformat(), data.unit)
    made = write(lambda w: actions.publish(w, scope, data.title), actor=actor_of(request))
    return bulletin_row(made, data.title)


@operation(
    "GET", "/bulletins/{ref}", scope="read", roles=CASE_ROLES, answer=PublishedBulletin,
    tag="bulletins",
)  # fmt: skip
def read_published(request: HttpRequest, ref: str) -> Any:
    """A published bulletin, as it was published."""
    return queries.published_json(queries.access_bulletin(ref))


class Form(Schema):
    format: Literal["word", "excel"]


@operation(
    "GET", "/bulletins/{ref}/file", scope="read", roles=CASE_ROLES, tag="bulletins",
    file="application/octet-stream",
)  # fmt: skip
def published_as_file(request: HttpRequest, ref: str, wanted: Query[Form]) -> HttpResponse:
    """The same as Word or Excel."""
    found = queries.access_bulletin(ref)
    name = documents.bulletin_name(found.since, found.until, found.ref)
    return _file(queries.as_published(found), wanted.format, name)


class Withdrawn(Schema):
    ref: str


@operation(
    "POST", "/bulletins/{ref}/withdraw", scope="publish", roles=("leader",), answer=Withdrawn,
    tag="bulletins",
)  # fmt: skip
def withdraw(request: HttpRequest, ref: str) -> Any:
    """Take a published bulletin back; that it was published stays on the log."""
    write(lambda w: actions.withdraw(w, ref), actor=actor_of(request))
    return {"ref": ref}
