"""A due day beyond the last known year waits for its calendar; late cases rise by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huhang.cases import calendars, escalating, sending_up
from huhang.cases.days import due_of
from huhang.cases.models import CalendarYear, Case, Clock, SentUp, Transfer
from huhang.cli.main import main
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.rulebook import load, workdays
from huhang.rulebook.workdays import Year, add_working_days, is_working_day
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

BOOK = load("cn-chiping")
# What 2027 might be like: the announcement is not known.
FILE = "日期,类型\n2027-01-01,休\n2027-02-08,休\n2027-02-09,休\n2027-02-20,班\n".encode()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("2027-01-01,休\n2027-01-01,休\n", "第 2 行：2027-01-01 出现了两次"),
        ("2027-01-02,休\n", "第 1 行：2027-01-02 按星期本来就是这样"),
        ("2027-01-04,班\n", "第 1 行：2027-01-04 按星期本来就是这样"),
        ("2027-01-01,休\nsoon,休\n", "第 2 行：「soon」不是"),
        ("2027-01-01,放\n", "第 1 行：「放」既不是"),
        ("2026-10-01,休\n", "规则库已经有 2026 年的工作日"),
        ("日期,类型\n", "没有日期"),
    ],
)
def test_a_fault_in_a_file_is_named_with_its_line(content: str, fault: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        with pytest.raises(Refused) as error:
            calendars.parse(content.encode(encoding))
        assert fault in str(error.value)


@given(
    st.dates(date(2026, 12, 1), date(2028, 1, 31)), st.integers(1, 60),
    st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=30),
)  # fmt: skip
def test_working_days_of_a_loaded_year_are_counted_one_by_one(
    start: date, count: int, changed: set[date]
) -> None:
    year = Year(
        off=frozenset(d for d in changed if d.weekday() < 5),
        on=frozenset(d for d in changed if d.weekday() >= 5),
    )
    workdays.know({2027: year})
    try:
        due = add_working_days(start, count, BOOK)
        between = [start + timedelta(days=n) for n in range(1, (due.date - start).days + 1)]
        assert sum(is_working_day(day, BOOK) for day in between) == count
        assert is_working_day(due.date, BOOK)
        assert due.provisional == (max(start, due.date).year > 2027)
        for day in (d for d in between if d.year == 2027):
            assert is_working_day(day, BOOK) == ((day.weekday() < 5) != (day in changed))
    finally:
        workdays.know({})


@pytest.fixture
def district() -> District:
    """Shortly before a year whose calendar is not announced."""
    clock.set_frozen(datetime(2026, 12, 29, 4, tzinfo=UTC))
    return found_district()


@pytest.mark.django_db
def test_what_was_provisional_is_counted_again_under_an_entry(
    district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    intake = district.actor("intake")
    case = do(intake, case_of(file_report(district)), "accept", kind="demand")
    other = do(intake, case_of(file_report(district)), "accept", kind="demand", nature="petition")
    longer = do(intake, case_of(file_report(district)), "accept", kind="demand")
    do(intake, longer, "extend", days=10, reason="complex", note="复杂")
    done = carry(district, case_of(file_report(district)), to="fed_back")
    guessed = case.due_on
    assert case.due_provisional
    assert due_of(case, clock.today())["left"] is None
    assert not other.due_provisional, "calendar days need no calendar"
    path = tmp_path / "2027.csv"
    path.write_bytes(FILE)
    before = Entry.objects.count()
    assert main(["calendar", "load", str(path), "--source", "国务院办公厅通知", "--json"]) == 0
    assert capsys.readouterr().out.count("2027") == 2
    after, longer = (Case.objects.get(pk=c.pk) for c in (case, longer))
    # 30 and 31 December, 4 to 6 January; 1 January is a holiday.
    assert (after.due_on, after.due_provisional, after.version) == (
        date(2027, 1, 6), False, case.version,
    )  # fmt: skip
    assert guessed is not None
    assert longer.due_on == date(2027, 1, 20)
    assert due_of(after, clock.today())["left"] == 5
    assert Case.objects.get(pk=done.pk).due_on == done.due_on, "what was answered stays"
    verbs = list(Entry.objects.order_by("seq").values_list("verb", flat=True))[before:]
    assert verbs == ["load_calendar", "recount"]
    assert verify(parallel=False).ok
    assert main(["calendar", "load", str(path), "--source", "再次"]) == 0
    assert "these days were known already" in capsys.readouterr().out.lower()
    assert main(["calendar", "show"]) == 0
    assert "2027-02-20 work" in capsys.readouterr().out
    fresh = do(intake, case_of(file_report(district)), "accept", kind="demand")
    assert (fresh.due_on, fresh.due_provisional) == (date(2027, 1, 6), False)
    path.write_text("2027-01-02,休\n", "utf-8")
    assert main(["calendar", "load", str(path), "--source", "错"]) == 2


@pytest.mark.django_db
def test_many_are_counted_in_chunks_and_the_next_due_day_is_shown(district: District) -> None:
    intake = district.actor("intake")
    cases = [
        do(intake, case_of(file_report(district)), "accept", kind="demand",
           nature="enterprise_demand")
        for _ in range(3)
    ]  # fmt: skip
    years = calendars.parse(FILE)
    write(lambda w: calendars.load(w, years, "通知"), actor=OPERATOR)
    assert CalendarYear.objects.get().year == 2027
    assert calendars.recount(chunk=2) == 6, "the day after the next was certain before"
    assert calendars.recount(chunk=2) == 0
    for case in cases:
        due = min(Clock.objects.filter(case=case).values_list("due_on", flat=True))
        assert Case.objects.get(pk=case.pk).due_on == due
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_a_duty_that_stands_still_moves_and_is_not_shown(district: District) -> None:
    """And where an earlier duty is certain, the case goes on showing that one."""
    intake = district.actor("intake")
    resting, other = (
        do(intake, case_of(file_report(district)), "accept", kind="demand") for _ in range(2)
    )

    def beside(w: Write) -> None:
        w.entry("extend", case=resting)
        w.update(Clock.objects.get(case=resting), paused_on=date(2026, 12, 30))
        w.update(resting, due_on=None, due_provisional=False)
        w.entry("extend", case=other)
        w.insert(Clock, case_id=other.pk, rule="x", rule_version="1", started_on=date(2026, 12, 29),
                 due_on=date(2026, 12, 31), provisional=False)  # fmt: skip
        w.update(other, due_on=date(2026, 12, 31), due_provisional=False)

    write(beside, actor=OPERATOR)
    write(lambda w: calendars.load(w, calendars.parse(FILE), "通知"), actor=OPERATOR)
    assert calendars.recount() == 2
    assert set(Clock.objects.filter(provisional=False).values_list("due_on", flat=True)) == {
        date(2026, 12, 31), date(2027, 1, 6),
    }  # fmt: skip
    resting, other = (Case.objects.get(pk=c.pk) for c in (resting, other))
    assert (resting.due_on, other.due_on) == (None, date(2026, 12, 31))
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_a_late_case_rises_once_to_each_and_leaders_are_told(district: District) -> None:
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    case = do(district.actor("intake"), case_of(file_report(district)), "accept", kind="demand")
    risen = []
    for day in range(6, 20):
        clock.set_frozen(datetime(2026, 3, day, 4, tzinfo=UTC))
        while escalating.step():
            pass
        risen.append((day, Case.objects.get(pk=case.pk).escalated_to))
    assert case.due_on == date(2026, 3, 9)
    assert dict(risen) == {
        **dict.fromkeys(range(6, 10), ""),
        **dict.fromkeys(range(10, 16), "leader_in_charge"),
        **dict.fromkeys(range(16, 20), "principal_leader"),
    }
    assert Entry.objects.filter(case_id=case.pk, verb="escalate").count() == 2
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_what_a_person_raised_higher_stays_there(district: District) -> None:
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    case = do(district.actor("intake"), case_of(file_report(district)), "accept", kind="demand")
    do(district.actor("intake"), case, "escalate", target="superior_organ", note="请示")
    clock.set_frozen(datetime(2026, 6, 1, 4, tzinfo=UTC))
    assert escalating.step() == 0
    again = carry(district, case_of(file_report(district)), to="closed")
    assert escalating.step() == 0
    assert Case.objects.get(pk=again.pk).escalated_to == ""


@pytest.mark.django_db
def test_matters_that_go_up_and_transfers_wait_for_the_calendar_too(district: District) -> None:
    intake = district.actor("intake")
    noted, gone = (
        write(lambda w: sending_up.note(w, date(2026, 12, 29), 2), actor=intake) for _ in range(2)
    )
    write(lambda w: sending_up.forward(w, gone.ref, "city", date(2026, 12, 29)), actor=intake)
    cases = [case_of(file_report(district)) for _ in range(2)]
    for case in cases:
        do(intake, case, "transfer_out", target="police", note="移送")
    do(intake, cases[1], "sign_receipt", person="李某", signed_on=date(2026, 12, 29))
    assert SentUp.objects.filter(due_provisional=True).count() == 2
    before = dict(Transfer.objects.values_list("case_id", "due_on"))
    write(lambda w: calendars.load(w, calendars.parse(FILE), "通知"), actor=OPERATOR)
    assert calendars.recount() == 2
    noted, gone = (SentUp.objects.get(pk=s.pk) for s in (noted, gone))
    # 30 and 31 December, 4 to 6 January; 1 January is a holiday.
    assert (noted.due_on, noted.due_provisional) == (date(2027, 1, 6), False)
    assert gone.due_provisional, "what was done stays as it was"
    first, second = (Transfer.objects.get(case=c) for c in cases)
    assert (first.due_on, first.due_provisional) == (date(2027, 1, 6), False)
    assert (second.due_on, second.due_provisional) == (before[cases[1].pk], True)
    assert calendars.recount() == 0
    assert verify(parallel=False).ok
