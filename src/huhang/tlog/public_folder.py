"""The public folder of this log: where it lies, what this server alone keeps in it, who may write to it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from huhang.kernel.errors import HuhangError
from huhang.tlog import identity
from huhang.tlog.folder import Folder
from huhang.tlog.identity import FIRST, Identity

_MARK = ".restored"
POLICY = "policy"
"""The public keys of a log that ended; those of the present one are computed."""
SIGNED = ".signed"
"""The last checkpoint that was signed: kept before it leaves this server, published or not."""
WITNESSED = ".witnessed"
"""The last checkpoint that the quorum cosigned: receipts are made of it."""


class Forked(HuhangError):
    """The tree is not what was signed before: nothing may be signed."""


class Uncompared(HuhangError):
    """What the tree is compared with before it is signed cannot be read now."""


def public(ours: Identity | None = None) -> Folder:
    """What the public sees of the log. Everything in it can be made anew from the database, but for
    the signatures. Raises ``HuhangError`` where its name cannot be read."""
    place = ours.place if ours is not None else identity.place()
    return Folder(Path(settings.HUHANG_HOME) / place)


def former() -> list[Folder]:
    """The public folders of the logs that ended, the last one first."""
    here = public().place
    counts = range(int(here.name.removeprefix(FIRST) or 1) - 1, 0, -1)
    return [Folder(here.with_name(f"{FIRST}{n if n > 1 else ''}")) for n in counts]


@dataclass(frozen=True)
class Restored:
    """A backup was restored that knew a tree of ``size`` leaves and entries up to ``seq``; ``answered``: somebody
    says that nothing else was signed."""

    size: int
    seq: int
    answered: bool = False


def mark_restored(mark: Restored) -> None:
    """Until witnesses or somebody answer for it, nothing is signed that could fork the log. The mark lies beside
    the public folders, with which it must not get lost."""
    state = "answered" if mark.answered else "open"
    _home().note_down(_MARK, f"{mark.size} {mark.seq} {state}\n".encode(), mode=0o600)


def restored() -> Restored | None:
    """The mark of a restored data folder; None where there is none."""
    try:
        size, seq, state = (_home().place / _MARK).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None
    return Restored(int(size), int(seq), state == "answered")


def unmark_restored() -> None:
    """It is known that nothing else was signed."""
    (_home().place / _MARK).unlink(missing_ok=True)


def _home() -> Folder:
    return Folder(Path(settings.HUHANG_HOME))


def fault() -> Path:
    """What kept the log from being published last; there while it does."""
    return Path(settings.HUHANG_HOME) / FIRST / ".fault"


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else publish inside the block."""
    place = Path(settings.HUHANG_HOME) / FIRST
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
