"""Reading units and users: the actor of a signed-in user, the unit that a name means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.parties.models import JOINT, Group, GroupUnit, Membership, Person, Token, Unit, User

ROLES = ("intake", "handler", "supervisor", "leader", "administrator", "auditor")
SCOPES = ("read", "report", "act", "import", "publish", "admin", "calendar")
"""What a token may be used for; nothing of it goes beyond the roles of its user."""


def actor_for(user: User) -> Actor:
    """The actor that ``user`` is today: roles, units, groups, and what being accused excludes."""
    today = clock.today()
    ever = list(Membership.objects.filter(user=user).select_related("group"))
    memberships = [m for m in ever if m.since <= today and (m.until is None or m.until >= today)]
    own = {m.unit_id for m in memberships if m.unit_id is not None}
    groups = [m.group for m in memberships if m.group is not None and stands(m.group)]
    # Whoever once belonged to a unit or a group stays out of what accuses it: people change
    # offices, and old cases stay.
    excluded_from = {m.unit_id for m in ever if m.unit_id is not None}
    persons = set()
    if user.person_id is not None:
        persons.add(user.person_id)
        workplace = Person.objects.filter(pk=user.person_id).values_list("unit_id", flat=True)[0]
        excluded_from |= {workplace} if workplace else set()
    parents = _parents() if excluded_from else {}
    return Actor(
        kind="user",
        ref=user.ref,
        user_id=user.pk,
        roles=frozenset(m.role for m in memberships),
        posts=frozenset(user.posts.split()),
        units=frozenset(below(own, parents)),
        groups=frozenset(group.pk for group in groups),
        teams=frozenset(group.pk for group in groups if group.kind == JOINT),
        excluded_units=frozenset(above(excluded_from, parents)),
        excluded_groups=frozenset(m.group_id for m in ever if m.group_id is not None),
        excluded_persons=frozenset(persons),
    )


def standing(prefix: str = "") -> Q:
    """Groups that have not ended. ``prefix``: where a row refers to one."""
    return Q(**{f"{prefix}ended_on__isnull": True}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": clock.today()})
    )


def stands(group: Group) -> bool:
    """Whether a group that was read has not ended: as ``standing`` asks of rows."""
    return group.ended_on is None and (group.ends_on is None or group.ends_on >= clock.today())


def officer_of(unit_id: int) -> Actor:
    """Whoever handles cases for this unit: what they may know is what may be handed to the unit."""
    return Actor(
        kind="user", ref="", roles=frozenset({"handler"}), units=frozenset(below({unit_id})),
        excluded_units=frozenset(above({unit_id})),
    )  # fmt: skip


def _parents() -> dict[int, int | None]:
    return dict(Unit.objects.values_list("id", "parent_id"))


def above(units: Iterable[int], parents: dict[int, int | None] | None = None) -> set[int]:
    """The units and everything above them: if one of these is accused, these are."""
    parents = _parents() if parents is None else parents
    found: set[int] = set()
    for unit in units:
        at: int | None = unit
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found


def below(units: Iterable[int], parents: dict[int, int | None] | None = None) -> set[int]:
    """The units and everything below them."""
    parents = _parents() if parents is None else parents
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found: set[int] = set()
    waiting = list(units)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(children.get(unit, []))
    return found


def supervising_group(unit_id: int) -> int | None:
    """The group that supervises the unit or the nearest unit above it."""
    parents = _parents()
    at: int | None = unit_id
    while at is not None:
        known = GroupUnit.objects.filter(standing("group__"), unit_id=at)
        found = known.values_list("group_id", flat=True).first()
        if found is not None:
            return found
        at = parents.get(at)
    return None


def token_hash(secret: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(b"huhang token " + secret.encode("utf-8", "replace")).digest()


def token_of(secret: str) -> Token | None:
    """The token that this is, while it holds: not expired, not revoked, its user not locked out."""
    return (
        Token.objects.select_related("user")
        .filter(token_hash=token_hash(secret), revoked_at__isnull=True,
                expires_at__gt=clock.now(), user__active=True)
        .first()
    )  # fmt: skip


def actor_of_token(token: Token) -> Actor:
    """The actor that the token's user is now; an administrator only where the scope says so."""
    actor = replace(actor_for(token.user), token=token.ref)
    if "admin" not in token.scopes.split():
        actor = replace(actor, roles=actor.roles - {"administrator"})
    return actor


def tokens_of(user_ref: str) -> list[Token]:
    """The tokens of a user, the newest first; of those that no longer hold the last twenty."""
    found = list(Token.objects.filter(user__ref=user_ref).order_by("-id"))
    now = clock.now()
    holding = [t for t in found if t.revoked_at is None and t.expires_at > now]
    over = [t for t in found if t not in holding][:20]
    return holding + over
