"""An entry that is shown to everybody: its manifest, r, and one payload. Pure.

Opened so, anybody computes the leaf and sees that the payload is what the entry committed to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from huhang.tlog import note, proof_file, statements
from huhang.tlog.audit import Missing
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.note import Note
from huhang.tlog.policy import of_logs
from huhang.tlog.statements import Statement
from huhang.tlog.tree import leaf_hash

SLOT = "keys"
PLACE = "keys"
"""The part of the public folder where statements of keys stand."""
MOST = 9999
"""So many statements of keys are followed."""


@dataclass(frozen=True)
class Opening:
    """``r`` and ``s``: the blinds of the entry and of the payload; ``body``: the payload, JSON."""

    manifest: str
    r: bytes
    s: bytes
    body: str

    def __bytes__(self) -> bytes:
        data = {"body": self.body, "manifest": self.manifest, "r": self.r.hex(), "s": self.s.hex()}
        return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()

    @property
    def leaf(self) -> bytes:
        """The leaf of the entry: version, then HMAC-SHA-256(r, manifest)."""
        return b"\x01" + hmac.digest(self.r, self.manifest.encode(), hashlib.sha256)

    def says(self, slot: str) -> object:
        """What the payload of this slot says, if the manifest commits to it. Raises ``Invalid``."""
        committed = hmac.digest(self.s, self.body.encode(), hashlib.sha256).hex()
        try:
            payloads = json.loads(self.manifest).get("payloads", [])
            if any(p[1:] == [slot, committed] for p in payloads):
                return json.loads(self.body)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Invalid(said("the opened entry cannot be read")) from None
        raise Unproven(said("the entry did not commit to what is shown"))

    def note(self, slot: str) -> Note:
        """The note that the payload of this slot holds. Raises ``Invalid``."""
        found = self.says(slot)
        if not isinstance(found, dict) or not isinstance(text := found.get("text"), str):
            raise Invalid(said("the opened entry cannot be read"))
        return note.parse(text)

    @property
    def statement(self) -> Statement:
        """The statement of keys that the payload says, as its root signed it. Raises ``Invalid``."""
        return statements.check_one(self.note(SLOT))


def parse(data: bytes) -> Opening:
    """The opening in these bytes. Raises ``Invalid``."""
    try:
        found = json.loads(data)
        manifest, body = str(found["manifest"]), str(found["body"])
        (manifest + body).encode()
        return Opening(manifest, bytes.fromhex(found["r"]), bytes.fromhex(found["s"]), body)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Invalid(said("the opened entry cannot be read")) from None


def _statements(get: Callable[[str], bytes]) -> Iterator[Note]:
    """The statements of a log, in order, up to the first that is not there."""
    for number in range(1, MOST + 1):
        try:
            yield note.parse(get(f"{PLACE}/{number}"))
        except Missing:
            return


def check_keys(get: Callable[[str], bytes], print_: str) -> list[Statement]:
    """The statements of a log from its files, each followed from the root with this fingerprint and found in the log;
    the last one says which keys hold now. ``get`` raises ``Missing`` for a file that is not there.

    Raises ``Invalid``.
    """
    if not statements.is_fingerprint(print_):
        raise Invalid(said("this is no fingerprint: it has 32 digits from 0 to f"))
    get(f"{PLACE}/1")  # where there is none, nothing is wrong with a root
    chain = statements.check_chain(_statements(get), print_)
    trusted = of_logs([key for one in chain for key in one.logs])
    for one in chain:
        proof = proof_file.parse(get(f"{PLACE}/{one.number}.tlog-proof"))
        opening = parse(proof.extra)
        if opening.statement != one:
            raise Unproven(
                said("statement %(number)d is another one than the entry of the log"),
                number=one.number,
            )
        trusted.check_log(proof.checkpoint)
        proof.check(leaf_hash(opening.leaf))
    return chain
