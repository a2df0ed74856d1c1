"""The dashboard's charts: a slow recount over visible cases finds the same, each number opens onto its cases."""

from __future__ import annotations

import io
import json
import random
import re
import statistics
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest
from django.utils import translation
from django.utils.translation import gettext

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.insight.charts import count, document, panels, pictures
from huhang.insight.charts.axes import TIME
from huhang.insight.charts.definitions import CHARTS
from huhang.insight.charts.tables import OTHER, TOTAL
from huhang.insight.charts.view import View, read_view
from huhang.insight.figures import Scope
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, PUBLIC, Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.models import Entry
from huhang.parties.models import Unit
from huhang.rulebook import current
from tests.cast import District, carry, case_of, do, file_report, found_district, reporter_of

pytestmark = pytest.mark.django_db
WHOLE = View(Scope(date(2020, 1, 1), date(2022, 12, 31)))
STATES = ["received", "accepted", "assigned", "investigating", "found", "submitted", "verified", "fed_back", "closed"]  # fmt: skip
STEPS = {"accept": "accepted", "assign": "assigned", "find": "found", "submit": "submitted", "verify": "verified",
         "feed_back": "fed_back", "govern": "governed", "close": "closed"}  # fmt: skip
BEGIN = datetime(2021, 2, 1, 3, tzinfo=UTC)
END = BEGIN + timedelta(days=90)


def _world(seed: int) -> District:
    """Cases of all kinds, carried some way, late and in time, rated, reopened, merged."""
    clock.set_frozen(BEGIN)
    district = found_district()
    draw = random.Random(seed)
    before: list[Case] = []
    for n in range(24):
        clock.set_frozen(BEGIN + timedelta(days=3 * n))
        kind = draw.choice(["demand", "complaint", "clue"])
        report = file_report(
            district, draw.choice(["market", "tax", "town", "market-east"]), kind=kind,
            channel=draw.choice(["scan_code", "letter", "telephone"]),
        )  # fmt: skip
        case = case_of(report)
        if kind == "clue":
            continue
        clock.set_frozen(clock.now() + timedelta(days=draw.randint(0, 20)))
        if before and draw.random() < 0.15:
            do(district.actor("intake"), case, "merge", into=draw.choice(before).ref)
            continue
        if draw.random() < 0.7:
            behaviour = draw.choice(list(current().behaviours))
            case = do(district.actor("intake"), case, "accept", kind=case.kind, behaviour=behaviour)
            if draw.random() < 0.2:
                do(district.actor("leader"), case, "accuse", accused=["market-east"], note="有证据")
        state = draw.choice(STATES)
        case = (
            carry(district, case, to=state)
            if case.state == "received"
            else _carry(district, case, state)
        )
        if case.state in ("fed_back", "closed") and draw.random() < 0.7:
            do(reporter_of(report), case, "rate", rating=draw.randint(1, 5))
        if case.state == "closed" and draw.random() < 0.5:
            reason = draw.choice(["recurrence", "objection"])
            do(district.actor("intake"), case, "reopen", reason=reason, note="又发生")
        if case.state == "accepted":
            before.append(case)
    clock.set_frozen(END)
    close_off()
    return district


def _carry(district: District, case: Case, state: str) -> Case:
    """Carry an accepted case on; nothing needs to change so that it does not come back."""
    handler, intake = district.actor("handler"), district.actor("intake")
    steps: list[tuple[Actor, str, dict[str, Any]]] = [
        (intake, "assign", {"responsible": "market", "supervising": "group-1"}),
        (handler, "investigate", {}),
        (
            handler,
            "hear",
            {"note": "听取了说明", "told_route": True, "who": "窗口负责人", "route": "review"},
        ),
        (handler, "find", {"finding": "partly", "note": "部分属实"}),
        (handler, "rectify", {"note": "限期"}),
        (handler, "submit", {"note": "办结"}),
        (district.actor("supervisor"), "verify", {"note": "核实"}),
        (intake, "feed_back", {"note": "已经解决"}),
        (intake, "govern", {"form": "none_needed", "note": "个案"}),
        (intake, "close", {}),
    ]
    for actor, verb, values in steps:
        if state in ("received", "accepted") or case.state == state:
            return case
        case = do(actor, case, verb, **values)
    return case


