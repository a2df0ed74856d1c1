"""After a tick: its tiles, its bundles and a signed checkpoint in the public folder of the log."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel.errors import HuhangError
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import Folder
from huhang.tlog.identity import identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note

BATCH = 20_000


class Forked(HuhangError):
    """The tree is not what was signed before: nothing may be signed."""


def public() -> Folder:
    """What the public sees of the log. Everything in it can be made anew from the database, but for
    the signatures."""
    return Folder(Path(settings.HUHANG_HOME) / "log")


def publish() -> Note | None:
    """Publish the tree as it stands at the last tick; its checkpoint, None before the first tick.

    Raises ``Forked`` when the checkpoint that stands there is of another tree, and ``OSError``.
    """
    with _alone():
        tick = Tick.objects.order_by("-number").first()
        if tick is None:
            return None
        here, ours = public(), identity()
        head = Checkpoint(ours.origin, tick.size, bytes(tick.root))
        before = _signed_before(here, head)
        if before is not None and before == head:
            return here.note()
        here.grow(before.size if before else 0, tick.size, leaves)
        signed = ours.sign(head.text)
        here.publish(signed)
        return signed


def leaves(start: int, end: int) -> Iterator[bytes]:
    """The data of the leaves from ``start`` to ``end``, in order."""
    for at in range(start, end, BATCH):
        found = Leaf.objects.filter(index__gte=at, index__lt=min(at + BATCH, end))
        yield from map(bytes, found.order_by("index").values_list("data", flat=True))


def _signed_before(here: Folder, head: Checkpoint) -> Checkpoint | None:
    """The published checkpoint, which this tree must continue. Raises ``Forked``."""
    try:
        signed = here.checkpoint()
    except Invalid as error:
        raise Forked(
            _("%(file)s cannot be read (%(reason)s).") % {"file": here.place, "reason": error}
        ) from None
    if signed is None:
        return None
    if signed.origin != head.origin:
        raise Forked(_("The published log has another name: %(name)s.") % {"name": signed.origin})
    root = Tick.objects.filter(size=signed.size).values_list("root", flat=True).first()
    if root is None or bytes(root) != signed.root:
        raise Forked(
            _("A checkpoint of %(size)d leaves was signed that is none of this database: it is older, "
              "or another one.") % {"size": signed.size}
        )  # fmt: skip
    return signed


@contextmanager
def _alone() -> Iterator[None]:
    place = Path(settings.HUHANG_HOME) / "log"
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
