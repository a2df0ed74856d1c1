"""Counting a sheet over facts: which case stands in which row and columns."""

from __future__ import annotations

from datetime import date

from huhang.insight import figures
from huhang.insight.facts.store import Facts
from huhang.insight.figures import Scope, within
from huhang.insight.returns.sheet import OTHER, Column, Members, Row, Sheet
from huhang.parties.models import Unit
from huhang.rulebook import ReturnRule, Text, current

_OTHER = {
    "unit": Text("未涉及上列单位", "Without one of these units"),
    "": Text("合计", "Whole"),
}
_NOT_CLASSED = Text("未归类", "Not classed")


def make_sheet(rule: ReturnRule) -> Sheet:
    """The sheet of a return by the rulebook and the units as they are now: each row, also of nothing."""
    known = {f.id: f for f in current().figures}
    columns = tuple(
        Column(f.id, f.words, f.definition, f.population, f.unit, f.period, f.where,
               f.of if f.value == "share" else "", f.decimals)
        for f in (known[name] for name in rule.figures)
    )  # fmt: skip
    return Sheet(rule.words, rule.to, rule.source, rule.by, columns, _rows(rule))


def _rows(rule: ReturnRule) -> tuple[Row, ...]:
    last = Row(OTHER, _OTHER.get(rule.by, _NOT_CLASSED))
    if not rule.by:
        return (last,)
    if rule.by == "unit":
        return (*_units(rule.level), last)
    words = figures.vocabulary(rule.by)
    return (*(Row(str(key), text) for key, text in words.items() if text is not None), last)


def _units(level: int) -> list[Row]:
    """Units down to a level in the order of the tree, each with what counts in its row."""
    children: dict[int | None, list[Unit]] = {}
    for unit in Unit.objects.order_by("code"):
        children.setdefault(unit.parent_id, []).append(unit)
    found: list[tuple[Unit, list[int]]] = []

    def walk(above: int | None, depth: int, into: list[int] | None) -> None:
        for unit in children.get(above, ()):
            row = into
            if depth <= level and unit.active:
                row = [unit.pk]
                found.append((unit, row))
            elif row is not None:
                row.append(unit.pk)
            walk(unit.pk, depth + 1, row)

    walk(None, 1, None)
    return [Row(u.code, Text(u.name, u.name_en or u.name), tuple(held)) for u, held in found]


def tally(facts: Facts, sheet: Sheet, since: date, until: date, last_known: date) -> Members:
    """The cases that the sheet counts in these days; ``$today`` is the last day that counts.

    Raises ``Refused`` when a condition of the sheet cannot be answered.
    """
    scope = Scope(since, until)
    asked = []
    days = (
        set()
    )  # the few cases of these days are found first: most of the time goes into all others
    for column in sheet.columns:
        days.add(day := within(column.period, scope))
        meets = f"({day}) AND ({column.where})"
        asked.append(f"coalesce({meets}, false)")
        asked.append(f"coalesce({meets} AND ({column.of}), false)" if column.of else "false")
    by = {"": "''", "unit": "unit_id"}.get(sheet.by, sheet.by)
    some_day = " OR ".join(sorted(days))
    rows = figures.ask(
        facts,
        f"SELECT list(case_id), {by}, {', '.join(asked)} FROM facts WHERE {some_day} GROUP BY ALL",  # noqa: S608
        today=last_known,
    )
    place = _places(sheet)
    last = len(sheet.rows) - 1
    found: Members = {}
    for cases, value, *bits in rows:
        if mask := sum(met << bit for bit, met in enumerate(bits)):
            found |= dict.fromkeys(cases, (place.get(value, last), mask))
    return found


def _places(sheet: Sheet) -> dict[object, int]:
    """Value of the split -> row. A unit that is newer than the sheet goes where the one above it is."""
    if sheet.by != "unit":
        return {row.key: at for at, row in enumerate(sheet.rows)}
    found: dict[object, int] = {u: at for at, row in enumerate(sheet.rows) for u in row.units}
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    for unit in parents:
        chain = []
        at: int | None = unit
        while at is not None and at not in found and at not in chain:
            chain.append(at)
            at = parents.get(at)
        if at in found:
            found.update(dict.fromkeys(chain, found[at]))
    return found
