"""The negative ledger and the two lists: who stands in which, what may be seen, what an office reports."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
import yaml
from django.test import Client

from huhang.cases import lists
from huhang.cases.duties import duties_of
from huhang.cases.models import Case, Party, Rectification
from huhang.cases.queries import payload_value
from huhang.cases.timeline import timeline
from huhang.config import demo
from huhang.insight import forms
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from huhang.rulebook import RulebookError, load
from huhang.rulebook.loading import BOOKS
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, let_through

pytestmark = pytest.mark.django_db


def assigned(d: District, **values: Any) -> Case:
    case = carry(d, case_of(file_report(d, "market")), to="accepted")
    given = {"responsible": "market", "supervising": "group-1", **values}
    return do(d.actor("intake"), case, "assign", **given)


def rows(d: District, who: str, which: str, **wanted: Any) -> list[tuple[str, str]]:
    keys = lists.entries(d.actor(who), which, lists.Wanted(**wanted))
    found = lists.rows(list(keys))
    assert len(found) == keys.count()
    return [(r.case.ref, r.unit.code if r.unit else "") for r in found]


def test_a_unit_bears_the_duty_of_its_kind_or_what_was_said() -> None:
    d = found_district()
    case = assigned(d, co_handling=["town", "tax"])
    assert rows(d, "intake", "sector") == [(case.ref, "market"), (case.ref, "tax")]
    assert rows(d, "intake", "territorial") == [(case.ref, "town")]
    do(d.actor("intake"), case, "assign", responsible="gov", co_handling=["market", "town"],
       territorial=["gov", "market"], sector=["market"])  # fmt: skip
    borne = {
        p.unit.code: duties_of(p)
        for p in Party.objects.filter(case=case, unit__isnull=False)
        if p.unit
    }
    assert borne == {
        "gov": ("territorial",), "market": ("territorial", "sector"), "town": ("territorial",)
    }  # fmt: skip
    assert [unit for _ref, unit in rows(d, "intake", "sector")] == ["market"]
    assert {unit for _ref, unit in rows(d, "intake", "territorial")} == {"gov", "market", "town"}
    with pytest.raises(Refused) as refused:
        do(d.actor("intake"), case, "assign", responsible="market", sector=["tax"])
    assert refused.value.field == "sector"
    assert verify(parallel=False).ok


def test_the_negative_ledger_holds_what_was_found_to_be_wrong() -> None:
    d = found_district()
    wrong = carry(d, case_of(file_report(d, "market")), to="found")
    closed = carry(d, case_of(file_report(d, "market")), to="closed")
    carry(d, case_of(file_report(d, "market")), to="investigating")
    right = carry(d, case_of(file_report(d, "market")), to="investigating")
    do(
        d.actor("handler"),
        right,
        "hear",
        note="听取",
        told_route=True,
        who="窗口负责人",
        route="review",
    )
    do(d.actor("handler"), right, "find", finding="unfounded", note="不实")
    assert rows(d, "intake", "negative") == [(wrong.ref, "market")]
    assert {r for r, _u in rows(d, "intake", "negative", state="all")} == {wrong.ref, closed.ref}
    assert len(rows(d, "intake", "sector")) == 3
    assert rows(d, "intake", "negative", duty="territorial") == []
    assert rows(d, "intake", "negative", duty="both") == []
    assert len(rows(d, "intake", "negative", duty="sector")) == 1
    do(d.actor("leader"), closed, "reopen", reason="objection", note="有异议")
    assert len(rows(d, "intake", "negative", state="all")) == 1, "its finding no longer stands"


def test_filters_and_orders() -> None:
    d = found_district()
    first = assigned(d)
    second = assigned(d, responsible="tax", co_handling=["town"])
    do(d.actor("intake"), first, "extend", days=3, reason="complex", note="复杂")
    both = [(second.ref, "tax"), (first.ref, "market")]
    assert rows(d, "intake", "sector") == both, "the next due first"
    assert rows(d, "intake", "sector", unit="tax") == both[:1]
    assert rows(d, "intake", "sector", unit="gov") == both, "with the units below"
    assert rows(d, "intake", "sector", unit="nobody") == []
    assert rows(d, "intake", "sector", state="assigned") == both
    assert rows(d, "intake", "sector", state="received") == [], "no state of a list"
    today = clock.today()
    assert rows(d, "intake", "sector", since=today, until=today) == both
    assert rows(d, "intake", "sector", until=today - timedelta(days=1)) == []
    assert rows(d, "intake", "sector", due="overdue") == []
    for sort in (*lists.SORTS, "unit"):
        for which in lists.names():
            keys = lists.entries(d.actor("intake"), which, lists.Wanted(), sort)
            assert len(lists.rows(list(keys))) == keys.count()
    order = lists.entries(d.actor("intake"), "sector", lists.Wanted(), "unit")
    assert [u for _c, u in order] == [d.units["market"].pk, d.units["tax"].pk]


def led_by_a_group(d: District) -> Case:
    """A case about the market bureau that the second group looked into."""
    case = assigned(d, responsible="group:group-2", supervising=None)
    lead = d.actor("supervisor-2")
    case = do(lead, case, "investigate")
    case = do(
        lead, case, "hear", note="听取说明", told_route=True, who="窗口负责人", route="review"
    )
    return do(lead, case, "find", finding="substantiated", note="属实")


def test_a_row_of_a_group_says_whom_it_is_about_and_is_found_by_both() -> None:
    d = found_district()
    case = led_by_a_group(d)
    other = carry(d, case_of(file_report(d, "market")), to="found")
    assert rows(d, "intake", "negative", group="group-2") == [(case.ref, "")]
    assert rows(d, "intake", "negative", group="group-1") == []
    about = {r for r, _u in rows(d, "intake", "negative", unit="market")}
    assert about == {case.ref, other.ref}
    assert rows(d, "handler", "negative", unit="market") == [(other.ref, "market")]
    assert rows(d, "intake", "negative", unit="tax") == []
    client = Client()
    client.force_login(d.users["intake"])
    page = client.get("/console/lists/negative/", {"unit": "group:group-2"}).content.decode()
    assert case.ref in page.replace(" ", "")
    assert other.ref not in page
    table = page[page.index("<tbody") :]
    assert "第二监督组" in table
    assert "示范区市场监督管理局" in table
    assert "group:group-2" not in client.get("/console/lists/sector/").content.decode()
    saved = client.get("/console/lists/negative/", {"unit": "group:group-2", "format": "excel"})
    sheet = openpyxl.load_workbook(io.BytesIO(saved.content)).active
    found = {h.value: c.value for h, c in zip(sheet[4], sheet[5], strict=True)}
    assert (found["涉及单位"], found["单位"]) == ("示范区市场监督管理局", "第二监督组")


def test_whoever_is_accused_finds_nothing_in_any_list() -> None:
    d = found_district()
    clue = case_of(file_report(d, "market", kind="clue"))
    clue = do(d.actor("intake"), clue, "accept", kind="clue")
    clue = do(
        d.actor("intake"),
        clue,
        "assign",
        responsible="tax",
        co_handling=["town"],
        supervising="group-2",
    )
    let_through(d, do(d.actor("handler-tax"), clue, "investigate"))
    do(
        d.actor("handler-tax"),
        clue,
        "hear",
        note="听取",
        told_route=True,
        who="窗口负责人",
        route="review",
    )
    do(d.actor("handler-tax"), clue, "find", finding="substantiated", note="属实")
    for which in lists.names():
        for who in ("handler", "handler-east", "supervisor", "admin"):
            assert rows(d, who, which, state="all") == []
        for unit in ("market", "market-east"):
            assert rows(d, "intake", which, state="all", hand_to=unit) == []
    assert rows(d, "handler-tax", "negative") == [(clue.ref, "tax")]
    assert rows(d, "intake", "sector", hand_to="tax") == [(clue.ref, "tax")]


def test_an_office_reports_its_progress() -> None:
    d = found_district()
    handler = d.actor("handler")
    case = assigned(d, co_handling=["tax"])
    case = do(handler, case, "progress", note="已约谈", person="李某", planned_on="2066-12-01")
    case = do(d.actor("handler-tax"), case, "progress", remark="配合中")
    case = do(handler, case, "progress", finished_on="2026-01-02", remark="提前")
    told = {r.unit.code: r for r in Rectification.objects.select_related("unit") if r.unit}
    assert payload_value(told["market"].measures) == {"text": "已约谈"}, "what is not said stays"
    assert (told["market"].planned_on, told["market"].finished_on) == (
        date(2066, 12, 1),
        date(2026, 1, 2),
    )
    assert payload_value(told["tax"].remark) == {"text": "配合中"}
    for values, field in (({}, "note"), ({"finished_on": "2999-01-01"}, "finished_on"),
                          ({"planned_on": "morgen"}, "planned_on"), ({"unit": "town", "note": "x"}, "unit")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            do(handler, case, "progress", **values)
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        do(handler, case, "progress", unit="tax", note="替别人说")
    do(d.actor("intake"), case, "progress", unit="tax", note="税务局电话告知")
    steps = [s["text"] for s in timeline(handler, case) if "李某" in s["text"]]
    assert len(steps) == 1
    assert "2066-12-01" in steps[0]
    assert verify(parallel=False).ok


def test_a_planned_day_before_the_case_was_received_is_refused_with_both_days() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market")), to="rectifying")
    received = clock.local_day(case.received_at)
    early = received - timedelta(days=1)
    with pytest.raises(Refused, match=f"{early}.*{received}") as refused:
        do(d.actor("handler"), case, "progress", planned_on=early.isoformat())
    assert refused.value.field == "planned_on"
    client = Client()
    client.force_login(d.users["handler"])
    sent = {"version": case.version, "planned_on": early.isoformat()}
    answer = client.post(f"/en/console/cases/{case.ref}/do/progress/", sent)
    assert answer.status_code == 400
    assert f"{early} lies before the day on which the case was received" in answer.content.decode()
    do(d.actor("handler"), case, "progress", planned_on=received.isoformat())


def test_reopening_begins_anew_and_erasing_leaves_no_words() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market")), to="closed")
    assert Rectification.objects.filter(case=case).count() == 1, (
        "its measures were said by submitting"
    )
    do(d.actor("leader"), case, "reopen", reason="objection", note="有异议")
    assert not Rectification.objects.filter(case=case).exists()
    other = carry(d, case_of(file_report(d, "market")), to="closed")
    do(d.actor("leader"), other, "erase", note="依申请")
    row = Rectification.objects.get(case=other)
    assert payload_value(row.measures) is None
    found = lists.rows([(other.pk, d.units["market"].pk)])
    assert found[0].said == {}
    assert verify(parallel=False).ok


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_form_is_ready_to_print_and_to_fill_in(language: str) -> None:
    from django.utils import translation

    d = found_district()
    carry(d, case_of(file_report(d, "market", text="=1+1")), to="closed")
    case = carry(d, case_of(file_report(d, "market", text="在办")), to="rectifying")
    with translation.override(language):
        keys = lists.entries(d.actor("intake"), "negative", lists.Wanted(state="all"))
        content = forms.workbook(lists.rows(list(keys)), "negative", maker="张三", hand_to="清河镇")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    said = f"{sheet['A1'].value} {sheet['A2'].value}"
    assert ("负面台账" if language == "zh-hans" else "Negative ledger") in said
    for part in ("张三", "清河镇", clock.today().isoformat(), "2"):
        assert part in said
    assert (sheet.freeze_panes, sheet.page_setup.orientation) == ("C5", "landscape")
    assert sheet.page_setup.paperSize == 9
    assert sheet.print_title_rows == "$4:$4"
    assert "&P" in sheet.oddFooter.center.text
    heads = {c.value: c.column_letter for c in sheet[4]}
    last = max(heads.values(), key=lambda c: (len(c), c))
    assert sheet.column_dimensions[last].hidden, "the mark"
    assert last not in str(sheet.print_area)
    assert sheet.auto_filter.ref
    kinds = sorted(v.type for v in sheet.data_validations.dataValidation)
    assert kinds == ["date", "date", "list", "textLength"]
    drop = next(v for v in sheet.data_validations.dataValidation if v.type == "list")
    assert ("已完成待验收" if language == "zh-hans" else "Done, to be verified") in drop.formula1
    column = next(c for h, c in heads.items() if h in ("整改措施", "Measures taken"))
    fills = {sheet[f"A{r}"].value: sheet[f"{column}{r}"].fill.bgColor.rgb for r in (5, 6)}
    assert len(set(fills.values())) == 2, "where nothing can be filled in any more it looks locked"
    assert case.ref in fills
    for row in sheet.iter_rows():
        assert all(c.data_type != "f" for c in row)


def saved_as(answer: Any) -> str:
    """The name under which a browser saves a file."""
    return unquote(answer["Content-Disposition"].partition("filename*=UTF-8''")[2])


def test_the_pages_and_their_files() -> None:
    d = found_district()
    case = assigned(d, co_handling=["town"])
    do(d.actor("handler"), case, "progress", note="已经约谈窗口人员")

    def ask(who: str, address: str, **query: str) -> Any:
        client = Client()
        client.force_login(d.users[who])
        return client.get(address, query)

    page = ask("intake", "/console/lists/territorial/").content.decode()
    assert "清河镇" in page
    assert "已经约谈窗口人员" not in page, "the other unit's words"
    assert "已经约谈窗口人员" in ask("intake", "/console/lists/sector/").content.decode()
    assert ask("intake", "/console/lists/nonsense/").status_code == 404
    assert ask("intake", "/console/lists/").status_code == 302
    assert "1 " in ask("handler", "/console/lists/sector/").content.decode()
    empty = ask("handler-tax", "/console/lists/sector/").content.decode()
    assert case.ref not in empty
    assert 'class="empty"' in empty
    own = ask("intake", "/console/lists/sector/", format="excel")
    day = clock.today().isoformat()
    assert saved_as(own) == f"行业责任清单-自用-{day}.xlsx"
    handed = ask("intake", "/console/lists/sector/", format="excel", **{"for": "market"})
    assert saved_as(handed) == f"行业责任清单-示范区市场监督管理局-{day}.xlsx"
    text = openpyxl.load_workbook(io.BytesIO(handed.content)).active["A2"].value
    assert "示范区市场监督管理局" in text
    assert (
        ask("intake", "/console/lists/sector/", format="excel", **{"for": "x"}).status_code == 400
    )
    own = ask("intake", "/en/console/lists/negative/", format="excel")
    assert saved_as(own) == f"Negative ledger of supervision-own use-{day}.xlsx"
    assert (
        saved_as(ask("intake", "/en/console/cases/", format="excel"))
        == f"Ledger of cases-{day}.xlsx"
    )
    assert saved_as(ask("intake", "/console/cases/", format="excel")) == f"事项台账-{day}.xlsx"
    left_out = ask("intake", "/console/lists/sector/", due="sometime", since="yesterday")
    assert left_out.status_code == 200
    assert 'class="notice' in left_out.content.decode() or "errors" in left_out.content.decode()


def test_a_rulebook_has_both_duties_or_none(tmp_path: Path) -> None:
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))

    def book(name: str, duties: Any) -> Any:
        path = tmp_path / f"{name}.yaml"
        kept = {k: v for k, v in data.items() if k != "duties"}
        path.write_text(
            yaml.safe_dump(
                kept | ({"duties": duties} if duties else {}), allow_unicode=True, sort_keys=False
            )
        )
        return load(str(path))

    assert book("none", None).duties == {}
    duties = data["duties"]
    with pytest.raises(RulebookError, match="duties"):
        book("one", {"sector": duties["sector"]})
    twice = {**duties, "sector": {**duties["sector"], "kinds": ["organ", "township"]}}
    with pytest.raises(RulebookError, match="two duties"):
        book("twice", twice)


def test_the_demos_units_answer_for_their_cases_and_stand_in_both_lists() -> None:
    demo.load()
    asked = Party.objects.filter(relation="responsible", provisional=False, unit=None)
    assert set(asked.values_list("case__kind", flat=True)) <= {"clue"}
    leader = actor_for(User.objects.get(username="leader"))
    for which in lists.names():
        assert lists.entries(leader, which, lists.Wanted()).exists(), which
    for row in lists.rows(list(lists.entries(leader, "negative", lists.Wanted(state="all")))):
        assert row.unit == row.case.unit
