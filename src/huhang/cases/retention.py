"""How long the words of cases are kept, by the rulebook, and which are due for erasure.

A term says when somebody must decide, never more: words go by the verb ``erase`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from huhang.cases import batches
from huhang.cases.days import midnight
from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.plain import plain_line
from huhang.rulebook import RetentionRule, current

ENDS = {"closed": "close", "declined": "decline", "transferred": "transfer_out", "kept": "keep"}
"""States in which words can be erased, and the verb from which the term counts."""
ERASE = "erase"


@dataclass(frozen=True)
class Kept:
    """How long a case's words are kept. ``until``: the last day; None while it is not over.
    ``erased``: they are gone. ``due``: the term has passed."""

    rule: RetentionRule
    until: date | None
    erased: bool
    due: bool


def _years(day: date, years: int) -> date:
    """The same day so many years later (or, below zero, before); of 29 February the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def kept(case: Case) -> Kept:
    """How long the words of this case are kept."""
    rule = current().natures[case.nature].retention
    if case.state not in ENDS:
        return Kept(rule, None, erased=False, due=False)
    last = _ends(case.pk).first()
    if last is None:
        return Kept(rule, None, erased=False, due=False)
    until = _years(clock.local_day(last.recorded_at), rule.years)
    erased = last.verb == ERASE
    return Kept(rule, until, erased, due=not erased and until < clock.today())


def _ends(case: int | OuterRef) -> QuerySet[Entry]:
    """What ended the handling of a case, and erased it, the last first."""
    verbs = [*ENDS.values(), ERASE]
    return Entry.objects.filter(case_id=case, verb__in=verbs).order_by("-seq")


def due(actor: Actor) -> QuerySet[Case]:
    """The visible cases whose term has passed and whose words are there, the longest first.

    Each has ``ended_at``.
    """
    last = _ends(OuterRef("pk"))
    passed = Q(pk__in=())
    today = clock.today()
    newest = midnight(date(1900, 1, 1))
    for key, nature in current().natures.items():
        before = midnight(_years(today, -nature.retention.years))
        passed |= Q(nature=key, ended_at__lt=before)
        newest = max(newest, before)
    return (
        visible_to(actor)
        .filter(state__in=ENDS, received_at__lt=newest)  # by an index: few are that old
        .alias(last_verb=Subquery(last.values("verb")[:1]))
        .annotate(ended_at=Subquery(last.values("recorded_at")[:1], output_field=DateTimeField()))
        .filter(passed)
        .exclude(last_verb=ERASE)
        .select_related("unit")
        .order_by("ended_at", "pk")
    )


def selected(actor: Actor, refs: Sequence[str]) -> list[Case]:
    """Of these cases those that are due. Raises ``NotAllowed`` (not a leader), ``Refused``."""
    may(actor)
    wanted = list(dict.fromkeys(plain_line(ref) for ref in refs))
    if not wanted:
        raise Refused(_("Select at least one case first."), field="ref")
    if len(wanted) > batches.MOST_SELECTED:
        limit = {"limit": batches.MOST_SELECTED}
        raise Refused(_("At most %(limit)d cases at once.") % limit, field="ref")
    return list(due(actor).filter(ref__in=wanted))


def may(actor: Actor) -> None:
    """Raise ``NotAllowed`` for whoever is no leader."""
    if not actor.has("leader"):
        raise NotAllowed(_("A leader alone may do this."))


def erase_each(actor: Actor, refs: Sequence[str], reason: str) -> list[tuple[Case, str | None]]:
    """Erase the words of those that are due; each with why it failed, or None."""
    if not reason.strip():
        raise Refused(_("This is needed."), field="note")
    return batches.perform_each(actor, ERASE, selected(actor, refs), {"note": reason})
