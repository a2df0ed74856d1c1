"""The accused cannot look: pairs of worlds are the same, and planted leaks are found."""

from __future__ import annotations

import pytest

from huhang.papers import actions as numbering
from tests.worlds.compare import compare
from tests.worlds.leaks import LEAKS, WITHOUT_LEAK
from tests.worlds.surfaces import SURFACES

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = range(1, 7)
TRY = 12


@pytest.fixture(autouse=True)
def _hosts(settings) -> None:  # type: ignore[no-untyped-def]
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_accused_see_what_they_would_see_without_the_report(seed: int) -> None:
    found = compare(seed)
    assert not found.differences


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str) -> None:
    surface = name.removesuffix(" without gate")
    for seed in range(1, TRY):
        found = compare(seed, plant=LEAKS[name], only=surface)
        if any(f": {surface} by " in d for d in found.differences):
            return
    pytest.fail(f"no pair of worlds shows the leak on {name}")


def test_a_counted_number_of_a_hidden_case_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were hidden cases numbered in the count, the visible ones after them would tell."""
    monkeypatch.setattr(numbering, "stands_apart", lambda case: False)
    for seed in range(1, TRY):
        if any(": paper numbers by " in d for d in compare(seed).differences):
            return
    pytest.fail("no pair of worlds shows a number that is left out")


def test_every_surface_has_a_leak_or_shows_nothing_of_cases() -> None:
    assert set(SURFACES) == {n.removesuffix(" without gate") for n in LEAKS} | set(WITHOUT_LEAK)
