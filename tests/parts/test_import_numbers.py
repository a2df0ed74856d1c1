"""The numbers of reports: conflicts, running numbers, what Excel damaged, the same in two formats."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from huhang.cases.models import Report
from huhang.cases.queries import payload_value
from huhang.kernel.models import Entry
from huhang.tlog.verify import verify
from tests.parts.test_imports import run, workbook

pytestmark = pytest.mark.django_db

HEAD = ["工单编号", "诉求内容", "受理时间"]


def test_one_number_with_two_contents_is_refused_however_often(tmp_path: Path) -> None:
    one = [["T1", "路灯", "2026-03-01"], ["T2", "井盖", "2026-03-01"], ["T1", "路灯", "2026-03-01"]]
    two = [["T1", "别的事", "2026-03-02"], ["T3", "噪音", "2026-03-02"]]
    path = workbook(tmp_path / "a.xlsx", ("甲", [HEAD, *one]), ("乙", [HEAD, *two]))
    dry = run(path, dry_run=True)
    first = run(path)
    assert (first["accepted"], first["repeated"], first["refused"]) == (3, 1, 1)
    refusal = first["refusals"][0]
    assert (refusal["sheet"], refusal["row"], refusal["field"]) == ("乙", 2, "工单编号")
    assert "甲" in refusal["reason"]
    entries = Entry.objects.filter(verb="supplement").count()
    again = run(path)
    assert (again["repeated"], again["refusals"]) == (4, first["refusals"])
    assert Entry.objects.filter(verb="supplement").count() == entries == 0
    assert dry == first
    assert run(path, dry_run=True) == again


def test_a_running_number_names_no_report(tmp_path: Path) -> None:
    def month(name: str, heading: str) -> Path:
        rows = [
            [heading, "内容", "日期"],
            *([n, f"{name}第{n}件", "2026-03-01"] for n in range(1, 6)),
        ]
        return workbook(tmp_path / f"{name}.xlsx", ("s", rows))

    for heading in ("No.", "序号"):
        march, april = month(f"三月{heading[0]}", heading), month(f"四月{heading[0]}", heading)
        assert run(march)["accepted"] == 5
        assert run(april)["accepted"] == 5, "nothing of March is overwritten"
        assert run(march)["repeated"] == 5
    assert Report.objects.count() == 20
    assert not Entry.objects.filter(verb="supplement").exists()


def test_sheets_that_each_count_from_one(tmp_path: Path) -> None:
    sheets = [
        (name, [["编号", "内容", "日期"], *([n, f"{name}{n}", "2026-03-01"] for n in range(1, 6))])
        for name in ("一月", "二月")
    ]
    result = run(workbook(tmp_path / "a.xlsx", *sheets))
    assert (result["accepted"], result["refused"]) == (10, 0)
    assert [(n["sheet"], n["field"]) for n in result["notices"]] == [
        ("一月", "编号"),
        ("二月", "编号"),
    ]
    again = [
        (name, [rows[0], *([n, *row[1:]] for n, row in enumerate(reversed(rows[1:]), 1))])
        for name, rows in sheets
    ]
    assert run(workbook(tmp_path / "b.xlsx", *again))["repeated"] == 10


def test_numbers_in_one_sheet_from_one_on_are_numbers(tmp_path: Path) -> None:
    rows = [["编号", "内容", "日期"], *([n, f"内容{n}", "2026-03-01"] for n in range(1, 4))]
    assert run(workbook(tmp_path / "a.xlsx", ("s", rows)))["accepted"] == 3
    rows[2][1] = "改了"
    again = run(workbook(tmp_path / "b.xlsx", ("s", rows)))
    assert (again["updated"], again["repeated"]) == (1, 2)


def test_a_corrected_workbook_of_refusals_keeps_running_numbers_out(tmp_path: Path) -> None:
    from huhang.intake.imports import import_file, open_file
    from huhang.intake.reports_import import HotlineImporter
    from huhang.kernel.actor import OPERATOR
    from huhang.tables.refusals import write_refusals

    rows: list[list[Any]] = [["No.", "内容", "日期"]]
    rows += [[n, f"内容{n}", "2026-03-01" if n != 3 else "坏"] for n in range(1, 6)]
    path = workbook(tmp_path / "a.xlsx", ("s", rows))
    result = import_file(HotlineImporter, path, actor=OPERATOR)
    write_refusals(tmp_path / "r.xlsx", open_file(HotlineImporter, path), result.refusals)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    book.worksheets[0]["C2"] = "2026-03-01"
    book.save(tmp_path / "r.xlsx")
    assert run(tmp_path / "r.xlsx")["accepted"] == 1
    rows[3][2] = "2026-03-01"
    assert run(workbook(tmp_path / "b.xlsx", ("s", rows)))["repeated"] == 5


def test_numbers_that_excel_damaged_are_refused(tmp_path: Path) -> None:
    rows = [HEAD, [202103010000123450, "甲", "2026-03-01"], ["2.02103E+17", "乙", "2026-03-01"],
            [20210301001, "丙", "2026-03-01"], ["202103010000123450", "丁", "2026-03-01"]]  # fmt: skip
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert [(r["row"], r["field"]) for r in result["refusals"]] == [
        (2, "工单编号"),
        (3, "工单编号"),
    ]
    assert set(Report.objects.values_list("number", flat=True)) == {
        "20210301001", "202103010000123450",
    }  # fmt: skip


def test_the_same_content_in_another_format_is_repeated(tmp_path: Path) -> None:
    head = [*HEAD, "保密", "得分", "建单", "联系电话", "身份证号"]
    moment = datetime(2026, 3, 1, 8, 5, 30)
    book = openpyxl.Workbook()
    book.worksheets[0].append(head)
    book.worksheets[0].append(
        ["00012", "第一行\r\n第二行", moment, True, 0.1 + 0.2, moment, "13800000000", "1"]
    )
    book.worksheets[0].append(["Ａ７ ", "内容", moment, False, 3, moment, "", ""])
    book.save(tmp_path / "a.xlsx")
    assert run(tmp_path / "a.xlsx")["accepted"] == 2
    shown = "2026/3/1 8:05"
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8-sig") as out:
        csv.writer(out).writerows([
            head,
            ['="00012"', "第一行\n第二行", shown, "TRUE", "0.3", shown, "'13800000000", "1"],
            ["A7", "内容", shown, "FALSE", "3", shown, "", ""],
        ])  # fmt: skip
    assert run(tmp_path / "a.csv")["repeated"] == 2
    narrow = workbook(tmp_path / "n.xlsx", ("s", [HEAD, ["A7", "改了", shown]]))
    assert run(narrow)["updated"] == 1
    report = Report.objects.get(number="A7")
    assert report.reported_at is not None
    assert report.reported_at.second == 30, "less exact is no news"
    assert (payload_value(report.words) or {})["+得分"] == "3"
    assert verify(parallel=False).ok
