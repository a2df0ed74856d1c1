"""Half of verification: hashes, commitments, the tree.

Each function returns None or (table, row, entry, reason): the first thing that does not hold.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext_noop

from huhang.kernel import files
from huhang.kernel.manifest import VERSION
from huhang.kernel.models import Sequencer
from huhang.kernel.rows import code
from huhang.tlog.models import Tick
from huhang.tlog.tree import Range

Bad = tuple[str, str, int | None, str]


def rows(sql: str, params: tuple[Any, ...] = (), size: int = 5000) -> Iterator[tuple[Any, ...]]:
    """Stream a query's rows, straight from the driver."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        cursor = connection.connection.execute(sql.replace("%s", "?"), params)
        while chunk := cursor.fetchmany(size):
            yield from chunk
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(size):
            yield from chunk


def as_text(column: str) -> str:
    """A moment or day column, unparsed where the driver would parse it."""
    return f"CAST({column} AS TEXT)" if connection.vendor == "sqlite" else column


def moment(value: Any) -> str:
    """A moment column as it stands in a manifest."""
    if isinstance(value, str):
        return value.replace(" ", "T") + "Z"
    return str(code(value))


def leaf_of(r: bytes, manifest: bytes) -> bytes:
    """The leaf hash, inlined for a million of them."""
    return hashlib.sha256(b"\x00" + VERSION + hmac.digest(r, manifest, "sha256")).digest()


def waiting_entries() -> Bad | None:
    """Check the entries that no tick holds yet against the leaf hashes they were written with."""
    last = Tick.objects.order_by("-number").first()
    after = last.seq if last else 0
    for seq, manifest, r, stored in rows(
        "SELECT seq, manifest, r, leaf_hash FROM kernel_entry WHERE seq > %s ORDER BY seq", (after,)
    ):
        if seq != after + 1:
            return (
                "kernel_entry",
                str(after + 1),
                after + 1,
                gettext_noop("removed: its number is missing"),
            )
        if leaf_of(bytes(r), manifest.encode()) != bytes(stored):
            return (
                "kernel_entry",
                str(seq),
                seq,
                gettext_noop("changed: it does not match its leaf hash"),
            )
        after = seq
    return None


def run() -> Bad | None:
    """Check every entry, payload, leaf and tick."""
    try:
        leaves, erased = _entries()
        _payload_rows(erased)
        _tree(leaves)
    except _Fault as fault:
        return fault.bad
    return None


class _Fault(Exception):
    def __init__(self, *bad: Any) -> None:
        super().__init__(bad)
        self.bad: Bad = bad  # type: ignore[assignment]


def _entries() -> tuple[list[bytes], set[int]]:
    """Check each entry with its payloads; the leaf hashes in order, and the payloads that are gone."""
    expected = 0
    leaves: list[bytes] = []
    missing: dict[int, int] = {}
    erased: set[int] = set()
    digest = hmac.digest
    loads = orjson.loads
    payloads = rows("SELECT id, seq, slot, s, body, path FROM kernel_payload ORDER BY seq, id")
    pending = next(payloads, None)
    for seq, recorded, verb, case_id, actor, text, r, stored in rows(
        f"SELECT seq, {as_text('recorded_at')}, verb, case_id, actor, manifest, r, leaf_hash"  # noqa: S608
        " FROM kernel_entry ORDER BY seq"
    ):
        expected += 1
        if seq != expected:
            raise _Fault(
                "kernel_entry",
                str(expected),
                expected,
                gettext_noop("removed: its number is missing"),
            )
        raw = text.encode()
        leaf = leaf_of(bytes(r), raw)
        if leaf != bytes(stored):
            raise _Fault(
                "kernel_entry",
                str(seq),
                seq,
                gettext_noop("changed: it does not match its leaf hash"),
            )
        leaves.append(leaf)
        try:
            manifest = loads(raw)
        except orjson.JSONDecodeError:
            raise _Fault(
                "kernel_entry", str(seq), seq, gettext_noop("changed: no manifest")
            ) from None
        if (
            manifest["verb"] != verb
            or manifest["actor"] != actor
            or manifest["recorded_at"] != moment(recorded)
            or manifest.get("case") != (None if case_id is None else str(case_id))
        ):
            raise _Fault(
                "kernel_entry",
                str(seq),
                seq,
                gettext_noop("changed: a column differs from the manifest"),
            )
        here: dict[int, tuple[Any, ...]] = {}
        while pending is not None and pending[1] <= seq:
            if pending[1] < seq:
                raise _Fault(
                    "kernel_payload",
                    str(pending[0]),
                    None,
                    gettext_noop("added: no entry commits to it"),
                )
            here[pending[0]] = pending
            pending = next(payloads, None)
        for number, slot, mac in manifest.get("payloads", ()):
            payload = here.pop(int(number), None)
            if payload is None:
                missing[int(number)] = seq
                continue
            try:
                body = files.read(payload[5]) if payload[5] else payload[4].encode()
            except OSError:
                raise _Fault(
                    "kernel_payload", number, seq, gettext_noop("removed: its file is gone")
                ) from None
            if payload[2] != slot or digest(bytes(payload[3]), body, "sha256").hex() != mac:
                raise _Fault(
                    "kernel_payload",
                    number,
                    seq,
                    gettext_noop("changed: it does not match its commitment"),
                )
        if here:
            raise _Fault(
                "kernel_payload",
                str(next(iter(here))),
                seq,
                gettext_noop("added: no entry commits to it"),
            )
        if "erases" in manifest:
            erased.update(int(e) for e in manifest["erases"])
    last = Sequencer.objects.filter(pk=1).values_list("last", flat=True).first() or 0
    if last > expected:
        raise _Fault(
            "kernel_entry",
            str(expected + 1),
            expected + 1,
            gettext_noop("removed: its number is missing"),
        )
    if last < expected:
        raise _Fault(
            "kernel_sequencer", "1", expected, gettext_noop("changed: it counts other entries")
        )
    if pending is not None:
        raise _Fault(
            "kernel_payload", str(pending[0]), None, gettext_noop("added: no entry commits to it")
        )
    for number, seq in missing.items():
        if number not in erased:
            raise _Fault(
                "kernel_payload", str(number), seq, gettext_noop("removed: no entry erased it")
            )
    return leaves, erased - missing.keys()


