"""Reading units and users: the actor of a signed-in user, the unit that a name means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import Q

from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.parties.models import Group, GroupUnit, Membership, Person, Unit, UnitAlias, User

ROLES = ("intake", "handler", "supervisor", "leader", "administrator")


def actor_for(user: User) -> Actor:
    """The actor that ``user`` is today: roles, units, groups, and what being accused excludes."""
    today = clock.today()
    memberships = list(
        Membership.objects.filter(user=user, since__lte=today).filter(
            Q(until__isnull=True) | Q(until__gte=today)
        )
    )
    parents = _parents()
    own = {m.unit_id for m in memberships if m.unit_id is not None}
    persons = set()
    if user.person_id is not None:
        persons.add(user.person_id)
        workplace = Person.objects.filter(pk=user.person_id).values_list("unit_id", flat=True)[0]
        excluded_from = own | ({workplace} if workplace else set())
    else:
        excluded_from = set(own)
    return Actor(
        kind="user",
        ref=user.ref,
        user_id=user.pk,
        roles=frozenset(m.role for m in memberships),
        units=frozenset(below(own, parents)),
        groups=frozenset(m.group_id for m in memberships if m.group_id is not None),
        excluded_units=frozenset(above(excluded_from, parents)),
        excluded_groups=frozenset(m.group_id for m in memberships if m.group_id is not None),
        excluded_persons=frozenset(persons),
    )


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


def folded(name: str) -> str:
    """A unit's name without spaces, brackets and width differences, for comparing."""
    return re.sub(r"[\s()（）·\-]", "", unicodedata.normalize("NFKC", name)).casefold()


class UnitNames:
    """Finds units by any name, alias or code; built once for an import or a page."""

    def __init__(self, general: dict[str, str] | None = None) -> None:
        """``general``: the rulebook's well-known former names -> present names."""
        self._by_name: dict[str, int] = {}
        units = list(Unit.objects.filter(active=True))
        for unit in units:
            for name in (unit.code, unit.name, unit.name_en):
                if name:
                    self._by_name.setdefault(folded(name), unit.pk)
        for alias, unit_id in UnitAlias.objects.values_list("name", "unit_id"):
            self._by_name.setdefault(folded(alias), unit_id)
        for former, present in (general or {}).items():
            for unit in units:
                if folded(unit.name).endswith(folded(present)):
                    prefix = folded(unit.name)[: -len(folded(present))]
                    self._by_name.setdefault(prefix + folded(former), unit.pk)
                    self._by_name.setdefault(folded(former), unit.pk)

    def find(self, name: str) -> int | None:
        """The id of the unit that ``name`` means, or None when no unit bears it."""
        return self._by_name.get(folded(name))


class PersonNames:
    """Finds persons by name; built once for an import or a page. Names are not unique: all count."""

    def __init__(self) -> None:
        self._by_name: dict[str, set[int]] = {}
        for pk, name in Person.objects.values_list("pk", "name"):
            self._by_name.setdefault(folded(name), set()).add(pk)
        for pk, name in User.objects.exclude(name_en="").values_list("person_id", "name_en"):
            if pk is not None:
                self._by_name.setdefault(folded(name), set()).add(pk)

    def find(self, words: str) -> tuple[int, ...]:
        """The ids of everybody whose name stands in ``words`` between separators, sorted."""
        found: set[int] = set()
        for part in (words, *re.split(r"[,，、;；/\s]+", words)):
            found |= self._by_name.get(folded(part), set())
        return tuple(sorted(found))


def supervising_group(unit_id: int) -> int | None:
    """The group that supervises the unit or the nearest unit above it."""
    parents = _parents()
    at: int | None = unit_id
    while at is not None:
        found = GroupUnit.objects.filter(unit_id=at).values_list("group_id", flat=True).first()
        if found is not None:
            return found
        at = parents.get(at)
    return None


def units_by_id() -> dict[int, Unit]:
    """All units by id."""
    return {u.pk: u for u in Unit.objects.all()}


def groups_by_id() -> dict[int, Group]:
    """All groups by id."""
    return {g.pk: g for g in Group.objects.all()}
