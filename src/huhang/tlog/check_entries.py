"""One half of verification: leaf hashes, and payloads against their commitments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from django.utils.translation import gettext_noop

from huhang.kernel import files
from huhang.kernel.manifest import leaf_hash, mac
from huhang.kernel.models import Entry, Payload, Sequencer
from huhang.tlog.check_tree import State, follow
from huhang.tlog.faults import (
    COUNTS,
    NUMBER_MISSING,
    TAMPERED,
    UNREADABLE,
    Bad,
    Fault,
    note,
    rows,
)
from huhang.tlog.forms import unreadable, wrong

FILES = frozenset({"file", "copy"})
"""Slots whose payload is a kept file: the attachment as it came, and the handlers' copy."""
KEPT = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{38}")
ADDED = gettext_noop("added: no entry commits to it")
BROKEN = gettext_noop("changed: it does not match its commitment")
_PAYLOADS = b'"payloads":[['
_ERASES = b'"erases":['
_END = (0, 1 << 63, "", b"", "", "")


def run() -> tuple[list[Bad], State]:
    """Check every entry and payload, then the tree: what was found, and how far the tree holds."""
    found: list[Bad] = []
    state = State()
    check = _Check()
    try:
        check.entries_and_payloads()
    except Fault as fault:
        return [fault.bad], state
    for part in (check.ends, lambda: follow(state, check.leaves)):
        try:
            part()
        except Fault as fault:
            found.append(fault.bad)
    return found, state


def waiting(after: int) -> list[bytes]:
    """The leaf hashes of the entries beyond ``after``, checked. Raises ``Fault``."""
    leaves: list[bytes] = []
    try:
        for seq, text, r, stored in rows(
            "SELECT seq, manifest, r, leaf_hash FROM kernel_entry WHERE seq > %s ORDER BY seq",
            (after,),
        ):
            if seq != after + len(leaves) + 1:
                raise gap(after + len(leaves) + 1, seq)
            if leaf_hash(r, text.encode()) != stored:
                raise _not_its_hash(seq)
            leaves.append(stored)
    except (AttributeError, TypeError):
        raise unreadable([Entry], "kernel_entry", after + len(leaves) + 1) from None
    return leaves


def _not_its_hash(seq: int) -> Fault:
    return Fault("kernel_entry", seq, seq, gettext_noop("changed: it does not match its leaf hash"))


def gap(expected: int, seq: int) -> Fault:
    """Another number than the next one: the entry before it is gone, or it was put there."""
    last = next(rows("SELECT max(last) FROM kernel_sequencer"), (None,))[0]
    if seq < expected or (type(last) is int and last < expected):
        return Fault("kernel_entry", seq, seq, gettext_noop("added: nobody took its number"))
    return Fault("kernel_entry", expected, expected, NUMBER_MISSING)


class _Check:
    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.missing: dict[int, int] = {}
        self.erased: set[int] = set()
        self.payloads: Iterator[tuple[Any, ...]] = rows(
            "SELECT id, seq, slot, s, body, path FROM kernel_payload ORDER BY seq, id"
        )
        self.pending: tuple[Any, ...] = _END

    def entries_and_payloads(self) -> None:
        try:
            self.pending = next(self.payloads, _END)
            self._entries()
        except Fault:
            raise
        except TAMPERED as error:
            note(error)
            raise unreadable([Entry, Payload], "kernel_entry", len(self.leaves)) from None

    def _entries(self) -> None:
        pending = self.pending
        keep = self.leaves.append
        entries = rows("SELECT seq, manifest, r, leaf_hash FROM kernel_entry ORDER BY seq")
        for number, (seq, text, r, stored) in enumerate(entries, 1):
            if seq != number:
                raise gap(number, seq)
            raw = text.encode()
            if leaf_hash(r, raw) != stored:
                raise _not_its_hash(seq)
            keep(stored)
            if pending[1] <= seq or _PAYLOADS in raw:
                pending = self._payloads_of(seq, raw, pending)
            if _ERASES in raw:
                self.erased.update(int(e) for e in _list(raw, _ERASES, b"]"))
        self.pending = pending

    def _payloads_of(self, seq: int, raw: bytes, pending: tuple[Any, ...]) -> tuple[Any, ...]:
        """Check the payloads of one entry; the row that comes after them."""
        here: dict[str, tuple[Any, ...]] = {}
        while pending[1] <= seq:
            if pending[1] < seq:
                raise Fault("kernel_payload", pending[0], None, ADDED)
            here[str(pending[0])] = pending
            pending = next(self.payloads, _END)
        for number, slot, commitment in _list(raw, _PAYLOADS, b"]]") if _PAYLOADS in raw else ():
            payload = here.pop(number, None)
            if payload is None:
                self.missing[int(number)] = seq
            elif payload[2] != slot or not _matches(payload, seq, commitment):
                raise Fault("kernel_payload", number, seq, BROKEN)
        for number in here:
            raise Fault("kernel_payload", number, seq, ADDED)
        return pending

    def ends(self) -> None:
        """What must hold once every entry was seen."""
        entries = len(self.leaves)
        self._sequencer(entries)
        if self.pending is not _END:
            number, seq = self.pending[:2]
            if seq == entries + 1 and number not in self.missing:
                raise Fault("kernel_entry", seq, seq, NUMBER_MISSING)
            raise Fault("kernel_payload", number, self.missing.get(number), ADDED)
        for number, seq in self.missing.items():
            if number not in self.erased:
                raise Fault(
                    "kernel_payload", number, seq, gettext_noop("removed: no entry erased it")
                )
        for number in self.erased - self.missing.keys():
            for (seq,) in rows("SELECT seq FROM kernel_payload WHERE id = %s", (number,)):
                raise Fault(
                    "kernel_payload", number, seq, gettext_noop("added: it had been erased")
                )

    def _sequencer(self, entries: int) -> None:
        bad = wrong(Sequencer)
        if bad is not None:
            raise Fault(*bad)
        found = dict(rows("SELECT id, last FROM kernel_sequencer"))
        last = found.pop(1, 0)
        for key in found:
            raise Fault(
                "kernel_sequencer", key, None, gettext_noop("added: there is one sequencer")
            )
        if last > entries:
            # Whether an entry is gone or only the count is wrong, other evidence tells.
            pending = self.pending[1] == entries + 1
            raise Fault(
                "kernel_entry" if pending else "kernel_sequencer",
                entries + 1 if pending else 1,
                entries + 1,
                NUMBER_MISSING if pending else COUNTS,
            )
        if last < entries:
            raise Fault("kernel_sequencer", 1, None, COUNTS)


def _list(raw: bytes, start: bytes, end: bytes) -> Any:
    """A list of a manifest, without parsing the rest: canonical, so its key stands only once."""
    at = raw.index(start) + start.index(b"[")
    return orjson.loads(raw[at : raw.index(end, at) + len(end)])


def _matches(payload: tuple[Any, ...], seq: int, commitment: str) -> bool:
    """Whether a payload is what the entry committed to, kept where its slot has it."""
    number, _seq, slot, s, body, path = payload
    if slot not in FILES:
        return path == "" and mac(s, body.encode()).hex() == commitment
    if body != "" or type(path) is not str or not KEPT.fullmatch(path):
        return False
    try:
        place = files.folder() / path
        if place.is_symlink() or not place.is_file():
            raise FileNotFoundError(path)
        return mac(s, files.read(path)).hex() == commitment
    except OSError:
        reason = gettext_noop("removed: its file is gone")
    except MemoryError:
        reason = UNREADABLE
    raise Fault("kernel_payload", number, seq, reason)
