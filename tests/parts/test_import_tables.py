"""What a table can be: delimiters, quotation marks, blank rows, error cells, disguises."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from huhang.cases.models import Report
from huhang.cases.queries import payload_value
from huhang.intake.hotline import VOCABULARY
from huhang.intake.imports import import_file, open_file, preview
from huhang.intake.kinds import KINDS
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel.actor import OPERATOR
from huhang.tables import csvfile, encodings
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import parse_mapping
from tests.cast import found_district
from tests.conftest import SHARED
from tests.parts.test_imports import HEAD, ROWS, run, workbook

pytestmark = pytest.mark.django_db

REAL = SHARED / "data" / "hotline" / "messages.xlsx"


def _csv(path: Path, rows: list[list[Any]], delimiter: str = ",", first: str = "") -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        out.write(first)
        csv.writer(out, delimiter=delimiter).writerows(rows)
    return path


def _words(number: str) -> dict[str, str]:
    words = payload_value(Report.objects.get(number=number).words)
    assert words is not None
    return dict(words)


def test_the_real_file_as_csv_repeats_the_workbook(tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip("the real hotline file is not here")
    assert run(REAL)["accepted"] == 4326
    book = openpyxl.load_workbook(REAL, read_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    path = _csv(tmp_path / "real.csv", [["" if c is None else c for c in row] for row in rows])
    book.close()
    result = run(path)
    assert (result["read"], result["repeated"], result["refused"]) == (4326, 4326, 0)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "text", ["一;二;三;四", "\n\t\t\t\t路灯", "&nbsp;&nbsp;&nbsp;灯|灯|灯", "a,b,c,d"]
)
def test_what_messages_hold_does_not_decide_the_delimiter(
    tmp_path: Path, delimiter: str, text: str
) -> None:
    rows = [["编号", "内容"], *([f"N{n}", text * 4 + str(n)] for n in range(6))]
    assert run(_csv(tmp_path / "a.csv", rows, delimiter))["accepted"] == 6
    assert _words("N0")["text"] == (text * 4 + "0").strip()


def test_a_line_that_names_the_delimiter_is_believed(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", [HEAD, ROWS[0], ["T9", "", "", "", "", ""]], ";", "sep=;\r\n")
    result = run(path)
    assert result["accepted"] == 1
    assert [r["row"] for r in result["refusals"]] == [4]


def test_a_lone_quotation_mark_costs_its_row_and_no_other(tmp_path: Path) -> None:
    lines = ["留言编号,留言主题,留言时间,留言详情"]
    lines += [f"Q{n},题{n},2020-01-01,正文{n}" for n in range(3000)]
    lines[5] = 'Q4,题4,2020-01-01,"没有结束的引号'
    lines[40] = 'Q39,题39,2020-01-01,"引号里有，逗号,也有""引号""\n和第二行"'
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run(path)
    assert (result["accepted"], result["refused"]) == (2999, 1)
    assert [(r["row"], r["field"]) for r in result["refusals"]] == [(6, "留言详情")]
    assert _words("Q39")["text"] == '引号里有，逗号,也有"引号"\n和第二行'
    assert _words("Q5")["text"] == "正文5"


def test_two_lone_quotation_marks_do_not_swallow_the_rows_between(tmp_path: Path) -> None:
    lines = ["留言编号,留言主题,留言时间,留言详情"]
    lines += [f"Q{n},题{n},2020-01-01,正文{n}" for n in range(20)]
    lines[5] = 'Q4,题4,2020-01-01,"没有结束'
    lines[9] = 'Q8,题8,2020-01-01,也没有开始"'
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run(path)
    assert (result["accepted"], [r["row"] for r in result["refusals"]]) == (19, [6])


def test_lines_of_a_message_are_not_taken_for_rows(tmp_path: Path) -> None:
    rows = [["number", "text", "date"], ["1", "Hello,\nit is dark, again", "2026-03-01"]]
    rows.append(["2", "First line\nsecond, line\nthird, line", "2026-03-01"])
    assert run(_csv(tmp_path / "a.csv", rows))["accepted"] == 2
    assert _words("2")["text"] == rows[2][1]


def test_one_overlong_cell_costs_its_row_and_no_other(tmp_path: Path) -> None:
    rows = [HEAD, ROWS[0], ["T5", "长", "长" * 1_100_000, "2026-03-01", "", ""], ROWS[1]]
    rows.append(["T6", "长", "长" * 100_001, "2026-03-01", "", ""])
    result = run(_csv(tmp_path / "a.csv", rows))
    assert (result["accepted"], [r["row"] for r in result["refusals"]]) == (2, [3, 5])


def _below_blank_rows(path: Path) -> Path:
    bad = ["T8", "x", "坏日期", "三月中旬", "", ""]
    if path.suffix == ".xls":
        old = xlwt.Workbook()
        out = old.add_sheet("s")
        for n, row in enumerate([HEAD, ROWS[0], bad], 5):
            for m, cell in enumerate(row, 2):
                out.write(n, m, cell)
        old.save(str(path))
    else:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for n, row in enumerate([HEAD, ROWS[0], bad], 6):
            for m, cell in enumerate(row, 3):
                sheet.cell(n, m, cell)
        book.save(path)
    return path


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_rows_are_counted_as_in_the_file(tmp_path: Path, name: str) -> None:
    path = _below_blank_rows(tmp_path / name)
    result = run(path)
    assert result["accepted"] == 1
    assert [(r["row"], r["field"]) for r in result["refusals"]] == [(8, "受理时间")]
    mapping = parse_mapping(b"header_row: 6\nsource: other", "m.yaml", VOCABULARY)
    assert run(path, mapping=mapping)["accepted"] == 1
    with pytest.raises(UnusableFile):
        run(path, mapping=parse_mapping(b"header_row: 7", "m.yaml", VOCABULARY))


def test_error_cells_are_refused_and_unsaved_formulas_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    more = [[f"T{n}", "题", "文", "2026-03-01", "", ""] for n in range(4, 9)]
    for row in [HEAD, *ROWS, *more]:
        sheet.append(row)
    for place in ("A6", "C7", "D8", "B9"):
        sheet[place] = "=1+1"
    sheet["C9"] = ""
    for place, text in (("C2", "#N/A"), ("D3", "#VALUE!"), ("F4", "#DIV/0!")):
        sheet[place] = text
        sheet[place].data_type = "e"
    sheet["B5"] = '=CONCATENATE("a","b")'
    book.save(tmp_path / "a.xlsx")
    result = run(tmp_path / "a.xlsx")
    assert [(r["row"], r["field"]) for r in result["refusals"]] == [
        (2, "诉求内容"),
        (3, "受理时间"),
        (6, "工单编号"),
        (7, "诉求内容"),
        (8, "受理时间"),
        (9, "诉求标题"),
    ]
    assert all("公式" in r["reason"] for r in result["refusals"][2:])
    assert "#N/A" in result["refusals"][0]["reason"]
    assert _words("T3")["+备注"] == "#DIV/0!", "additional content is kept as it stands"
    assert [(n["row"], n["field"]) for n in result["notices"] if n["row"] == 5] == [(5, "诉求标题")]


def _patched(source: Path, target: Path, before: str, after: str) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = re.sub(before, after, content.decode()).encode()
            new.writestr(name, content)
    return target


def test_an_absurd_used_area_is_refused_before_it_is_laid_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    bad = _patched(path, tmp_path / "far.xlsx", "</sheetData>", far)
    with pytest.raises(UnusableFile, match="XFD1048576"):
        run(bad)
    styled = '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    assert run(_patched(path, tmp_path / "b.xlsx", "</sheetData>", styled))["accepted"] == 3


def test_numbers_beyond_all_numbers_are_error_cells(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, [1.5, "a", "b", "", "", ""], ROWS[0]]))
    bad = _patched(path, tmp_path / "inf.xlsx", "<v>1.5</v>", "<v>1e999</v>")
    result = run(bad)
    assert (result["accepted"], [r["row"] for r in result["refusals"]]) == (1, [2])


def test_what_is_named_otherwise_is_read_by_its_content(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    shutil.copy(path, tmp_path / "new.xls")
    assert run(tmp_path / "new.xls")["accepted"] == 3
    old = xlwt.Workbook()
    sheet = old.add_sheet("s")
    for n, row in enumerate([HEAD, *ROWS]):
        for m, cell in enumerate(row):
            sheet.write(n, m, cell)
    old.save(str(tmp_path / "old.xlsx"))
    assert run(tmp_path / "old.xlsx")["repeated"] == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body><table><tr><td>x</td></tr></table>", "HTML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML"),
        (b"%PDF-1.4\n1 0 obj", "PDF"),
        ("甲,乙,丙\n1,2,3\n".encode(), "甲、乙、丙"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_what_helps(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(UnusableFile, match=said):
        run(path)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("word/document.xml", "Word"),
        ("三月/工单.xlsx", "解压"),
        ("xl/workbook.xml", "不是可以读取的 Excel"),
    ],
)
def test_a_packed_file_that_is_no_workbook_is_called_what_it_is(
    tmp_path: Path, inside: str, said: str
) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(inside, "x")
    with pytest.raises(UnusableFile, match=said):
        run(path)


def test_a_workbook_that_is_cut_short_or_locked_is_told_apart(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])).read_bytes()
    cut = tmp_path / "b.xlsx"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusableFile, match="不是完整的 Excel 文件"):
        run(cut)
    cut.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    with pytest.raises(UnusableFile, match="取消密码"):
        run(cut)


def test_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=re.escape(str(tmp_path))):
        run(tmp_path)


def test_nothing_vanishes_under_empty_or_equal_headings(tmp_path: Path) -> None:
    rows = [
        ["工单编号", "诉求内容", "备注", "备注", None, "处室"],
        ["D1", "内容", "甲", "乙", "无题", "丙", "外"],
    ]
    run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    words = _words("D1")
    assert {k: v for k, v in words.items() if k[0] == "+"} == {
        "+备注": "甲", "+备注 (2)": "乙", "+#E": "无题", "+处室": "丙", "+#G": "外",
    }  # fmt: skip


def test_a_header_in_two_rows(tmp_path: Path) -> None:
    rows = [
        ["工单编号", "诉求人信息", None, "诉求内容", "办理信息", None],
        [None, "姓名", "联系电话", None, "承办单位", "办结时间"],
        ["G1", "张三", "13800000000", "内容", "示范区税务局", datetime(2021, 1, 1)],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    result = run(tmp_path / "a.xlsx")
    assert (result["read"], result["accepted"]) == (1, 1)
    report = Report.objects.get(number="G1")
    assert payload_value(report.contact) == {"name": "张三", "phone": "13800000000"}
    assert _words("G1")["replied_on"].startswith("2021-01-01")


def test_a_heading_merged_over_both_rows_is_not_lost(tmp_path: Path) -> None:
    rows = [
        ["××热线工单明细表"],
        ["工单编号", "诉求人信息", None, "诉求信息", None, "满意度"],
        [None, "姓名", "联系电话", "受理时间", "诉求内容", None],
        ["G1", "张三", "13800000000", "2021-01-01", "内容", "满意"],
        ["G2", "张三", "13800000000", "2021-01-01", "内容", "满意"],
    ]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert (result["read"], result["accepted"]) == (2, 2)
    assert _words("G2")["satisfaction"] == "满意"


def test_a_line_of_several_sums_is_no_report(tmp_path: Path) -> None:
    rows = [["序号", *HEAD], *[[n, *row] for n, row in enumerate(ROWS, 1)]]
    rows += [["合计", "3件", "", "", "", "", "满意率66.7%"], ["总计", 3, "", "", 12.5, 1, "2户"]]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert (result["read"], result["accepted"]) == (3, 3)


def test_lines_below_the_table_are_no_reports(tmp_path: Path) -> None:
    rows = [HEAD, *ROWS, ["合计", "", "", "", "", 3], ["制表人：张三", "", "审核：李四"]]
    rows.append(["T9", "说明", "备注：路灯", "2026-03-01", "", ""])
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert (result["read"], result["accepted"]) == (4, 4)
    assert [n["row"] for n in result["notices"] if n["row"] > 4] == [5, 6]


@pytest.mark.parametrize(
    "line",
    [
        ["制表人：张三", "审核人：李四", "", "2026年4月1日"],
        ["制表人：", "张三", "审核人：", "李四", "日期：2026年4月1日"],
        ["", "单位负责人：王五", "分管领导：赵六", "填表人：钱七", "联系电话：0531-1234567"],
        ["制表人：张三", "", "", "2026-04-01"],
        ["移交人：甲", "", "接收人：乙", "日期：2026年4月1日"],
    ],
)
def test_a_line_of_signatures_is_no_report(tmp_path: Path, line: list[str]) -> None:
    result = run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS, line])))
    assert (result["read"], result["accepted"]) == (3, 3)
    assert [n["row"] for n in result["notices"] if n["row"] > 4] == [5]


@pytest.mark.parametrize(
    "row",
    [
        ["T9", "审核", "审核：三个月没有结果", "2026-03-01", "负责人：李四", ""],
        ["", "负责人：李四", "态度恶劣，推诿三个月", "2026-03-01", "", ""],
        ["", "备注：审核三个月没有结果，到处跑", "", "2026-03-01", "", ""],
    ],
)
def test_a_report_that_names_who_signed_is_a_report(tmp_path: Path, row: list[str]) -> None:
    assert run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS, row])))["accepted"] == 4


def test_the_preview_shows_what_is_merged_over_several_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["承办单位", "工单编号", "诉求内容"], ["税务局", "T1", "甲"], ["", "T2", "乙"], ["工商局", "T3", "丙"]):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(path)
    (shown,) = preview(open_file(KINDS["hotline"], path, None), rows=3)
    assert [cells[0] for _number, cells in shown["rows"]] == ["税务局", "税务局", "工商局"]


def test_a_table_of_one_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("诉求内容\n路灯不亮\n\n道路积水\n", encoding="utf-8")
    assert run(tmp_path / "a.csv")["accepted"] == 2
    titled = [
        ["投诉内容", "", ""],
        ["工单编号", "诉求内容", "来电时间"],
        ["T1", "噪音", "2026-03-01"],
    ]
    told = [["内容"], ["本表由系统导出"]]
    assert run(workbook(tmp_path / "b.xlsx", ("说明", told), ("s", titled)))["accepted"] == 1
    assert Report.objects.filter(number="T1").exists()


def test_reports_that_begin_like_a_closing_line_are_reports(tmp_path: Path) -> None:
    rows = [
        ["诉求内容", "工单编号"],
        ["审核营业执照太慢", "20230001"],
        ["制表乱收费", "20230002"],
        ["备注：已经反映过", "20230003"],
        ["说明情况要求退款", ""],
        ["备注：路灯不亮", ""],
        ["小计：4", ""],
        ["总计算错了水费", ""],
        ["填表人：张三", ""],
        ["备注", ""],
    ]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert (result["read"], result["accepted"]) == (6, 6)
    assert [n["row"] for n in result["notices"] if n["row"] > 1] == [7, 9, 10]


def test_a_packed_file_is_read_as_it_is_unpacked(tmp_path: Path) -> None:
    plain = _csv(tmp_path / "a.csv", [HEAD, *ROWS])
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert run(plain)["accepted"] == len(ROWS)
    assert run(packed)["repeated"] == len(ROWS)


def test_a_broken_or_endless_packed_file_gives_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gzip.compress("工单编号,诉求内容\n".encode() + "1,路灯不亮\n".encode() * 20_000)
    broken = tmp_path / "b.csv.gz"
    for content in (
        whole[:-9],
        whole[:40],
        b"\x1f\x8b" + b"x" * 50,
        whole[:30] + b"xx" + whole[32:],
    ):
        broken.write_bytes(content)
        with pytest.raises(UnusableFile) as refused:
            run(broken)
        assert len(str(refused.value).splitlines()) == 1
    monkeypatch.setattr(encodings, "MAX_UNPACKED", 1 << 20)
    broken.write_bytes(gzip.compress(b"a,b\n" * (1 << 19)))
    with pytest.raises(UnusableFile, match="MB"):
        run(broken)


def test_a_workbook_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/a.bin", bytes(200 << 20))
    with pytest.raises(UnusableFile, match="1000 倍"):
        run(path)


def test_a_line_without_an_end_costs_its_row_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csvfile, "MAX_LINE", 5_000)
    path = tmp_path / "c.csv"
    path.write_text(
        "工单编号,诉求内容\nA1,路灯不亮\nA2," + "长" * 20_003 + "\nA3,污水\nA4," + "x," * 9_000
        + '\nA5,"' + "长" * 6_000 + '"\nA6,积水\n',
        encoding="utf-8",
    )  # fmt: skip
    found = run(path)
    assert set(Report.objects.values_list("number", flat=True)) == {"A1", "A3", "A6"}
    assert [r["row"] for r in found["refusals"]] == [3, 5, 6]


def test_more_columns_than_a_table_has_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工单编号,诉求内容\nA1,灯" + ",x" * 20_000 + "\nA2,水\n", encoding="utf-8")
    found = run(path)
    assert [(r["row"], "16384" in r["reason"]) for r in found["refusals"]] == [(2, True)]
    path.write_text("工单编号,诉求内容" + ",c" * 300_000 + "\nA3,灯\n", encoding="utf-8")
    with pytest.raises(UnusableFile, match="400000"):
        run(path)
    assert list(Report.objects.values_list("number", flat=True)) == ["A2"]


def test_rows_in_another_encoding_are_refused_and_never_garbled(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = ["工单编号,诉求内容,来电时间", "M1,路灯不亮,2026-03-01", "M3,污水,2026-03-01"]
    content = "\n".join(lines).encode() + "\nM2,噪音扰民,2026-03-01\n".encode("gb18030")
    path.write_bytes(content + "M4,积水,2026-03-01\nM5,停车".encode()[:-1])
    found = run(path)
    assert set(Report.objects.values_list("number", flat=True)) == {"M1", "M3", "M4"}
    assert [(r["row"], r["field"]) for r in found["refusals"]] == [(4, "诉求内容"), (6, "诉求内容")]
    garbled = import_file(HotlineImporter, path, actor=OPERATOR).refusals[0]
    assert list(garbled.cells) == ["M2", "噪音扰民", "2026-03-01"], "readable where it is corrected"
    path.write_bytes("工单编号,诉求内容\nG1,噪音扰民\n".encode("gb18030"))
    assert run(path)["accepted"] == 1


def test_a_line_of_csv_with_moved_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "工单编号,诉求内容,涉及单位\nA1,推诿,清河镇\nA2,收费,还推诿,清河镇\nA3,噪音,清河镇,,\n",
        encoding="utf-8",
    )
    found = run(path)
    assert (found["accepted"], [r["row"] for r in found["refusals"]]) == (2, [3])


def test_a_nested_value_of_json_costs_its_row_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '[{"number": "J1", "text": "灯"}, {"number": "J2", "text": {"a": [1]}},'
        ' {"number": "J3", "text": "水"}]',
        encoding="utf-8",
    )
    found = run(path)
    assert set(Report.objects.values_list("number", flat=True)) == {"J1", "J3"}
    assert [(r["row"], r["field"]) for r in found["refusals"]] == [(3, "text")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "head", "row"),
    [
        ("hotline", ["工单编号", "诉求内容"], ["1", "=A1"]),
        ("events", ["处置单位", "事件类型"], ["=A1", "市容"]),
        ("units", ["单位代码", "单位名称"], ["x", "=A1"]),
        ("register", ["企业名称", "统一社会信用代码"], ["=A1", "91110000600037341L"]),
    ],
)
def test_every_kind_of_file_says_the_same_of_an_unsaved_formula_and_of_an_error(
    tmp_path: Path, kind: str, head: list[str], row: list[str]
) -> None:
    found_district()
    spoilt = ["#N/A" if cell == "=A1" else cell for cell in row]
    book = openpyxl.Workbook()
    for cells in (head, row, spoilt):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "a.xlsx")
    result = import_file(KINDS[kind], tmp_path / "a.xlsx", actor=OPERATOR, dry_run=True)
    formula, error = [r.reason for r in result.refusals]
    assert "公式" in formula
    assert "#N/A" in error
    assert {r.field for r in result.refusals} == {head[row.index("=A1")]}
