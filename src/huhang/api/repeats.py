"""The same request sent again gives what it gave the first time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from huhang.kernel.actor import Actor
from huhang.look.once import once

T = TypeVar("T")


def once_for(actor: Actor, key: str, act: Callable[[], T]) -> T:
    """Do ``act`` once for this person and Idempotency-Key, for some hours; without a key, just do it."""
    if not key:
        return act()
    return once.run(hashlib.sha256(f"api {actor.ref} {key}".encode()).hexdigest(), act)
