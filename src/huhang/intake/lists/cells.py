"""What stands in the columns of a row, and the same content as a text that can be compared."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cases import flow, lists
from huhang.intake.lists.names import DAYS, PROGRESS_NAMES
from huhang.kernel import clock
from huhang.parties.words import in_language, language
from huhang.rulebook import DUTIES, current
from huhang.tables.cells import text_of
from huhang.tables.dates import read_moment
from huhang.tables.headings import plain

_PROGRESS = {plain(word): key for key, words in PROGRESS_NAMES.items() for word in words}


def values(row: lists.Row) -> dict[str, Any]:
    """Column -> what stands there: text, a day, or an empty text."""
    book, case = current(), row.case
    comma = pgettext("list", ", ")
    finding = book.findings.get(case.finding)
    supervising = [p.group for p in row.parties if p.relation == "supervising" and p.group]
    return {
        "ref": case.ref,
        "title": case.title,
        "state": str(flow.STATES[case.state]),
        "case_unit": in_language(case.unit),
        "unit": in_language(row.unit or row.group),
        "part": str(flow.RELATIONS[row.party.relation]) if row.party else "",
        **{d: comma.join(in_language(u) for u in row.bearing(d)) for d in DUTIES},
        "supervising": comma.join(in_language(g) for g in supervising),
        "finding": finding.in_(language()) if finding else "",
        "received": clock.local_day(case.received_at),
        "due": case.due_on or "",
        "overdue": _overdue(row),
        **filled(row),
    }


def _overdue(row: lists.Row) -> str:
    case = row.case
    if case.due_on is None:
        return ""
    return _("yes") if (case.stopped_on or clock.today()) > case.due_on else _("no")


def filled(row: lists.Row) -> dict[str, Any]:
    """What stands now in the columns that an office fills in."""
    told = row.rectification
    return {
        "measures": row.said.get("measures", ""),
        "person": row.said.get("person", ""),
        "planned_on": (told.planned_on if told else None) or "",
        "progress": str(lists.PROGRESS[row.progress]),
        "finished_on": (told.finished_on if told else None) or "",
        "remark": row.said.get("remark", ""),
    }


def plain_cell(name: str, cell: Any, zone: tzinfo, formats: tuple[str, ...] = ()) -> str:
    """A cell so that the same content is the same text, from Excel, from CSV and from here.

    Days are ISO dates where they can be read, the state of rectification is its key; white space
    counts once.
    """
    if name == "progress":
        text = text_of(cell)
        return _PROGRESS.get(plain(text), " ".join(text.split()))
    if name in DAYS and not isinstance(cell, date) and text_of(cell):
        try:
            cell = read_moment(
                text_of(cell) if isinstance(cell, str) else cell, zone, formats
            ).date()
        except (ValueError, OverflowError):
            pass  # no day: compared as it stands, and refused where a day is needed
    if isinstance(cell, datetime):
        cell = cell.date()
    return " ".join(text_of(cell).split())
