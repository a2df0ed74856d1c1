"""What columns mean: units complained of and handling, who reports, dates, headings, mappings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from huhang.cases.models import Case, Party, Report
from huhang.cases.queries import payload_value
from huhang.intake.hotline import VOCABULARY
from huhang.intake.hotline.compounds import TOPICS
from huhang.intake.imports import open_file
from huhang.intake.reports_import import HotlineImporter
from huhang.tables.cells import text_of, texts_of
from huhang.tables.dates import read_moment
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import parse_mapping
from tests.cast import found_district
from tests.parts.test_imports import run, workbook

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")


def _words(number: str) -> dict[str, str]:
    words = payload_value(Report.objects.get(number=number).words)
    assert words is not None
    return dict(words)


def _named() -> dict[str, tuple[str, bool]]:
    parties = Party.objects.select_related("unit").all()
    return {p.unit.code: (p.relation, p.provisional) for p in parties if p.unit}


@pytest.mark.parametrize(
    "complained", ["被反映单位", "被投诉单位", "涉及单位", "被举报单位", "责任单位"]
)
@pytest.mark.parametrize("handling", ["承办单位", "主办单位", "交办单位", "主办部门", "转办单位"])
def test_only_units_complained_of_are_accused(
    tmp_path: Path, complained: str, handling: str
) -> None:
    found_district()
    head = ["工单编号", "诉求内容", handling, complained]
    rows = [head, ["T1", "乱收费", "示范区税务局", "东城市场监管所"], ["T2", "路灯", "清河镇", ""]]
    run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert _named() == {"market-east": ("accused", True)}
    words = _words("T1")
    assert (words["unit"], words["handling_unit"]) == ("东城市场监管所", "示范区税务局")
    assert _words("T2")["handling_unit"] == "清河镇"


def test_a_handling_unit_alone_is_the_one_that_is_named(tmp_path: Path) -> None:
    found_district()
    run(
        workbook(
            tmp_path / "a.xlsx",
            ("s", [["工单编号", "诉求内容", "承办单位"], ["T1", "灯", "清河镇"]]),
        )
    )
    assert _named() == {"town": ("accused", True)}
    assert _words("T1")["unit"] == "清河镇"


def test_several_units_in_one_cell_all_count(tmp_path: Path) -> None:
    d = found_district()
    head = ["工单编号", "诉求内容", "被投诉单位"]
    cell = "清河镇、没有这个局；示范区工商局/示范区税务局"
    result = run(workbook(tmp_path / "a.xlsx", ("s", [head, ["T1", "推诿", cell]])))
    assert set(_named()) == {"town", "market", "tax"}
    assert Case.objects.get().unit == d.units["town"]
    told = [(n["row"], n["field"]) for n in result["notices"] if n["row"] == 2]
    assert told == [(2, "被投诉单位")]
    assert any("没有这个局" in n["reason"] for n in result["notices"])


def test_a_second_telephone_or_name_keeps_its_own_place_and_may_change(tmp_path: Path) -> None:
    head = ["number", "text", "联系电话", "phone", "来电人", "name", "contact"]
    row = ["T1", "内容", "138", "139", "张三", "李四", "140"]
    assert run(workbook(tmp_path / "a.xlsx", ("s", [head, row])))["accepted"] == 1
    report = Report.objects.get()
    assert payload_value(report.contact) == {
        "name": "张三", "phone": "138", "+phone": "139", "+name": "李四", "+contact": "140",
    }  # fmt: skip
    for place in range(2, 7):
        row[place] += "0"
        assert run(workbook(tmp_path / "b.xlsx", ("s", [head, row])))["updated"] == 1, head[place]
    report.refresh_from_db()
    assert list((payload_value(report.contact) or {}).values()).count("138") == 0


def test_who_reports_is_never_among_the_words(tmp_path: Path) -> None:
    head = ["工单编号", "诉求内容", "来电人", "联系电话", "身份证号", "家庭住址", "来电号码", "举报人",
            "邮箱", "证件号码", "是否保密", "被反映人"]  # fmt: skip
    row = [
        "T1",
        "内容",
        "张三",
        "138",
        "430102",
        "某街1号",
        "139",
        "李四",
        "a@b.cn",
        "E1",
        "是",
        "王五",
    ]
    run(workbook(tmp_path / "a.xlsx", ("s", [head, row])))
    assert payload_value(Report.objects.get().contact) == {
        "name": "张三", "phone": "138", "+身份证号": "430102", "+家庭住址": "某街1号", "+来电号码": "139",
        "+举报人": "李四", "+邮箱": "a@b.cn", "+证件号码": "E1",
    }  # fmt: skip
    words = _words("T1")
    assert words == {"text": "内容", "+是否保密": "是", "person": "王五"}
    row[4], row[1] = "", "改了"
    run(workbook(tmp_path / "b.xlsx", ("s", [head, row])))
    assert "身份证号" not in (payload_value(Report.objects.get().contact) or {})


HEADINGS = [
    ("举报内容", "举报时间", "举报人"), ("信访事项", "信访时间", "信访人"), ("事项描述", "受理时间", "诉求人"),
    ("咨询内容", "咨询时间", "联系人"), ("工单描述", "建单时间", "来电人"), ("诉求目的", "来电时间", "来电人"),
    ("案情简介", "报案时间", "姓名"), ("问题", "发布时间", "昵称"), ("来信内容", "投诉时间", "投诉人"),
    ("Request Description", "Requested Date", "Name"), ("Complaint Text", "Created Date", "Caller Name"),
    ("留言內容", "留言時間", "聯繫人"), ("訴求內容", "派单时间", "反映人"),
]  # fmt: skip


@pytest.mark.parametrize("heads", HEADINGS)
def test_more_usual_headings(tmp_path: Path, heads: tuple[str, ...]) -> None:
    number = "工單編號" if "內" in heads[0] else "Case ID" if heads[0].isascii() else "编号"
    rows = [[number, *heads], ["T1", "小区路灯", "2026-03-01", "张三"]]
    assert run(workbook(tmp_path / "a.xlsx", ("s", rows)))["notices"] == []
    report = Report.objects.get(number="T1")
    assert report.reported_at is not None
    assert payload_value(report.contact) == {"name": "张三"}
    assert _words("T1") == {"text": "小区路灯"}


MADE_UP = [
    ("任务单号", "事项内容", "来件时间", "市民姓名"), ("来访登记号", "反映的主要问题", "来访时间", "来访人"),
    ("登记编号", "来信摘要", "收信日期", "来信人"), ("诉求件号", "诉求详情", "收件日期", "群众姓名"),
    ("信访件编号", "信访内容", "信访日期", "信访人"), ("热线工单号", "主要诉求", "派单日期", "求助人"),
    ("Unique Key", "Descriptor", "Date Opened", "Name"), ("CaseID", "Request Details", "Opened", "Caller"),
    ("ticket_id", "description", "created_at", "Caller"),
]  # fmt: skip


@pytest.mark.parametrize("heads", MADE_UP)
def test_headings_put_together_from_usual_words(tmp_path: Path, heads: tuple[str, ...]) -> None:
    rows = [[*heads], ["T1", "小区路灯", "2026-03-01", "张三"]]
    assert run(workbook(tmp_path / "a.xlsx", ("s", rows)))["notices"] == []
    report = Report.objects.get(number="T1")
    assert report.reported_at is not None
    assert payload_value(report.contact) == {"name": "张三"}
    assert _words("T1") == {"text": "小区路灯"}


def test_no_word_of_a_heading_is_put_together_from_others() -> None:
    words = set(TOPICS.split("|"))
    halves = {(w[:at], w[at:]) for w in words for at in range(1, len(w))}
    assert not [pair for pair in halves if words.issuperset(pair)], "a long one would take for ever"


def test_a_usual_name_goes_before_words_put_together(tmp_path: Path) -> None:
    head = ["问题类型", "受理内容", "诉求内容", "处置时间", "办结时间", "群众满意程度"]
    rows = [head, ["路灯", "派给城管", "灯不亮", "2026-03-01", "2026-03-02", "满意"]]
    run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    words = payload_value(Report.objects.get().words) or {}
    assert words["text"] == "灯不亮"
    assert words["+受理内容"] == "派给城管"
    assert words["replied_on"].startswith("2026-03-02")
    assert (words["category"], words["satisfaction"]) == ("路灯", "满意")


@pytest.mark.parametrize(
    "heads",
    [("企业名称", "受理单位", "统计时间", "来访人数"), ("承办单位", "受理量", "办结量", "按时办结率"),
     ("审计项目", "文号", "整改期限", "整改情况"), ("内容id", "诉求编号url", "2受理量", "时间no")],
)  # fmt: skip
def test_headings_that_tell_no_report_are_not_made_into_one(
    tmp_path: Path, heads: tuple[str, ...]
) -> None:
    with pytest.raises(UnusableFile):
        run(workbook(tmp_path / "a.xlsx", ("s", [[*heads], ["甲", "乙", "2026-03-01", "3"]])))


def test_a_file_without_dates_says_so(tmp_path: Path) -> None:
    result = run(workbook(tmp_path / "a.xlsx", ("s", [["编号", "内容"], ["T1", "灯"]])))
    assert [(n["sheet"], n["row"]) for n in result["notices"]] == [("s", 1)]


@pytest.mark.parametrize("given", ["-", "无", "未办结", "/", "昨天", "2099-01-01"])
def test_an_unreadable_reply_date_is_a_remark(tmp_path: Path, given: str) -> None:
    rows = [["编号", "内容", "时间", "办结时间"], ["T1", "灯", "2026-03-01", given]]
    path = workbook(tmp_path / "a.xlsx", ("s", rows))
    result = run(path)
    assert (result["accepted"], [n["field"] for n in result["notices"]]) == (1, ["办结时间"])
    assert _words("T1")["replied_on"] == given
    assert run(path)["repeated"] == 1


@pytest.mark.parametrize("given", ["-", "昨天", "02/01/2020"])
def test_an_unreadable_date_of_a_report_is_a_refusal(tmp_path: Path, given: str) -> None:
    rows = [["编号", "内容", "时间"], ["T1", "灯", given]]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert [r["field"] for r in result["refusals"]] == ["时间"]
    assert ("date_formats" in result["refusals"][0]["reason"]) == ("/" in given)


@pytest.mark.parametrize(
    "given", ["06/13/2023", "06/13/2023 01:30:00 PM", "6.13.23 13:30", "06-13-2023 1:30 AM"]
)
def test_the_format_that_is_proposed_for_a_date_reads_it(tmp_path: Path, given: str) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [["编号", "内容", "时间"], ["T1", "灯", given]]))
    reason = run(path)["refusals"][0]["reason"]
    named = reason[reason.index("date_formats") : reason.rindex("]") + 1]
    mapping = parse_mapping(named.encode(), "m.yaml", VOCABULARY)
    assert run(path, mapping=mapping)["accepted"] == 1
    told = Report.objects.get().reported_at
    assert told is not None
    assert told.astimezone(ZONE).date().isoformat() == "2023-06-13"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02 11:04:05"),
        ("2020-01-02T03:04:05-05:00", "2020-01-02 16:04:05"),
        ("2020/1/2 15:04:05 +0800", "2020-01-02 15:04:05"),
        ("2020-01-02 上午12:30", "2020-01-02 00:30:00"),
        ("2020-01-02 下午12:30", "2020-01-02 12:30:00"),
        ("2020-01-02 12:30 AM", "2020-01-02 00:30:00"),
        ("2020-01-02 3:04 PM", "2020-01-02 15:04:00"),
        ("2020年1月2日 下午3时4分", "2020-01-02 15:04:00"),
        ("2020-01-02 24:00:00", "2020-01-03 00:00:00"),
        (20200102150405, "2020-01-02 15:04:05"),
        (20200102150405.0, "2020-01-02 15:04:05"),
        ("20200102150405", "2020-01-02 15:04:05"),
        (43831.5, "2020-01-01 12:00:00"),
        ("2020年1月2日 下午3点半", "2020-01-02 15:30:00"),
        ("1577934245000", "2020-01-02 11:04:05"),
        ("二〇二〇年一月二日", "2020-01-02 00:00:00"),
        ("二○二○年十二月三十一日 下午3时", "2020-12-31 15:00:00"),
        ("二零二零年十月十日", "2020-10-10 00:00:00"),
        ("2 Jan 2020", "2020-01-02 00:00:00"),
        ("January 2nd, 2020 3:04 PM", "2020-01-02 15:04:00"),
        ("02-JAN-2020 15:04:05", "2020-01-02 15:04:05"),
        ("Sept. 2, 2020", "2020-09-02 00:00:00"),
    ],
)
def test_moments(given: Any, meant: str) -> None:
    assert read_moment(given, ZONE) == datetime.fromisoformat(meant).replace(tzinfo=ZONE)


def _read(text: str) -> datetime | None:
    try:
        return read_moment(text, ZONE)
    except (ValueError, OverflowError):
        return None


@given(st.from_regex(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[T x][0-2][0-9][:.][0-6][0-9](?:[:.+][0-6][0-9])?)?",
                     fullmatch=True))  # fmt: skip
def test_the_usual_way_of_writing_a_date_means_what_it_means_with_strokes(text: str) -> None:
    day, rest = text[:10], text[10:]
    assert _read(text) == _read(day.replace("-", "/") + rest)


CELLS = st.text(alphabet="='\"甲a1.-\u00a0 \t\r\n\x00\ufeff", max_size=6)


@given(st.lists(st.one_of(CELLS, st.floats(), st.none()), max_size=5), st.lists(CELLS, max_size=5))
def test_a_line_reads_as_its_cells_do(mixed: list[Any], line: list[str]) -> None:
    for cells in (mixed, line):
        assert texts_of(cells) == [text_of(cell) for cell in cells]


@pytest.mark.parametrize(
    "given",
    ["02/01/2020", "20-01-02", "2020-01", "2020-01-02 25:00", "2020-01-02 24:10", True, "12",
     "2020-01-02 晚上12:10", float("inf"), "二〇二〇年十三月二日", "二〇二〇年一月三十二日",
     "二〇二〇年一二月十日", "2-Jan-20", "Jan 2020", "31 Feb 2020"],
)  # fmt: skip
def test_what_could_mean_two_days_is_not_guessed(given: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        read_moment(given, ZONE)


@pytest.mark.parametrize(
    ("given", "formats", "said"),
    [
        ("03/04/2026", [], 'begin with its year: say how dates are written, on the page of its source or in the mapping, such as date_formats: ["%m/%d/%Y"]'),
        ("31/03/2026", [], 'such as date_formats: ["%d/%m/%Y"]'),
        ("31/02/2026", [], "“31/02/2026” is no date that can be read."),
        ("31/02/2026", ["%d/%m/%Y"], "is no date that can be read, and none of the form %d/%m/%Y."),
    ],
)  # fmt: skip
def test_what_is_said_of_a_date_that_is_not_read(
    tmp_path: Path, given: str, formats: list[str], said: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [["诉求内容", "受理时间"], ["甲", given]]))
    mapping = parse_mapping(f"date_formats: {formats}".encode(), "m.yaml", VOCABULARY)
    with translation.override("en"):
        (refusal,) = run(path, mapping=mapping)["refusals"]
    assert said in refusal["reason"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {text: ''}", "text"), ("columns: {text: null}", "text"), ("columns: {nope: a}", "nope"),
        ("columns: {text: a, number: a}", "a"), ("header_row: true", "header_row"),
        ("header_row: 0", "header_row"), ("header_row: -3", "header_row"), ("source: " + "长" * 61, "60"),
        ("date_formats: ['%Q']", "%Q"), ("date_formats: ['%H:%M']", "%H:%M"), ("date_formats: [3]", "3"),
        ("date_formats: ['%Y-%m-%d %d']", "%Y-%m-%d %d"), ('date_formats: ["%Y\\ud800%m%d"]', "date_formats"),
        ('source: "\\ud800"', "source"), ('source: "a\\0b"', "source"), ('sheet: "\\udfff"', "sheet"),
        ('columns: {text: "\\ud800"}', "text"), ('"\\ud800": 1', "date_formats"),
        ("source: 2026-02-30", "m.yaml"), ("[" * 3000, "m.yaml"), ("- a", "columns"), ("other: 1", "other"),
    ],
)  # fmt: skip
def test_a_bad_mapping_is_named(text: str, said: str) -> None:
    with pytest.raises(UnusableFile, match=r"^m\.yaml") as told:
        parse_mapping(text.encode(), "m.yaml", VOCABULARY)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    str(told.value).encode()


def test_a_mapping_for_a_sheet_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    table = [["工单编号", "诉求内容"], ["T1", "灯"]]
    path = workbook(tmp_path / "a.xlsx", ("一月", table), ("二月", table))
    with pytest.raises(UnusableFile, match=r"不存在.*一月, 二月"):
        run(path, mapping=parse_mapping("sheet: 不存在".encode(), "m.yaml", VOCABULARY))
    assert (
        run(path, mapping=parse_mapping("sheet: 二月".encode(), "m.yaml", VOCABULARY))["accepted"]
        == 1
    )


def test_every_field_has_words() -> None:
    assert set(VOCABULARY.fields) == set(VOCABULARY.labels)


@pytest.mark.parametrize(
    ("heads", "why"),
    [
        (["编号", "内容", "反映单位"], "either"),
        (["编号", "反映单位", "内容", "承办单位"], "either"),
        (["编号", "内容", "反映单位", "被反映单位"], "reporter"),
        (["编号", "反映人", "反映单位", "内容"], "reporter"),
        (["编号", "投诉单位名称", "联系电话", "内容"], "reporter"),
        (["编号", "反映人", "内容", "投诉部门"], "either"),
    ],
)
def test_a_unit_that_reports_or_is_reported_is_told_by_what_stands_beside_it(
    tmp_path: Path, heads: list[str], why: str
) -> None:
    found_district()
    path = workbook(tmp_path / "a.xlsx", ("s", [heads, [f"甲{n}" for n in range(len(heads))]]))
    [(_sheet, header)] = open_file(HotlineImporter, path).tables
    (column,) = [c for c in header.columns if c.why in ("either", "reporter")]
    assert (column.why, column.field) == (why, "~")
    said = [n["field"] for n in run(path)["notices"] if "可能是被反映的单位" in n["reason"]]
    assert said == ([column.heading] if why == "either" else [])
    report = Report.objects.get()
    words = payload_value(report.words)
    assert words is not None
    assert column.heading not in str(words), "it may tell who reports"
    chosen = parse_mapping(f"columns: {{unit: {column.heading}}}".encode(), "m.yaml", VOCABULARY)
    [(_sheet, header)] = open_file(HotlineImporter, path, chosen).tables
    assert header.headings["unit"] == column.heading
    left = parse_mapping(f"left: [{column.heading}]".encode(), "m.yaml", VOCABULARY)
    [(_sheet, header)] = open_file(HotlineImporter, path, left).tables
    assert [(c.field, c.why) for c in header.columns if c.heading == column.heading] == [
        ("~", "left")
    ]
