"""Returns: frozen once, corrected later, and frozen plus corrections is always a recount."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from huhang import rulebook
from huhang.cases.models import Case
from huhang.cases.queries import payload_value, visible_to
from huhang.config.reactions import close_off
from huhang.insight.facts import reader, store
from huhang.insight.models import Return
from huhang.insight.returns import actions, freezing, kept, periods, queries
from huhang.insight.returns import sheet as sheets
from huhang.insight.returns.queries import Reading
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, WORKER, Actor
from huhang.kernel.errors import Conflict, HuhangError, Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties import actions as parties
from huhang.rulebook import ReturnRule, RulebookError, current, load
from huhang.rulebook.loading import BOOKS
from huhang.tlog.actions import tick
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
MONTHLY = "monthly_work"


def at(*moment: int) -> None:
    """Hold the clock at a moment of the office (Asia/Shanghai)."""
    clock.set_frozen(datetime(*moment, tzinfo=clock.local_zone()))  # type: ignore[arg-type]


def table_of(key: str, actor: Actor = OPERATOR) -> tuple[queries.Sheet, sheets.Matrix]:
    """A frozen table as somebody reads it."""
    reading = Reading(actor)
    _period, one = reading.find(MONTHLY, key)
    assert one is not None
    return one.sheet, one.cells(reading.hidden)


def column(key: str, name: str, actor: Actor = OPERATOR) -> dict[str, int]:
    """One column of a frozen table: row -> number, without the zeros."""
    sheet, cells = table_of(key, actor)
    n = [c.id for c in sheet.columns].index(name)
    return {r.key: cells[i][2 * n] for i, r in enumerate(sheet.rows) if cells[i][2 * n]}


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ReturnRule]:
    """Change the monthly table of the rulebook, and let it be the only one."""

    def change(**fields: Any) -> ReturnRule:
        book = current()
        made = replace(book.returns[MONTHLY], **fields)
        changed = replace(book, returns={MONTHLY: made})
        monkeypatch.setattr(rulebook.loading, "load", lambda name: changed)
        return made

    return change


# Periods -----------------------------------------------------------------------------------------


def test_a_month_ends_on_the_day_that_the_rulebook_says() -> None:
    month = current().returns[MONTHLY]
    november = periods.of_day(month, date(2026, 11, 24))
    assert (november.key, november.since, november.until) == (
        "2026-11", date(2026, 11, 1), date(2026, 11, 30),
    )  # fmt: skip
    assert november.cut_off == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert november.due_on == date(2026, 12, 7)  # five working days
    to_25th = replace(month, last_day=25, due_working_days=0, due_day=28)
    assert periods.of_day(to_25th, date(2026, 11, 25)).key == "2026-11"
    december = periods.of_day(to_25th, date(2026, 11, 26))
    assert (december.key, december.since) == ("2026-12", date(2026, 11, 26))
    assert december.due_on == date(2026, 12, 28)
    assert periods.of_day(to_25th, date(2026, 12, 26)).key == "2027-01"
    known_later = replace(month, known_days=3)
    assert periods.of_day(known_later, date(2026, 2, 28)).cut_off == datetime(
        2026, 3, 3, 16, tzinfo=UTC
    )
    quarter = current().returns["quarterly_results"]
    last = periods.of_day(quarter, date(2026, 12, 31))
    assert (last.key, last.since, last.due_on) == ("2026-Q4", date(2026, 10, 1), date(2027, 1, 10))
    assert last.after.key == "2027-Q1"
    for wrong in ("2026-13", "2026-Q5", "2026-Q4", "0000-01", "x", ""):
        assert periods.of_key(month, wrong) is None


def test_periods_join_without_a_gap_for_ever() -> None:
    for last_day in (0, 20, 28):
        month = replace(current().returns[MONTHLY], last_day=last_day)
        period = periods.of_day(month, date(2023, 12, 1))
        for _n in range(40):
            assert period.after.since == period.until + timedelta(days=1)
            assert periods.of_day(month, period.since) == period
            assert periods.of_day(month, period.until) == period
            assert periods.of_key(month, period.key) == period
            period = period.after


# Freezing ----------------------------------------------------------------------------------------


def test_the_worker_freezes_at_the_cut_off_once_and_what_came_at_midnight_is_the_next_month() -> (
    None
):
    at(2026, 3, 5)
    district = found_district()
    at(2026, 3, 31, 23, 59, 59)
    file_report(district, "market")
    close_off()
    assert not Return.objects.exists()
    at(2026, 4, 1)
    file_report(district, "market")
    close_off()
    close_off()
    at(2026, 4, 1, 0, 1)
    close_off()
    frozen = Return.objects.filter(table=MONTHLY).get()
    assert (frozen.period, frozen.by) == ("2026-03", "worker")
    assert column("2026-03", "cases_received") == {"market": 1}
    at(2026, 5, 1, 0, 1)
    close_off()
    assert column("2026-04", "cases_received") == {"market": 1}
    assert Entry.objects.filter(verb="freeze").count() == Return.objects.count()
    assert verify(parallel=False).ok


def test_a_month_with_nothing_is_frozen_as_a_zero_report_and_every_unit_is_listed() -> None:
    at(2026, 3, 5)
    district = found_district()
    at(2026, 4, 1, 0, 1)
    close_off()
    sheet, cells = table_of("2026-03")
    assert [r.key for r in sheet.rows] == ["gov", "market", "tax", "town", ""]
    assert queries.is_zero(cells)
    [line] = [
        x for x in Reading(OPERATOR).lines(2026) if x.rule.id == MONTHLY and x.state == "frozen"
    ]
    assert line.zero
    assert not line.overdue
    write(lambda w: actions.sign(w, MONTHLY, "2026-03"), actor=district.actor("leader"))
    assert Return.objects.get(table=MONTHLY).signed_at == clock.now()


def test_missed_months_are_caught_up_as_the_log_stood_at_each_cut_off() -> None:
    at(2026, 3, 5)
    district = found_district()
    case = carry(district, case_of(file_report(district, "market")), to="fed_back")
    close_off()
    at(2026, 4, 10)
    do(district.actor("intake"), case, "govern", form="rule", note="修订")
    do(district.actor("intake"), case, "close")
    file_report(district, "tax")
    # The worker was off from March on: it finds three cut-offs behind it.
    at(2026, 6, 3, 9)
    file_report(district, "town")
    close_off()
    assert list(Return.objects.filter(table=MONTHLY).order_by("since").values_list("period", flat=True)) == [
        "2026-03", "2026-04", "2026-05"]  # fmt: skip
    assert column("2026-03", "cases_received") == {"market": 1}
    assert column("2026-03", "closed") == {}
    assert column("2026-04", "cases_received") == {"tax": 1}
    assert column("2026-04", "closed") == {"market": 1}
    assert column("2026-05", "cases_received") == {}
    lines = {x.period.key: x for x in Reading(OPERATOR).lines(2026) if x.rule.id == MONTHLY}
    assert lines["2026-03"].frozen_late_days == 63
    assert lines["2026-04"].overdue
    assert lines["2026-05"].overdue is False
    assert lines["2026-06"].state == "running"


def test_two_workers_freeze_a_month_once(transactional_db: None) -> None:
    at(2026, 3, 5)
    file_report(found_district(), "market")
    at(2026, 5, 1, 0, 1)
    tick()
    failures: list[BaseException] = []
    together = threading.Barrier(3)

    def worker() -> None:
        try:
            together.wait(20)
            freezing.freeze_due()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    freezing.freeze_due()
    assert not failures
    found = sorted(Return.objects.values_list("table", "period"))
    assert found == [(MONTHLY, "2026-03"), (MONTHLY, "2026-04"), ("quarterly_results", "2026-Q1")]
    assert Entry.objects.filter(verb="freeze").count() == 3
    tick()
    assert verify(parallel=False).ok


def test_a_leader_freezes_early_with_a_reason_and_what_comes_after_is_a_correction() -> None:
    at(2026, 3, 5)
    district = found_district()
    leader = district.actor("leader")
    file_report(district, "market")
    at(2026, 3, 28)
    close_off()
    period, _none = Reading(leader).find(MONTHLY, "2026-03")
    for who in ("intake", "handler", "supervisor", "admin"):
        with pytest.raises(NotAllowed):
            freezing.by_hand(district.actor(who), period, "长假")
    with pytest.raises(Refused) as none:
        freezing.by_hand(leader, period, "  ")
    assert none.value.field == "reason"
    with pytest.raises(Refused):
        freezing.by_hand(leader, period.after, "长假")
    frozen = freezing.by_hand(leader, period, "长假前报送")
    assert frozen.as_of == frozen.frozen_at < frozen.cut_off
    with pytest.raises(Conflict):
        freezing.by_hand(leader, period, "再次")
    file_report(district, "tax")
    at(2026, 5, 1, 0, 1)
    close_off()
    assert column("2026-03", "cases_received") == {"market": 1}
    _april, one = Reading(leader).find(MONTHLY, "2026-04")
    assert one is not None
    [said] = Reading(leader).corrections_in(one)
    assert (said.of, said.number) == ("2026-03", 1)
    assert {(c.column, c.row, c.difference) for c in said.changes} == {
        ("收到来件", "示范区税务局", "+1"), ("收到事项", "示范区税务局", "+1")}  # fmt: skip


def test_a_late_freeze_by_hand_counts_the_cut_off_and_says_how_late_it_is() -> None:
    at(2026, 3, 5)
    district = found_district()
    file_report(district, "market")
    at(2026, 4, 4)
    file_report(district, "market")
    tick()
    leader = district.actor("leader")
    period, _none = Reading(leader).find(MONTHLY, "2026-03")
    freezing.by_hand(leader, period, "主机停机")
    assert column("2026-03", "cases_received") == {"market": 1}
    line = next(x for x in Reading(leader).lines(2026) if x.period == period)
    assert line.frozen_late_days == 3
    assert Reading(leader).reason_of(Return.objects.get()) == "主机停机"


def test_signing_and_sending_in_their_order() -> None:
    at(2026, 3, 5)
    district = found_district()
    at(2026, 4, 1, 0, 1)
    close_off()
    leader, intake = district.actor("leader"), district.actor("intake")

    def send(
        actor: Actor, on: date, to: str = "市纪委监委", serial: str = "", reason: str = ""
    ) -> Return:
        said = {"on": on, "to": to, "serial": serial, "reason": reason}
        return write(lambda w: actions.send(w, MONTHLY, "2026-03", **said), actor=actor)

    with pytest.raises(Missing):
        write(lambda w: actions.sign(w, MONTHLY, "2026-04"), actor=leader)
    with pytest.raises(NotAllowed):
        write(lambda w: actions.sign(w, MONTHLY, "2026-03"), actor=intake)
    at(2026, 4, 9)
    with pytest.raises(Refused):
        send(intake, date(2026, 4, 9))
    write(lambda w: actions.sign(w, MONTHLY, "2026-03"), actor=leader)
    with pytest.raises(Conflict):
        write(lambda w: actions.sign(w, MONTHLY, "2026-03"), actor=leader)
    for wrong in (date(2026, 3, 31), date(2026, 4, 10)):
        with pytest.raises(Refused) as refused:
            send(intake, wrong)
        assert refused.value.field == "on"
    with pytest.raises(NotAllowed):
        send(district.actor("handler"), date(2026, 4, 9))
    with pytest.raises(Refused):
        send(intake, date(2026, 4, 9), to=" ")
    with pytest.raises(Refused) as early:
        send(intake, date(2026, 4, 9), reason="文号有误")
    assert early.value.field == "reason"
    sent = send(intake, date(2026, 4, 9), serial="护营报〔2026〕3号")
    first = sent.sent
    with pytest.raises(Conflict):
        send(intake, date(2026, 4, 9))
    with pytest.raises(Conflict):
        send(intake, date(2026, 4, 9), reason=" ")
    line = next(x for x in Reading(intake).lines(2026) if x.period.key == "2026-03")
    assert (line.state, line.sent_late, line.overdue) == ("sent", True, False)
    noted = {"to": "市纪委监委", "serial": "护营报〔2026〕3号", "reason": ""}
    assert Reading(intake).sent_of(sent) == noted
    corrected = send(intake, date(2026, 4, 8), serial="护营报〔2026〕4号", reason="文号有误")
    assert corrected.sent_on == date(2026, 4, 8)
    assert Reading(intake).sent_of(corrected) == {
        **noted, "serial": "护营报〔2026〕4号", "reason": "文号有误",
    }  # fmt: skip
    assert payload_value(first) == {"to": "市纪委监委", "serial": "护营报〔2026〕3号"}
    assert verify(parallel=False).ok


def test_who_may_open_returns() -> None:
    district = found_district()
    for name in ("intake", "leader"):
        Reading(district.actor(name))
    for name in ("handler", "supervisor", "admin"):
        with pytest.raises(Missing):
            Reading(district.actor(name))


# Corrections -------------------------------------------------------------------------------------


def _step(district: District, draw: random.Random) -> None:
    """Something that moves numbers of months that are past."""
    intake = district.actor("intake")
    names = draw.sample(["market", "market-east", "tax", "town", "gov"], k=draw.randint(0, 2))
    report = file_report(
        district, *names, kind=draw.choice(["demand", "complaint"]),
        reported_at=draw.choice([None, clock.now() - timedelta(days=draw.randint(0, 80))]),
    )  # fmt: skip
    carry(
        district,
        case_of(report),
        to=draw.choice(["received", "accepted", "found", "fed_back", "closed"]),
    )
    known = list(Case.objects.order_by("pk"))
    case = draw.choice(known)
    try:
        if case.state == "closed":
            do(intake, case, "reopen", reason="objection", note="不满意")
        elif case.state == "received" and draw.random() < 0.5:
            do(intake, case, "merge", into=draw.choice(known).ref)
        elif case.state == "accepted":
            do(intake, case, "accuse", accused=["tax"], note="有证据")
        else:
            carry(district, case, to="closed")
    except HuhangError:
        pass  # not allowed as the case stands: then this does not happen


def _recount(one: kept.Kept, hidden: frozenset[int] = frozenset()) -> sheets.Matrix:
    """The cells by a plain walk over the facts' rows, without masks and groups."""
    names = "case_id, unit_id, kind, state, received_on, closed_on, stopped_on, reported_on"
    cells = sheets.nothing(one.sheet)
    rows = {u: n for n, r in enumerate(one.sheet.rows) for u in r.units}
    row = one.row
    for case, unit, kind, state, received, closed, stopped, _reported in reader.ask(
        reader.state(), f"SELECT {names} FROM facts ORDER BY case_id"
    ):
        if case in hidden:
            continue
        counts = {
            "reports_received": row.since <= received <= row.until,
            "cases_received": row.since <= received <= row.until and state != "merged",
            "clue_collated": row.since <= received <= row.until and state != "merged" and kind == "clue",
            "demand_fed_back": bool(stopped) and row.since <= stopped <= row.until
            and state != "merged" and kind == "demand",
            "closed": bool(closed) and row.since <= closed <= row.until and state != "merged",
        }  # fmt: skip
        line = cells[rows.get(unit, len(one.sheet.rows) - 1)]
        for n, shown in enumerate(one.sheet.columns):
            line[2 * n] += counts[shown.id]
    return cells


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_frozen_plus_corrections_is_a_recount_at_any_later_time_cell_by_cell(
    seed: int, rule: Callable[..., ReturnRule]
) -> None:
    draw = random.Random(seed)
    rule(last_day=draw.choice([0, 25]), known_days=draw.choice([0, 3]))
    at(2026, 1, 5)
    district = found_district()
    moment = datetime(2026, 1, 5, tzinfo=clock.local_zone())
    originals: dict[str, Any] = {}
    compared = moved = 0
    for _n in range(34):
        moment += timedelta(days=draw.randint(1, 6), hours=draw.randint(0, 23))
        clock.set_frozen(moment)
        _step(district, draw)
        if draw.random() < 0.6:
            close_off()
        table = kept.frozen(MONTHLY)
        for one in table:
            originals.setdefault(one.row.period, one.cells())
            assert one.cells() == originals[one.row.period], "a frozen table never changes"
    close_off()
    for actor in (OPERATOR, *(district.actor(n) for n in ("intake", "leader"))):
        reading = Reading(actor)
        table = reading.frozen(MONTHLY)
        assert len(table) >= 3
        for one in table:
            cells = one.cells(reading.hidden)
            for said in reading.corrections_of(one):
                cells = _apply(one.sheet, cells, said)
            cells = _apply(one.sheet, cells, reading.not_yet_frozen(one))
            assert cells == _recount(one, reading.hidden), (seed, one.row.period)
            compared += 1
            moved += cells != one.cells(reading.hidden)
    assert compared
    assert moved, "nothing was ever corrected: this history shows nothing"
    last = table[-1]
    year, sums, keys = reading.year_to(last)
    assert keys == [k.row.period for k in table if k.row.year == last.row.year]
    assert [s.value for s in sums] == [
        sheets.whole(year, last.sheet.width)[bit] for bit in queries.bits_of(last.sheet)
    ]
    tick()
    assert verify(parallel=False).ok


