"""An entry in the making, and the payloads that it commits to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from huhang.kernel import ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import StrayWrite
from huhang.kernel.manifest import Many, canonical, commitment, leaf_hash


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


class Closed(NamedTuple):
    """What the log takes of an entry: its manifest, the 32 random bytes ``r`` and the leaf's hash."""

    manifest: str
    r: bytes
    leaf_hash: bytes


@dataclass(slots=True)
class Draft:
    """An entry in the making: its head, the rows it changes, the payloads it commits to.

    ``moment``: when it is recorded, as a code. ``new_id``: gives ids of payloads. ``many``: changes
    that are the same for many rows. What is said after ``close`` is a ``StrayWrite``.
    """

    verb: str
    actor: Actor
    moment: str
    new_id: Callable[[], int]
    case_id: int | None
    head: dict[str, Any]
    rows: dict[str, Any] = field(default_factory=dict)
    many: list[Many] = field(default_factory=list)
    hidden: dict[str, Any] = field(default_factory=dict)
    payloads: list[tuple[int, Sealed]] = field(default_factory=list)
    closed: Closed | None = None

    def tell(self, codes: dict[str, Any]) -> None:
        """Add codes to the head, as they stand in a manifest."""
        self._check_open()
        self.head.update(codes)

    def say(self, slot: str, value: Any) -> int:
        """Commit to ``value`` (see ``seal``); its payload's id."""
        return self.put(seal(slot, value))

    def attach(self, slot: str, path: str, content: bytes) -> int:
        """Commit to a file's ``content``, already synced to ``path``; the payload's id."""
        blind = ids.random_bytes(32)
        return self.put(Sealed(slot, blind, "", path, commitment(blind, content)))

    def put(self, sealed: Sealed) -> int:
        """Commit to what was sealed before; the payload's id."""
        self._check_open()
        number = self.new_id()
        self.payloads.append((number, sealed))
        return number

    def _check_open(self) -> None:
        if self.closed is not None:
            raise StrayWrite(f"something for the entry {self.verb} after another one was opened")

    def close(self) -> Closed:
        """Write the manifest: it holds what was said and changed until now."""
        if self.closed is not None:
            return self.closed
        if self.hidden:
            self.say("fields", self.hidden)
        manifest = {
            "v": 1,
            "verb": self.verb,
            "actor": self.actor.ref,
            "recorded_at": self.moment,
            **self.head,
            "rows": self.rows,
        }
        if self.many:
            manifest["many"] = self.many
        if self.actor.token:
            manifest["token"] = self.actor.token
        if self.case_id is not None:
            manifest["case"] = str(self.case_id)
        if self.payloads:
            manifest["payloads"] = [[str(n), p.slot, p.commitment] for n, p in self.payloads]
        text = canonical(manifest)
        r = ids.random_bytes(32)
        self.closed = Closed(text.decode(), r, leaf_hash(r, text))
        self.head, self.rows, self.many, self.hidden = {}, {}, [], {}
        return self.closed
