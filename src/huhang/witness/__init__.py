"""A witness: a small program of its own that a third party runs with its own keys (c2sp.org/tlog-witness).

It cosigns the checkpoints of the logs that it was told of, each only if it continues the one before; so
no log can show two histories. Invariants: what was cosigned is on disk before the answer leaves; the
comparison with the last checkpoint and its replacement are one transaction. It reads nothing of Huhang's
database or settings.
"""