def _apply(sheet: sheets.Sheet, cells: sheets.Matrix, said: queries.Correction) -> sheets.Matrix:
    found = [list(row) for row in cells]
    rows = {r.words.zh: n for n, r in enumerate(sheet.rows)}
    columns = {queries.column_name(sheet, bit): bit for bit in queries.bits_of(sheet)}
    for change in said.changes:
        place = found[rows[change.row]]
        assert place[columns[change.column]] == change.was
        place[columns[change.column]] = change.now
    return found


def test_each_correction_has_its_number_and_the_year_is_the_sum_that_the_page_shows() -> None:
    at(2026, 1, 5)
    district = found_district()
    case = carry(district, case_of(file_report(district, "market")), to="closed")
    at(2026, 2, 2)
    close_off()
    intake = district.actor("intake")
    do(intake, case, "reopen", reason="objection", note="不满意")
    at(2026, 3, 2)
    close_off()
    carry(district, case_of(file_report(district, "market")), to="closed")
    at(2026, 4, 2)
    close_off()
    reading = Reading(intake)
    _p, january = reading.find(MONTHLY, "2026-01")
    assert january is not None
    found = reading.corrections_of(january)
    assert [(c.number, c.by) for c in found] == [(1, "2026-02"), (2, "2026-03")]
    assert [(x.column, x.was, x.now) for x in found[0].changes] == [
        ("反馈诉求", 1, 0), ("期内办结归档", 1, 0)]  # fmt: skip
    assert found[1].changes == ()
    _p, march = reading.find(MONTHLY, "2026-03")
    assert march is not None
    _cells, sums, keys = reading.year_to(march)
    assert keys == ["2026-01", "2026-02", "2026-03"]
    closed = next(s for s in sums if s.column == "期内办结归档")
    assert closed.arithmetic == "1 + 0 + 1 − 1 = 1"
    _p, february = reading.find(MONTHLY, "2026-02")
    assert february is not None
    early = next(s for s in reading.year_to(february)[1] if s.column == "期内办结归档")
    assert early.arithmetic == "1 + 0 − 1 = 0", "the year to February as February knew it"


