"""What can be wrong with a file, a row, a cell."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

Cells = list[Any]
Merged = tuple[int, int, int]
"""A cell over several rows: its first row, its last, and the index of its column."""


class UnusableFile(Exception):
    """A file that is no table; says what is wrong with it."""


class Bad(Exception):
    """A cell for which its row is refused. ``field``: the heading."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason


def together(faults: Iterable[Bad]) -> Bad:
    """All faults of a row as one; where there are several, each reason after its field."""
    told = list(dict.fromkeys((fault.field, fault.reason) for fault in faults))
    if len(told) == 1:
        return Bad(*told[0])
    reasons = [
        f"{name}{pgettext('joint', ': ')}{reason}" if name else reason for name, reason in told
    ]
    fields = dict.fromkeys(name for name, _reason in told if name)
    return Bad(pgettext("list", ", ").join(fields), " ".join(reasons))


class Broken(list[Any]):
    """The cells of a record that cannot be read whole. ``at``: index of the broken cell."""

    def __init__(self, cells: Cells, at: int, reason: str) -> None:
        super().__init__(cells)
        self.at = at
        self.reason = reason


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


def fault_words(error: object) -> str:
    """What keeps a file from being read: in our words where we know it, else what a library says of
    it, short and on one line."""
    if isinstance(error, json.JSONDecodeError):
        return _("it cannot be read from character %(at)d on") % {"at": error.colno}
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.YAMLError) and mark is not None:
        told = {"line": mark.line + 1, "at": mark.column + 1}
        return _("it cannot be read from line %(line)d, character %(at)d on") % told
    for kind, words in _KNOWN.items():
        if isinstance(error, kind):
            return str(words)
    text = " ".join(str(error).split())[:200]
    return _("it has none of the forms that Excel writes") if text == _NO_FORM else text


_KNOWN: dict[type[Exception], Any] = {
    RecursionError: gettext_lazy("too much stands within something else"),
    EOFError: gettext_lazy("it was cut short on its way"),
    gzip.BadGzipFile: gettext_lazy("it was packed wrongly or damaged on its way"),
    zlib.error: gettext_lazy("it was packed wrongly or damaged on its way"),
    UnicodeError: gettext_lazy("it holds bytes that are no characters of its encoding"),
}
_NO_FORM = "Cannot detect file format"
"""What calamine says."""
