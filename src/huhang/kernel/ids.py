"""Identifiers: internal row ids, and the random references that people see."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_FOLD = str.maketrans("OIL", "011")
_BELOW_LETTER = 2**40 - 1
_EPOCH_US = 1_577_836_800_000_000  # 2020-01-01
MAX_ID = 2**63 - 1
_BLOCK = 4096
_lock = threading.Lock()
_last = 0
_process = 0
_drawn = b""
_given = 0
_random_bytes: Callable[[int], bytes] = os.urandom


def new_ids(block: int = 64) -> Iterator[int]:
    """Row ids without end that grow with time: microseconds since 2020, then ten bits of this process.

    Ids never leave the office's machine; people see references. Fits a signed 64-bit column. Drawn
    in blocks of microseconds, for one action, which needs several and is soon over.
    """
    global _last
    while True:
        with _lock:
            tick = max(time.time_ns() // 1000 - _EPOCH_US, _last + 1)
            _last = tick + block - 1
        yield from range(tick << 10 | _process, tick + block << 10, 1 << 10)


def random_bytes(n: int) -> bytes:
    """``n`` random bytes from the operating system, or from the seeded source of a test world.

    Drawn from the system in blocks, each byte given out once: a report needs five small pieces.
    """
    global _drawn, _given
    if _random_bytes is not os.urandom or n > _BLOCK:
        return _random_bytes(n)
    with _lock:
        end = _given + n
        if end > len(_drawn):
            _drawn, _given, end = os.urandom(_BLOCK), 0, n
        found = _drawn[_given:end]
        _given = end
    return found


def _begin_process() -> None:
    """In each process, also after a fork: its own ten bits, and no random bytes of its parent."""
    global _lock, _process, _drawn, _given
    _lock = threading.Lock()
    _process, _drawn, _given = os.getpid() & 0x3FF, b"", 0


_begin_process()
os.register_at_fork(after_in_child=_begin_process)


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


def new_letter() -> int:
    """A first letter for ``new_ref``, of references that are given together."""
    return random_bytes(1)[0] >> 3


def new_ref(letter: int | None = None) -> str:
    """A random reference of 45 bits and a check character, such as ``7KQ29-F4M2X``.

    The check is Crockford's (value mod 37 over digits that survive a telephone), cut to 32 values.
    ``letter``: the first five bits. References that share them lie near each other in an index, so
    that a group of an import touches few of its pages; 40 bits of chance are left.
    """
    value = int.from_bytes(random_bytes(6), "big") >> 3
    if letter is not None:
        value = letter << 40 | value & _BELOW_LETTER
    middle = _PAIRS[value >> 15 & 1023]
    return (
        f"{_PAIRS[value >> 35]}{_PAIRS[value >> 25 & 1023]}{middle[0]}-{middle[1]}"
        f"{_PAIRS[value >> 5 & 1023]}{ALPHABET[value & 31]}{ALPHABET[value % 31]}"
    )


def folded(text: str) -> str:
    """What somebody typed of references, without spaces and dashes and with O, I and L as digits."""
    return "".join(text.upper().split()).replace("-", "").translate(_FOLD)


def read_ref(text: str) -> str:
    """The reference that somebody typed, in its normal form.

    Raises ``ValueError`` when it has the wrong length, a foreign character or a wrong check.
    """
    bare = folded(text)
    if len(bare) != 10 or any(c not in ALPHABET for c in bare):
        raise ValueError("a reference has ten letters or digits")
    value = 0
    for c in bare[:9]:
        value = value * 32 + ALPHABET.index(c)
    if ALPHABET[value % 31] != bare[9]:
        raise ValueError("the check character does not fit")
    return f"{bare[:5]}-{bare[5:]}"
