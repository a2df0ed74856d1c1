"""The negative ledger and the two lists as the Excel form that offices exchange and fill in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from huhang.cases import flow, lists
from huhang.insight import sheets
from huhang.intake.lists import marks
from huhang.intake.lists.cells import plain_cell, values
from huhang.intake.lists.names import FILLED, LABELS
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.parties.words import language
from huhang.rulebook import DUTIES, current

MOST = 5_000
"""Rows of one form: more than that no office fills in."""
HANDING_OUT = ("intake", "supervisor", "leader")
WIDTHS = {
    "ref": 13, "title": 22, "state": 8, "case_unit": 12, "unit": 12, "part": 7, "territorial": 11, "sector": 11,
    "supervising": 10, "finding": 8, "received": 11, "due": 11, "overdue": 6, "measures": 24, "person": 8,
    "planned_on": 11, "progress": 9, "finished_on": 11, "remark": 13, "mark": 12,
}  # fmt: skip
WIDER = {"part": 11, "finding": 12, "overdue": 9, "person": 10, "progress": 12}
"""Where Chinese words are shorter than those of other languages."""


def keys(entries: QuerySet[Any]) -> list[Any]:
    """What ``lists.entries`` gave, as a form. Raises ``Refused`` when no form holds so much."""
    found = list(entries[: MOST + 1])
    if len(found) > MOST:
        raise Refused(_("More than %(most)d cases: filter them first.") % {"most": MOST})
    return found


def title(which: str) -> str:
    """What a list is called."""
    if which == lists.NEGATIVE:
        return _("Negative ledger of supervision")
    return current().duties[which].list_words.in_(language())


def file_name(which: str, hand_to: str = "") -> str:
    """What the form is saved as: which list, for whom, of which day."""
    for_whom = hand_to or pgettext("list", "own use")
    return f"{title(which)}-{for_whom}-{clock.today().isoformat()}.xlsx"


def hands_out(actor: Actor) -> bool:
    """Whether this person hands forms out to units; a unit's officer only fills them in."""
    return any(actor.has(role) for role in HANDING_OUT)


def workbook(
    rows: Sequence[lists.Row], which: str, *, maker: str, hand_to: str = "", hands_out: bool = True
) -> bytes:
    """An .xlsx file of these rows, which the caller has let through the gate.

    ``maker``: who made it; ``hand_to``: the unit for which it is made, empty for the maker's own use.
    ``hands_out``: of the maker.
    """
    widths = WIDTHS if language().startswith("zh") else WIDTHS | WIDER
    names = [n for n in LABELS if n != which]
    columns = [
        sheets.Column(
            _label(n), widths[n], filled=n in FILLED, hidden=n == "mark", day=n.endswith("_on")
        )
        for n in names
    ]
    if hand_to:
        for_whom = _("For %(unit)s") % {"unit": hand_to}
    elif hands_out:
        for_whom = _("For the maker's own use: to hand it out, make it for one unit")
    else:
        for_whom = _("For the maker's own use")
    count = ngettext("%(count)d row", "%(count)d rows", len(rows)) % {"count": len(rows)}
    made = _("Made by %(who)s on %(day)s") % {"who": maker, "day": clock.today().isoformat()}
    lines = [
        title(which),
        " · ".join([made, for_whom, count]),
        _("Fill in the white columns and send the file back under Imports; grey ones are only to be read. "
          "Delete and add no columns; rows may be left out."),
    ]  # fmt: skip
    return sheets.workbook(
        title(which)[:31],
        lines,
        columns,
        [_cells(row, names) for row in rows],
        least_lines=2,
        filled_in=lambda at: rows[at].case.state in flow.PROGRESSING,
        finish=lambda sheet, first, last: _ask(sheet, names, first, last),
    )


def _label(name: str) -> str:
    return current().duties[name].words.in_(language()) if name in DUTIES else str(LABELS[name])


def _cells(row: lists.Row, names: Sequence[str]) -> list[Any]:
    said = values(row)
    zone = clock.local_zone()
    texts = {name: plain_cell(name, said[name], zone) for name in marks.COLUMNS}
    said["mark"] = marks.make(row.case, row.unit.code if row.unit else "", texts)
    return [said[name] for name in names]


def _ask(sheet: Any, names: Sequence[str], first: int, last: int) -> None:
    """What Excel asks of the cells that an office fills in."""
    about: dict[str, dict[str, Any]] = {
        "progress": {
            "validate": "list",
            "source": [str(lists.PROGRESS[k]) for k in ("rectifying", "submitted")],
            "error_message": _("Choose one of the list."),
        },
        "person": {
            "validate": "length", "criteria": "<=", "value": 200,
            "error_message": _("At most %(limit)d characters.") % {"limit": 200},
        },
    }  # fmt: skip
    for name in ("planned_on", "finished_on"):
        about[name] = {
            "validate": "date", "criteria": "between",
            "minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31),
            "error_message": _("A day such as 2026-11-24 is needed."),
        }  # fmt: skip
    about["progress"]["input_message"] = _(
        "Choose “Done” only when it can be verified: the row is submitted then."
    )
    for name, rule in about.items():
        at = names.index(name)
        sheet.data_validation(first, at, last, at, {**rule, "ignore_blank": True})
