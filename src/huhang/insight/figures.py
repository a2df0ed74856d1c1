"""Figures: what each counts, and the cases behind it. One condition serves the count and the list."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.models import Case
from huhang.cases.queries import gate
from huhang.insight.follow import CURSOR
from huhang.insight.models import CaseFact
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.models import Cursor, Sequencer
from huhang.kernel.plain import plain_line, whole_number
from huhang.parties.models import Unit
from huhang.parties.queries import below
from huhang.rulebook import current
from huhang.rulebook.book import FigureRule, Text
from huhang.tlog.models import Tick

LONGEST_DAYS = 36_600


@dataclass(frozen=True)
class Scope:
    """A period of whole days at the office, both included, and a unit with those below it."""

    since: date
    until: date
    unit: Unit | None = None

    @property
    def query(self) -> str:
        """The scope as the query string of a page."""
        unit = f"&unit={self.unit.code}" if self.unit else ""
        return f"from={self.since.isoformat()}&to={self.until.isoformat()}{unit}"


@dataclass(frozen=True)
class Figure:
    """A counted figure. ``value`` None: there is nothing to take a mean of. ``hidden``: suppressed."""

    id: str
    value: int | float | None
    rule: FigureRule
    key: Any = None
    words: Text | None = None
    hidden: bool = False


def read_scope(since: str, until: str, unit: str = "") -> Scope:
    """The scope that somebody typed. Raises ``Refused`` naming the field."""
    days = []
    for name, text in (("from", since), ("to", until)):
        try:
            days.append(date.fromisoformat(text.strip()))
        except ValueError:
            raise Refused(
                _("“%(given)s” is no date such as 2026-11-24.") % {"given": text[:20]}, field=name
            ) from None
    if days[0] > days[1]:
        raise Refused(_("The period ends before it begins."), field="to")
    if (days[1] - days[0]).days > LONGEST_DAYS or not 1900 < days[0].year <= days[1].year < 9000:
        raise Refused(_("The period is too long."), field="to")
    found = None
    if unit:
        found = Unit.objects.filter(code=plain_line(unit)).first()
        if found is None:
            raise Refused(_("There is no unit “%(given)s”.") % {"given": unit[:40]}, field="unit")
    return Scope(days[0], days[1], found)


def this_month_or(since: str, until: str) -> tuple[str, str]:
    """The period that somebody typed; where they typed nothing, this month so far."""
    today = clock.today()
    return since or today.replace(day=1).isoformat(), until or today.isoformat()


def last_tick() -> int:
    """The number of the last tick, 0 before the first."""
    return Tick.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.local_zone())


def _within(field: str, scope: Scope) -> Q:
    return Q(**{f"{field}__gte": _midnight(scope.since),
                f"{field}__lt": _midnight(scope.until + timedelta(days=1))})  # fmt: skip


@dataclass(frozen=True)
class Where:
    """A condition on one dimension: a query for the list of cases, a test of a group for the count."""

    column: str
    values: tuple[Any, ...]
    among: bool = True

    @property
    def query(self) -> Q:
        """The condition on rows."""
        found = Q(**{f"{self.column}__in": [v for v in self.values if v is not None]})
        if None in self.values:
            found |= Q(**{f"{self.column}__isnull": True})
        return found if self.among else ~found

    def holds(self, group: dict[str, Any]) -> bool:
        """Whether all cases of a group meet it, or none do."""
        return (group[self.column] in self.values) is self.among


_apart = Where("state", ("merged",), among=False)
_stopped = Q(stopped_on__isnull=False, due_on__isnull=False)
PERIODS: dict[str, Callable[[Scope], Q]] = {
    "received": lambda s: _within("received_at", s),
    "reported": lambda s: _within("reported_at", s),
    "closed": lambda s: _within("closed_at", s),
    "fed_back": lambda s: Q(stopped_on__gte=s.since, stopped_on__lte=s.until),
}
CONDITIONS: dict[str, tuple[Where, ...]] = {
    "reports_received": (),
    "cases_received": (_apart,),
    "cases_reported": (_apart,),
    "on_time": (_apart,),
    "overdue": (_apart,),
    "open_overdue": (_apart,),
    "rating_mean": (_apart, Where("rating", (None,), among=False)),
    "governed": (_apart, Where("governed", ("", "none_needed"), among=False)),
    "governed_none_needed": (_apart, Where("governed", ("none_needed",))),
    "closed": (_apart,),
    "reopened": (_apart, Where("reopened", (0,), among=False)),
    "clue_collated": (_apart, Where("kind", ("clue",))),
    "demand_fed_back": (_apart, Where("kind", ("demand",))),
}
BY_DAY: dict[str, Callable[[date], Q]] = {
    "on_time": lambda today: _stopped & Q(stopped_on__lte=F("due_on")),
    "overdue": lambda today: _stopped & Q(stopped_on__gt=F("due_on")),
    "open_overdue": lambda today: Q(stopped_on__isnull=True, due_on__lt=today),
}
"""What some figures ask of each row beside its dimensions."""


def _column(rule: FigureRule) -> str:
    return "unit_id" if rule.by == "unit" else rule.by


def _facts(actor: Actor, scope: Scope) -> QuerySet[CaseFact]:
    may = gate(actor, "case_id")
    if may is None:
        return CaseFact.objects.none()
    facts = CaseFact.objects.filter(may)
    if scope.unit is not None:
        facts = facts.filter(unit_id__in=below({scope.unit.pk}))
    return facts


def _vocabulary(by: str) -> dict[Any, Text | None]:
    book = current()
    words: dict[str, Any] = {
        "channel": book.channels,
        "kind": book.kinds,
        "behaviour": {k: b.words for k, b in book.behaviours.items()},
        "finding": book.findings,
        "rating": book.ratings,
    }
    if by == "state":
        return dict.fromkeys(flow.STATES)
    return dict(words[by])


_known: OrderedDict[Any, list[Figure]] = OrderedDict()
_lock = threading.Lock()
KNOWN_MOST = 64


def count(actor: Actor, scope: Scope) -> list[Figure]:
    """The figures of the rulebook, over what ``actor`` may know of.

    Counted once for each state of the log: whatever is written, by whomever, makes them anew.
    """
    unit = scope.unit.pk if scope.unit else None
    key = (_position(), actor, scope.since, scope.until, unit, clock.today(), current().id)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return list(_known[key])
    figures = _count(actor, scope)
    with _lock:
        _known[key] = figures
        while len(_known) > KNOWN_MOST:
            _known.popitem(last=False)
    return list(figures)


def _position() -> tuple[int, ...]:
    """How far the log has come, and how far the facts have followed it."""
    last = Sequencer.objects.values_list("last", flat=True).first() or 0
    return (last, *Cursor.objects.filter(name=CURSOR).values_list("seq", flat=True))


def _count(actor: Actor, scope: Scope) -> list[Figure]:
    """All figures from one walk over the facts for each kind of period, grouped by everything that
    a figure is split by."""
    book = current()
    today = clock.today()
    facts = _facts(actor, scope).order_by(*CaseFact.DIMENSIONS).values(*CaseFact.DIMENSIONS)
    groups: dict[str, list[dict[str, Any]]] = {}
    for period, within in PERIODS.items():
        counts = {
            f"n_{r.id}": Count("pk", filter=BY_DAY[r.id](today))
            for r in book.figures
            if r.period == period and r.id in BY_DAY
        }
        groups[period] = list(facts.filter(within(scope)).annotate(n=Count("pk"), **counts))
    figures: list[Figure] = []
    for rule in book.figures:
        if rule.by:
            figures.extend(_split(rule, groups[rule.period]))
            continue
        own = [g for g in groups[rule.period] if all(c.holds(g) for c in CONDITIONS[rule.id])]
        if rule.id == "rating_mean":
            figures.append(Figure(rule.id, _mean(own), rule))
        else:
            column = f"n_{rule.id}" if rule.id in BY_DAY else "n"
            figures.append(Figure(rule.id, sum(g[column] for g in own), rule))
    return figures


def _mean(groups: list[dict[str, Any]]) -> float | None:
    """The mean rating over rated groups; None over none."""
    rated = sum(g["n"] for g in groups)
    return round(sum(g["rating"] * g["n"] for g in groups) / rated, 2) if rated else None


def _split(rule: FigureRule, groups: list[dict[str, Any]]) -> Iterable[Figure]:
    column = _column(rule)
    counts: dict[Any, int] = {}
    for group in groups:
        value = group[column]
        if _apart.holds(group) and value not in ("", None):
            counts[value] = counts.get(value, 0) + group["n"]
    if rule.by == "unit":
        units = {u.pk: u for u in Unit.objects.filter(pk__in=list(counts))}
        for pk in sorted(counts, key=lambda k: (-counts[k], units[k].code)):
            unit = units[pk]
            yield Figure(f"{rule.id}.{unit.code}", counts[pk], rule, unit.code,
                         Text(unit.name, unit.name_en or unit.name))  # fmt: skip
        return
    for key, words in _vocabulary(rule.by).items():
        yield Figure(f"{rule.id}.{key}", counts.get(key, 0), rule, key, words)


def cases_of(actor: Actor, scope: Scope, figure_id: str) -> tuple[FigureRule, QuerySet[Case]]:
    """The rule and the cases that a figure counts for ``actor``. Raises ``Missing``."""
    name, _dot, key = figure_id.partition(".")
    rule = next((r for r in current().figures if r.id == name), None)
    if rule is None or bool(rule.by) != bool(key):
        raise Missing(_("There is no such figure."))
    facts = _facts(actor, scope).filter(PERIODS[rule.period](scope))
    if rule.by:
        value: Any = key
        if rule.by == "unit":
            value = Unit.objects.filter(code=key).values_list("pk", flat=True).first()
        elif rule.by == "rating":
            value = whole_number(key)
        if value is None or (rule.by != "unit" and value not in _vocabulary(rule.by)):
            raise Missing(_("There is no such figure."))
        facts = facts.filter(_apart.query, **{_column(rule): value})
    else:
        facts = facts.filter(*(c.query for c in CONDITIONS[rule.id]))
        if rule.id in BY_DAY:
            facts = facts.filter(BY_DAY[rule.id](clock.today()))
    cases = Case.objects.filter(pk__in=facts.values("case_id")).select_related("unit")
    return rule, cases.order_by("-received_at", "-id")


def key_words(figure: Figure) -> Any:
    """What a figure's row is called: a ``Text``, a translated state, or nothing for a whole."""
    if figure.rule.by == "state":
        return flow.STATES[figure.key]
    return figure.words


