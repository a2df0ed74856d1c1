"""A log that ends and goes on under another name: what it says of the new one under its own keys. Pure.

Why it ends: its database was lost with what was published since the last backup, and nobody has a mirror. The new log
has the same leaves up to a size, and what the old one had beyond it is in the old one alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from huhang.tlog import keys, note
from huhang.tlog.audit import Missing, Source
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.keys import ED25519, PublicKey
from huhang.tlog.note import Note, decode, encode, number
from huhang.tlog.policy import Policy
from huhang.tlog.proofs import check_consistency, consistency
from huhang.tlog.tiles import TileHashes

HEADER = "huhang new log v1"
ENDED = "successor"
"""The file of a log that ended: which one goes on."""
BEGUN = "predecessor"
"""The file of a log that goes on: which one ended."""
SLOT = "succession"


@dataclass(frozen=True)
class Succession:
    """``last``: the last checkpoint of the log that ends, as far as it is known; ``size`` and ``root``: the tree up
    to which the new log, ``origin``, has its leaves; ``logs``: the keys of the new log."""

    last: Checkpoint
    size: int
    root: bytes
    origin: str
    logs: tuple[PublicKey, ...]

    @property
    def text(self) -> str:
        """The text that the log that ends signs."""
        lines = [HEADER, self.last.origin, f"last {self.last.size} {encode(self.last.root)}",
                 f"same {self.size} {encode(self.root)}", f"next {self.origin}",
                 *(f"log {key}" for key in self.logs)]  # fmt: skip
        return "".join(f"{line}\n" for line in lines)


def parse(text: str) -> Succession:
    """What this text of a note says. Raises ``Invalid``."""
    lines = text[:-1].split("\n") if text.endswith("\n") else []
    if not 5 < len(lines) < 100 or lines[0] != HEADER:
        raise Invalid(
            said("this says nothing of a new log: its first line must be %(line)s"), line=HEADER
        )
    last, same = _tree(lines[2], "last"), _tree(lines[3], "same")
    logs = tuple(keys.parse(line.removeprefix("log ")) for line in lines[5:])
    origin = lines[4].removeprefix("next ")
    found = Succession(Checkpoint(lines[1], *last), *same, origin, logs)
    forked = found.size == found.last.size and found.root != found.last.root
    if found.text != text or not 0 < found.size <= found.last.size or forked or origin == lines[1]:
        raise Invalid(said("what it says of a new log cannot be"))
    if any(key.name != origin for key in logs):
        raise Invalid(said("a key of the new log has another name"))
    return found


def _tree(line: str, word: str) -> tuple[int, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != word:
        raise Invalid(said("the line “%(name)s” is missing"), name=word)
    root = decode(parts[2])
    if len(root) != 32:
        raise Invalid(said("a hash has 32 bytes, not %(bytes)d"), bytes=len(root))
    return number(parts[1]), root


def check(signed: Note, policy: Policy) -> Succession:
    """What a log of the policy says of the one that goes on. Raises ``Invalid``."""
    found = parse(signed.text)
    ours = [k for k in policy.logs if k.name == found.last.origin and k.kind == ED25519]
    if not ours or not note.verified(signed, ours):
        raise Unproven(
            said("the log “%(origin)s” did not sign which log goes on"), origin=found.last.origin
        )
    return found


def read(found: Source, name: str) -> Note | None:
    """``ENDED`` or ``BEGUN`` of a log, if it is there. Raises ``Invalid``."""
    try:
        return note.parse(found.file(name))
    except Missing:
        return None


def ended(found: Source, policy: Policy, head: Checkpoint) -> Succession | None:
    """Which log goes on, where this one, with the checkpoint ``head``, says under a key of the policy that it ended:
    what it says of its own trees is checked. Raises ``Invalid``."""
    made = only_ended(found, policy)
    if made is not None:
        compare(made, found, head)
    return made


def only_ended(found: Source, policy: Policy) -> Succession | None:
    """Which log goes on, where nothing else of this one is there. Raises ``Invalid``."""
    signed = read(found, ENDED)
    return check(signed, policy) if signed is not None else None


def begun(found: Source, policy: Policy, head: Checkpoint) -> Succession | None:
    """Which log ended, where this one, with the checkpoint ``head``, goes on in its place: the word of that one, under
    a key of the policy. That this one has the tree that it names is checked; whether the old one had it says
    ``compare``. Raises ``Invalid``."""
    signed = read(found, BEGUN)
    if signed is None:
        return None
    made = check(signed, policy)
    if made.origin != head.origin:
        raise Unproven(said("what it says of a new log cannot be"))
    if made.size > head.size:
        raise Unproven(said("the log does not hold the leaves of the one before it"))
    _check_tree(found, head, made.size, made.root)
    return made


def compare(made: Succession, old: Source, head: Checkpoint) -> None:
    """Check that the log that ended, with the checkpoint ``head``, had the trees that it names, as far as that reaches.
    Raises ``Unproven``."""
    if made.last.origin != head.origin:
        raise Unproven(said("what it says of a new log cannot be"))
    for size, root in ((made.size, made.root), (made.last.size, made.last.root)):
        if size <= head.size:
            _check_tree(old, head, size, root)


def _check_tree(found: Source, head: Checkpoint, size: int, root: bytes) -> None:
    proof = consistency(TileHashes(found.read, head.size), size, head.size)
    check_consistency(size, head.size, root, head.root, proof)
