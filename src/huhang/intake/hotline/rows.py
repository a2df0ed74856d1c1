"""Rows of a hotline's file, each accepted with its remarks or refused with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huhang.intake.hotline.cells import (
    ERROR,
    NOTHING,
    UNSAVED,
    letter,
    lost_digits,
    number_of,
    text_of,
)
from huhang.intake.hotline.closing import closing
from huhang.intake.hotline.columns import Header
from huhang.intake.hotline.dates import read_moment
from huhang.intake.hotline.faults import Bad, Broken, Cells, Refusal, Remark
from huhang.intake.hotline.mapping import Mapping
from huhang.intake.hotline.tables import Sheet

MAX_TEXT = 100_000
MAX_NUMBER = 100
MAX_REMARKS = 10_000
_UNDATED = NOTHING | {"未办结", "未答复", "未回复", "办理中", "处理中", "未结案", "待办", "待回复"}
_Held = tuple[int, Cells, list[str], str]


@dataclass(frozen=True)
class HotlineRow:
    """An accepted row. ``key``: its number, or ``#`` and a hash of the whole row without one.

    ``columns``: the fields and additional headings that its sheet has, filled in or not: a file
    without a column says nothing of what stood there. ``headings``: field -> heading. ``private``:
    additional cells that tell who the reporter is.
    """

    sheet: str
    row: int
    key: str
    number: str
    content_hash: bytes
    values: dict[str, str]
    reported_on: datetime | None
    replied_on: datetime | None
    extra: dict[str, str]
    private: dict[str, str] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()
    headings: Map[str, str] = field(default_factory=dict)
    cells: tuple[Any, ...] = ()


@dataclass
class HotlineFile:
    """An opened file. Iterate ``rows()`` once; remarks gather as it is read."""

    path: Path
    name: str
    mapping: Mapping
    zone: tzinfo
    now: datetime
    tables: list[tuple[Sheet, Header]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unsaid: int = 0

    def rows(self) -> Iterator[HotlineRow | Refusal]:
        """Every row that holds something, sheet by sheet."""
        for sheet, header in self.tables:
            yield from self._sheet(sheet, header)

    def headings(self) -> list[tuple[str, list[str]]]:
        """Sheet -> headings, for the workbook of refusals."""
        return [(s.name, h.written()) for s, h in self.tables]

    def count(self) -> int:
        """Rows that hold something: what a progress bar counts up to."""
        return sum(
            1
            for sheet, header in self.tables
            for number, cells in sheet.rows()
            if number > header.row and any(map(text_of, cells))
        )

    def first_rows(self, sheet: Sheet, header: Header, most: int) -> list[tuple[int, list[str]]]:
        """The first filled rows of a sheet, for a preview."""
        filled = (
            (number, [text_of(c)[:60] for c in cells])
            for number, cells in sheet.rows()
            if number > header.row and any(map(text_of, cells))
        )
        return list(islice(filled, most))

    def remark(self, sheet: str, row: int, name: str, reason: str) -> None:
        """Say something of a row that is taken in, or of a sheet."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(Remark(sheet, row, name, reason))
        else:
            self.unsaid += 1

    def notices(self) -> list[Remark]:
        """The remarks; the last one says how many there was no room for."""
        if not self.unsaid:
            return self.remarks
        more = _("%(count)d more remarks are not listed.") % {"count": self.unsaid}
        return [*self.remarks, Remark("", 0, "", more)]

    def _sheet(self, sheet: Sheet, header: Header) -> Iterator[HotlineRow | Refusal]:
        reader = _Reader(self, sheet.name, header)
        below: list[_Held] = []
        for number, cells in sheet.rows():
            if number <= header.row:
                continue
            if isinstance(cells, Broken):
                columns = header.columns
                name = columns[cells.at].heading if cells.at < len(columns) else ""
                yield Refusal(sheet.name, number, name, cells.reason, tuple(cells))
                continue
            texts = [text_of(c) for c in cells]
            if not any(texts):
                continue
            if tuple(texts[: len(header.cells)]) == header.cells:
                self.remark(sheet.name, number, "", _("The header stands here again; skipped."))
            elif closes := closing(texts, header.field_of().get("number", -1)):
                below.append((number, cells, texts, closes))
            else:
                yield from self._not_below(reader, below)
                yield self._row(reader, number, cells, texts)
        for number, _cells, _texts, _closes in below:
            self._skip(sheet.name, number)

    def _not_below(self, reader: _Reader, held: list[_Held]) -> Iterator[HotlineRow | Refusal]:
        """Rows that only a line below a table could be, and after which the table went on."""
        for number, cells, texts, closes in held:
            if closes == "always":
                self._skip(reader.sheet, number)
            else:
                yield self._row(reader, number, cells, texts)
        held.clear()

    def _row(
        self, reader: _Reader, number: int, cells: Cells, texts: list[str]
    ) -> HotlineRow | Refusal:
        try:
            return reader.row(number, cells, texts)
        except Bad as bad:
            return Refusal(reader.sheet, number, bad.field, bad.reason, tuple(cells))

    def _skip(self, sheet: str, number: int) -> None:
        self.remark(sheet, number, "", _("A line below the table, no report; skipped."))


