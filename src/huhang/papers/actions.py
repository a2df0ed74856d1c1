"""Giving a serial number to a paper, and voiding it."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from huhang.cases.flow import REPEATED
from huhang.cases.models import Case
from huhang.cases.queries import access_case, is_confidential, standings
from huhang.kernel import clock, ids
from huhang.kernel.errors import Conflict, NotAllowed, Refused
from huhang.kernel.plain import MAX_TEXT, plain_text
from huhang.kernel.write import Write
from huhang.papers import repeats, rules
from huhang.papers.context import content
from huhang.papers.models import Number
from huhang.papers.queries import (
    ISSUERS,
    access_number,
    facts_of,
    numbers_of,
    paper_rule,
)
from huhang.rulebook import current


def issue_number(
    w: Write, ref: str, paper: str, *, known: int | None = None, repeated: bool = False
) -> Number:
    """Give the paper of a case the next number of its series; what it says is kept with it.

    ``known``: how many numbers of it the person saw. ``repeated``: the report's own words may go to
    the unit. Raises ``Missing`` (no such case or paper, or hidden), ``NotAllowed``, ``Conflict`` (it
    got one meanwhile), ``Refused`` (it has all it may, or says what must not leave).
    """
    case = access_case(w.actor, ref, lock=True)
    rule = paper_rule(case, paper)
    _allowed(w, case)
    live = len(numbers_of(case, rule))
    if known is not None and known != live:
        raise Conflict(_("Somebody changed this case in the meantime. Look at it again."))
    if not rules.may_number(rule, facts_of(case), live):
        raise Refused(_("This paper gets no further number now."))
    said = content(case, w.now)
    let_out = repeats.check(w.actor, case, rule, said, confirmed=repeated)
    book = current()
    series = book.series[rule.series]
    year = clock.local_day(w.now).year
    own = ids.new_ref()
    # Who is accused sees neither the case nor its number; one left out of the count would tell.
    number = None if is_confidential(case) else _next(series.id, year)
    serial = (
        series.apart.format(year=year, ref=own)
        if number is None
        else series.pattern.format(year=year, number=number)
    )
    entry = w.entry("issue_number", case=case, rule=rule.id, rule_version=book.version)
    if let_out:
        entry.tell({REPEATED: let_out})
    made: Number = w.insert(
        Number,
        ref=own,
        series=series.id,
        year=year,
        number=number,
        serial=serial,
        case_id=case.pk,
        paper=rule.id,
        issued_at=w.now,
        by=w.actor.ref,
        payload=entry.say("paper", said),
    )
    return made


def _next(series: str, year: int) -> int:
    """The number after the last one. SQLite has one writer; PostgreSQL waits here for the others."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('papers_number'))")
    last = Number.objects.filter(series=series, year=year).aggregate(Max("number"))["number__max"]
    return (last or 0) + 1


def void_number(w: Write, ref: str, reason: str) -> Number:
    """Void a number, with a reason: it stays in its series and is never given again."""
    case, number = access_number(w.actor, ref, lock=True)
    _allowed(w, case)
    if number.voided_at is not None:
        raise Refused(_("This number has been voided already."))
    words = plain_text(reason)
    if not words:
        raise Refused(_("This is needed."), field="reason")
    if len(words) > MAX_TEXT:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": MAX_TEXT, "given": len(words)},
            field="reason",
        )
    entry = w.entry("void_number", case=case, rule=number.paper)
    w.update(number, voided_at=w.now, voided_by=w.actor.ref, reason=entry.say("note", words))
    return number


def _allowed(w: Write, case: Case) -> None:
    if not standings(w.actor, case) & ISSUERS:
        raise NotAllowed(_("Only the intake office or a leader may do this."))
