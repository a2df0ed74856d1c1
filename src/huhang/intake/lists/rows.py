"""Rows of a list that comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.intake.lists import marks
from huhang.intake.lists.cells import plain_cell
from huhang.intake.lists.names import FILLED
from huhang.kernel import ids
from huhang.kernel.plain import MAX_TEXT
from huhang.tables.columns import Header
from huhang.tables.faults import Bad, Cells, together
from huhang.tables.file import KeyedRow, RowReader, TableFile

LONGEST = {"measures": MAX_TEXT, "remark": MAX_TEXT, "person": 200}


@dataclass(frozen=True, kw_only=True)
class ListRow(KeyedRow):
    """A row. ``texts``: column -> the cell's text to compare; ``typed``: column of ``FILLED`` -> as it
    was typed; ``mark``: None where there is none, and ``spoilt`` when one stands there that is not ours;
    ``faults``: column -> what is wrong with its cell by itself."""

    ref: str
    texts: dict[str, str]
    typed: dict[str, str]
    mark: marks.Mark | None
    spoilt: bool
    faults: Map[str, Bad]


class ListFile(TableFile[ListRow]):
    """A filled list."""

    def reader(self, sheet: str, header: Header) -> RowReader[ListRow]:
        """What reads the rows of this sheet."""
        return _Reader(self, sheet, header)


class _Reader(RowReader[ListRow]):
    def row(self, number: int, cells: Cells, texts: list[str]) -> ListRow:
        """One row. Raises ``Bad``."""
        compared: dict[str, str] = {}
        typed: dict[str, str] = {}
        faults: dict[str, Bad] = {}
        for name, index in self.at.items():
            text = texts[index] if index < len(texts) else ""
            cell = cells[index] if index < len(cells) else ""
            compared[name] = plain_cell(name, cell, self.file.zone, self.file.mapping.date_formats)
            if name in FILLED:
                typed[name] = text
            try:
                self._look(name, text)
            except Bad as bad:
                faults[name] = bad
        try:
            ref = ids.read_ref(compared["ref"])
        except ValueError:
            faults.setdefault("ref", self.bad("ref", _("This is not a reference of a case.")))
        if "ref" in faults:
            raise together(faults.values())
        given = compared.pop("mark", "")
        mark = marks.read(ref, given) if given else None
        unit = mark.unit if mark else compared.get("unit", "")
        parts = [f"{k}={v}" for k, v in sorted(compared.items()) if k in FILLED]
        # What cannot be taken in stands in the way of no other row with its key.
        key = f"{ref}/{unit}" + (f"/{self.sheet}/{number}" if faults else "")
        return ListRow(
            sheet=self.sheet, row=number, key=key, headings=self.headings,
            content_hash=hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest(),
            cells=tuple(cells), ref=ref, texts=compared, typed=typed, mark=mark,
            spoilt=bool(given) and mark is None, faults=faults,
        )  # fmt: skip

    def _look(self, name: str, text: str) -> None:
        """Whether a cell can be used by itself. Raises ``Bad``."""
        if name not in FILLED:
            self.saved(name, text)
            return
        self.sound(name, text)
        limit = LONGEST.get(name, 100)
        if len(text) > limit:
            raise self.bad(
                name,
                _("At most %(limit)d characters, not %(given)d.")
                % {"limit": limit, "given": len(text)},
            )
