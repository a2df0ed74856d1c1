"""Rulebooks: every fault named, what one says, what one says otherwise than another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from huhang.cli.main import main
from huhang.rulebook import RulebookError, load, shipped
from huhang.rulebook.clocks import MEETING
from huhang.rulebook.comparing import as_data, changes
from huhang.rulebook.loading import BOOKS

Book = Callable[[Callable[[dict[str, Any]], None]], Path]


@pytest.fixture
def own(tmp_path: Path) -> Book:
    """A copy of the shipped rulebook in which something was changed."""

    def make(change: Callable[[dict[str, Any]], None]) -> Path:
        data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
        change(data)
        path = tmp_path / f"own{len(list(tmp_path.iterdir()))}.yaml"
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    return make


def said(path: Path) -> list[str]:
    """The faults of a rulebook, without the file's name."""
    with pytest.raises(RulebookError) as error:
        load(str(path))
    assert {fault.file for fault in error.value.faults} == {path.name}
    return sorted(str(fault).partition(": ")[2] for fault in error.value.faults)


CLOCK = ("natures", "hotline_demand", "clocks", "demand-5")
CLOCK_RULE = {
    "rule": "R", "words": {"zh": "限", "en": "Limit"}, "starts": "accepted",
    "limit": {"days": 5}, "extension": {"days": 1, "times": 1, "by": "office"},
    "yellow_before": 1, "red_after": 1, "source": "-", "grade": "C", "confirmed": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ((*CLOCK, "grade"), "D", "natures.hotline_demand.clocks.demand-5.grade: 'D' is none of A, B, C"),
        ((*CLOCK, "limit", "working_days"), 0,
         "natures.hotline_demand.clocks.demand-5.limit.working_days: 0 does not lie between 1 and 1000"),
        ((*CLOCK, "limit", "working_days"), "five",
         "natures.hotline_demand.clocks.demand-5.limit.working_days: 'five' is no whole number"),
        ((*CLOCK, "limit"), {},
         "natures.hotline_demand.clocks.demand-5.limit: one of working_days, days, months is needed"),
        ((*CLOCK, "limit", "months"), 3,
         "natures.hotline_demand.clocks.demand-5.limit: one of working_days, days, months is needed"),
        ((*CLOCK, "starts"), "closed",
         "natures.hotline_demand.clocks.demand-5.starts: 'closed' is none of received, accepted, handled"),
        ((*CLOCK, "extension", "by"), "anybody",
         "natures.hotline_demand.clocks.demand-5.extension.by: 'anybody' is none of office, leader"),
        ((*CLOCK, "extension", "times"), 0,
         "natures.hotline_demand.clocks.demand-5.extension.times: 0 does not lie between 1 and 100"),
        (("hand_overs", "petition", "nature"), "market_complaint",
         "hand_overs.petition.nature: 'market_complaint' is none of hotline_demand, petition, petition_review, petition_recheck, enterprise_demand"),
        ((*CLOCK, "confirmed"), "yes", "natures.hotline_demand.clocks.demand-5.confirmed: 'yes' is neither true nor false"),
        ((*CLOCK, "source"), " ", "natures.hotline_demand.clocks.demand-5.source: the words are empty"),
        (("natures", "graded_a", "clocks"), {"demand-5": CLOCK_RULE}, "natures: demand-5 stands there twice"),
        (("natures", "graded_a", "clocks"), {"one": CLOCK_RULE, "two": CLOCK_RULE},
         "natures.graded_a.clocks: more than one can be extended"),
        ((*CLOCK, "stops"), ["erase"], "natures.hotline_demand.clocks.demand-5.stops: 'erase' is none of "
         + ", ".join(MEETING)),
        ((*CLOCK, "pauses"), ["lunch"], "natures.hotline_demand.clocks.demand-5.pauses: 'lunch' is none of hearing, appraisal"),
        (("natures", "petition", "review", "next"), "mercy", "natures.petition.review.next: 'mercy' is none of "
         + ", ".join(load("cn-chiping").natures)),
        (("natures", "petition", "review", "within"), None,
         "natures.petition.review.within: None is no mapping"),
        (("escalation",), [{"after": 5, "to": "principal_leader"}, {"after": 6, "to": "leader_in_charge"}],
         "escalation: the days must grow, and the targets rise in the order of escalation_targets"),
        ((*CLOCK, "redd_after"), 1, "natures.hotline_demand.clocks.demand-5.redd_after: there is no such field"),
        (("natures", "hotline_demand", "kind"), "question",
         "natures.hotline_demand.kind: 'question' is none of demand, complaint, clue"),
        (("behaviours", "delay", "default"), "true", "behaviours.delay.default: 'true' is neither true nor false"),
        (("clerk_channels",), ["pigeon"], "clerk_channels: there is no channel 'pigeon'"),
        (("confirmed_years",), [], "confirmed_years: a list of years is needed"),
        (("kinds", "question"), {"zh": "咨询", "en": "Question"}, "natures: the kind question has no nature"),
        (("findings",), {}, "findings: the list is empty"),
        (("who_reads", "en"), "", "who_reads.en: the words are empty"),
        (("smal_cell",), 5, "smal_cell: there is no such field"),
        (("title",), None, "title: None is no mapping"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_rule_and_field(
    own: Book, place: tuple[str, ...], value: Any, fault: str
) -> None:
    def change(data: dict[str, Any]) -> None:
        for key in place[:-1]:
            data = data[key]
        data[place[-1]] = value

    assert fault in said(own(change))


def test_all_faults_are_named_at_once(own: Book) -> None:
    def change(data: dict[str, Any]) -> None:
        data["small_cell"] = -1
        data["findings"]["unfounded"]["zh"] = ""
        del data["natures"]["discipline_report"]["clocks"]["clue-told-15"]["source"]
        data["natures"]["hotline_demand"]["clock"] = {}
        del data["figures"][0]["unit"]["en"]
        data["returns"]["quarterly_results"]["every"] = "week"

    assert said(own(change)) == [
        "figures.reports_received.unit: the field en is missing",
        "findings.unfounded.zh: the words are empty",
        "natures.discipline_report.clocks.clue-told-15: the field source is missing",
        "natures.hotline_demand.clock: there is no such field",
        "small_cell: -1 does not lie between 1 and 1000",
    ]  # returns wait for the figures that they name


@pytest.mark.parametrize("key", ["delay", "12"])
def test_a_name_twice_is_a_fault(tmp_path: Path, key: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"behaviours:\n  {key}: {{}}\n  {key}: {{}}\n", encoding="utf-8")
    with pytest.raises(RulebookError, match=f"'{key}' stands twice.*line 3"):
        load(str(path))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: [", b"- 1\n", b""])
def test_what_is_no_rulebook_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content)
    with pytest.raises(RulebookError, match=r"own.yaml: (no YAML|a mapping is needed at the top)"):
        load(str(path))
    with pytest.raises(RulebookError, match="cannot be read"):
        load(str(tmp_path / "none.yaml"))


def test_the_shipped_ones_have_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rulebook", "check", "--json"]) == 0
    found = orjson.loads(capsys.readouterr().out)
    assert sorted(found) == shipped()
    assert all(book["faults"] == [] for book in found.values())
    assert "natures.discipline_report.clocks.clue-told-15" in found["cn-chiping"]["unconfirmed"]


def test_the_command_names_faults_and_queries_without_answer(
    own: Book, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "zh")

    def asks_for_nothing(data: dict[str, Any]) -> None:
        data["figures"][1]["where"] = "colour = 'red'"
        data["figures"][2]["where"] = "party_rows IS NULL"  # a column that no figure may ask of

    path = own(asks_for_nothing)
    assert main(["rulebook", "check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "2 处错误" in out
    assert "figures.cases_received：" in out
    assert "figures.cases_reported：" in out
    path = own(lambda data: data["findings"].clear())
    assert main(["rulebook", "check", str(path)]) == 1
    assert "findings：列表为空" in capsys.readouterr().out


def test_a_rule_is_shown_and_an_unknown_one_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rulebook", "show"]) == 0
    out = capsys.readouterr().out
    nature = load("cn-chiping").natures["discipline_report"]
    assert nature.clock.source in out
    assert "grade C; not confirmed" in out
    assert (
        main(["rulebook", "show", "cn-chiping", "--rule", "natures.discipline_report", "--json"])
        == 0
    )
    assert orjson.loads(capsys.readouterr().out)["clocks"]["clue-told-15"]["limit"] == {
        "count": 15,
        "unit": "working_days",
    }
    assert main(["rulebook", "show", "--rule", "natures.nothing"]) == 2
    assert "there is no rule nothing; there are hotline_demand" in capsys.readouterr().err


def test_what_a_book_says_otherwise(own: Book, capsys: pytest.CaptureFixture[str]) -> None:
    def change(data: dict[str, Any]) -> None:
        data["natures"]["hotline_demand"]["clocks"]["demand-5"]["limit"]["working_days"] = 7
        del data["transfer_targets"]["police"]
        data["keep_reasons"]["later"] = {"zh": "以后", "en": "Later"}

    path = own(change)
    before, after = load("cn-chiping"), load(str(path))
    assert [(c.place, c.before, c.after) for c in changes(before, after)] == [
        ("natures.hotline_demand.clocks.demand-5.limit.count", 5, 7),
        ("transfer_targets.police", as_data(before)["transfer_targets"]["police"], None),
        ("keep_reasons.later", None, {"zh": "以后", "en": "Later"}),
    ]
    assert changes(before, before) == []
    assert main(["rulebook", "diff", "cn-chiping", str(path)]) == 1
    out = capsys.readouterr().out
    assert "natures.hotline_demand.clocks.demand-5.limit.count\n  - 5\n  + 7\n" in out
    assert "Both are version 2 of cn-chiping" in out
    assert main(["rulebook", "diff", "cn-chiping", "cn-chiping"]) == 0
    assert "They say the same." in capsys.readouterr().out


def test_the_first_nature_of_a_kind_is_that_of_a_new_case(own: Book) -> None:
    def change(data: dict[str, Any]) -> None:
        second = copy.deepcopy(data["natures"]["hotline_demand"])
        second["clocks"]["demand-quick"] = second["clocks"].pop("demand-5")
        data["natures"]["quick_demand"] = second

    book = load(str(own(change)))
    assert book.nature_of("demand").id == "hotline_demand"
    with pytest.raises(KeyError):
        book.nature_of("nothing")
