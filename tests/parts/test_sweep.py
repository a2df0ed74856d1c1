"""The sweep: what rests, since when, when somebody last looked at it; and a clue from end to end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huhang.cases import sweeping
from huhang.cases.models import Case
from huhang.cases.timeline import timeline
from huhang.config.reactions import close_off
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.tlog.verify import verify
from tests.cast import HEARD, District, case_of, do, file_report, found_district, let_through

pytestmark = pytest.mark.django_db


def _after(days: int) -> None:
    clock.set_frozen(clock.now() + timedelta(days=days))


@pytest.fixture(autouse=True)
def _real_time() -> Any:
    clock.set_frozen(clock.now())
    yield
    clock.set_frozen(None)


def _kept(district: District) -> Case:
    case = case_of(file_report(district, "market", text="听说要建新项目"))
    return do(district.actor("intake"), case, "keep", reason="for_study", note="留存")


def _clue(district: District) -> Case:
    case = case_of(file_report(district, "tax", kind="clue"))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    return do(district.actor("intake"), case, "assign", responsible="group-1")


def test_what_rests_is_listed_by_its_last_look_and_each_look_is_an_entry() -> None:
    d = found_district()
    intake = d.actor("intake")
    first = _kept(d)
    _after(40)
    second = _kept(d)
    assert list(sweeping.resting(intake)) == [first, second]
    assert list(sweeping.resting(intake, months=1)) == [first]
    with pytest.raises(Refused):
        do(intake, first, "sweep")
    _after(1)
    first = do(intake, first, "sweep", note="项目尚未立项，继续留存")
    assert first.state == "kept"
    assert first.swept_on == clock.today()
    assert list(sweeping.resting(intake)) == [second, first]
    assert list(sweeping.resting(intake, months=1)) == []
    row = sweeping.rows_of([first])[0]
    assert (row["months"], row["due"]) == (1, False)
    assert any("继续留存" in s["text"] for s in timeline(intake, first))
    _after(185)
    assert [r["due"] for r in sweeping.rows_of([first, second])] == [True, True]
    assert list(sweeping.resting(intake, unit_ids=frozenset({d.units["tax"].pk}))) == []


def test_whoever_may_not_see_a_case_does_not_see_that_it_rests() -> None:
    d = found_district()
    _kept(d)  # it names the market bureau, which counts as accused until triage
    for who in ("handler", "handler-east", "supervisor", "admin"):
        assert not sweeping.resting(d.actor(who)).exists()
    assert sweeping.resting(d.actor("leader")).count() == 1


def test_only_what_rests_is_swept() -> None:
    d = found_district()
    with pytest.raises(NotAllowed):
        do(d.actor("supervisor"), _clue(d), "sweep", note="x")


def test_a_clue_from_the_report_to_the_end() -> None:
    """Clue, assigned, talk approved, held, swept, investigated, heard, finding, filed by collective
    study, fed back, governed, closed."""
    d = found_district()
    intake, leader, group = d.actor("intake"), d.actor("leader"), d.actor("supervisor")
    case = _clue(d)
    steps: list[tuple[Any, str, dict[str, Any], str]] = [
        (group, "talk", {"note": "函询税务局窗口负责人"}, "talking"),
        (group, "hold", {"note": "关键证人在外地，三个月后再看"}, "held"),
        (group, "sweep", {"note": "证人尚未返回，继续暂存"}, "held"),
        (group, "investigate", {"note": "证人已返回，转初步核实"}, "investigating"),
        (group, "hear", HEARD, "investigating"),
        (group, "find", {"finding": "substantiated", "note": "收受礼金属实"}, "found"),
        (leader, "file", {"note": "对窗口负责人立案审查"}, "filed"),
        (intake, "feed_back", {"note": "您反映的问题已经立案"}, "fed_back"),
        (intake, "govern", {"form": "list", "note": "更新廉政风险清单"}, "governed"),
        (intake, "close", {}, "closed"),
    ]
    for actor, verb, values, state in steps:
        _after(3)
        case = let_through(d, do(actor, case, verb, **values))
        assert case.state == state, verb
    close_off()
    assert verify(parallel=False).ok
    said = [s["what"] for s in timeline(leader, case)]
    assert said.count("纸质签批同意") == 2 * 3 + 1  # talk, hold, investigate by two; file by one