def suppress(figures: list[Figure], least: int) -> list[Figure]:
    """The figures as published: cells under ``least`` hidden, and what would give them away.

    In each breakdown the hidden cells must sum to at least ``least``; else the next smallest cell
    is hidden too. Whole counts under ``least`` are hidden; so is a mean of fewer ratings.
    """
    hidden: set[str] = set()
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.rule.id, []).append(figure)
    for rows in groups.values():
        cells = sorted((f for f in rows if f.value), key=lambda f: (f.value, f.id))
        small = [f for f in cells if f.value is not None and f.value < least]
        if not small or rows[0].rule.id == "rating_mean":
            continue
        chosen = list(small)
        if rows[0].rule.by:
            for figure in cells[len(small) :]:
                if len(chosen) > 1 and sum(f.value or 0 for f in chosen) >= least:
                    break
                chosen.append(figure)
        hidden.update(f.id for f in chosen)
    rated = sum(int(f.value or 0) for f in groups.get("ratings", []))
    if rated < least:
        hidden.add("rating_mean")
    return [
        Figure(f.id, None, f.rule, f.key, f.words, hidden=True) if f.id in hidden else f
        for f in figures
    ]


def as_json(figures: list[Figure], scope: Scope, tick: int, language: str) -> dict[str, Any]:
    """The object that ``huhang bulletin --json`` prints, and a published bulletin keeps."""
    return {
        "tick": tick,
        "figures": [
            {
                "id": f.id,
                "value": f.value,
                "unit": f.rule.unit.in_(language),
                "definition": f.rule.definition.in_(language),
                "population": f.rule.population.in_(language),
                "from": scope.since.isoformat(),
                "to": scope.until.isoformat(),
                **({"suppressed": True} if f.hidden else {}),
            }
            for f in figures
        ],
    }