def _payload_rows(still_there: set[int]) -> None:
    """A payload that an entry says was erased must be gone."""
    for number in still_there:
        found = list(rows("SELECT seq FROM kernel_payload WHERE id = %s", (number,)))
        if found:
            raise _Fault(
                "kernel_payload",
                str(number),
                found[0][0],
                gettext_noop("added: it had been erased"),
            )


def _tree(leaves: list[bytes]) -> None:
    """Recompute the tree over all leaves; check it at every tick."""
    ticks = rows("SELECT number, seq, size, root, peaks, ticked_at FROM tlog_tick ORDER BY number")
    tick = next(ticks, None)
    tree = Range()
    number = 0
    held = 0
    seen = bytearray(len(leaves) + 1)
    for index, leaf, seq in rows('SELECT "index", hash, seq FROM tlog_leaf ORDER BY "index"'):
        while tick is not None and tick[2] == tree.size and index == tree.size:
            number, held = _check_tick(tick, tree, number, held)
            tick = next(ticks, None)
        if index != tree.size:
            raise _Fault(
                "tlog_leaf", str(tree.size), None, gettext_noop("removed: its index is missing")
            )
        leaf = bytes(leaf)
        if seq is not None:
            if not 0 < seq <= len(leaves) or leaves[seq - 1] != leaf:
                raise _Fault(
                    "tlog_leaf",
                    str(index),
                    seq,
                    gettext_noop("changed: it is not the entry's leaf"),
                )
            if seen[seq]:
                raise _Fault(
                    "tlog_leaf", str(index), seq, gettext_noop("added: the entry has another leaf")
                )
            seen[seq] = 1
        tree.append(leaf)
    while tick is not None:
        if tick[2] > tree.size:
            raise _Fault(
                "tlog_leaf", str(tree.size), None, gettext_noop("removed: its index is missing")
            )
        number, held = _check_tick(tick, tree, number, held)
        tick = next(ticks, None)
    if tree.size and number == 0:
        raise _Fault("tlog_tick", "1", None, gettext_noop("removed: leaves without a tick"))
    for seq in range(1, held + 1):
        if not seen[seq]:
            raise _Fault("tlog_leaf", "", seq, gettext_noop("removed: a ticked entry has no leaf"))
    last_size = next(iter(rows("SELECT max(size) FROM tlog_tick")))[0] or 0
    if last_size != tree.size:
        raise _Fault(
            "tlog_tick", str(number), None, gettext_noop("changed: the tree has other leaves")
        )


def _check_tick(tick: tuple[Any, ...], tree: Range, number: int, held: int) -> tuple[int, int]:
    if tick[0] != number + 1:
        raise _Fault(
            "tlog_tick", str(number + 1), None, gettext_noop("removed: its number is missing")
        )
    if tick[2] != tree.size or tick[1] < held:
        raise _Fault(
            "tlog_tick",
            str(tick[0]),
            None,
            gettext_noop("changed: its size does not fit the leaves"),
        )
    if bytes(tick[3]) != tree.root() or bytes(tick[4]) != b"".join(tree.peaks):
        raise _Fault(
            "tlog_tick", str(tick[0]), None, gettext_noop("changed: the recomputed root differs")
        )
    return number + 1, tick[1]