def test_a_changed_rulebook_changes_no_frozen_table_and_no_correction(
    rule: Callable[..., ReturnRule],
) -> None:
    at(2026, 1, 5)
    district = found_district()
    rule()
    file_report(district, "market")
    at(2026, 2, 2)
    close_off()
    before = table_of("2026-01")
    rule(figures=("closed",), by="kind", level=0)
    write(lambda w: parties.add_unit(w, code="water", name="水务局", parent="gov"), actor=OPERATOR)
    file_report(district, "tax", kind="complaint")
    at(2026, 3, 2)
    close_off()
    assert table_of("2026-01") == before
    sheet, _cells = table_of("2026-02")
    assert [c.id for c in sheet.columns] == ["closed"]
    assert sheet.rows[-1].key == ""
    reading = Reading(OPERATOR)
    _p, january = reading.find(MONTHLY, "2026-01")
    assert january is not None
    assert [c.changes for c in reading.corrections_of(january)] == [()]
    assert reading.not_yet_frozen(january).changes == ()


def test_a_share_is_corrected_by_what_it_is_a_share_of(rule: Callable[..., ReturnRule]) -> None:
    rule(by="", level=0, figures=("cases_received", "on_time_rate"))
    at(2026, 1, 5)
    district = found_district()
    first = case_of(file_report(district, "market"))
    carry(district, first, to="fed_back")
    second = carry(district, case_of(file_report(district, "market")), to="verified")
    at(2026, 2, 2)
    close_off()
    reading = Reading(OPERATOR)
    _p, one = reading.find(MONTHLY, "2026-01")
    assert one is not None
    share = one.sheet.columns[1]
    assert share.value(one.cells()[0], 1) == 100
    at(2026, 9, 1)
    if second.state != "fed_back":
        do(district.actor("intake"), second, "feed_back", note="已办结")
    tick()
    store.extend()
    reading = Reading(OPERATOR)
    _p, one = reading.find(MONTHLY, "2026-01")
    assert one is not None
    assert [(c.column, c.was, c.now) for c in reading.not_yet_frozen(one).changes] == [
        ("按期办结率：总数", 1, 2)]  # fmt: skip


