"""Reading what of a rulebook belongs to a place: its calendar, its registers, the demo to try it with."""

from __future__ import annotations

from pathlib import Path

import holidays

from huhang.rulebook.reader import Reader

DEMOS = Path(__file__).parent / "demo"


def demos() -> list[str]:
    """The invented places that come with Huhang."""
    return sorted(path.stem for path in DEMOS.glob("*.yaml"))


def country(r: Reader) -> str:
    """Whose public holidays count: a country whose days the package ``holidays`` knows."""
    known = holidays.list_supported_countries()
    return r.one_of(r.get(r.data, "", "calendar", dict), "calendar", "country", known)
