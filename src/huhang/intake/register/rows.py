"""Rows of a register, each a business known by its code, or refused with the reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.parties.codes import (
    Reading,
    as_digits,
    candidates,
    check_character,
    old_check,
    read_code,
)
from huhang.tables.cells import NOTHING, lost_digits
from huhang.tables.columns import Header
from huhang.tables.faults import Bad, Cells
from huhang.tables.file import KeyedRow, RowReader, TableFile

LONGEST = {
    "name": 200, "kind": 120, "status": 60, "industry": 120, "capital": 120, "place": 120,
    "address": 400, "scope": 20_000,
}  # fmt: skip
SHOWN = 10
_in = re.compile(r"[（(](?:单位[:：])?\s*([万亿千]?(?:人民币)?[美欧港日]?元|[万亿])\s*[)）]$")
"""The unit of money that a heading says for its cells: 注册资本（万元）."""
_between = re.compile(r"[、;；,，|\n]+")
Confirm = Callable[[list[str], str], list[str]]


@dataclass(frozen=True, kw_only=True)
class BusinessRow(KeyedRow):
    """A business as a row tells it. ``scheme``: ``uscc`` or ``old``; ``values``: text by field.

    ``former``: what it was called before. ``updated_on``: since when the register says what the row
    says; None where it does not tell.
    """

    scheme: str
    value: str
    flagged: bool
    values: dict[str, str]
    registered_on: date | None
    former: tuple[str, ...] = ()
    updated_on: date | None = None


@dataclass
class RegisterFile(TableFile[BusinessRow]):
    """A register's file. ``confirm(codes, name)``: which of these codes the register has already
    under this name; set by whoever has a register at hand."""

    confirm: Confirm | None = field(default=None)

    def reader(self, sheet: str, header: Header) -> RowReader[BusinessRow]:
        """What reads the rows of this sheet."""
        return _Reader(self, sheet, header)


class _Reader(RowReader[BusinessRow]):
    file: RegisterFile

    def row(self, number: int, cells: Cells, texts: list[str]) -> BusinessRow:
        """One row. Raises ``Bad``."""
        found: dict[str, str] = {}
        for name, index in self.at.items():
            text = " ".join(texts[index].split()) if index < len(texts) else ""
            self.sound(name, text)
            if text and text.casefold() not in NOTHING:
                found[name] = text
        if "name" not in found:
            raise self.bad("name", _("The business has no name."))
        for name, most in LONGEST.items():
            if len(found.get(name, "")) > most:
                raise self.bad(name, _("Longer than %(limit)d characters.") % {"limit": most})
        told = _in.search(self.headings.get("capital", ""))
        if told and found.get("capital", "")[-1:].isdigit():
            found["capital"] += told[1]
        reading, by = self._identity(found)
        registered = self._day("registered_on", cells, found.pop("registered_on", ""))
        updated = self._day("updated_on", cells, found.pop("updated_on", ""))
        former = self._former(texts, found)
        found.pop("code", None)
        found.pop("old_number", None)
        flagged = reading.state == "old"
        if flagged:
            said = _("An old number of 15 digits: kept, and flagged.")
            if not old_check(reading.value):
                said += " " + _("Its check digit does not fit.")
            self.say(number, self.headings[by], said)
        scheme = "old" if flagged else "uscc"
        return BusinessRow(
            sheet=self.sheet, row=number, key=f"{scheme}:{reading.value}",
            content_hash=_hash(found, registered, former), headings=self.headings, cells=tuple(cells),
            scheme=scheme, value=reading.value, flagged=flagged, values=found,
            registered_on=registered, former=former, updated_on=updated,
        )  # fmt: skip

    def _former(self, texts: list[str], found: dict[str, str]) -> tuple[str, ...]:
        """The names in the column of former names, each once. Raises ``Bad``."""
        if not found.pop("former", ""):
            return ()
        parts = (" ".join(p.split()) for p in _between.split(texts[self.at["former"]]))
        names = dict.fromkeys(p for p in parts if p and p != found["name"])
        if any(len(name) > LONGEST["name"] for name in names):
            said = _("Longer than %(limit)d characters.") % {"limit": LONGEST["name"]}
            raise self.bad("former", said)
        return tuple(names)

    def _identity(self, found: dict[str, str]) -> tuple[Reading, str]:
        """The row's code, else its old number, and the field that gave it. Raises ``Bad``."""
        given = [name for name in ("code", "old_number") if name in found]
        if not given:
            raise self.bad("code" if "code" in self.at else "old_number", _("There is no code."))
        readings = [(read_code(found[name]), name) for name in given]
        for reading, name in readings:
            if reading.known:
                return reading, name
        reading, name = readings[0]
        if lost_digits(found[name]):
            raise self.bad(
                name,
                _(
                    "Excel shortened this code to “%(value)s”: it was kept as a number, and digits are lost. "
                    "Make the column text where the codes come from, and export it anew."
                )
                % {"value": found[name][:40]},
            )
        raise self._wrong(reading, name, found["name"])

    def _wrong(self, reading: Reading, field_name: str, business: str) -> Bad:
        said = [_fault(reading)]
        if reading.state != "length":
            near = candidates(reading.value)
            alike = "" if near else as_digits(reading.value)
            said.append(_listed(near) if not alike else _with_digits(alike))
            near = [alike] if alike else near
            if self.file.confirm and near and (known := self.file.confirm(near, business)):
                said.append(
                    _("The register knows a business of this name as %(codes)s.")
                    % {"codes": pgettext("list", ", ").join(known)}
                )
        return self.bad(field_name, " ".join(said))

    def _day(self, name: str, cells: Cells, text: str) -> date | None:
        if not text:
            return None
        moment = self.moment(name, cells, text)
        if moment > self.file.now:
            said = _("“%(value)s” lies in the future.") % {"value": text[:40]}
            raise self.bad(name, said)
        return moment.date()


def _fault(reading: Reading) -> str:
    value = reading.value[:40]
    if reading.state == "length":
        return _(
            "“%(value)s” has %(count)d characters: a code has 18, an old number 15 digits."
        ) % {"value": value, "count": len(reading.value)}
    if reading.state in ("symbol", "department"):
        return _("“%(symbol)s”, character %(place)d of “%(value)s”, does not occur there.") % {
            "symbol": reading.value[reading.place], "place": reading.place + 1, "value": value,
        }  # fmt: skip
    if reading.state == "organisation":
        return _(
            "“%(value)s”: its inner check character, the 17th, does not fit the eight before it."
        ) % {"value": value}
    return _(
        "“%(value)s”: its check character, the 18th, does not fit; with the others as they stand it "
        "would be %(check)s."
    ) % {"value": value, "check": check_character(reading.value[:17])}


def _listed(near: list[str]) -> str:
    if not near:
        return _("No change of one character makes it valid.")
    more = len(near) - SHOWN
    codes = pgettext("list", ", ").join(near[:SHOWN])
    codes += _(" and %(more)d more") % {"more": more} if more > 0 else ""
    return _("With one character changed it could be: %(codes)s.") % {"codes": codes}


def _with_digits(code: str) -> str:
    said = _("With letters read as the digits that they look like it could be: %(code)s.")
    return said % {"code": code}


def _hash(values: dict[str, str], registered: date | None, former: tuple[str, ...]) -> bytes:
    parts = [f"{k}={v}" for k, v in sorted(values.items())]
    parts += [f"former={name}" for name in former]
    parts.append(f"registered_on={registered.isoformat() if registered else ''}")
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
