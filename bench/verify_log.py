"""``log verify`` at a million entries."""

from __future__ import annotations

import time
from typing import Any

from bench.report import Result
from bench.world import carry_some, drafts


def _notes(w: Any, cases: list[Any], first: int, count: int) -> None:
    """Notes as the verb leaves them (entry, words, the case's version), without its checks."""
    for n in range(first, first + count):
        case = cases[n % len(cases)]
        entry = w.entry("note", case=case, to=case.state, rule="demand-5", rule_version="1")
        entry.head["from"] = case.state
        entry.say("note", "已电话联系")
        w.update(case, version=case.version + 1)


def run(entries: int = 1_000_000) -> list[Result]:
    """A log as a district's work makes it: reports, two verbs on four of five cases, and notes."""
    from huhang.cases.models import Case
    from huhang.intake.actions import submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.models import Entry
    from huhang.kernel.write import write
    from huhang.parties.models import Unit
    from huhang.tlog.actions import tick
    from huhang.tlog.verify import verify
    from tests.cast import found_district

    district = found_district()
    units = list(Unit.objects.values_list("pk", flat=True))
    # A fifth are reports, a third accept and assign, the rest notes on cases.
    reports = entries // 5
    for first in range(0, reports, 1000):
        write(
            lambda w, first=first: submit_many(w, drafts(first, min(1000, reports - first), units)),
            actor=PUBLIC,
        )
    carry_some(district, list(range(500)))
    cases = list(Case.objects.filter(state="assigned").order_by("id"))
    intake = district.actor("intake")
    for first in range(Entry.objects.count(), entries, 1000):
        count = min(1000, entries - first)
        write(lambda w, first=first, count=count: _notes(w, cases, first, count), actor=intake)
    tick()
    start = time.perf_counter()
    verdict = verify()
    seconds = time.perf_counter() - start
    if not verdict.ok:
        raise AssertionError(verdict)
    return [
        Result(f"log verify, {verdict.entries:,} entries", seconds, "s", "under 15 s",
               seconds < 15, "one run on a warm file: leaf hashes, commitments, tree, replay of all rows")
    ]  # fmt: skip
