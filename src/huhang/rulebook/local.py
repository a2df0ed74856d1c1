"""Reading what of a rulebook belongs to a place: its calendar, languages and ratings, the demo to try it with."""

from __future__ import annotations

from pathlib import Path

import holidays

from huhang.rulebook.book import LANGUAGES
from huhang.rulebook.faults import said
from huhang.rulebook.reader import Reader
from huhang.rulebook.words import Text

DEMOS = Path(__file__).parent / "demo"


def demos() -> list[str]:
    """The invented places that come with Huhang."""
    return sorted(path.stem for path in DEMOS.glob("*.yaml"))


def country(r: Reader) -> str:
    """Whose public holidays count: a country whose days the package ``holidays`` knows."""
    known = holidays.list_supported_countries()
    return r.one_of(r.get(r.data, "", "calendar", dict), "calendar", "country", known)


def languages(r: Reader) -> tuple[str, ...]:
    """The languages of the pages, the first by default: at least one."""
    found = r.several(r.data, "", "languages", LANGUAGES)
    if not found:
        raise r.fail("languages", said("the list is empty"))
    return found


def ratings(r: Reader) -> dict[int, Text]:
    """What a reporter can rate: whole numbers, and their words."""
    found: dict[int, Text] = r.words("ratings")
    for name in found:
        if type(name) is not int or not 1 <= name <= 10:
            raise r.fail(f"ratings.{name}", said("%(name)r is no number from 1 to 10"), name=name)
    return found
