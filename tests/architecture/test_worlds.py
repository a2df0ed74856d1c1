"""The accused cannot look: worlds with and without the report are the same, and planted leaks are found."""

from __future__ import annotations

import pytest
from django.db import connection

from huhang.papers import actions as numbering
from tests.worlds.compare import compare, leaks_shown, surface_of
from tests.worlds.leaks import LEAKS, WITHOUT_LEAK
from tests.worlds.surfaces import SURFACES

pytestmark = pytest.mark.django_db(transaction=True)
STORIES = range(1, 13)
WORLDS = 25
"""Of each story: 300 in all on SQLite. PostgreSQL, where they take longer, has those of two."""
LOOKS = 3
TRY = 20


@pytest.fixture(autouse=True)
def _hosts(settings) -> None:  # type: ignore[no-untyped-def]
    settings.ALLOWED_HOSTS = ["testserver"]


def _stories() -> range:
    return STORIES if connection.vendor == "sqlite" else STORIES[:2]


@pytest.mark.parametrize("part", range(4))
def test_the_accused_see_what_they_would_see_without_the_report(part: int) -> None:
    for seed in _stories()[part::4]:
        found = compare(seed, WORLDS, looks=LOOKS)
        assert found.worlds == WORLDS
        assert not found.differences


@pytest.mark.parametrize("seed", [101, 102])
def test_the_accused_see_it_on_every_surface(seed: int) -> None:
    assert not compare(seed, 2).differences


@pytest.fixture(scope="module")
def found_leaks() -> dict[str, int]:
    """Leak -> the seed whose worlds showed it; filled as they are told."""
    return {}


@pytest.mark.parametrize("seed", range(1, TRY))
def test_planted_leaks_are_looked_for(seed: int, found_leaks: dict[str, int]) -> None:
    """One story serves every leak that no earlier one showed."""
    left = {name: LEAKS[name] for name in LEAKS if name not in found_leaks}
    for name in leaks_shown(seed, left) if left else ():
        found_leaks[name] = seed


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str, found_leaks: dict[str, int]) -> None:
    assert name in found_leaks, f"no world shows the leak on {name}"


def test_a_counted_number_of_a_hidden_case_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were hidden cases numbered in the count, the visible ones after them would tell."""
    monkeypatch.setattr(numbering, "is_confidential", lambda case: False)
    for seed in range(1, TRY):
        if compare(seed, 4, only="paper numbers").differences:
            return
    pytest.fail("no world shows a number that is left out")


def test_every_surface_has_a_leak_or_shows_nothing_of_cases() -> None:
    assert set(SURFACES) == set(map(surface_of, LEAKS)) | set(WITHOUT_LEAK)
