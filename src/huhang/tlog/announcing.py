"""Statements of keys as entries of the log: what is to be signed, and taking in what the root signed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry, Payload
from huhang.kernel.write import Write, write
from huhang.tlog import note, statements
from huhang.tlog.actions import tick
from huhang.tlog.folder import Folder
from huhang.tlog.identity import TYPES, identity, renew, retire
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import PublicKey
from huhang.tlog.note import Note
from huhang.tlog.openings import PLACE, SLOT, Opening
from huhang.tlog.proof_file import Proof
from huhang.tlog.public_folder import public
from huhang.tlog.publishing import publish
from huhang.tlog.receipting import receipt_of
from huhang.tlog.saying import in_words
from huhang.tlog.statements import Statement
from huhang.tlog.witnessing import witness_policy

VERB = "announce_keys"


def announced() -> list[Note]:
    """The statements that were announced, in order."""
    found = Entry.objects.filter(verb=VERB).order_by("seq").values_list("seq", flat=True)
    bodies = dict(Payload.objects.filter(seq__in=list(found), slot=SLOT).values_list("seq", "body"))
    return [note.parse(_text(bodies[seq])) for seq in found]


def _text(body: str) -> str:
    """What the payload of a statement says."""
    said: str = json.loads(body)["text"]
    return said


def to_sign(root: PublicKey | None, successor: PublicKey | None) -> Statement:
    """What the root is asked to sign: the keys of this log and of its witnesses as they are now.

    ``root``: of the first statement; later the one that the last statement named. ``successor``: who signs
    after it, if another. Raises ``HuhangError``.
    """
    before = announced()
    last = statements.parse(before[-1].text) if before else None
    signer = root or (last.next if last else None)
    if signer is None:
        raise Refused(_("Name the root that signs the first statement (--root)."))
    ours = identity()
    return Statement(
        origin=ours.origin,
        number=last.number + 1 if last else 1,
        root=signer,
        next=successor or signer,
        logs=tuple(key.key for key in ours.keys),
        witnesses=witness_policy().witnesses,
        scripts=scripts(),
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
    if made.origin != ours.origin or not {key.key for key in ours.keys} <= set(made.logs):
        raise Refused(_("The statement is not about the keys of this log."))
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
    coming = {key.key for key in identity().keys[len(TYPES) :]}
    if before and not coming <= set(statements.parse(before[-1].text).logs):
        raise Refused(_("The last statement does not name the new keys: announce them first."))
    left = retire()
    write(lambda w: w.entry("retire_log_keys", key=left[0].key.key_id.hex()), actor=OPERATOR)


def show() -> None:
    """Put every statement into the public folder, with the proof that it is in the log."""
    here = public()
    for seq in Entry.objects.filter(verb=VERB).order_by("seq").values_list("seq", flat=True):
        payload = Payload.objects.get(seq=seq, slot=SLOT)
        entry = Entry.objects.get(seq=seq)
        number = orjson.loads(entry.manifest)["number"]
        place = f"{PLACE}/{number}"
        here.note_down(place, _text(payload.body).encode())
        proof = receipt_of(seq)
        if proof is not None and not (here.place / f"{place}.tlog-proof").exists():
            opening = Opening(entry.manifest, bytes(entry.r), bytes(payload.s), payload.body)
            made = Proof(proof.index, proof.hashes, proof.checkpoint, bytes(opening))
            here.note_down(f"{place}.tlog-proof", str(made).encode())


def show_missing() -> None:
    """Add the proofs that could not be made at once, for want of a quorum."""
    place = public().place / PLACE
    names = {path.name for path in place.iterdir()} if place.is_dir() else set()
    if any(f"{name}.tlog-proof" not in names for name in names if "." not in name):
        show()


def fingerprint_shown(here: Folder) -> str:
    """The fingerprint of the root whose chain begins with the first statement; empty without one."""
    try:
        first = (here.place / PLACE / "1").read_bytes()
        return statements.fingerprint(statements.parse(note.parse(first).text).root)
    except FileNotFoundError:
        return ""
