"""Errors that a shell can show to a person as they are."""

from __future__ import annotations

from typing import Any


class HuhangError(Exception):
    """Something a person can be told. ``message`` may be a lazy translation."""

    def __init__(self, message: Any, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Refused(HuhangError):
    """Bad input: names the field and the reason."""


class NotAllowed(HuhangError):
    """The verb is known, the case visible, but this person may not do this now."""


class Missing(HuhangError):
    """Not there, or hidden from this person: the two are never told apart."""


class Conflict(HuhangError):
    """Somebody changed the case in the meantime."""


class Full(HuhangError):
    """No room to keep what was sent; nothing was written."""


class StrayWrite(RuntimeError):
    """A fault of ours: a change outside ``kernel.write``, or of an entry that is closed."""
