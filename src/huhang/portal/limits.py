"""How often one place may report before a puzzle is asked."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from huhang.kernel.plain import whole_number
from huhang.look.limits import Limiter, address_of

HOUR = 3600
PUZZLE_SECONDS = 1800
_SALT = "huhang.portal.puzzle"


class Reports(Limiter):
    """Counts reports by place within the hour, and the puzzles that were solved in it."""

    def _renew(self, span: int) -> None:
        super()._renew(span)
        self._solved: set[str] = set()

    def spend(self, puzzle: str) -> bool:
        """Use a puzzle up; False when it was used within the hour."""
        with self._lock:
            if puzzle in self._solved:
                return False
            self._solved.add(puzzle)
            return True


limiter = Reports(HOUR)


def over(request: HttpRequest) -> bool:
    """Count this report; whether a puzzle must be solved first."""
    return limiter.count(address_of(request)) > settings.HUHANG_LIMIT_PER_HOUR


def puzzle() -> dict[str, Any]:
    """A sum to do: its words, and a signed value that holds its answer."""
    a, b = secrets.randbelow(40) + 11, secrets.randbelow(40) + 11
    seal = signing.dumps([a + b, secrets.token_hex(8)], salt=_SALT)
    return {"words": _("What is %(a)d plus %(b)d?") % {"a": a, "b": b}, "seal": seal}


def solved(seal: str, answer: str) -> bool:
    """Whether the puzzle was solved, in time and for the first time."""
    try:
        right, nonce = signing.loads(seal, salt=_SALT, max_age=PUZZLE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return whole_number(answer) == right and limiter.spend(nonce)
