"""Sheets and rows of Excel, CSV and JSON files, told apart by their content."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _

from huhang.tables.csvfile import CsvFile
from huhang.tables.encodings import opened
from huhang.tables.faults import Cells, Merged, UnusableFile, fault_words
from huhang.tables.jsonfile import ENDINGS, JsonFile
from huhang.tables.mapping import Mapping
from huhang.tables.workbook import Book

SHOWN = 20
MAX_BYTES = 200 * 1024 * 1024
"""Of a workbook, which is read whole; CSV and JSON are streamed, and bounded by the disk alone."""
_begins_json = re.compile(r"\[\s*\{|\{\s*\"")


@dataclass(frozen=True)
class Sheet:
    """A sheet. ``rows()`` gives (row number as in the file, cells); CSV and JSON files are streamed.
    ``merged()`` gives the cells over several rows, whose value stands in the first one alone."""

    name: str
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    streams: bool = False
    merged: Callable[[], list[Merged]] = list


def sheets(path: Path, name: str, mapping: Mapping) -> list[Sheet]:
    """The sheets of a file that its sender calls ``name``. Raises ``UnusableFile``."""
    if path.is_dir():
        raise UnusableFile(_("%(file)s is a folder, not a file.") % {"file": path})
    try:
        size = path.stat().st_size
        with opened(path) as file:
            head = file.read(8192)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnusableFile(
            _("%(file)s cannot be read: %(error)s") % {"file": name, "error": fault_words(error)}
        ) from None
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None
    if size == 0:
        raise UnusableFile(_("%(file)s is empty.") % {"file": name})
    is_book = head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    if is_book and size > MAX_BYTES:
        raise UnusableFile(
            _("%(file)s is larger than %(limit)d MB.") % {"file": name, "limit": MAX_BYTES >> 20}
        )
    if is_book:
        book = Book(path, name, head)
        found = [
            Sheet(s, partial(book.rows, s), merged=partial(book.merged, s))
            for s in book.sheet_names()
        ]
    elif _is_json(head, path):
        found = [Sheet(name, JsonFile(path, name, head).rows, streams=True)]
    else:
        _check_kind(head, name)
        found = [Sheet(name, CsvFile(path, name, head, mapping).rows, streams=True)]
    names = [sheet.name for sheet in found]
    if mapping.sheet and mapping.sheet not in names:
        raise UnusableFile(
            _("%(file)s has no sheet “%(sheet)s”, which the mapping names; its sheets: %(names)s")
            % {"file": name, "sheet": mapping.sheet, "names": _listed(names)}
        )
    return found


def _is_json(head: bytes, path: Path) -> bool:
    """Whether a file begins as JSON does; one that is called JSON may begin with what is none."""
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    start = head.decode("utf-16" if utf16 else "utf-8-sig", "ignore").lstrip()
    if ENDINGS & {suffix.lower() for suffix in path.suffixes[-2:]}:
        return start.startswith(("[", "{"))
    return bool(_begins_json.match(start))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _check_kind(head: bytes, name: str) -> None:
    """Refuse what is named like a table and is something else."""
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if start.startswith(b"%pdf"):
        raise UnusableFile(
            _("%(file)s is a PDF: a table as .xlsx or .csv is needed.") % {"file": name}
        )
    if start.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise UnusableFile(
            _("%(file)s is an XML table of Excel 2003: open it in Excel and save it as .xlsx.")
            % {"file": name}
        )
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<style", b"<?xml")):
        raise UnusableFile(
            _("%(file)s is a web page (HTML): open it in Excel and save it as .xlsx.")
            % {"file": name}
        )
