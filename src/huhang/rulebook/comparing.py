"""A rulebook as plain data, and what one says otherwise than another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from huhang.rulebook.book import Rulebook


class Change(NamedTuple):
    """A field of a rule (``place``, joined by dots) before and after; None where it is not there."""

    place: str
    before: Any
    after: Any


def as_data(book: Rulebook) -> dict[str, Any]:
    """The book as JSON takes it; its figures by their ids."""
    data = asdict(book)
    data["figures"] = {f["id"]: f for f in data["figures"]}
    for nature in data["natures"].values():
        nature["clocks"] = {c["id"]: c for c in nature["clocks"]}
    data["ratings"] = {str(key): words for key, words in data["ratings"].items()}
    return data


def changes(before: Rulebook, after: Rulebook) -> list[Change]:
    """What differs, in the order of the newer book; empty only for books that say the same."""
    return list(_changes("", as_data(before), as_data(after)))


def _changes(place: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(k for k in before if k not in after)]:
            inner = f"{place}.{key}" if place else str(key)
            yield from _changes(inner, before.get(key), after.get(key))
    elif before != after:
        yield Change(place, before, after)


def unconfirmed(book: Rulebook) -> list[str]:
    """The rules whose source was not confirmed, or that are ours until the office decides."""
    kinds: dict[str, dict[str, Any]] = {"series": book.series, "returns": book.returns}
    found = [
        f"natures.{key}.clocks.{c.id}"
        for key, n in book.natures.items()
        for c in n.clocks
        if not c.confirmed
    ]
    found += [f"behaviours.{key}" for key, b in book.behaviours.items() if b.default]
    for part, rules in kinds.items():
        found += [f"{part}.{key}" for key, rule in rules.items() if not rule.confirmed]
    return found
