"""What can be wrong with a file, a row, a cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

Cells = list[Any]
Merged = tuple[int, int, int]
"""A cell over several rows: its first row, its last, and the index of its column."""


class UnusableFile(Exception):
    """A file that is no table; says what is wrong with it."""


class Bad(Exception):
    """A cell for which its row is refused. ``field``: the heading."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason


def together(faults: Iterable[Bad]) -> Bad:
    """All faults of a row as one; where there are several, each reason after its field."""
    told = list(dict.fromkeys((fault.field, fault.reason) for fault in faults))
    if len(told) == 1:
        return Bad(*told[0])
    reasons = [
        f"{name}{pgettext('joint', ': ')}{reason}" if name else reason for name, reason in told
    ]
    fields = dict.fromkeys(name for name, _reason in told if name)
    return Bad(pgettext("list", ", ").join(fields), " ".join(reasons))


class Broken(list[Any]):
    """The cells of a record that cannot be read whole. ``at``: index of the broken cell."""

    def __init__(self, cells: Cells, at: int, reason: str) -> None:
        super().__init__(cells)
        self.at = at
        self.reason = reason


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken in: where, which field, why, and its cells as they came."""

    sheet: str
    row: int
    field: str
    reason: str
    cells: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Remark:
    """Something to know of a row (or, row 0, of a sheet) that was taken in."""

    sheet: str
    row: int
    field: str
    reason: str


def on_one_line(error: object) -> str:
    """What a library says of a fault, short and on one line."""
    return " ".join(str(error).split())[:200]
