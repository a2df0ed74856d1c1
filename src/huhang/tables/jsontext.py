"""JSON read from a stream, value by value: no more of it is held than one value and a block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

from django.utils.translation import gettext as _

from huhang.tables.faults import fault_words

BLOCK = 1 << 18
"""Characters that are read at a time."""
LONGEST = 8_000_000
"""Characters of one value."""
DEEPEST = 8
"""Objects within objects in which a list is looked for."""
Place = tuple[str, ...]
_space = re.compile(r"[ \t\r\n\ufeff]*")
_surrogate = re.compile(r"\\u[dD][89a-fA-F]")


class Fault(Exception):
    """What is no JSON, and why. ``line``: where it stands."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def _constant(name: str) -> NoReturn:
    raise ValueError(_("“%(value)s” is no value of JSON.") % {"value": name})


# A whole number is kept as its digits: in JSON none of them were lost.
_decoder = json.JSONDecoder(parse_int=str, parse_constant=_constant)


def value_of(line: str) -> Any:
    """The one value that a line is. Raises ``ValueError``, ``RecursionError``."""
    text = line.strip(" \t\r\n\ufeff")
    value, end = _decoder.raw_decode(text)
    if end != len(text):
        raise ValueError(_("Something stands behind the object."))
    return _sound(value) if _surrogate.search(text) else value


def _sound(value: Any) -> Any:
    """The same without halves of characters, which no text holds."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_sound(k): _sound(v) for k, v in value.items()}
    return value


class JsonText:
    """A place in a JSON text that goes forward."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.buffer = ""
        self.at = 0
        self.line = 1

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            match = _space.match(self.buffer, self.at)
            assert match is not None
            self.at = match.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._more():
                return ""

    def take(self, *wanted: str) -> str:
        """Go past the next character, which is one of these. Raises ``Fault``."""
        found = self.peek()
        if found not in wanted:
            raise self._fault(self.at, _("%(wanted)s is missing.") % {"wanted": " / ".join(wanted)})
        self.at += 1
        return found

    def value(self) -> Any:
        """The next value, whole. Raises ``Fault``."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                raise self._fault(error.pos, error.msg) from None
            except (ValueError, RecursionError) as error:
                raise self._fault(self.at, fault_words(error)) from None
            if end == len(self.buffer) and self._more():
                continue  # a number may go on
            start, self.at = self.at, end
            return _sound(value) if _surrogate.search(self.buffer, start, end) else value

    def elements(self) -> Iterator[Any]:
        """The elements of the list that begins here."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",", "]") == "]":
                return

    def names(self) -> Iterator[str]:
        """The names in the object that begins here; each one's value is to be read before the next."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            name = self.value()
            self.take(":")
            yield name
            if self.take(",", "}") == "}":
                return

    def listed(self, place: Place = ()) -> Iterator[tuple[Place, Any]]:
        """Every element of every list in the value that begins here, each with the names that lead
        to its list. Lists within lists are elements."""
        first = self.peek()
        if first == "[":
            for value in self.elements():
                yield place, value
        elif first == "{" and len(place) < DEEPEST:
            for name in self.names():
                yield from self.listed((*place, name))
        else:
            self.value()

    def end(self) -> None:
        """Raise ``Fault`` where something more stands."""
        if self.peek():
            raise self._fault(self.at, _("Something stands behind the end."))

    def _more(self) -> bool:
        """Read on; False at the end."""
        left = len(self.buffer) - self.at
        if left > LONGEST:
            raise self._fault(self.at, _("Longer than %(limit)d characters.") % {"limit": LONGEST})
        piece = self.file.read(max(BLOCK, left))
        self.line += self.buffer.count("\n", 0, self.at)
        self.buffer = self.buffer[self.at :] + piece
        self.at = 0
        return bool(piece)

    def _fault(self, at: int, reason: str) -> Fault:
        return Fault(self.line + self.buffer.count("\n", 0, at), reason)
