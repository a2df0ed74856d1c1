"""Cases given to another organ: both signatures, the answer, and the way back.

Whoever hands over signs by the verb itself; the name of whoever received it there is written down when
the register comes back (the double signature of a hand-over, 双签). What is open is followed until it is
answered or taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huhang.cases import calendars, queries
from huhang.cases.messaging import write_message
from huhang.cases.models import Case, Transfer
from huhang.cases.queries import EARLIEST, LATEST
from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.rulebook import current
from huhang.rulebook.workdays import ends_on

STATUSES: dict[str, Any] = {
    "sent": gettext_lazy("Not signed for yet"),
    "signed": gettext_lazy("Signed for, not answered"),
    "answered": gettext_lazy("Answered"),
    "returned": gettext_lazy("Taken back"),
}
OPEN, OVERDUE = "open", "overdue"
SORTS = ("sent", "-sent", "due", "-due", "target", "-target", "signed", "-signed")
_COLUMNS = {"sent": "sent_on", "due": "due_on", "target": "target", "signed": "signed_on"}


def running(case: Case) -> Transfer | None:
    """The transfer by which the case is out of the house now."""
    return Transfer.objects.filter(case=case, ended_on__isnull=True).order_by("-id").first()


def latest(case: Case) -> Transfer | None:
    """The last transfer of the case, whatever became of it."""
    return Transfer.objects.filter(case=case).order_by("-id").first()


# What the verbs change ----------------------------------------------------------------------------


def transfer_out(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Give the case to another organ: who hands it over, to whom, on which day; tell the reporters."""
    today = clock.local_day(w.now)
    sent_on = v["sent_on"] or today
    _within(sent_on, clock.local_day(case.received_at), today, "sent_on")
    book = current()
    term = book.transfer_receipt
    calendars.refresh()
    due = ends_on(sent_on, term.limit, book) if term is not None else None
    entry.tell({"sent_on": sent_on.isoformat()})
    w.insert(
        Transfer, ref=ids.new_ref(), case_id=case.pk, target=v["target"],
        organ=entry.say("remark", v["organ"]) if v["organ"] else None, sent_on=sent_on,
        by=w.actor.ref, due_on=due.date if due else None,
        due_provisional=due.provisional if due else False,
    )  # fmt: skip
    return write_message(w, entry, case, v)


def sign_receipt(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The second signature: who received it there, on which day, under which number."""
    out = _running(case)
    _within(v["signed_on"], out.sent_on, clock.local_day(w.now), "signed_on")
    entry.tell({"signed_on": v["signed_on"].isoformat()})
    w.update(
        out, signed_on=v["signed_on"], signed_by=entry.say("person", v["person"]),
        document=entry.say("remark", v["document"]) if v["document"] else None,
    )  # fmt: skip
    return {}


def record_answer(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """What became of it there, in words."""
    out = _running(case)
    _within(v["answered_on"], out.signed_on or out.sent_on, clock.local_day(w.now), "answered_on")
    entry.tell({"answered_on": v["answered_on"].isoformat()})
    w.update(out, answered_on=v["answered_on"], outcome=v["note_payload"])
    return {}


def end(w: Write, case: Case) -> None:
    """The case comes back: nothing of it is out of the house any more."""
    out = running(case)
    if out is not None:
        w.update(out, ended_on=clock.local_day(w.now))


def _running(case: Case) -> Transfer:
    out = running(case)
    if out is None:
        raise AssertionError(f"case {case.pk} is not out: the guard let it through")
    return out


def _within(day: date, first: date, last: date, field: str) -> None:
    if day > last:
        raise Refused(_("This day has not come yet."), field=field)
    if day < first:
        raise Refused(_("Not before %(first)s.") % {"first": first.isoformat()}, field=field)


# Reading ------------------------------------------------------------------------------------------


def _of_status(status: str) -> Q:
    """Transfers that stand so. Overdue: not signed for after the due day; no source knows a limit
    for the answer."""
    is_open = Q(answered_on__isnull=True, ended_on__isnull=True)
    unsigned = is_open & Q(signed_on__isnull=True)
    conditions = {
        OPEN: is_open,
        OVERDUE: unsigned & Q(due_on__lt=clock.today()),
        "sent": unsigned,
        "signed": is_open & Q(signed_on__isnull=False),
        "answered": Q(answered_on__isnull=False),
        "returned": Q(answered_on__isnull=True, ended_on__isnull=False),
    }
    return conditions.get(status, Q())


def status_of(out: Transfer) -> str:
    """How a transfer stands, of ``STATUSES``."""
    if out.answered_on is not None:
        return "answered"
    if out.ended_on is not None:
        return "returned"
    return "sent" if out.signed_on is None else "signed"


def is_overdue(out: Transfer, today: date) -> bool:
    """Whether nobody signed for it in time."""
    return status_of(out) == "sent" and out.due_on is not None and out.due_on < today


def listed(
    actor: Actor, *, status: str = "", target: str = "", since: date | None = None,
    until: date | None = None, sort: str = "", ref: str = "",
) -> QuerySet[Transfer]:  # fmt: skip
    """The transfers of cases that ``actor`` may see; the longest open on top where nothing is said."""
    may = queries.gate(actor, "case_id", "case__state")
    if may is None:
        return Transfer.objects.none()
    found = Transfer.objects.filter(may & _of_status(status)).select_related("case")
    if target:
        found = found.filter(target=target)
    if ref:
        found = found.filter(case__ref=ref)
    if since and EARLIEST < since.year < LATEST:
        found = found.filter(sent_on__gte=since)
    if until and EARLIEST < until.year < LATEST:
        found = found.filter(sent_on__lte=until)
    chosen = sort if sort in SORTS else "sent"
    column = _COLUMNS[chosen.removeprefix("-")]
    return found.order_by(f"-{column}" if chosen.startswith("-") else column, "id")


@dataclass(frozen=True)
class Row:
    """A transfer with its words; what was erased is empty."""

    transfer: Transfer
    status: str
    overdue: bool
    organ: str
    signed_by: str
    document: str
    outcome: str


SLOTS = ("organ", "signed_by", "document", "outcome")


def rows(found: Iterable[Transfer]) -> list[Row]:
    """These transfers with their words."""
    found = list(found)
    said = queries.texts_of(getattr(out, slot) for out in found for slot in SLOTS)
    today = clock.today()
    return [
        Row(out, status_of(out), is_overdue(out, today),
            *(said.get(getattr(out, slot) or 0, "") for slot in SLOTS))
        for out in found
    ]  # fmt: skip
