"""Lines of CSV whose cells moved, and tables that have headings alone."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from huhang.cases.models import Report
from huhang.intake.imports import open_file
from huhang.intake.reports_import import HotlineImporter
from huhang.tables.refusals import write_refusals
from tests.parts.test_imports import run, workbook

pytestmark = pytest.mark.django_db

HEAD = "编号,日期,内容,被反映单位,答复\n"
GOOD = "T1,2026-03-01,灯不亮,示范区市场监督管理局,\nT2,2026-03-01,水不通,,已办\n"


def _csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("head", "rows", "line", "given", "header"),
    [
        (HEAD, GOOD, "T9,2026-03-01,灯不亮,没人管,示范区市场监督管理局,已办", 6, 5),
        (HEAD, GOOD, "T9,2026-03-01,灯不亮,没人管,示范区市场监督管理局,", 6, 5),
        (HEAD.replace("\n", ",,\n"), GOOD.replace("\n", ",,\n"), "T9,2026-03-01,灯,坏,甲局,,,", 8, 7),
        (HEAD, GOOD.replace("\n", ",\n"), "T9,2026-03-01,灯不亮,没人管,甲局,,", 7, 5),
        (HEAD, GOOD.replace("\n", ",\n"), "T9,2026-03-01,灯不亮,没人管,甲局,已办", 6, 5),
    ],
)  # fmt: skip
def test_a_line_whose_cells_moved_is_refused_and_says_how_many_there_are(
    tmp_path: Path, head: str, rows: str, line: str, given: int, header: int
) -> None:
    result = run(_csv(tmp_path / "a.csv", head + rows + line + "\n"))
    assert (result["accepted"], result["refused"]) == (2, 1)
    (refused,) = result["refusals"]
    assert (refused["row"], refused["field"]) == (4, {5: "F 列", 7: "H 列"}[header])
    assert f"有 {given} 格，表头有 {header} 格" in refused["reason"]
    assert not Report.objects.filter(number="T9").exists()


@pytest.mark.parametrize(("behind", "kept"), [(",\n", False), (",,旁注\n", True)])
def test_empty_cells_behind_the_last_heading_move_nothing(
    tmp_path: Path, behind: str, kept: bool
) -> None:
    head = HEAD.replace("\n", ",,\n") if kept else HEAD
    result = run(_csv(tmp_path / "a.csv", head + GOOD.replace("\n", behind) + "合计,2\n"))
    assert (result["accepted"], result["refused"]) == (2, 0)
    said = {(n["field"], n["reason"]) for n in result["notices"]}
    assert (("G 列", "表头之外的单元格已保留。") in said) is kept


def test_a_moved_line_is_refused_again_until_it_is_corrected(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", HEAD + GOOD + "T9,2026-03-01,灯不亮,没人管,甲局,已办\n")
    first = run(path)
    assert first["refused"] == 1
    target = tmp_path / "refused.xlsx"
    again = open_file(HotlineImporter, path)
    refusals = [row for row in again.rows() if not hasattr(row, "key")]
    write_refusals(target, again, refusals)
    result = run(target)
    assert (result["accepted"], result["refused"]) == (0, 1)
    assert result["refusals"][0]["field"] == "多出 Beyond"
    book = openpyxl.load_workbook(target)
    sheet = book.active
    assert sheet is not None
    for column, text in enumerate(["灯不亮,没人管", "甲局", "已办", None], 3):
        sheet.cell(2, column).value = text
    book.save(target)
    assert run(target)["accepted"] == 1


def test_a_table_with_headings_alone_says_so(tmp_path: Path) -> None:
    said = "只有表头，没有数据行。"
    result = run(_csv(tmp_path / "a.csv", HEAD))
    assert (result["read"], [n["reason"] for n in result["notices"]]) == (0, [said])
    heads = HEAD.strip().split(",")
    rows = [heads, ["T1", "2026-03-01", "灯不亮", "", ""]]
    result = run(workbook(tmp_path / "b.xlsx", ("三月", rows), ("四月", [heads])))
    assert result["accepted"] == 1
    assert [n["sheet"] for n in result["notices"] if n["reason"] == said] == ["四月"]
