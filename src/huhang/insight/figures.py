"""Figures: what each counts, and the cases behind it. One condition serves the count and the list."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from huhang.cases import flow, queries
from huhang.insight.behind import CasesBehind
from huhang.insight.facts import reader
from huhang.insight.facts.columns import ASKABLE, COLUMNS
from huhang.insight.facts.store import Facts
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.plain import plain_line, whole_number
from huhang.parties.models import Unit
from huhang.parties.queries import below
from huhang.rulebook import current
from huhang.rulebook.book import FIGURE_PERIODS, FigureRule, Rulebook, Text

LONGEST_DAYS = 36_600
KNOWN_MOST = 64


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
    """A counted figure. ``value`` None: there is nothing to take a mean of. ``hidden``: suppressed.

    ``base``: how many cases it is of: the cases counted, or those that a mean or a share is taken over;
    ``part``: of a share, those that it counts. ``column_key``: what the split's column holds.
    """

    id: str
    value: int | float | None
    rule: FigureRule
    key: Any = None
    words: Text | None = None
    hidden: bool = False
    base: int = 0
    part: int = 0
    column_key: Any = None


@dataclass(frozen=True)
class Counted:
    """Figures of one state of the facts."""

    facts: Facts
    figures: tuple[Figure, ...]

    @property
    def tick(self) -> int:
        """The tick at which the log stood so; 0 before the first."""
        return self.facts.tick

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)


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
        if not 1900 < days[-1].year < 9000:
            raise Refused(
                _("“%(given)s” lies outside the years 1901 to 8999.") % {"given": text[:20]},
                field=name,
            )
    if days[0] > days[1]:
        raise Refused(_("The period ends before it begins."), field="to")
    length = (days[1] - days[0]).days
    if length > LONGEST_DAYS:
        raise Refused(
            _("At most %(limit)d days, not %(given)d.") % {"limit": LONGEST_DAYS, "given": length},
            field="to",
        )
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


# Conditions --------------------------------------------------------------------------------------


def among(actor: Actor, scope: Scope) -> str:
    """What ``actor`` may know of, of the scope's unit and those below it: a condition on facts."""
    clauses = [reader.gate(actor)]
    if scope.unit is not None:
        keys = ", ".join(str(k) for k in sorted(below({scope.unit.pk})))
        clauses.append(f"unit_id IN ({keys})")
    return " AND ".join(clauses)


def within(period: str, scope: Scope) -> str:
    """That a case lies in the period, by the rulebook's rule of that name."""
    day = FIGURE_PERIODS[period]
    return f"{day} BETWEEN DATE '{scope.since.isoformat()}' AND DATE '{scope.until.isoformat()}'"


def column_of(rule: FigureRule) -> str:
    """The column by which a rule splits."""
    return "unit_id" if rule.by == "unit" else rule.by


def vocabulary(by: str) -> dict[Any, Text | None]:
    """The values by which figures are split, in the rulebook's order; of states without words."""
    book = current()
    words: dict[str, Any] = {
        "channel": book.channels,
        "kind": book.kinds,
        "behaviour": {k: b.words for k, b in book.behaviours.items()},
        "finding": book.findings,
        "rating": book.ratings,
        "clearing": book.words_of("fairness.clearing.reasons"),
    }
    if by == "state":
        return dict.fromkeys(state for state in queries.used()[0] if state in flow.SHOWN)
    return dict(words[by])


# Counting ----------------------------------------------------------------------------------------

_known: OrderedDict[Any, Counted] = OrderedDict()
_lock = threading.Lock()


def count(actor: Actor, scope: Scope) -> Counted:
    """The figures of the rulebook, over what ``actor`` may know of, as the last tick left them.

    Counted once for each tick. Raises ``Refused`` when the rulebook's query cannot be answered.
    """
    facts = reader.state()
    unit = scope.unit.pk if scope.unit else None
    key = (facts, actor, scope.since, scope.until, unit, clock.today(), current().id)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    counted = Counted(facts, tuple(_count(facts, actor, scope)))
    with _lock:
        _known[key] = counted
        while len(_known) > KNOWN_MOST:
            _known.popitem(last=False)
    return counted


def ask(facts: Facts, sql: str, today: date | None = None) -> list[tuple[Any, ...]]:
    """The rows of a query with the rulebook's conditions; ``today``: the day that they mean by it.

    Raises ``Refused`` when it is none.
    """
    try:
        given = {"today": today or clock.today()} if "$today" in sql else {}
        return reader.ask(facts, sql, given)
    except (duckdb.ParserException, duckdb.BinderException, duckdb.InvalidInputException,
            duckdb.ConversionException, duckdb.CatalogException) as error:  # fmt: skip
        raise Refused(
            _("A query of the rulebook's figures cannot be answered: %(why)s")
            % {"why": str(error).splitlines()[0]}
        ) from error


