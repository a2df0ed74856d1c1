"""Staff carry a case to a verified fix, import a file, count and publish."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

pytestmark = pytest.mark.browser


def _do(w: Any, verb: str, **fields: Any) -> None:
    """Open a verb's form from its button on the case page, fill it, and send it."""
    page = w.page
    page.locator(f"a[href$='/do/{verb}/']").click()
    page.wait_for_selector("input[name=version]", state="attached")
    for name, value in fields.items():
        field = page.locator(f"main form [name={name}]")
        if value is True:
            field.check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form .actions button").first.click()
    page.wait_for_url(lambda url: f"done={verb}" in url)


def _file(w: Any, text: str) -> str:
    """A clerk files a call about the market bureau; the case's address."""
    page = w.page
    w.go("/console/reports/new/")
    page.select_option("[name=channel]", "telephone")
    page.select_option("[name=kind]", "complaint")
    page.fill("[name=text]", text)
    page.select_option("[name=units]", "market")
    page.locator("main form .actions button").click()
    page.wait_for_selector(".code-groups")
    return str(page.locator(".notice.done a").get_attribute("href"))


def test_a_case_is_carried_to_a_verified_fix(walker: Any) -> None:
    office, bureau, group = walker(), walker(), walker()
    office.sign_in("intake")
    bureau.sign_in("market")
    group.sign_in("group1")
    case = _file(office, "窗口工作人员让我跑了五趟")
    office.check("filed")

    bureau.go(case)
    assert "没有找到" in bureau.page.content(), "until triage the named unit does not see it"

    office.go(case)
    office.check("case-new")
    _do(office, "accept", kind="complaint", behaviour="shirking")
    _do(office, "assign", responsible="unit:market", supervising="group-1")
    bureau.go(case)
    bureau.check("case-assigned")
    _do(bureau, "investigate")
    _do(
        bureau,
        "hear",
        note="听取了窗口负责人的说明",
        told_route=True,
        who="窗口负责人",
        route="review",
    )
    _do(bureau, "find", finding="substantiated", note="属实，没有一次性告知")
    _do(bureau, "rectify", note="一周内补办并道歉")
    _do(bureau, "submit", note="已补办")
    assert not bureau.page.locator("a[href$='/do/verify/']").count(), "nobody verifies their own"
    group.go(case)
    _do(group, "send_back", note="请附照片")
    bureau.go(case)
    _do(bureau, "submit", note="已补办，附照片")
    group.go(case)
    _do(group, "verify", note="现场查看")
    office.go(case)
    _do(office, "feed_back", note="已经办好并向您道歉")
    _do(office, "govern", form="process", note="窗口实行一次性告知")
    _do(office, "close")
    office.check("case-closed")
    assert "已办结" in office.page.locator(".head .badge").first.text_content()


def test_a_paper_is_taken_from_the_case_with_its_number(walker: Any) -> None:
    office = walker()
    office.sign_in("intake")
    page = office.page
    office.go(_file(office, "占用消防通道没有人管"))
    _do(office, "accept", kind="complaint")
    panel = page.locator("section:has(> #papers)")
    with page.expect_download() as draft:
        panel.get_by_role("link", name="Word 登记表 登记表").click()
    assert "草稿" in draft.value.suggested_filename
    panel.get_by_role("button", name="编文号：登记表").click()
    page.get_by_role("button", name="编文号", exact=True).click()
    page.wait_for_url(lambda url: "done=issue_number" in url)
    serial = panel.locator(".row span").first.text_content()
    assert serial.startswith("护营登〔")
    office.check("case-papers")
    with page.expect_download() as numbered:
        panel.get_by_role("link", name=f"Word 登记表 {serial}").click()
    assert numbered.value.suggested_filename == f"登记表-{serial}.docx"
    panel.get_by_role("link", name=f"作废… {serial}").click()
    page.fill("[name=reason]", "登记有误")
    office.check("number-void")
    page.locator("button[name=confirm]").click()
    page.wait_for_url(lambda url: "done=void_number" in url)
    office.go("/console/papers/?series=registration")
    assert serial in page.content()
    assert "登记有误" in page.content()
    office.check("numbers")


