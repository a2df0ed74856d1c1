"""How often somebody may try a password or a code."""

from __future__ import annotations

import threading
import time

MOST_FAILURES = 8
WAIT_SECONDS = 60


class Failures:
    """Failed attempts of a name within a minute, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[str, list[float]] = {}

    def begin(self, name: str) -> bool:
        """Count an attempt before the password is looked at, so that none run beside each other
        uncounted; False when there were too many."""
        with self._lock:
            now = time.monotonic()
            recent = [t for t in self._at.get(name, []) if t > now - WAIT_SECONDS]
            if len(self._at) > 10_000:
                self._at.clear()
            allowed = len(recent) < MOST_FAILURES
            self._at[name] = [*recent, now] if allowed else recent
            return allowed

    def forget(self, name: str) -> None:
        """The attempt was right: the failures before it do not count."""
        with self._lock:
            self._at.pop(name, None)


failures = Failures()
