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
_chinese = re.compile("[\u4e00-\u9fff]")
_half = re.compile("[\ud800-\udfff]")
_letter = re.compile(r"[^\W\d_]+")


GZIP = b"\x1f\x8b"
NO_TEXT = [bytes([b]) for b in range(32) if b not in b"\t\n\x0b\x0c\r"]
"""Bytes that no text is made of."""
MAX_UNPACKED = 4 << 30
"""Bytes of a packed file, unpacked."""
MAX_LINE = 8_000_000
"""Characters of one line; the row of a longer one is refused."""
MAX_COLUMNS = 16_384
"""As many as Excel has; the row of a line with more is refused."""
SAMPLE = 400_000
CERTAIN = 4
"""Chinese characters in UTF-8 before the first byte that is none: another encoding hardly looks so."""


def opened(path: Path) -> BinaryIO:
    """A file's bytes, unpacked as they are read when it is packed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def opened_text(path: Path, encoding: str, *, whole: bool = True) -> io.TextIOWrapper:
    """A file's text, unpacked as it is read; ends of lines stay. Where it is not ``whole`` in this
    encoding, a byte that does not belong comes as half of a character."""
    errors = "strict" if whole else "surrogateescape"
    return io.TextIOWrapper(opened(path), encoding=encoding, errors=errors, newline="")


class _Cut(str):
    """The beginning of a line that is longer than any line of a table."""

    __slots__ = ()


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    for line in iter(partial(file.readline, MAX_LINE), ""):
        if len(line) < MAX_LINE or line.endswith(("\n", "\r")):
            yield line
            continue
        while (rest := file.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        yield _Cut(line)


class CsvFile:
    """A CSV file; ``rows`` streams (line where the record begins, cells)."""

    def __init__(self, path: Path, name: str, head: bytes, mapping: Mapping) -> None:
        """Raises ``UnusableFile`` when it is no text or no table."""
        self.path = path
        self.name = name
        self.encoding, self.whole = encoding_of(path, name, head)
        with opened_text(path, self.encoding, whole=self.whole) as file:
            sample = file.read(SAMPLE)
        if len(sample) == SAMPLE and len(sample.lstrip().splitlines()) < 2:
            raise UnusableFile(
                _("%(file)s holds no table: its first line is longer than %(limit)d characters.")
                % {"file": name, "limit": SAMPLE}
            )
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
            with opened_text(self.path, self.encoding, whole=self.whole) as file:
                lines = _lines(file)
                for _line in islice(lines, self.skip):
                    pass
                for at, cells in records(lines, self.delimiter, self.skip + 1, self.width):
                    yield at, cells if self.whole else _of_text(cells)
        except (OSError, EOFError, UnicodeError, zlib.error) as error:
            raise UnusableFile(
                _("%(file)s cannot be read: %(error)s")
                % {"file": self.name, "error": on_one_line(error)}
            ) from None


def _of_text(cells: Cells) -> Cells:
    """The same, ``Broken`` where a cell holds a byte of another encoding."""
    for at, cell in enumerate(cells):
        if _half.search(cell):
            return Broken(
                list(map(_readable, cells)),
                at,
                _("It holds bytes that are not in UTF-8, as the file is."),
            )
    return cells


def _readable(cell: str) -> str:
    """A cell with bytes of another encoding, as it most likely was written."""
    if not _half.search(cell):
        return cell
    return cell.encode("utf-8", "surrogateescape").decode("gb18030", "replace")


def encoding_of(path: Path, name: str, head: bytes) -> tuple[str, bool]:
    """How a text is written, and whether all of it is: one that begins in UTF-8 may hold rows that
    somebody added in another encoding, or end within a character. ``head``: its first bytes.
    Raises ``UnusableFile`` where it is no text."""
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
            place, certain = _decodes(path, encoding)
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
        if place is None or certain:
            return encoding, place is None
        bad = place
    raise UnusableFile(
        _("%(file)s is text neither in UTF-8 nor in GB18030 (byte %(byte)d).")
        % {"file": name, "byte": bad}
    )


def _decodes(path: Path, encoding: str) -> tuple[int | None, bool]:
    """None when the whole file decodes, else the byte where it does not, or beyond which it goes on;
    whether it is surely UTF-8 until there."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = seen = 0
    is_utf8 = encoding == "utf-8-sig"
    try:
        with opened(path) as file:
            while block := file.read(1 << 20):
                text = decoder.decode(block)
                done += len(block)
                if is_utf8 and seen < CERTAIN:
                    seen += len(_chinese.findall(text))
                if done > MAX_UNPACKED and isinstance(file, gzip.GzipFile):
                    return MAX_UNPACKED, False
            decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        if is_utf8 and seen < CERTAIN:
            seen += len(_chinese.findall(error.object[: error.start].decode("utf-8", "ignore")))
        return done + error.start, seen >= CERTAIN
    return None, False


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
        cut = any(isinstance(line, _Cut) for line in source.record)
        if not broken and not cut:
            wide = len(cells) > MAX_COLUMNS
            yield at, _beyond(_("More than %(limit)d cells."), MAX_COLUMNS) if wide else cells
            at += len(source.record)
            continue
        first = source.give_back()
        if isinstance(first, _Cut):
            yield at, _beyond(_("Longer than %(limit)d characters."), MAX_LINE)
        else:
            yield at, _single(first, delimiter)
        at += 1
        reader = csv.reader(source, delimiter=delimiter, strict=True)


def _beyond(reason: str, limit: int) -> Broken:
    """What is larger than a row can be, without its cells."""
    return Broken([], 0, reason % {"limit": limit})


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
