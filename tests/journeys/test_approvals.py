"""A clue waits for approval: proposed, approved step by step, signed on paper; in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CLUE = "逢年过节要表示一下"


def _step(w: Any, do: str, **fields: str) -> None:
    """Take a step of what waits on the case page that is open."""
    w.page.locator(f"a[href*='/console/approvals/'][href$='/{do}/']").first.click()
    for name, value in fields.items():
        w.page.fill(f"main form [name={name}]", value)
    w.page.locator("main form .actions button").first.click()
    w.page.wait_for_url(lambda url: f"done={do}" in url)


def test_a_clue_waits_until_its_chain_has_approved(walker: Any) -> None:
    head, leader = walker(), walker()
    head.sign_in("head1")
    head.go("/console/cases/?approval=on")
    assert head.page.locator("tr[data-row]").count() == 1
    head.check("approvals-queue")
    head.page.locator("tr[data-row] a[data-open]").first.click()
    assert CLUE in head.page.content()
    head.check("approval-waits")
    case = head.page.url
    head.page.locator("a[href*='/console/approvals/'][href$='/approve/']").first.click()
    head.check("approval-approve")
    head.go(case.removeprefix(head.server.url))
    _step(head, "approve", note="同意约谈，注意方式方法。")

    leader.sign_in("leader", prefix="/en")
    leader.go("/en" + case.removeprefix(leader.server.url))
    assert "is proposed and waits for: leader in charge" in leader.page.content()
    leader.check("approval-waits-en")
    _step(leader, "approve")
    leader.check("approval-approved-en")
    assert "Talk or written inquiry" in leader.page.locator(".head .badge").first.text_content()

    office = walker()
    office.sign_in("group1")
    office.go(case.removeprefix(office.server.url))
    office.page.locator("a[href$='/do/hold/']").click()
    office.check("approval-propose")
    office.page.fill("main form [name=note]", "关键证人暂时联系不上，三个月后再看。")
    office.page.locator("main form .actions button").first.click()
    office.page.wait_for_url(lambda url: "waits=hold" in url)
    clerk = walker()
    clerk.sign_in("intake")
    clerk.go(case.removeprefix(clerk.server.url))
    day = clerk.page.evaluate("new Date().toLocaleDateString('sv')")
    _step(clerk, "sign", signer="何组长", signed_on=day, note="同意暂存。")
    clerk.check("approval-signed")
    leader.go(case.removeprefix(leader.server.url))
    _step(leader, "approve", note="同意。")
    leader.check("clue-held")
    leader.go("/console/sweep/")
    assert CLUE in leader.page.content()
    leader.check("sweep")
    leader.page.locator("a[data-open]", has_text=re.compile("-")).last.click()
    leader.page.locator("a[href$='/do/sweep/']").click()
    leader.page.fill("main form [name=note]", "条件仍不具备，继续暂存。")
    leader.page.locator("main form .actions button").first.click()
    leader.page.wait_for_url(lambda url: "done=sweep" in url)
    leader.check("clue-swept")
    leader.go("/en/console/sweep/")
    leader.check("sweep-en")


def test_a_leader_decides_on_accountability_and_opens_a_history(walker: Any) -> None:
    leader = walker()
    leader.sign_in("leader")
    links = leader.page.locator("a[href^='/console/accountability/']", has_text="作出决定")
    for _round in range(40):  # the worker proposes what is past its red mark once it runs
        leader.go("/console/accountability/")
        if links.count():
            break
        leader.page.wait_for_timeout(500)
    leader.check("accountability")
    links.first.click()
    leader.check("accountability-decide")
    leader.page.fill("main form [name=note]", "已按期补办，情节轻微，不予问责。")
    leader.page.locator("main form .actions button").first.click()
    leader.page.wait_for_url(lambda url: "done=decide_accountability" in url)
    leader.check("accountability-case")
    leader.go("/en/console/accountability/history/")
    leader.page.fill("main form [name=person]", "张某")
    leader.page.fill("main form [name=reason]", "Before an appointment")
    leader.page.locator("main form .actions button").first.click()
    leader.page.wait_for_selector("#found")
    leader.check("history-en")
