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
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import Identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519
from huhang.tlog.models import Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import of_logs
from huhang.tlog.public_folder import (
    POLICY,
    Forked,
    alone,
    former,
    public,
    restored,
    unmark_restored,
)
from huhang.tlog.publishing import publish
from huhang.tlog.saying import in_words
from huhang.tlog.showing import PROOF, SUCCEED, show, told
from huhang.tlog.successions import ENDED, SLOT, Succession
from huhang.tlog.witnessing import witness_policy

Said = tuple[int, Succession, str]


@dataclass(frozen=True)
class Begun:
    """``proven``: the old log holds the entry that says so."""

    made: Succession
    proven: bool


def outlook() -> str:
    """Why the old log cannot be published any more; empty where it can. Raises ``HuhangError`` where that cannot be
    found out."""
    try:
        tick()
        publish()
    except Forked as error:
        return str(error)
    return ""


def begin(last: bytes | None = None, base: str = "") -> Begun:
    """End this log, and begin the one that follows it. Where it was cut off before, it goes on.

    ``last``: a checkpoint of the old log that others have, if it is later than what is known here. ``base``: the
    address of the new one, if it has moved. Raises ``HuhangError``, before anything has changed.
    """
    with identity.alone():
        ours, coming = identity.identity(), identity.coming()
        said = _said(coming) if coming is not None else None
        mark = restored()
        asks = mark is not None and not mark.answered
        if said is not None and mark is not None and asks and said[0] <= mark.seq:
            raise Refused(
                _("The backup is of a time when a new log was being begun, and nobody here knows whether it was published: "
                  "restore a later one, or say that nothing was signed since (huhang log continue --nothing).")
            )  # fmt: skip
        if coming is None or coming != ours:
            coming, made = _end(ours, coming, said, last, base)
        else:
            assert said is not None
            made = said[1]
        with alone():
            if asks:
                unmark_restored()  # nothing was ever signed under the new name
            public().place.mkdir(mode=0o700, exist_ok=True)
        tick()
        publish()
        show()
        identity.settle()
        return Begun(made, (former()[0].place / f"{ENDED}{PROOF}").exists())


def _end(
    ours: Identity, coming: Identity | None, said: Said | None, last: bytes | None, base: str
) -> tuple[Identity, Succession]:
    """Say how the old log ends, and take the keys of the new one: these, and what was said."""
    if said is None:
        comparing.not_ended(public(ours), ours)
        before = _before(ours, last)
        coming = coming or identity.prepare(identity.origin_after(ours.origin, base))
        _say(ours, coming, *before)
        said = _said(coming)
    assert coming is not None
    assert said is not None
    _show_end(ours, said[2])
    with alone():
        identity.take_over(coming)
    return coming, said[1]


def _said(coming: Identity) -> Said | None:
    """The entry that says that the log with these keys begins, what it says, and its text."""
    for seq, text in told(SUCCEED, SLOT):
        made = successions.parse(note.parse(text).text)
        if made.logs == coming.public:
            return seq, made, text
    return None


def _before(ours: Identity, last: bytes | None) -> tuple[Checkpoint, Checkpoint]:
    """The last tree that is known of the old log, and the one up to which this database has its leaves."""
    if not outlook():
        head = comparing.heads(public(ours))[CHECKPOINT]
        signed = public(ours).note()
        if signed is None or not witness_policy().has_quorum(signed):
            raise Refused(_wait())
        return head, head
    same = _held(ours)
    known = [same, *comparing.heads(public(ours)).values()]
    if last is not None:
        known.append(_given(ours, last, same))
    return max(known, key=lambda head: head.size), same


def _wait() -> str:
    return _("Witnesses have to cosign how the log ends: wait for them, or take those that are gone out of the "
             "policy (HUHANG_LOG_POLICY).")  # fmt: skip


def _held(ours: Identity) -> Checkpoint:
    """Of a log that is forked: the largest tree that this database and the old log surely had in common."""
    here = public(ours)
    heads = comparing.heads(here)
    for name, head in heads.items():
        if not comparing.held(head) and _is_whole(here, ours, name):
            raise Refused(
                _(
                    "What is missing is in %(folder)s: take it over (huhang log continue %(folder)s)."
                )
                % {"folder": here.place}
            )
    found = [head for head in heads.values() if comparing.held(head)]
    mark = restored()
    made = Tick.objects.filter(size=mark.size).first() if mark is not None else None
    if made is not None:
        found.append(Checkpoint(ours.origin, made.size, bytes(made.root)))
    if not found:
        raise Refused(
            _("Nothing is known of what the log “%(name)s” published: there is nothing that a new one could follow.")
            % {"name": ours.origin}
        )  # fmt: skip
    return max(found, key=lambda head: head.size)


def _is_whole(here: Folder, ours: Identity, name: str) -> bool:
    try:
        audit(Place(here.place), of_logs(ours.public), name=name)
    except Invalid:
        return False
    return True


def _given(ours: Identity, last: bytes, same: Checkpoint) -> Checkpoint:
    """The checkpoint that others have of the old log."""
    try:
        head = of_logs(ours.public).check_log(note.parse(last))
    except Invalid as error:
        raise Refused(
            _("The last checkpoint that was given cannot be used: %(reason)s")
            % {"reason": in_words(error)}
        ) from None
    if head.size <= same.size and not comparing.held(head):
        raise Refused(_("A checkpoint of %(size)d leaves was signed that is none of this database: it is older, "
                        "or another one.") % {"size": head.size})  # fmt: skip
    return head


def _say(ours: Identity, coming: Identity, last: Checkpoint, same: Checkpoint) -> None:
    """Write down, under the old keys, which log ends with what, and which goes on: an entry."""
    text = Succession(last, same.size, same.root, coming.origin, coming.public).text
    signed = Note(text, tuple(key.sign(text) for key in ours.keys if key.kind == ED25519))

    def tell(w: Write) -> None:
        w.entry(SUCCEED, last=last.size, same=same.size).say(SLOT, str(signed))

    write(tell, actor=OPERATOR)


def _show_end(ours: Identity, text: str) -> None:
    """Say at the address of the old log that it ends, and in the log itself where that can still be published."""
    here = public(ours)
    here.note_down(POLICY, f"{ours.policy()}quorum none\n".encode())
    here.note_down(ENDED, text.encode())
    if outlook():
        return
    show()
    if not (here.place / f"{ENDED}{PROOF}").exists():
        raise Refused(_wait())
