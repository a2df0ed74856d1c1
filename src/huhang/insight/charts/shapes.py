"""A chart as it is shown: in one language, each number with its words and the address of its cases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A number as it is shown. ``value`` None: hidden, or there is nothing to say. ``url``: its cases."""

    value: int | float | None
    shown: str
    url: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a table. ``band``: which band a unit stands in, or nothing."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    band: str = ""


@dataclass(frozen=True)
class Panel:
    """A chart and its table. ``draw``: its form; ``columns``: keys and words; ``total``: the last row."""

    id: str
    draw: str
    name: str
    definition: str
    population: str
    message: str
    head: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    total: Line | None
    empty: bool

    @property
    def banded(self) -> bool:
        """Whether its rows stand in bands."""
        return self.draw == "intervals"

    @property
    def wide(self) -> bool:
        """Whether its table needs the width of a page."""
        return len(self.columns) > 5

    @property
    def drawn(self) -> bool:
        """Whether there is something to draw: of bands, that a unit stands in one."""
        return not self.empty and (not self.banded or any(line.band for line in self.lines))
