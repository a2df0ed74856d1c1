"""Excel workbooks: looked over before they are read, because a reader lays out the whole used area."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from huhang.tables.cells import UNSAVED, letter
from huhang.tables.faults import Cells, Merged, UnusableFile, fault_words

MAX_AREA = 20_000_000
MAX_UNPACKED = 2 << 30
UNSUSPICIOUS = 128 << 20
MAX_RATIO = 100
"""A sheet of sixty thousand rows in which every cell is the same packs to a seventeenth."""
MAX_PARSED = 16 << 20
BLOCK = 1 << 20
OVERLAP = 1 << 16
Rows = Iterator[tuple[int, Cells]]
# Cells with content only: formatted empty ones take no room.
_filled = re.compile(
    rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Z]{1,3})(\d{1,7})[\"'](?:[^>]*[^/>])?>"
)
_rows = re.compile(rb"<(?:\w+:)?row[\s>]")
_special = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_place = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_error = re.compile(rb"\bt=[\"']e[\"']")
_value = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_unsaved = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)(?:<(?:\w+:)?v\s*/?>)?</")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class Area:
    """The used area of a sheet, and what the cells hold that the reader leaves empty."""

    rows: int = 0
    columns: int = 0
    marks: dict[int, dict[int, str]] = field(default_factory=dict)


class Book:
    """A workbook that can be read. Raises ``UnusableFile``."""

    def __init__(self, path: Path, name: str, head: bytes) -> None:
        self.name = name
        self.areas = _areas(path, name) if head.startswith(b"PK") else {}
        try:
            with path.open("rb") as file:
                # By its content, not by its name's ending.
                self.book = CalamineWorkbook.from_filelike(file)
        except PasswordError:
            raise _protected(name) from None
        except (CalamineError, OSError, ValueError) as error:
            if not head.startswith(b"PK") and _has_password(path):
                raise _protected(name) from None
            if head.startswith(b"PK") and (other := _other(path)):
                raise UnusableFile(other % {"file": name}) from None
            raise UnusableFile(
                _("%(file)s is no Excel file that can be read: %(error)s")
                % {"file": name, "error": fault_words(error)}
            ) from None

    def sheet_names(self) -> list[str]:
        """The sheets, in order."""
        return list(self.book.sheet_names)

    def rows(self, name: str) -> Rows:
        """(row number as in the file, cells) of one sheet."""
        try:
            sheet = self.book.get_sheet_by_name(name)
            marks = self.areas[name].marks if name in self.areas else {}
            left = [""] * (sheet.start[1] if sheet.start else 0)
            # Empty rows above the first filled one come by themselves, empty columns do not.
            for number, cells in enumerate(sheet.iter_rows(), 1):
                row = left + cells if left else cells
                if number in marks:
                    _mark(row, marks[number])
                yield number, row
        except (CalamineError, ValueError) as error:
            raise UnusableFile(
                _("Sheet %(sheet)s of %(file)s cannot be read: %(error)s")
                % {"sheet": name, "file": self.name, "error": fault_words(error)}
            ) from None

    def merged(self, name: str) -> list[Merged]:
        """The cells of one sheet that are merged over several rows, as a workbook tells them."""
        ranges = self.book.get_sheet_by_name(name).merged_cell_ranges or []
        return [
            (top + 1, bottom + 1, left) for (top, left), (bottom, _right) in ranges if bottom > top
        ]


def _mark(cells: Cells, marks: dict[int, str]) -> None:
    cells.extend([""] * (max(marks) - len(cells)))
    for column, text in marks.items():
        if cells[column - 1] in ("", None):
            cells[column - 1] = text


def _protected(name: str) -> UnusableFile:
    return UnusableFile(
        _("%(file)s is protected by a password: open it and save it without one.") % {"file": name}
    )


def _other(path: Path) -> str:
    """What to say of a packed file that is no workbook; empty where it is one, or broken."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile:
        return ""
    if "word/document.xml" in names:
        return _("%(file)s is a Word document: a table as .xlsx or .csv is needed.")
    if any(name.startswith("xl/") for name in names):
        return ""
    return _("%(file)s is a packed folder (zip): unpack it, and choose the table in it.")


def _has_password(path: Path) -> bool:
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(4 << 20)


