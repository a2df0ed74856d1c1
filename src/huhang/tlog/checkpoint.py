"""Checkpoints (c2sp.org/tlog-checkpoint), pure: origin, size and root as the text of a note."""

from __future__ import annotations

from dataclasses import dataclass

from huhang.tlog.invalid import Invalid, said
from huhang.tlog.note import decode, encode, number


@dataclass(frozen=True)
class Checkpoint:
    """``root`` has 32 bytes. ``extensions``: further lines, which nobody can audit; ours have none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse(text: str) -> Checkpoint:
    """The checkpoint that this text of a note is. Raises ``Invalid``."""
    lines = text[:-1].split("\n") if text.endswith("\n") else []
    if len(lines) < 3 or not all(lines):
        raise Invalid(said("a checkpoint has an origin, a size and a root, and no empty line"))
    root = decode(lines[2])
    if len(root) != 32:
        raise Invalid(said("a hash has 32 bytes, not %(bytes)d"), bytes=len(root))
    return Checkpoint(lines[0], number(lines[1]), root, tuple(lines[3:]))
