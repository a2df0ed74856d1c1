"""How often something is asked from one place. In memory alone, under a key that does not last.

Addresses are never stored: a keyed hash of the address is counted, and the key is thrown away with
the counts when the time is over.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import threading
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest


class Limiter:
    """Counts by place within ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._renew(0)

    def _renew(self, span: int) -> None:
        self._span = span
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}

    def count(self, address: str) -> int:
        """Count one more from this address: how many there were within the time."""
        span = int(time.time()) // self.seconds
        with self._lock:
            if span != self._span:
                self._renew(span)
            place = hmac.digest(self._key, address.encode("utf-8", "replace"), "sha256")[:16]
            found = self._counts.get(place, 0) + 1
            self._counts[place] = found
            return found

    def wait(self) -> int:
        """Seconds until the counts begin anew."""
        return max(1, self.seconds - int(time.time()) % self.seconds)


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
