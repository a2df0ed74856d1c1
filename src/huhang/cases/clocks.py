"""Clocks: which rule governs a case, and starting, extending, changing and stopping its time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.models import Case, Clock
from huhang.cases.queries import UNTRIAGED
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.parties.words import language
from huhang.rulebook import ClockRule, Limit, Nature, current
from huhang.rulebook.workdays import ends_on


def nature_for(case: Case, kind: str, chosen: str) -> Nature:
    """The nature of a case accepted as this kind: the chosen one; else the one that it came with; else
    the first of the kind. Raises ``Refused`` for one of another kind."""
    book = current()
    if chosen:
        return _of_kind(book.natures[chosen], kind)
    present = book.natures.get(case.nature)
    return present if present is not None and present.kind == kind else book.nature_of(kind)


def _of_kind(nature: Nature, kind: str) -> Nature:
    if nature.kind != kind:
        names = {
            "nature": nature.words.in_(language()),
            "kind": current().kinds[nature.kind].in_(language()),
        }
        raise Refused(
            _("“%(nature)s” is a nature of another kind: %(kind)s.") % names, field="nature"
        )
    return nature


def regrade(_w: Write, _entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Let another rule govern a case: of the same kind, so that who may see it stays as it is."""
    if v["nature"] == case.nature:
        raise Refused(_("It has this nature already."), field="nature")
    nature = _of_kind(current().natures[v["nature"]], case.kind)
    if not flow.rows_of(nature.flow, case.state):
        raise Refused(
            _("A case of this nature does not come to the state of this case."), field="nature"
        )
    return {"nature": nature.id}


def turn(
    w: Write, entry: Draft, case: Case, how: str, values: dict[str, Any], changes: dict[str, Any]
) -> dict[str, Any]:
    """Do to the clock what a row of the transition table says; what changes of the case by that.

    A due day that was set stays in its row: another rule stops that clock and starts one of its own,
    which counts from the same day.
    """
    book = current()
    rule = book.natures[changes.get("nature", case.nature)].clock
    today = clock.local_day(w.now)
    if how == "start":
        # Of a case that was over, the time begins anew when it is taken up again.
        at_receipt = rule.starts == "received" and case.state in UNTRIAGED
        return _start(
            w, entry, case, rule, clock.local_day(case.received_at) if at_receipt else today
        )
    running = Clock.objects.filter(case=case, stopped_on__isnull=True).order_by("-id").first()
    if running is None:
        return {}
    if how == "regrade":
        w.update(running, stopped_on=today)
        return _start(w, entry, case, rule, running.started_on)
    if how == "extend":
        unit = rule.extension.most.unit if rule.extension else "working_days"
        entry.tell({"unit": unit})
        due = ends_on(running.due_on, Limit(values["days"], unit), book)
        w.update(running, due_on=due.date, provisional=due.provisional)
        return {
            "due_on": due.date,
            "due_provisional": due.provisional,
            "extensions": case.extensions + 1,
            "extended_days": case.extended_days + values["days"],
        }
    w.update(running, stopped_on=today)
    return {"stopped_on": today}


def _start(w: Write, entry: Draft, case: Case, rule: ClockRule, day: date) -> dict[str, Any]:
    book = current()
    due = ends_on(day, rule.limit, book)
    entry.tell({"rule": rule.id})
    w.insert(
        Clock,
        case_id=case.pk,
        rule=rule.id,
        rule_version=book.version,
        started_on=day,
        due_on=due.date,
        provisional=due.provisional,
    )
    return {
        "due_on": due.date,
        "due_provisional": due.provisional,
        "stopped_on": None,
        "extensions": 0,
        "extended_days": 0,
    }
