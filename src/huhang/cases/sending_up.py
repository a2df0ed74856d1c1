"""What belongs to a superior organ: received, sealed, sent up. Nothing of it is entered here.

Articles 14 and 15 of the 2020 rules (R-JK-04 to R-JK-06) forbid to copy, excerpt or enter such a
report. What is kept is how many came on which day, until when they go up, and when they went where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from huhang.cases import calendars, days, erasing, flow, queries
from huhang.cases.models import Case, Hint, Notice, Report, SentUp, Split
from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.rows import Logged
from huhang.kernel.write import Write
from huhang.rulebook import current
from huhang.rulebook.passing import Term
from huhang.rulebook.workdays import ends_on

MOST = 1000
"""So many reports are noted at once: more is a slip of the hand."""
ROLES = ("intake", "leader")


def note(w: Write, received_on: date, count: int) -> SentUp:
    """Note that so many reports of a superior organ came on this day. Raises ``Refused``, ``NotAllowed``."""
    _check(w.actor)
    today = clock.local_day(w.now)
    if received_on > today:
        raise Refused(_("This day has not come yet."), field="received_on")
    if received_on.year <= queries.EARLIEST:
        raise Refused(_("A day such as 2026-11-24 is needed."), field="received_on")
    if not 1 <= count <= MOST:
        raise Refused(_("Between 1 and %(most)d.") % {"most": MOST}, field="count")
    entry = w.entry("note_sent_up")
    return _keep(w, entry, received_on, count)


def _keep(w: Write, entry: Draft, received_on: date, count: int) -> SentUp:
    book, term = current(), _term()
    calendars.refresh()
    due = ends_on(received_on, term.limit, book)
    entry.tell({"rule": term.rule.split()[0], "rule_version": book.version})
    made: SentUp = w.insert(
        SentUp, ref=ids.new_ref(), received_on=received_on, count=count, due_on=due.date,
        due_provisional=due.provisional,
    )  # fmt: skip
    return made


def _term() -> Term:
    term = current().sent_up
    if term is None:
        raise NotAllowed(_("The rulebook knows nothing of matters of a superior organ."))
    return term


def forward(w: Write, ref: str, level: str, on: date) -> SentUp:
    """Note that they went up, on which day and to which level. Raises ``Missing``, ``NotAllowed``,
    ``Refused``."""
    _check(w.actor)
    _term()
    found = SentUp.objects.filter(ref=ref[:12]).first()
    if found is None:
        raise Missing(_("There is no such note."))
    if found.forwarded_on is not None:
        raise Refused(_("This was sent up already."))
    if level not in current().superior_levels:
        raise Refused(
            _("“%(given)s” is not one of the choices.") % {"given": level[:40]}, field="level"
        )
    if on > clock.local_day(w.now):
        raise Refused(_("This day has not come yet."), field="forwarded_on")
    if on < found.received_on:
        raise Refused(_("This lies before the day on which it was received."), field="forwarded_on")
    w.entry("forward", level=level)
    w.update(found, forwarded_on=on, level=level)
    return found


def _check(actor: Actor) -> None:
    if not any(actor.has(role) for role in ROLES):
        raise NotAllowed(_("Only the intake office or a leader may do this."))


def open_ones() -> QuerySet[SentUp]:
    """What has not gone up yet, the next due on top."""
    return SentUp.objects.filter(forwarded_on__isnull=True).order_by("due_on", "id")


def gone_up() -> QuerySet[SentUp]:
    """What went up, the latest on top."""
    return SentUp.objects.filter(forwarded_on__isnull=False).order_by("-forwarded_on", "-id")


@dataclass(frozen=True)
class Month:
    """Reports received in a month: how many, how many went up, how many of these after their due day."""

    month: date
    received: int
    forwarded: int
    late: int


def by_month() -> list[Month]:
    """The months in which something came, the latest first."""
    counts: dict[date, Counter[str]] = {}
    rows: Iterable[tuple[Any, ...]] = SentUp.objects.values_list(
        "received_on", "count", "due_on", "forwarded_on"
    )
    for received_on, count, due_on, forwarded_on in rows:
        month = counts.setdefault(received_on.replace(day=1), Counter())
        month["received"] += count
        if forwarded_on is not None:
            month["forwarded"] += count
            month["late"] += count if forwarded_on > due_on else 0
    return [
        Month(m, c["received"], c["forwarded"], c["late"])
        for m, c in sorted(counts.items(), reverse=True)
    ]


# Found only after opening -------------------------------------------------------------------------


def seal_forward(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Erase all that the case and those merged into it hold, and note that so many reports are to
    go up. Left are rows without content, the day of receipt, and the reporters' way to their codes.
    """
    cases = queries.case_ids_of(case)
    received_on = clock.local_day(case.received_at)
    reports = list(Report.objects.filter(case_id__in=cases))
    _keep(w, entry, received_on, max(1, len(reports)))
    erasing.erase(w, entry, case, v)
    for row in _rows_of(cases):
        w.delete(row)
    of_cases = {"case_id__in": cases}
    for derived in (Notice, Hint):
        derived.objects.filter(**of_cases).delete()
    for report in Report.objects.filter(case_id__in=cases):
        w.update(report, **_empty_report(report))
    for merged in Case.objects.filter(pk__in=cases).exclude(pk=case.pk):
        w.update(merged, state=flow.SEALED, **_empty_case(merged))
    return _empty_case(case)


def _empty_report(report: Report) -> dict[str, Any]:
    """A report without content. The mark of its number stays, so that no hand-over brings it back."""
    return {
        **_blank(Report, {"id", "ref", "case_id", "number", "login_hash"}),
        "recorded_at": _midnight(report.recorded_at),
        "source": report.source if report.number else "",
    }


def _blank(model: type[Logged], kept: Set[str]) -> dict[str, Any]:
    """The columns of a row as they are when nothing was ever said, but for those that are kept."""
    fields = model._meta.concrete_fields
    return {f.attname: f.get_default() for f in fields if f.attname not in kept}


def _rows_of(cases: list[int]) -> list[Any]:
    """Every logged row that hangs on these cases or on their reports, what hangs on another first."""
    found: list[Any] = []
    waiting: list[tuple[type[Any], str]] = [(Case, "")]
    while waiting:
        above, path = waiting.pop()
        for model in apps.get_app_config("cases").get_models():
            if not issubclass(model, Logged):
                continue
            for field in model._meta.concrete_fields:
                if field.related_model is not above or model in (Case, above):
                    continue
                way = f"{field.name}__{path}" if path else field.name
                waiting.append((model, way))
                if model is not Report:
                    rows: QuerySet[Any] = model._base_manager.filter(**{f"{way}__in": cases})
                    if model is Split:  # the reporter goes on to the parts that are not sealed
                        rows = rows.filter(part__case__in=cases)
                    found = [*rows, *found]
    return list({(type(row), row.pk): row for row in found}.values())


KEPT = frozenset({"id", "ref", "state", "version", "merged_into_id"})
"""What a sealed case keeps of its row, beside the day of its receipt."""


def _empty_case(case: Case) -> dict[str, Any]:
    """A case without content: its kind and nature are those that every sealed case has."""
    nature = next(iter(current().natures.values()))
    said = {"kind": nature.kind, "nature": nature.id, "received_at": _midnight(case.received_at)}
    return {**_blank(Case, KEPT), **said}


def _midnight(moment: Any) -> Any:
    return days.midnight(clock.local_day(moment))
