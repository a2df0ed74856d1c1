"""Identifiers: internal row ids, and the random references that people see."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_FOLD = str.maketrans("OIL", "011")
_EPOCH_US = 1_577_836_800_000_000  # 2020-01-01
_lock = threading.Lock()
_last = 0
_random_bytes: Callable[[int], bytes] = secrets.token_bytes


def new_id() -> int:
    """A row id that grows with time: microseconds since 2020, then ten bits of this process.

    Ids never leave the office's machine; people see references. Fits a signed 64-bit column.
    """
    global _last
    with _lock:
        tick = max(time.time_ns() // 1000 - _EPOCH_US, _last + 1)
        _last = tick
    return (tick << 10) | (os.getpid() & 0x3FF)


def random_bytes(n: int) -> bytes:
    """``n`` random bytes from the operating system, or from the seeded source of a test world."""
    return _random_bytes(n)


@contextmanager
def random_source(source: Callable[[int], bytes]) -> Iterator[None]:
    """Draw references and blinding from ``source`` inside the block (comparing two worlds)."""
    global _random_bytes
    before = _random_bytes
    _random_bytes = source
    try:
        yield
    finally:
        _random_bytes = before


def new_ref() -> str:
    """A random reference of 45 bits and a check character, such as ``7KQ29-F4M2X``.

    The check is Crockford's (value mod 37 over digits that survive a telephone), cut to 32 values.
    """
    value = int.from_bytes(random_bytes(6), "big") >> 3
    pairs = [_PAIRS[(value >> shift) & 1023] for shift in (35, 25, 15, 5)]
    ref = "".join(pairs) + ALPHABET[value & 31] + ALPHABET[value % 31]
    return f"{ref[:5]}-{ref[5:]}"


def read_ref(text: str) -> str:
    """The reference that somebody typed, in its normal form.

    Raises ``ValueError`` when it has the wrong length, a foreign character or a wrong check.
    """
    bare = "".join(text.upper().split()).replace("-", "").translate(_FOLD)
    if len(bare) != 10 or any(c not in ALPHABET for c in bare):
        raise ValueError("a reference has ten letters or digits")
    value = 0
    for c in bare[:9]:
        value = value * 32 + ALPHABET.index(c)
    if ALPHABET[value % 31] != bare[9]:
        raise ValueError("the check character does not fit")
    return f"{bare[:5]}-{bare[5:]}"
