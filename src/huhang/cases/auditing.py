"""What an auditor reads: entries of the log, who did which verb when on which case, and no content.

A page begins at a moment and a count of entries passed at it: a sequence number in an address
would tell, by its gaps, of entries that are hidden from the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from huhang.cases.days import midnight
from huhang.cases.flow import SEALED
from huhang.cases.models import Case
from huhang.cases.queries import EARLIEST, LATEST, excluded_cases
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry

PER_PAGE = 50
MOST = 100_000
"""So many entries are given out in one file."""
CHUNK = 2000


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a verb, who did it, days (both counted); the newest first or the oldest."""

    verb: str = ""
    by: str = ""
    since: date | None = None
    until: date | None = None
    oldest_first: bool = False


@dataclass(frozen=True)
class Place:
    """Where a page begins: at this moment, after so many of its entries."""

    moment: datetime
    passed: int = 0

    def __str__(self) -> str:
        return f"{_micros(self.moment)}-{self.passed}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def read_place(text: str) -> Place | None:
    """The place that an address names; None for none, or for what is none."""
    moment, _dash, passed = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 17):
        return None
    if not (passed.isascii() and passed.isdigit() and len(passed) <= 9):
        return None
    return Place(_EPOCH + timedelta(microseconds=int(moment)), int(passed))


@dataclass(frozen=True)
class Row:
    """One entry: nothing of it says what a case is about."""

    at: datetime
    verb: str
    by: str
    token: str
    ref: str
    before: str
    after: str
    rule: str
    rule_version: str


def _entries(actor: Actor, wanted: Wanted) -> QuerySet[Entry]:
    """The entries that an auditor may know of, in order: not those of a case that excludes them."""
    if not actor.has("auditor"):
        return Entry.objects.none()
    found = Entry.objects.all()
    if wanted.verb:
        found = found.filter(verb=wanted.verb)
    if wanted.by:
        found = found.filter(actor=wanted.by)
    if wanted.since and wanted.since.year > EARLIEST:
        found = found.filter(recorded_at__gte=midnight(wanted.since))
    if wanted.until and wanted.until.year < LATEST:
        found = found.filter(recorded_at__lt=midnight(wanted.until + timedelta(days=1)))
    # Of a sealed case nobody knows any more whom it accused: of it stands only that it was sealed.
    sealed = Case.objects.filter(pk=OuterRef("case_id"), state=SEALED)
    found = found.filter(~Exists(sealed) | Q(verb="seal_forward"))
    hidden = excluded_cases(actor)
    if hidden is not None:
        found = found.filter(~Exists(hidden.filter(case_id=OuterRef("case_id"))))
    order = ("recorded_at", "seq") if wanted.oldest_first else ("-recorded_at", "-seq")
    return found.order_by(*order)


def _from(found: QuerySet[Entry], wanted: Wanted, place: Place | None, most: int) -> list[Entry]:
    if place is None:
        return list(found[:most])
    side = "gte" if wanted.oldest_first else "lte"
    found = found.filter(**{f"recorded_at__{side}": place.moment})
    return list(found[place.passed : place.passed + most])


def _next(entries: list[Entry], place: Place | None) -> Place:
    """Where what comes after these begins."""
    last = entries[-1].recorded_at
    passed = sum(1 for e in entries if e.recorded_at == last)
    if place is not None and place.moment == last and passed == len(entries):
        passed += place.passed
    return Place(last, passed)


def page(actor: Actor, wanted: Wanted, place: Place | None) -> tuple[list[Row], Place | None]:
    """A page of entries, and where the next one begins; None after the last."""
    entries = _from(_entries(actor, wanted), wanted, place, PER_PAGE + 1)
    shown = entries[:PER_PAGE]
    more = len(entries) > PER_PAGE
    return _rows(shown), _next(shown, place) if more else None


def all_rows(actor: Actor, wanted: Wanted) -> Iterator[Row]:
    """Every entry that is asked for. Raises ``Refused`` when they are more than one file takes."""
    found = _entries(actor, wanted)
    if found.values_list("seq")[MOST : MOST + 1]:
        raise Refused(
            _("More than %(most)d entries: choose fewer days.") % {"most": MOST}, field="since"
        )
    place: Place | None = None
    while entries := _from(found, wanted, place, CHUNK):
        yield from _rows(entries)
        place = _next(entries, place)


def _rows(entries: list[Entry]) -> list[Row]:
    wanted = {e.case_id for e in entries if e.case_id is not None}
    refs = dict(Case.objects.filter(pk__in=wanted).values_list("pk", "ref"))
    return [_row(e, refs.get(e.case_id or 0, "")) for e in entries]


def _row(entry: Entry, ref: str) -> Row:
    head: dict[str, Any] = orjson.loads(entry.manifest)
    return Row(
        at=entry.recorded_at, verb=entry.verb, by=entry.actor, token=head.get("token", ""), ref=ref,
        before=head.get("from", ""), after=head.get("to", ""),
        rule=head.get("rule", ""), rule_version=head.get("rule_version", ""),
    )  # fmt: skip
