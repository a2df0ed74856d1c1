"""The dashboard: its page at a million cases, its counting at ten millions against bare DuckDB."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.facts import set_units, write_facts
from bench.report import Result, percentile

ROUNDS = 7
HANDLER = "everywhere"
"""A handler of the government: of every unit's cases the gate leaves out those not yet assigned."""


def run(page_rows: int = 1_000_000, rows: int = 10_000_000, repeats: int = 40) -> list[Result]:
    """Facts are written by ``bench/facts.py``; each view and each round counts anew."""
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    set_units()
    _add_handler()
    write_facts(page_rows)
    results = _page(page_rows, repeats)
    write_facts(rows)
    return [*results, *_against_bare(rows)]


def _add_handler() -> None:
    from huhang.kernel.actor import OPERATOR
    from huhang.kernel.write import write
    from huhang.parties.actions import add_user

    write(
        lambda w: add_user(w, username=HANDLER, name=HANDLER, role="handler", unit="gov"),
        actor=OPERATOR,
    )


def _page(rows: int, repeats: int) -> list[Result]:
    from django.test import Client

    from huhang.insight.charts import count
    from huhang.parties.models import User

    seconds: list[float] = []
    for who in ("intake", HANDLER):
        client = Client()
        client.force_login(User.objects.get(username=who))
        for n in range(repeats // 2 + 2):
            count.counted.cache_clear()
            address = "/console/dashboard/" + ("", "?kind=complaint", "?unit=u007")[n % 3]
            start = time.perf_counter()
            answer = client.get(address)
            if n >= 2:
                seconds.append(time.perf_counter() - start)
            if answer.status_code != 200 or b"<picture>" not in answer.content:
                raise AssertionError(f"{address}: {answer.status_code}")
    worst = percentile(seconds, 0.95) * 1000
    method = f"{len(seconds)} pages as intake and as a handler, each counted anew, in one process, warm; drawings come by their own address"
    return [Result(f"dashboard at {rows:,} cases, p95", worst, "ms", "under 500 ms", worst < 500, method)]  # fmt: skip


def _against_bare(rows: int) -> list[Result]:
    import duckdb

    from huhang.insight.charts import count
    from huhang.insight.charts.view import read_view
    from huhang.insight.facts import reader
    from huhang.kernel import clock
    from huhang.parties.models import User
    from huhang.parties.queries import actor_for

    actor = actor_for(User.objects.get(username=HANDLER))
    view = read_view({})
    files = ", ".join(f"'{p}'" for p in reader.state().paths)
    source = f"WITH facts AS (SELECT * FROM read_parquet([{files}])) "
    among = view.among(actor)

    def ask(db: Any, sql: str) -> list[Any]:
        given = {"today": clock.today()} if "$today" in sql else {}
        return list(db.execute(source + sql, given).fetchall())

    def ours() -> None:
        count.counted.cache_clear()
        assert count.count(actor, view).cases > rows / 3

    with duckdb.connect() as db:
        plain = _one_by_one(among)
        found = count.count(actor, view)
        cases = ask(db, f"SELECT count(*) FROM facts WHERE {among}")[0][0]
        assert found.cases == cases, "both must count the same"
        median = ask(db, plain[-2])
        assert sorted(s for s, _p in found.results["answers"].spans.values()) == sorted(r[2] for r in median)  # fmt: skip
        took = _in_turn(
            {
                "ours": ours,
                "same": lambda: ask(db, count.query(actor, view)),
                "plain": lambda: [ask(db, sql) for sql in plain],
            }
        )
    ours_s, same_s, plain_s = (statistics.median(took[k]) for k in ("ours", "same", "plain"))
    method = f"median of {ROUNDS} rounds in turn over the same Parquet files, as a handler whose gate leaves cases out"
    return [
        Result(f"dashboard's counting at {rows:,} cases", ours_s * 1000, "ms", "see the ratios", True,
               f"{method}; all ten charts"),
        Result("  / its own query in bare DuckDB", ours_s / same_s, "", "at most 1.5", ours_s / same_s <= 1.5,
               f"{same_s * 1000:.0f} ms; {method}"),
        Result("  / one plain query for each chart in bare DuckDB", ours_s / plain_s, "", "at most 1.5",
               ours_s / plain_s <= 1.5, f"{plain_s * 1000:.0f} ms for ten queries written by hand; {method}"),
    ]  # fmt: skip


def _in_turn(ways: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Each way in turn, after a round to get warm."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if number:
                took[name].append(time.perf_counter() - start)
    return took


def _one_by_one(among: str) -> list[str]:
    """What somebody would write by hand for each chart, with the same gate and period."""
    cases = f"FROM facts WHERE {among} AND"
    steps = (
        "accepted",
        "assigned",
        "found",
        "submitted",
        "verified",
        "fed_back",
        "governed",
        "closed",
    )
    age = "CASE WHEN $today - due_on <= 5 THEN 1 WHEN $today - due_on <= 15 THEN 2 WHEN $today - due_on <= 30 THEN 3 ELSE 4 END"
    days = "date_diff('day', received_on, first_fed_back_on)"
    outcome = "CASE WHEN recurred > 0 THEN 'came_back' WHEN reopened > 0 THEN 'reopened' ELSE 'stayed' END"
    return [
        f"SELECT count(*), {', '.join(f'count(first_{s}_on)' for s in steps)} {cases} true",
        f"SELECT unit_id, {age} AS age, count(*) {cases} unit_id IS NOT NULL AND stopped_on IS NULL AND due_on < $today GROUP BY ALL",
        f"SELECT unit_id, behaviour, count(*) {cases} unit_id IS NOT NULL AND behaviour <> '' GROUP BY ALL",
        f"SELECT channel, date_trunc('month', received_on) AS month, count(*) {cases} true GROUP BY ALL",
        f"SELECT finding, count(*) {cases} finding <> '' GROUP BY ALL",
        f"SELECT governed, count(*) {cases} first_fed_back_on IS NOT NULL GROUP BY ALL",
        f"SELECT governed, {outcome} AS outcome, count(*) {cases} first_closed_on IS NOT NULL GROUP BY ALL",
        f"SELECT rating, count(*) {cases} rating IS NOT NULL GROUP BY ALL",
        f"SELECT date_trunc('month', received_on) AS month, count(*), median({days}), quantile_cont({days}, 0.9)"
        f" {cases} first_fed_back_on IS NOT NULL GROUP BY ALL",
        f"SELECT unit_id, stopped_on <= due_on AS on_time, count(*) {cases} unit_id IS NOT NULL AND stopped_on IS NOT NULL"
        " AND due_on IS NOT NULL GROUP BY ALL",
    ]  # fmt: skip