# Whoever is accused ------------------------------------------------------------------------------


def test_the_accused_read_the_tables_that_there_would_be_without_the_case() -> None:
    at(2026, 1, 5)
    district = found_district()
    write(
        lambda w: parties.add_membership(w, "intake-2", role="handler", unit="tax"), actor=OPERATOR
    )
    district.users["intake-2"].refresh_from_db()
    accused, intake = district.actor("intake-2"), district.actor("intake")
    file_report(district, "market")
    hidden = case_of(file_report(district, "tax", kind="clue"))
    assert not visible_to(accused).filter(pk=hidden.pk).exists()
    at(2026, 2, 2)
    close_off()
    assert column("2026-01", "cases_received", intake) == {"market": 1, "tax": 1}
    assert column("2026-01", "cases_received", accused) == {"market": 1}
    assert column("2026-01", "clue_collated", accused) == {}
    # A case that comes to accuse them later leaves the tables that they have seen, without a trace.
    seen = carry(district, case_of(file_report(district, "market")), to="accepted")
    at(2026, 3, 2)
    close_off()
    assert column("2026-02", "cases_received", accused) == {"market": 1}
    do(district.actor("leader"), seen, "accuse", accused=["tax"], note="有证据")
    assert column("2026-02", "cases_received", accused) == {}
    close_off()
    reading = Reading(accused)
    for key in ("2026-01", "2026-02"):
        _p, one = reading.find(MONTHLY, key)
        assert one is not None
        assert reading.not_yet_frozen(one).changes == ()
        assert all(not c.changes for c in reading.corrections_of(one))
    lines = {x.period.key: x for x in reading.lines(2026) if x.rule.id == MONTHLY}
    assert lines["2026-02"].zero
    assert not any(x.corrected for x in lines.values())


