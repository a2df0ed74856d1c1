"""Importing a tree of units: codes, aliases, validity years, and whose place is not sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huhang.intake.imports import import_file
from huhang.intake.units_import import UnitsImporter
from huhang.kernel.actor import OPERATOR
from huhang.parties.models import Unit, UnitAlias
from huhang.tlog.verify import verify
from tests.cast import found_district
from tests.parts.test_imports import workbook

pytestmark = pytest.mark.django_db

HEAD = ["上级单位", "单位名称", "单位代码", "类型", "别名", "启用年份", "停用年份", "联系人"]
ROWS = [
    ["聊城市", "茌平区", "371503", "行政区划", "", "2019", "", "张三"],
    ["", "聊城市", "371500", "行政区划", "水城", "", "", ""],
    ["371500", "茌平县", "371523", "行政区划", "", "1997", "2019年", ""],
    [
        "371503",
        "茌平区市场监督管理局",
        "371503-scjg",
        "机关",
        "茌平工商局、茌平区工商局",
        "",
        "",
        "",
    ],
    ["371503", "振兴街道", "371503-zx", "街道办事处", "", "", "", ""],
]


def run(path: Path, **more: Any) -> dict[str, Any]:
    result = import_file(UnitsImporter, path, actor=OPERATOR, **more).as_json()
    assert result["read"] == sum(result[k] for k in ("accepted", "updated", "repeated", "refused"))
    return result


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[k] for k in ("accepted", "updated", "repeated", "refused"))


def test_a_tree_in_any_order_with_aliases_and_years(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("单位", [HEAD, *ROWS]))
    assert counts(run(path, dry_run=True)) == (5, 0, 0, 0)
    assert not Unit.objects.exists()
    assert counts(run(path)) == (5, 0, 0, 0)
    assert counts(run(path)) == (0, 0, 5, 0)
    units = {u.code: u for u in Unit.objects.select_related("parent")}
    assert units["371503"].parent == units["371500"]
    assert (units["371503"].valid_from, units["371503"].active) == (2019, True)
    assert (units["371523"].valid_until, units["371523"].active) == (2019, False)
    assert units["371503-zx"].kind == "township"
    assert set(UnitAlias.objects.values_list("name", flat=True)) == {
        "水城", "茌平工商局", "茌平区工商局",
    }  # fmt: skip
    assert verify(parallel=False).ok


def test_a_changed_file_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    run(workbook(tmp_path / "a.xlsx", ("单位", [HEAD, *ROWS])))
    less = [
        ["代码", "名称", "别名"],
        ["371503-zx", "振兴街道办事处", "振兴"],
        ["371500", "聊城市", ""],
    ]
    assert counts(run(workbook(tmp_path / "b.xlsx", ("s", less)))) == (0, 1, 1, 0)
    unit = Unit.objects.select_related("parent").get(code="371503-zx")
    assert (unit.name, unit.kind) == ("振兴街道办事处", "township")
    assert unit.parent is not None
    assert unit.parent.code == "371503"
    assert {a.name for a in unit.aliases.all()} == {"振兴街道", "振兴"}, "the former name is one"
    moved = [["代码", "名称", "上级"], ["371503-zx", "振兴街道办事处", ""]]
    assert counts(run(workbook(tmp_path / "c.xlsx", ("s", moved)))) == (0, 1, 0, 0)
    unit.refresh_from_db()
    assert unit.parent is None


def test_what_has_no_sound_place_is_refused_and_the_rest_taken_in(tmp_path: Path) -> None:
    found_district()
    rows = [
        HEAD,
        ["b", "甲", "a", "", "", "", "", ""],
        ["a", "乙", "b", "", "", "", "", ""],
        ["b", "丙", "c", "", "", "", "", ""],
        ["没有这个", "丁", "d", "", "", "", "", ""],
        ["", "戊", "e f", "", "", "", "", ""],
        ["", "己", "f", "公司", "", "", "", ""],
        ["", "庚", "g", "", "", "2020", "2019", ""],
        ["", "辛", "h", "", "", "去年", "", ""],
        ["示范区工商局", "好的", "i", "", "示范区工商局", "", "", ""],
        ["", "", "j", "", "", "", "", ""],
        ["", "好的", "i", "", "", "", "", ""],
        ["gov", "示范区税务局", "tax", "", "", "", "", ""],
    ]
    dry = run(workbook(tmp_path / "a.xlsx", ("s", rows)), dry_run=True)
    result = run(tmp_path / "a.xlsx")
    assert counts(dry) == counts(result) == (1, 0, 1, 10)
    refused = {r["row"]: r["field"] for r in result["refusals"]}
    assert refused == {
        2: "上级单位", 3: "上级单位", 4: "上级单位", 5: "上级单位", 6: "单位代码", 7: "类型",
        8: "停用年份", 9: "启用年份", 11: "单位名称", 12: "单位代码",
    }  # fmt: skip
    said = {r["row"]: r["reason"] for r in result["refusals"]}
    assert "a → b → a" in said[2]
    assert "b → a → b" in said[3]
    made = Unit.objects.select_related("parent").get(code="i")
    assert made.parent is not None
    assert made.parent.code == "market", "an alias names the unit above it"
    assert [n["row"] for n in result["notices"] if n["row"] > 1] == [10], "it means another unit"
    assert verify(parallel=False).ok


def test_below_a_refused_unit_is_refused_with_its_name(tmp_path: Path) -> None:
    rows = [HEAD, ["没有这个", "甲", "a", "", "", "", "", ""], ["a", "乙", "b", "", "", "", "", ""]]
    rows.append(["b", "丙", "c", "", "", "", "", ""])
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert {r["row"]: r["reason"] for r in result["refusals"]} == {
        2: "没有「没有这个」这个单位。", 3: "上级单位 a 被拒绝。", 4: "上级单位 a 被拒绝。",
    }  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "行政区划代码 行政区划名称 上级行政区划代码 简称 有效期起 有效期止",
        "DEPT_ID DEPT_NAME PARENT_ID SHORT_NAME START_DATE END_DATE",
        "部门编号 部门全称 上级部门编号 部门简称 启用日期 停用日期",
    ],
)
def test_headings_of_a_tree_as_others_write_them(tmp_path: Path, head: str) -> None:
    rows = [
        head.split(),
        ["371503", "茌平区", "371500", "茌平", "2019", ""],
        ["371523", "茌平县", "371500", "", "1949", "2019"],
        ["371500", "聊城市", "", "", "", ""],
    ]
    assert counts(run(workbook(tmp_path / "a.xlsx", ("s", rows)))) == (3, 0, 0, 0)
    now = Unit.objects.get(code="371503")
    assert (now.parent.code, now.valid_from) == ("371500", 2019)
    assert UnitAlias.objects.get(unit=now).name == "茌平"
    assert Unit.objects.get(code="371523").valid_until == 2019


def test_years_as_months_and_without_an_end(tmp_path: Path) -> None:
    head = ["单位代码", "单位名称", "启用日期", "停用日期"]
    rows = [
        head,
        ["a", "甲镇", "1949年10月", "2019-08"],
        ["b", "乙镇", "2019/9", "9999-12-31"],
        ["c", "丙镇", "2019年9月1日", "99991231"],
        ["d", "丁镇", "二月", ""],
    ]
    assert counts(run(workbook(tmp_path / "a.xlsx", ("s", rows)))) == (3, 0, 0, 1)
    years = Unit.objects.filter(code__in="abcd").values_list("code", "valid_from", "valid_until")
    assert set(years) == {("a", 1949, 2019), ("b", 2019, None), ("c", 2019, None)}


def test_a_root_whose_parent_is_nought_has_none(tmp_path: Path) -> None:
    rows = [["单位代码", "单位名称", "上级代码"], ["1", "甲区", "0"], ["2", "乙局", "1"]]
    assert counts(run(workbook(tmp_path / "a.xlsx", ("s", rows)))) == (2, 0, 0, 0)
    parents = Unit.objects.filter(code__in="12").values_list("code", "parent__code")
    assert set(parents) == {("1", None), ("2", "1")}
