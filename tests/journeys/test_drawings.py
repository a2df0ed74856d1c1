"""Drawings in a browser, with the longest labels: none is cut, none lies over another."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from django.utils import translation

from huhang.insight.charts import pictures
from huhang.insight.charts.shapes import Panel
from tests.journeys.drawings import panels_of

pytestmark = pytest.mark.browser
PHONE = 294
"""Pixels that a page of 360 leaves for a drawing."""
LINES = """
() => [...document.querySelectorAll("svg text:not([opacity='0'])")].flatMap((text) => {
  const lines = text.querySelectorAll("tspan");
  return [...(lines.length ? lines : [text])].map((line) => {
    const { left, top, right, bottom } = line.getBoundingClientRect();
    const slanted = /rotate\\(320\\)/.test(text.getAttribute("transform"));
    return { words: line.textContent.trim(), slanted, box: [left, top, right, bottom] };
  }).filter((line) => line.words);
})
"""


def _core(box: list[float]) -> tuple[float, float, float, float]:
    """The letters themselves: of a line upright or across, without what stands above and below them."""
    left, top, right, bottom = box
    thin = min(right - left, bottom - top)
    spare = max((thin - 9) / 2, 0)
    if right - left < bottom - top:
        return left + spare, top, right - spare, bottom
    return left, top + spare, right, bottom - spare


def _meet(one: list[float], other: list[float]) -> bool:
    a, b = _core(one), _core(other)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _bare(words: str) -> str:
    return re.sub(r"\s", "", words)


def _labels(panel: Panel) -> list[str]:
    """What a drawing says of its rows and columns; of times as many as there is room for."""
    rows = [] if panel.draw == "lines" else [line.label for line in panel.lines]
    heads = [words for _key, words in panel.columns] if panel.draw == "heat" else []
    bands = [line.band for line in panel.lines if line.band]
    return [*rows, *heads, *bands]


@pytest.mark.parametrize("narrow", [True, False])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_label_is_cut_and_none_lies_over_another(
    chromium: Any, language: str, narrow: bool
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 860})
    for panel in panels_of(language):
        with translation.override(language):
            drawn = pictures.svg(panel, narrow=narrow).decode()
        page.set_content(f"<body style='margin:0'>{drawn}")
        frame = page.locator("svg").bounding_box()
        lines = page.evaluate(LINES)
        said = _bare("".join(line["words"] for line in lines))
        for label in _labels(panel):
            assert _bare(label) in said, panel.id
        assert "…" not in said
        for line in lines:
            left, top, right, bottom = _core(line["box"])
            assert min(left, top) >= -0.5, (panel.id, line)
            assert right <= frame["width"] + 0.5, (panel.id, line, frame)
            assert bottom <= frame["height"] + 0.5, (panel.id, line, frame)
        upright = [line for line in lines if not line["slanted"]]
        for one, other in combinations(upright, 2):
            assert not _meet(one["box"], other["box"]), (panel.id, one, other)
        if narrow and panel.id != "heat-12":
            assert frame["width"] <= PHONE, (panel.id, frame)
    page.close()