def test_the_queue_keeps_its_state_in_the_address_and_has_keys(walker: Any) -> None:
    w = walker()
    w.sign_in("intake")
    w.check("queue")
    page = w.page
    page.locator("th a").filter(has_text="收到").last.click()
    assert "sort=received" in page.url
    page.locator("main summary").first.click()
    page.select_option("[name=kind]", "clue")
    w.press("筛选")
    assert "kind=clue" in page.url
    assert "sort=received" in page.url
    w.check("queue-filtered")
    page.keyboard.press("/")
    page.keyboard.type("内定")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "q=%" in url)
    assert page.locator("tr[data-row]").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("dl.facts")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url(lambda url: url.endswith("/console/cases/"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-needs-pick]").is_visible()
    page.select_option("#verb", "note")
    page.locator(".toolbar button").click()
    page.fill("[name=note]", "成批备注")
    w.check("batch")
    page.locator("button[name=confirm]").click()
    w.check("batch-done")
    assert "已办理 1" in page.content()


def test_a_file_is_looked_at_then_imported(walker: Any, tmp_path: Path) -> None:
    path = tmp_path / "热线.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("诉求")
        for row, cells in enumerate(
            [["工单编号", "诉求内容", "受理时间", "承办单位"],
             ["A1", "路灯不亮三个月", "2026-03-01 10:00", "云湖城管局"],
             ["A2", "排水不畅", "三月中旬", ""],
             ["A3", "", "2026-03-02 10:00", ""]]
        ):  # fmt: skip
            sheet.write_row(row, 0, cells)
    w = walker()
    w.sign_in("intake")
    w.go("/console/dispositions/")
    w.check("dispositions")
    w.go("/console/imports/")
    w.check("imports")
    w.page.set_input_files("[name=file]", str(path))
    w.press("查看")
    w.page.wait_for_selector("button[value=confirm]", timeout=20_000)
    w.check("import-checked")
    assert "三月中旬" in w.page.content()
    w.page.click("button[value=confirm]")
    w.page.wait_for_selector("h1:has-text('已完成')", timeout=20_000)
    w.check("import-done")
    values = [int(v) for v in w.page.locator(".figure .value").all_text_contents()]
    assert values == [3, 1, 0, 0, 2]
    with w.page.expect_download() as got:
        w.page.locator("a[href$='refused.xlsx']").click()
    assert Path(got.value.path()).read_bytes()[:2] == b"PK"


def test_the_dashboard_opens_onto_cases_and_shows_its_drawings(walker: Any) -> None:
    for scheme, name in (("light", "dashboard"), ("dark", "dashboard-dark")):
        w = walker(color_scheme=scheme)
        w.sign_in("leader")
        w.go("/console/dashboard/?from=2020-01-01&to=2027-12-31")
        images = w.page.locator(".drawn img")
        assert images.count() >= 6
        for at in range(images.count()):
            images.nth(at).scroll_into_view_if_needed()
            for _try in range(200):
                if images.nth(at).evaluate("i => i.complete && i.naturalWidth > 0"):
                    break
                w.page.wait_for_timeout(100)
            assert images.nth(at).evaluate("i => i.naturalWidth") > 200
        w.check(name)
    w.open_figure("/console/dashboard/?from=2020-01-01&to=2027-12-31", ".charted td a")
    w.follow("看板")
    w.page.select_option("[name=kind]", "demand")
    w.press("统计")
    assert "kind=demand" in w.page.url
    with w.page.expect_download() as got:
        w.follow("Excel")
    assert Path(got.value.path()).read_bytes()[:2] == b"PK"


def test_bulletin_opens_onto_its_cases_and_is_published(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.go("/console/bulletin/?from=2026-01-01&to=2027-12-31")
    w.check("bulletin")
    w.open_figure("/console/bulletin/?from=2026-01-01&to=2027-12-31", ".figure .value a")
    w.check("bulletin-cases")
    w.page.go_back()
    with w.page.expect_download() as got:
        w.follow("Word")
    assert Path(got.value.path()).read_bytes()[:2] == b"PK"
    w.page.locator("a[href*='publish']").click()
    w.check("publish")
    w.page.fill("[name=title]", "十一月简报")
    w.press("发布")
    w.check("published")
    assert "未显示" in w.page.content()
    assert "少于 5" not in w.page.content()
    w.page.locator("button.danger").click()
    w.check("withdraw")
    w.page.locator("button[name=confirm]").click()
    w.page.wait_for_url(lambda url: url.endswith("/console/bulletin/"))


def test_administrator_invites_somebody_who_signs_in(walker: Any) -> None:
    w, new = walker(), walker()
    w.go("/console/sign-in/")
    w.check("sign-in")
    w.sign_in("admin")
    w.check("people")
    page = w.page
    page.fill("[name=username]", "water1")
    page.fill("[name=name]", "新来的")
    page.select_option("[name=role]", "handler")
    page.select_option("[name=unit]", "water")
    page.locator("main form .actions button").click()
    w.check("invited")
    address = page.locator(".code .mono").text_content()
    new.page.goto(address)
    new.check("invitation")
    new.page.fill("[name=password]", "short")
    new.page.fill("[name=again]", "short")
    new.page.locator("main button").click()
    new.check("invitation-wrong")
    for name in ("password", "again"):
        new.page.fill(f"[name={name}]", "a-good-long-one-77")
    new.page.locator("main button").click()
    new.page.fill("[name=username]", "water1")
    new.page.fill("[name=password]", "a-good-long-one-77")
    new.page.locator("main button").click()
    new.page.wait_for_selector("h1:has-text('事项')")
    new.check("queue-empty")
    for place in ("units", "sites", "log", "people/water1", "units/market"):
        w.go(f"/console/{place}/")
        w.check(re.sub(r"\W", "-", place))


def test_the_console_in_english(walker: Any) -> None:
    w = walker()
    w.sign_in("intake", prefix="/en")
    w.check("queue-en")
    w.go("/en/console/cases/?state=received")
    w.page.locator("a[data-open]").first.click()
    w.check("case-en")
    w.page.locator("a[href$='/do/accept/']").click()
    w.check("accept-en")
    for place in ("notices", "bulletin", "reports/new", "imports", "sites"):
        w.go(f"/en/console/{place}/")
        w.check(f"{place.replace('/', '-')}-en")
    w.page.click(".menu summary")
    w.check("menu-en")
    w.press("Sign out")
    w.page.wait_for_url(lambda url: "sign-in" in url)


def test_a_token_is_made_and_a_summary_published(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.page.click(".menu summary")
    w.page.locator(".menu a[href*='/tokens/']").click()
    w.check("tokens-empty")
    w.page.fill("[name=name]", "大屏")
    for scope in ("read", "publish"):
        w.page.check(f"[name=scopes][value={scope}]")
    w.page.locator("main form .actions button").click()
    assert w.page.locator(".code .mono").text_content().startswith("huhang_")
    w.check("tokens")
    w.page.locator("main button.danger").click()
    w.check("token-revoke")
    w.page.locator("button[name=confirm]").click()
    w.page.wait_for_url(lambda url: url.endswith("/console/tokens/"))
    w.go("/console/cases/?state=closed&kind=demand")
    w.page.locator("a[data-open]").first.click()
    case = w.page.url
    w.page.locator("a[href$='/do/disclose/']").click()
    w.check("disclose")
    w.page.fill("[name=note]", "路灯已经修好。")
    w.page.locator("main form .actions button").click()
    w.page.wait_for_url(lambda url: url.startswith(case.partition("?")[0]) and "/do/" not in url)
    w.check("case-published")
    assert "任何人都能看到" in w.page.content()


def test_a_long_word_in_a_title_does_not_blow_the_queue_up(walker: Any) -> None:
    w = walker()
    w.sign_in("intake")
    case = _file(w, "https://example.test/" + "a" * 300)
    for place in ("/console/cases/?sort=-received", "/en/console/cases/?sort=-received", case):
        w.go(place)
        assert w.page.evaluate("document.documentElement.scrollWidth") <= 1280
        w.check(f"long-word{place.count('en')}{len(place)}")
    w.go("/en/console/cases/")
    assert w.page.locator("header.bar").bounding_box()["height"] < 80, "the bar stays on one line"


def test_figures_of_a_text_are_checked(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.go("/console/bulletin/")
    w.follow("核对一份文字中的数字")
    w.check("check-figures-empty")
    w.page.fill(
        "[name=text]",
        "前5个月我市进出口总值217.7亿元，比去年同期增长16.4%，较全省平均增速高14.3个百分点。其中出口126.6亿元，下降2.3%；"
        "进口91.1亿元，增长64%。热线满意率达102.4%。",
    )
    w.press("核对")
    w.page.wait_for_selector("tr#c1")
    assert "17.46…+17.73" in w.page.inner_text("main")
    w.check("check-figures")
    w.page.locator("main li a[href='#c2']").click()
    assert w.page.url.endswith("#c2")
