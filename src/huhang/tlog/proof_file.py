"""Receipts (c2sp.org/tlog-proof), pure: an entry's place, its proof and a checkpoint in one text."""

from __future__ import annotations

from dataclasses import dataclass

from huhang.tlog import note
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.checkpoint import parse as parse_checkpoint
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.note import Note, decode, encode, number
from huhang.tlog.proofs import MOST, check_inclusion

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    """``hashes``: from the leaf's sibling up. ``extra``: said beside it, proved by nothing."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def __str__(self) -> str:
        extra = f"extra {encode(self.extra)}\n" if self.extra else ""
        hashes = "".join(f"{encode(h)}\n" for h in self.hashes)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"

    def check(self, leaf: bytes) -> Checkpoint:
        """Check that this leaf hash is in the tree of the checkpoint, whose signatures are another
        question (``policy.Policy.check``); the checkpoint. Raises ``Invalid``."""
        found = parse_checkpoint(self.checkpoint.text)
        check_inclusion(self.index, found.size, leaf, self.hashes, found.root)
        return found


def parse(data: bytes | str) -> Proof:
    """The proof in these bytes. Raises ``Invalid``."""
    if len(data) > note.MOST_BYTES:
        raise Invalid(said("a note has at most %(most)d bytes"), most=note.MOST_BYTES)
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise Invalid(said("a note must be UTF-8")) from None
    head, gap, signed = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != HEADER:
        raise Invalid(said("this is no proof: its first line must be %(line)s"), line=HEADER)
    del lines[0]
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = decode(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise Invalid(said("the line with the index is missing"))
    index = number(lines.pop(0).removeprefix("index "))
    return Proof(index, note.hashes(lines, MOST), note.parse(signed), extra)
