"""JSON rows: a list of objects, or an object whose ``rows`` are one, as a table with a header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from huhang.tables.faults import Broken, Cells, UnusableFile, on_one_line

Rows = Iterator[tuple[int, Cells]]
MAX_COLUMNS = 1_000
SHOWN = 1_000


class JsonFile:
    """A JSON file; ``rows`` gives (1, the keys), then (row number, values in their order).

    A row's number is its place among the objects, the header being row 1, as in a sheet.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Raises ``UnusableFile`` when it is no JSON or no list of objects."""
        self.name = name
        try:
            found = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise UnusableFile(
                _("%(file)s is no JSON: %(error)s") % {"file": name, "error": on_one_line(error)}
            ) from None
        objects = found.get("rows") if isinstance(found, dict) else found
        if not isinstance(objects, list) or not objects:
            raise UnusableFile(
                _("%(file)s holds no rows: a list of objects is needed.") % {"file": name}
            )
        self.objects = objects
        keys: dict[str, None] = {}
        for number, row in enumerate(objects, 2):
            keys.update(dict.fromkeys(self._checked(number, row)))
        self.keys = list(keys)
        if len(self.keys) > MAX_COLUMNS:
            raise UnusableFile(
                _("%(file)s has more than %(limit)d names of fields.")
                % {"file": name, "limit": MAX_COLUMNS}
            )

    def _checked(self, number: int, row: Any) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise UnusableFile(
                _("%(file)s, row %(row)d: an object is needed.")
                % {"file": self.name, "row": number}
            )
        return row

    def rows(self) -> Rows:
        """The header, then every row."""
        yield 1, list(self.keys)
        for number, row in enumerate(self.objects, 2):
            yield number, _cells([row.get(key) for key in self.keys])


def _cells(values: Cells) -> Cells:
    """The values as cells, ``Broken`` where one is an object or a list."""
    for at, value in enumerate(values):
        if isinstance(value, dict | list):
            return Broken([_cell(v) for v in values], at, _("A text or a number is needed."))
    return [_cell(v) for v in values]


def _cell(value: Any) -> Any:
    """A large whole number keeps its digits: in JSON none were lost. What is no cell is shown as JSON."""
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()[:SHOWN]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
