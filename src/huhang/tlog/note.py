"""Signed notes (c2sp.org/signed-note), pure: text, an empty line, signature lines; strictly parsed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from huhang.tlog.invalid import Invalid, Unproven, said

MOST_BYTES = 1_000_000
MOST_SIGNATURES = 100
"""A post-quantum signature has nearly 2.5 kB; at least 16 must be accepted."""
_DASH = "\N{EM DASH} "


@dataclass(frozen=True)
class Signature:
    """One signature line: ``key_id`` has 4 bytes, ``raw`` what follows them."""

    name: str
    key_id: bytes
    raw: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its newline."""
        return f"{_DASH}{self.name} {encode(self.key_id + self.raw)}\n"


@dataclass(frozen=True)
class Note:
    """``text`` ends in a newline, which was signed with it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(s.line for s in self.signatures)


class Verifier(Protocol):
    """A public key with its name."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def accepts(self, text: str, raw: bytes) -> bool:
        """Whether ``raw`` signs ``text``."""
        ...


def encode(data: bytes) -> str:
    """Base64 of RFC 4648 section 4."""
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes:
    """The bytes of this base64, of which each has one spelling. Raises ``Invalid`` for another one."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not text or encode(data) != text:
        raise Invalid(said("this is no base64: %(text)s"), text=text[:80])
    return data


def hashes(lines: Sequence[str], most: int) -> tuple[bytes, ...]:
    """SHA-256 hashes in base64, one a line, at most so many. Raises ``Invalid``."""
    if len(lines) > most:
        raise Invalid(said("the proof is too long"))
    found = tuple(decode(line) for line in lines)
    for hash in found:
        if len(hash) != 32:
            raise Invalid(said("a hash has 32 bytes, not %(bytes)d"), bytes=len(hash))
    return found


def number(text: str, most: int = (1 << 63) - 1) -> int:
    """A decimal number without leading zeroes. Raises ``Invalid``."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or str(int(text)) != text:
        raise Invalid(said("this is no number: %(text)s"), text=text[:80])
    if int(text) > most:
        raise Invalid(said("this number is too large: %(text)s"), text=text)
    return int(text)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name, newline, type, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> str:
    """A key name: not empty, no white space of any script, no plus, no control characters below U+0020.
    Raises ``Invalid``."""
    odd = any(c.isspace() or c < " " or "\ud800" <= c <= "\udfff" for c in name)
    if not name or "+" in name or odd:
        raise Invalid(said("“%(name)s” cannot be the name of a key"), name=name[:80])
    return name


def parse(data: bytes | str) -> Note:
    """The note in these bytes. Raises ``Invalid``."""
    if len(data) > MOST_BYTES:
        raise Invalid(said("a note has at most %(most)d bytes"), most=MOST_BYTES)
    try:
        whole = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise Invalid(said("a note must be UTF-8")) from None
    if any(c < " " and c != "\n" for c in whole):
        raise Invalid(said("a note has no control characters but newlines"))
    body, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise Invalid(said("a note ends in an empty line and signature lines"))
    found = lines[:-1].split("\n")
    if len(found) > MOST_SIGNATURES:
        raise Invalid(said("a note has at most %(most)d signatures"), most=MOST_SIGNATURES)
    return Note(body + "\n", tuple(parse_signature(line) for line in found))


def parse_signature(line: str) -> Signature:
    """One signature line, without its newline. Raises ``Invalid``."""
    name, gap, coded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not gap:
        raise Invalid(said("this is no signature line: %(line)s"), line=line[:80])
    raw = decode(coded)
    if len(raw) < 5:
        raise Invalid(said("this signature is too short: %(line)s"), line=line[:80])
    return Signature(check_name(name), raw[:4], raw[4:])


def verified(note: Note, known: Sequence[Verifier]) -> dict[Verifier, Signature]:
    """The signatures of known keys on the note, one of each key; those of other keys are ignored, and so are
    further ones of the same key.

    Raises ``Unproven`` when a known key's signature is wrong: such a note is not to be trusted at all.
    """
    found: dict[tuple[str, bytes], Verifier] = {(k.name, k.key_id): k for k in known}
    held: dict[Verifier, Signature] = {}
    for signature in note.signatures:
        key = found.get((signature.name, signature.key_id))
        if key is None or key in held:
            continue
        if not key.accepts(note.text, signature.raw):
            raise Unproven(said("the signature of %(name)s is wrong"), name=signature.name)
        held[key] = signature
    return held
