"""The facts that figures count: followed or made anew they are the same, and they pass the gate."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.insight.facts import reader, store
from huhang.insight.facts.columns import COLUMNS
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.tlog.actions import tick
from huhang.tlog.models import Tick
from tests.cast import District, carry, case_of, do, file_report, found_district, reporter_of

pytestmark = pytest.mark.django_db
STATES = ["received", "accepted", "investigating", "found", "submitted", "fed_back", "closed"]


def _rows() -> list[tuple[Any, ...]]:
    return reader.ask(reader.state(), f"SELECT {', '.join(COLUMNS)} FROM facts ORDER BY case_id")


def _step(district: District, draw: random.Random, cases: list[Any]) -> None:
    """Something that happens: a report, a verb, a merge, an accusation, a new round."""
    kind = draw.choice(["demand", "demand", "complaint", "clue"])
    report = file_report(
        district, draw.choice(["market", "tax", "town"]), kind=kind,
        reported_at=draw.choice([None, clock.now() - timedelta(days=draw.randint(0, 9))]),
    )  # fmt: skip
    if kind == "clue":
        return
    case = case_of(report)
    if cases and draw.random() < 0.2:
        do(district.actor("intake"), case, "merge", into=draw.choice(cases).ref)
        return
    case = carry(district, case, to=draw.choice(STATES))
    if case.state == "fed_back" and draw.random() < 0.7:
        do(reporter_of(report), case, "rate", rating=draw.randint(1, 5))
    elif case.state == "closed" and draw.random() < 0.6:
        reason = draw.choice(["recurrence", "objection"])
        do(district.actor("intake"), case, "reopen", reason=reason, note="又发生")
    elif case.state == "accepted":
        if draw.random() < 0.5:
            accused = ["market-east"]
            do(district.actor("leader"), case, "accuse", accused=accused, note="有证据")
        cases.append(case)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_made_anew_they_are_what_they_became_tick_by_tick(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PART_ROWS", 4)
    monkeypatch.setattr(store, "PENDING", 6)
    monkeypatch.setattr(store, "CHUNK", 11)
    district = found_district()
    draw = random.Random(seed)
    cases: list[Any] = []
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    for n in range(30):
        clock.set_frozen(begin + timedelta(days=n, hours=n))
        _step(district, draw, cases)
        if draw.random() < 0.4:
            close_off()
    close_off()
    grown = _rows()
    parts = reader.state().parts
    assert len(grown) == Case.objects.count()
    assert len(parts) > 3
    assert all(p.rows <= 8 for p in parts)
    store.rebuild()
    assert _rows() == grown
    assert reader.state().tick == Tick.objects.count()


@pytest.mark.parametrize("seed", [4, 5])
def test_they_say_of_each_case_what_the_case_says(seed: int) -> None:
    district = found_district()
    draw = random.Random(seed)
    cases: list[Any] = []
    for _n in range(25):
        _step(district, draw, cases)
    close_off()
    names = ["kind", "nature", "state", "behaviour", "channel", "unit_id", "due_on", "stopped_on", "finding",
             "rating", "governed", "urged", "extensions", "reopened", "sent_back"]  # fmt: skip
    listed = ", ".join(names)
    found = reader.ask(
        reader.state(),
        f"SELECT case_id, {listed}, received_at, accepted_at, closed_at, reports, reported_on FROM facts"
        " ORDER BY case_id",
    )
    for row, case in zip(found, Case.objects.order_by("pk"), strict=True):
        assert row[: len(names) + 1] == (case.pk, *(getattr(case, n) for n in names))
        moments = [
            m and m.replace(tzinfo=None)
            for m in (case.received_at, case.accepted_at, case.closed_at)
        ]
        assert list(row[len(names) + 1 : -2]) == moments
        reports = list(case.reports.all())
        assert row[-2] == len(reports)
        reported = [r.reported_at for r in reports if r.reported_at]
        assert row[-1] == clock.local_day(min(reported) if reported else case.received_at)


@pytest.mark.parametrize("seed", [6, 7])
def test_their_gate_is_the_one_gate(seed: int) -> None:
    district = found_district()
    draw = random.Random(seed)
    cases: list[Any] = []
    for _n in range(25):
        _step(district, draw, cases)
    close_off()
    actors = [district.actor(name) for name in district.users]
    actors += [OPERATOR, Actor("public", "public"), Actor("reporter", "reporter", case_id=1)]
    for actor in actors:
        rows = reader.ask(reader.state(), f"SELECT case_id FROM facts WHERE {reader.gate(actor)}")
        if actor.kind == "reporter":
            assert rows == []  # a reporter counts nothing
            continue
        assert {k for (k,) in rows} == set(visible_to(actor).values_list("pk", flat=True)), actor


def test_a_reader_sees_the_last_tick_and_nothing_of_what_came_after() -> None:
    district = found_district()
    assert _rows() == []
    file_report(district)
    assert _rows() == []
    close_off()
    assert len(_rows()) == 1
    file_report(district)
    store.extend()
    assert len(_rows()) == 1
    tick()
    assert len(_rows()) == 1
    assert store.extend() == 1
    assert len(_rows()) == 2
    assert store.extend() == 0


def test_what_is_half_written_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    district = found_district()
    file_report(district)
    close_off()
    before = _rows()
    file_report(district)
    tick()

    def fail(*_any: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(store, "_swap", fail)
        with pytest.raises(OSError, match="No space"):
            store.extend()
    assert _rows() == before
    store.extend()
    assert len(_rows()) == 2
    left = {p.name for p in store.folder().glob("part-*")}
    assert store.sweep(now=store.folder().stat().st_mtime + 10_000) == len(left) - 1
    assert {p.name for p in store.folder().glob("part-*")} == {p.name for p in reader.state().parts}


def test_facts_of_another_log_or_schema_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    district = found_district()
    file_report(district)
    close_off()
    assert len(_rows()) == 1
    monkeypatch.setattr(store, "SCHEMA", store.SCHEMA + 1)
    assert _rows() == []
    store.extend()
    assert len(_rows()) == 1
    path = store.folder() / "current.json"
    path.write_text(path.read_text().replace('"root":"', '"root":"00'))
    assert _rows() == []
    path.write_text("{")
    store.extend()
    assert len(_rows()) == 1


def test_a_query_reads_the_facts_and_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    close_off()
    for sql in (f"SELECT * FROM read_csv('{secret}')", f"SELECT 1 FROM '{secret}'",
                "SELECT * FROM read_text('/etc/hostname')"):  # fmt: skip
        with pytest.raises(duckdb.Error):
            reader.ask(reader.state(), sql)
    for sql in (
        "SET enable_external_access = true",
        f"COPY (SELECT 1) TO '{secret}'",
        "LOAD httpfs",
    ):
        with pytest.raises(duckdb.Error):
            reader.locked().execute(sql)
    assert secret.read_text() == "a\n1\n"
