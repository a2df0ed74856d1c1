"""Rows of a hotline's file, each accepted with its remarks or refused with its reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from huhang.tables.cells import (
    NOTHING,
    UNSAVED,
    column_words,
    letter,
    lost_digits,
    number_of,
)
from huhang.tables.columns import Header
from huhang.tables.dates import read_moment
from huhang.tables.faults import Bad, Cells
from huhang.tables.file import KeyedRow, RowReader, TableFile, unsaved

MAX_TEXT = 100_000
MAX_NUMBER = 100
_UNDATED = NOTHING | {"未办结", "未答复", "未回复", "办理中", "处理中", "未结案", "待办", "待回复"}


@dataclass(frozen=True, kw_only=True)
class HotlineRow(KeyedRow):
    """An accepted row. ``key``: its number, or ``#`` and a hash of the whole row without one.

    ``columns``: the fields and additional headings that its sheet has, filled in or not: a file
    without a column says nothing of what stood there. ``private``: additional cells that tell who
    the reporter is.
    """

    number: str
    values: dict[str, str]
    reported_on: datetime | None
    replied_on: datetime | None
    extra: dict[str, str]
    private: dict[str, str] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()


class HotlineFile(TableFile[HotlineRow]):
    """A hotline's file."""

    def reader(self, sheet: str, header: Header) -> RowReader[HotlineRow]:
        """What reads the rows of this sheet."""
        return _Reader(self, sheet, header)


NEEDED = frozenset({"text", "number", "reported_on"})
"""Columns in which a formula without a saved value is refused: what they say would be lost."""


class _Reader(RowReader[HotlineRow]):
    def __init__(self, file: TableFile[HotlineRow], sheet: str, header: Header) -> None:
        super().__init__(file, sheet, header)
        self.names = header.names
        self.width = len(header.columns)
        self.latest = file.now + timedelta(days=1)

    def row(self, number: int, cells: Cells, texts: list[str]) -> HotlineRow:
        """One row. Raises ``Bad``."""
        values: dict[str, str] = {}
        moments: dict[str, datetime | None] = {"reported_on": None, "replied_on": None}
        for name, index in self.at.items():
            text = texts[index] if index < len(texts) else ""
            if text[:1] == "#":
                text = self._sound(number, name, text)
            if name in moments:
                moments[name] = self._moment(number, name, cells, text)
                if name == "replied_on" and text and moments[name] is None:
                    values[name] = text
                continue
            if len(text) > MAX_TEXT:
                raise self.bad(name, _("Longer than %(limit)d characters.") % {"limit": MAX_TEXT})
            if text:
                values[name] = text
        if "text" not in values and "subject" not in values:
            if "subject" in self.at and UNSAVED in texts[self.at["subject"] :][:1]:
                raise self.bad("subject", unsaved())
            name = "text" if "text" in self.at else "subject"
            raise self.bad(name, _("There is neither a text nor a subject."))
        key = self._number(cells) if values.pop("number", "") else ""
        extra, counts, private = self._extras(number, texts)
        content = _hash(values, moments, extra, private)
        return HotlineRow(
            sheet=self.sheet, row=number, key=key or "#" + content.hex(), number=key,
            content_hash=content, values=values, reported_on=moments["reported_on"],
            replied_on=moments["replied_on"], extra=extra | counts, private=private,
            columns=self.names, headings=self.headings, cells=tuple(cells),
        )  # fmt: skip

    def _sound(self, number: int, name: str, text: str) -> str:
        if text == UNSAVED:
            if name in NEEDED:
                raise self.bad(name, unsaved())
            self.say(number, self.headings[name], unsaved())
            return ""
        self.sound(name, text)
        return text

    def _number(self, cells: Cells) -> str:
        cell = cells[self.at["number"]]
        if lost_digits(cell):
            raise self.bad(
                "number",
                _(
                    "The number has lost digits in Excel. Format the column as text and fill it anew."
                ),
            )
        key = number_of(cell)
        if len(key) > MAX_NUMBER:
            raise self.bad("number", _("Longer than %(limit)d characters.") % {"limit": MAX_NUMBER})
        if key.startswith("~"):  # what imports file beside a number begins so
            raise self.bad("number", _("A number cannot begin with “~”."))
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
                self.say(number, column.heading, unsaved())
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
                self.say(number, column_words(place), _("A cell beyond the header was kept."))
        return extra, counts, private

    def _moment(self, row: int, name: str, cells: Cells, text: str) -> datetime | None:
        optional = name == "replied_on"
        if not text:
            if not optional:
                self.say(
                    row, self.headings[name], _("There is no date; it is taken in without one.")
                )
            return None
        if optional and text.casefold() in _UNDATED:
            self.say(row, self.headings[name], _("“%(value)s” is kept as text.") % {"value": text})
            return None
        try:
            return self._likely(name, cells, text)
        except Bad as bad:
            if not optional:
                raise
            self.say(row, self.headings[name], bad.reason + " " + _("It is kept as text."))
            return None

    def _likely(self, name: str, cells: Cells, text: str) -> datetime:
        moment = self.moment(name, cells, text)
        if moment.year < 1990:
            raise self.bad(name, _("“%(value)s” lies before 1990.") % {"value": text[:40]})
        if moment > self.latest:
            raise self.bad(name, _("“%(value)s” lies in the future.") % {"value": text[:40]})
        return moment


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
