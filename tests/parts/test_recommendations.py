"""What became of recommendations: carried out after it was accepted, and counted as a recount counts it."""

from __future__ import annotations

from datetime import date

import pytest

from huhang.cases.models import Case
from huhang.config.reactions import close_off
from huhang.insight import figures
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.tlog import export
from tests.cast import District, do
from tests.parts.recount import Recount
from tests.parts.test_inquiry import SOON, complaint, district, replied

pytestmark = pytest.mark.django_db
__all__ = ["district"]
SINCE, UNTIL = date(2020, 1, 1), date(2099, 12, 31)


def _recommended(district: District, *outcomes: str) -> Case:
    lead = district.actor("supervisor")
    case = do(lead, replied(district), "ask_comments", note="They regret it", answer_by=SOON)
    case = do(lead, case, "take_comments", note="That is no answer")
    case = do(lead, case, "find", finding="maladministration", note="Nine months")
    case = do(lead, case, "recommend", note="Decide within a month", answer_by=SOON)
    for outcome in outcomes:
        case = do(lead, case, "follow_up", outcome=outcome, note="What they wrote")
    return case


def test_what_was_accepted_can_be_carried_out_later(district: District) -> None:
    case = _recommended(district, "accepted", "implemented")
    assert (case.state, case.outcome) == ("followed_up", "implemented")


def test_recommendations_are_counted_as_a_recount_counts_them(district: District) -> None:
    for outcomes in ((), ("accepted",), ("accepted", "implemented"), ("partly_accepted",),
                     ("rejected",), ("no_answer",), ("rejected", "implemented")):  # fmt: skip
        _recommended(district, *outcomes)
    complaint(district)
    close_off()
    counted = {f.id: f.value for f in figures.count(OPERATOR, figures.Scope(SINCE, UNTIL))}
    assert [counted[f"recommendations_{name}"] for name in ("made", "accepted", "implemented", "refused")] == [
        7, 4, 2, 1,
    ]  # fmt: skip
    assert counted["implementation_rate"] == pytest.approx(28.57)
    expected = Recount(export.lines()).count(SINCE, UNTIL, clock.today())
    for name, value in counted.items():
        if "." not in name:
            assert value == pytest.approx(expected[name], abs=0.011), name