def _areas(path: Path, name: str) -> dict[str, Area]:
    """Sheet -> used area. Raises ``UnusableFile`` when reading it would take absurd room."""
    try:
        with zipfile.ZipFile(path) as book:
            if any(m.endswith("xl/workbook.bin") for m in book.namelist()):
                raise UnusableFile(
                    _("%(file)s is a binary workbook (.xlsb): save it as .xlsx in Excel.")
                    % {"file": name}
                )
            unpacked = sum(m.file_size for m in book.infolist())
            if unpacked > max(UNSUSPICIOUS, MAX_RATIO * path.stat().st_size):
                raise UnusableFile(
                    _(
                        "%(file)s unpacks to %(times)d times its size, as no table does. Save it anew."
                    )
                    % {"file": name, "times": unpacked // path.stat().st_size}
                )
            if unpacked > MAX_UNPACKED:
                raise UnusableFile(
                    _("%(file)s unpacks to more than %(limit)d MB.")
                    % {"file": name, "limit": MAX_UNPACKED >> 20}
                )
            found = {}
            for sheet, member in _members(book).items():
                with book.open(member) as stream:
                    found[sheet] = _look_over(iter(lambda s=stream: s.read(BLOCK), b""))  # type: ignore[misc]
                _check(found[sheet], sheet, name)
            return found
    except (zipfile.BadZipFile, EOFError, zlib.error):
        raise UnusableFile(
            _(
                "%(file)s is no whole Excel file: it was cut short or damaged on its way. Send it again."
            )
            % {"file": name}
        ) from None
    except (KeyError, OSError, ValueError, RuntimeError,
            NotImplementedError) as error:  # fmt: skip
        raise UnusableFile(
            _("%(file)s is no Excel file that can be read: %(error)s")
            % {"file": name, "error": fault_words(error)}
        ) from None


def _check(area: Area, sheet: str, name: str) -> None:
    if area.rows * area.columns > MAX_AREA:
        raise UnusableFile(
            _(
                "Sheet %(sheet)s of %(file)s uses cells as far as %(cell)s: too large an area. "
                "Delete what stands far below or to the right of the table."
            )
            % {"sheet": sheet, "file": name, "cell": f"{letter(area.columns - 1)}{area.rows}"}
        )


def _members(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet -> the member that holds it; empty for what is no xlsx."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    try:
        targets = {
            r.get("Id"): str(r.get("Target")) for r in _parsed(book, "xl/_rels/workbook.xml.rels")
        }
        found = {}
        for one in _parsed(book, "xl/workbook.xml").iter():
            target = targets.get(one.get(_RELATION))
            if one.tag.endswith("}sheet") and target:
                member = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
                if member in names:
                    found[str(one.get("name"))] = member
        return found
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None


def _parsed(book: zipfile.ZipFile, member: str) -> ElementTree.Element:
    if book.getinfo(member).file_size > MAX_PARSED:
        raise ValueError(f"{member} is too large")
    return ElementTree.fromstring(book.read(member))  # noqa: S314 - expat limits what entities grow to


def _look_over(blocks: Iterator[bytes]) -> Area:
    area = Area()
    rest = b""
    implicit = 0
    for block in blocks:
        rest += block
        # The last cell may be cut by the end of the block: it waits for the next.
        cut = max(rest.rfind(b"<c "), rest.rfind(b"<", 0, max(0, rest.rfind(b":c "))))
        if cut <= 0:
            cut = max(0, len(rest) - OVERLAP)
        implicit += _look_at(rest[:cut], area)
        rest = rest[cut:]
    implicit += _look_at(rest, area)
    area.rows = max(area.rows, implicit)
    return area


def _look_at(text: bytes, area: Area) -> int:
    """Widen the area by the cells of a piece; how many rows begin in it."""
    places = _filled.findall(text)
    if places:
        area.rows = max(area.rows, max(int(row) for _column, row in places))
        area.columns = max(area.columns, max(_index(c) for c in {c for c, _row in places}))
    elif b"<c" in text:  # cells may do without their places
        area.columns = max(area.columns, max(row.count(b"<c") for row in _rows.split(text)))
    if _error.search(text) or _unsaved.search(text):
        for attributes, inside in _special.findall(text):
            place = _place.search(attributes)
            if place is None:
                continue
            mark = ""
            if _error.search(attributes):
                value = _value.search(inside)
                mark = value[1].decode("ascii", "replace")[:20] if value else "#N/A"
            elif _unsaved.search(inside + b"</"):
                mark = UNSAVED
            if mark:
                area.marks.setdefault(int(place[2]), {})[_index(place[1])] = mark
    return len(_rows.findall(text))


def _index(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number
