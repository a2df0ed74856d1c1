"""Shares with their intervals, and the bands of those that cannot be told apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: an interval of 95 %."""


@dataclass(frozen=True)
class Share:
    """A share of ``base`` cases and its interval, from 0 to 1. ``band``: its band's hull, or nothing."""

    share: float
    low: float
    high: float
    base: int


def wilson(hits: int, base: int) -> Share:
    """The share ``hits / base`` with Wilson's interval of 95 %.

    It holds at small numbers and near 0 and 1, where the textbook's does not (E. B. Wilson,
    "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22
    (1927), 209–212). ``base`` at least 1, ``hits`` from 0 to ``base``.
    """
    share = hits / base
    middle = (share + Z * Z / (2 * base)) / (1 + Z * Z / base)
    half = Z * sqrt(share * (1 - share) / base + Z * Z / (4 * base * base)) / (1 + Z * Z / base)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half), base)


def banded(shares: Iterable[tuple[str, Share]]) -> list[list[str]]:
    """The keys in bands, the highest first; within a band in their own order.

    Two whose intervals overlap are in one band, and so are those that a chain of overlaps joins: so
    intervals of different bands never overlap. Intervals that overlap do not prove that two are
    equal, only that these cases do not tell them apart; ranks would pretend they do (H. Goldstein,
    D. J. Spiegelhalter, "League tables and their limitations", J. R. Stat. Soc. A 159 (1996), 385–443).
    """
    bands: list[list[str]] = []
    reach = 0.0
    for key, share in sorted(shares, key=lambda s: (-s[1].high, s[0])):
        if bands and share.high >= reach:
            bands[-1].append(key)
            reach = min(reach, share.low)
        else:
            bands.append([key])
            reach = share.low
    return [sorted(band) for band in bands]