def unanswerable(book: Rulebook) -> list[tuple[str, str]]:
    """The figures whose query cannot be answered, and why; they are asked of no case."""
    columns = [f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items() if name in ASKABLE]
    found = []
    with duckdb.connect(config={"enable_external_access": "false"}) as db:
        db.execute(f"CREATE VIEW facts AS SELECT {', '.join(columns)} WHERE false")
        for rule in book.figures:
            sql = f"SELECT {_base(rule)}, {_part(rule)}, {_value(rule)} FROM facts"  # noqa: S608
            try:
                db.execute(sql, {"today": date.min} if "$today" in sql else {}).fetchall()
            except duckdb.Error as error:
                found.append((rule.id, str(error).splitlines()[0]))
    return found


def _count(facts: Facts, actor: Actor, scope: Scope) -> list[Figure]:
    """All figures: those of one number from one walk for each kind of period, and one for each split."""
    rules = current().figures
    may = among(actor, scope)
    values: dict[str, tuple[int, int, Any]] = {}
    for period in FIGURE_PERIODS:
        whole = [r for r in rules if r.period == period and not r.by]
        if not whole:
            continue
        asked = ", ".join(f"{_base(r)}, {_part(r)}, {_value(r)}" for r in whole)
        (row,) = ask(facts, f"SELECT {asked} FROM facts WHERE {may} AND {within(period, scope)}")  # noqa: S608
        for at, rule in enumerate(whole):
            values[rule.id] = row[3 * at : 3 * at + 3]
    figures: list[Figure] = []
    for rule in rules:
        if rule.by:
            figures.extend(_split(facts, rule, may, scope))
            continue
        base, part, value = values[rule.id]
        if rule.value != "count" and value is not None:
            value = round(float(value), rule.decimals)
        figures.append(Figure(rule.id, value, rule, base=base, part=part))
    return figures


def _base(rule: FigureRule) -> str:
    return f"count(*) FILTER (WHERE {rule.where})"


def _part(rule: FigureRule) -> str:
    if rule.value != "share":
        return "0"
    return f"count(*) FILTER (WHERE ({rule.where}) AND ({rule.of}))"


def _value(rule: FigureRule) -> str:
    where = f"FILTER (WHERE {rule.where})"
    if rule.value == "count":
        return f"count(*) {where}"
    if rule.value == "share":
        return f"100.0 * {_part(rule)} / nullif(count(*) {where}, 0)"
    taken = {"mean": "avg({})", "median": "quantile_cont({}, 0.5)", "p90": "quantile_cont({}, 0.9)"}
    return f"{taken[rule.value].format(rule.of)} {where}"


def _split(facts: Facts, rule: FigureRule, may: str, scope: Scope) -> Iterator[Figure]:
    column = column_of(rule)
    rows = ask(
        facts,
        f"SELECT {column}, count(*) FROM facts WHERE {may} AND {within(rule.period, scope)}"  # noqa: S608
        f" AND ({rule.where}) AND {column} IS NOT NULL GROUP BY 1",
    )
    counts = {value: n for value, n in rows if value != ""}
    if rule.by == "unit":
        units = {u.pk: u for u in Unit.objects.filter(pk__in=list(counts))}
        for pk in sorted(counts, key=lambda k: (-counts[k], units[k].code)):
            unit = units[pk]
            yield Figure(f"{rule.id}.{unit.code}", counts[pk], rule, unit.code,
                         Text(unit.name, unit.name_en or unit.name), base=counts[pk], column_key=pk)  # fmt: skip
        return
    for key, words in vocabulary(rule.by).items():
        n = counts.get(key, 0)
        yield Figure(f"{rule.id}.{key}", n, rule, key, words, base=n, column_key=key)


def cases_of(actor: Actor, scope: Scope, figure_id: str) -> tuple[FigureRule, CasesBehind]:
    """The rule and the cases that a figure counts for ``actor``, newest first. Raises ``Missing``.

    Of a mean, a median or a share: the cases that it is taken over.
    """
    name, _dot, key = figure_id.partition(".")
    rule = next((r for r in current().figures if r.id == name), None)
    if rule is None or bool(rule.by) != bool(key):
        raise Missing(_("There is no such figure."))
    where = f"{among(actor, scope)} AND {within(rule.period, scope)} AND ({rule.where})"
    if rule.by:
        value: Any = key
        if rule.by == "unit":
            value = Unit.objects.filter(code=key).values_list("pk", flat=True).first()
        elif rule.by == "rating":
            value = whole_number(key)
        if value is None or (rule.by != "unit" and value not in vocabulary(rule.by)):
            raise Missing(_("There is no such figure."))
        where += f" AND {column_of(rule)} = " + (
            str(value) if isinstance(value, int) else f"'{value}'"
        )
    return rule, CasesBehind(reader.state(), actor, where)


def key_words(figure: Figure) -> Any:
    """What a figure's row is called: a ``Text``, a translated state, or nothing for a whole."""
    if figure.rule.by == "state":
        return flow.STATES[figure.key]
    return figure.words


def as_json(counted: Counted, scope: Scope, language: str) -> dict[str, Any]:
    """The object that ``huhang bulletin --json`` prints, and a published bulletin keeps."""
    return {
        "tick": counted.tick,
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
            for f in counted
        ],
    }
