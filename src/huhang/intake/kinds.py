"""The kinds of files that can be imported, by the name that the command line and a run give them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from huhang.intake.events_import import EventsImporter
from huhang.intake.importer import Kind
from huhang.intake.lists_import import ListImporter
from huhang.intake.register_import import RegisterImporter
from huhang.intake.reports_import import (
    AuditImporter,
    HotlineImporter,
    PetitionImporter,
    ReportsImporter,
    StatisticsImporter,
)
from huhang.intake.units_import import UnitsImporter
from huhang.kernel.actor import Actor
from huhang.parties.words import language
from huhang.rulebook import current

KINDS: dict[str, Kind] = {
    k.kind: k
    for k in (
        HotlineImporter, PetitionImporter, AuditImporter, StatisticsImporter,
        EventsImporter, RegisterImporter, UnitsImporter, ListImporter,
    )
}  # fmt: skip
WORDS: dict[str, Any] = {
    "events": gettext_lazy("Dispositions of another system"),
    "register": gettext_lazy("Register of businesses"),
    "units": gettext_lazy("Tree of units"),
    "list": gettext_lazy("Filled list or ledger"),
}


def offered() -> dict[str, Kind]:
    """The kinds that the rulebook in use knows."""
    hand_overs = current().hand_overs
    return {
        name: kind
        for name, kind in KINDS.items()
        if (
            name in hand_overs
            if issubclass(kind, ReportsImporter)
            else name != "register" or current().registers
        )
    }


def offered_to(actor: Actor) -> dict[str, Kind]:
    """The kinds that this person may import."""
    return {
        name: kind
        for name, kind in offered().items()
        if any(actor.has(role) for role in kind.roles)
    }


def sent_by_sources(found: dict[str, Kind]) -> dict[str, Kind]:
    """Those that a source may send: none whose rows do verbs on cases, which somebody confirms."""
    return {name: kind for name, kind in found.items() if not kind.acts}


def words_of(kind: str) -> str:
    """A kind in words, in the language of the page."""
    hand_over = current().hand_overs.get(kind)
    return hand_over.words.in_(language()) if hand_over else str(WORDS.get(kind, kind))
