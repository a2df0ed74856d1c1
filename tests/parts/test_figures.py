"""Figures: a slow straightforward recount finds the same, and publishing hides small cells."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.insight import actions, figures, queries, suppression
from huhang.insight.documents import excel, word
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.rulebook import current
from huhang.tlog import export
from tests.cast import District, carry, case_of, do, file_report, found_district, reporter_of
from tests.parts.recount import Recount, leaf
from tests.parts.test_fairness import CLEAR, tolerance

pytestmark = pytest.mark.django_db
SCOPE = figures.Scope(date(2020, 1, 1), date(2099, 12, 31))
STATES = ["received", "accepted", "investigating", "found", "submitted", "fed_back", "closed"]


def _world(seed: int) -> Any:
    """Cases of every kind and state over a month, rated, urged, late, merged, back again."""
    district = found_district()
    draw = random.Random(seed)
    intake, leader = district.actor("intake"), district.actor("leader")
    begin = datetime(2026, 3, 1, 1, tzinfo=UTC)
    for n in range(24):
        clock.set_frozen(begin + timedelta(days=n, hours=draw.randint(0, 23)))
        kind = draw.choice(["demand", "demand", "complaint", "clue"])
        reported = clock.now() - timedelta(days=40) if n % 5 == 0 else None
        report = file_report(
            district, draw.choice(["market", "tax", "town"]), kind=kind, reported_at=reported,
            channel=draw.choice(["scan_code", "letter"]),
        )  # fmt: skip
        if kind == "clue":
            continue
        case = case_of(report)
        if n % 7 == 6:
            others = Case.objects.exclude(pk=case.pk).filter(state__in=("received", "accepted"))
            if (into := others.order_by("pk").first()) is not None:
                do(intake, case, "merge", into=into.ref)
                continue
        to = draw.choice(STATES)
        if to in ("fed_back", "closed"):
            case = carry(district, case, to="investigating")
            if draw.random() < 0.5:
                do(leader, case, "urge", note="请抓紧")
            clock.set_frozen(clock.now() + timedelta(days=draw.randint(0, 40)))
        if to == "found":
            _unfounded(district, case, n)
            continue
        case = carry(district, case, to=to)
        if case.state == "submitted":
            do(leader, case, "tolerate", **tolerance())
        if case.state in ("fed_back", "closed") and n % 2:
            do(reporter_of(report), case, "rate", rating=draw.randint(1, 5))
        if case.state == "closed" and draw.random() < 0.5:
            reason = draw.choice(["recurrence", "objection"])
            do(intake, case, "reopen", reason=reason, note="又发生")
    clock.set_frozen(begin + timedelta(days=90))
    close_off()
    return district


def _unfounded(district: District, case: Case, n: int) -> None:
    """Found unfounded: some names are cleared, of some it is said why not, of some nothing."""
    case = carry(district, case, to="investigating")
    case = do(district.actor("handler"), case, "find", finding="unfounded", note="不实")
    if n % 4 < 2:
        do(district.actor("leader"), case, "clear", **CLEAR)
    elif n % 4 == 2:
        reason = ("no_effect", "not_wanted")[n // 4 % 2]
        do(district.actor("leader"), case, "not_clear", reason=reason, note="说明")


def _count(actor: Actor) -> dict[str, Any]:
    return {f.id: f.value for f in figures.count(actor, SCOPE)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_recount_from_the_exported_log_finds_the_same(seed: int) -> None:
    district = _world(seed)
    recount = Recount(export.lines())
    for since, until in ((SCOPE.since, SCOPE.until), (date(2026, 3, 5), date(2026, 3, 20))):
        counted = figures.count(OPERATOR, figures.Scope(since, until))
        assert counted.tick == recount.tick
        expected = recount.count(since, until, clock.today())
        units = {u.code: u.pk for u in district.units.values()}
        for figure in counted:
            name, _dot, key = figure.id.partition(".")
            if figure.rule.by == "unit":
                key = str(units[key])
            wanted = expected.get(f"{name}.{key}", 0) if key else expected[name]
            assert figure.value == pytest.approx(wanted, abs=0.011), figure.id
            if figure.rule.value == "count":
                assert figure.value == wanted, figure.id


def test_an_exported_entry_proves_its_leaf() -> None:
    _world(4)
    _head, *entries = export.lines()
    for line in entries:
        r = json.loads(line)["r"]
        manifest = line[line.index(b'"manifest":') + 11 : -2]
        stored = Entry.objects.get(seq=json.loads(line)["seq"])
        assert leaf(bytes.fromhex(r), manifest) == bytes(stored.leaf_hash)
        assert "办理营业执照".encode() not in line


@pytest.mark.parametrize("seed", [1, 2])
def test_what_each_counts_is_what_they_may_see(seed: int) -> None:
    district = _world(seed)
    for name in ("intake", "handler", "supervisor", "handler-tax", "handler-east", "admin"):
        actor = district.actor(name)
        found = _count(actor)
        cases = [c for c in visible_to(actor) if c.state != "merged"]
        assert found["cases_received"] == len(cases)
        for figure, column in (("cases_by_state", "state"), ("cases_by_kind", "kind"),
                               ("cases_by_channel", "channel"), ("findings", "finding")):  # fmt: skip
            counts = Counter(getattr(c, column) for c in cases)
            shown = {k.split(".", 1)[1]: v for k, v in found.items() if k.startswith(f"{figure}.")}
            assert shown == {k: counts.get(k, 0) for k in shown}
            assert sum(shown.values()) == sum(v for k, v in counts.items() if k)


def test_a_hand_over_counts_in_the_period_in_which_it_was_reported() -> None:
    district = found_district()
    file_report(district, reported_at=datetime(2019, 5, 1, 4, tzinfo=UTC), channel="hotline_file")
    file_report(district)
    close_off()
    past = figures.Scope(date(2019, 1, 1), date(2019, 12, 31))
    found = {f.id: f.value for f in figures.count(OPERATOR, past)}
    assert (found["cases_reported"], found["cases_received"]) == (1, 0)
    found = _count(OPERATOR)
    assert (found["cases_reported"], found["cases_received"]) == (1, 2)


def test_each_figure_opens_onto_exactly_its_cases() -> None:
    district = _world(3)
    actor = district.actor("intake")
    for figure in figures.count(actor, SCOPE):
        _rule, cases = figures.cases_of(actor, SCOPE, figure.id)
        assert cases.count() == figure.base, figure.id
        if figure.rule.value == "count":
            assert figure.base == figure.value, figure.id
    for wrong in ("nothing", "cases_by_state", "cases_by_state.nowhere", "closed.x", "ratings.x"):
        with pytest.raises(Missing):
            figures.cases_of(actor, SCOPE, wrong)


def test_english_says_one_case_and_two_cases() -> None:
    district = found_district()
    said: list[dict[str, tuple[str, str]]] = []
    for text in ("一", "二"):
        clock.set_frozen(datetime(2026, 3, 2, 1, tzinfo=UTC))
        case = case_of(file_report(district, text=text))
        clock.set_frozen(datetime(2026, 3, 3 if text == "一" else 4, 1, tzinfo=UTC))
        do(district.actor("intake"), case, "accept", kind="demand")
        close_off()
        with translation.override("en"):
            document = queries.live(figures.count(OPERATOR, SCOPE), SCOPE)
        said.append({s.id: (s.rows[0].shown, s.rows[0].unit) for s in document.sections if s.rows})
    assert [d["cases_received"] for d in said] == [("1", "case"), ("2", "cases")]
    assert [d["days_to_accept"] for d in said] == [("1", "day"), ("1.5", "days")]
    assert said[0]["open_overdue"] == ("0", "cases")


def test_publishing_hides_small_cells_and_live_figures_do_not() -> None:
    district = _world(5)
    leader = district.actor("leader")
    live = {f.id: f.value for f in figures.count(leader, SCOPE)}
    assert any(v and v < 5 for v in live.values())
    made = write(lambda w: actions.publish(w, SCOPE, "简报"), actor=leader)
    document = queries.as_published(made)
    least = current().small_cell
    for section in document.sections:
        for row in section.rows:
            assert (
                row.value is None
                or row.value == 0
                or row.value >= least
                or section.id == "rating_mean"
            )
        hidden = [r for r in section.rows if r.value is None]
        if section.split and len(hidden) == 1:
            rows = {r.name: live for r in section.rows}
            assert len(rows) == 1, "one hidden cell among others could be computed"
    with pytest.raises(NotAllowed):
        write(lambda w: actions.publish(w, SCOPE, "简报"), actor=district.actor("handler"))
    with pytest.raises(Refused):
        write(lambda w: actions.publish(w, SCOPE, "  "), actor=leader)
    # Later cases change nothing of what was published.
    file_report(district, "market")
    close_off()
    assert queries.as_published(made) == document
    assert word(document)[:2] == b"PK"
    assert excel(document)[:2] == b"PK"
    write(lambda w: actions.withdraw(w, made.ref), actor=leader)
    with pytest.raises(Missing):
        queries.access_bulletin(made.ref)


@pytest.mark.parametrize("seed", range(20, 26))
def test_no_small_number_can_be_computed_from_what_is_published(seed: int) -> None:
    """Against exact elimination over the cases themselves."""
    district = _world(seed)
    leader = district.actor("leader")
    least = current().small_cell
    live = figures.count(leader, SCOPE)
    shown = suppression.as_published(leader, SCOPE)
    every = sorted(Case.objects.values_list("pk", flat=True))
    ratings = dict(Case.objects.values_list("pk", "rating"))

    def cases(figure: figures.Figure) -> set[int]:
        _rule, behind = figures.cases_of(leader, SCOPE, figure.id)
        return {c.pk for c in behind[:1000]}

    def vector(keys: set[int]) -> list[int]:
        return [int(k in keys) for k in every]

    known, secret = [], []
    for before, after in zip(live, shown, strict=True):
        keys = cases(before)
        assert len(keys) == before.base
        if after.hidden:
            assert (after.value, after.base, after.part) == (None, 0, 0)
            if 0 < before.base < least:
                secret.append((before.id, vector(keys)))
            continue
        assert not 0 < after.base < least
        known.append(vector(keys))
        if after.id == "rating_mean":
            known.append([ratings[k] if k in keys else 0 for k in every])
        elif after.id == "on_time_rate":
            known.append(vector(cases(next(f for f in live if f.id == "on_time"))))
    for rule in {f.rule.id: f.rule for f in live if f.rule.by}.values():
        cells = [cases(f) for f in live if f.rule.id == rule.id]
        total = set().union(*cells)
        if len(total) >= least:
            known.append(vector(total))
    basis = _reduced(known)
    assert secret, "this world has no small number"
    for name, row in secret:
        assert any(_rest(row, basis)), name
    left = {a.id for a in shown if a.base}
    assert "cases_received" in left
    assert any("." in name for name in left), "nothing of any breakdown is left"


def _rest(row: list[int], basis: list[tuple[int, list[Fraction]]]) -> list[Fraction]:
    left = [Fraction(v) for v in row]
    for pivot, one in basis:
        if left[pivot]:
            by = left[pivot]
            left = [a - by * b for a, b in zip(left, one, strict=True)]
    return left


def _reduced(rows: list[list[int]]) -> list[tuple[int, list[Fraction]]]:
    basis: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        left = _rest(row, basis)
        pivot = next((i for i, v in enumerate(left) if v), None)
        if pivot is not None:
            basis.append((pivot, [v / left[pivot] for v in left]))
    return basis


def test_a_breakdown_that_is_small_as_a_whole_hides_nothing_else() -> None:
    district = found_district()
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    case = case_of(file_report(district, "market"))
    carry(district, case, to="assigned")
    clock.set_frozen(datetime(2026, 6, 2, 4, tzinfo=UTC))
    for _n in range(9):
        file_report(district, "market")
    close_off()
    leader = district.actor("leader")
    shown = {f.id: f.value for f in suppression.as_published(leader, SCOPE)}
    assert shown["overdue_by_unit.market"] is None
    assert shown["open_overdue"] is None
    assert shown["cases_received"] == shown["reports_received"] == 10
    assert shown["cases_by_kind.demand"] == shown["cases_by_unit.market"] == 10


def test_adding_cases_moves_exactly_the_figures_that_it_should() -> None:
    district = found_district()
    close_off()
    before = _count(OPERATOR)
    for _n in range(3):
        file_report(district, kind="demand")
    close_off()
    moved = {k: v for k, v in _count(OPERATOR).items() if v != before.get(k)}
    assert moved == dict.fromkeys(
        ["reports_received", "cases_received", "cases_reported", "cases_by_channel.scan_code", "cases_by_kind.demand",
         "cases_by_state.received"], 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [("2026-02-30", "2026-03-01", "from"), ("2026-03-01", "x", "to"), ("2026-03-02", "2026-03-01", "to"),
     ("0001-01-01", "2026-01-01", "from"), ("1901-01-01", "2026-01-01", "to")],
)  # fmt: skip
def test_a_bad_period_names_its_field(since: str, until: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        figures.read_scope(since, until)
    assert refused.value.field == field
    assert not Case.objects.exists()
