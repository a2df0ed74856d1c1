"""Units, groups, people and users: who can be accused, responsible or supervising.

Verbs: see ``actions`` and ``accounts``. Invariants: the units form a tree; every name that a unit ever had finds
it; a user acts only through memberships that hold today; whoever belongs to a unit below an
accused unit is excluded with it.
"""
