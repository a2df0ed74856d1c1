"""Who acts: a value that carries standing and exclusions, computed once for a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody who reads or acts.

    ``kind``: ``user`` (a member of staff), ``reporter`` (holds the code of ``report_id``),
    ``public`` (nobody known), ``operator`` (the command line on the machine itself) or ``worker``.
    ``roles``: those that the user holds anywhere. ``posts``: by which they approve. ``units``,
    ``groups``: for which they handle and supervise; ``teams``: those of the groups that are joint, by
    which they see a case as long as it is open. ``excluded_*``: units, groups and persons whose being
    accused hides a case from this actor. ``token``: the reference of the token by which a program
    acts for a user.
    """

    kind: str
    ref: str
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    excluded_units: frozenset[int] = frozenset()
    excluded_groups: frozenset[int] = frozenset()
    excluded_persons: frozenset[int] = frozenset()
    report_id: int | None = None
    case_id: int | None = None
    token: str = ""

    def has(self, role: str) -> bool:
        """Whether a user holds ``role`` anywhere."""
        return role in self.roles


PUBLIC = Actor("public", "public")
OPERATOR = Actor("operator", "operator")
WORKER = Actor("worker", "worker")
