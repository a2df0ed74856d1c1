"""Manifest, payload and leaf: the encoding that is fixed for good.

- canonical encoding: RFC 8785 for the values a manifest may hold (objects with ASCII keys,
  arrays, strings, booleans, null, integers below 2**53);
- leaf = version (one byte, 1) || HMAC-SHA-256(r, manifest), r being 32 random bytes;
- leaf hash = SHA-256(0x00 || leaf), RFC 6962 section 2.1;
- a payload is committed to as HMAC-SHA-256(s, payload), s being 32 random bytes of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson

VERSION = b"\x01"


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of ``value``. Raises ``TypeError`` or ``ValueError`` for other values."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def commitment(blind: bytes, payload: bytes) -> str:
    """HMAC-SHA-256(blind, payload) in hexadecimal."""
    return hmac.digest(blind, payload, "sha256").hex()


def leaf_hash(r: bytes, manifest: bytes) -> bytes:
    """SHA-256(0x00 || version || HMAC-SHA-256(r, manifest)): 32 bytes."""
    return hashlib.sha256(b"\x00" + VERSION + hmac.digest(r, manifest, "sha256")).digest()
