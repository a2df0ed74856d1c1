"""The dashboard on a phone and with a slow server: what scrolls shows it, what is being made says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PERIOD = "from=2020-01-01&to=2027-12-31"


def _edges(walker: Any, region: Any) -> tuple[bytes, bytes]:
    """How the left and the right edge of a region look, without its content."""
    region.evaluate("r => { for (const inner of r.children) inner.style.opacity = 0; }")
    box = region.bounding_box()
    clip = {"y": box["y"] + 40, "width": 6, "height": 20}
    left = walker.page.screenshot(clip={**clip, "x": box["x"]})
    right = walker.page.screenshot(clip={**clip, "x": box["x"] + box["width"] - 6})
    return left, right


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wide_table_shows_at_which_edge_there_is_more(walker: Any, scheme: str) -> None:
    w = walker(color_scheme=scheme)
    w.page.set_viewport_size({"width": 360, "height": 780})
    w.sign_in("leader")
    w.go(f"/console/dashboard/?{PERIOD}")
    tables = w.page.locator(".scroll.tall")
    narrow, wide = tables.nth(0), tables.nth(2)
    narrow.scroll_into_view_if_needed()
    plain, same = _edges(w, narrow)
    assert plain == same, "what does not scroll has no shadow"
    wide.scroll_into_view_if_needed()
    seen = []
    for place in (0, 60, 9999):
        wide.evaluate("(r, place) => { r.scrollLeft = place; }", place)
        seen.append(tuple(edge == plain for edge in _edges(w, wide)))
    assert seen == [(True, False), (False, False), (False, True)]
    for region in w.page.locator(".scroll").all():
        assert region.get_attribute("tabindex") == "0"
        assert region.get_attribute("role") == "region"
        assert region.get_attribute("aria-label")


def test_a_file_that_takes_long_shows_that_it_is_being_made(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.go(f"/console/dashboard/?{PERIOD}")
    asked: list[Any] = []
    w.page.route("**/*format=word*", lambda route: asked.append(route))
    word = w.page.get_by_role("link", name="Word", exact=True)
    said = w.page.locator("[data-making]")
    assert said.text_content() == ""
    word.click()
    word.click(force=True)
    w.page.wait_for_function("document.querySelector('[data-making]').textContent !== ''")
    assert "正在生成" in said.text_content()
    assert word.get_attribute("aria-busy") == "true"
    w.check("dashboard-making")
    assert len(asked) == 1, "a second press asks for nothing"
    with w.page.expect_download() as got:
        asked[0].continue_()
    assert got.value.suggested_filename == "看板-2020-01-01至2027-12-31-内部使用.docx"
    assert Path(got.value.path()).read_bytes()[:2] == b"PK"
    w.page.wait_for_function("document.querySelector('[data-making]').textContent === ''")
    assert word.get_attribute("aria-busy") is None


def test_what_is_no_file_is_opened(walker: Any) -> None:
    w = walker()
    w.sign_in("leader")
    w.go(f"/console/dashboard/?{PERIOD}")
    w.context.clear_cookies()
    w.page.get_by_role("link", name="Word", exact=True).click()
    w.page.wait_for_url("**/sign-in/**")
