"""The register of transfers as Excel and CSV: a row for each hand-over, with both signatures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huhang.cases import transferring
from huhang.cases.models import Transfer
from huhang.insight import sheets
from huhang.kernel import clock
from huhang.kernel.errors import Refused
from huhang.parties.models import User
from huhang.parties.words import in_language, language
from huhang.rulebook import current

MOST = 5_000
"""Rows of one file."""
SUFFIXES = {"excel": "xlsx", "csv": "csv"}
COLUMNS: dict[str, tuple[Any, int]] = {
    "ref": (gettext_lazy("Reference"), 13),
    "title": (gettext_lazy("Title"), 24),
    "target": (gettext_lazy("Transfer to"), 14),
    "organ": (gettext_lazy("Name of the organ"), 20),
    "sent_on": (gettext_lazy("Handed over on"), 12),
    "by": (gettext_lazy("Handed over by"), 12),
    "due_on": (gettext_lazy("To be signed for by"), 12),
    "signed_by": (gettext_lazy("Who received it there"), 12),
    "signed_on": (gettext_lazy("Signed on"), 12),
    "document": (gettext_lazy("Their number"), 18),
    "answered_on": (gettext_lazy("Answered on"), 12),
    "outcome": (gettext_lazy("What became of it"), 30),
    "status": (gettext_lazy("State"), 14),
}


def shown(rows: Iterable[transferring.Row]) -> list[dict[str, Any]]:
    """Rows as a page and a file show them: words, days, or nothing."""
    rows = list(rows)
    book = current()
    users = {
        u.ref: in_language(u) for u in User.objects.filter(ref__in={r.transfer.by for r in rows})
    }
    found = []
    for row in rows:
        out = row.transfer
        status = str(transferring.STATUSES[row.status])
        target = book.transfer_targets.get(out.target)
        found.append({
            "ref": out.case.ref, "title": out.case.title,
            "target": target.in_(language()) if target else out.target, "organ": row.organ,
            "sent_on": out.sent_on, "by": users.get(out.by, _("Operator of the machine")),
            "due_on": out.due_on, "signed_by": row.signed_by, "signed_on": out.signed_on,
            "document": row.document, "answered_on": out.answered_on, "outcome": row.outcome,
            "status": _("%(status)s, overdue") % {"status": status} if row.overdue else status,
        })  # fmt: skip
    return found


def file_of(found: QuerySet[Transfer], form: str, maker: str) -> tuple[bytes, str]:
    """The register as a file: content and name. Raises ``Refused``."""
    if form not in SUFFIXES:
        raise Refused(
            _("“%(given)s” is not one of the choices.") % {"given": form[:40]}, field="format"
        )
    kept = list(found[: MOST + 1])
    if len(kept) > MOST:
        raise Refused(_("More than %(most)d cases: filter them first.") % {"most": MOST})
    rows = [[row[name] for name in COLUMNS] for row in shown(transferring.rows(kept))]
    name = f"{_('Register of transfers')}-{clock.today().isoformat()}.{SUFFIXES[form]}"
    content = _csv(rows) if form == "csv" else _excel(rows, maker)
    return content, name


def _excel(rows: list[list[Any]], maker: str) -> bytes:
    count = ngettext("%(count)d row", "%(count)d rows", len(rows)) % {"count": len(rows)}
    made = _("Made by %(who)s on %(day)s") % {"who": maker, "day": clock.today().isoformat()}
    title = _("Register of transfers")
    columns = [
        sheets.Column(str(label), width, day=name.endswith("_on"))
        for name, (label, width) in COLUMNS.items()
    ]
    return sheets.workbook(title, [title, f"{made} · {count}"], columns, rows)


def _csv(rows: list[list[Any]]) -> bytes:
    """With a mark by which Excel knows UTF-8; what could be a formula is written as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(label) for label, _width in COLUMNS.values()])
    writer.writerows([[_cell(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    text = str(value or "")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
