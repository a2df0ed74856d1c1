"""Importing dispositions, and saying what their names of units mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from huhang.intake import dispositions, reconcile
from huhang.intake.events_import import EventsImporter
from huhang.intake.imports import import_file
from huhang.intake.models import Disposition, ImportRun
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.write import write
from huhang.parties.models import Unit, UnitAlias
from huhang.tlog.verify import verify
from tests.cast import found_district
from tests.conftest import SHARED
from tests.parts.test_imports import workbook

pytestmark = pytest.mark.django_db

HEAD = ["REC_ID", "DISPOSE_UNIT_ID", "DISPOSE_UNIT_NAME", "EVENT_TYPE_NAME", "CREATE_TIME",
        "INTIME_ARCHIVE_NUM", "OVERTIME_ARCHIVE_NUM"]  # fmt: skip
ROWS = [
    ["1", "77", "示范区工商局", "市容", "2018-02-08 15:34:40", "1", "0"],
    ["2", "77", "工商局（清河）", "市容", "2018-02-09 15:34:40", "0", "1"],
    ["3", "78", "城建办", "市政", "2018-02-09 15:34:40", "0", "0"],
    ["4", "79", "城建办", "市政", "2018-03-09 15:34:40", "1", "0"],
    ["5", "", "-", "市政", "2018-03-09 15:34:40", "-", "-"],
    ["6", "79", "城建办", "市政", "2018-03-09 15:34:40", "1", "0"],
]


def run(path: Path, **more: Any) -> dict[str, Any]:
    result = import_file(EventsImporter, path, actor=OPERATOR, **more).as_json()
    assert result["read"] == sum(result[k] for k in ("accepted", "updated", "repeated", "refused"))
    return result


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[k] for k in ("accepted", "updated", "repeated", "refused"))


def test_dispositions_once_and_changed_ones_updated(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    assert counts(run(path, dry_run=True)) == (6, 0, 0, 0)
    first = run(path)
    assert counts(first) == (6, 0, 0, 0)
    assert [n["row"] for n in first["notices"]] == [0, 6], "one like another, one without a unit"
    assert counts(run(path)) == (0, 0, 6, 0)
    timing = dict(Disposition.objects.values_list("number", "timing"))
    assert timing == {"1": "on_time", "2": "overdue", "3": "open", "4": "on_time", "5": "",
                      "6": "on_time"}  # fmt: skip
    closed = [*ROWS[2][:5], "1", "0"]
    assert counts(run(workbook(tmp_path / "b.xlsx", ("s", [HEAD, closed])))) == (0, 1, 0, 0)
    assert Disposition.objects.get(number="3").timing == "on_time"
    assert verify(parallel=False).ok


def test_what_was_sent_on_a_day_is_accounted_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS, ["7", "", "甲", "", "二月", "1", ""]]))
    run(path)
    run(path)
    run(path, dry_run=True)
    [day] = reconcile.by_day(ImportRun.objects.all())
    assert (day.files, day.sent, day.accepted, day.repeated, day.refused) == (2, 14, 6, 6, 2)
    assert day.sent == day.accepted + day.updated + day.repeated + day.refused
    assert reconcile.by_day(ImportRun.objects.all(), until=date(2020, 1, 1)) == []


def test_other_columns_and_bad_cells(tmp_path: Path) -> None:
    head = ["事件编号", "处置部门", "事件小类", "上报时间", "办结时间", "是否超期"]
    rows = [
        head,
        ["a", "甲局", "井盖", "2018年2月8日", "2018-02-09", "否"],
        ["b", "甲局", "井盖", "2018年2月8日", "2018-02-09", "是"],
        ["c", "甲局", "井盖", "二月", "", "否"],
        ["d", "甲局", "井盖", "2018-02-08", "2018-02-01", "否"],
        ["e", "甲局", "井盖", "2018-02-08", "", "也许"],
        ["b", "甲局", "路灯", "2018-02-08", "", "是"],
        ["", "", "", "", "", ""],
    ]
    result = run(workbook(tmp_path / "a.xlsx", ("表", rows)))
    assert counts(result) == (2, 0, 0, 4)
    assert {r["row"]: r["field"] for r in result["refusals"]} == {
        4: "上报时间", 5: "办结时间", 6: "是否超期", 7: "事件编号",
    }  # fmt: skip
    assert dict(Disposition.objects.values_list("number", "timing")) == {
        "a": "on_time", "b": "overdue",
    }  # fmt: skip


def test_of_two_columns_for_one_field_one_is_lost_and_it_is_said(tmp_path: Path) -> None:
    head = ["事件编号", "处置部门", "EVENT_TYPE_NAME", "MAIN_TYPE_NAME", "上报时间"]
    path = workbook(
        tmp_path / "a.xlsx", ("表", [head, ["a", "甲局", "市容", "大类", "2018-02-08"]])
    )
    (notice,) = run(path)["notices"]
    assert (notice["field"], notice["reason"]) == (
        "MAIN_TYPE_NAME", "已有其他列提供这个字段；不保存。",
    )  # fmt: skip
    assert Disposition.objects.get().kind == "市容"


@pytest.mark.parametrize(
    ("head", "row", "timing"),
    [
        ("案件编号 案件类型 案件来源 主责部门 上报时间 结案时间 是否超期", "A 市容 监控 城管局 2019/3/5 2019/3/6 否", "on_time"),
        ("任务号 问题类型 问题来源 处置部门 立案时间 处置状态", "A 市容 监控 城管局 20190305 超期", "overdue"),
        ("ajbh ajlx ajly cbdw sbsj jasj sfcq", "A 市容 热线 城管局 20180305 20180306 1", "overdue"),
        ("CASE_ID CASE_TYPE CASE_SOURCE HANDLE_DEPT_NAME REPORT_TIME FINISH_TIME IS_OVERDUE",
         "A Noise Phone Env 2021-01-05T08:00:00Z 2021-01-06T08:00:00+08:00 N", "on_time"),
        ("事件编号 事件分类 上报渠道 办理部门 上报日期 办结状态", "A 市容 热线 城管局 2020.3.5 超时办结", "overdue"),
        ("事件编号 来源 责任单位 登记时间 是否按时", "A 热线 城管局 2018-03-05 未按时", "overdue"),
        ("事件编号 来源 责任单位 登记时间 是否按期办结", "A 热线 城管局 2018-03-05 未办结", "open"),
    ],
)  # fmt: skip
def test_headings_and_flags_as_other_cities_write_them(
    tmp_path: Path, head: str, row: str, timing: str
) -> None:
    result = run(workbook(tmp_path / "a.xlsx", ("s", [head.split(), row.split()])))
    assert (counts(result), result["notices"]) == ((1, 0, 0, 0), [])
    made = Disposition.objects.get()
    assert (made.number, made.timing) == ("A", timing)
    assert made.unit_name
    assert made.via
    assert made.created_at


def test_in_time_or_not_by_two_dates(tmp_path: Path) -> None:
    head = ["工单号", "来源渠道", "办理单位", "受理时间", "办理期限", "办结时间", "办结状态"]
    rows = [
        head,
        ["a", "12345", "环保局", "2018-03-05 08:30", "2018-03-10", "2018-03-10 17:00", "已办结"],
        ["b", "12345", "环保局", "2018-03-05 08:30", "2018-03-10", "2018-03-11", "已办结"],
        ["c", "12345", "环保局", "2018-03-05 08:30", "2018-03-10 12:00", "2018-03-10 12:01", ""],
        ["d", "12345", "环保局", "2018-03-05 08:30", "2018-03-10", "", ""],
        ["e", "12345", "环保局", "2018-03-05 08:30", "5个工作日", "2018-03-05", "已办结"],
        ["f", "12345", "环保局", "2018-03-05 08:30", "2018-03-10", "2018-03-09", "超期"],
        ["g", "12345", "环保局", "2018-03-05 08:30", "2018-03-10", "2018-03-04", ""],
    ]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert [(r["row"], r["field"]) for r in result["refusals"]] == [(8, "办结时间")]
    assert [(n["row"], n["field"]) for n in result["notices"]] == [(6, "办理期限")]
    assert dict(Disposition.objects.values_list("number", "timing")) == {
        "a": "on_time", "b": "overdue", "c": "overdue", "d": "open", "e": "", "f": "overdue",
    }  # fmt: skip


def test_names_wait_until_somebody_says_what_they_mean(tmp_path: Path) -> None:
    d = found_district()
    run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])))
    unknown = {u.name: u for u in dispositions.unknown_names()}
    assert set(unknown) == {"工商局（清河）", "城建办"}
    assert [u.code for u in unknown["工商局（清河）"].perhaps] == ["market"]
    assert (unknown["城建办"].count, unknown["城建办"].refs) == (3, ["78", "79"])
    assert not UnitAlias.objects.filter(name="工商局（清河）").exists(), "never silently"
    admin = d.actor("admin")
    with pytest.raises(Missing):
        write(lambda w: dispositions.mean_unit(w, "没有出现过", "market"), actor=admin)
    with pytest.raises(Refused):
        write(lambda w: dispositions.mean_unit(w, "城建办", "nowhere"), actor=admin)
    write(lambda w: dispositions.mean_unit(w, "工商局（清河）", "market"), actor=admin)
    write(lambda w: dispositions.mean_new_unit(w, "城建办", "build"), actor=admin)
    assert dispositions.unknown_names() == []
    lines = {(x.unit.code if x.unit else x.name): x for x in dispositions.by_unit()}
    assert {k: (x.total, x.counts["on_time"]) for k, x in lines.items()} == {
        "market": (2, 1), "build": (3, 2), "": (1, 0),
    }  # fmt: skip
    assert lines["market"].share == 0.5
    assert verify(parallel=False).ok


def test_the_page_of_review(tmp_path: Path) -> None:
    d = found_district()
    run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])))
    client = Client()
    client.force_login(d.users["admin"])
    page = client.get("/en/console/dispositions/names/").content.decode()
    assert "工商局（清河）" in page
    assert '<option value="market" selected>' in page
    sent = {"name": "工商局（清河）", "means": "alias", "code": ""}
    nothing = client.post("/en/console/dispositions/names/", sent)
    assert nothing.status_code == 400
    assert "“工商局（清河）”: Choose the unit that it means." in nothing.content.decode()
    assert client.post("/en/console/dispositions/names/", {**sent, "means": ""}).status_code == 400
    wrong = client.post(
        "/console/dispositions/names/", {**sent, "means": "unit", "new_code": "市 局"}
    )
    assert 'value="市 局"' in wrong.content.decode(), "what was typed is kept"
    sent["code"] = "market"
    assert client.post("/en/console/dispositions/names/", sent).status_code == 302
    names = "/en/console/dispositions/names/"
    for again in (False, True):
        client.post(names, {"name": "城建办", "means": "nothing"})
        page = client.get(names).content.decode()
        assert "Every name means a unit" in page
        assert "1 name means no unit here" in page
        assert "城建办" in client.get(f"{names}?left").content.decode()
        if not again:
            back = client.post(f"{names}?left", {"name": "城建办", "means": "undecided"})
            assert back.status_code == 302
            assert "Of no name" in client.get(f"{names}?left").content.decode()
            assert "城建办" in client.get(names).content.decode()
    known = client.post(f"{names}?left", {"name": "工商局（清河）", "means": "undecided"})
    assert known.status_code == 400
    shown = client.get(
        "/en/console/dispositions/?since=2018-02-01&until=2018-02-28"
    ).content.decode()
    assert "Market Regulation Bureau" in shown
    assert "50.0" in shown
    assert "as the source writes it" in shown
    assert Unit.objects.count() == 5


def test_real_dispositions_as_they_are() -> None:
    path = SHARED / "data" / "city_events" / "pingshan_2018_first_half.csv"
    if not path.exists():
        pytest.skip("the real dispositions are not here")
    result = run(path)
    assert counts(result) == (5000, 0, 0, 0)
    assert counts(run(path)) == (0, 0, 5000, 0)
    timings = [x.counts for x in dispositions.by_unit()]
    assert sum(c["on_time"] for c in timings) == 4423
    assert sum(c["overdue"] for c in timings) == 575
    beside = [u for u in dispositions.unknown_names() if u.beside]
    assert any(u.name.startswith("老坑社区") for u in beside)


def test_a_typed_code_never_makes_an_alias(tmp_path: Path) -> None:
    """The return key presses a form's first button: each answer has a form of its own."""
    d = found_district()
    run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])))
    client = Client()
    client.force_login(d.users["admin"])
    page = client.get("/en/console/dispositions/names/").content.decode()
    forms = [f for f in page.split("<form")[1:] if 'name="new_code"' in f]
    assert forms
    assert all(f.partition("</form>")[0].count("<button") == 1 for f in forms)
