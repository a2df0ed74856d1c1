"""docs/asvs.md has every requirement of levels 1 and 2 once, and shows what it says is met."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE)


def test_every_requirement_stands_there_once_at_its_level() -> None:
    known = {}
    for line in (Path(__file__).parent / "asvs_ids.txt").read_text().splitlines():
        level, *ids = line.split()
        known.update(dict.fromkeys(ids, level))
    assert Counter(number for number, *_rest in ROWS) == Counter(dict.fromkeys(known, 1))
    assert {number: level for number, level, *_rest in ROWS} == known


def test_what_is_met_is_shown_by_something_that_exists() -> None:
    for number, _level, _asks, state, shown in ROWS:
        assert state in ("met", "n.a.", "**open**"), number
        named = [name for name in re.findall(r"`([^`]+)`", shown) if "." in name]
        if state == "met":
            assert named, number
            assert not [name for name in named if not (ROOT / name).exists()], number


def test_the_count_is_right() -> None:
    met, beside, still = re.findall(r"\*\*(\d+) met, (\d+) not applicable, (\d+) open\*\*", TEXT)[0]
    states = Counter(state for *_rest, state, _shown in ROWS)
    assert (states["met"], states["n.a."], states["**open**"]) == (
        int(met),
        int(beside),
        int(still),
    )
