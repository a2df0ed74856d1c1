"""Rows of a file of units."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huhang.intake.units.names import KINDS
from huhang.parties.words import joined
from huhang.rulebook import current
from huhang.tables.cells import NOTHING
from huhang.tables.columns import Header
from huhang.tables.faults import Bad, Cells
from huhang.tables.file import KeyedRow, RowReader, TableFile
from huhang.tables.headings import plain

LONGEST = {"code": 40, "name": 120, "name_en": 160}
ALIAS = 120
_between = re.compile(r"[、;；,，/|\n]+")
_year = re.compile(r"(\d{4})\s*(?:年?|年\s*\d{1,2}\s*月|[-./]\d{1,2})")
"""A year, or a month of one."""
_open = frozenset({"至今", "现在", "今", "now", "present"})
_FOREVER = re.compile(r"9999(?!\d)|99991231$")
"""How databases write that there is no end."""


def _kinds() -> dict[str, str]:
    """What a file may call the rulebook's kinds of units."""
    kinds = current().unit_kinds
    own = {plain(w): key for key, text in kinds.items() for w in (text.zh, text.en, key)}
    return {name: kind for name, kind in KINDS.items() if kind in kinds} | own


_NO_PARENT = frozenset({"0", "-1"})
"""How databases write that a unit is the root of its tree."""


@dataclass(frozen=True, kw_only=True)
class UnitRow(KeyedRow):
    """A unit as a row tells it. ``values``: the fields that the file has a column for, among them
    ``valid_from`` and ``valid_until`` as years; a file without a column says nothing of it."""

    code: str
    values: dict[str, Any]
    aliases: tuple[str, ...]


class UnitsFile(TableFile[UnitRow]):
    """A file of units."""

    def reader(self, sheet: str, header: Header) -> RowReader[UnitRow]:
        """What reads the rows of this sheet."""
        return _Reader(self, sheet, header)


class _Reader(RowReader[UnitRow]):
    def row(self, number: int, cells: Cells, texts: list[str]) -> UnitRow:
        """One row. Raises ``Bad``."""
        values: dict[str, Any] = {}
        for name, index in self.at.items():
            text = " ".join(texts[index].split()) if index < len(texts) else ""
            self.sound(name, text)
            values[name] = "" if text.casefold() in NOTHING else text
            limit = LONGEST.get(name, 2000)
            if len(text) > limit:
                raise self.bad(name, _("Longer than %(limit)d characters.") % {"limit": limit})
        for name in ("code", "name"):
            if not values[name]:
                raise self.bad(name, _("This is needed."))
        code = unicodedata.normalize("NFKC", values.pop("code"))
        values["name"] = str(values["name"])
        if "kind" in values:
            values["kind"] = self._kind(values["kind"])
        for name in ("valid_from", "valid_until"):
            if name in values:
                values[name] = self._year(name, cells, values[name])
        first, last = values.get("valid_from"), values.get("valid_until")
        if first and last and last < first:
            raise self.bad("valid_until", _("It ends before it begins."))
        if "parent" in values:
            parent = unicodedata.normalize("NFKC", values["parent"])
            values["parent"] = "" if parent in _NO_PARENT else parent
        aliases = self._aliases(values.pop("aliases", ""), values["name"])
        parts = [f"{k}={v}" for k, v in sorted(values.items())] + sorted(aliases)
        return UnitRow(
            sheet=self.sheet, row=number, key=code, headings=self.headings, cells=tuple(cells),
            content_hash=hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest(),
            code=code, values=values, aliases=aliases,
        )  # fmt: skip

    def _kind(self, text: str) -> str:
        if not text:
            return ""
        known = _kinds()
        kind = known.get(plain(text))
        if kind is None:
            raise self.bad(
                "kind",
                _("“%(given)s” is no kind of unit; known are: %(known)s.")
                % {"given": text[:40], "known": joined(known)},
            )
        return kind

    def _year(self, name: str, cells: Cells, text: str) -> int | None:
        if not text or text.casefold() in _open or _FOREVER.match(text):
            return None
        found = _year.fullmatch(unicodedata.normalize("NFKC", text))
        year = int(found[1]) if found else 0
        if not found:
            with suppress(Bad):
                year = self.moment(name, cells, text).year
        if not 1900 <= year <= 2200:
            raise self.bad(name, _("“%(given)s” is no year.") % {"given": text[:40]})
        return year

    def _aliases(self, text: str, name: str) -> tuple[str, ...]:
        found = []
        for part in _between.split(text):
            alias = part.strip()
            if len(alias) > ALIAS:
                raise self.bad("aliases", _("Longer than %(limit)d characters.") % {"limit": ALIAS})
            if alias and alias != name and alias not in found:
                found.append(alias)
        return tuple(found)
