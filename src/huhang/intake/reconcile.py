"""Reconciliation: what each source sent on each day, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from huhang.intake.models import ImportRun
from huhang.kernel import clock


@dataclass
class Day:
    """What a source sent on one day (at the office). ``sent`` is the sum of the four after it;
    ``failed``: files that were not read to their end, whose rows so far are counted."""

    day: date
    kind: str
    source: str
    files: int = 0
    failed: int = 0
    sent: int = 0
    accepted: int = 0
    updated: int = 0
    repeated: int = 0
    refused: int = 0

    def as_json(self) -> dict[str, Any]:
        """The object that ``huhang import days --json`` lists."""
        return {**vars(self), "day": self.day.isoformat()}


def by_day(
    runs: Iterable[ImportRun], since: date | None = None, until: date | None = None
) -> list[Day]:
    """The runs by day, kind and source, the last day first. Runs that only looked do not count."""
    days: dict[tuple[date, str, str], Day] = {}
    for run in runs:
        day = clock.local_day(run.started_at)
        if run.state not in ("done", "failed", "stopped"):
            continue
        if (since and day < since) or (until and day > until):
            continue
        found = days.setdefault((day, run.kind, run.source), Day(day, run.kind, run.source))
        found.files += 1
        found.failed += run.state != "done"
        found.accepted += run.accepted
        found.updated += run.updated
        found.repeated += run.repeated
        found.refused += run.refused
        found.sent += run.accepted + run.updated + run.repeated + run.refused
    return sorted(days.values(), key=lambda d: (-d.day.toordinal(), d.kind, d.source))
