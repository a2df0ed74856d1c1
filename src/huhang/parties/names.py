"""Whom words mean: units by any of their names, groups, and people. Built once for an import or a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from huhang.parties.models import Group, Person, Unit, UnitAlias, User

SHORTEST = 3
"""Characters of the shortest name that is looked for inside of other words."""
_apart = re.compile(r"[,，、;；/\n]+")


def parts(words: str) -> list[str]:
    """The names that stand in ``words`` between separators."""
    return [part.strip() for part in _apart.split(words) if part.strip()]


def folded(name: str) -> str:
    """A name without spaces, brackets and width differences, for comparing."""
    return re.sub(r"[\s()（）·\-]", "", unicodedata.normalize("NFKC", name)).casefold()


class _Names:
    """Folded names and whom each means: one, or several who share it."""

    def __init__(self) -> None:
        self._by_name: dict[str, tuple[int, ...]] = {}
        self._by_length: list[str] | None = None

    def _add(self, name: str, keys: Iterable[int]) -> None:
        plain = folded(name)
        if plain and plain not in self._by_name:
            self._by_name[plain] = tuple(keys)

    def find(self, name: str) -> int | None:
        """The one whom ``name`` means as a whole; None when nobody, or several bear it."""
        found = self._by_name.get(folded(name), ())
        return found[0] if len(found) == 1 else None

    def find_all(self, words: str) -> tuple[int, ...]:
        """Everybody whom ``words`` name: as a whole, by its parts, or by the longest name inside."""
        if not words:
            return ()
        whole = self._by_name.get(folded(words))
        if whole:
            return whole
        found: dict[int, None] = {}
        for part in parts(words):
            plain = folded(part)
            if plain:
                found.update(dict.fromkeys(self._by_name.get(plain) or self._inside(plain)))
        return tuple(found)

    def _inside(self, plain: str) -> tuple[int, ...]:
        """Whom the names inside of other words mean, the longest first, none within another."""
        if self._by_length is None:
            long = (n for n in self._by_name if len(n) >= SHORTEST)
            self._by_length = sorted(long, key=lambda n: (-len(n), n))
        found: list[int] = []
        for name in self._by_length:
            if name in plain:
                plain = plain.replace(name, "\0")
                found += self._by_name[name]
        return tuple(found)


class UnitNames(_Names):
    """Finds units by name, alias or code, those out of use included.

    ``general``: the rulebook's well-known former names -> present names of kinds of organ; each
    means every unit of that kind, alone or behind the unit's place name.
    """

    def __init__(self, general: dict[str, str] | None = None) -> None:
        super().__init__()
        units = list(Unit.objects.order_by("-active", "code"))
        for unit in units:
            for name in (unit.code, unit.name, unit.name_en):
                self._add(name, [unit.pk])
        for alias, unit_id in UnitAlias.objects.order_by("pk").values_list("name", "unit_id"):
            self._add(alias, [unit_id])
        of_kind: dict[str, list[int]] = {}
        for former, present in (general or {}).items():
            end = folded(present)
            for unit in units:
                plain = folded(unit.name)
                if plain.endswith(end):
                    self._add(plain[: -len(end)] + former, [unit.pk])
                    for name in (former, present):
                        known = of_kind.setdefault(folded(name), [])
                        if unit.pk not in known:
                            known.append(unit.pk)
        for name, keys in of_kind.items():
            self._add(name, keys)


class GroupNames(_Names):
    """Finds supervising groups, without the receiving office itself (see ``is_office``)."""

    def __init__(self) -> None:
        super().__init__()
        self._office: set[str] = set()
        for group in Group.objects.all():
            names = [n for n in (group.name, group.name_en) if n]
            if group.kind == "office":
                self._office |= {folded(n) for n in names}
                continue
            for name in names:
                self._add(name, [group.pk])

    def is_office(self, words: str) -> bool:
        """Whether ``words`` are the name of the office that receives reports."""
        return folded(words) in self._office


class PersonNames(_Names):
    """Finds people by name. Names are not unique: all who bear it are found."""

    def __init__(self) -> None:
        super().__init__()
        people: dict[str, set[int]] = {}
        for pk, name in Person.objects.values_list("pk", "name"):
            people.setdefault(folded(name), set()).add(pk)
        for pk, name in User.objects.exclude(name_en="").values_list("person_id", "name_en"):
            if pk is not None:
                people.setdefault(folded(name), set()).add(pk)
        for name, keys in people.items():
            self._add(name, sorted(keys))
        self._longest = max(map(len, people), default=0)

    def _inside(self, plain: str) -> tuple[int, ...]:
        """A name at the beginning or the end: 王某科长, 科长王某."""
        for size in range(min(self._longest, len(plain)), 1, -1):
            for name in (plain[:size], plain[-size:]):
                if name in self._by_name:
                    return self._by_name[name]
        return ()


@dataclass(frozen=True)
class Named:
    """Whom a report names: ids of units, groups and persons."""

    units: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()


def named(unit: str, person: str, general: dict[str, str]) -> Named:
    """Whom a report's words for the unit and for the person mean. ``general``: see ``UnitNames``."""
    return Named(
        units=UnitNames(general).find_all(unit) if unit else (),
        groups=GroupNames().find_all(unit) if unit else (),
        persons=PersonNames().find_all(person) if person else (),
    )
