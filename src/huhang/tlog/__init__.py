"""The transparency log: RFC 6962 tree, its store, the tick and verification.

Verbs: ``tick``. Invariants: an entry takes its place in the tree at a tick, in shuffled order among
cover leaves; the write path never touches the tree; a root once computed never changes.
"""
