"""The mark of a row: what stood in it when it was handed out, so that the way back can tell who
changed what. It holds no content, and no mark but our own is believed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping as Map
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from huhang.cases.models import Case
from huhang.intake.lists.names import FILLED, READ_ONLY

LATER = ("case_unit",)
"""Columns that forms handed out before do not have: their marks end before them."""
COLUMNS = (*(n for n in READ_ONLY if n not in LATER), *FILLED, *LATER)
WIDTH = 8


@dataclass(frozen=True)
class Mark:
    """``unit``: the unit's code, empty for a group's row. ``turns``: of the case, as they were.
    ``stood``: column -> digest of what stood."""

    unit: str
    turns: str
    stood: dict[str, str]

    def changed(self, name: str, text: str) -> bool:
        """Whether ``text`` (of ``plain_cell``) is something else than what stood in this column."""
        return name in self.stood and self.stood[name] != digest(text)


def digest(text: str) -> str:
    """A short digest of a cell's text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=WIDTH // 2).hexdigest()


def turns_of(case: Case) -> str:
    """How often the case went back: a state that came again is not the one that stood."""
    return f"{case.sent_back}-{case.reopened}"


def make(case: Case, unit: str, texts: Map[str, str]) -> str:
    """The mark of a row in which these texts stand (column -> ``plain_cell``)."""
    stood = "".join(digest(texts[n]) for n in COLUMNS)
    turns = turns_of(case)
    return f"1.{turns}.{stood}.{_seal(case.ref, unit, turns, stood)}.{unit}"


def read(ref: str, text: str) -> Mark | None:
    """The mark of this row; None where it is none of ours, or another row's."""
    parts = text.strip().split(".", 4)
    if len(parts) != 5 or parts[0] != "1":
        return None
    _version, turns, stood, seal, unit = parts
    known = hmac.compare_digest(seal.encode(), _seal(ref, unit, turns, stood).encode())
    if not known:
        return None
    digests = [stood[at : at + WIDTH] for at in range(0, len(stood), WIDTH)]
    return Mark(unit, turns, dict(zip(COLUMNS, digests, strict=False)))


def _seal(*values: str) -> str:
    return salted_hmac("huhang list row", "|".join(values), algorithm="sha256").hexdigest()[:24]
