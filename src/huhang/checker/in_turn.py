"""Checking for many people: a check keeps a processor busy, so one comes after the other."""

from __future__ import annotations

import threading

from django.utils.translation import gettext as _

from huhang.checker.check import check
from huhang.checker.reading import MOST_BYTES, Source, UnusableText, read_bytes
from huhang.checker.report import Report

MOST_CHARACTERS = 200_000
SECONDS = 15
PATIENCE = 3
_one = threading.Lock()


def sent_text(text: str) -> Source:
    """What somebody pasted. Raises ``UnusableText``."""
    if not text.strip():
        raise UnusableText(_("Paste a text, or choose a file."))
    return Source(text)


def sent_file(size: int, content: bytes, name: str) -> Source:
    """What somebody uploaded. Raises ``UnusableText``."""
    if size > MOST_BYTES:
        raise UnusableText(_("At most %(limit)d MB.") % {"limit": MOST_BYTES >> 20})
    return read_bytes(content, name)


def check_in_turn(source: Source) -> Report:
    """The report on a text that somebody sent.

    Raises ``UnusableText``, also when it is too long, takes too long, or another check goes on.
    """
    if len(source.text) > MOST_CHARACTERS:
        raise UnusableText(_("It has more than %(limit)d characters.") % {"limit": MOST_CHARACTERS})
    if not _one.acquire(timeout=PATIENCE):
        raise UnusableText(_("Another text is being checked just now. Try again in a moment."))
    try:
        return check(source, SECONDS)
    finally:
        _one.release()