def _first(case: Case) -> dict[str, date]:
    """Step -> the day of its first verb, from the case's entries."""
    found: dict[str, date] = {}
    for entry in Entry.objects.order_by("seq"):
        manifest = _manifest(entry)
        if manifest.get("case") in (case.pk, str(case.pk)) and manifest["verb"] in STEPS:
            found.setdefault(
                STEPS[manifest["verb"]],
                clock.local_day(datetime.fromisoformat(manifest["recorded_at"])),
            )
    return found


def _manifest(entry: Entry) -> dict[str, Any]:
    return dict(json.loads(entry.manifest))


def _recurred(case: Case) -> bool:
    return any(
        (m := _manifest(e)).get("case") in (case.pk, str(case.pk))
        and m["verb"] == "reopen"
        and m.get("reason") == "recurrence"
        for e in Entry.objects.all()
    )


def _recounts(cases: list[Case]) -> Iterator[tuple[str, Counter[tuple[str, str]]]]:
    """Each chart's counts, by Python, one case at a time."""
    units = {u.pk: u.code for u in Unit.objects.all()}
    today = clock.today()
    found: dict[str, Counter[tuple[str, str]]] = {c.id: Counter() for c in CHARTS}
    n = count.COUNT
    for case in cases:
        first = _first(case)
        unit = units.get(case.unit_id) if case.unit_id else None
        time = clock.local_day(case.received_at).strftime("%Y%m")
        found["loop"]["received", n] += 1
        for step in first:
            found["loop"][step, n] += 1
        if unit and case.stopped_on is None and case.due_on and case.due_on < today:
            late = (today - case.due_on).days
            age = "1" if late <= 5 else "2" if late <= 15 else "3" if late <= 30 else "4"
            found["overdue"][unit, age] += 1
        if unit and case.behaviour:
            found["behaviours"][unit, case.behaviour] += 1
        found["channels"][case.channel, time] += 1
        if case.finding:
            found["findings"][case.finding, n] += 1
        if "fed_back" in first:
            found["governing"][case.governed or "not_yet", n] += 1
            found["answers"][time, n] += 1
        if "closed" in first:
            governed = case.governed and (
                "none_needed" if case.governed == "none_needed" else "governed"
            )
            outcome = "came_back" if _recurred(case) else "reopened" if case.reopened else "stayed"
            found["recurrence"][governed or "not_yet", outcome] += 1
        if case.rating:
            found["ratings"][str(case.rating), n] += 1
        if unit and case.stopped_on and case.due_on:
            found["on_time"][unit, "on_time" if case.stopped_on <= case.due_on else "late"] += 1
    yield from found.items()


ROLES = ("intake", "leader", "handler", "handler-tax", "handler-east", "supervisor", "supervisor-2", "admin")  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_slow_recount_finds_the_same_for_every_role(seed: int) -> None:
    district = _world(seed)
    for name in ROLES:
        actor = district.actor(name)
        counted = count.count(actor, WHOLE)
        cases = [c for c in visible_to(actor) if c.state != "merged"]
        for chart, expected in _recounts(cases):
            table = counted.results[chart].table
            assert {p: k for p, k in table.counts.items() if k} == dict(expected), (name, chart)
            assert set(table.rows) >= {r for r, _c in expected}
            assert set(table.columns) >= {c for _r, c in expected}
    assert count.count(OPERATOR, WHOLE).cases > 0
    assert count.count(PUBLIC, WHOLE).cases == 0
    full = count.count(OPERATOR, WHOLE).results
    assert all(any(full[c].table.counts.values()) for c in ("loop", "behaviours", "on_time"))


@pytest.mark.parametrize("seed", [4, 5])
def test_days_until_answered_are_those_of_a_recount(seed: int) -> None:
    _world(seed)
    days: dict[str, list[int]] = {}
    for case in visible_to(OPERATOR).exclude(state="merged"):
        fed_back = _first(case).get("fed_back")
        if fed_back:
            received = clock.local_day(case.received_at)
            days.setdefault(received.strftime("%Y%m"), []).append((fed_back - received).days)
    spans = count.count(OPERATOR, WHOLE).results["answers"].spans
    assert set(spans) == set(days)
    for month, taken in days.items():
        assert spans[month][0] == statistics.median(taken)
        if len(taken) > 1:
            tenths = statistics.quantiles(taken, n=10, method="inclusive")
            assert spans[month][1] == pytest.approx(tenths[-1])
        else:
            assert spans[month][1] == taken[0]


