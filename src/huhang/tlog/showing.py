"""Entries that are opened to everybody, in the public folder: statements of keys, and which log ended or goes on."""

from __future__ import annotations

import json

from huhang.kernel.models import Entry, Payload
from huhang.tlog import note, openings, successions
from huhang.tlog.folder import Folder
from huhang.tlog.identity import identity
from huhang.tlog.openings import Opening
from huhang.tlog.proof_file import Proof
from huhang.tlog.public_folder import public
from huhang.tlog.receipting import receipt_of
from huhang.tlog.successions import BEGUN, ENDED

ANNOUNCE = "announce_keys"
SUCCEED = "begin_log"
PROOF = ".tlog-proof"


def told(verb: str, slot: str) -> list[tuple[int, str]]:
    """The notes that entries of this verb hold, in order, each after its entry's number."""
    found = list(Entry.objects.filter(verb=verb).order_by("seq").values_list("seq", flat=True))
    bodies = dict(Payload.objects.filter(seq__in=found, slot=slot).values_list("seq", "body"))
    return [(seq, json.loads(bodies[seq])["text"]) for seq in found]


def show() -> None:
    """Put all of them into the public folder, each with the proof that it is in the log once there is one."""
    ours = identity()
    here = public(ours)
    (here.place / openings.PLACE).mkdir(parents=True, exist_ok=True)
    for number, (seq, text) in enumerate(told(ANNOUNCE, openings.SLOT), 1):
        _show(here, f"{openings.PLACE}/{number}", seq, openings.SLOT, text)
    for seq, text in told(SUCCEED, successions.SLOT):
        made = successions.parse(note.parse(text).text)
        if ours.origin in (made.origin, made.last.origin):
            name = BEGUN if made.origin == ours.origin else ENDED
            _show(here, name, seq, successions.SLOT, text)


def show_missing() -> None:
    """Show what is not shown: proofs that could not be made at once, for want of a quorum; everything, after the
    public folder was lost."""
    here = public()
    place = here.place / openings.PLACE
    if not place.is_dir():
        show()
        return
    shown = {path.name for path in place.iterdir()}
    waiting = [name for name in shown if "." not in name and f"{name}{PROOF}" not in shown]
    for name in (BEGUN, ENDED):
        if (here.place / name).exists() and not (here.place / f"{name}{PROOF}").exists():
            waiting.append(name)
    if waiting:
        show()


def is_proven(number: int) -> bool:
    """Whether the proof of a statement of keys is shown."""
    return (public().place / openings.PLACE / f"{number}{PROOF}").exists()


def _show(here: Folder, name: str, seq: int, slot: str, text: str) -> None:
    here.note_down(name, text.encode())
    proof = receipt_of(seq)
    if proof is None or (here.place / f"{name}{PROOF}").exists():
        return
    entry, payload = Entry.objects.get(seq=seq), Payload.objects.get(seq=seq, slot=slot)
    opening = Opening(entry.manifest, bytes(entry.r), bytes(payload.s), payload.body)
    made = Proof(proof.index, proof.hashes, proof.checkpoint, bytes(opening))
    here.note_down(f"{name}{PROOF}", str(made).encode())
