"""Sums that miss by one digit: what is said, and what chance or rounding may have made."""

from __future__ import annotations

import pytest

from huhang.checker import Source, check

STAYS = "Accommodation establishments counted 8,312,604 overnight stays. Residents spent 3,106,447 nights there; guests from abroad spent {}."


def kinds(text: str) -> list[str]:
    return [c.kind for c in check(Source(text)).contradictions]


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("5,206,157", []),
        ("5,216,157", ["part_sum"]),  # another digit
        ("5,260,157", ["part_sum"]),  # two that changed places
        ("1,418,322", []),  # one group of several
    ],
)
def test_one_slip_is_a_misprint(printed: str, wanted: list[str]) -> None:
    assert kinds(STAYS.format(printed)) == wanted


def test_short_numbers_are_missed_by_a_digit_too_easily() -> None:
    assert not kinds("The office has 57 staff. Some 38 work in the city and 9 on the coast.")


def test_numbers_rounded_to_hundreds_may_miss_by_one() -> None:
    text = "Employment was 2,731,400 persons. Full-time workers accounted for 2,139,100 and part-time workers for {}."
    assert not kinds(text.format("592,400"))
    assert kinds(text.format("692,400")) == ["part_sum"]


def test_a_difference_that_is_said_to_follow_needs_no_name() -> None:
    text = (
        "In spring 6.4 TWh entered the country and 4.1 TWh left it, giving net imports of {} TWh."
    )
    assert not kinds(text.format("2.3"))
    assert kinds(text.format("3.2")) == ["part_sum"]
