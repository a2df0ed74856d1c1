"""The same request sent again gives what it gave the first time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from huhang.kernel.actor import Actor
from huhang.look.once import once

T = TypeVar("T")


def once_for(actor: Actor, key: str, sent: Any, act: Callable[[], T]) -> T:
    """Do ``act`` once for this person and Idempotency-Key, for some hours; without a key, just do it.

    ``sent``: what was sent, a value that tells itself apart in ``repr``. Raises ``Conflict`` when
    something else was sent with this key before.
    """
    if not key:
        return act()
    mark = hashlib.sha256(f"api {actor.ref} {key}".encode()).hexdigest()
    return once.run(mark, act, hashlib.sha256(repr(sent).encode()).hexdigest())
