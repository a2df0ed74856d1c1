"""``log verify`` at a million entries."""

from __future__ import annotations

import time

from bench.report import Result
from bench.world import carry_some, drafts


def run(entries: int = 1_000_000) -> list[Result]:
    """A log as a district's work makes it: reports, two verbs on four of five cases, and notes."""
    from huhang.cases import actions
    from huhang.cases.models import Case
    from huhang.intake.actions import submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.models import Entry
    from huhang.kernel.write import write, write_many
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
    refs = list(Case.objects.filter(state="assigned").order_by("id").values_list("ref", flat=True))
    intake = district.actor("intake")
    at = 0
    while (left := entries - Entry.objects.count()) > 0:
        part = [refs[(at + k) % len(refs)] for k in range(min(200, left))]
        at += len(part)
        write_many(
            [lambda w, ref=ref: actions.perform(w, ref, "note", note="已电话联系") for ref in part],
            actor=intake,
        )
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
