"""Statements of keys as entries of the log: what is to be signed, and taking in what the root signed."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write, write
from huhang.tlog import note, statements
from huhang.tlog.actions import tick
from huhang.tlog.folder import Folder
from huhang.tlog.identity import TYPES, identity, renew, retire
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import PublicKey
from huhang.tlog.note import Note
from huhang.tlog.openings import PLACE, SLOT
from huhang.tlog.publishing import publish
from huhang.tlog.saying import in_words
from huhang.tlog.showing import ANNOUNCE as VERB
from huhang.tlog.showing import show, told
from huhang.tlog.statements import Statement
from huhang.tlog.witnessing import witness_policy


def announced() -> list[Note]:
    """The statements that were announced, in order."""
    return [note.parse(text) for _seq, text in told(VERB, SLOT)]


def to_sign(
    root: PublicKey | None, successor: PublicKey | None, handlers: dict[str, str] | None = None
) -> Statement:
    """What the root is asked to sign: the keys of this log and of its witnesses as they are now.

    ``root``: of the first statement; later the one that the last statement named. ``successor``: who signs
    after it, if another. ``handlers``: all of them, by name; None: those of the last statement. Raises
    ``HuhangError``.
    """
    before = announced()
    last = statements.parse(before[-1].text) if before else None
    signer = root or (last.next if last else None)
    if signer is None:
        raise Refused(_("Name the root that signs the first statement (--root)."))
    ours = identity()
    if handlers is None:
        handlers = last.handlers if last else {}
    return Statement(
        origin=ours.origin,
        number=last.number + 1 if last else 1,
        root=signer,
        next=successor or signer,
        logs=ours.public,
        witnesses=witness_policy().witnesses,
        scripts=scripts(),
        handlers=handlers,
        after=last.origin if last and last.origin != ours.origin else "",
    )


def scripts() -> dict[str, str]:
    """SHA-256 of each script that browsers are given, by its address."""
    root = Path(settings.STATIC_ROOT)
    try:
        paths = json.loads((root / "staticfiles.json").read_bytes())["paths"].values()
    except FileNotFoundError:
        return {}
    served = sorted(path for path in paths if path.endswith(".js"))
    return {
        f"{settings.STATIC_URL}{path}": hashlib.sha256((root / path).read_bytes()).hexdigest()
        for path in served
    }


def announce(data: bytes, *, lost: bool = False) -> Statement:
    """Take in what the root signed: an entry, ticked and published at once with its proof.

    ``lost``: the root that should have signed is lost, and another begins. Raises ``HuhangError``.
    """
    try:
        signed = note.parse(data)
        made = statements.check_one(signed)
    except Invalid as error:
        raise Refused(in_words(error)) from None
    _check(made, lost)

    def tell(w: Write) -> None:
        w.entry(VERB, number=made.number, lost=lost).say(SLOT, str(signed))

    write(tell, actor=OPERATOR)
    tick()
    publish()
    show()
    return made


def _check(made: Statement, lost: bool) -> None:
    before = announced()
    last = statements.parse(before[-1].text) if before else None
    ours = identity()
    if made.origin != ours.origin or not set(ours.public) <= set(made.logs):
        raise Refused(_("The statement is not about the keys of this log."))
    if last is not None and made.after != (last.origin if last.origin != made.origin else ""):
        raise Refused(_("The statement does not say which log ended."))
    number = last.number + 1 if last else 1
    if made.number != number:
        raise Refused(_("Statement %(number)d comes next.") % {"number": number})
    if last is not None and (made.root == last.next) == lost:
        raise Refused(
            _("Another root signed it than the one that the last statement named: say --lost if that one is lost.")
            if not lost else _("The root that was named signed it: it is not lost.")
        )  # fmt: skip


def renew_keys() -> None:
    """Sign with further keys beside the present ones, until these are retired. Raises ``HuhangError``."""
    made = renew()
    write(lambda w: w.entry("renew_log_keys", key=made[0].key.key_id.hex()), actor=OPERATOR)


def retire_keys() -> None:
    """Sign with the new keys alone, once the last statement names them; without any statement at once.

    Raises ``HuhangError``.
    """
    before = announced()
    coming = set(identity().public[len(TYPES) :])
    if before and not coming <= set(statements.parse(before[-1].text).logs):
        raise Refused(_("The last statement does not name the new keys: announce them first."))
    left = retire()
    write(lambda w: w.entry("retire_log_keys", key=left[0].key.key_id.hex()), actor=OPERATOR)


def fingerprint_shown(here: Folder) -> str:
    """The fingerprint of the root whose chain leads to the keys that hold: the first one, or the one that began after
    another was lost; empty without a statement."""
    found: Statement | None = None
    before: Statement | None = None
    for number in itertools.count(1):
        try:
            before, last = (
                statements.parse(note.parse((here.place / PLACE / str(number)).read_bytes()).text),
                before,
            )
        except FileNotFoundError:
            break
        if last is None or before.root != last.next:
            found = before
    return statements.fingerprint(found.root) if found else ""
