"""An entry in the making, and the payloads that it commits to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from huhang.kernel import ids
from huhang.kernel.manifest import commitment


class Sealed(NamedTuple):
    """A payload with its blind and the commitment to both: everything but its place in the log.

    ``slot``: what it is of its entry. ``body``: its JSON text, or empty for a file. ``path``: of a
    file, as ``kernel.files`` keeps it.
    """

    slot: str
    blind: bytes
    body: str
    path: str
    commitment: str


def seal(slot: str, value: Any) -> Sealed:
    """Seal ``value`` (a JSON value with the text or names of one slot); it needs no database."""
    if isinstance(value, str):
        value = {"text": value}
    body = orjson.dumps(value)
    blind = ids.random_bytes(32)
    return Sealed(slot, blind, body.decode("utf-8"), "", commitment(blind, body))


@dataclass(slots=True)
class Draft:
    """An entry in the making: its head, the rows it changes, the payloads it commits to."""

    verb: str
    case_id: int | None
    head: dict[str, Any]
    rows: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    payloads: list[tuple[int, Sealed]] = field(default_factory=list)

    def say(self, slot: str, value: Any) -> int:
        """Commit to ``value`` (see ``seal``); its payload's id."""
        return self.put(seal(slot, value))

    def attach(self, slot: str, path: str, content: bytes) -> int:
        """Commit to a file's ``content``, already synced to ``path``; the payload's id."""
        blind = ids.random_bytes(32)
        return self.put(Sealed(slot, blind, "", path, commitment(blind, content)))

    def put(self, sealed: Sealed) -> int:
        """Commit to what was sealed before; the payload's id."""
        number = ids.new_id()
        self.payloads.append((number, sealed))
        return number
