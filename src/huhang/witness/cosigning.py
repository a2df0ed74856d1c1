"""add-checkpoint of c2sp.org/tlog-witness: who asks, what is checked in which order, what is answered."""

from __future__ import annotations

from dataclasses import dataclass

from huhang.tlog import checkpoint, note
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.note import Note, encode, number
from huhang.tlog.proofs import MOST, check_consistency
from huhang.witness.folder import Witness

MOST_BYTES = 200_000
"""Of a request: 63 hashes, a checkpoint and many signatures."""
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True)
class Answer:
    """``status``: as the specification has it, 200, 400, 403, 404, 409 or 422."""

    status: int
    body: str
    content_type: str = TEXT


@dataclass(frozen=True)
class Request:
    """A checkpoint, and the proof that it continues the tree of ``old`` leaves."""

    old: int
    proof: tuple[bytes, ...]
    signed: Note
    head: Checkpoint

    def __str__(self) -> str:
        hashes = "".join(f"{encode(h)}\n" for h in self.proof)
        return f"old {self.old}\n{hashes}\n{self.signed}"


def read(body: bytes) -> Request:
    """The request in these bytes. Raises ``Invalid``."""
    if len(body) > MOST_BYTES:
        raise Invalid(said("a request has at most %(most)d bytes"), most=MOST_BYTES)
    head, gap, signed = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Invalid(said("the first lines are the old size and a proof")) from None
    if not gap or not first.startswith("old "):
        raise Invalid(said("the first lines are the old size and a proof"))
    old = number(first.removeprefix("old "))
    proof = note.hashes(lines, MOST)
    parsed = note.parse(signed)
    return Request(old, proof, parsed, checkpoint.parse(parsed.text))


def add_checkpoint(witness: Witness, body: bytes, now: int) -> Answer:
    """Cosign a checkpoint if it continues the last one; ``now``: POSIX seconds."""
    try:
        request = read(body)
    except Invalid as error:
        return Answer(400, f"{error}\n")
    head = request.head
    known = [key for key in witness.logs if key.name == head.origin]
    if not known:
        return Answer(404, "this log is not known here\n")
    try:
        if not note.verified(request.signed, known):
            return Answer(403, "no known key of the log signed this\n")
    except Unproven as error:
        return Answer(403, f"{error}\n")
    if request.old > head.size:
        return Answer(400, "the old size is larger than the new one\n")
    with witness.last(head.origin) as last:
        if request.old != last.size:
            return Answer(409, f"{last.size}\n", SIZE)
        if request.old == head.size and last.root not in (None, head.root):
            return Answer(409, f"{last.size}\n", SIZE)
        try:
            if request.old == 0 and head.size > 0:
                _empty(request.proof)
            else:
                check_consistency(
                    request.old, head.size, last.root or head.root, head.root, request.proof
                )
        except Invalid as error:
            return Answer(422, f"{error}\n")
        last.keep(head)
    # On disk now: only then it is signed.
    signatures = [key.sign(request.signed.text, now) for key in witness.keys]
    return Answer(200, "".join(signature.line for signature in signatures))


def _empty(proof: tuple[bytes, ...]) -> None:
    if proof:
        raise Unproven(said("from an empty tree the proof is empty"))
