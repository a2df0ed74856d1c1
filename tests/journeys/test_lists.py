"""A list goes out as an Excel form, is filled in, and comes back; its diff is shown first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.journeys.test_console import _do, _file

pytestmark = pytest.mark.browser


def _saved(w: Any, link: str, path: Path) -> Path:
    with w.page.expect_download() as got:
        w.page.get_by_role("link", name=link).click()
    path.write_bytes(Path(got.value.path()).read_bytes())
    if w.screens:
        w.screens.mkdir(parents=True, exist_ok=True)
        (w.screens / path.name).write_bytes(path.read_bytes())
    return path


def _send(w: Any, path: Path) -> None:
    w.go("/console/lists/sector/")
    w.follow("交回填好的表")
    assert w.page.locator("[name=kind]").input_value() == "list"
    w.page.set_input_files("[name=file]", str(path))
    w.press("查看")
    w.page.wait_for_selector("button[value=confirm]", timeout=20_000)


def test_a_list_goes_out_and_comes_back_filled_in(walker: Any, tmp_path: Path) -> None:
    office, bureau, group = walker(), walker(), walker(phone=True)
    office.sign_in("intake")
    bureau.sign_in("market")
    group.sign_in("group1", prefix="/en")
    refs = []
    for text in ("窗口让我跑了五趟才告知缺材料", "同一件事两个窗口互相推诿"):
        case = _file(office, text)
        office.go(case)
        _do(office, "accept", kind="complaint", behaviour="shirking")
        _do(office, "assign", responsible="unit:market", supervising="group-1")
        bureau.go(case)
        _do(bureau, "investigate")
        _do(
            bureau,
            "hear",
            note="听取了窗口负责人的说明",
            told_route=True,
            who="窗口负责人",
            route="review",
        )
        _do(bureau, "find", finding="substantiated", note="属实")
        _do(bureau, "rectify", note="修订一次性告知单，对窗口人员约谈")
        refs.append(case.rstrip("/").rpartition("/")[2])

    for which in ("negative", "territorial", "sector"):
        office.go(f"/console/lists/{which}/?state=all")
        office.check(f"list-{which}")
    office.go("/console/lists/sector/?unit=market")
    office.check("list-of-a-unit")
    if office.screens:
        office.page.pdf(path=office.screens / "list-print.pdf", prefer_css_page_size=True)
    form = _saved(office, "发给", tmp_path / "sector.xlsx")
    group.go("/en/console/lists/negative/?state=all")
    group.check("list-negative-en")
    _saved(group, "Excel form for own use", tmp_path / "negative-en.xlsx")

    book = openpyxl.load_workbook(form)
    sheet = book.active
    at = {c.value: c.column for c in sheet[4]}
    for row in range(5, sheet.max_row + 1):
        if sheet.cell(row, at["编号"]).value not in refs:
            continue
        sheet.cell(row, at["责任人"]).value = "李建国"
        sheet.cell(row, at["整改措施"]).value = "告知单已修订上墙，窗口人员已约谈"
        sheet.cell(row, at["整改状态"]).value = "已完成待验收"
    book.save(form)
    bureau.go(f"/console/cases/{refs[0]}/")
    _do(bureau, "progress", note="网上先报：告知单正在修订", person="王科长")
    bureau.check("case-progress")
    _send(bureau, form)
    bureau.check("list-diff")
    boxes = bureau.page.locator("input[name=over]")
    assert boxes.count() == 1, "the first row changed here since, in two cells"
    bureau.page.click("button[value=confirm]")
    bureau.page.wait_for_selector("h1:has-text('已完成')", timeout=20_000)
    values = [int(v) for v in bureau.page.locator(".figure .value").all_text_contents()]
    assert (values[2], values[4]) == (1, 0), "the other row alone, and none is refused"
    assert "其中 1 行保留系统中的内容" in bureau.page.content()
    bureau.check("list-done")
    bureau.follow("查看清单：行业责任清单")
    bureau.page.wait_for_url("**/console/lists/sector/")
    bureau.go(f"/console/cases/{refs[1]}/")
    assert "李建国" in bureau.page.content()
    _send(bureau, form)
    bureau.page.locator("input[name=over]").first.check()
    bureau.page.click("button[value=confirm]")
    bureau.page.wait_for_selector("h1:has-text('已完成')", timeout=20_000)
    values = [int(v) for v in bureau.page.locator(".figure .value").all_text_contents()]
    assert (values[2], values[4]) == (1, 0)
    group.go(f"/en/console/cases/{refs[0]}/")
    group.check("case-submitted-en")
    _do(group, "verify", note="checked on the spot")
    group.go("/en/console/lists/sector/?state=verified")
    assert refs[0] in group.page.content()
