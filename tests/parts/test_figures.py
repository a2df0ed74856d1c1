"""Figures: a slow straightforward recount finds the same, and publishing hides small cells."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.insight import actions, figures, queries
from huhang.insight.documents import excel, word
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.write import write
from huhang.rulebook import current
from tests.cast import carry, case_of, do, file_report, found_district, reporter_of

pytestmark = pytest.mark.django_db
SCOPE = figures.Scope(date(2020, 1, 1), date(2099, 12, 31))
STATES = ["received", "accepted", "investigating", "found", "submitted", "fed_back", "closed"]


def _world(seed: int) -> Any:
    district = found_district()
    draw = random.Random(seed)
    for n in range(14):
        kind = draw.choice(["demand", "complaint"])
        report = file_report(district, draw.choice(["market", "tax", "town"]), kind=kind)
        case = carry(district, case_of(report), to=draw.choice(STATES))
        if case.state in ("fed_back", "closed") and n % 2:
            do(reporter_of(report), case, "rate", rating=draw.randint(1, 5))
    file_report(district, "market", kind="clue")
    close_off()
    return district


def _count(actor: Actor) -> dict[str, Any]:
    return {f.id: f.value for f in figures.count(actor, SCOPE)}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_recount_from_the_cases_finds_the_same(seed: int) -> None:
    district = _world(seed)
    for name in ("intake", "handler", "supervisor", "handler-tax", "admin"):
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
        ratings = [c.rating for c in cases if c.rating]
        assert found["rating_mean"] == (round(sum(ratings) / len(ratings), 2) if ratings else None)
        assert found["closed"] == sum(c.closed_at is not None for c in cases)
        assert found["on_time"] == sum(
            c.stopped_on is not None and c.due_on is not None and c.stopped_on <= c.due_on
            for c in cases
        )
        assert found["governed"] == sum(c.governed not in ("", "none_needed") for c in cases)
        assert found["clue_collated"] == sum(c.kind == "clue" for c in cases)


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
     ("0001-01-01", "2026-01-01", "to")],
)  # fmt: skip
def test_a_bad_period_names_its_field(since: str, until: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        figures.read_scope(since, until)
    assert refused.value.field == field
    assert not Case.objects.exists()
