"""After a tick: its tiles, its bundles and a signed checkpoint in the public folder of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from huhang.kernel.errors import HuhangError
from huhang.tlog import comparing, cosigners
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import identity
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import Policy
from huhang.tlog.proofs import consistency
from huhang.tlog.public_folder import (
    SIGNED,
    WITNESSED,
    Forked,
    alone,
    fault,
    public,
    restored,
    unmark_restored,
)
from huhang.tlog.witnessing import LastWord, last_words, note_down, witness_policy, words_of

BATCH = 20_000


def publish() -> Note | None:
    """Publish the tree as it stands at the last tick; its checkpoint, None before the first tick.

    Raises ``Forked`` when something else was signed before, ``Uncompared`` when that cannot be found out, other
    ``HuhangError`` for keys and policies that cannot be read, and ``OSError``.
    """
    with alone():
        try:
            signed = _publish()
        except HuhangError as error:
            fault().write_text(str(error), encoding="utf-8")
            raise
        fault().unlink(missing_ok=True)
        return signed


def _publish() -> Note | None:
    tick = Tick.objects.order_by("-number").first()
    if tick is None:
        return None
    ours = identity()
    here = public(ours)
    head = Checkpoint(ours.origin, tick.size, bytes(tick.root))
    comparing.not_ended(here, ours)
    heads = comparing.signed_before(here, ours.origin)
    before = heads.get(CHECKPOINT)
    if before == head:
        return here.note()
    if before is None and SIGNED in heads:
        here.grow(0, heads[SIGNED].size, leaves)  # the tiles may be gone with the checkpoint
    trusted = witness_policy()
    comparing.with_mirror(here, ours.origin)
    silent = comparing.with_witnesses(here, ours, trusted)
    here.grow(before.size if before else 0, tick.size, leaves)
    signed = ours.sign(head.text)
    here.publish(signed, SIGNED)
    signed = _cosigned(here, signed, head, trusted, silent)
    here.publish(signed)
    if trusted.has_quorum(signed):
        here.publish(signed, WITNESSED)
    unmark_restored()
    return signed


@dataclass(frozen=True)
class Standing:
    """How publishing stands: the checkpoint that everybody reads, what each witness said last, and what
    keeps the log from being published, if anything does."""

    head: Checkpoint | None
    words: list[LastWord]
    fault: str


def standing() -> Standing:
    """How publishing stands now."""
    head, words, why = None, [], ""
    try:
        ours = identity()
        head = comparing.signed_before(public(ours), ours.origin).get(CHECKPOINT)
        words = last_words()
        why = fault().read_text(encoding="utf-8")
    except FileNotFoundError:
        why = ""
    except HuhangError as error:
        return Standing(head, words, str(error))
    mark = restored()
    return Standing(head, words, comparing.unknown() if mark and not mark.answered else why)


def _cosigned(
    here: Folder, signed: Note, head: Checkpoint, trusted: Policy, silent: set[str]
) -> Note:
    """The note with the cosignatures that were given. Raises ``Forked`` when a witness has seen another
    history: such a checkpoint is not published."""
    hashes = here.hashes(head.size)
    known = {url: size for url, (size, _at, _fault) in words_of(here).items() if size <= head.size}
    words = cosigners.ask_all(
        trusted, set(trusted.urls.values()) - silent, signed, known,
        lambda old: consistency(hashes, old, head.size),
    )  # fmt: skip
    note_down(here, words, head.size)
    for word in words:
        if word.conflict:
            raise Forked(comparing.conflict(word))
    cosignatures = (s for word in words for s in word.signatures)
    return Note(signed.text, (*signed.signatures, *cosignatures))


def leaves(start: int, end: int) -> Iterator[bytes]:
    """The data of the leaves from ``start`` to ``end``, in order."""
    for at in range(start, end, BATCH):
        found = Leaf.objects.filter(index__gte=at, index__lt=min(at + BATCH, end))
        yield from map(bytes, found.order_by("index").values_list("data", flat=True))
