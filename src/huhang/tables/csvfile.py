"""CSV files: encoding, delimiter, records; a lone quotation mark costs its row and no other."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

from huhang.tables.columns import find_header
from huhang.tables.faults import Broken, Cells, UnusableFile, on_one_line
from huhang.tables.mapping import Mapping

MAX_CELL = 1_000_000
MAX_LINES = 2_000
"""Lines of a record beyond which its quotation mark was surely meant as text."""
DELIMITERS = ",\t;|"
PROBED = 30
Rows = Iterator[tuple[int, Cells]]
_digit = re.compile(r"\d+")
_letter = re.compile(r"[^\W\d_]+")


GZIP = b"\x1f\x8b"
NO_TEXT = [bytes([b]) for b in range(32) if b not in b"\t\n\x0b\x0c\r"]
"""Bytes that no text is made of."""
MAX_UNPACKED = 4 << 30
"""Bytes of a packed file, unpacked."""
MAX_LINE = 8_000_000
"""Characters of one line; what is longer is read as several."""


def opened(path: Path) -> BinaryIO:
    """A file's bytes, unpacked as they are read when it is packed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def opened_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """A file's text, unpacked as it is read; ends of lines stay."""
    return io.TextIOWrapper(opened(path), encoding=encoding, newline="")


class CsvFile:
    """A CSV file; ``rows`` streams (line where the record begins, cells)."""

    def __init__(self, path: Path, name: str, head: bytes, mapping: Mapping) -> None:
        """Raises ``UnusableFile`` when it is no text or no table."""
        self.path = path
        self.name = name
        self.encoding = encoding_of(path, name, head)
        with opened_text(path, self.encoding) as file:
            sample = file.read(400_000)
        self.skip = 0
        self.width = 0
        first = sample[:8].lower()
        if first.startswith("sep=") and len(first) > 4:
            self.delimiter = sample[4]
            self.skip = 1
        else:
            self.delimiter, self.width = _delimiter(sample, mapping)
        if self.delimiter not in sample and "\n" not in sample.strip():
            raise UnusableFile(_("%(file)s holds no table.") % {"file": name})

    def rows(self) -> Rows:
        """Every record. Raises ``UnusableFile`` when the file changes while it is read."""
        try:
            with opened_text(self.path, self.encoding) as file:
                lines = iter(partial(file.readline, MAX_LINE), "")
                for _line in islice(lines, self.skip):
                    pass
                yield from records(lines, self.delimiter, self.skip + 1, self.width)
        except (OSError, EOFError, UnicodeError, zlib.error) as error:
            raise UnusableFile(
                _("%(file)s cannot be read: %(error)s")
                % {"file": self.name, "error": on_one_line(error)}
            ) from None


def encoding_of(path: Path, name: str, head: bytes) -> str:
    """How a text is written; ``head``: its first bytes. Raises ``UnusableFile`` where it is no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif sum(map(head.count, NO_TEXT)) * 20 > len(head):
        # Stray ones are dropped from their cells; many are no text, whatever the file is called.
        raise UnusableFile(_("%(file)s is neither Excel nor text.") % {"file": name})
    else:
        tried = ["utf-8-sig", "gb18030"]
    bad = 0
    for encoding in tried:
        try:
            place = _decodes(path, encoding)
        except (OSError, EOFError, zlib.error) as error:
            raise UnusableFile(
                _("%(file)s cannot be read: %(error)s")
                % {"file": name, "error": on_one_line(error)}
            ) from None
        if place == MAX_UNPACKED:
            raise UnusableFile(
                _("%(file)s is larger than %(limit)d MB.")
                % {"file": name, "limit": MAX_UNPACKED >> 20}
            )
        if place is None:
            return encoding
        bad = place
    raise UnusableFile(
        _("%(file)s is text neither in UTF-8 nor in GB18030 (byte %(byte)d).")
        % {"file": name, "byte": bad}
    )


def _decodes(path: Path, encoding: str) -> int | None:
    """None when the whole file decodes, else the byte where it does not, or beyond which it goes on."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        with opened(path) as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
                done += len(block)
                if done > MAX_UNPACKED and isinstance(file, gzip.GzipFile):
                    return MAX_UNPACKED
            decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        return done + error.start
    return None


def _delimiter(sample: str, mapping: Mapping) -> tuple[str, int]:
    """The delimiter with which a header is recognised, else the one with steady widths; the width."""
    best, found, width = -1.0, ",", 0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        rows = list(islice(records(io.StringIO(sample, newline=""), delimiter, 1, 0), PROBED))
        header = find_header(rows, mapping)
        widths = Counter(len(cells) for _line, cells in rows if any(cells))
        common, times = widths.most_common(1)[0] if widths else (0, 0)
        score = times / len(rows) if common > 1 else 0.0
        if header is not None:
            score += 10 * len(header.field_of())
            common = len(header.columns)
        if score > best:
            best, found, width = score, delimiter, common
    return found, width


class _Runaway(Exception):
    """A record goes on over more lines than any text has."""


class _Lines:
    """Lines that remember those of the record being read, so that they can be read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.again: deque[str] = deque()
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) > MAX_LINES:
            raise _Runaway
        if self.again:
            line = self.again.popleft()
        else:
            line = next(self.lines)
        self.record.append(line)
        return line

    def give_back(self) -> str:
        """The first line of the record; the others will be read again."""
        first, *others = self.record
        self.again.extendleft(reversed(others))
        return first


def records(lines: Iterable[str], delimiter: str, at: int, width: int) -> Rows:
    """Records with the line where each begins; one that is broken comes as ``Broken``."""
    csv.field_size_limit(MAX_CELL)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.record.clear()
        broken = False
        cells: Cells = []
        try:
            cells = next(reader)
        except StopIteration:
            if not source.record:
                return
            broken = True
        except (csv.Error, _Runaway):
            broken = True
        if len(source.record) > 1 and not broken:
            broken = _swallowed(source.record, delimiter, width)
        if not broken:
            yield at, cells
            at += len(source.record)
            continue
        yield at, _single(source.give_back(), delimiter)
        at += 1
        reader = csv.reader(source, delimiter=delimiter, strict=True)


def _swallowed(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether all lines of a record but its first are records of the table themselves.

    They have as many cells, and numbers and dates of the same shape as the first line has before
    its quotation mark: a line of a message hardly does.
    """
    if width < 3 or any(line.count(delimiter) != width - 1 for line in lines[1:]):
        return False
    before = lines[0].split('"', 1)[0].split(delimiter)[:-1]
    shapes = {n: _shape(cell) for n, cell in enumerate(before) if _digit.search(cell)}
    return bool(shapes) and all(
        _shape(cells[n]) == shape
        for cells in (line.split(delimiter) for line in lines[1:])
        for n, shape in shapes.items()
    )


def _shape(cell: str) -> str:
    return _letter.sub("a", _digit.sub("9", cell.strip()))


def _single(line: str, delimiter: str) -> Cells:
    """One line read leniently: as it is where it is whole, ``Broken`` where a quotation mark is open."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        whole = next(csv.reader([line, "\x00"], delimiter=delimiter), [])
    except csv.Error:
        cells = [c.strip('"') for c in line.rstrip("\r\n").split(delimiter)]
        at = max(range(len(cells)), key=lambda n: len(cells[n]))
        return Broken(
            [c[:100] for c in cells],
            at,
            _("Longer than %(limit)d characters.") % {"limit": MAX_CELL},
        )
    if whole == cells:
        return cells
    return Broken(
        cells, max(0, len(cells) - 1),
        _("A quotation mark is opened in this line and not closed."),
    )  # fmt: skip
