"""Dispositions of other systems: counts by unit, and the review of names that mean no unit yet."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema

from huhang.api.auth import actor_of
from huhang.api.case_shapes import Place
from huhang.api.cases import place
from huhang.api.fields import Code, Line
from huhang.api.operations import Strict, operation
from huhang.intake import dispositions
from huhang.kernel.errors import Refused
from huhang.kernel.write import write


class Period(Schema):
    """Days on which the events were created."""

    since: date | None = None
    until: date | None = None


class LineOut(Schema):
    """``unit``: that the name means; nothing for a ``name`` that means none, or where none is named."""

    unit: Place | None
    name: str
    total: int
    on_time: int
    overdue: int
    open: int
    unsaid: int


class NameOut(Schema):
    """A name that means no unit yet. ``refs``: its codes at the source; ``beside``: other names under
    them; ``perhaps``: units that those mean. None of it is joined by itself."""

    name: str
    count: int
    refs: list[str]
    beside: list[str]
    perhaps: list[Place]


class Meaning(Strict):
    """``means``: another name of the unit ``code``, a new unit with this code, no unit here; or, of a
    name that means no unit here, to be decided again."""

    name: Line
    means: Literal["alias", "unit", "nothing", "undecided"]
    code: Code = ""


@operation(
    "GET", "/dispositions", scope="read", roles=("intake", "leader", "administrator"),
    answer=list[LineOut], tag="dispositions",
)  # fmt: skip
def count_dispositions(request: HttpRequest, asked: Query[Period]) -> Any:
    """How many each unit handled, in time or not."""
    if asked.since and asked.until and asked.until < asked.since:
        raise Refused(_("The period ends before it begins."), field="until")
    return [
        {"unit": place(line.unit), "name": line.name, "total": line.total,
         **{key: line.counts[key] for key in ("on_time", "overdue", "open")}, "unsaid": line.counts[""]}
        for line in dispositions.by_unit(asked.since, asked.until)
    ]  # fmt: skip


class Which(Schema):
    """``left``: names of which somebody said that they mean no unit here, rather."""

    left: bool = False


def _names(found: list[dispositions.UnknownName]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "count": one.count, "refs": one.refs, "beside": one.beside,
         "perhaps": [place(unit) for unit in one.perhaps]}
        for one in found
    ]  # fmt: skip


@operation(
    "GET", "/names", scope="admin", roles=("administrator",), answer=list[NameOut],
    tag="dispositions",
)  # fmt: skip
def list_names(request: HttpRequest, asked: Query[Which]) -> Any:
    """Names of units in dispositions that mean none yet, the most frequent first."""
    waiting, left = dispositions.names_without_unit()
    return _names(left if asked.left else waiting)


@operation(
    "POST", "/names", scope="admin", roles=("administrator",), answer=list[NameOut],
    tag="dispositions",
)  # fmt: skip
def decide_name(request: HttpRequest, data: Meaning) -> Any:
    """Say what a name means; the answer holds those that still wait."""
    write(
        lambda w: dispositions.decide(w, data.name, data.means, data.code), actor=actor_of(request)
    )
    return _names(dispositions.unknown_names())
