"""The ledger as offices exchange it: the cases that somebody may see, as one sheet of Excel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.models import Case, Party
from huhang.insight import sheets
from huhang.kernel import clock
from huhang.parties.words import joined
from huhang.rulebook import current

MOST = 50_000
"""Rows of one sheet: beyond them nobody reads it, and it takes long to make."""


def _columns() -> list[sheets.Column]:
    return [
        sheets.Column(label, width)
        for label, width in (
            (_("Reference"), 13), (_("Title"), 42), (_("Kind"), 9), (_("Channel"), 12), (_("State"), 14),
            (_("Received on"), 12), (_("Due"), 12), (_("Answered on"), 12), (_("Overdue"), 8),
            (_("Unit"), 24), (_("Responsible"), 24), (_("Co-handling"), 24), (_("Supervising"), 18),
            (_("Behaviour"), 14), (_("Finding"), 12), (_("Rating"), 10), (_("Govern"), 14),
        )
    ]  # fmt: skip


def workbook(cases: Iterable[Case], language: str, title: str) -> bytes:
    """An .xlsx file: a title, a frozen header with filters, one line for each case.

    ``cases`` with their units, in order, at most ``MOST``: what the reader may see, which the
    caller has made sure of.
    """
    rows = list(cases)
    parties = _parties([c.pk for c in rows], language)
    counted = _("%(count)d cases, %(day)s") % {
        "count": len(rows), "day": clock.today().isoformat(),
    }  # fmt: skip
    lines = [_line(case, parties.get(case.pk, {}), language) for case in rows]
    return sheets.workbook(_("Ledger"), [title, counted], _columns(), lines)


def _parties(keys: list[int], language: str) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(keys), 500):
        parties = Party.objects.filter(
            case__in=keys[start : start + 500],
            relation__in=("responsible", "co_handling", "supervising"),
        ).select_related("unit", "group")
        for party in parties:
            who = party.unit or party.group
            if who is not None:
                found[party.case_id][party.relation].append(who.in_(language))
    return found


def _line(case: Case, parties: dict[str, list[str]], language: str) -> list[Any]:
    book = current()

    def word(words: Any, key: Any) -> str:
        found = words.get(key) if key not in ("", None) else None
        return "" if found is None else str(getattr(found, "words", found).in_(language))

    late = ""
    if case.due_on is not None:
        end = case.stopped_on or clock.today()
        late = _("yes") if end > case.due_on else _("no")
    return [
        case.ref,
        case.title,
        word(book.kinds, case.kind),
        word(book.channels, case.channel),
        str(flow.STATES[case.state]),
        clock.local_day(case.received_at),
        case.due_on or "",
        case.stopped_on or "",
        late,
        case.unit.in_(language) if case.unit else "",
        *(joined(parties.get(r, [])) for r in ("responsible", "co_handling", "supervising")),
        word(book.behaviours, case.behaviour),
        word(book.findings, case.finding),
        word(book.ratings, case.rating),
        word(book.govern_forms, case.governed),
    ]