@pytest.mark.parametrize("name", ["intake", "handler", "supervisor"])
def test_each_number_opens_onto_exactly_its_cases(name: str) -> None:
    district = _world(6)
    actor = district.actor(name)
    counted = count.count(actor, WHOLE)
    for chart in CHARTS:
        table = counted.results[chart.id].table
        for row, column in table.places:
            if row == TOTAL and chart.rows.steps:
                continue
            _chart, _words, cases = count.cases_of(actor, WHOLE, chart.id, row, column)
            assert cases.count() == len(list(cases)) == table.at(row, column), (chart.id, row)
    for wrong in (("nothing", "", ""), ("loop", "", ""), ("loop", "x", ""), ("overdue", "market", "9"),
                  ("overdue", "nowhere", "1"), ("answers", "202102", "3"), ("findings", "partly", "x"),
                  ("findings", "' OR true --", ""), ("overdue", OTHER, "")):  # fmt: skip
        with pytest.raises(Missing):
            count.cases_of(actor, WHOLE, *wrong)


def test_the_units_beyond_the_largest_stand_in_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "LARGEST", 1)
    _world(7)
    result = count.count(OPERATOR, WHOLE).results["behaviours"]
    short = result.short.table
    assert len(result.table.rows) > 2
    assert len(short.rows) == 2
    assert short.at(TOTAL, TOTAL) == result.table.at(TOTAL, TOTAL)
    _chart, words, cases = count.cases_of(OPERATOR, WHOLE, "behaviours", OTHER)
    assert cases.count() == short.at(OTHER, TOTAL) > 0
    assert words == ["其他单位"]


def test_more_cases_move_exactly_what_they_should() -> None:
    clock.set_frozen(BEGIN)
    district = found_district()
    file_report(district, "tax", kind="demand")
    close_off()
    before = count.count(OPERATOR, WHOLE).results
    for _n in range(3):
        case = case_of(file_report(district, "market", kind="complaint", channel="letter"))
        do(district.actor("intake"), case, "accept", kind="complaint", behaviour="delay")
    close_off()
    after = count.count(OPERATOR, WHOLE).results
    moved = {
        (chart, *place): result.table.counts[place] - before[chart].table.at(*place)
        for chart, result in after.items()
        for place in result.table.counts
        if result.table.counts[place] != before[chart].table.counts.get(place, 0)
    }
    assert moved == {
        ("loop", "received", "count"): 3, ("loop", "accepted", "count"): 3,
        ("behaviours", "market", "delay"): 3, ("channels", "letter", "202102"): 3,
    }  # fmt: skip


def test_filters_leave_out_what_they_should() -> None:
    district = _world(8)
    actor = district.actor("intake")
    cases = [c for c in visible_to(actor) if c.state != "merged"]
    market = district.units["market"]
    views = {
        View(WHOLE.scope, kind="demand"): [c for c in cases if c.kind == "demand"],
        View(WHOLE.scope, channel="letter"): [c for c in cases if c.channel == "letter"],
        View(WHOLE.scope, behaviour="delay"): [c for c in cases if c.behaviour == "delay"],
        View(Scope(*(WHOLE.scope.since, WHOLE.scope.until), market)): [
            c for c in cases if c.unit_id in (market.pk, district.units["market-east"].pk)],
        View(Scope(date(2021, 2, 1), date(2021, 2, 20))): [
            c for c in cases if date(2021, 2, 1) <= clock.local_day(c.received_at) <= date(2021, 2, 20)],
    }  # fmt: skip
    for view, expected in views.items():
        assert count.count(actor, view).cases == len(expected), view


