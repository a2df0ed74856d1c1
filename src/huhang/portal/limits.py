"""How often one place may report before a puzzle is asked. In memory alone, under an hourly key.

Addresses are never stored: a keyed hash of the address is counted, and the key is thrown away with
the counts after an hour.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import threading
import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from huhang.kernel.plain import whole_number

HOUR = 3600
PUZZLE_SECONDS = 1800
_SALT = "huhang.portal.puzzle"


class Limiter:
    """Counts by place within the hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renew(0)

    def _renew(self, hour: int) -> None:
        self._hour = hour
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}
        self._solved: set[str] = set()

    def count(self, address: str) -> int:
        """Count one more from this address: how many there were within the hour."""
        hour = int(time.time()) // HOUR
        with self._lock:
            if hour != self._hour:
                self._renew(hour)
            place = hmac.digest(self._key, address.encode("utf-8", "replace"), "sha256")[:16]
            found = self._counts.get(place, 0) + 1
            self._counts[place] = found
            return found

    def spend(self, puzzle: str) -> bool:
        """Use a puzzle up; False when it was used within the hour."""
        with self._lock:
            if puzzle in self._solved:
                return False
            self._solved.add(puzzle)
            return True


limiter = Limiter()


def address_of(request: HttpRequest) -> str:
    """The address that counts: the nearest one that is no trusted proxy. IPv6 by its /64."""
    address = request.META.get("REMOTE_ADDR", "")
    hops = [h.strip() for h in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if h.strip()]
    while hops and _trusted(address):
        address = hops.pop()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def _trusted(address: str) -> bool:
    networks: list[Any] = settings.HUHANG_TRUSTED_PROXIES
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


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
