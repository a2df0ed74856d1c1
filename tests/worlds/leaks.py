"""Leaks to plant, one for each surface that could have one: the comparison must find every one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models import Q

from huhang.api import places as api_places
from huhang.cases import auditing, inputs, queries, splits
from huhang.cases.fairness import reading
from huhang.cases.models import Case, Disclosure, Notice
from huhang.config import health
from huhang.console import places
from huhang.insight import queries as bulletins
from huhang.insight.facts import reader
from huhang.insight.returns import queries as returns
from huhang.intake import reports_import
from huhang.kernel import clock
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.papers import queries as papers
from huhang.tlog.models import Tick
from tests.worlds.surfaces import current

Plant = Callable[[], AbstractContextManager[None]]
GATED = ("queue", "queue sorted", "queue filtered", "queue as Excel", "lists", "lists as Excel", "a filled list", "search", "search by reference", "visible cases",
         "hidden case", "form of a verb", "a verb", "file", "batch", "approvals", "accountability", "telling and splitting", "sweep", "API sweep", "bulletin", "bulletin as JSON",
         "bulletin as Excel", "bulletin as Word", "cases of a figure", "draft of a bulletin", "notices", "papers",
         "dashboard", "drawings", "dashboard as JSON", "dashboard as Excel", "dashboard as Word",
         "cases of a chart", "API dashboard",
         "transfers", "transfers as files", "API transfers", "API transfers as a file",
         "paper numbers", "issuing a number", "voiding a number",
         "API lists of duty", "API list as a file", "API queue", "API search", "API search by reference", "API visible cases", "API hidden case",
         "API verbs", "API a verb", "API file", "API papers", "API a paper",
         "API issuing a number", "API numbers", "API batch", "API notices", "API bulletin",
         "API bulletin as a file", "API cases of a figure", "returns", "a return", "return as JSON",
         "return as Excel", "return as Word", "due for erasure", "freezing a return", "API returns", "API a return",
         "API return as a file", "due days", "what is due", "API what is due",
         "audit", "audit as CSV", "API audit", "mail")  # fmt: skip


def _gate_open_on(surface: str) -> Plant:
    """The gate lets everything through while this surface is shown, and only then."""

    @contextmanager
    def plant() -> Iterator[None]:
        closed = queries.gate

        def gate(actor: Any, key: str = "pk", state: str = "state") -> Any:
            return Q() if current.get() == surface else closed(actor, key, state)

        of_facts, accusations = reader.gate, returns.excluded_cases

        def facts_gate(actor: Any) -> str:
            return "true" if current.get() == surface else of_facts(actor)

        def excluded(actor: Any) -> Any:
            return None if current.get() == surface else accusations(actor)

        with (
            patch.object(queries, "gate", gate),
            patch.object(reader, "gate", facts_gate),
            patch.object(returns, "excluded_cases", excluded),
            patch.object(auditing, "excluded_cases", excluded),
            patch.object(papers, "gate", gate),
        ):
            if surface.removeprefix("API ") in ("form of a verb", "verbs", "a verb", "batch"):
                with patch.object(queries, "standings", lambda *a, **k: frozenset({"intake"})):
                    yield
            else:
                yield

    return plant


@contextmanager
def _merge() -> Iterator[None]:
    """Merging says that a hidden case exists."""
    with patch.object(inputs, "visible_to", lambda actor: Case.objects.all()):
        yield


@contextmanager
def _an_import() -> Iterator[None]:
    """An import finds numbers of hidden cases."""
    with patch.object(reports_import, "visible_to", lambda actor: Case.objects.all()):
        yield


@contextmanager
def _notices() -> Iterator[None]:
    """Notices forget the gate."""
    with patch.object(
        queries, "notices_for", lambda actor: Notice.objects.select_related("case").order_by("-seq")
    ):
        yield


@contextmanager
def _retaliation() -> Iterator[None]:
    """The first case's page links the case of retaliation that came of it, for whoever reads it."""

    def linked(_actor: Any, case: Case) -> list[Case]:
        return [r.case for r in case.retaliations.select_related("case").order_by("pk")]

    with patch.object(reading, "linked", linked):
        yield


@contextmanager
def _parts() -> Iterator[None]:
    """The first case's page links the case of a part that was split off, for whoever reads it."""

    def linked(_actor: Any, case: Case) -> list[Case]:
        return list(Case.objects.filter(reports__split_from__whole__case=case).order_by("pk"))

    with patch.object(splits, "beside", linked):
        yield


@contextmanager
def _health() -> Iterator[None]:
    """/healthz says how many entries there are."""
    with patch.object(health.reactions, "behind", lambda: Entry.objects.count() << 6):
        yield


@contextmanager
def _log() -> Iterator[None]:
    """The log's page shows an entry's sequence number in place of the tick's number."""

    class Ticks:
        @staticmethod
        def order_by(_name: str) -> Any:
            tick = Tick.objects.order_by("-number").first()
            assert tick is not None
            tick.number = tick.seq
            return Tick.objects.none() if tick is None else _One(tick)

    class _One:
        def __init__(self, tick: Tick) -> None:
            self.tick = tick

        def first(self) -> Tick:
            return self.tick

    class Leaky:
        objects = Ticks()

    with patch.object(places, "Tick", Leaky):
        yield


@contextmanager
def _tick() -> Iterator[None]:
    """The API's state of the log tells an entry's sequence number."""

    class Ticks:
        @staticmethod
        def order_by(_name: str) -> Any:
            tick = Tick.objects.order_by("-number").first()
            if tick is not None:
                tick.number = tick.seq
            return _First(tick)

    class Leaky:
        objects = Ticks()

    with patch.object(api_places, "Tick", Leaky):
        yield


class _First:
    def __init__(self, tick: Tick | None) -> None:
        self.tick = tick

    def first(self) -> Tick | None:
        return self.tick


@contextmanager
def _publication() -> Iterator[None]:
    """Everything is published, and nobody asks whether somebody is accused."""
    with unguarded():
        for case in Case.objects.all():
            Disclosure.objects.filter(case=case).delete()
            Disclosure.objects.create(
                id=case.pk, ref=case.ref, case=case, published_at=clock.now(), by="", payload=0
            )
    with patch.object(
        queries, "published", lambda: Disclosure.objects.select_related("case__unit")
    ):
        yield


@contextmanager
def _published() -> Iterator[None]:
    """A published bulletin says how many cases there are, which its disclosure does not list."""
    plain = bulletins.payload_value

    def more(payload_id: int | None) -> Any:
        body = plain(payload_id)
        return body and {**body, "title": f"{body['title']} {Case.objects.count()}"}

    with patch.object(bulletins, "payload_value", more):
        yield


LEAKS: dict[str, Plant] = {
    **{name: _gate_open_on(name) for name in GATED},
    "merge": _merge,
    "an import": _an_import,
    "notices without gate": _notices,
    "visible cases without gate": _retaliation,
    "visible cases with parts": _parts,
    "health": _health,
    "log": _log,
    "API merge": _merge,
    "API notices without gate": _notices,
    "API log": _tick,
    "Open311": _publication,
    "published bulletin": _published,
}
WITHOUT_LEAK = ("home", "imports", "sources", "new report", "units", "people", "sites", "public pages", "tokens",
                "API lists")  # fmt: skip
"""Surfaces that show nothing of cases: they are compared, and there is no gate to open on them."""
