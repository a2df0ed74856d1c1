"""The public folder of this log: where it lies, what this server alone keeps in it, who may write to it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from huhang.kernel.errors import HuhangError
from huhang.tlog import identity
from huhang.tlog.folder import Folder
from huhang.tlog.identity import FIRST

POLICY = "policy"
"""The public keys of a log that ended; those of the present one are computed."""
SIGNED = ".signed"
"""The last checkpoint that was signed: kept before it leaves this server, published or not."""
WITNESSED = ".witnessed"
"""The last checkpoint that the quorum cosigned: receipts are made of it."""


class Forked(HuhangError):
    """The tree is not what was signed before: nothing may be signed."""


def public() -> Folder:
    """What the public sees of the log. Everything in it can be made anew from the database, but for
    the signatures. Raises ``HuhangError`` where its name cannot be read."""
    return Folder(Path(settings.HUHANG_HOME) / identity.place())


def former() -> list[Folder]:
    """The public folders of the logs that ended, the last one first."""
    here = public().place
    counts = range(int(here.name.removeprefix(FIRST) or 1) - 1, 0, -1)
    return [Folder(here.with_name(f"{FIRST}{n if n > 1 else ''}")) for n in counts]


def restored() -> Path:
    """The mark of a restored data folder: until witnesses or somebody answer for it, nothing is signed that
    could fork the log."""
    return public().place / ".restored"


def mark_restored(size: int, *, answered: bool = False) -> None:
    """This folder was restored when the tree had ``size`` leaves; ``answered``: somebody says that no
    others were published."""
    made = restored()
    made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made.touch(mode=0o600)
    made.write_text(f"{size} {'answered' if answered else 'open'}\n", encoding="ascii")


def restored_at() -> tuple[int, bool] | None:
    """The size of the tree that was restored, and whether somebody answered; None without a mark."""
    try:
        size, said = restored().read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None
    except ValueError:
        return 0, False  # cut off while it was written
    return int(size), said == "answered"


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else publish inside the block."""
    place = Path(settings.HUHANG_HOME) / FIRST
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
