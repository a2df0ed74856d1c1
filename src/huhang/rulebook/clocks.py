"""Clocks: the duties of a nature, their limits, more time, reviews, and whom a late case goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huhang.rulebook.faults import said
from huhang.rulebook.words import GRADES

if TYPE_CHECKING:
    from huhang.rulebook.reader import Reader
    from huhang.rulebook.words import Text

UNITS = ("working_days", "days", "months")
"""What a limit is counted in; days alone are calendar days."""


@dataclass(frozen=True)
class Limit:
    """So many of ``unit`` (of ``UNITS``); the day on which it starts is not counted."""

    count: int
    unit: str


EXTENDED_BY = ("office", "leader")


@dataclass(frozen=True)
class Extension:
    """More time: at most ``most`` each time, counted in its unit, and so many ``times``.

    ``by``: who decides, the office (a leader too) or a leader alone.
    """

    most: Limit
    times: int
    by: str


STARTS = ("received", "accepted", "handled")
"""From when a duty counts: from the day of receipt, of acceptance, or of the result: a finding that
is not adverse, a rectification that was verified, a formal filing."""
MEETING = (
    "acknowledge", "accept", "decline", "transfer_out", "assign", "investigate", "talk", "hold", "conclude", "find",
    "rectify", "submit", "verify", "message", "feed_back", "govern",
)  # fmt: skip
"""The verbs by which a duty can be met."""
ONLY = ("real_name",)
"""Whom alone a duty is owed to: a reporter who gave a name."""


@dataclass(frozen=True)
class ClockRule:
    """A duty with a limit.

    ``starts``: of ``STARTS``. ``stops``: the verbs that meet it; whatever ends a case stops it too.
    ``only``: of ``ONLY``, or empty. ``pauses``: of the pause reasons, those for which its time may
    stand still. ``yellow_before``, ``red_after``: working days before and after the due day.
    ``grade``: of ``GRADES``.
    """

    id: str
    rule: str
    words: Text
    starts: str
    stops: tuple[str, ...]
    only: str
    limit: Limit
    extension: Extension | None
    pauses: tuple[str, ...]
    yellow_before: int
    red_after: int
    source: str
    grade: str
    confirmed: bool


@dataclass(frozen=True)
class Review:
    """A reporter who objects may ask for a review ``within`` a limit from the answer: the case then
    goes on with the nature ``next``. Without one the way ends here."""

    next: str
    within: Limit | None


@dataclass(frozen=True)
class Escalation:
    """So many working days after a due day, a case that is still open goes ``to`` this target."""

    after: int
    to: str


def _extension(r: Reader, data: Any, where: str) -> Extension:
    """More time for a duty."""
    return Extension(
        most=r.limit(data, where),
        times=r.number(data, where, "times", 1, 100),
        by=r.one_of(data, where, "by", EXTENDED_BY),
    )


def read_clocks(r: Reader, data: Any, where: str) -> tuple[ClockRule, ...]:
    """The duties of a nature, by their ids; more time can be given to one of them."""
    if not data:
        raise r.fail(where, said("the list is empty"))
    found = tuple(_clock(r, rule, f"{where}.{key}") for key, rule in data.items())
    if sum(c.extension is not None for c in found) > 1:
        raise r.fail(where, said("more than one can be extended"))
    return found


def read_review(r: Reader, data: Any, where: str) -> Review:
    """What a reporter who objects may ask for."""
    after = r.one_of(data, where, "next", ("", *r.names("natures")), "")
    within = r.given(data, where, "within", dict, None)
    if bool(after) != (within is not None):
        raise r.fail(where, said("both next and within are needed, or neither"))
    limit = r.limit(within, f"{where}.within") if within is not None else None
    return Review(after, limit)


def read_escalation(r: Reader) -> tuple[Escalation, ...]:
    """Whom a case goes to when it is late, and later; the days grow."""
    given = r.given(r.data, "", "escalation", list, [])
    targets = r.names("escalation_targets")
    found = tuple(
        Escalation(
            after=r.number(rule, f"escalation.{n}", "after", 1, 1000),
            to=r.one_of(rule, f"escalation.{n}", "to", targets),
        )
        for n, rule in enumerate(given)
    )
    days, places = [e.after for e in found], [targets.index(e.to) for e in found]
    if days != sorted(set(days)) or places != sorted(set(places)):
        words = said("the days must grow, and the targets rise in the order of escalation_targets")
        raise r.fail("escalation", words)
    return found


def _clock(r: Reader, data: Any, where: str) -> ClockRule:
    """A duty with a limit."""
    more = r.given(data, where, "extension", dict, None)
    limit = r.limit(r.get(data, where, "limit", dict), f"{where}.limit")
    extension = None if more is None else _extension(r, more, f"{where}.extension")
    if extension is not None and extension.most.unit != limit.unit:
        raise r.fail(f"{where}.extension", said("more time is counted in the unit of the limit"))
    return ClockRule(
        id=where.rpartition(".")[2],
        rule=r.line(data, where, "rule"),
        words=r.text_of(data, where),
        starts=r.one_of(data, where, "starts", STARTS),
        stops=r.several(data, where, "stops", MEETING, ("feed_back",)),
        only=r.one_of(data, where, "only", ("", *ONLY), ""),
        limit=limit,
        extension=extension,
        pauses=r.several(data, where, "pauses", r.names("pause_reasons"), ()),
        yellow_before=r.number(data, where, "yellow_before", 0, 1000),
        red_after=r.number(data, where, "red_after", 0, 1000),
        source=r.line(data, where, "source"),
        grade=r.one_of(data, where, "grade", GRADES),
        confirmed=r.get(data, where, "confirmed", bool),
    )
