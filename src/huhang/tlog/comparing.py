"""Before anything is signed: does this database hold all that was signed in the name of this log?

Asked of what lies in the public folder each time, and of the mirror and every witness once in a process. Witnesses
are shown the last checkpoint that was signed, again; where this server knows of none, one of an empty tree, which
every history continues. So a copy that is too old is found out before it has signed anything.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.tlog import audit, checkpoint, cosigners, note, successions
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.cosigners import Word
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import Identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.models import Tick
from huhang.tlog.policy import NONE, Policy
from huhang.tlog.proofs import consistency
from huhang.tlog.public_folder import SIGNED, Forked, restored_at
from huhang.tlog.saying import in_words
from huhang.tlog.showing import SUCCEED, told
from huhang.tlog.tree import EMPTY_ROOT
from huhang.tlog.witnessing import note_down

_compared: set[tuple[str, str]] = set()
"""By public folder: the mirrors and witnesses with which this process has compared."""


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


def published(here: Folder) -> Checkpoint | None:
    """What the published checkpoint says, whatever the database has; None where none can be read."""
    try:
        return here.checkpoint()
    except Invalid:
        return None


def held(head: Checkpoint) -> bool:
    """Whether the database has this tree."""
    root = Tick.objects.filter(size=head.size).values_list("root", flat=True).first()
    return root is not None and bytes(root) == head.root


def with_mirror(here: Folder, origin: str) -> None:
    """Ask the mirror, once in this process, whether this database has what it has. What was published after
    the mirror's last look it cannot know, so it does not answer for a restored folder.

    Raises ``Forked`` when the database has not, or when the mirror cannot be read.
    """
    place = settings.HUHANG_LOG_MIRROR
    if not place or (str(here.place), place) in _compared:
        return
    try:
        head = audit.head_of(audit.source(place), None).head
    except Invalid as error:
        raise Forked(
            _("Nothing is signed before it was compared with the mirror: %(reason)s")
            % {"reason": in_words(error)}
        ) from None
    if head.origin != origin and head.origin in _ended():
        return  # a mirror of the log before this one: it stays as it is
    if head.origin != origin or not held(head):
        raise Forked(
            _("The mirror has a checkpoint of %(size)d leaves that is none of this database: take over from it "
              "(huhang log continue FOLDER).") % {"size": head.size}
        )  # fmt: skip
    _compared.add((str(here.place), place))


def _ended() -> set[str]:
    """The names of the logs that ended."""
    notes = told(SUCCEED, successions.SLOT)
    return {successions.parse(note.parse(text).text).last.origin for _seq, text in notes}


def with_witnesses(here: Folder, ours: Identity, trusted: Policy) -> set[str]:
    """Ask each witness that did not answer yet in this process what it has cosigned: the addresses of
    those that did not answer now either, which are not asked to cosign more.

    Raises ``Forked`` when one has cosigned what was not signed here, or when it is unknown, in a restored
    folder, what was signed.
    """
    unasked = {url for url in set(trusted.urls.values()) if (str(here.place), url) not in _compared}
    last = here.note(SIGNED) or here.note()
    size_restored, answered = restored_at() or (0, True)
    if not unasked and (answered or last is not None):
        return set()
    asked = last or ours.sign(Checkpoint(ours.origin, 0, EMPTY_ROOT).text)
    size = checkpoint.parse(asked.text).size
    hashes = here.hashes(size)
    words = cosigners.ask_all(
        trusted, unasked, asked, {}, lambda old: consistency(hashes, old, size)
    )
    note_down(here, [word for word in words if word.seen is None or word.conflict], 0)
    known = max(size, size_restored if answered or last is None else 0)
    for word in words:
        if word.conflict and (word.seen is None or word.seen > known):
            raise Forked(conflict(word))
    if last is None and not answered:
        told = {key for word in words if word.seen is not None for key in word.keys}
        if trusted.quorum == NONE or not trusted.is_met(told):
            raise Forked(unknown())
    _compared.update((str(here.place), word.url) for word in words if word.seen is not None)
    return {word.url for word in words if word.seen is None}


def forget(here: Folder, word: Word) -> None:
    """Compare with this witness again before anything else is signed."""
    _compared.discard((str(here.place), word.url))


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
