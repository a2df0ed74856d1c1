"""Lists and search against a plain look at every row, in small worlds, under every role."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from huhang.cases import asking, search
from huhang.cases.models import Case, Party, Report
from huhang.cases.queries import payload_value, visible_to
from huhang.config.reactions import catch_up
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.parties.models import UnitAlias
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = ("intake", "leader", "handler", "handler-tax", "handler-east", "supervisor", "supervisor-2",
         "admin")  # fmt: skip
WORDS = ("噪音", "企业", "噪", "业扰", "企业扰民", "停水停", "水 停", "夜间 企业", "噪音 税务", "税务局",
         "工商局", "示范区", "ABC", "b", "a-1", "12", "𠮷野家", "野家", "！", "没有这个", "人 人 人")  # fmt: skip
PIECES = (
    "噪音",
    "企业",
    "扰民",
    "停水",
    "停电",
    "夜间",
    "ABC",
    "a1",
    "2012",
    "，",
    "。",
    " ",
    "𠮷野家",
    "人",
    "ﬁ",
)
STATES = ("received", "kept", "declined", "accepted", "assigned", "assigned", "investigating")


def build(seed: int, cases: int = 24) -> District:
    """A district whose cases differ in everything that lists ask for."""
    draw = random.Random(seed)
    district = found_district()
    begin = clock.now() - timedelta(days=70)
    for n in range(cases):
        clock.set_frozen(begin + timedelta(days=n * 2, hours=draw.randrange(20)))
        named = draw.sample(["market", "market-east", "tax", "town"], k=draw.choice((0, 1, 1, 2)))
        text = "事" + "".join(draw.choices(PIECES, k=draw.randint(2, 8)))
        case = case_of(
            file_report(
                district, *named, text=text, kind=draw.choice(("demand", "demand", "complaint", "clue")),
                channel=draw.choice(("scan_code", "telephone", "hotline_file")),
            )
        )  # fmt: skip
        _carry(district, case, draw.choice(STATES), draw)
    clock.set_frozen(None)
    catch_up()
    return district


def _carry(district: District, case: Case, to: str, draw: random.Random) -> None:
    intake = district.actor("intake")
    if to == "kept":
        do(intake, case, "keep", reason="for_study")
    if to == "declined":
        do(intake, case, "decline", reason="out_of_scope", note="不属于受理范围")
    if to in ("accepted", "assigned", "investigating"):
        do(intake, case, "accept", kind=case.kind)
    if to in ("assigned", "investigating"):
        able = ["group-1", "group-2"] if case.kind == "clue" else list(CARRIES)
        responsible = draw.choice(able)
        do(intake, case, "assign", responsible=responsible)
        if to == "investigating":
            do(district.actor(CARRIES[responsible]), case, "investigate")


CARRIES = {
    "market": "handler",
    "tax": "handler-tax",
    "group-1": "supervisor",
    "group-2": "supervisor-2",
}


@dataclass
class Row:
    """A case and all that it says, as a plain look finds it."""

    case: Case
    texts: list[str]
    halves: list[str]
    names: list[str]

    def says(self, word: str) -> bool:
        """Whether the case holds the word."""
        plain = search.normal(word)
        if any(plain in text for text in self.texts):
            return True
        if 4 <= len(plain) <= 9 and any(half.startswith(plain) for half in self.halves):
            return True
        return len(plain) > 1 and any(plain in name for name in self.names)


def rows() -> list[Row]:
    """All cases."""
    found = []
    for case in Case.objects.select_related("unit").order_by("id"):
        texts, names = [case.title], []
        for report in Report.objects.filter(case=case):
            texts += [report.number or "", *(payload_value(report.words) or {}).values()]
        if case.unit is not None:
            aliases = UnitAlias.objects.filter(unit=case.unit).values_list("name", flat=True)
            names = [case.unit.name, case.unit.name_en, *aliases]
        found.append(
            Row(case, [search.normal(t) for t in texts], [search.normal(case.ref), search.normal(case.ref[6:])],
                [search.normal(n) for n in names])
        )  # fmt: skip
    return found


def by_rows(known: list[Row], actor: Actor, text: str = "", **wanted: Any) -> set[int]:
    """What a list should hold, row by row."""
    words = [w for w in text.split() if search.normal(w)]
    if text and not words:
        return set()
    visible = set(visible_to(actor).values_list("pk", flat=True))
    today, found = clock.today(), set()
    for row in known:
        case = row.case
        good = case.pk in visible and all(row.says(w) for w in words)
        good &= case.state in wanted.get("states", [case.state])
        for name in ("kind", "channel"):
            good &= getattr(case, name) == wanted.get(name, getattr(case, name))
        good &= case.unit_id in wanted.get("unit_ids", [case.unit_id])
        if "due" in wanted:
            last = today + timedelta(days={"overdue": -1, "week": 7}[wanted["due"]])
            first = today if wanted["due"] == "week" else today - timedelta(days=9999)
            good &= (
                case.due_on is not None and case.stopped_on is None and first <= case.due_on <= last
            )
        day = clock.local_day(case.received_at)
        good &= wanted.get("since", day) <= day <= wanted.get("until", day)
        if good:
            found.add(case.pk)
    return found


def questions(district: District) -> Iterator[dict[str, Any]]:
    """What is asked of lists."""
    today = clock.today()
    market = {district.units["market"].pk, district.units["market-east"].pk}
    yield {}
    yield {"states": ("received",)}
    yield {"states": ("assigned", "declined"), "kind": "demand"}
    yield {"kind": "clue"}
    yield {"channel": "telephone", "unit_ids": market}
    yield {"due": "overdue"}
    yield {"due": "week", "kind": "demand"}
    yield {"since": today - timedelta(days=45), "until": today - timedelta(days=10)}
    yield {"since": today - timedelta(days=20)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lists_and_searches_hold_what_a_look_at_each_row_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = build(seed)
    known = rows()
    some = known[4].case.ref
    refs = (some, some.lower().replace("-", ""), some[:4], some[6:], some[2:7])
    for few in (20_000, 0):  # as few cases are listed, and as many
        monkeypatch.setattr(asking, "FEW", few)
        for name in ROLES:
            actor = district.actor(name)
            for wanted in questions(district):
                expected = by_rows(known, actor, **wanted)
                for sort in asking.SORTS:
                    keys = asking.queue(actor, sort=sort, **wanted).keys(1000)
                    assert set(keys) == expected, (name, wanted, sort)
                assert _paged(asking.queue(actor, sort="unit", **wanted), 7) == asking.queue(
                    actor, sort="unit", **wanted
                ).keys(1000)
    for name in ROLES:
        actor = district.actor(name)
        for text in (*WORDS, *refs[2:]):
            assert set(asking.queue(actor, text=text).keys(1000)) == by_rows(known, actor, text), (
                name,
                text,
            )
        for text in ("企业", "人"):
            for wanted in questions(district):
                keys = asking.queue(actor, text=text, **wanted).keys(1000)
                assert set(keys) == by_rows(known, actor, text, **wanted), (name, text, wanted)
                assert keys == sorted(keys, reverse=True), "the newest first"
        for ref in refs[:2]:
            seen = set(visible_to(actor).filter(ref=some).values_list("pk", flat=True))
            assert set(asking.queue(actor, text=ref).keys(10)) == seen


def _paged(asked: asking.Asked, size: int) -> list[int]:
    """All pages, one after the other; each says the same of the whole."""
    keys: list[int] = []
    number, more = 1, True
    while more:
        shown = asked.page(number, size)
        keys += [c.pk for c in shown.cases]
        assert shown.number == number
        number, more = number + 1, shown.has_next
    assert not shown.more
    assert shown.count == len(keys)
    assert asked.page(10_000, size).number == max(1, number - 1), "beyond the end: the last page"
    return keys


@pytest.mark.parametrize("few", [20_000, 0])
def test_a_long_list_is_counted_up_to_a_bound_and_goes_on(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = found_district()
    for n in range(23):
        file_report(district, "tax", text=f"第{n}件")
    catch_up()
    intake = district.actor("intake")
    monkeypatch.setattr(asking, "FEW", few)
    monkeypatch.setattr(asking, "COUNTED", 10)
    keys = asking.queue(intake, states=("received",), sort="received").keys(100)
    asked = asking.queue(intake, states=("received",), sort="received")
    first, third, last = (asked.page(n, 5) for n in (1, 3, 5))
    assert (first.count, first.more) == ((23, False) if few else (10, True))
    assert first.has_next
    assert [c.pk for c in third.cases] == keys[10:15]
    assert (third.count, third.more) == ((23, False) if few else (15, True))
    assert [c.pk for c in last.cases] == keys[20:]
    assert (last.count, last.more, last.has_next) == (23, False, False), "the end is known there"


def test_a_search_finds_the_newest_and_says_that_there_are_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    district = found_district()
    made = [
        file_report(district, "tax" if n % 2 else "market", text="停水很久").case_id
        for n in range(30)
    ]
    catch_up()
    monkeypatch.setattr(search, "MOST", 8)
    monkeypatch.setattr(search, "FIRST_LOOK", 3)
    monkeypatch.setattr(search, "WIDEST_LOOK", 4)
    shown = asking.queue(district.actor("intake"), text="停水").page(1, 5)
    assert [c.pk for c in shown.cases] == made[:-6:-1]
    assert (shown.count, shown.more, shown.has_next) == (8, True, True)
    shown = asking.queue(district.actor("intake"), text="停水", sort="received").page(2, 5)
    assert [c.pk for c in shown.cases] == made[-3:], "in another order the same ones"
    assert (shown.count, shown.more, shown.has_next) == (8, True, False)
    few = search.newest(Case.objects.filter(unit=district.units["tax"]), "停水", most=100)
    assert few == made[:0:-2], "what rows refuse is left out, however far the walk must go"


def test_a_mark_only_narrows_and_the_row_decides() -> None:
    """The index is a step behind: what it still says of a case shows nobody that case."""
    district = found_district()
    case = carry(district, case_of(file_report(district, "market", text="停水很久")), to="assigned")
    catch_up()
    handler = district.actor("handler")
    assert asking.queue(handler, text="停水").keys(10) == [case.pk]
    do(district.actor("intake"), case, "assign", responsible="tax")
    assert Party.objects.filter(case=case, relation="responsible").count() == 1
    assert asking.queue(handler, text="停水").keys(10) == []
    assert asking.queue(district.actor("intake"), text="停水", states=("closed",)).keys(10) == []


def test_a_list_shows_at_once_what_the_index_has_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters that only the marks serve, and a worker that is behind: by a little, and by much."""
    district = found_district()
    intake = district.actor("intake")
    for _n in range(3):
        file_report(district, "tax", kind="complaint")
    catch_up()
    late = case_of(file_report(district, "tax", kind="clue"))
    for behind in (2_000, 0):
        monkeypatch.setattr(search, "MOST_BEHIND", behind)
        shown = asking.queue(intake, kind="clue").page(1, 10)
        assert ([c.pk for c in shown.cases], shown.count) == ([late.pk], 1)
        assert asking.queue(intake, kind="complaint").page(1, 10).count == 3
        assert asking.queue(intake, kind="demand").page(1, 10).count == 0
