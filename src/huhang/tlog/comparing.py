"""Before anything is signed: does this database hold all that was signed in the name of this log?

Asked each time of what lies in the public folder, of the mirror and of every witness. Witnesses are shown the last
checkpoint that was signed, again; where this server knows of none, one of an empty tree, which every history continues.
So a copy that is too old is found out before it has signed anything.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.tlog import audit, checkpoint, cosigners, identity, note, successions
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.cosigners import Word
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import Identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.models import Tick
from huhang.tlog.policy import NONE, Policy
from huhang.tlog.proofs import consistency
from huhang.tlog.public_folder import SIGNED, Forked, Uncompared, restored
from huhang.tlog.saying import in_words
from huhang.tlog.showing import SUCCEED, told
from huhang.tlog.tree import EMPTY_ROOT
from huhang.tlog.witnessing import note_down, words_of

_answered: set[tuple[str, str]] = set()
"""By public folder: the mirrors that this process could read before. When one is gone later, the log goes on."""


def signed_before(here: Folder, origin: str) -> dict[str, Checkpoint]:
    """The published checkpoint and the last signed one, by their names in the folder, as far as there are any.

    Raises ``Forked`` when one of them is not of this database, or of another log.
    """
    found: dict[str, Checkpoint] = {}
    for name in (CHECKPOINT, SIGNED):
        try:
            signed = here.note(name)
            head = checkpoint.parse(signed.text) if signed is not None else None
        except Invalid as error:
            raise Forked(
                _("%(file)s cannot be read (%(reason)s).")
                % {"file": here.place / name, "reason": in_words(error)}
            ) from None
        if head is None:
            continue
        if head.origin != origin:
            raise Forked(_("The published log has another name: %(name)s.") % {"name": head.origin})
        if not held(head):
            raise Forked(
                _("A checkpoint of %(size)d leaves was signed that is none of this database: it is older, "
                  "or another one.") % {"size": head.size}
            )  # fmt: skip
        found[name] = head
    return found


def heads(here: Folder) -> dict[str, Checkpoint]:
    """The published checkpoint and the last signed one, by their names, whatever the database has; without those
    that cannot be read."""
    found: dict[str, Checkpoint] = {}
    for name in (CHECKPOINT, SIGNED):
        try:
            signed = here.note(name)
        except Invalid:
            continue
        if signed is not None:
            found[name] = checkpoint.parse(signed.text)
    return found


def held(head: Checkpoint) -> bool:
    """Whether the database has this tree as that of a tick."""
    root = Tick.objects.filter(size=head.size).values_list("root", flat=True).first()
    return root is not None and bytes(root) == head.root


def _held_by_tiles(here: Folder, head: Checkpoint) -> bool:
    """Whether it is a beginning of what is published, if that is of this database: of ticks that were taken over from
    a mirror the last one is known alone."""
    top = heads(here).get(CHECKPOINT)
    if top is None or head.size > top.size or not held(top):
        return False
    try:
        return here.hashes(head.size).root() == head.root
    except (Invalid, OSError):
        return False


def not_ended(here: Folder, ours: Identity) -> None:
    """Check that this log did not say that another goes on in its place, but for the one that is being begun.

    Raises ``Forked``: its keys came back from somewhere.
    """
    coming = identity.coming()
    texts = [text for _seq, text in told(SUCCEED, successions.SLOT)]
    try:
        shown = here.note(successions.ENDED)
        for text in [*texts, *([str(shown)] if shown is not None else [])]:
            made = successions.parse(note.parse(text).text)
            if made.last.origin == ours.origin and (coming is None or made.logs != coming.public):
                raise Forked(_("The log “%(old)s” ended, and “%(new)s” goes on in its place: nothing is signed under the "
                               "old name.") % {"old": ours.origin, "new": made.origin})  # fmt: skip
    except Invalid as error:
        raise Forked(
            _("%(file)s cannot be read (%(reason)s).")
            % {"file": here.place / successions.ENDED, "reason": in_words(error)}
        ) from None


def with_mirror(here: Folder, origin: str) -> None:
    """Ask the mirror whether this database has what it has. What was published after the mirror's last look it
    cannot know, so it does not answer for a restored folder.

    Raises ``Forked`` when the database has not, and ``Uncompared`` when the mirror cannot be read and could not
    before in this process.
    """
    place = settings.HUHANG_LOG_MIRROR
    if not place:
        return
    try:
        head = audit.head_of(audit.source(place), None).head
    except Invalid as error:
        if (str(here.place), place) in _answered:
            return
        raise Uncompared(
            _("Nothing is signed before it was compared with the mirror: %(reason)s")
            % {"reason": in_words(error)}
        ) from None
    if head.origin != origin and head.origin in _ended():
        return  # a mirror of the log before this one: it stays as it is
    if head.origin != origin or not (held(head) or _held_by_tiles(here, head)):
        raise Forked(
            _("The mirror has a checkpoint of %(size)d leaves that is none of this database: take over from it "
              "(huhang log continue FOLDER).") % {"size": head.size}
        )  # fmt: skip
    _answered.add((str(here.place), place))


def _ended() -> set[str]:
    """The names of the logs that ended."""
    notes = told(SUCCEED, successions.SLOT)
    return {successions.parse(note.parse(text).text).last.origin for _seq, text in notes}


def with_witnesses(here: Folder, ours: Identity, trusted: Policy) -> set[str]:
    """Ask each witness what it has cosigned: the addresses of those that do not answer, which are not asked to
    cosign more.

    Raises ``Forked`` when one has cosigned what was not signed here, or when it is unknown, in a restored
    folder, what was signed.
    """
    mark, last = restored(), here.note(SIGNED) or here.note()
    asked = last or ours.sign(Checkpoint(ours.origin, 0, EMPTY_ROOT).text)
    size = checkpoint.parse(asked.text).size
    hashes = here.hashes(size)
    before = {url: known for url, (known, _at, _fault) in words_of(here).items() if known <= size}
    words = cosigners.ask_all(
        trusted, trusted.urls.values(), asked, before, lambda old: consistency(hashes, old, size)
    )
    note_down(here, [word for word in words if word.seen is None or word.conflict], 0)
    known = max(size, mark.size) if mark is not None else size
    for word in words:
        if word.conflict and not _has_signed(word.seen, known):
            raise Forked(conflict(word))
    if mark is not None and not mark.answered:
        told_us = {key for word in words if word.seen is not None for key in word.keys}
        if trusted.quorum == NONE or not trusted.is_met(told_us):
            raise Forked(unknown())
    return {word.url for word in words if word.seen is None}


def _has_signed(seen: int | None, known: int) -> bool:
    """Whether a tree of the size that a witness has seen can have been signed by this database."""
    return seen is not None and seen <= known and Tick.objects.filter(size=seen).exists()


def conflict(word: Word) -> str:
    """What is wrong when a witness has cosigned something else."""
    reason = in_words(word.fault) if word.fault else ""
    return _("The witness at %(url)s does not cosign: %(reason)s. This database may be an older "
             "copy; nothing is published until somebody has looked.") % {"url": word.url, "reason": reason}  # fmt: skip


def unknown() -> str:
    """What is wrong when nobody says what was signed after a backup."""
    return _("This data folder was restored from a backup, and nobody says what was published since: take "
             "it over from a mirror (huhang log continue FOLDER), say that nothing was (huhang log continue "
             "--nothing), or begin another log (huhang log new-origin).")  # fmt: skip
