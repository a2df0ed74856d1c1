"""Returns (报表): the periods, one table, freezing, signing, sending."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.fields import Line, Name
from huhang.api.operations import Strict, operation
from huhang.insight.returns import actions, files, freezing, view
from huhang.insight.returns.queries import READERS, Reading
from huhang.kernel.actor import Actor
from huhang.kernel.write import write
from huhang.look.files import download


class ReturnRow(Schema):
    """``state``: running, waiting (to be frozen), frozen, signed or sent. ``zero``: nothing to report.

    ``first_column``: its sum, once it is frozen.
    """

    table: str
    period: str
    name: str
    since: date = Field(alias="from")
    until: date = Field(alias="to")
    state: str
    due_on: date
    overdue: bool
    sent_on: date | None
    zero: bool
    corrected: bool
    first_column: int | None


class ColumnOut(Schema):
    id: str
    name: str
    unit: str
    definition: str
    population: str


class RowOut(Schema):
    """``values``: in the order of the columns; null where there is nothing to take a share of."""

    key: str
    name: str
    values: list[float | int | None]


class TableOut(Schema):
    """The last row is the whole."""

    columns: list[ColumnOut]
    rows: list[RowOut]


class ChangeOut(Schema):
    row: str
    column: str
    was: int
    now: int
    difference: int


class CorrectionOut(Schema):
    """What the return of the period ``by`` froze of the one ``of``."""

    of: str
    by: str
    number: int
    changes: list[ChangeOut]


class SumOut(Schema):
    column: str
    frozen: dict[str, int]
    corrections: int
    value: int


class ReturnOut(ReturnRow, TableOut):
    """A return as frozen, or as it would be now; ``sums``: the year to date, column by column."""

    title: str
    head: list[str]
    signed: str
    sent: str
    corrections: list[CorrectionOut]
    corrected_by: list[CorrectionOut]
    not_yet_frozen: list[ChangeOut]
    year: TableOut | None
    sums: list[SumOut]


class Year(Schema):
    """Without a year the latest."""

    year: int | None = Field(None, ge=1900, le=9000)


@operation("GET", "/returns", scope="read", roles=READERS, answer=list[ReturnRow], tag="returns")
def list_returns(request: HttpRequest, wanted: Query[Year]) -> Any:
    """The periods of a year with their states, latest first, by table."""
    reading = Reading(actor_of(request))
    year = wanted.year or next(iter(reading.years()), 0)
    return [view.line_json(line) for line in reading.lines(year)]


def _one(actor: Actor, table: str, period: str) -> dict[str, Any]:
    reading = Reading(actor)
    return view.as_json(view.document(reading, *reading.find(table, period)))


@operation(
    "GET", "/returns/{table}/{period}", scope="read", roles=READERS, answer=ReturnOut, tag="returns"
)
def read_return(request: HttpRequest, table: str, period: str) -> Any:
    """One return with its corrections, over the cases that this person may know of."""
    return _one(actor_of(request), table, period)


class Form(Schema):
    format: Literal["word", "excel"]


@operation(
    "GET", "/returns/{table}/{period}/file", scope="read", roles=READERS, tag="returns",
    file="application/octet-stream", name="return_as_file",
)  # fmt: skip
def as_file(request: HttpRequest, table: str, period: str, wanted: Query[Form]) -> HttpResponse:
    """The same as Word or Excel."""
    reading = Reading(actor_of(request))
    document = view.document(reading, *reading.find(table, period))
    return download(*files.made(document, wanted.format))


class Freezing(Strict):
    reason: Line


@operation(
    "POST", "/returns/{table}/{period}/freeze", scope="act", roles=("leader",), answer=ReturnOut,
    tag="returns", name="freeze_return",
)  # fmt: skip
def freeze(request: HttpRequest, table: str, period: str, data: Freezing) -> Any:
    """Freeze a period early, or one that the worker has missed, with a reason."""
    actor = actor_of(request)
    found, _kept = Reading(actor).find(table, period)
    freezing.by_hand(actor, found, data.reason)
    return _one(actor, table, period)


@operation(
    "POST", "/returns/{table}/{period}/sign", scope="act", roles=("leader",), answer=ReturnOut,
    tag="returns", name="sign_return",
)  # fmt: skip
def sign(request: HttpRequest, table: str, period: str) -> Any:
    """Sign a frozen return."""
    actor = actor_of(request)
    write(lambda w: actions.sign(w, table, period), actor=actor)
    return _one(actor, table, period)


class Sending(Strict):
    """``serial``: its number in the office's own series, where it has one. ``reason``: what was wrong
    in a note that stands already, and is made anew."""

    on: date
    to: Name
    serial: Line = ""
    reason: Line = ""


@operation(
    "POST", "/returns/{table}/{period}/send", scope="act", roles=READERS, answer=ReturnOut,
    tag="returns", name="send_return",
)  # fmt: skip
def send(request: HttpRequest, table: str, period: str, data: Sending) -> Any:
    """Note that a signed return was sent, or correct that note."""
    actor = actor_of(request)
    write(lambda w: actions.send(w, table, period, **data.model_dump()), actor=actor)
    return _one(actor, table, period)