def test_a_view_is_read_from_its_query_and_wrong_ones_name_their_field() -> None:
    district = found_district()
    clock.set_frozen(datetime(2026, 1, 15, 4, tzinfo=UTC))
    assert read_view({}).scope == Scope(date(2025, 2, 1), date(2026, 1, 15))
    clock.set_frozen(datetime(2026, 12, 15, 4, tzinfo=UTC))
    assert read_view({}).scope.since == date(2026, 1, 1)
    view = View(Scope(date(2026, 1, 1), date(2026, 2, 1), district.units["tax"]), "demand", "letter", "delay")  # fmt: skip
    assert read_view(dict(parse_qsl(view.query))) == view
    for field, value in (("unit", "x"), ("kind", "x"), ("channel", "x'"), ("behaviour", "x"), ("from", "x"),
                         ("to", "1999-01-01")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            read_view({field: value})
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("since", "until", "grain", "parts"),
    [("2026-01-01", "2026-01-31", "day", 31), ("2026-01-31", "2026-03-02", "day", 31),
     ("2026-01-01", "2026-02-01", "month", 2), ("2024-01-01", "2026-12-31", "month", 36),
     ("2024-01-01", "2027-01-01", "year", 4)],
)  # fmt: skip
def test_a_period_is_divided_by_its_length(since: str, until: str, grain: str, parts: int) -> None:
    view = read_view({"from": since, "to": until})
    assert view.grain == grain
    assert TIME.labels is not None
    assert len(TIME.labels(view)) == parts


# What it looks like ----------------------------------------------------------------------------------


def test_drawings_hold_no_script_no_style_and_nothing_from_elsewhere() -> None:
    district = _world(9)
    counted = count.count(district.actor("intake"), WHOLE)
    for panel in panels.panels(counted, WHOLE):
        if not panel.drawn:
            continue
        tree = ElementTree.fromstring(pictures.svg(panel))
        for node in tree.iter():
            assert node.tag.rsplit("}")[-1] not in (
                "script",
                "style",
                "image",
                "foreignObject",
                "a",
            )
            assert not any(
                k == "style" or k.startswith("on") or k.endswith("href") for k in node.attrib
            )
        texts = "".join(tree.itertext())
        if not panel.empty and panel.draw in ("bars", "funnel", "heat"):
            assert all(c.shown in texts for line in panel.lines for c in line.cells[:1] if c.value)


def test_both_languages_have_all_their_words() -> None:
    district = _world(10)
    counted = count.count(district.actor("intake"), WHOLE)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for panel in panels.panels(counted, WHOLE):
                words = [panel.name, panel.definition, panel.population, panel.head, panel.message,
                         *(w for _k, w in panel.columns)]  # fmt: skip
                if panel.id not in ("overdue", "behaviours", "on_time"):
                    words += [line.label for line in panel.lines]
                chinese = [any("一" <= c <= "鿿" for c in w) for w in words if not w.isdigit()]
                if language == "en" and panel.id not in ("overdue", "behaviours"):
                    assert not any(chinese), words
                elif language != "en":
                    assert all(chinese), words


def test_files_hold_every_chart_with_its_table_and_say_for_whom_they_are() -> None:
    district = _world(11)
    actor = district.actor("leader")
    counted = count.count(actor, WHOLE)
    for public in (False, True):
        made = document.report(counted, WHOLE, public=public)
        packed = zipfile.ZipFile(io.BytesIO(document.word(made)))
        body = packed.read("word/document.xml").decode()
        drawn = [n for n in packed.namelist() if n.endswith(".png")]
        full = [p for p in made.panels if not p.empty]
        assert body.count("<w:tbl>") == len(full)
        assert len(re.findall(r"<pic:pic[ >]", body)) == sum(p.drawn for p in full)
        assert 0 < len(drawn) <= len(full)
        assert ("内部使用" in body) is not public
        assert ("供公开" in body) is public
        assert all(p.message in body.replace("&quot;", '"') for p in full)
        book = zipfile.ZipFile(io.BytesIO(document.excel(made)))
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(CHARTS)


def test_what_is_for_publication_shows_no_small_number() -> None:
    district = _world(12)
    counted = count.count(district.actor("leader"), WHOLE)
    least = current().small_cell
    hidden = 0
    for panel in panels.panels(counted, WHOLE, least=least):
        places = [(k, c) for line in (*panel.lines, *([panel.total] if panel.total else []))
                  for (k, _w), c in zip(panel.columns, line.cells, strict=True)]  # fmt: skip
        for key, cell in places:
            if key not in ("share", "low", "high", "median", "p90"):
                assert cell.value is None or cell.value == 0 or cell.value >= least
            hidden += cell.shown == gettext("not shown")
    assert hidden
    live = panels.panels(counted, WHOLE)
    assert any(0 < (c.value or 0) < least for p in live for line in p.lines for c in line.cells[:1])
