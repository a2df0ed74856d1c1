"""The dashboard's charts as data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.fields import Code
from huhang.api.operations import CASE_ROLES, operation
from huhang.insight.charts import count, panels
from huhang.insight.charts.view import read_view


class Wanted(Schema):
    """Days of the period, both counted; without them the last twelve months. The others by their codes."""

    since: Code = Field("", alias="from")
    until: Code = Field("", alias="to")
    unit: Code = ""
    kind: Code = ""
    channel: Code = ""
    behaviour: Code = ""


class Column(Schema):
    key: str
    label: str


class Row(Schema):
    """``values`` by the columns' keys: null where there is nothing to say; ``band``: of units alone."""

    key: str
    label: str
    band: str
    values: dict[str, float | int | None]


class ChartOut(Schema):
    id: str
    name: str
    definition: str
    population: str
    message: str
    columns: list[Column]
    rows: list[Row]
    total: Row | None


class DashboardOut(Schema):
    tick: int
    since: date = Field(alias="from")
    until: date = Field(alias="to")
    unit: str
    kind: str
    channel: str
    behaviour: str
    charts: list[ChartOut]


@operation(
    "GET", "/dashboard", scope="read", roles=CASE_ROLES, answer=DashboardOut, tag="bulletins"
)
def charts(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """The charts over what this person may see, small numbers included: nothing is suppressed."""
    view = read_view(wanted.model_dump(by_alias=True))
    return panels.as_json(count.count(actor_of(request), view), view)
