"""The queue, and a search in it: filters, orders, pages, at a million cases as at a hundred.

What somebody may see and asks for is one condition on the rows of cases. How its rows are found:

- a search asks the search index and finds the newest ``search.MOST`` (see there);
- where an index of cases, or the marks of the search index with the cases that it has not seen yet,
  leave no more than ``FEW``, these are looked at and put in order;
- else at least one in thirty of a million is meant, and the index of the order is walked until the
  page is full. What lies beyond is counted up to ``COUNTED``: no page asks how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import monotonic
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from huhang.cases import flow, search
from huhang.cases.approving import waiting_for
from huhang.cases.days import due_within, midnight
from huhang.cases.models import Case, Hint, Party
from huhang.cases.queries import EARLIEST, LATEST, UNTRIAGED, part_in, visible_to
from huhang.kernel.actor import Actor
from huhang.kernel.plain import whole_number
from huhang.parties.models import Unit
from huhang.parties.queries import below

FEW = 30_000
COUNTED = 1_000
DEEPEST = 2_000
"""Cases after which a long list has no more pages: filters lead further."""
MOST_MARKS = 24
"""Alternatives (units, say) beyond which a filter narrows no search: it is looked at row by row."""
ALL_MARKED = 2_000
"""Cases that one index leaves, beyond which the marks of all that is asked for may leave fewer."""
MOST_MONTHS = 120
KNOWN_FOR = 300
"""Seconds for which a filter is taken to leave more than ``FEW`` without being counted again: only
the way to the rows hangs on it, and whoever turns pages asks the same again."""
SORTS: dict[str, tuple[Any, ...]] = {
    # Without a due day comes last: no clock runs before triage.
    "due": (F("due_on").asc(nulls_last=True), "id"),
    "-due": (F("due_on").desc(nulls_last=True), "-id"),
    "received": ("received_at", "id"),
    "-received": ("-received_at", "-id"),
    "state": ("state", "due_on", "id"),
    "unit": (F("unit__code").asc(nulls_last=True), "-received_at", "-id"),
}


class _Many:
    """What is known to leave more than ``FEW``, and until when."""

    def __init__(self, most: int = 1_000) -> None:
        self.most = most
        self.until: dict[str, float] = {}

    def __contains__(self, what: object) -> bool:
        return monotonic() < self.until.get(f"{FEW} {what}", 0.0)

    def add(self, what: object) -> None:
        if len(self.until) >= self.most:
            self.until.clear()
        self.until[f"{FEW} {what}"] = monotonic() + KNOWN_FOR


_many = _Many()


@dataclass
class Shown:
    """A page of a list. ``count``: how many there are; with ``more``, there are more than that.

    ``number``, ``pages``: from 1; with ``more`` there may be pages beyond the last one.
    """

    cases: list[Case]
    number: int
    size: int
    count: int
    more: bool
    has_next: bool

    @property
    def pages(self) -> int:
        """How many pages are known of."""
        return max(1, -(-self.count // self.size), self.number + self.has_next)

    # What a pager asks, by Django's names.
    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this."""
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        """Whether there is another page."""
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        """The number of the page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The number of the page after."""
        return self.number + 1

    @property
    def start_index(self) -> int:
        """The place of the page's first case in the list, from 1; 0 in an empty one."""
        return (self.number - 1) * self.size + 1 if self.cases else 0

    @property
    def end_index(self) -> int:
        """The place of its last."""
        return (self.number - 1) * self.size + len(self.cases)


