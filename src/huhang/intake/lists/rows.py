"""Rows of a list that comes back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.intake.lists import marks
from huhang.intake.lists.cells import plain_cell
from huhang.intake.lists.names import FILLED
from huhang.kernel import ids
from huhang.kernel.plain import MAX_TEXT
from huhang.tables.columns import Header
from huhang.tables.faults import Cells
from huhang.tables.file import KeyedRow, RowReader, TableFile

LONGEST = {"measures": MAX_TEXT, "remark": MAX_TEXT, "person": 200}


@dataclass(frozen=True, kw_only=True)
class ListRow(KeyedRow):
    """A row. ``texts``: column -> the cell's text to compare; ``typed``: column of ``FILLED`` -> as it
    was typed; ``mark``: None where there is none, and ``spoilt`` when one stands there that is not ours."""

    ref: str
    texts: dict[str, str]
    typed: dict[str, str]
    mark: marks.Mark | None
    spoilt: bool


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
        for name, index in self.at.items():
            text = texts[index] if index < len(texts) else ""
            if name in FILLED:
                self.sound(name, text)
            else:
                self.saved(name, text)
            cell = cells[index] if index < len(cells) else ""
            compared[name] = plain_cell(name, cell, self.file.zone, self.file.mapping.date_formats)
            if name in FILLED:
                typed[name] = text
                if len(text) > LONGEST.get(name, 100):
                    raise self.bad(
                        name,
                        _("Longer than %(limit)d characters.") % {"limit": LONGEST.get(name, 100)},
                    )
        try:
            ref = ids.read_ref(compared["ref"])
        except ValueError:
            raise self.bad("ref", _("This is not a reference of a case.")) from None
        given = compared.pop("mark", "")
        mark = marks.read(ref, given) if given else None
        unit = mark.unit if mark else compared.get("unit", "")
        parts = [f"{k}={v}" for k, v in sorted(compared.items()) if k in FILLED]
        return ListRow(
            sheet=self.sheet, row=number, key=f"{ref}/{unit}", headings=self.headings,
            content_hash=hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest(),
            cells=tuple(cells), ref=ref, texts=compared, typed=typed, mark=mark,
            spoilt=bool(given) and mark is None,
        )  # fmt: skip
