"""A monthly return at a million cases: its preview, its freezing with the corrections of the year, its page."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.facts import set_units, write_facts
from bench.report import Result, median

TABLE = "monthly_work"
LATER = 100
"""One case in so many becomes known after the earlier months were frozen."""


def run(rows: int = 1_000_000) -> list[Result]:
    """Facts are written by ``bench/facts.py``: a year of receipts, so eleven whole months."""
    from huhang.insight.facts import reader
    from huhang.insight.returns import actions, freezing, periods
    from huhang.insight.returns.queries import Reading
    from huhang.insight.returns.view import document
    from huhang.kernel import clock
    from huhang.kernel.actor import WORKER
    from huhang.kernel.write import write
    from huhang.parties.models import User
    from huhang.parties.queries import actor_for
    from huhang.rulebook import current

    set_units()
    write_facts(rows - rows // LATER)
    leader = actor_for(User.objects.get(username="leader"))
    now = clock.now()
    begun = periods.from_day(current().returns[TABLE], clock.today() - timedelta(days=364), now)
    *earlier, last = [p for p in begun if p.cut_off <= now]

    def prepare(period: Any) -> Any:
        return freezing.prepare(period, reader.state(), period.cut_off)

    def frozen(period: Any) -> Any:
        prepared = prepare(period)
        return write(lambda w: actions.freeze(w, prepared), actor=WORKER)

    for period in earlier:
        frozen(period)
    write_facts(rows)
    preview = _seconds(lambda: document(Reading(leader), last, None))
    prepared = _seconds(lambda: prepare(last))
    moved = len(prepare(last).members["corrections"])
    if moved != len(earlier):
        raise AssertionError(f"{moved} of {len(earlier)} months were corrected")
    row = frozen(last)

    def page() -> None:
        reading = Reading(leader)
        document(reading, last, next(k for k in reading.frozen(TABLE) if k.row.pk == row.pk))

    shown = _seconds(page)
    method = "median of 5, as a leader, in one process, counted anew"
    after = f"after {len(earlier)} frozen months, each with cases that became known later"
    return [
        Result(f"monthly return at {rows:,} cases: preview", preview, "s", "under 1 s",
               preview < 1, method),
        Result("  made ready to be frozen, with its corrections", prepared, "s", "under 10 s",
               prepared < 10, f"median of 5; {after}; by the worker, outside of any write"),
        Result("  its page once it is frozen", shown, "s", "under 1 s", shown < 1,
               f"{method}; {after}"),
    ]  # fmt: skip


def _seconds(act: Callable[[], object]) -> float:
    found = []
    for _n in range(5):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return median(found)