def test_the_worker_counts_everything_whoever_looks_first() -> None:
    at(2026, 1, 5)
    district = found_district()
    for name in ("market", "tax", "town"):
        file_report(district, name, kind="clue")
    at(2026, 2, 2)
    close_off()
    one = kept.frozen(MONTHLY)[0]
    facts = reader.ask(reader.state(), f"SELECT case_id FROM facts WHERE {reader.gate(WORKER)}")
    assert set(one.members()) == {k for (k,) in facts}
    held = Counter(place[0] for place in one.members().values())
    assert sum(held.values()) == 3


# The rulebook ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cut_off": "friday"}, "returns.monthly_work.cut_off"),
        ({"cut_off": {"day": 31}}, "does not lie between 1 and 28"),
        ({"due": {}}, "either day or working_days"),
        ({"due": {"day": 3, "working_days": 3}}, "either day or working_days"),
        ({"every": "week"}, "'week' is none of month, quarter"),
        ({"rows": {"by": "kind", "level": 2}}, "rows by unit need a level"),
        ({"rows": {"by": "person"}}, "'person' is none of"),
        ({"figures": []}, "one to twenty"),
        ({"figures": ["closed", "closed"]}, "each once"),
        ({"figures": ["rating_mean"]}, "cannot be added up"),
        ({"figures": ["cases_by_kind"]}, "cannot be added up"),
        ({"figures": ["nothing"]}, "there is no figure 'nothing'"),
        ({"known_days": 90}, "between 0 and 60"),
        ({"first": "2026-13-01"}, "no day such as"),
        ({"source": ""}, "returns.monthly_work.source"),
    ],
)
def test_a_wrong_rule_of_returns_is_named(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    book = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    book["returns"][MONTHLY].update(change)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulebookError) as error:
        load(str(path))
    assert said in str(error.value)


def test_a_first_day_keeps_older_periods_out(rule: Callable[..., ReturnRule]) -> None:
    at(2026, 1, 5)
    found_district()
    rule(first="2026-03-01")
    at(2026, 4, 2)
    close_off()
    assert list(Return.objects.values_list("period", flat=True)) == ["2026-03"]


def test_a_condition_that_cannot_be_asked_holds_up_no_tick_and_no_other_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(2026, 1, 5)
    file_report(found_district(), "market")
    book = current()
    broken = [replace(f, where="no_such_column > 1") if f.id == "clue_collated" else f
              for f in book.figures]  # fmt: skip
    changed = replace(book, figures=tuple(broken))
    monkeypatch.setattr(rulebook.loading, "load", lambda name: changed)
    at(2026, 4, 2)
    close_off()
    assert set(Return.objects.values_list("table", flat=True)) == {"quarterly_results"}
    assert reader.state().rows == 1
    monkeypatch.setattr(rulebook.loading, "load", lambda name: book)
    close_off()
    assert Return.objects.filter(table=MONTHLY).count() == 3
