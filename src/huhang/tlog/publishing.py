"""After a tick: its tiles, its bundles and a signed checkpoint in the public folder of the log."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import clock
from huhang.kernel.errors import HuhangError
from huhang.tlog import audit, cosigners
from huhang.tlog import policy as policies
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import Folder
from huhang.tlog.identity import identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import NONE, Policy
from huhang.tlog.proofs import consistency
from huhang.tlog.saying import in_words

BATCH = 20_000
WITNESSED = ".witnessed"
"""The last checkpoint that the quorum cosigned: receipts are made of it."""
WORDS = ".witnesses.json"
"""By address: the size that a witness cosigned last, when, and why not since then."""


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
    with alone():
        tick = Tick.objects.order_by("-number").first()
        if tick is None:
            return None
        here, ours = public(), identity()
        head = Checkpoint(ours.origin, tick.size, bytes(tick.root))
        before = _signed_before(here, head)
        if before is not None and before == head:
            return here.note()
        _compare_with_mirror(ours.origin)
        here.grow(before.size if before else 0, tick.size, leaves)
        trusted = witness_policy()
        signed = _cosigned(here, ours.sign(head.text), head, trusted)
        quorum = trusted.has_quorum(signed)
        unknown = before is None and restored().exists()
        if unknown and (trusted.quorum == NONE or not quorum):
            raise Forked(_unknown())
        here.publish(signed)
        if quorum:
            here.publish(signed, WITNESSED)
        restored().unlink(missing_ok=True)
        return signed


def _unknown() -> str:
    return _("This data folder was restored from a backup, and nobody says what was published since: take "
             "it over from a mirror (huhang log continue FOLDER), or say that nothing was (huhang log "
             "continue --nothing).")  # fmt: skip


def restored() -> Path:
    """The mark of a restored data folder: until witnesses cosign, or somebody answers for it, nothing is
    published that could fork the log."""
    return Path(settings.HUHANG_HOME) / "log" / ".restored"


_compared: set[str] = set()
"""Mirrors with which this process has compared."""


def _compare_with_mirror(origin: str) -> None:
    """Ask a mirror, once in this process, whether this database has what it has. What was published after
    the mirror's last look it cannot know, so it does not answer for a restored folder.

    Raises ``Forked`` when the database has not, or when the mirror cannot be read.
    """
    place = settings.HUHANG_LOG_MIRROR
    if not place or place in _compared:
        return
    try:
        signed = audit.head_of(audit.source(place), None).head
    except Invalid as error:
        raise Forked(
            _("Nothing is signed before it was compared with the mirror: %(reason)s")
            % {"reason": in_words(error)}
        ) from None
    root = Tick.objects.filter(size=signed.size).values_list("root", flat=True).first()
    if signed.origin != origin or root is None or bytes(root) != signed.root:
        raise Forked(
            _("The mirror has a checkpoint of %(size)d leaves that is none of this database: take over from it "
              "(huhang log continue FOLDER).") % {"size": signed.size}
        )  # fmt: skip
    _compared.add(place)


def witness_policy() -> Policy:
    """The witnesses that the office named, and how many of them it wants. Raises ``HuhangError``."""
    path = settings.HUHANG_LOG_POLICY
    try:
        return policies.parse(Path(path).read_bytes() if path else b"quorum none\n")
    except OSError as error:
        reason: object = error.strerror
    except Invalid as error:
        reason = in_words(error)
    raise HuhangError(_("%(file)s cannot be read (%(reason)s).") % {"file": path, "reason": reason})


@dataclass(frozen=True)
class LastWord:
    """What a witness said last: the size that it cosigned, and when; ``fault``: why not since then."""

    url: str
    name: str
    size: int
    at: int
    fault: str


def last_words() -> list[LastWord]:
    """What each witness said last, in the order of the policy."""
    told = _words(public())
    trusted = witness_policy()
    names = {trusted.urls[k]: k.name for k in trusted.witnesses.values() if k in trusted.urls}
    return [LastWord(url, name, *told.get(url, (0, 0, ""))) for url, name in names.items()]


@dataclass(frozen=True)
class Standing:
    """How publishing stands: the checkpoint that everybody reads, what each witness said last, and what
    keeps the log from being published, if anything does."""

    head: Checkpoint | None
    words: list[LastWord]
    fault: str


def standing() -> Standing:
    """How publishing stands now."""
    head, words = None, []
    try:
        tick = Tick.objects.order_by("-number").first()
        if tick is not None:
            head = _signed_before(
                public(), Checkpoint(identity().origin, tick.size, bytes(tick.root))
            )
        words = last_words()
    except HuhangError as error:
        return Standing(head, words, str(error))
    waits = head is None and restored().exists()
    return Standing(head, words, _unknown() if waits else "")


def _cosigned(here: Folder, signed: Note, head: Checkpoint, trusted: Policy) -> Note:
    """The note with the cosignatures that were given. Raises ``Forked`` when a witness has seen another
    history: such a checkpoint is not published."""
    told = _words(here)
    hashes = here.hashes(head.size)
    known = {url: size for url, (size, _at, _fault) in told.items() if size <= head.size}
    words = cosigners.ask_all(
        trusted, signed, head.size, known, lambda old: consistency(hashes, old, head.size)
    )
    now = int(clock.now().timestamp())
    for word in words:
        size, at, _fault = told.get(word.url, (0, 0, ""))
        said = (
            (head.size, now, "")
            if word.signatures
            else (size, at, in_words(word.fault) if word.fault else "")
        )
        told[word.url] = said
    if words:
        here.note_down(WORDS, orjson.dumps(told))
    for word in words:
        if word.conflict:
            raise Forked(
                _("The witness at %(url)s does not cosign: %(reason)s. This database may be an older "
                  "copy; nothing is published until somebody has looked.")
                % {"url": word.url, "reason": told[word.url][2]}
            )  # fmt: skip
    cosignatures = (s for word in words for s in word.signatures)
    return Note(signed.text, (*signed.signatures, *cosignatures))


def _words(here: Folder) -> dict[str, tuple[int, int, str]]:
    try:
        return {k: tuple(v) for k, v in orjson.loads((here.place / WORDS).read_bytes()).items()}
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}


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
            _("%(file)s cannot be read (%(reason)s).")
            % {"file": here.place, "reason": in_words(error)}
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
def alone() -> Iterator[None]:
    """Let nobody else publish inside the block."""
    place = Path(settings.HUHANG_HOME) / "log"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
