"""Keys of logs and witnesses, pure: signing and checking notes, and their textual forms.

Three types of signature (c2sp.org/signed-note, c2sp.org/tlog-cosignature): Ed25519 over the note
(0x01, a log's), Ed25519 with the time (0x04, a witness's) and ML-DSA-44 with time and names (0x06, of
either). A key's id is always computed; where it is printed, it must be the computed one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

from huhang.tlog import checkpoint
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.note import Signature, check_name, decode, encode, key_id

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_44 = 0x06
LENGTHS = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
"""Bytes of the public key of each type of signature."""
TIMED = frozenset({COSIGNATURE, ML_DSA_44})
"""The types whose signature begins with the time at which it was made."""
_RAW = {ED25519: 64, COSIGNATURE: 8 + 64, ML_DSA_44: 8 + 2420}
_PRIVATE = "PRIVATE+KEY+"
_LABEL = b"subtree/v1\n\x00"


@dataclass(frozen=True)
class PublicKey:
    """A ``note.Verifier``: a name, a type of signature, the public key. Made by ``parse`` or of a
    ``PrivateKey``."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def key_id(self) -> bytes:
        """4 bytes, computed."""
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        """The key as others are told it: name, id, type and key (a vkey)."""
        return f"{self.name}+{self.key_id.hex()}+{encode(bytes([self.kind]) + self.public)}"

    def accepts(self, text: str, raw: bytes) -> bool:
        """Whether ``raw`` signs the text of a note."""
        if len(raw) != _RAW[self.kind]:
            return False
        try:
            at, signature = time_of(self, raw), raw[8:] if self.kind in TIMED else raw
            message = message_of(self.kind, self.name, text, at)
            if self.kind == ML_DSA_44:
                mldsa.MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (Invalid, InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs: ``seed`` has 32 bytes (RFC 8032; FIPS 204)."""

    name: str
    kind: int
    seed: bytes

    @cached_property
    def key(self) -> PublicKey:
        """Its public half."""
        return PublicKey(self.name, self.kind, self._key().public_key().public_bytes_raw())

    def sign(self, text: str, at: int = 0) -> Signature:
        """The signature of a note's text; ``at``: POSIX seconds, which the timed types say.
        Raises ``Invalid`` where the text is no checkpoint and the type signs checkpoints alone."""
        message = message_of(self.kind, self.name, text, at)
        raw = self._key().sign(message)
        timed = at.to_bytes(8, "big") if self.kind in TIMED else b""
        return Signature(self.name, self.key.key_id, timed + raw)

    @property
    def secret(self) -> str:
        """The key as it is kept in a file: as Go's note package writes Ed25519 keys, for all types."""
        coded = encode(bytes([self.kind]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.key.key_id.hex()}+{coded}"

    def __repr__(self) -> str:
        return f"PrivateKey({self.key})"

    def _key(self) -> ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey:
        if self.kind == ML_DSA_44:
            return mldsa.MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return ed25519.Ed25519PrivateKey.from_private_bytes(self.seed)


def time_of(key: PublicKey, raw: bytes) -> int:
    """POSIX seconds at which a timed signature says it was made, 0 of others. Raises ``Invalid``."""
    at = int.from_bytes(raw[:8], "big") if key.kind in TIMED else 0
    if at >= 1 << 63:
        raise Invalid(said("a signature of a time that cannot be"))
    return at


def message_of(kind: int, name: str, text: str, at: int) -> bytes:
    """The bytes that a key of this type signs for the text of a note. Raises ``Invalid``."""
    if kind == ED25519:
        return text.encode()
    found = checkpoint.parse(text)
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    return b"".join((
        _LABEL, check_short(name), at.to_bytes(8, "big"), check_short(found.origin),
        bytes(8), found.size.to_bytes(8, "big"), found.root,
    ))  # fmt: skip


def check_short(text: str) -> bytes:
    """The bytes of a name that ML-DSA-44 can sign, after their number. Raises ``Invalid`` beyond 255."""
    data = text.encode()
    if not 0 < len(data) < 256:
        raise Invalid(said("“%(name)s” is too long for a name"), name=text[:80])
    return bytes([len(data)]) + data


def parse(text: str) -> PublicKey:
    """The key of this vkey. Raises ``Invalid``, also when the printed id is not the computed one."""
    name, printed, kind, raw = _parts(text)
    if LENGTHS.get(kind) != len(raw):
        raise Invalid(said("a key of an unknown type or length: %(name)s"), name=name[:80])
    if kind == ML_DSA_44:
        check_short(name)
    return _checked(PublicKey(name, kind, raw), printed)


def parse_private(text: str) -> PrivateKey:
    """The key that is kept as this text. Raises ``Invalid``, which says nothing of what was read."""
    try:
        if not text.startswith(_PRIVATE):
            raise Invalid(said("this is no private key"))
        name, printed, kind, raw = _parts(text.removeprefix(_PRIVATE))
        if kind not in LENGTHS or len(raw) != 32:
            raise Invalid(said("this is no private key"))
        key = PrivateKey(name, kind, raw)
        _checked(key.key, printed)
    except Invalid:
        raise Invalid(said("this is no private key")) from None
    return key


def keep(path: Path, held: Sequence[PrivateKey]) -> None:
    """Write keys into a new file that its owner alone can read, synced. Raises ``FileExistsError`` and
    ``OSError``."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as out:
        out.writelines(f"{key.secret}\n" for key in held)
        out.flush()
        os.fsync(out.fileno())


def _parts(text: str) -> tuple[str, str, int, bytes]:
    name, _plus, rest = text.partition("+")
    printed, _plus, coded = rest.partition("+")
    raw = decode(coded)
    return check_name(name), printed, raw[0], raw[1:]


def _checked(key: PublicKey, printed: str) -> PublicKey:
    if printed != key.key_id.hex():
        words = said("the id of the key %(name)s is not the one that belongs to it")
        raise Invalid(words, name=key.name)
    return key