NEEDED = frozenset({"text", "number", "reported_on"})
"""Columns in which a formula without a saved value is refused: what they say would be lost."""


class _Reader:
    """Reads the rows of one sheet."""

    def __init__(self, file: HotlineFile, sheet: str, header: Header) -> None:
        self.file = file
        self.sheet = sheet
        self.header = header
        self.at = header.field_of()
        self.names = header.names
        self.headings = header.headings
        self.width = len(header.columns)

    def row(self, number: int, cells: Cells, texts: list[str]) -> HotlineRow:
        """One row. Raises ``Bad``."""
        values: dict[str, str] = {}
        moments: dict[str, datetime | None] = {"reported_on": None, "replied_on": None}
        for name, index in self.at.items():
            text = texts[index] if index < len(texts) else ""
            if text[:1] == "#":
                text = self._sound(number, name, text)
            if name in moments:
                cell = cells[index] if text else ""
                moments[name] = self._moment(number, name, cell, text)
                if name == "replied_on" and text and moments[name] is None:
                    values[name] = text
                continue
            if len(text) > MAX_TEXT:
                raise self._bad(name, _("Longer than %(limit)d characters.") % {"limit": MAX_TEXT})
            if text:
                values[name] = text
        if "text" not in values and "subject" not in values:
            if "subject" in self.at and UNSAVED in texts[self.at["subject"] :][:1]:
                raise self._bad("subject", _unsaved())
            name = "text" if "text" in self.at else "subject"
            raise self._bad(name, _("There is neither a text nor a subject."))
        key = self._number(cells) if values.pop("number", "") else ""
        extra, counts, private = self._extras(number, texts)
        content = _hash(values, moments, extra, private)
        return HotlineRow(
            sheet=self.sheet, row=number, key=key or "#" + content.hex(), number=key,
            content_hash=content, values=values, reported_on=moments["reported_on"],
            replied_on=moments["replied_on"], extra=extra | counts, private=private,
            columns=self.names, headings=self.headings, cells=tuple(cells),
        )  # fmt: skip

    def _bad(self, name: str, reason: str) -> Bad:
        return Bad(self.headings[name], reason)

    def _sound(self, number: int, name: str, text: str) -> str:
        if text == UNSAVED:
            if name in NEEDED:
                raise self._bad(name, _unsaved())
            self._say(number, self.headings[name], _unsaved())
            return ""
        if ERROR.match(text):
            raise self._bad(name, _("The cell holds the error %(error)s.") % {"error": text})
        return text

    def _say(self, number: int, heading: str, reason: str) -> None:
        self.file.remark(self.sheet, number, heading, reason)

    def _number(self, cells: Cells) -> str:
        cell = cells[self.at["number"]]
        if lost_digits(cell):
            raise self._bad(
                "number",
                _(
                    "The number has lost digits in Excel. Format the column as text and fill it anew."
                ),
            )
        key = number_of(cell)
        if len(key) > MAX_NUMBER:
            raise self._bad(
                "number", _("Longer than %(limit)d characters.") % {"limit": MAX_NUMBER}
            )
        if key.startswith("~"):  # what imports file beside a number begins so
            raise self._bad("number", _("A number cannot begin with “~”."))
        return key

    def _extras(
        self, number: int, texts: list[str]
    ) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        """Additional content, running numbers, and what tells who the reporter is."""
        extra: dict[str, str] = {}
        counts: dict[str, str] = {}
        private: dict[str, str] = {}
        for column in self.header.extras:
            text = texts[column.index] if column.index < len(texts) else ""
            if not text:
                continue
            if text == UNSAVED:
                self._say(number, column.heading, _unsaved())
                continue
            if len(text) > MAX_TEXT:
                raise Bad(
                    column.heading, _("Longer than %(limit)d characters.") % {"limit": MAX_TEXT}
                )
            kept = {"~": private, "#": counts}.get(column.field, extra)
            kept[column.heading] = text
        for place in range(self.width, len(texts)):
            if text := texts[place]:
                name = f"#{letter(place)}"
                extra[name] = text[:MAX_TEXT]
                self._say(number, name, _("A cell beyond the header was kept."))
        return extra, counts, private

    def _moment(self, row: int, name: str, cell: Any, text: str) -> datetime | None:
        optional = name == "replied_on"
        if not text:
            if not optional:
                self._say(row, self.headings[name], _("There is no date."))
            return None
        if optional and text.casefold() in _UNDATED:
            self._say(row, self.headings[name], _("“%(value)s” is kept as text.") % {"value": text})
            return None
        moment, reason = self._read(cell, text)
        if moment is None:
            if not optional:
                raise self._bad(name, reason)
            self._say(row, self.headings[name], reason + " " + _("It is kept as text."))
        return moment

    def _read(self, cell: Any, text: str) -> tuple[datetime | None, str]:
        shown = {"value": text[:40]}
        try:
            moment = read_moment(text if isinstance(cell, str) else cell, self.file.zone,
                                 self.file.mapping.date_formats)  # fmt: skip
        except (ValueError, OverflowError):
            return None, _("“%(value)s” is no date that can be read.") % shown
        if moment.year < 1990:
            return None, _("“%(value)s” lies before 1990.") % shown
        if moment > self.file.now + timedelta(days=1):
            return None, _("“%(value)s” lies in the future.") % shown
        return moment, ""


def _unsaved() -> str:
    return _(
        "The cell holds a formula whose value was not saved: open the file in Excel and save it."
    )


def _hash(
    values: dict[str, str], moments: dict[str, datetime | None],
    extra: dict[str, str], private: dict[str, str],
) -> bytes:  # fmt: skip
    """Of the content, not of the way it is written: CSV does without seconds and types."""
    parts = [f"{k}={v}" for k, v in sorted(values.items())]
    parts += [f"~{k}={v}" for k, v in sorted(private.items())]
    parts += [f"+{k}={_settled(v)}" for k, v in sorted(extra.items())]
    parts += [f"{k}={v.isoformat(timespec='minutes')}" for k, v in sorted(moments.items()) if v]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()


def _settled(text: str) -> str:
    """A date among additional content in one form, whichever way it was written."""
    if 8 <= len(text) <= 25 and text[:4].isdigit() and not text.isdigit():
        try:
            return read_moment(text, UTC).isoformat(timespec="minutes")
        except (ValueError, OverflowError):
            pass
    return text
