"""Fairness: hearing, tolerance, clearing, false accusation, joint punishment, retaliation.

A rulebook may leave out any of them: its verbs are then not offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huhang.rulebook.faults import said
from huhang.rulebook.words import GRADES

if TYPE_CHECKING:
    from huhang.rulebook.reader import Reader
    from huhang.rulebook.words import Text

LISTS: dict[str, tuple[str, ...]] = {
    "hearing": ("routes",),
    "tolerance": ("tests", "distinctions", "effects", "unaffected"),
    "clearing": ("forms", "reasons"),
    "false_accusation": ("levels", "outcomes"),
    "joint_punishment": ("targets",),
    "retaliation": (),
}
"""Each rule, and the lists of words that it has."""
NO_EFFECT = "no_effect"
"""The reason for not clearing without which a rate of clearing could not be said."""
FALSE = "found"
"""The outcome that lets a joint punishment follow."""

CHECKED_FROM = ("raised", "answered")
"""From when the days are counted after which a reporter is asked again whether retaliation goes on:
from the day on which it was raised, or on which its reporter was told what came of it."""


@dataclass(frozen=True)
class FairnessRule:
    """What the rulebook says of one of them. ``lists``: words by list and key, as in ``LISTS``.

    ``base_form``: the form of clearing that every other needs too; ``public_forms``: those that the
    cleared person must agree to. ``kind``: of a case of retaliation; ``check_days``: days after which
    its reporter is asked, counted from what ``check_from`` says (of ``CHECKED_FROM``).
    """

    id: str
    words: Text
    rule: str
    source: str
    grade: str
    confirmed: bool
    lists: dict[str, dict[str, Text]]
    base_form: str = ""
    public_forms: tuple[str, ...] = ()
    kind: str = ""
    check_days: tuple[int, ...] = ()
    check_from: str = ""


def read_fairness(r: Reader, data: Any, where: str) -> FairnessRule:
    """One rule. Raises ``RulebookError`` naming the field."""
    name = where.partition(".")[2]
    if name not in LISTS:
        words = said("%(value)r is none of %(known)s")
        raise r.fail(where, words, value=name, known=", ".join(LISTS))
    lists = {key: _list(r, data, where, key) for key in LISTS[name]}
    more: dict[str, Any] = {}
    if name == "clearing":
        more["base_form"] = r.one_of(data, where, "base_form", lists["forms"])
        more["public_forms"] = _keys(r, data, where, "public_forms", lists["forms"])
        _needs(r, where, "reasons", lists["reasons"], NO_EFFECT)
    elif name == "false_accusation":
        _needs(r, where, "outcomes", lists["outcomes"], FALSE)
    elif name == "retaliation":
        more["kind"] = r.one_of(data, where, "kind", r.names("kinds"))
        more["check_days"] = _days(r, data, where)
        more["check_from"] = r.one_of(data, where, "check_from", CHECKED_FROM)
    return FairnessRule(
        id=name,
        words=r.text_of(data, where),
        rule=r.line(data, where, "rule"),
        source=r.line(data, where, "source"),
        grade=r.one_of(data, where, "grade", GRADES),
        confirmed=r.get(data, where, "confirmed", bool),
        lists=lists,
        **more,
    )


def _list(r: Reader, data: Any, where: str, key: str) -> dict[str, Text]:
    found = r.get(data, where, key, dict)
    if not found:
        raise r.fail(f"{where}.{key}", said("the list is empty"))
    return {k: r.text(v, f"{where}.{key}.{k}") for k, v in found.items()}


def _keys(r: Reader, data: Any, where: str, key: str, known: dict[str, Text]) -> tuple[str, ...]:
    found = r.get(data, where, key, list)
    for one in found:
        if one not in known:
            words = said("%(value)r is none of %(known)s")
            raise r.fail(f"{where}.{key}", words, value=one, known=", ".join(known))
    return tuple(found)


def _needs(r: Reader, where: str, key: str, found: dict[str, Text], wanted: str) -> None:
    if wanted not in found:
        raise r.fail(f"{where}.{key}", said("the field %(field)s is missing"), field=wanted)


def _days(r: Reader, data: Any, where: str) -> tuple[int, ...]:
    found = r.get(data, where, "check_days", list)
    whole = all(type(day) is int and 0 < day <= 1000 for day in found)
    if not found or not whole or sorted(set(found)) != found:
        words = said("whole numbers of days are needed, each later than the one before")
        raise r.fail(f"{where}.check_days", words)
    return tuple(found)
