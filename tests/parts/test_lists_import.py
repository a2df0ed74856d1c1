"""A list that comes back: exactly what was filled in, by the verbs that a person would use."""

from __future__ import annotations

import csv
import random
import zlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huhang.cases import actions, lists
from huhang.cases.models import Case
from huhang.insight import forms
from huhang.intake.imports import import_file, open_file
from huhang.intake.lists import marks
from huhang.intake.lists.cells import filled
from huhang.intake.lists.names import FILLED, LABELS, NAMES, PROGRESS_NAMES
from huhang.intake.lists_import import ListImporter
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.models import Entry
from huhang.tables.cells import text_of
from huhang.tables.faults import UnusableFile
from huhang.tables.headings import plain
from huhang.tables.refusals import write_refusals
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
HEADER = 4


def put(
    path: Path, actor: Actor, which: str = "sector", language: str = "zh-hans", **wanted: Any
) -> Path:
    """A list as this person can save it."""
    with translation.override(language):
        keys = list(lists.entries(actor, which, lists.Wanted(**{"state": "all", **wanted})))
        path.write_bytes(forms.workbook(lists.rows(keys), which, maker="制表人"))
    return path


class Sheet:
    """A saved list, to be filled in as somebody would in Excel."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book.active
        wanted = {plain(n): key for key, names in NAMES.items() for n in names}
        self.at = {
            wanted[plain(c.value)]: c.column for c in self.sheet[HEADER] if plain(c.value) in wanted
        }

    def row_of(self, ref: str, unit: str = "") -> int:
        for row in range(HEADER + 1, self.sheet.max_row + 1):
            if self.get(row, "ref") == ref and unit in (self.get(row, "unit") or ""):
                return row
        raise AssertionError(f"no row {ref} {unit}")

    def get(self, row: int, name: str) -> Any:
        return self.sheet.cell(row, self.at[name]).value

    def set(self, row: int, **values: Any) -> Sheet:
        for name, value in values.items():
            self.sheet.cell(row, self.at[name]).value = value
        return self

    def save(self, path: Path | None = None) -> Path:
        self.book.save(path or self.path)
        return path or self.path


def take(path: Path, actor: Actor, **more: Any) -> dict[str, Any]:
    result = import_file(ListImporter, path, actor=actor, **more).as_json()
    assert result["read"] == sum(result[k] for k in ("accepted", "updated", "repeated", "refused"))
    return result


def counts(result: dict[str, Any]) -> tuple[int, int, int]:
    assert result["accepted"] == 0
    return result["updated"], result["repeated"], result["refused"]


def now(case: Case, actor: Actor, which: str = "sector") -> dict[str, Any]:
    """What stands in the row of the market bureau."""
    keys = lists.entries(actor, which, lists.Wanted(state="all"))
    row = next(r for r in lists.rows(list(keys)) if r.case.pk == case.pk)
    return {**filled(row), "progress": row.progress}


def rectifying(d: District, text: str = "窗口拖延") -> Case:
    return carry(d, case_of(file_report(d, "market", text=text)), to="rectifying")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_unchanged_list_changes_nothing(tmp_path: Path, language: str) -> None:
    d = found_district()
    handler = d.actor("handler")
    case = rectifying(d, '=HYPERLINK("http://x") \'007 第一行\n第二行  两格')
    do(handler, case, "progress", note="+1 已约谈\n=2+2", person="-李某", planned_on="2066-12-01")
    for state in ("assigned", "found", "submitted", "closed"):
        carry(d, case_of(file_report(d, "market", text=f"到{state}")), to=state)
    before = Entry.objects.count()
    path = put(tmp_path / "a.xlsx", handler, language=language)
    for dry in (True, False):
        result = take(path, handler, dry_run=dry)
        assert counts(result) == (0, 5, 0)
        assert result["changes"] == []
        assert result["notices"] == []
    # The import's own entries are its begin and its end.
    assert [e.verb for e in Entry.objects.order_by("seq")[before:]] == [
        "import_begin",
        "import_end",
    ]


def test_every_heading_and_state_is_read_as_it_is_written() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for key, label in LABELS.items():
                assert str(label).casefold() in NAMES[key], f"{key} in {language}"
            for key, word in lists.PROGRESS.items():
                assert str(word).casefold() in PROGRESS_NAMES[key], f"{key} in {language}"


def test_what_is_filled_in_is_what_changes_and_a_repeat_changes_nothing(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case, other = rectifying(d), rectifying(d, "另一件")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    sheet.set(
        sheet.row_of(case.ref), measures="已约谈窗口人员", person="李某", planned_on=date(2066, 12, 1),
        remark="下周回访", progress="已完成待验收",
    )  # fmt: skip
    path = sheet.save()
    looked = take(path, handler, dry_run=True)
    assert counts(looked) == (1, 1, 0)
    assert [(c["field"], c["here"], c["file"], c["conflict"]) for c in looked["changes"]] == [
        ("整改措施", "限期办结", "已约谈窗口人员", False), ("责任人", "", "李某", False),
        ("计划完成日期", "", "2066-12-01", False), ("整改状态", "整改中", "已完成待验收", False),
        ("备注", "", "下周回访", False),
    ]  # fmt: skip
    assert Case.objects.get(pk=case.pk).state == "rectifying", "looking changes nothing"
    last = Entry.objects.order_by("-seq")[0].seq
    assert counts(take(path, handler)) == (1, 1, 0)
    done = list(Entry.objects.filter(seq__gt=last, case_id__isnull=False).order_by("seq"))
    assert [(e.verb, e.actor) for e in done] == [
        ("progress", handler.ref), ("submit", handler.ref)
    ]  # fmt: skip
    assert now(case, handler) == {
        "measures": "已约谈窗口人员", "person": "李某", "planned_on": date(2066, 12, 1),
        "progress": "submitted", "finished_on": "", "remark": "下周回访",
    }  # fmt: skip
    assert Case.objects.get(pk=other.pk).version == other.version
    assert counts(take(path, handler)) == (0, 2, 0), "repeat"
    do(d.actor("supervisor"), case, "verify", note="看过")
    assert counts(take(path, handler)) == (0, 2, 0), "it went further since"
    assert verify(parallel=False).ok


def test_what_was_sent_back_is_not_submitted_again_by_an_old_file(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case = rectifying(d)
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    path = sheet.set(sheet.row_of(case.ref), progress="已完成", measures="改好了").save()
    assert counts(take(path, handler)) == (1, 0, 0)
    do(d.actor("supervisor"), case, "send_back", note="请附照片")
    again = take(path, handler)
    assert (counts(again), again["kept"]) == ((0, 1, 0), 1)
    assert Case.objects.get(pk=case.pk).state == "rectifying"
    assert counts(take(path, handler, chosen={case.ref})) == (1, 0, 0)


def test_what_changed_here_since_is_shown_and_not_overwritten(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case, other = rectifying(d), rectifying(d, "另一件")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    sheet.set(sheet.row_of(case.ref), measures="表里写的", remark="表里的备注")
    sheet.set(sheet.row_of(other.ref), remark="另一件的备注")
    path = sheet.save()
    do(handler, case, "progress", note="网上先写的")
    do(handler, other, "progress", person="王某")
    looked = take(path, handler, dry_run=True)
    assert (counts(looked), looked["kept"]) == ((1, 1, 0), 1)
    assert looked["refusals"] == [], "nothing is wrong with a row that waits for a choice"
    assert [(c["ref"], c["field"], c["conflict"], c["kept"]) for c in looked["changes"]] == [
        (case.ref, "整改措施", True, True),
        (case.ref, "备注", False, True),
        (other.ref, "备注", False, False),
    ]
    assert "责任人" in {n["field"] for n in looked["notices"]}, "what the row does not touch"
    done = take(path, handler)
    assert (counts(done), done["kept"]) == ((1, 1, 0), 1)
    assert now(case, handler)["measures"] == "网上先写的"
    assert now(case, handler)["remark"] == "", "a row is taken in whole or not at all"
    assert now(other, handler)["person"] == "王某"
    done = take(path, handler, chosen={f"{case.ref}/market"})
    assert (counts(done), done["kept"]) == ((1, 1, 0), 0)
    assert now(case, handler)["measures"] == "表里写的"


def test_what_is_only_to_be_read_is_said_and_left_out(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case = rectifying(d)
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    row = sheet.row_of(case.ref)
    path = sheet.set(
        row, title="改了标题", due="2030-01-01", finding="失实", remark="有备注"
    ).save()
    result = take(path, handler)
    assert counts(result) == (1, 0, 0)
    assert {n["field"] for n in result["notices"]} == {"标题", "时限", "核查结论"}
    after = Case.objects.get(pk=case.pk)
    assert (after.title, after.finding, after.due_on) == (case.title, "substantiated", case.due_on)
    emptied = sheet.set(row, measures=None).save()
    result = take(emptied, handler)
    assert counts(result) == (0, 1, 0)
    assert "整改措施" in {n["field"] for n in result["notices"]}
    assert now(case, handler)["measures"] == "限期办结"


def test_a_form_of_before_the_column_of_the_unit_concerned_comes_back_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = found_district()
    handler = d.actor("handler")
    case = rectifying(d)
    with monkeypatch.context() as before:
        before.setattr(marks, "COLUMNS", tuple(c for c in marks.COLUMNS if c not in marks.LATER))
        sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    sheet.set(sheet.row_of(case.ref), remark="有备注", case_unit="改了")
    result = take(sheet.save(), handler)
    assert counts(result) == (1, 0, 0)
    assert result["notices"] == []
    sheet = Sheet(put(tmp_path / "b.xlsx", handler))
    sheet.set(sheet.row_of(case.ref), case_unit="改了")
    result = take(sheet.save(), handler)
    assert counts(result) == (0, 1, 0)
    assert {n["field"] for n in result["notices"]} == {"涉及单位"}


def test_rows_are_refused_one_by_one_with_their_reason(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    cases = {s: carry(d, case_of(file_report(d, "market", text=s)), to=s)
             for s in ("assigned", "investigating", "found", "rectifying", "submitted", "closed")}  # fmt: skip
    good = rectifying(d, "好的一行")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))

    def edit(name: str, **values: Any) -> None:
        sheet.set(sheet.row_of(cases[name].ref), **values)

    edit("assigned", progress="整改中", measures="先改")
    edit("investigating", finished_on=date(2099, 1, 1))
    edit("found", progress="整改中")
    edit("rectifying", progress="未开始")
    edit("submitted", measures="提交以后再写")
    edit("closed", remark="办结以后再写")
    sheet.set(sheet.row_of(good.ref), remark="可以")
    path = sheet.save()
    result = take(path, handler)
    assert counts(result) == (1, 0, 6)
    said = {r["row"]: (r["field"], r["reason"]) for r in result["refusals"]}
    by = {name: said[sheet.row_of(case.ref)] for name, case in cases.items()}
    assert by["assigned"][0] == "整改状态"
    assert "已交办" in by["assigned"][1] or "assigned" in by["assigned"][1].lower()
    assert by["investigating"][0] == "完成日期"
    assert by["found"][0] == "整改措施", "measures are needed to begin"
    assert by["rectifying"][0] == "整改状态"
    assert by["submitted"][0] == "整改措施"
    assert by["closed"][0] == "备注"
    assert now(good, handler)["remark"] == "可以"
    for name, case in cases.items():
        assert Case.objects.get(pk=case.pk).state == name

    # The refused rows as a workbook: corrected there and sent again.
    first = import_file(ListImporter, path, actor=handler, dry_run=True)
    refused = tmp_path / "refused.xlsx"
    write_refusals(refused, open_file(ListImporter, path), first.refusals)
    book = openpyxl.load_workbook(refused)
    heads = [c.value for c in book.active[1]]
    for row in book.active.iter_rows(min_row=2):
        if row[0].value == cases["found"].ref:
            row[heads.index("整改措施")].value = "立即改"
    book.save(refused)
    assert counts(take(refused, handler)) == (1, 0, 5)
    assert Case.objects.get(pk=cases["found"].pk).state == "rectifying"


def test_a_refused_row_says_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case, begun, waiting = (rectifying(d, text) for text in ("一", "二", "三"))
    found = carry(d, case_of(file_report(d, "market", text="未开始")), to="found")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    do(handler, waiting, "progress", person="网上先写的")
    received = clock.local_day(case.received_at)
    early, late = received - timedelta(days=1), date(2099, 1, 1)
    sheet.set(sheet.row_of(case.ref), planned_on=early, finished_on=late, person="长" * 201,
              remark="#REF!", progress="差不多了")  # fmt: skip
    sheet.set(sheet.row_of(begun.ref), planned_on="明天", finished_on="昨天", measures="好了")
    sheet.set(sheet.row_of(found.ref), progress="已完成", remark="#N/A")
    sheet.set(sheet.row_of(waiting.ref), person="表里写的", finished_on=late)
    path = sheet.save()
    for dry in (True, False):
        result = take(path, handler, dry_run=dry)
        assert counts(result) == (0, 0, 4)
        assert result["changes"] == [], "what is refused for good is not to be chosen"
    said = {r["row"]: r for r in result["refusals"]}
    first = said[sheet.row_of(case.ref)]
    assert set(first["field"].split("、")) == {
        "责任人",
        "计划完成日期",
        "整改状态",
        "完成日期",
        "备注",
    }
    for words in (f"计划完成日期：{early} 早于收到该事项的日期 {received}", "最多 200 个字，现在是 201 个",
                  "备注：单元格有错误值 #REF!", "「差不多了」"):  # fmt: skip
        assert words in first["reason"]
    second = said[sheet.row_of(begun.ref)]
    assert "计划完成日期：「明天」" in second["reason"]
    assert "完成日期：「昨天」" in second["reason"]
    assert set(said[sheet.row_of(found.ref)]["field"].split("、")) == {"备注", "整改措施"}
    assert set(said[sheet.row_of(waiting.ref)]["field"].split("、")) == {"完成日期", "责任人"}
    sheet.set(sheet.row_of(begun.ref), planned_on=received, finished_on=None)
    assert counts(take(sheet.save(), handler))[0] == 1, "the day of receipt itself is taken"


def test_a_row_that_is_refused_stands_in_no_other_rows_way(tmp_path: Path) -> None:
    d = found_district()
    case = rectifying(d)
    path = tmp_path / "a.csv"
    path.write_text(f"编号,责任人\n{case.ref},#REF!\n{case.ref},李某\n", encoding="utf-8")
    assert counts(take(path, d.actor("handler"))) == (1, 0, 1)


def test_hidden_unknown_and_others_rows(tmp_path: Path) -> None:
    d = found_district()
    case = rectifying(d)
    hidden = do(
        d.actor("intake"), case_of(file_report(d, "market", kind="clue")), "accept", kind="clue"
    )
    do(d.actor("intake"), hidden, "assign", responsible="tax", supervising="group-2")
    foreign = do(d.actor("intake"), case_of(file_report(d, "tax")), "accept", kind="demand")
    do(d.actor("intake"), foreign, "assign", responsible="tax", supervising="group-2")
    sheet = Sheet(put(tmp_path / "a.xlsx", d.actor("intake")))
    for one in (case, hidden, foreign):
        sheet.set(sheet.row_of(one.ref), remark="写一句")
    unknown = sheet.sheet.max_row + 1
    sheet.set(unknown, ref="00000-00000", remark="没有这一件")
    path = sheet.save()
    result = take(path, d.actor("handler"))
    assert counts(result) == (1, 0, 3)
    reasons = {r["reason"] for r in result["refusals"]}
    assert len(reasons) == 1, "hidden, somebody else's and missing are told alike"
    assert {c["ref"] for c in result["changes"]} == {case.ref}


def test_a_table_of_which_a_part_was_sorted_is_refused(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    one, two = rectifying(d), rectifying(d, "另一件")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    a, b = sheet.row_of(one.ref), sheet.row_of(two.ref)
    marks = sheet.get(a, "mark"), sheet.get(b, "mark")
    path = sheet.set(a, mark=marks[1], remark="x").set(b, mark=marks[0], remark="y").save()
    assert counts(take(path, handler)) == (0, 0, 2)


def test_csv_and_rows_without_a_mark(tmp_path: Path) -> None:
    d = found_district()
    handler = d.actor("handler")
    case, other = rectifying(d), rectifying(d, "另一件")
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    marked = tmp_path / "marked.csv"
    with marked.open("w", encoding="gb18030", newline="") as file:
        out = csv.writer(file)
        for row in sheet.sheet.iter_rows(values_only=True):
            cells = ["" if c is None else c.strftime("%Y/%m/%d") if hasattr(c, "strftime") else c for c in row]  # fmt: skip
            if cells[0] == case.ref:
                cells[sheet.at["planned_on"] - 1] = "2066年12月1日"
            out.writerow(cells)
    result = take(marked, handler)
    assert counts(result) == (1, 1, 0)
    assert result["notices"] == [], "days written otherwise are the same days"
    assert now(case, handler)["planned_on"] == date(2066, 12, 1)
    bare = tmp_path / "bare.csv"
    bare.write_text(
        f"编号,整改措施,责任人\n{case.ref},别的措施,李某\n{other.ref},,王某\n", encoding="utf-8"
    )
    result = take(bare, handler)
    assert counts(result) == (1, 1, 0), "without a mark nothing that stands here is overwritten"
    assert now(case, handler)["person"] == ""
    assert now(other, handler)["person"] == "王某"
    assert counts(take(bare, handler, chosen={"all"})) == (1, 1, 0)
    assert now(case, handler)["measures"] == "别的措施"


def test_who_may_say_what(tmp_path: Path) -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market")), to="accepted")
    do(d.actor("intake"), case, "assign", responsible="market", co_handling=["town", "tax"],
       supervising="group-1", territorial=["tax"])  # fmt: skip
    sheet = Sheet(put(tmp_path / "a.xlsx", d.actor("intake"), "territorial"))
    assert {sheet.get(r, "unit") for r in (5, 6)} == {"清河镇", "示范区税务局"}
    own, other = sheet.row_of(case.ref, "税务"), sheet.row_of(case.ref, "清河")
    sheet.set(own, measures="税务局的措施", progress="整改中").set(other, remark="镇里的备注")
    path = sheet.save()
    refused = take(path, d.actor("handler-tax"))
    assert counts(refused) == (0, 0, 2), "helping, and another unit's row"
    path = sheet.set(own, progress="未开始").save()
    assert counts(take(path, d.actor("handler-tax"))) == (1, 0, 1)
    assert counts(take(path, d.actor("leader"))) == (0, 1, 1), "a leader reports no progress"
    assert counts(take(path, OPERATOR)) == (1, 1, 0)
    verbs = Entry.objects.filter(verb="progress").order_by("seq").values_list("actor", flat=True)
    assert list(verbs) == [d.actor("handler-tax").ref, "operator"]


def test_an_interrupted_import_goes_on_where_it_was(tmp_path: Path, monkeypatch: Any) -> None:
    d = found_district()
    handler = d.actor("handler")
    cases = [rectifying(d, f"第{n}件") for n in range(4)]
    sheet = Sheet(put(tmp_path / "a.xlsx", handler))
    for n, case in enumerate(cases):
        sheet.set(sheet.row_of(case.ref), progress="已完成", measures=f"改好{n}", person="李某")
    path = sheet.save()
    perform, done = actions.perform, []

    def killed(w: Any, ref: str, verb: str, **values: Any) -> Any:
        done.append(verb)
        if len(done) == 4:  # between the two verbs of the second row
            raise KeyboardInterrupt
        return perform(w, ref, verb, **values)

    monkeypatch.setattr(actions, "perform", killed)
    with pytest.raises(KeyboardInterrupt):
        take(path, handler)
    monkeypatch.undo()
    states = sorted(Case.objects.get(pk=c.pk).state for c in cases)
    assert states == ["rectifying"] * 3 + ["submitted"], "a row is whole or absent"
    assert Entry.objects.filter(verb="progress").count() == 1
    assert counts(take(path, handler)) == (3, 1, 0)
    assert {Case.objects.get(pk=c.pk).state for c in cases} == {"submitted"}
    assert Entry.objects.filter(verb="submit").count() == 4
    assert Entry.objects.filter(verb="progress").count() == 4


EDITS = st.dictionaries(
    st.sampled_from(["measures", "person", "remark", "planned_on"]),
    st.one_of(
        st.text(min_size=1, max_size=30).filter(lambda t: t.strip() == t and t.isprintable() and t),
        st.sampled_from(
            ["=1+1", "@SUM(A1)", "-", "+86", "'quoted", '="x"', "无", "#N/A?", "2026-01-01"]
        ),
    ),
    max_size=4,
)


@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(edits=st.lists(EDITS, min_size=3, max_size=3), turn=st.randoms(use_true_random=False))
def test_exactly_the_edits(
    tmp_path: Path, edits: list[dict[str, str]], turn: random.Random
) -> None:
    """Export, edit at random what may be edited, import: these cells change, and no other."""
    with transaction.atomic():
        d = found_district()
        handler = d.actor("handler")
        cases = [rectifying(d, f"第{n}件") for n in range(3)]
        do(handler, cases[0], "progress", person="李某", remark="=3*3", planned_on="2066-11-30")
        sheet = Sheet(put(tmp_path / "p.xlsx", handler))
        expected: dict[int, dict[str, Any]] = {}
        for case, edit in zip(cases, edits, strict=True):
            known = now(case, handler)
            expected[case.pk] = known
            row = sheet.row_of(case.ref)
            for name, value in edit.items():
                if name == "planned_on":
                    day = date(2066, 12, turn.randint(1, 28))
                    sheet.set(row, planned_on=day)
                    known[name] = day
                    continue
                cell = sheet.sheet.cell(row, sheet.at[name])
                cell.value, cell.data_type = value, "s"
                said = text_of(value)
                if said and " ".join(said.split()) != " ".join(text_of(str(known[name])).split()):
                    known[name] = said
        before = {c.pk: now(c, handler) for c in cases}
        result = take(sheet.save(), handler)
        assert result["refused"] == 0, result["refusals"]
        changed = sum(expected[pk] != before[pk] for pk in expected)
        assert counts(result) == (changed, 3 - changed, 0)
        assert len(result["changes"]) == sum(
            expected[pk][name] != before[pk][name] for pk in expected for name in FILLED
        )
        for case in cases:
            found, wanted = now(case, handler), expected[case.pk]
            for name in FILLED:
                assert str(found[name]).strip() == str(wanted[name]).strip(), name
        assert counts(take(sheet.path, handler)) == (0, 3, 0)
        transaction.set_rollback(True)


def test_the_file_of_one_unit_holds_what_it_may_know(tmp_path: Path) -> None:
    d = found_district()
    intake = d.actor("intake")
    plain_case = rectifying(d)
    clue = do(intake, case_of(file_report(d, "market-east", kind="clue")), "accept", kind="clue")
    do(intake, clue, "assign", responsible="market", supervising="group-1")
    accused = do(intake, case_of(file_report(d, "market", kind="clue")), "accept", kind="clue")
    do(intake, accused, "assign", responsible="tax", supervising="group-2")

    def refs(**wanted: Any) -> set[str]:
        keys = lists.entries(intake, "sector", lists.Wanted(state="all", **wanted))
        return {r.case.ref for r in lists.rows(list(keys))}

    assert refs() == {plain_case.ref, clue.ref, accused.ref}
    assert refs(hand_to="market") == {plain_case.ref, clue.ref}
    assert refs(hand_to="market-east") == set()
    assert refs(hand_to="tax") == {accused.ref}


def test_what_a_refused_row_would_change_is_not_announced(tmp_path: Path) -> None:
    d = found_district()
    case = rectifying(d)
    sheet = Sheet(put(tmp_path / "a.xlsx", d.actor("handler")))
    sheet.set(sheet.row_of(case.ref), progress="搞定", planned_on="下周")
    result = take(sheet.save(), d.actor("handler"), dry_run=True)
    assert counts(result) == (0, 0, 1)
    assert result["changes"] == []


def test_an_unsaved_formula_is_called_one(tmp_path: Path) -> None:
    d = found_district()
    case = rectifying(d)
    sheet = Sheet(put(tmp_path / "a.xlsx", d.actor("handler")))
    sheet.set(sheet.row_of(case.ref), measures='=CONCATENATE("已","约谈")')
    result = take(sheet.save(), d.actor("handler"), dry_run=True)
    assert "公式" in result["refusals"][0]["reason"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_picture_is_no_table_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    packed = zlib.compress(random.Random(7).randbytes(4000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00@" + packed)
    with pytest.raises(UnusableFile, match="既不是 Excel，也不是文本"):
        open_file(ListImporter, path)
