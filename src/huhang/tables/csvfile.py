"""CSV files: delimiter, records; a lone quotation mark costs its row and no other."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from huhang.tables.columns import find_header
from huhang.tables.encodings import encoding_of, opened_text
from huhang.tables.faults import Broken, Cells, UnusableFile, fault_words
from huhang.tables.mapping import Mapping

MAX_CELL = 1_000_000
MAX_LINES = 2_000
"""Lines of a record beyond which its quotation mark was surely meant as text."""
DELIMITERS = ",\t;|"
PROBED = 30
Rows = Iterator[tuple[int, Cells]]
_digit = re.compile(r"\d+")
_half = re.compile("[\ud800-\udfff]")
_letter = re.compile(r"[^\W\d_]+")
MAX_LINE = 8_000_000
"""Characters of one line; the row of a longer one is refused."""
MAX_COLUMNS = 16_384
"""As many as Excel has; the row of a line with more is refused."""
SAMPLE = 400_000


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
                % {"file": self.name, "error": fault_words(error)}
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
            common = header.width
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
