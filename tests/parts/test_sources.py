"""Saved sources: their mapping, the preview that it explains, their keys, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from huhang.cases.models import Party, Report
from huhang.cases.queries import payload_value, visible_to
from huhang.intake import imports, kept, kinds, runs, sources, work
from huhang.intake.importer import GROUP
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun, Source
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.rulebook import current
from huhang.tables.mapping import Mapping, parse_mapping
from huhang.tlog.verify import verify
from tests.cast import case_of, do, found_district

pytestmark = pytest.mark.django_db(transaction=True)
ODD = "单子,情况,哪天,谁办\nT1,路灯不亮,2026-03-01,清河镇\nT2,停水,2026-03-02,\n"
COLUMNS = {"单子": "number", "情况": "text", "哪天": "reported_on", "谁办": "handling_unit"}


def add(actor: Actor, code: str = "hot", kind: str = "hotline", **more: Any) -> Source:
    made: Source = write(
        lambda w: sources.add(w, code=code, name="热线", kind=kind, **more), actor=actor
    )
    return made


def upload(actor: Actor, text: str, source: str = "", name: str = "三月.csv") -> ImportRun:
    content = text.encode()
    run = runs.take(KINDS["hotline"], [content], len(content), name, "", "en", actor, source=source)
    return work_on(run)


def work_on(run: ImportRun) -> ImportRun:
    work.carry_out(run)
    run.refresh_from_db()
    return run


def whys(run: ImportRun) -> dict[str, str]:
    [sheet] = kept.status(run)["preview"]
    return {heading: why for heading, _label, why, *_rest in sheet["columns"]}


def test_a_mapping_is_mended_saved_and_used_for_the_next_file() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    first = upload(actor, ODD, "hot")
    assert first.state == "failed"
    assert "单子" in kept.status(first)["error"]
    assert runs.headings(first) == [(h, "") for h in COLUMNS]
    runs.remap(first, COLUMNS, actor, "en", save=True)
    work_on(first)
    assert first.state == "checked"
    assert set(whys(first).values()) == {"saved"}
    assert kept.status(first)["result"]["accepted"] == 2
    assert not Report.objects.exists(), "only looked at"
    runs.confirm(first, actor)
    assert (work_on(first).state, first.accepted) == ("done", 2)
    second = upload(actor, ODD.replace("停水", "停水两天"), "hot", "四月.csv")
    assert set(whys(second).values()) == {"saved"}
    runs.confirm(second, actor)
    work_on(second)
    assert (second.accepted, second.updated, second.repeated) == (0, 1, 1)
    assert (second.name, second.source, second.way) == ("四月.csv", "hot", "upload")
    assert {"add_source", "map_source"} <= set(Entry.objects.values_list("verb", flat=True))
    assert verify().ok


def test_a_column_is_taken_from_one_field_and_given_to_another() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, "工单编号,问题描述,诉求内容,处理单位\nT1,a,b,清河镇\n", "hot")
    now = dict(runs.headings(run))
    assert now == {"工单编号": "number", "问题描述": "", "诉求内容": "text", "处理单位": "unit"}
    runs.remap(run, {**now, "诉求内容": "", "问题描述": "text"}, actor, "en", save=True)
    work_on(run)
    assert whys(run)["诉求内容"] == "left"
    runs.confirm(run, actor)
    work_on(run)
    words = payload_value(Report.objects.get().words)
    assert (words["text"], words["+诉求内容"]) == ("a", "b")


def test_two_columns_for_one_field_are_refused_by_name() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, ODD, "hot")
    with pytest.raises(Refused, match=r"单子.*情况") as told:
        runs.remap(run, {"单子": "text", "情况": "text"}, actor, "en", save=True)
    assert told.value.field == "情况"
    with pytest.raises(Refused):
        runs.remap(run, {"单子": "nonsense"}, actor, "en", save=True)
    assert Source.objects.get().mapping == ""


def test_a_mapping_for_one_file_alone_changes_no_source() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, ODD, "hot")
    runs.remap(run, COLUMNS, actor, "en", save=False)
    assert work_on(run).state == "checked"
    assert set(whys(run).values()) == {"mapping"}
    assert Source.objects.get().mapping == ""
    alone = upload(actor, ODD)
    runs.remap(alone, COLUMNS, actor, "en", save=False)
    assert work_on(alone).state == "checked"
    with pytest.raises(Missing):
        runs.remap(alone, COLUMNS, actor, "en", save=True)


def test_a_file_of_a_source_may_lack_a_column_that_its_mapping_names() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    text = "columns: {number: 单子, text: 情况, place: 地方}"
    write(lambda w: sources.set_mapping(w, "hot", text), actor=actor)
    run = upload(actor, ODD, "hot")
    assert run.state == "checked"
    notices = kept.status(run)["result"]["notices"]
    assert any(n["field"] == "地方" for n in notices)


def test_a_mapping_written_and_read_again_is_the_same() -> None:
    vocabulary = KINDS["hotline"].vocabulary
    one = Mapping(
        vocabulary, sheet="三月", header_row=3, columns={"text": "情况"}, left=("诉求内容",),
        date_formats=("%d/%m/%Y",),
    )  # fmt: skip
    assert parse_mapping(one.as_yaml().encode(), "m", vocabulary) == one
    assert Mapping(vocabulary).as_yaml() == ""


def test_who_may_not_import_a_kind_sees_and_makes_no_source_of_it() -> None:
    d = found_district()
    for name in ("handler", "leader", "supervisor"):
        with pytest.raises(NotAllowed):
            add(d.actor(name))
    with pytest.raises(NotAllowed):
        add(d.actor("intake"), kind="units")
    add(d.actor("admin"), "tree", "units")
    add(d.actor("intake"))
    assert [s.code for s in sources.sources_for(d.actor("intake"))] == ["hot"]
    with pytest.raises(Missing):
        sources.access(d.actor("intake"), "tree")
    with pytest.raises(Missing):
        write(lambda w: sources.set_active(w, "hot", active=False), actor=d.actor("handler"))


@pytest.mark.parametrize("code", ["", "Ab c", "-a", "a-", "../x", "a" * 41, "热线", "a\x00"])
def test_a_code_is_small_letters_digits_and_dashes(code: str) -> None:
    d = found_district()
    with pytest.raises(Refused) as told:
        add(d.actor("intake"), code)
    assert told.value.field == "code"


def test_another_person_sees_the_source_but_not_its_imports_until_they_take_it_over() -> None:
    d = found_district()
    one, other = d.actor("intake"), d.actor("intake-2")
    add(one)
    run = upload(one, ODD, "hot")
    assert sources.access(other, "hot").code == "hot"
    assert runs.own_runs(other) == []
    with pytest.raises(Missing):
        runs.access_run(other, run.ref)
    write(lambda w: sources.take_over(w, "hot"), actor=other)
    assert Source.objects.get().owner == other.ref
    assert runs.own_runs(other) == [], "what came before stays with whom it was for"


def test_nobody_holds_a_key_that_looks_with_another_persons_eyes() -> None:
    d = found_district()
    one, other = d.actor("intake"), d.actor("intake-2")
    source = add(one)
    write(lambda w: sources.make_key(w, "hot"), actor=one)
    with pytest.raises(NotAllowed):
        write(lambda w: sources.make_key(w, "hot"), actor=other)
    write(lambda w: sources.take_over(w, "hot"), actor=other)
    assert sources.keys_of(source) == []
    made, _shown = write(lambda w: sources.make_key(w, "hot"), actor=other)
    write(lambda w: sources.end_key(w, "hot", made.ref), actor=one)
    assert sources.keys_of(source) == [], "anybody who may manage it can end one"
    assert verify().ok


def test_a_retired_source_takes_no_file() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    write(lambda w: sources.set_active(w, "hot", active=False), actor=actor)
    with pytest.raises(Refused):
        upload(actor, ODD, "hot")
    write(lambda w: sources.set_active(w, "hot", active=True), actor=actor)
    assert upload(actor, ODD, "hot").state == "failed"


def test_two_keys_hold_at_a_time_and_no_row_has_one() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    one, shown = write(lambda w: sources.make_key(w, "hot"), actor=actor)
    two, other = write(lambda w: sources.make_key(w, "hot"), actor=actor)
    assert shown.startswith("whsec_")
    assert shown != other
    with pytest.raises(Refused):
        write(lambda w: sources.make_key(w, "hot"), actor=actor)
    write(lambda w: sources.end_key(w, "hot", one.ref), actor=actor)
    assert [k.ref for k in sources.keys_of(Source.objects.get())] == [two.ref]
    with pytest.raises(Missing):
        write(lambda w: sources.end_key(w, "hot", one.ref), actor=actor)
    third, _shown = write(lambda w: sources.make_key(w, "hot"), actor=actor)
    manifests = "".join(Entry.objects.values_list("manifest", flat=True))
    for key in (one, two, third):
        assert sources.secret_of(key).hex() not in manifests
    assert verify().ok


HEAD = "移送编号,发现的问题,移送时间,被审计单位,承办单位\n"


@pytest.mark.parametrize(
    ("kind", "channel", "case_kind", "relation"),
    [("hotline", "hotline_file", "demand", "responsible"), ("petition", "petition", "demand", "responsible"),
     ("audit", "audit", "clue", "accused"), ("statistics", "statistics", "clue", "accused")],
)  # fmt: skip
def test_each_hand_over_comes_through_its_channel(
    kind: str, channel: str, case_kind: str, relation: str, tmp_path: Path
) -> None:
    d = found_district()
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "S1,虚报数据,2026-03-01,示范区税务局,清河镇\n", encoding="utf-8")
    result = imports.import_file(KINDS[kind], path, actor=OPERATOR)
    assert (result.accepted, result.refused) == (1, 0)
    report = Report.objects.get()
    case = case_of(report)
    assert (report.channel, report.source, case.kind) == (channel, kind, case_kind)
    [party] = Party.objects.filter(case=case)
    assert (party.unit_id, party.relation) == (d.units["tax"].pk, "accused"), "until triage"
    case = do(d.actor("intake"), case, "accept", kind=case_kind)
    assert Party.objects.get(case=case).relation == relation
    hidden = not visible_to(d.actor("handler-tax")).filter(pk=case.pk).exists()
    assert hidden
    assert verify().ok


def test_the_unit_that_only_handles_a_clue_is_not_accused(tmp_path: Path) -> None:
    d = found_district()
    path = tmp_path / "a.csv"
    path.write_text("线索编号,线索内容,承办单位\nS1,虚报,示范区税务局\n", encoding="utf-8")
    imports.import_file(KINDS["audit"], path, actor=OPERATOR)
    assert not Party.objects.filter(unit=d.units["tax"]).exists()


@pytest.mark.parametrize(
    ("kind", "head"),
    [("audit", "线索编号,问题线索内容,移送日期,被审计单位名称,涉嫌责任人"),
     ("audit", "问题编号,审计发现,发现时间,单位,责任领导"),
     ("audit", "Finding No.,Finding,Audit Date,Audited Entity,Person concerned"),
     ("statistics", "案件编号,主要违法事实,立案日期,当事人名称,责任人"),
     ("statistics", "检查任务编号,发现的主要问题,检查时间,违法单位,直接责任人"),
     ("statistics", "案件编号,违法事实,立案时间,企业名称,责任人")],
)  # fmt: skip
def test_whoever_a_clue_names_under_any_usual_heading_is_accused(
    kind: str, head: str, tmp_path: Path
) -> None:
    d = found_district()
    path = tmp_path / "a.csv"
    path.write_text(head + "\nS1,虚报数据,2026-03-01,示范区税务局,税务局张三\n", encoding="utf-8")
    result = imports.import_file(KINDS[kind], path, actor=OPERATOR)
    assert (result.accepted, result.notices) == (1, [])
    assert Party.objects.filter(unit=d.units["tax"], relation="accused").exists()
    report = Report.objects.get(number="S1")
    assert report.reported_at is not None
    words = payload_value(report.words) or {}
    assert (words["text"], words["person"]) == ("虚报数据", "税务局张三")
    assert not visible_to(d.actor("handler-tax")).filter(pk=case_of(report).pk).exists()


def test_a_business_does_not_stand_for_the_unit_that_must_rectify(tmp_path: Path) -> None:
    d = found_district()
    path = tmp_path / "a.csv"
    path.write_text(
        "问题编号,审计发现,涉及企业名称,整改责任单位\nS1,收费,某公司,示范区税务局\n",
        encoding="utf-8",
    )
    imports.import_file(KINDS["audit"], path, actor=OPERATOR)
    assert Party.objects.filter(unit=d.units["tax"], relation="accused").exists()


@pytest.mark.parametrize("form", ["xlsx", "xls"])
def test_a_unit_merged_over_its_findings_is_accused_in_each(tmp_path: Path, form: str) -> None:
    d = found_district()
    rows = [
        ["审计问题清单"], ["序号", "被审计单位", "问题描述"], [1, "示范区税务局", "滞留资金"],
        [2, "", "违规收费"], [], [3, "", "虚报数据"], [4, "", "没有写单位"], ["合计", "4件"],
    ]  # fmt: skip
    path = tmp_path / f"a.{form}"
    if form == "xls":
        old = xlwt.Workbook()
        out = old.add_sheet("s")
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                if m != 1 or n not in (2, 3, 5):
                    out.write(n, m, cell)
        out.write_merge(2, 5, 1, 1, "示范区税务局")
        old.save(str(path))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.worksheets[0].merge_cells("B3:B6")
        book.save(path)
    result = imports.import_file(KINDS["audit"], path, actor=OPERATOR)
    assert (result.read, result.accepted) == (4, 4)
    assert Party.objects.filter(unit=d.units["tax"], relation="accused").count() == 3
    assert imports.import_file(KINDS["audit"], path, actor=OPERATOR).repeated == 4


def test_the_same_number_of_two_hand_overs_is_two_reports(tmp_path: Path) -> None:
    found_district()
    path = tmp_path / "a.csv"
    path.write_text("编号,内容\nS1,虚报\n", encoding="utf-8")
    for kind in ("audit", "statistics", "audit"):
        imports.import_file(KINDS[kind], path, actor=OPERATOR)
    assert Report.objects.count() == 2
    assert sorted(ImportRun.objects.values_list("repeated", flat=True)) == [0, 0, 1]


def test_json_rows_are_read_as_a_table(tmp_path: Path) -> None:
    found_district()
    path = tmp_path / "a.json"
    path.write_text(
        '{"rows": [{"number": 12345678901234567890, "text": "灯", "reported_on": "2026-03-01"},'
        ' {"number": "B2", "text": null, "place": "东街"}, {"number": "B3", "网格": "x", "text": "水"}]}',
        encoding="utf-8",
    )
    result = imports.import_file(KINDS["hotline"], path, actor=OPERATOR)
    assert (result.accepted, result.refused) == (2, 1)
    assert result.refusals[0].row == 3
    assert set(Report.objects.values_list("number", flat=True)) == {"12345678901234567890", "B3"}


@pytest.mark.parametrize("content", ["[", "{}", "[]", "[1]", '{"rows": 3}', "[{}]", '[{"a": 1}]'])
def test_json_that_is_no_table_is_refused_in_words(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(imports.UnusableFile, match=r"a\.json"):
        imports.import_file(KINDS["hotline"], path, actor=OPERATOR)


def test_a_file_can_be_run_again_after_its_mapping_was_mended() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    text = "工单编号,诉求内容,受理时间,地方\nT1,灯,03/2026/01,东街\nT2,水,2026-03-02,西街\n"
    run = upload(actor, text, "hot")
    runs.confirm(run, actor)
    work_on(run)
    assert (run.accepted, run.refused) == (1, 1)
    mended = "columns: {place: 地方}\ndate_formats: ['%m/%Y/%d']"
    write(lambda w: sources.set_mapping(w, "hot", mended), actor=actor)
    again = work_on(runs.replay(run, actor, "en", look=False))
    assert (again.accepted, again.updated, again.repeated, again.refused) == (1, 1, 0, 0)
    assert (again.way, again.again, again.name) == ("replay", run.ref, run.name)
    third = work_on(runs.replay(run, actor, "en", look=False))
    assert (third.accepted, third.updated, third.repeated) == (0, 0, 2)
    assert Report.objects.count() == 2


@pytest.mark.parametrize("mended", ["columns: {number: 别号}", "left: [工单编号]"])
def test_a_file_is_not_run_again_where_its_rows_would_come_twice(mended: str) -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, "工单编号,诉求内容,别号\nT1,灯,X1\n", "hot")
    runs.confirm(run, actor)
    work_on(run)
    write(lambda w: sources.set_mapping(w, "hot", mended), actor=actor)
    with pytest.raises(Refused, match="再导入一次"):
        runs.replay(run, actor, "en", look=False)
    assert Report.objects.count() == 1


def test_a_repeated_run_is_looked_at_mended_and_confirmed() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, "工单编号,诉求内容,别号,地方\nT1,灯,X1,东街\n", "hot")
    runs.confirm(run, actor)
    work_on(run)
    again = work_on(runs.replay(run, actor, "en"))
    assert (again.state, kept.status(again)["result"]["repeated"]) == ("checked", 1)
    now = dict(runs.headings(again))
    runs.remap(again, {**now, "工单编号": "", "别号": "number"}, actor, "en", save=False)
    work_on(again)
    with pytest.raises(Refused, match="再导入一次"):
        runs.confirm(again, actor)
    runs.remap(again, {**now, "地方": "place"}, actor, "en", save=True)
    work_on(again)
    runs.confirm(again, actor)
    assert (work_on(again).state, again.updated) == ("done", 1)
    assert payload_value(Report.objects.get().words)["place"] == "东街"


def test_what_is_not_over_or_not_kept_is_not_run_again() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, "工单编号,诉求内容\nT1,灯\n", "hot")
    with pytest.raises(Missing):
        runs.replay(run, actor, "en", look=False)
    runs.confirm(run, actor)
    work_on(run)
    kept.forget(run.ref)
    with pytest.raises(Missing):
        runs.replay(run, actor, "en", look=False)


def test_a_rulebook_without_hand_overs_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(current(), hand_overs={})
    monkeypatch.setattr(kinds, "current", lambda: bare)
    assert set(kinds.offered()) == {"events", "register", "units", "list"}
    sent = set(kinds.sent_by_sources(kinds.offered()))
    assert sent == {"events", "register", "units"}, "a filled list does verbs: somebody confirms it"
    with pytest.raises(Refused) as told:
        runs.take(KINDS["audit"], [b"x"], 1, "a.csv", "", "en", found_district().actor("intake"))
    assert told.value.field == "kind"


def test_what_a_killed_worker_had_taken_in_is_counted_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    rows = "".join(f"N{n},内容{n},2026-03-01\n" for n in range(GROUP + 200)) + "N9999,x,昨天\n"
    run = upload(actor, "工单编号,诉求内容,受理时间\n" + rows, "hot")
    runs.confirm(run, actor)

    class Killed(BaseException):
        pass

    real = kept.say

    def dies(run: ImportRun, **values: Any) -> None:
        if values.get("done") == GROUP:
            raise Killed
        real(run, **values)

    with monkeypatch.context() as patch:
        patch.setattr(kept, "say", dies)
        with pytest.raises(Killed):
            work.carry_out(run)
    assert ImportRun.objects.get(pk=run.pk).accepted == GROUP
    work_on(run)
    assert (run.read, run.accepted, run.updated, run.repeated, run.refused) == (
        GROUP + 201,
        GROUP + 200,
        0,
        0,
        1,
    )
    assert kept.status(run)["result"]["accepted"] == GROUP + 200
    assert verify().ok
