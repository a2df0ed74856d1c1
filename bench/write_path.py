"""The write path without HTTP: acknowledged reports a second, one by one and in groups."""

from __future__ import annotations

import time

from bench.report import Result, median
from bench.world import drafts


def run(runs: int = 5) -> list[Result]:
    """Reports through ``intake.submit`` on SQLite with synchronous=FULL, 150 characters each."""
    from huhang.intake.actions import submit, submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import write
    from huhang.parties.models import Unit
    from tests.cast import found_district

    found_district()
    units = list(Unit.objects.values_list("pk", flat=True))
    single, grouped = [], []
    n = 0
    for _run in range(runs):
        batch = drafts(n, 1000, units)
        n += 1000
        start = time.perf_counter()
        for draft in batch:
            write(lambda w, draft=draft: submit(w, draft), actor=PUBLIC)
        single.append(1000 / (time.perf_counter() - start))
        batch = drafts(n, 5000, units)
        n += 5000
        start = time.perf_counter()
        for at in range(0, 5000, 500):
            write(lambda w, at=at, batch=batch: submit_many(w, batch[at : at + 500]), actor=PUBLIC)
        grouped.append(5000 / (time.perf_counter() - start))
    return [
        Result("write path, one by one", median(single), "reports/s", "at least 2,000",
               median(single) >= 2000,
               f"median of {runs} runs of 1,000 reports, each with its own synced commit"),
        Result("write path, in groups", median(grouped), "reports/s", "at least 10,000",
               median(grouped) >= 10_000,
               f"median of {runs} runs of 5,000 reports in groups of 500, one commit each"),
    ]  # fmt: skip
