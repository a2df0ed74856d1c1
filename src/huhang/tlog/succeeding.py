"""A new log in place of one that cannot go on: another name and other keys, over the same entries.

What the old one ends with is said under its own keys, in the old log where it can still be published, and at its
address in any case; the new one says it too. The keys of the old log are destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write, write
from huhang.tlog import comparing, identity, note, successions
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place, audit
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import Folder
from huhang.tlog.identity import Identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519
from huhang.tlog.models import Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import Policy, of_logs
from huhang.tlog.public_folder import POLICY, Forked, former, public, restored_at
from huhang.tlog.publishing import publish
from huhang.tlog.saying import in_words
from huhang.tlog.showing import PROOF, SUCCEED, show, told
from huhang.tlog.successions import ENDED, SLOT, Succession
from huhang.tlog.witnessing import witness_policy


@dataclass(frozen=True)
class Begun:
    """``proven``: the old log holds the entry that says so."""

    made: Succession
    proven: bool


def begin(last: bytes = b"", base: str = "") -> Begun:
    """End this log, and begin the one that follows it. Where it was cut off before, it goes on.

    ``last``: a checkpoint of the old log that others have, if it is later than what is known here. ``base``: the
    address of the new one, if it has moved. Raises ``HuhangError``, before anything has changed.
    """
    ours, coming = identity.identity(), identity.coming()
    signed = _said_already(ours, coming)
    if signed is None:
        before = _before(ours, last)
        coming = coming or identity.prepare(identity.origin_after(ours.origin, base))
        signed = _say(ours, coming, *before)
    proven = _end(ours, signed) if coming is not None else _is_proven()
    if coming is not None:
        identity.take_over()
    here = public()
    here.place.mkdir(mode=0o700, exist_ok=True)
    tick()
    publish()
    show()
    return Begun(successions.parse(signed.text), proven)


def _said_already(ours: Identity, coming: Identity | None) -> Note | None:
    """What was said before this was cut off: about the keys that were prepared, or those that were taken over, while
    nothing was published under them."""
    keys = coming.keys if coming is not None else ours.keys
    if coming is None and public().note() is not None:
        return None
    for _seq, text in told(SUCCEED, SLOT):
        signed = note.parse(text)
        if successions.parse(signed.text).logs == tuple(key.key for key in keys):
            return signed
    return None


def _is_proven() -> bool:
    return (former()[0].place / f"{ENDED}{PROOF}").exists()


def _before(ours: Identity, last: bytes) -> tuple[Checkpoint, Checkpoint]:
    """The last checkpoint that is known of the old log, and the one up to which this database has its leaves."""
    try:
        tick()
        signed = publish()
    except Forked:
        signed = None
    if signed is not None:
        if not witness_policy().has_quorum(signed):
            raise Refused(_wait())
        head = comparing.published(public())
        assert head is not None
        return head, head
    same = _held(ours)
    known = [same, comparing.published(public()), _given(ours, last, same) if last else None]
    newest = max((head for head in known if head is not None), key=lambda head: head.size)
    return newest, same


def _wait() -> str:
    return _("Witnesses have to cosign how the log ends: wait for them, or take those that are gone out of the "
             "policy (HUHANG_LOG_POLICY).")  # fmt: skip


def _held(ours: Identity) -> Checkpoint:
    """Of a log that is forked: the largest tree that this database and the old log surely had in common."""
    here = public()
    trusted = of_logs([key.key for key in ours.keys])
    head = comparing.published(here)
    if head is not None and comparing.held(head):
        return head
    if head is not None and _is_whole(here, trusted):
        raise Refused(
            _("What is missing is in %(folder)s: take it over (huhang log continue %(folder)s).")
            % {"folder": here.place}
        )
    size = (restored_at() or (0, True))[0]
    made = Tick.objects.filter(size=size).first()
    if made is None:
        raise Refused(
            _("Nothing is known of what the log “%(name)s” published: there is nothing that a new one could follow.")
            % {"name": ours.origin}
        )  # fmt: skip
    return Checkpoint(ours.origin, made.size, bytes(made.root))


def _is_whole(here: Folder, trusted: Policy) -> bool:
    try:
        audit(Place(here.place), trusted)
    except Invalid:
        return False
    return True


def _given(ours: Identity, last: bytes, same: Checkpoint) -> Checkpoint:
    """The checkpoint that others have of the old log."""
    try:
        head = of_logs([key.key for key in ours.keys]).check_log(note.parse(last))
    except Invalid as error:
        raise Refused(
            _("The last checkpoint that was given cannot be used: %(reason)s")
            % {"reason": in_words(error)}
        ) from None
    if head.size <= same.size and not comparing.held(head):
        raise Refused(_("A checkpoint of %(size)d leaves was signed that is none of this database: it is older, "
                        "or another one.") % {"size": head.size})  # fmt: skip
    return head


def _say(ours: Identity, coming: Identity, last: Checkpoint, same: Checkpoint) -> Note:
    """Write down, under the old keys, which log ends with what, and which goes on: an entry."""
    logs = tuple(key.key for key in coming.keys)
    text = Succession(last, same.size, same.root, coming.origin, logs).text
    signed = Note(text, tuple(key.sign(text) for key in ours.keys if key.kind == ED25519))

    def tell(w: Write) -> None:
        w.entry(SUCCEED, last=last.size, same=same.size).say(SLOT, str(signed))

    write(tell, actor=OPERATOR)
    return signed


def _end(ours: Identity, signed: Note) -> bool:
    """Say at the address of the old log that it ends: whether it holds that as an entry."""
    here = public()
    here.note_down(ENDED, str(signed).encode())
    here.note_down(POLICY, f"{ours.policy()}quorum none\n".encode())
    try:
        tick()
        publish()
    except Forked:
        return False
    show()
    if not (here.place / f"{ENDED}{PROOF}").exists():
        raise Refused(_wait())
    return True
