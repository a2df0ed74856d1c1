"""What the reporter of an entry is given: a signed promise at once, and a receipt once a checkpoint that
the quorum cosigned holds the entry."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from huhang.kernel.errors import HuhangError
from huhang.kernel.manifest import leaf as leaf_of
from huhang.kernel.models import Entry
from huhang.tlog import checkpoint
from huhang.tlog.identity import identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.promises import SECONDS, Promise
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import inclusion
from huhang.tlog.public_folder import WITNESSED, public
from huhang.tlog.saying import in_words
from huhang.tlog.tree import leaf_hash
from huhang.tlog.witnessing import witness_policy


def promise_of(seq: int) -> Note:
    """The promise that the log will hold the entry: the same, whenever it is asked for. Raises
    ``HuhangError``."""
    entry = Entry.objects.get(seq=seq)
    holder = (
        Tick.objects.filter(seq__gte=seq)
        .order_by("number")
        .values_list("number", flat=True)
        .first()
    )
    if holder is None:
        holder = 1 + (
            Tick.objects.order_by("-number").values_list("number", flat=True).first() or 0
        )
    ours, received = identity(), entry.recorded_at.replace(microsecond=0)
    text = Promise(
        ours.origin, leaf_of(bytes(entry.r), entry.manifest.encode()), bytes(entry.r), received, holder,
        received + timedelta(seconds=SECONDS),
    ).text  # fmt: skip
    return Note(text, tuple(key.sign(text) for key in ours.keys if key.kind == ED25519))


def receipt_of(seq: int) -> Proof | None:
    """The proof that the entry is in the log, with its leaf and r beside it (``receipts``); None while no
    checkpoint with a quorum holds it. Raises ``HuhangError`` when the policy or the log cannot be read, or does not
    hold what this database has."""
    leaf = Leaf.objects.filter(seq=seq).first()
    here = public()
    try:
        signed = here.note(WITNESSED)
        if leaf is None or signed is None or not witness_policy().has_quorum(signed):
            return None
        size = checkpoint.parse(signed.text).size
        if leaf.index >= size:
            return None
        hashes = tuple(inclusion(here.hashes(size), leaf.index, size))
        r = Entry.objects.values_list("r", flat=True).get(seq=seq)
        proof = Proof(leaf.index, hashes, signed, bytes(leaf.data) + bytes(r))
        proof.check(leaf_hash(bytes(leaf.data)))
        return proof
    except (Invalid, OSError) as error:
        reason = in_words(error) if isinstance(error, Invalid) else error.strerror
        raise HuhangError(
            _("The public log cannot be read: %(reason)s") % {"reason": reason}
        ) from None