@dataclass
class Asked:
    """What is asked for. ``cases``: all conditions, in words that no index but an order's serves;
    ``few``: conditions, each in words, as one that an index answers, and with what to count of it to
    know how many cases it leaves; ``marks``: what the search index has of all of them."""

    cases: QuerySet[Case]
    sort: str
    text: str = ""
    few: list[tuple[str, Q, QuerySet[Any]]] = field(default_factory=list)
    marks: list[list[str]] = field(default_factory=list)

    def narrow(self, condition: Q, said: QuerySet[Case], *marks: str) -> None:
        """A condition that an index answers, the cases with it said in words that none does, and
        its marks, one of which each case has."""
        self.cases = said
        self.few.append((str(condition), condition, Case.objects.filter(condition)))
        if 0 < len(marks) <= MOST_MARKS:
            self.marks.append(list(marks))

    def page(self, number: Any, size: int) -> Shown:
        """One page; a number that is none, or beyond the last page, gives the nearest."""
        at = max(1, number if isinstance(number, int) else whole_number(str(number or "")) or 1)
        keys = self._all()
        if keys is not None:
            more = bool(self.text) and len(keys) > search.MOST
            keys = keys[: search.MOST] if more else keys
            at = min(at, max(1, -(-len(keys) // size)))
            shown = keys[(at - 1) * size : at * size]
            return Shown(_read(shown), at, size, len(keys), more, at * size < len(keys))
        deepest = max(1, DEEPEST // size)
        at = min(at, deepest)
        found = self._walk(at, size)
        if at > 1 and not found:
            at = min(deepest, max(1, -(-self.cases.count() // size)))
            found = self._walk(at, size)
        known = (at - 1) * size + len(found)
        if len(found) <= size:
            return Shown(_read(found), at, size, known, False, False)
        count = self._count()
        more = count > COUNTED or known > COUNTED
        # Where more than that come before the end of this page, it is what is known.
        count = max(COUNTED, at * size) if more else count
        return Shown(_read(found[:size]), at, size, count, more, at < deepest)

    def keys(self, most: int) -> list[int]:
        """The ids of all of them in order; ``most`` and one more when there are more."""
        found = self._all()
        if found is None:
            return self._first(most + 1)
        return found[: search.MOST if self.text else most + 1]

    def _all(self) -> list[int] | None:
        """The ids of all of them in order, when they are few or searched for; else None."""
        if self.text:
            found = search.newest(self.cases, self.text, self.marks)
            kept = Case.objects.filter(pk__in=search.listed(found[: search.MOST]))
            return [*self._ordered(kept), *found[search.MOST :]]
        sizes = [(_size(said, rows), n) for n, (said, _, rows) in enumerate(self.few)]
        size, best = min(sizes, default=(FEW + 1, 0))
        if size > ALL_MARKED and len(self.marks) > bool(self.few) and self.marks not in _many:
            most = FEW if size > FEW else size // 2
            unseen = search.unseen()
            marked = search.marked(self.marks, most, unseen)
            if marked is not None:
                return list(self._ordered(self.cases.filter(pk__in=marked)))
            if most == FEW and unseen is not None:
                _many.add(self.marks)
        if size > FEW:
            return None
        return list(self._ordered(self.cases.filter(self.few[best][1])))

    def _ordered(self, cases: QuerySet[Case]) -> QuerySet[Case, int]:
        return cases.order_by(*SORTS[self.sort]).values_list("pk", flat=True)

    def _walk(self, at: int, size: int) -> list[int]:
        start = (at - 1) * size
        if self.sort == "unit":
            return self._first(at * size + 1)[start:]
        return list(self._ordered(self.cases)[start : start + size + 1])

    def _first(self, most: int) -> list[int]:
        """The first ids in order. By unit: one unit after the other, for no index joins their codes."""
        if self.sort != "unit":
            return list(self._ordered(self.cases)[:most])
        found: list[int] = []
        unseen = search.unseen() if self.marks else None
        for unit in [*Unit.objects.order_by("code").values_list("pk", flat=True), None]:
            of_unit = self.cases.filter(unit_id=unit) if unit else self.cases.filter(unit=None)
            if unit and self.marks:
                marks = [*self.marks, [search.mark("unit", unit)]]
                marked = search.marked(marks, ALL_MARKED, unseen)
                if marked is not None:  # the unit in words that no index serves: few are looked at
                    these = self.cases.alias(of=F("unit_id") + 0).filter(of__in=[unit])
                    of_unit = these.filter(pk__in=marked)
            keys = of_unit.order_by("-received_at", "-id").values_list("pk", flat=True)
            found += keys[: most - len(found)]
            if len(found) >= most:
                break
        return found

    def _count(self) -> int:
        """How many there are, up to ``COUNTED`` and one: mostly the newest with the marks suffice."""
        if self.marks:
            marked = search.newest_marked(self.marks, 4 * COUNTED)
            sure = self.cases.filter(pk__in=marked)[: COUNTED + 1].count()
            if sure > COUNTED:
                return sure
        return self.cases.order_by()[: COUNTED + 1].count()


def _size(said: str, rows: QuerySet[Any]) -> int:
    """How many cases a condition leaves, up to ``FEW`` and one."""
    if said in _many:
        return FEW + 1
    size = rows.order_by()[: FEW + 1].count()
    if size > FEW:
        _many.add(said)
    return size


def _read(keys: list[int]) -> list[Case]:
    by_key = Case.objects.select_related("unit", "disclosure").in_bulk(keys)
    return [by_key[key] for key in keys]


def queue(
    actor: Actor,
    *,
    text: str = "",
    states: Iterable[str] = (),
    kind: str = "",
    channel: str = "",
    unit_ids: Iterable[int] = (),
    behaviour: str = "",
    due: str = "",
    since: date | None = None,
    until: date | None = None,
    mine: bool = False,
    hinted: bool = False,
    approval: bool = False,
    sort: str = "",
) -> Asked:
    """The visible cases that match. ``due``: overdue, today, week, none. ``mine``: the actor's turn.
    ``hinted``: words suggest a matter of discipline. ``approval``: what waits for the actor's approval.

    ``text``: a reference, or a substring of words, titles and unit names (filtered before it is
    ordered; nothing is ranked by other people's hidden cases). ``sort``: of ``SORTS``; without one
    the next due day comes first, of a search the newest.
    """
    usual = "-received" if text.strip() else "due"
    asked = Asked(visible_to(actor), sort if sort in SORTS else usual, text.strip())
    wanted = sorted(set(states))
    if wanted:
        asked.narrow(*_in_states(asked, wanted))
    for name, value in (("kind", kind), ("channel", channel), ("behaviour", behaviour)):
        if value:
            asked.cases = asked.cases.filter(**{name: value})
            asked.marks.append([search.mark(name, value)])
    units = sorted(unit_ids)
    if units:
        said: QuerySet[Any] = asked.cases.alias(at=F("unit_id") + 0).filter(at__in=units)
        asked.narrow(Q(unit_id__in=units), said, *(search.mark("unit", u) for u in units))
    if running := due_within(due):
        # The states say nothing more; with them an index leads to the due day.
        of_states = running & Q(state__in=flow.RUNNING_STATES)
        asked.narrow(of_states, asked.cases.filter(running), search.RUNNING)
    received, said = Q(), asked.cases
    if since and since.year > EARLIEST:
        first = midnight(since)
        received, said = Q(received_at__gte=first), said.exclude(received_at__lt=first)
    if until and until.year < LATEST:
        end = midnight(until + timedelta(days=1))
        received, said = received & Q(received_at__lt=end), said.exclude(received_at__gte=end)
    if received:
        asked.narrow(received, said)
    if since and until and (months := _months(since, until)):
        asked.marks.append(months)
    if mine:
        asked.narrow(*_in_states(asked, turn_states(actor)))
    if hinted:
        known = Hint.objects.all()
        asked.cases = asked.cases.filter(
            Exists(known.filter(case_id=OuterRef("pk"))), state__in=UNTRIAGED
        )
        asked.few.append(("hinted", Q(pk__in=known.values("case_id")), known))
    if approval:
        keys = [a.case_id for a in waiting_for(actor)]
        asked.narrow(Q(pk__in=keys), asked.cases.filter(pk__in=keys))
    part = part_in(actor)
    if part:  # an empty one lets them see nothing, as the gate says
        theirs = Party.objects.filter(part)
        asked.few.append((str(part), Q(pk__in=theirs.values("case_id")), theirs))
        asked.marks.append(search.marks_of(actor.units, actor.groups))
    return asked


def states_asked(state: str, text: str = "") -> tuple[str, ...]:
    """The states of a filter: all, open or one; without one the open ones, and all in a search."""
    wanted = state or ("all" if text.strip() else "open")
    return {"all": (), "open": flow.OPEN_STATES}.get(wanted, (wanted,))


def asked(actor: Actor, wanted: dict[str, Any], sort: str = "") -> Asked:
    """The queue under filters that were read and checked: q, state, kind, channel, unit (a code),
    behaviour, due, since, until, mine, hinted, approval. The page of the queue and the API ask the
    same."""
    units: set[int] = set()
    if wanted.get("unit"):
        units = below(Unit.objects.filter(code=wanted["unit"]).values_list("pk", flat=True))
    return queue(
        actor,
        text=wanted.get("q") or "",
        states=states_asked(wanted.get("state") or "", wanted.get("q") or ""),
        kind=wanted.get("kind") or "",
        channel=wanted.get("channel") or "",
        unit_ids=units,
        behaviour=wanted.get("behaviour") or "",
        due=wanted.get("due") or "",
        since=wanted.get("since"),
        until=wanted.get("until"),
        mine=bool(wanted.get("mine")),
        hinted=bool(wanted.get("hinted")),
        approval=bool(wanted.get("approval")),
        sort=sort,
    )


def turn_states(actor: Actor) -> list[str]:
    """The states in which one of the actor's roles has the next step of the loop."""
    roles = {"intake": "intake", "leader": "leader", "handler": "responsible"}
    who = {standing for role, standing in roles.items() if actor.has(role)}
    if actor.has("supervisor"):
        who |= {"supervising", "responsible"}
    moving = {
        t.source
        for t in flow.TABLE
        if t.target not in (None, t.source, flow.SEALED) and t.who & who
    }
    return sorted(moving & set(flow.OPEN_STATES))


def _in_states(asked: Asked, states: list[str]) -> tuple[Any, ...]:
    said = asked.cases.exclude(state__in=sorted(set(flow.STATES) - set(states)))
    return Q(state__in=states), said, *(search.mark("state", s) for s in states)


def _months(since: date, until: date) -> list[str]:
    """The marks of the months that touch these days; none of more than ten years."""
    if since.year <= EARLIEST or until.year >= LATEST:
        return []
    last = midnight(until) + timedelta(days=1)
    at = midnight(since)
    found: dict[str, None] = {}
    while at <= last and len(found) < MOST_MONTHS:
        found[search.month(at)] = None
        at += timedelta(days=27)
    found[search.month(last)] = None
    return list(found) if len(found) < MOST_MONTHS else []
