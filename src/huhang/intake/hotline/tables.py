"""Sheets and rows of Excel and CSV files, told apart by their content."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MAX_BYTES = 200 * 1024 * 1024
MAX_CELL = 1_000_000
Cells = list[Any]


class UnusableFile(Exception):
    """A file that is no table; says what is wrong with it."""


@dataclass(frozen=True)
class Sheet:
    """A sheet. ``rows()`` gives (row number as in the file, cells); CSV files are streamed."""

    name: str
    rows: Callable[[], Iterator[tuple[int, Cells]]]


def sheets(path: Path) -> list[Sheet]:
    """The sheets of a file. Raises ``UnusableFile``."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8192)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None
    if size == 0:
        raise UnusableFile(_("%(file)s is empty.") % {"file": path.name})
    if size > MAX_BYTES:
        raise UnusableFile(
            _("%(file)s is larger than %(limit)d MB.")
            % {"file": path.name, "limit": MAX_BYTES >> 20}
        )
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path)
    return [Sheet(path.name, _csv(path, head))]


def _workbook(path: Path) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise UnusableFile(
            _("%(file)s is protected by a password.") % {"file": path.name}
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise UnusableFile(
            _("%(file)s is no Excel file that can be read: %(error)s")
            % {"file": path.name, "error": " ".join(str(error).split())[:200]}
        ) from None

    def reader(name: str) -> Callable[[], Iterator[tuple[int, Cells]]]:
        def rows() -> Iterator[tuple[int, Cells]]:
            try:
                sheet = book.get_sheet_by_name(name)
                first = sheet.start[0] + 1 if sheet.start else 1
                yield from enumerate(sheet.iter_rows(), first)
            except (CalamineError, ValueError) as error:
                raise UnusableFile(
                    _("Sheet %(sheet)s of %(file)s cannot be read: %(error)s")
                    % {
                        "sheet": name,
                        "file": path.name,
                        "error": " ".join(str(error).split())[:200],
                    }
                ) from None

        return rows

    return [Sheet(name, reader(name)) for name in book.sheet_names]


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.count(b"\x00") * 20 > len(
        head
    ):  # a stray one is dropped with its cell's control characters
        raise UnusableFile(_("%(file)s is neither Excel nor text.") % {"file": path.name})
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", True)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    other = codecs.getincrementaldecoder("gb18030")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                other.decode(block)
            other.decode(b"", True)
        return "gb18030"
    except UnicodeDecodeError as error:
        raise UnusableFile(
            _("%(file)s is text neither in UTF-8 nor in GB18030 (byte %(byte)d).")
            % {"file": path.name, "byte": error.start}
        ) from None


def _csv(path: Path, head: bytes) -> Callable[[], Iterator[tuple[int, Cells]]]:
    encoding = _encoding(path, head)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(20_000)
    delimiter = max(",\t;|", key=lambda d: min(sample.count(d), 10_000) + (d == ",") * 0.5)
    if sample.count(delimiter) == 0 and "\n" not in sample.strip():
        raise UnusableFile(_("%(file)s holds no table.") % {"file": path.name})

    def rows() -> Iterator[tuple[int, Cells]]:
        csv.field_size_limit(MAX_CELL)
        with io.open(path, encoding=encoding, newline="") as file:  # noqa: UP020
            reader = csv.reader(file, delimiter=delimiter)
            line = 1
            try:
                for cells in reader:
                    yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise UnusableFile(
                    _("Line %(line)d of %(file)s cannot be read: %(error)s")
                    % {"line": reader.line_num, "file": path.name, "error": error}
                ) from None

    return rows
