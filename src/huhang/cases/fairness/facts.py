"""What the guards of fairness look at."""

from __future__ import annotations

from typing import Any

from huhang.cases.models import Case, FalseAccusation, Report
from huhang.kernel import clock
from huhang.rulebook import current


def facts_of(case: Case) -> dict[str, Any]:
    """The facts that ``flow.fairness.guard`` names, but for the finding; what takes a query is a call."""
    return {
        "fairness": current().fairness,
        "named": lambda: Report.objects.filter(case=case, anonymous=False).exists(),
        "accusation": lambda: _accusation(case),
        "check_back_on": case.check_back_on,
        "today": clock.today(),
    }


def _accusation(case: Case) -> str:
    """What became of the last proposal that a report was a false accusation: nothing (there is none),
    proposed, or its outcome."""
    last = FalseAccusation.objects.filter(case=case).order_by("pk").last()
    return "" if last is None else last.outcome or "proposed"
