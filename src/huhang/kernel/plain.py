"""What people type, made safe to keep: whole numbers, one line, text without control characters."""

from __future__ import annotations

import re

MAX_TEXT = 20_000
"""Characters of one text that a person may write."""
_digits = re.compile(r"[0-9]{1,18}")
# Control characters, lone surrogates, what XML cannot hold, and marks that turn text around.
_unseen = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def whole_number(typed: str) -> int | None:
    """The whole number that somebody typed (at most 18 digits), or None."""
    digits = typed.strip()
    return int(digits) if _digits.fullmatch(digits) else None


def plain_text(typed: str) -> str:
    """Text without characters that cannot be seen, trimmed; line breaks and tabs stay."""
    if typed.isprintable():
        return typed.strip()
    return _unseen.sub("", typed).strip()


def plain_line(typed: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(plain_text(typed).split())
