"""The sentence over a chart: it names all that share the largest number, and gives no unit to what is not shown."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from huhang.insight.charts import count, panels, pictures
from huhang.insight.charts.axes import STEP_KEYS
from huhang.insight.charts.count import COUNT, Counted, Result
from huhang.insight.charts.definitions import CHARTS
from huhang.insight.charts.shapes import Panel
from huhang.insight.charts.tables import Table
from huhang.insight.charts.view import View
from huhang.insight.figures import Scope
from huhang.kernel.guard import unguarded
from huhang.parties.models import Unit
from tests.cast import found_district

pytestmark = pytest.mark.django_db
YEAR = View(Scope(date(2026, 1, 1), date(2026, 12, 31)))
Counts = dict[tuple[str, str], int]


def _panel(chart: str, counts: Counts, *, least: int = 0) -> Panel:
    """A chart of these counts; the others are empty."""
    results = {}
    for each in CHARTS:
        given = counts if each.id == chart else {}
        rows = STEP_KEYS if each.rows.steps else tuple(dict.fromkeys(r for r, _c in given))
        columns = (COUNT,) if each.columns is None else tuple(dict.fromkeys(c for _r, c in given))
        results[each.id] = Result(each, Table(rows, columns or (COUNT,), given))
    (found,) = panels.panels(Counted(1, results), YEAR, least=least, only=chart)
    return found


def _said(chart: str, counts: Counts, *, least: int = 0) -> tuple[str, str]:
    """In Chinese and in English."""
    found = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found.append(_panel(chart, counts, least=least).message)
    return found[0], found[1]


def _findings(**given: int) -> Counts:
    return {(finding, count.COUNT): n for finding, n in given.items()}


def test_one_that_has_the_most_is_named_alone() -> None:
    assert _said("findings", _findings(substantiated=3, partly=1)) == (
        "最多的是属实（4 件中占 75.0%）。",
        "Most often: Substantiated (75.0 % of 4 cases).",
    )


def test_all_that_share_the_most_are_named_and_of_many_how_many_they_are() -> None:
    assert _said("findings", _findings(substantiated=2, partly=2, unfounded=1)) == (
        "最多的并列：属实；部分属实（5 件中各占 40.0%）。",
        "Most often: Substantiated; Partly substantiated (each 40.0 % of 5 cases).",
    )
    every = _findings(substantiated=2, partly=2, unfounded=2, not_proven=2)
    assert _said("findings", every) == (
        "最多的并列：多项，共 4 项（8 件中各占 25.0%）。",
        "Most often: several, 4 in all (each 25.0 % of 8 cases).",
    )


def test_a_tie_of_cells_and_of_rows_is_said() -> None:
    found_district()
    cells = {("market", "1"): 2, ("market", "2"): 1, ("tax", "2"): 2}
    chinese, english = _said("overdue", cells)
    assert chinese == (
        "共 5 件；最多的并列，各 2 件：示范区市场监督管理局的1—5 天；示范区税务局的6—15 天。"
    )
    assert english.startswith("5 cases; the most, 2 each: ")
    assert english.count("; ") == 2
    rows = {("letter", "202603"): 2, ("telephone", "202604"): 2}
    chinese, english = _said("channels", rows)
    assert chinese == "共 4 件；最多的并列，各 2 件：来信；来电。"
    assert english == "4 cases; the most, 2 each: Letter; Telephone."


@pytest.mark.parametrize(
    ("given", "chinese", "english"),
    [
        ({"received": 2}, "收到的件数未显示。", "How many cases were received is not shown."),
        (
            {"received": 40, "closed": 2},
            "收到 40 件，其中已办结的件数未显示。",
            "Of 40 cases received, how many were closed is not shown.",
        ),
        (
            {"received": 40, "closed": 10},
            "收到 40 件，其中 10 件已办结（25.0%）。",
            "Of 40 cases received, 10 were closed (25.0 %).",
        ),
    ],
)
def test_the_loop_gives_no_unit_to_a_number_that_is_not_shown(
    given: dict[str, int], chinese: str, english: str
) -> None:
    counts = {(step, COUNT): given.get(step, 0) for step in STEP_KEYS}
    assert _said("loop", counts, least=3) == (chinese, english)


def test_a_total_that_is_not_shown_is_said_without_a_unit() -> None:
    few = _findings(substantiated=1, partly=1)
    assert _said("findings", few, least=3) == (
        "件数未显示。",
        "How many cases these are is not shown.",
    )


def test_two_units_of_one_name_are_told_apart_in_the_manner_of_the_language() -> None:
    units = found_district().units
    with unguarded():
        Unit.objects.filter(code="tax").update(
            name=units["market"].name, name_en=units["market"].name_en
        )
    counts = {("market", "1"): 2, ("tax", "1"): 1}
    chinese = pictures.svg(_panel("overdue", counts)).decode()
    assert "（tax）" in chinese
    assert "(tax)" not in chinese
    with translation.override("en"):
        assert " (tax)" in pictures.svg(_panel("overdue", counts)).decode()
