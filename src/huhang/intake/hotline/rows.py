"""Rows of a hotline's file, each accepted with its remarks or refused with its reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huhang.intake.hotline.columns import Header, Mapping, recognise
from huhang.intake.hotline.dates import read_moment
from huhang.intake.hotline.tables import Cells, Sheet, UnusableFile, sheets

HEADER_WITHIN = 20
MAX_TEXT = 100_000
MAX_NUMBER = 100
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_error = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)$")


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


@dataclass(frozen=True)
class HotlineRow:
    """An accepted row. ``key``: its number, or ``#`` and a hash of the whole row without one.

    ``columns``: the fields and additional headings that its sheet has, filled in or not: a file
    without a column says nothing of what stood there.
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
    columns: frozenset[str] = frozenset()
    cells: tuple[Any, ...] = ()


@dataclass
class HotlineFile:
    """An opened file. Iterate ``rows()`` once; remarks gather as it is read."""

    path: Path
    mapping: Mapping
    zone: tzinfo
    now: datetime
    tables: list[tuple[Sheet, Header]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def rows(self) -> Iterator[HotlineRow | Refusal]:
        """Every row that holds something, sheet by sheet."""
        for sheet, header in self.tables:
            yield from self._sheet(sheet, header)

    def headings(self) -> list[tuple[str, list[str]]]:
        """Sheet -> headings, for the workbook of refusals."""
        return [(s.name, [c.heading for c in h.columns]) for s, h in self.tables]

    def count(self) -> int:
        """Rows that hold something: what a progress bar counts up to."""
        return sum(
            1
            for sheet, header in self.tables
            for number, cells in sheet.rows()
            if number > header.row and any(_text(c) for c in cells)
        )

    def _sheet(self, sheet: Sheet, header: Header) -> Iterator[HotlineRow | Refusal]:
        at = header.field_of()
        headings = [c.heading for c in header.columns]
        for number, cells in sheet.rows():
            if number <= header.row or not any(_text(c) for c in cells):
                continue
            if [_text(c) for c in cells[: len(headings)]] == headings:
                self.remarks.append(
                    Remark(sheet.name, number, "", _("The header stands here again; skipped."))
                )
                continue
            try:
                yield self._row(sheet.name, number, cells, header, at)
            except _Bad as bad:
                yield Refusal(sheet.name, number, bad.field, bad.reason, tuple(cells))

    def _row(
        self, sheet: str, number: int, cells: Cells, header: Header, at: dict[str, int]
    ) -> HotlineRow:
        values: dict[str, str] = {}
        moments: dict[str, datetime | None] = {"reported_on": None, "replied_on": None}
        for name, index in at.items():
            cell = cells[index] if index < len(cells) else ""
            heading = header.columns[index].heading
            text = _text(cell)
            if text and _error.match(text):
                raise _Bad(heading, _("The cell holds the error %(error)s.") % {"error": text})
            if name in moments:
                moments[name] = self._moment(sheet, number, heading, name, cell, text)
                continue
            if len(text) > MAX_TEXT:
                raise _Bad(heading, _("Longer than %(limit)d characters.") % {"limit": MAX_TEXT})
            values[name] = text
        if not values.get("text") and not values.get("subject"):
            index = at.get("text", at.get("subject", 0))
            raise _Bad(header.columns[index].heading, _("There is neither a text nor a subject."))
        key = values.pop("number", "")
        if len(key) > MAX_NUMBER:
            raise _Bad(
                header.columns[at["number"]].heading,
                _("Longer than %(limit)d characters.") % {"limit": MAX_NUMBER},
            )
        extra = {}
        for column in header.columns:
            if not column.field and column.index < len(cells) and column.heading:
                text = _text(cells[column.index])
                if text:
                    extra[column.heading] = text[:MAX_TEXT]
        spare = cells[len(header.columns) :]
        for place, cell in enumerate(spare, len(header.columns) + 1):
            if text := _text(cell):
                extra[f"#{place}"] = text[:MAX_TEXT]
                self.remarks.append(
                    Remark(sheet, number, f"#{place}", _("A cell beyond the header was kept."))
                )
        parts = [f"{k}={v}" for k, v in sorted({**values, **extra}.items()) if v]
        parts += [f"{k}={v.isoformat()}" for k, v in sorted(moments.items()) if v]
        content = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
        return HotlineRow(
            sheet=sheet,
            row=number,
            key=key or "#" + content.hex(),
            number=key,
            content_hash=content,
            values={k: v for k, v in values.items() if v},
            reported_on=moments["reported_on"],
            replied_on=moments["replied_on"],
            extra=extra,
            columns=header.names,
            cells=tuple(cells),
        )

    def _moment(
        self, sheet: str, row: int, heading: str, name: str, cell: Any, text: str
    ) -> datetime | None:
        if not text:
            if name == "reported_on":
                self.remarks.append(Remark(sheet, row, heading, _("There is no date.")))
            return None
        try:
            moment = read_moment(cell if not isinstance(cell, str) else text, self.zone,
                                 self.mapping.date_formats)  # fmt: skip
        except (ValueError, OverflowError):
            raise _Bad(
                heading, _("“%(value)s” is no date that can be read.") % {"value": text[:40]}
            ) from None
        if moment > self.now + timedelta(days=1):
            raise _Bad(heading, _("“%(value)s” lies in the future.") % {"value": text[:40]})
        if moment.year < 1990:
            raise _Bad(heading, _("“%(value)s” lies before 1990.") % {"value": text[:40]})
        return moment


class _Bad(Exception):
    def __init__(self, name: str, reason: str) -> None:
        self.field = name
        self.reason = reason


def _text(cell: Any) -> str:
    """A cell as trimmed text; numbers without a needless fraction."""
    if isinstance(cell, str):
        return _control.sub("", cell).strip() if cell else ""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def read(path: Path, *, mapping: Mapping | None = None, zone: tzinfo, now: datetime) -> HotlineFile:
    """Open a file and find its headers. Raises ``UnusableFile`` when no sheet has one."""
    mapping = mapping or Mapping()
    file = HotlineFile(path, mapping, zone, now)
    tried = []
    for sheet in sheets(path):
        if mapping.sheet and sheet.name != mapping.sheet:
            file.remarks.append(Remark(sheet.name, 0, "", _("The mapping names another sheet.")))
            continue
        header = _find_header(sheet, mapping)
        if header is None:
            tried.append(sheet.name)
            file.remarks.append(
                Remark(sheet.name, 0, "", _("No header row was found: the sheet was left out."))
            )
            continue
        for column in header.lost():
            file.remarks.append(
                Remark(
                    sheet.name, header.row, column.heading,
                    _("Another column gives this field; kept as additional content."),
                )
            )  # fmt: skip
        file.tables.append((sheet, header))
    if not file.tables and mapping.columns:
        name = "text" if "text" in mapping.columns else sorted(mapping.columns)[0]
        raise _not_there(path, name, mapping)
    if not file.tables:
        raise UnusableFile(
            _(
                "%(file)s has no sheet with a header row that names a text or a subject "
                "(such as 留言详情, 诉求内容 or content). A mapping file can name the columns."
            )
            % {"file": path.name}
        )
    missing = set(mapping.columns) - {
        c.field for _sheet, h in file.tables for c in h.columns if c.why == "mapping"
    }
    if missing:
        raise _not_there(path, sorted(missing)[0], mapping)
    return file


def _not_there(path: Path, name: str, mapping: Mapping) -> UnusableFile:
    return UnusableFile(
        _("%(file)s: the mapping gives the column “%(column)s” for %(field)s; no sheet has it.")
        % {"file": path.name, "column": mapping.columns[name], "field": name}
    )


def _find_header(sheet: Sheet, mapping: Mapping) -> Header | None:
    for number, cells in sheet.rows():
        if mapping.header_row:
            if number < mapping.header_row:
                continue
            return recognise(cells, number, mapping) if number == mapping.header_row else None
        if number > HEADER_WITHIN:
            return None
        header = recognise(cells, number, mapping)
        if header is not None:
            return header
    return None
