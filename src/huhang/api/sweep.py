"""What rests: kept for reference or held for now, with when somebody last looked at it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.case_shapes import CaseRow
from huhang.api.cases import check_unit, rows_of
from huhang.api.fields import Code
from huhang.api.operations import CASE_ROLES, operation
from huhang.cases import sweeping
from huhang.parties.queries import below

MOST = 500


class Wanted(Schema):
    """``months``: only what nobody has looked at for so many months."""

    months: Annotated[int, Field(ge=0, le=1200)] = 0
    unit: Code = ""


class Resting(Schema):
    """A case that rests. ``months``: for how many; ``due``: the rulebook asks for a look."""

    case: CaseRow
    since: date
    months: int
    swept_on: date | None
    due: bool


class RestingPage(Schema):
    """The first of them, longest without a look first; ``count``: of all."""

    count: int
    cases: list[Resting]


@operation("GET", "/sweep", scope="read", roles=CASE_ROLES, answer=RestingPage)
def list_resting(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """What rests and this person may see: at most 500, longest without a look first."""
    unit = check_unit(wanted.unit, "unit")
    units = frozenset(below([unit.pk])) if unit else frozenset()
    found = sweeping.resting(actor_of(request), months=wanted.months, unit_ids=units)
    shown = list(found[:MOST])
    rows = zip(sweeping.rows_of(shown), rows_of(shown), strict=True)
    return {"count": found.count(), "cases": [{**row, "case": case} for row, case in rows]}
