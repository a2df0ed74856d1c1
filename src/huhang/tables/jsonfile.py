"""JSON rows as a table with a header: a list of objects, an object that holds one, or lines of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.tables.csvfile import MAX_LINE
from huhang.tables.encodings import encoding_of, opened_text
from huhang.tables.faults import Broken, Cells, UnusableFile, fault_words
from huhang.tables.jsontext import Fault, JsonText, Place, value_of

Rows = Iterator[tuple[int, Cells]]
MAX_COLUMNS = 1_000
ENDINGS = frozenset({".json", ".jsonl", ".ndjson"})
USUAL = ("rows", "records", "data", "items", "list", "result", "results")
"""What the list of an object's rows is called, where it holds other lists too."""
SHOWN = 100


@dataclass
class _List:
    """What was seen of a list: the names of its objects' fields, and the first thing that is no row."""

    keys: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    fault: str = ""


class JsonFile:
    """A JSON file; ``rows`` streams (1, the keys), then (row number, values in their order).

    A row's number is its place among the objects, the header being row 1, as in a sheet. Where each
    line is an object, a line that is none comes as ``Broken``.
    """

    def __init__(self, path: Path, name: str, head: bytes) -> None:
        """Raises ``UnusableFile`` when it is no JSON or holds no list of objects."""
        self.path = path
        self.name = name
        self.encoding, _whole = encoding_of(path, name, head)
        self.in_lines = self._is_in_lines()
        self.place: Place | None = ()
        found = self._found()
        self.keys = list(found.keys)
        if len(self.keys) > MAX_COLUMNS:
            raise UnusableFile(
                _("%(file)s has more than %(limit)d names of fields.")
                % {"file": name, "limit": MAX_COLUMNS}
            )
        if found.fault:
            raise UnusableFile(found.fault)
        if not self.keys:
            raise self._no_rows()

    def rows(self) -> Rows:
        """The header, then every row. Raises ``UnusableFile`` when the file changes meanwhile."""
        yield 1, list(self.keys)
        for number, row in enumerate(self._objects(), 2):
            if isinstance(row, dict):
                yield number, _cells([row.get(key) for key in self.keys])
            elif isinstance(row, Broken):
                yield number, row

    def _found(self) -> _List:
        """The list that is the table."""
        if self.in_lines:
            return self._seen(self._objects())
        with self._text() as text:
            lists: dict[Place, _List] = {}
            for place, value in text.listed():
                self._look(lists.setdefault(place, _List()), value)
            text.end()
        tables = {place: found for place, found in lists.items() if found.keys or not place}
        if not tables:
            self.place = None
            alone = next(self._objects())
            if not isinstance(alone, dict) or _is_nested(alone.values()):
                raise self._no_rows()
            return self._seen(iter([alone]))
        self.place = self._chosen(list(tables))
        return tables[self.place]

    def _chosen(self, places: list[Place]) -> Place:
        usual = [p for p in places if p and p[-1].casefold() in USUAL]
        for found in (places, usual):
            if len(found) == 1:
                return found[0]
        names = pgettext("list", ", ").join(".".join(p)[:40] for p in places[:10])
        raise UnusableFile(
            _(
                "%(file)s holds several lists of objects (%(names)s): leave the one that is the table."
            )
            % {"file": self.name, "names": names}
        )

    def _seen(self, objects: Iterator[Any]) -> _List:
        found = _List()
        for one in objects:
            self._look(found, one)
        return found

    def _look(self, found: _List, value: Any) -> None:
        found.rows += 1
        where = {"file": self.name, "row": found.rows + 1}
        if isinstance(value, Broken):
            return
        if not isinstance(value, dict):
            said = _("%(file)s, row %(row)d: an object is needed.") % where
            found.fault = found.fault or said
            return
        for key in value:
            if len(found.keys) <= MAX_COLUMNS:
                found.keys[key] = None

    def _objects(self) -> Iterator[Any]:
        """The elements of the list that is the table; one object alone is a list of one."""
        with self._text() as text:
            if self.in_lines:
                yield from self._lines(text)
            elif self.place is None:
                yield text.value()
            else:
                yield from (value for place, value in text.listed() if place == self.place)

    def _lines(self, text: JsonText) -> Iterator[Any]:
        number = 0
        while line := text.file.readline(MAX_LINE):
            number += 1
            if not line.strip(" \t\r\n\ufeff"):
                continue
            try:
                value = value_of(line)
            except (ValueError, RecursionError) as error:
                said = _("Line %(line)d is no JSON: %(error)s")
                told = {"line": number, "error": fault_words(error)}
                yield Broken([line.strip()[:SHOWN]], 0, said % told)
                continue
            if isinstance(value, dict):
                yield value
            else:
                said = _("Line %(line)d: an object is needed.") % {"line": number}
                yield Broken([line.strip()[:SHOWN]], 0, said)

    def _is_in_lines(self) -> bool:
        """Whether the first line is an object, and something stands below it."""
        with self._text() as text:
            lines = iter(lambda: text.file.readline(MAX_LINE), "")
            filled = (line for line in lines if line.strip(" \t\r\n\ufeff"))
            try:
                return isinstance(value_of(next(filled, "")), dict) and bool(next(filled, ""))
            except (ValueError, RecursionError):
                return False

    @contextmanager
    def _text(self) -> Iterator[JsonText]:
        try:
            with opened_text(self.path, self.encoding) as file:
                yield JsonText(file)
        except Fault as fault:
            raise UnusableFile(
                _("%(file)s is no JSON: line %(line)d: %(error)s")
                % {"file": self.name, "line": fault.line, "error": fault.reason}
            ) from None
        except (OSError, EOFError, UnicodeError, zlib.error) as error:
            raise UnusableFile(
                _("%(file)s cannot be read: %(error)s")
                % {"file": self.name, "error": fault_words(error)}
            ) from None

    def _no_rows(self) -> UnusableFile:
        return UnusableFile(
            _("%(file)s holds no rows. Understood are a list of objects, an object that holds such a "
              "list, and one object in each line.") % {"file": self.name}
        )  # fmt: skip


def _cells(values: Cells) -> Cells:
    """The values as cells, ``Broken`` where one is an object or a list."""
    if not _is_nested(values):
        return values
    at = next(at for at, value in enumerate(values) if _is_nested([value]))
    return Broken([_cell(v) for v in values], at, _("A text or a number is needed."))


def _is_nested(values: Iterable[Any]) -> bool:
    return any(isinstance(value, dict | list) for value in values)


def _cell(value: Any) -> Any:
    """What is no cell is shown as JSON."""
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()[:SHOWN]
    return value
