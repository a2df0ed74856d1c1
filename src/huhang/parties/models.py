"""Units and their aliases, groups, persons, users and memberships."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from huhang.kernel.rows import Logged, RowId
from huhang.parties.business import Business, FormerRecord

__all__ = [
    "Business",
    "FormerRecord",
    "Group",
    "GroupUnit",
    "Invitation",
    "Membership",
    "Person",
    "RecoveryCode",
    "TwoNames",
    "Unit",
    "UnitAlias",
    "User",
]  # fmt: skip


class TwoNames:
    """What has a name, and mostly one in English too."""

    name: Any
    name_en: Any

    def in_(self, language: str) -> str:
        """The name in this language (``zh-hans``, ``en`` …); the first name where there is no other."""
        return str(self.name_en if not language.startswith("zh") and self.name_en else self.name)


class Unit(TwoNames, Logged):
    """An organ, institution, township or utility that can be evaluated, responsible or accused.

    ``valid_from``, ``valid_until``: the first and the last year in which it had this code.
    """

    id = RowId(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=20)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    active = models.BooleanField(default=True)
    valid_from = models.PositiveSmallIntegerField(null=True)
    valid_until = models.PositiveSmallIntegerField(null=True)
    private = frozenset({"name", "name_en"})

    def __str__(self) -> str:
        return self.name


class UnitAlias(Logged):
    """Another name by which people call a unit, former names included."""

    id = RowId(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=120)
    private = frozenset({"name"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="unit_alias_once")]


JOINT = "joint"
"""The kind of a group that is made for one task."""


class Group(TwoNames, Logged):
    """A supervising unit: the intake office, a resident group, an office, a local commission, or a
    joint team (组组协同, 室组联动, 室组地), which ends with its task (see ``parties.teams``).

    ``ends_on``: a joint team's last day, where one is set; ``ended_on``: the day since which it has
    ended.
    """

    id = RowId(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=20)
    ends_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    private = frozenset({"name", "name_en"})

    def __str__(self) -> str:
        return self.name


class GroupUnit(Logged):
    """A unit that a resident group supervises."""

    id = RowId(primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="supervised")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="supervised_by")


class Person(Logged):
    """Somebody who works for a unit and can be a party to a case."""

    id = RowId(primary_key=True)
    name = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="persons")
    private = frozenset({"name"})

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds users by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(TwoNames, Logged, AbstractBaseUser):
    """A member of staff who signs in. ``ref`` names the user in the log.

    ``factor``: the secret of their second factor (see ``parties.factors``), empty without one;
    ``factor_at``: since when they have it. ``posts``: by which they approve, separated by spaces.
    ``subject``: by which the office's identity provider knows them, empty until they sign in there.
    ``mail``: where they are told that there is something new; empty: nowhere.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=16, unique=True)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="users")
    active = models.BooleanField(default=True)
    posts = models.CharField(max_length=80, blank=True)
    factor = models.CharField(max_length=200, blank=True)
    factor_at = models.DateTimeField(null=True)
    subject = models.CharField(max_length=255, blank=True)
    mail = models.CharField(max_length=254, blank=True)
    private = frozenset({"username", "name", "name_en", "subject"})
    unlogged = frozenset({"password", "last_login", "factor", "mail"})

    USERNAME_FIELD = "username"
    objects = UserManager()

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.active

    def get_session_auth_hash(self) -> str:
        """What a session must know: another password or second factor ends all sessions."""
        known = super().get_session_auth_hash()
        return (
            hashlib.sha256(f"{known} {self.factor}".encode()).hexdigest() if self.factor else known
        )

    def __str__(self) -> str:
        return self.name


class Membership(Logged):
    """A role that a user holds in a unit or in a group, from one day to another."""

    id = RowId(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="members")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, group__isnull=True)
                | Q(unit__isnull=True, group__isnull=False),
                name="membership_of_unit_or_group",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="membership_ends_after_it_begins",
            ),
        ]


class Invitation(Logged):
    """A one-time invitation to set a password; only a hash of its token is kept."""

    id = RowId(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    token_hash = models.BinaryField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryCode(Logged):
    """What stands in for a second factor once, when the device is lost; only its hash is kept."""

    id = RowId(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)


class Token(Logged):
    """What lets a program act for a user, within scopes and until a day; only its hash is kept.

    ``ref`` names it in lists; ``scopes``: keys of ``queries.SCOPES``, separated by spaces.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    scopes = models.CharField(max_length=80)
    token_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    private = frozenset({"name"})

    class Meta:
        indexes = [models.Index(fields=["token_hash"], name="token_by_hash")]

    def __str__(self) -> str:
        return self.ref
