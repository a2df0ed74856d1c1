"""A leader signs a return that the worker froze, the office sends it, and it prints across."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_a_return_goes_upward(walker: Any) -> None:
    leader, office = walker(), walker()
    leader.sign_in("leader")
    leader.go("/console/returns/")
    leader.check("returns")
    first = leader.page.locator("tbody tr", has_text="待领导签发").first
    first.get_by_role("link").click()
    leader.check("return")
    place = re.sub(r"^https?://[^/]+", "", leader.page.url)
    leader.go(f"/en{place}")
    leader.check("return-english")
    pdf = leader.page.pdf(prefer_css_page_size=True)
    if leader.screens:
        (leader.screens / "return.pdf").write_bytes(pdf)
    assert re.search(rb"/MediaBox \[0 0 84[12][.\d]* 59[456]", pdf), "A4 across"
    leader.go(place)
    leader.page.locator("a[href$='/sign/']").click()
    leader.check("return-sign")
    leader.page.locator("main form .actions button").click()
    leader.page.wait_for_url(f"**{place}")
    assert "签发：" in leader.page.content()

    office.sign_in("intake")
    office.go(place)
    office.page.locator("a[href$='/send/']").click()
    office.page.fill("[name=serial]", "护营报〔2026〕1号")
    office.check("return-send")
    office.page.locator("main form .actions button").click()
    office.page.wait_for_url(f"**{place}")
    assert "护营报〔2026〕1号" in office.page.content()
    office.go("/en/console/returns/")
    office.check("returns-english")

    running = leader.page.locator("tbody tr", has_text="进行中").first
    leader.go("/console/returns/")
    running.get_by_role("link").click()
    leader.check("return-running")
    leader.page.locator("a[href$='/freeze/']").click()
    leader.page.fill("[name=reason]", "长假前报送")
    leader.page.locator("main form .actions button").click()
    leader.page.wait_for_selector("text=提前冻结")
    leader.check("return-early")
