"""Manifest, payload and leaf: the encoding that is fixed for good.

- canonical encoding: RFC 8785 for the values a manifest may hold (objects with ASCII keys,
  arrays, strings, booleans, null, integers below 2**53);
- leaf = version (one byte, 1) || HMAC-SHA-256(r, manifest), r being 32 random bytes;
- leaf hash = SHA-256(0x00 || leaf), RFC 6962 section 2.1;
- a payload is committed to as HMAC-SHA-256(s, payload), s being 32 random bytes of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

VERSION = b"\x01"
Many = tuple[str, dict[str, Any], list[str]]
"""The same change of many rows: the label of their model, the codes, the keys."""


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of ``value``. Raises ``TypeError`` or ``ValueError`` for other values."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def changes(manifest: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The rows that a manifest changes: (label/key, their codes, or None for a row that is gone)."""
    yield from manifest["rows"].items()
    for label, codes, keys in manifest.get("many", ()):
        for key in keys:
            yield f"{label}/{key}", codes.copy()


_sha256 = hashlib.sha256
_INNER = bytes(b ^ 0x36 for b in range(256))
_OUTER = bytes(b ^ 0x5C for b in range(256))
_INNER_PAD = b"\x36" * 32
_OUTER_PAD = b"\x5c" * 32
_LEAF = b"\x00" + VERSION


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) under a key of 32 bytes; a key of another length gives another value.

    Two plain hashes take a third less than OpenSSL's HMAC. Raises ``TypeError`` for what is not bytes.
    """
    inner = _sha256(key.translate(_INNER) + _INNER_PAD + message).digest()
    return _sha256(key.translate(_OUTER) + _OUTER_PAD + inner).digest()


def commitment(blind: bytes, payload: bytes) -> str:
    """HMAC-SHA-256(blind, payload) in hexadecimal."""
    return mac(blind, payload).hex()


def leaf(r: bytes, manifest: bytes) -> bytes:
    """version || HMAC-SHA-256(r, manifest): 33 bytes, which the public log shows."""
    return VERSION + mac(r, manifest)


def leaf_hash(r: bytes, manifest: bytes) -> bytes:
    """SHA-256(0x00 || version || HMAC-SHA-256(r, manifest)): 32 bytes."""
    return _sha256(_LEAF + mac(r, manifest)).digest()
