"""Going on after a restored backup: the leaves that were published since then are taken from a mirror."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.kernel.actor import OPERATOR, WORKER
from huhang.kernel.errors import Refused
from huhang.kernel.manifest import leaf
from huhang.kernel.models import Entry
from huhang.kernel.rows import shape
from huhang.kernel.write import Write, write
from huhang.tlog import checkpoint, comparing
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place, audit
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import identity
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.policy import of_logs
from huhang.tlog.public_folder import SIGNED, alone, public, restored, unmark_restored
from huhang.tlog.tiles import WIDTH, bundles_of, unbundle
from huhang.tlog.tree import Range, leaf_hash

BATCH = 20_000


@dataclass(frozen=True)
class Continued:
    """``common``: leaves that both had; ``taken``: those that came from the mirror, of which ``known`` are of
    entries that this database has. The others are cover leaves, or of entries that are lost here."""

    common: int
    taken: int
    known: int


def continue_from(mirror: Folder) -> Continued:
    """Make the tree that of the mirror, so that the next tick continues what was signed.

    Ticks that were made since the restore were never published: their entries wait again. That leaves were
    taken over is an entry of its own. Cut off, it can be called again. Raises ``Refused`` when the mirror is of another
    database or lacks what this server signed, ``Forked`` when the log ended, and ``Invalid`` when the mirror does not
    hold or this log did not sign it.
    """
    ours = identity()
    last = Tick.objects.order_by("-number").first()
    with alone():
        here = public(ours)
        comparing.not_ended(here, ours)
        own = here.place.resolve() == mirror.place.resolve()
        heads = {name: head for name in (CHECKPOINT, SIGNED) if (head := _head(here, name))}
        # What was signed and not published has its tiles in this folder.
        name = SIGNED if own and SIGNED in heads else CHECKPOINT
        found = audit(Place(mirror.place), of_logs(ours.public), name=name)
        for head in heads.values():
            if head.size > found.head.size or mirror.hashes(head.size).root() != head.root:
                raise Refused(
                    _("This server signed a checkpoint of %(size)d leaves that the mirror does not hold: take over from "
                      "one that does, or from %(folder)s.") % {"size": head.size, "folder": here.place}
                )  # fmt: skip
        pending = restored() is not None or heads.get(CHECKPOINT) != found.head
        done = write(lambda w: _take(w, mirror, found.head.size, pending), actor=WORKER)
        if not own:
            here.grow(0, found.head.size, lambda start, end: entries_of(mirror, start, end))
            here.publish(found.signed, SIGNED)
        here.publish(found.signed)
        unmark_restored()

    def tell(w: Write) -> None:
        w.entry("continue_log", common=done.common, taken=done.taken, known=done.known)

    write(tell, actor=OPERATOR)
    made = tick()
    while last is not None and made.number < last.number:
        made = tick()  # what names a tick by its number finds one
    return done


def _head(here: Folder, name: str) -> Checkpoint | None:
    """What was signed here. Raises ``Invalid``."""
    signed = here.note(name)
    return checkpoint.parse(signed.text) if signed is not None else None


def _take(w: Write, mirror: Folder, size: int, pending: bool) -> Continued:
    w.derived()
    common = _common(mirror, size)
    if common is not None and common.size == size:
        if pending:  # it was cut off after this
            return Continued(size, 0, 0)
        raise Refused(
            _("This database has all that the mirror has: nothing needs to be taken over.")
        )
    start, after, number = (common.size, common.seq, common.number) if common else (0, 0, 0)
    Leaf.objects.filter(index__gte=start).delete()
    Tick.objects.filter(number__gt=number).delete()
    waiting = Entry.objects.filter(seq__gt=after).values_list("seq", "r", "manifest")
    known = {leaf(bytes(r), text.encode()): seq for seq, r, text in waiting.iterator(BATCH)}
    rows = [
        (index, data, known.get(data))
        for index, data in enumerate(entries_of(mirror, start, size), start)
    ]
    held = sorted(seq for _index, _data, seq in rows if seq is not None)
    if held != list(range(after + 1, after + 1 + len(held))):
        raise Refused(
            _(
                "The mirror lacks entries of this database that come before others: it is of another one."
            )
        )
    plan = shape(Leaf).whole
    for at in range(0, len(rows), BATCH):
        plan.insert([plan.row(row) for row in rows[at : at + BATCH]])
    tree = mirror.hashes(start).range() if start else Range()
    tree.extend([leaf_hash(data) for _index, data, _seq in rows])
    w.insert(
        Tick, number=number + 1, ticked_at=w.now, seq=after + len(held), size=size, root=tree.root(),
        peaks=b"".join(tree.peaks),
    )  # fmt: skip
    return Continued(start, len(rows), len(held))


def _common(mirror: Folder, size: int) -> Tick | None:
    """The last tick that both have."""
    for made in Tick.objects.filter(size__lte=size).order_by("-number"):
        if mirror.hashes(made.size).root() == bytes(made.root):
            return made
    return None


def entries_of(mirror: Folder, start: int, end: int) -> Iterator[bytes]:
    """The leaves of a folder from ``start`` to ``end``, in order."""
    for tile in bundles_of(end, since=start):
        found = unbundle(mirror.read(tile), tile.width)
        yield from found[max(0, start - tile.number * WIDTH) :]
