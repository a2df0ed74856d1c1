"""Drawings as files: SVG for pages, PNG for papers, made once for each content."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import lru_cache
from typing import Any

import vl_convert

from huhang.insight.charts.colours import FACES, PLAIN
from huhang.insight.charts.shapes import Panel

WIDE, NARROW, PAPER = 580, 290, 470
"""Pixels: on a desk, on a phone, on A4 (at 72 to the inch)."""
DPI = 200
_one = threading.Lock()
"""One conversion at a time: its engine draws on one thread."""
_begun = threading.Event()


def svg(panel: Panel, *, narrow: bool = False) -> bytes:
    """The drawing of a panel. Without scripts, style sheets or anything from elsewhere."""
    return _svg(_bare(panel), NARROW if narrow else WIDE).encode()


def png(panel: Panel) -> bytes:
    """The drawing of a panel for a paper, on the paper's own ground."""
    return _png(_bare(panel), PAPER)


def warm() -> None:
    """Begin to load the drawing engine, aside: its first drawing takes a second or two."""
    if not _begun.is_set():
        _begun.set()
        threading.Thread(target=_load, name="charts", daemon=True).start()


def _load() -> None:
    with _one:
        _draw()
        vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}}, allowed_base_urls=[])


def _draw() -> Any:
    # Altair takes half a second to load, and commands that draw nothing need not wait for it.
    from huhang.insight.charts import draw

    return draw


def _bare(panel: Panel) -> Panel:
    """A panel without what its drawing does not show: the same drawing serves whoever sees the same."""
    lines = tuple(replace(n, cells=tuple(replace(c, url="") for c in n.cells)) for n in panel.lines)
    return replace(panel, lines=lines, total=None, message="")


@lru_cache(maxsize=256)
def _svg(panel: Panel, width: int) -> str:
    drawn = dict(_draw().spec(panel, width))
    with _one:
        made = str(vl_convert.vegalite_to_svg(drawn, allowed_base_urls=[]))
    return made.replace(f'font-family="{PLAIN}"', f'font-family="{FACES}"')


@lru_cache(maxsize=64)
def _png(panel: Panel, width: int) -> bytes:
    drawn = _svg(panel, width)
    with _one:
        return bytes(vl_convert.svg_to_png(drawn, ppi=DPI))
