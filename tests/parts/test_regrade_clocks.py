"""A case that another rule governs keeps the time for which its duties stood still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huhang.cases.models import Case, Clock, Standstill
from huhang.kernel import clock
from huhang.rulebook import current, use
from huhang.rulebook.loading import BOOKS
from huhang.rulebook.workdays import working_days_between
from huhang.tlog.verify import verify
from tests.cast import District, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 2, 4, tzinfo=UTC)
NATURES = (
    "market_complaint",
    "environment_complaint",
    "graded_a",
    "graded_b",
    "graded_c",
    "flagged",
)
"""In working days and in months; the last counts calendar days, and one duty of it never stands still."""
Span = tuple[int, int]


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    """On a Monday at noon, with a rulebook in which the duties of complaints can stand still."""
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    natures = data["natures"]
    for name in NATURES[:-1]:
        for rule in natures[name]["clocks"].values():
            rule["pauses"] = ["appraisal"]
    own = yaml.safe_load(yaml.safe_dump(natures["graded_b"]))
    (rule,) = own["clocks"].values()
    first = {**rule, "limit": {"days": 20}}
    first.pop("extension", None)
    never = {**first, "limit": {"working_days": 3}, "stops": ["investigate"]}
    never.pop("pauses")
    own["clocks"] = {"flagged-20": first, "flagged-start-3": never}
    natures["flagged"] = own
    path = tmp_path / "pauses.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    use(str(path))
    clock.set_frozen(FIRST)
    yield found_district()
    use("cn-chiping")


def _at(day: int) -> None:
    clock.set_frozen(FIRST + timedelta(days=day))


def _carried(district: District, spans: list[Span], natures: tuple[str, ...], after: int) -> Case:
    """A complaint of the first nature that becomes the others' after so many standstills."""
    intake = district.actor("intake")
    _at(0)
    case = do(intake, case_of(file_report(district)), "accept", kind="complaint", nature=natures[0])
    for place, (since, until) in enumerate([*spans, (999, 999)]):
        if place == after:
            for nature in natures[1:]:
                case = do(intake, case, "regrade", nature=nature, note="属于另一类")
        if place < len(spans):
            _at(since)
            case = do(intake, case, "pause", reason="appraisal", note="送检")
            _at(until)
            case = do(intake, case, "resume")
    return case


def _due(case: Case) -> dict[str, date]:
    return dict(Clock.objects.filter(case=case, stopped_on=None).values_list("rule", "due_on"))


_gaps = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 40)), min_size=1, max_size=3)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    gaps=_gaps,
    natures=st.lists(st.sampled_from(NATURES), min_size=2, max_size=3),
    data=st.data(),
)  # fmt: skip
def test_regrading_after_a_pause_never_makes_less_time_than_pausing_after_it(
    district: District, gaps: list[Span], natures: list[str], data: st.DataObject
) -> None:
    course = tuple(n for at, n in enumerate(natures) if at == 0 or n != natures[at - 1])
    if len(course) < 2:
        course = (NATURES[0], NATURES[2])
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at = spans[-1][1]
    after = data.draw(st.integers(1, len(spans)))
    later = _due(_carried(district, spans, course, after))
    first = _due(_carried(district, spans, course, 0))
    assert later.keys() == first.keys()
    assert all(later[rule] >= first[rule] for rule in first), (later, first)


def test_the_time_is_added_in_the_unit_of_the_rule_that_governs_now(district: District) -> None:
    spans = [(3, 10)]  # from Thursday to Thursday: five working days, seven days
    case = _carried(district, spans, ("market_complaint", "graded_b"), 1)
    (due,) = _due(case).values()
    assert working_days_between(FIRST.date(), due, current()) == 20, "15 and the 5 that were lost"
    assert Clock.objects.get(case=case, stopped_on=None).working_days == 20
    case = _carried(district, spans, ("market_complaint", "flagged"), 1)
    assert _due(case) == {
        "flagged-20": FIRST.date() + timedelta(days=27),
        "flagged-start-3": date(2026, 3, 5),  # it never stands still
    }
    assert verify(parallel=False).ok


def test_it_is_kept_when_the_nature_changes_once_more_and_when_nothing_can_stand_still_then(
    district: District,
) -> None:
    case = _carried(district, [(3, 10)], ("market_complaint", "graded_b", "graded_c"), 1)
    (due,) = _due(case).values()
    assert working_days_between(FIRST.date(), due, current()) == 10
    spans = Standstill.objects.filter(clock__case=case).values_list("since", "until")
    assert set(spans) == {(date(2026, 3, 5), date(2026, 3, 12))}
    use("cn-chiping")  # where graded natures know no standstill: the time was lost all the same
    case = _carried(district, [(3, 10)], ("market_complaint", "graded_c"), 1)
    (due,) = _due(case).values()
    assert working_days_between(FIRST.date(), due, current()) == 10


def test_without_a_standstill_the_rule_counts_as_before(district: District) -> None:
    case = _carried(district, [], ("market_complaint", "graded_c"), 0)
    (due,) = _due(case).values()
    assert working_days_between(FIRST.date(), due, current()) == 5
