"""A leader writes a bulletin with figure fields, sees what it discloses, and publishes it."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser
TEXT = "今年共收到事项{cases_received}件，比上年同期{cases_received:change_year}件；诉求{cases_by_kind.demand}件，线索{clue_collated}件。\n问卷 200 份。{no_such}"


def test_a_bulletin_from_the_first_word_to_the_published_text(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.go("/console/bulletin/?from=2026-01-01&to=2026-12-31")
    w.follow("用这些数据撰写简报")
    w.page.fill("[name=title]", "营商环境监督简报")
    w.page.get_by_text("{reports_received}", exact=True).click()
    assert w.page.locator("textarea[name=text]").input_value() == "{reports_received}"
    w.page.fill("textarea[name=text]", TEXT)
    w.press("保存")
    w.page.wait_for_selector("text=已保存。")
    assert "no_such" in w.page.locator(".notice.overdue").inner_text()
    assert "200" in w.page.locator("main").inner_text()
    w.check("draft")
    w.page.fill("textarea[name=text]", TEXT.replace("{no_such}", ""))
    w.press("保存")
    w.page.wait_for_selector("text=已保存。")
    read = w.page.locator("section .text").first.inner_text()
    assert "{" not in read
    w.follow("发布……")
    w.check("draft-publish")
    assert "公开的内容" in w.page.locator("main").inner_text()
    w.press("发布")
    w.page.wait_for_selector("text=文中数据")
    w.check("draft-published")
    assert "问卷 200 份。" in w.page.locator("main").inner_text()
    other = walker()
    other.sign_in("intake", prefix="/en")
    other.go("/en/console/bulletin/draft/?from=2026-01-01&to=2026-12-31")
    other.check("draft-new-en")


def test_figures_are_looked_at_before_they_are_published(walker: Any) -> None:
    w = walker()
    w.sign_in("leader", prefix="/en")
    for page in ("bulletin", "bulletin/publish"):
        w.go(f"/en/console/{page}/?from=2026-01-01&to=2026-12-31")
        w.check(page.replace("/", "-"))
