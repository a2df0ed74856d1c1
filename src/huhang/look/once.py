"""Forms that act once: the same form sent again gives what it gave the first time.

In memory alone: there is one web process, and a mark is forgotten with it or after some hours. A
form that is sent again later than that acts again; nothing is lost by it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from huhang.kernel.errors import Conflict

HOURS = 6
MOST = 20_000
SHOWN_SECONDS = 60
T = TypeVar("T")


class _Mark:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.born = time.monotonic()
        self.given: list[Any] = []
        self.sent = ""


class Once:
    """Remembers what marked forms gave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: OrderedDict[str, _Mark] = OrderedDict()

    def run(self, mark: str, act: Callable[[], T], sent: str = "") -> T:
        """Do ``act`` and remember what it gives; for a mark that is known, give that again.

        A second press waits for the first. What fails is not remembered. Without a mark it just acts.
        ``sent``: a digest of what was sent with the mark; raises ``Conflict`` when it is another one
        than at first, so that nothing is taken for kept that was not.
        """
        if not mark:
            return act()
        known = self._find(mark)
        with known.lock:
            if not known.given:
                known.given.append(act())
                known.sent = sent
            elif known.sent != sent:
                raise Conflict(_("This key was used for something else. Nothing of this was kept."))
            given: T = known.given[0]
        return given

    def _find(self, mark: str) -> _Mark:
        with self._lock:
            oldest = time.monotonic() - HOURS * 3600
            while self._marks:
                first = next(iter(self._marks.values()))
                if first.born > oldest and len(self._marks) < MOST:
                    break
                self._marks.popitem(last=False)
            return self._marks.setdefault(mark[:200], _Mark())


once = Once()


class Shown:
    """Secrets on their way from the form that made them to the one page that shows them.

    In memory alone, and for a minute: whoever reloads that page, or comes back to it, finds nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def keep(self, place: str, secret: str) -> None:
        """Keep a secret for the page of this place."""
        with self._lock:
            self._forget_old()
            self._kept[place] = (time.monotonic(), secret)
            self._kept.move_to_end(place)

    def take(self, place: str) -> str:
        """The secret, which is forgotten by that; empty when it was taken or is too old."""
        with self._lock:
            self._forget_old()
            return self._kept.pop(place, (0.0, ""))[1]

    def _forget_old(self) -> None:
        oldest = time.monotonic() - SHOWN_SECONDS
        while self._kept and next(iter(self._kept.values()))[0] <= oldest:
            self._kept.popitem(last=False)


shown = Shown()


def new_mark() -> str:
    """A mark for the hidden field of a form."""
    return secrets.token_hex(16)
