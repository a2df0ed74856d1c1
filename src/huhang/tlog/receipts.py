"""What a receipt of this system holds beside the proof, pure: the leaf, and r, of the entry.

The extra data of the proof are the leaf (33 bytes) and r (32 bytes). The leaf is HMAC-SHA-256(r, manifest)
after a version byte: with r, whoever is shown the manifest later can tell whether it is the one.
"""

from __future__ import annotations

from huhang.tlog import proof_file
from huhang.tlog.audit import Audited
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.policy import Policy
from huhang.tlog.tree import leaf_hash

LEAF = 33
BLIND = 32


def verify(data: bytes, policy: Policy) -> Audited:
    """Check a receipt without any network: the leaf is in a tree that the log signed and the quorum of the
    policy cosigned. Raises ``Invalid``."""
    proof = proof_file.parse(data)
    if len(proof.extra) not in (LEAF, LEAF + BLIND):
        raise Invalid(said("the receipt does not hold the leaf that it is about"))
    policy.check(proof.checkpoint)
    head = proof.check(leaf_hash(proof.extra[:LEAF]))
    return Audited(head, proof.checkpoint, True)
