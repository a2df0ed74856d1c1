"""A name is cleared, a false accusation only proposed, retaliation raised where nobody concerned sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_console import _do

pytestmark = pytest.mark.browser


def _file(w: Any, text: str) -> tuple[str, str]:
    """A clerk files a named call about the market bureau; the case's address and the reporter's code."""
    page = w.page
    w.go("/console/reports/new/")
    page.select_option("[name=channel]", "telephone")
    page.select_option("[name=kind]", "complaint")
    page.fill("[name=text]", text)
    page.fill("[name=name]", "陈某")
    page.select_option("[name=units]", "market")
    page.locator("main form .actions button").click()
    page.wait_for_selector(".code-groups")
    code = "-".join(page.locator(".code-groups li").all_text_contents())
    return str(page.locator(".notice.done a").get_attribute("href")), code


def _answer(page: Any, held: bool) -> None:
    """Answer each test of tolerance, the last one no where it does not hold."""
    fields = page.locator("main form select[name*='.']")
    for n in range(fields.count()):
        fields.nth(n).select_option("no" if not held and n == 4 else "yes")
    words = page.locator("main form textarea[name$='.words']")
    for n in range(words.count()):
        words.nth(n).fill("有会议记录和票据")


@pytest.fixture
def people(walker: Any) -> tuple[Any, Any, Any]:
    office, bureau, leader = walker(), walker(), walker()
    office.sign_in("intake")
    bureau.sign_in("market")
    leader.sign_in("leader")
    return office, bureau, leader


def _begin(office: Any, bureau: Any, case: str) -> None:
    office.go(case)
    _do(office, "accept", kind="complaint")
    _do(office, "assign", responsible="unit:market", supervising="group-1")
    bureau.go(case)
    _do(bureau, "investigate")


def test_an_error_is_tolerated_only_where_every_test_holds(people: Any) -> None:
    office, bureau, leader = people
    case, _code = _file(office, "试点窗口把我的材料弄丢了")
    _begin(office, bureau, case)
    bureau.page.locator("a[href$='/do/hear/']").click()
    bureau.check("hear-zh")
    bureau.go(case)
    _do(
        bureau,
        "hear",
        who="窗口负责人李某",
        note="首次试点，流程有缺漏",
        told_route=True,
        route="review",
    )
    _do(bureau, "find", finding="substantiated", note="材料遗失属实")
    leader.go(case)
    page = leader.page
    page.locator("a[href$='/do/tolerate/']").click()
    page.fill("[name=person]", "李某")
    page.select_option("[name=effect]", "reduced")
    page.fill("[name=note]", "会议研究，减轻问责")
    _answer(page, held=False)
    page.locator("main form .actions button").first.click()
    page.wait_for_selector(".wrong")
    assert "主动挽回损失" in page.locator(".wrong").first.text_content()
    leader.check("tolerate-refused-zh")
    _answer(page, held=True)
    page.locator("main form .actions button").first.click()
    page.wait_for_url(lambda url: "done=tolerate" in url)
    leader.check("tolerated-zh")
    assert "评先评优" in page.locator("section:has(> #fairness)").text_content()
    leader.go(f"/en{case}")
    leader.check("tolerated-en")


def test_a_name_is_cleared_and_a_false_accusation_only_proposed(people: Any) -> None:
    office, bureau, leader = people
    case, _code = _file(office, "反映张某收受购物卡")
    _begin(office, bureau, case)
    _do(bureau, "find", finding="unfounded", note="购物卡系其本人购买，有票据")
    leader.go(case)
    page = leader.page
    page.locator("a[href$='/do/clear/']").click()
    page.fill("[name=person]", "张某")
    page.fill("[name=cleared_on]", "2026-01-20")
    page.fill("[name=note]", "经核查，反映的问题失实，予以澄清")
    page.check("[name=forms][value=meeting]")
    page.locator("main form .actions button").first.click()
    page.wait_for_selector(".wrong")
    leader.check("clear-refused-zh")
    page.check("[name=forms][value=written]")
    page.check("[name=consent]")
    page.locator("main form .actions button").first.click()
    page.wait_for_url(lambda url: "done=clear" in url)
    page.locator("a[href$='/do/propose_false_accusation/']").click()
    leader.check("propose-zh")
    leader.go(f"/en{case}do/propose_false_accusation/")
    leader.check("propose-en")
    leader.go(case)
    _do(leader, "propose_false_accusation", fact="票据系伪造", intent="留言称要让其受处分")
    _do(leader, "decide_false_accusation", outcome="not_found", decided_by="superior_organ",
        document="聊纪〔2026〕9号", decided_on="2026-01-20")  # fmt: skip
    assert not page.locator("a[href$='/do/punish_jointly/']").count()
    leader.check("cleared-zh")
    leader.go(f"/en{case}")
    leader.check("cleared-en")
    bureau.go(case)
    assert "张某" in bureau.page.content()
    assert "诬告" not in bureau.page.content()


def test_retaliation_is_raised_with_the_code_and_hidden_from_the_bureau(
    people: Any, walker: Any
) -> None:
    office, bureau, leader = people
    case, code = _file(office, "窗口收费不开票")
    _begin(office, bureau, case)
    for prefix, name in (("/en", "en"), ("", "zh")):
        phone = walker(phone=True)
        phone.go(f"{prefix}/r/back/")
        phone.page.fill("#code", code)
        phone.page.locator("main form .actions button").first.click()
        phone.page.wait_for_selector("#retaliation-head")
        phone.page.locator("section:has(> #retaliation-head) summary").click()
        phone.check(f"retaliation-{name}")
    page = phone.page
    page.fill("[name=retaliation]", "被要求撤回反映，否则不予年检")
    page.locator("button[value=retaliation]").click()
    page.wait_for_selector(".code-groups")
    phone.check("retaliation-kept-zh")
    leader.go(case)
    link = leader.page.locator("section:has(> #fairness) a").first
    new = str(link.get_attribute("href"))
    leader.check("retaliation-link-zh")
    link.click()
    assert "被要求撤回反映" in leader.page.content()
    leader.check("retaliation-case-zh")
    bureau.go(case)
    assert not bureau.page.locator("#fairness").count()
    bureau.go(new)
    assert "没有找到" in bureau.page.content()


def test_a_clerk_raises_retaliation_for_a_reporter_who_comes(people: Any) -> None:
    office, bureau, leader = people
    case, _code = _file(office, "排号机坏了没人管")
    _begin(office, bureau, case)
    for prefix, name in (("/en", "en"), ("", "zh")):
        office.go(prefix + case)
        office.check(f"told-case-{name}")
        office.page.locator("a[href$='/retaliation/']").click()
        office.check(f"told-{name}")
    page = office.page
    page.select_option("[name=channel]", "visit")
    page.fill("[name=text]", "窗口说再反映就不给办")
    page.locator("main form .actions button").first.click()
    page.wait_for_selector(".wrong")
    office.check("told-refused-zh")
    page.check("[name=read_back]")
    page.locator("main form .actions button").first.click()
    page.wait_for_selector(".code-groups")
    office.check("told-filed-zh")
    new = str(page.locator(".notice.done a").get_attribute("href"))
    leader.go(case)
    assert new in leader.page.content()
    bureau.go(case)
    assert not bureau.page.locator("a[href$='/retaliation/']").count()
    assert new not in bureau.page.content()
    bureau.go(new)
    assert "没有找到" in bureau.page.content()
