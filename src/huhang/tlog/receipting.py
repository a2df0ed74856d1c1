"""The receipt of an entry, once a checkpoint that the quorum cosigned holds it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huhang.kernel.errors import HuhangError
from huhang.kernel.models import Entry
from huhang.tlog import checkpoint
from huhang.tlog.invalid import Invalid
from huhang.tlog.models import Leaf
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import inclusion
from huhang.tlog.publishing import WITNESSED, public, witness_policy


def receipt_of(seq: int) -> Proof | None:
    """The proof that the entry is in the log, with its leaf and r beside it (``receipts``); None while no
    checkpoint with a quorum holds it. Raises ``HuhangError`` when the policy or the log cannot be read."""
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
    except (Invalid, OSError) as error:
        raise HuhangError(
            _("The public log cannot be read: %(reason)s") % {"reason": error}
        ) from None
    r = Entry.objects.values_list("r", flat=True).get(seq=seq)
    return Proof(leaf.index, hashes, signed, bytes(leaf.data) + bytes(r))
