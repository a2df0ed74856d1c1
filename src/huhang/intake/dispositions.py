"""What dispositions of other systems say of units, and which names of units nobody knows yet.

A name means a unit when it is the unit's name, code or alias. Any other name waits on a page of
review until somebody says what it means: an alias, a new unit, or no unit here. Nothing is guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from huhang.intake.models import Disposition, NameLeft
from huhang.kernel import clock
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.parties import actions
from huhang.parties.models import Unit
from huhang.parties.names import UnitNames

TIMINGS = ("on_time", "overdue", "open", "")


@dataclass
class UnknownName:
    """A name that means no unit yet: how often it stands there, under which codes of the source,
    and the units that other names of the same codes mean."""

    name: str
    count: int = 0
    refs: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    perhaps: list[Unit] = field(default_factory=list)


def _meaning() -> dict[str, Unit]:
    """Name as the source writes it -> the unit that it means."""
    names = UnitNames()
    units = Unit.objects.in_bulk()
    found = {}
    written = Disposition.objects.values_list("unit_name", flat=True).distinct().order_by()
    for name in written:
        key = names.find(name) if name else None
        if key is not None:
            found[name] = units[key]
    return found


def unknown_names() -> list[UnknownName]:
    """Names without a meaning that wait for a decision, the most frequent first."""
    return names_without_unit()[0]


def names_without_unit() -> tuple[list[UnknownName], list[UnknownName]]:
    """Names without a meaning: those that wait, and those of which somebody said that they mean no
    unit here; the most frequent first."""
    meaning = _meaning()
    left = set(NameLeft.objects.values_list("name", flat=True))
    rows = (
        Disposition.objects.exclude(unit_name="")
        .values_list("unit_name", "unit_ref")
        .annotate(n=Count("pk"))
        .order_by()
    )
    unknown: dict[str, UnknownName] = {}
    by_ref: dict[str, set[str]] = defaultdict(set)
    for name, ref, count in rows:
        if ref:
            by_ref[ref].add(name)
        if name in meaning:
            continue
        one = unknown.setdefault(name, UnknownName(name))
        one.count += count
        if ref:
            one.refs.append(ref)
    for one in unknown.values():
        one.refs.sort()
        beside = {n for ref in one.refs for n in by_ref[ref]} - {one.name}
        one.beside = sorted(beside)
        one.perhaps = sorted({meaning[n] for n in beside if n in meaning}, key=lambda u: u.code)
    ordered = sorted(unknown.values(), key=lambda u: (-u.count, u.name))
    return [u for u in ordered if u.name not in left], [u for u in ordered if u.name in left]


def decide(w: Write, name: str, means: str, code: str = "") -> None:
    """Say what a name means: ``alias`` of a unit, a ``unit`` of its own, ``nothing`` here, or that it
    is ``undecided`` again. Raises ``Refused``, ``Missing``, ``NotAllowed``."""
    match means:
        case "alias":
            mean_unit(w, name, code)
        case "unit":
            mean_new_unit(w, name, code)
        case "nothing":
            leave(w, name)
        case "undecided":
            take_up(w, name)
        case _:
            raise Refused(_("Choose what it means first."), field="means")


def mean_unit(w: Write, name: str, code: str) -> None:
    """Say that a name means this unit: it becomes an alias. Raises ``Refused``, ``Missing``."""
    if not code:
        raise Refused(_("Choose the unit that it means."), field="code")
    actions.add_alias(w, code, _written(name))


def mean_new_unit(w: Write, name: str, code: str) -> Unit:
    """Say that a name is a unit that is not in the tree yet. Raises ``Refused``, ``Missing``."""
    return actions.add_unit(w, code=code, name=_written(name))


def leave(w: Write, name: str) -> None:
    """Say that a name means no unit here; it stays as text. Raises ``Refused``, ``Missing``."""
    written = _written(name)
    actions.administrators_only(w.actor)
    if not NameLeft.objects.filter(name=written).exists():
        w.entry("leave_name")
        w.add(NameLeft, name=written, by=w.actor.ref)


def take_up(w: Write, name: str) -> None:
    """Let a name that was said to mean no unit here wait for a decision again. Raises ``Missing``."""
    actions.administrators_only(w.actor)
    found = NameLeft.objects.filter(name=_written(name)).first()
    if found is None:
        raise Missing(_("Nobody said of this name that it means no unit here."))
    w.entry("take_up_name")
    w.delete(found)


def _written(name: str) -> str:
    found = plain_line(name)
    if not Disposition.objects.filter(unit_name=found).exists():
        raise Missing(_("There is no such name in the dispositions."))
    return found


@dataclass
class Line:
    """Dispositions of one unit, or of a name without one. ``share``: on time among those closed."""

    unit: Unit | None
    name: str
    counts: Counter[str]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def share(self) -> float | None:
        """On time among on time and overdue, as a fraction; None without either."""
        closed = self.counts["on_time"] + self.counts["overdue"]
        return self.counts["on_time"] / closed if closed else None


def _within(since: date | None, until: date | None) -> QuerySet[Disposition]:
    found: QuerySet[Disposition] = Disposition.objects.all()
    zone = clock.local_zone()
    if since:
        found = found.filter(created_at__gte=datetime.combine(since, time.min, tzinfo=zone))
    if until:
        end = datetime.combine(until + timedelta(days=1), time.min, tzinfo=zone)
        found = found.filter(created_at__lt=end)
    return found


def by_unit(since: date | None = None, until: date | None = None) -> list[Line]:
    """Counts by unit over the events created in this period (days at the office, both included)."""
    meaning = _meaning()
    lines: dict[Any, Line] = {}
    rows = _within(since, until).values_list("unit_name", "timing").annotate(n=Count("pk"))
    for name, timing, count in rows.order_by():
        unit = meaning.get(name)
        line = lines.setdefault(unit.pk if unit else name, Line(unit, name, Counter()))
        line.counts[timing] += count
    return sorted(lines.values(), key=lambda x: (-x.total, x.unit.code if x.unit else x.name))
