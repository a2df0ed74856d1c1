"""Clocks: which rule governs a case, and starting, pausing, extending and stopping its duties.

A case shows the duty that ends first (``Case.due_on``); when none runs any more, how it stands to the
one by which it counts as on time: the first of its nature.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import calendars, flow, standing_still
from huhang.cases.models import Case, Clock, Report, Standstill
from huhang.cases.queries import UNTRIAGED
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write
from huhang.parties.words import language
from huhang.rulebook import ClockRule, Limit, Nature, current
from huhang.rulebook.workdays import ends_on

RESULTS = ("find", "conclude", "verify", "file")
"""Verbs that bring a result; a finding does only when there is nothing to rectify."""
HANDLED = ("verified", "filed")


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


def review(w: Write, case: Case, reason: str) -> dict[str, Any]:
    """The nature with which a case goes on whose reporter objects: that of a review, where the rule
    knows one. Raises ``NotAllowed`` after the last review, and when the time to ask is over."""
    rule = current().natures[case.nature].review
    if (
        rule is None
        or reason != "objection"
        or case.state not in ("fed_back", "governed", "closed")
    ):
        return {}
    if rule.within is None:
        raise NotAllowed(_("The last review was made: the same facts are not taken up again."))
    answered = case.stopped_on or clock.today()
    until = ends_on(answered, rule.within, current()).date
    if clock.local_day(w.now) > until:
        raise NotAllowed(
            _("A review could be asked for until %(day)s.") % {"day": until.isoformat()}
        )
    return {"nature": rule.next}


def at_receipt(nature: Nature, anonymous: bool) -> list[ClockRule]:
    """The duties that count from the day on which a report of this nature comes."""
    return [
        rule
        for rule in nature.clocks
        if rule.starts == "received" and not (rule.only == "real_name" and anonymous)
    ]


def begun(rule: ClockRule, day: date) -> dict[str, Any]:
    """What the row of a duty says that starts on this day."""
    calendars.refresh()
    book = current()
    due = ends_on(day, rule.limit, book)
    return {
        "rule": rule.id,
        "rule_version": book.version,
        "started_on": day,
        "due_on": due.date,
        "provisional": due.provisional,
        "working_days": rule.limit.count if rule.limit.unit == "working_days" else None,
    }


def turn(
    w: Write,
    entry: Draft,
    case: Case,
    verb: str,
    how: str,
    values: dict[str, Any],
    changes: dict[str, Any],
) -> dict[str, Any]:
    """Do to the duties what the verb does, and what a row of the transition table says (``how``); what
    changes of the case by that. A due day that was set stays in its row: another rule stops that
    clock and starts one of its own."""
    nature = current().natures[changes.get("nature", case.nature)]
    rules = nature.clocks
    result = _is_result(verb, values)
    if not how and not result and not any(verb in rule.stops for rule in rules):
        return {}
    return _Turn(w, entry, case, nature, changes).do(verb, how, values, result)


def hand_on(w: Write, case: Case, into: Case) -> dict[str, Any]:
    """What is owed to the reporters of a case since its receipt is owed on where it goes; what changes
    of that case by it."""
    rules = {r.id for r in current().natures[into.nature].clocks if r.starts == "received"}
    present = set(Clock.objects.filter(case=into).values_list("rule", flat=True))
    changes: dict[str, Any] = {}
    for one in Clock.objects.filter(case=case, stopped_on=None, rule__in=rules - present):
        w.insert(
            Clock, case_id=into.pk, rule=one.rule, rule_version=one.rule_version,
            started_on=one.started_on, due_on=one.due_on, provisional=one.provisional,
            working_days=one.working_days,
        )  # fmt: skip
        first = changes.get("due_on") or (into.due_on if into.stopped_on is None else None)
        if first is None or one.due_on < first:
            changes = {"due_on": one.due_on, "due_provisional": one.provisional, "stopped_on": None}
    return changes


def _is_result(verb: str, values: dict[str, Any]) -> bool:
    return verb in RESULTS and not (verb == "find" and flow.adverse(values["finding"]))


class _Turn:
    """The duties of one case while a verb is done."""

    def __init__(
        self, w: Write, entry: Draft, case: Case, nature: Nature, changes: dict[str, Any]
    ) -> None:
        self.w = w
        self.entry = entry
        self.case = case
        self.nature = nature
        self.today = clock.local_day(w.now)
        self.was_untriaged = case.state in UNTRIAGED
        self.known = {rule.id: rule for rule in nature.clocks}
        self.clocks = list(Clock.objects.filter(case=case).order_by("id"))
        self.changes: dict[str, Any] = {}
        self.real_name = Report.objects.filter(case=case, anonymous=False).exists()

    @property
    def running(self) -> list[Clock]:
        return [c for c in self.clocks if c.stopped_on is None]

    def do(self, verb: str, how: str, values: dict[str, Any], result: bool) -> dict[str, Any]:
        counted_from = max((c.started_on for c in self.running), default=self.today)
        if how == "stop":
            self._stop(self.running)
        elif how == "start":
            self._stop([c for c in self.running if c.rule not in self.known])
            if self.was_untriaged and verb == "accept":
                received = clock.local_day(self.case.received_at)
                self._start("received", received, but=verb)
            self._start("accepted", self.today)
            self.changes |= {"extensions": 0, "extended_days": 0}
        elif how == "regrade":
            if any(c.paused_on for c in self.running):
                raise NotAllowed(_("The time stands still: let it go on first."))
            stood = standing_still.spans_of(c.pk for c in self.running)
            self._stop(self.running)
            self._start("accepted", counted_from)
            self.w.flush()
            self._keep(stood)
            result = self.case.state in HANDLED
            self.changes |= {"extensions": 0, "extended_days": 0}
        elif how == "extend":
            self._extend(values["days"])
        elif how == "pause":
            self._pause(values["reason"])
        elif how == "resume":
            self._resume()
        self._stop([c for c in self.running if verb in self._stops(c)])
        if result:
            self._start("handled", self.today)
        return self.changes | self._shown()

    def _stops(self, running: Clock) -> tuple[str, ...]:
        rule = self.known.get(running.rule)
        return rule.stops if rule else ()

    def _stop(self, clocks: list[Clock]) -> None:
        for one in clocks:
            self.w.update(one, stopped_on=self.today, paused_on=None)

    def _start(self, event: str, day: date, but: str = "") -> None:
        """Start the duties that count from this event and do not run; not those that ``but`` meets."""
        # What was met since receipt is not owed again.
        present = {c.rule for c in (self.clocks if event == "received" else self.running)}
        for rule in self.nature.clocks:
            if rule.starts != event or rule.id in present or (but and but in rule.stops):
                continue
            if rule.only == "real_name" and not self.real_name:
                continue
            self.entry.tell({"rule": rule.id})
            self.clocks.append(self.w.insert(Clock, case_id=self.case.pk, **begun(rule, day)))

    def _extend(self, count: int) -> None:
        for one in self.running:
            rule = self.known.get(one.rule)
            if rule is None or rule.extension is None:
                continue
            unit = rule.extension.most.unit
            self.entry.tell({"unit": unit, "rule": rule.id})
            self._move(one, Limit(count, unit))
            self.changes |= {
                "extensions": self.case.extensions + 1,
                "extended_days": self.case.extended_days + count,
            }
            return

    def _pause(self, reason: str) -> None:
        able = [c for c in self.running if reason in self._pauses(c) and c.paused_on is None]
        if not able:
            raise Refused(_("No duty that runs now stands still for this."), field="reason")
        for one in able:
            self.w.update(one, paused_on=self.today)

    def _pauses(self, running: Clock) -> tuple[str, ...]:
        rule = self.known.get(running.rule)
        return rule.pauses if rule else ()

    def _resume(self) -> None:
        """The time that stood still is added, in the unit of the limit."""
        for one in self.running:
            if one.paused_on is None:
                continue
            span = (one.paused_on, self.today)
            more = standing_still.added(self.known.get(one.rule), span)
            self.entry.tell({"unit": more.unit, "days": more.count})
            self._stood(one, span)
            self._move(one, more, paused_on=None)

    def _keep(self, spans: list[standing_still.Span]) -> None:
        """What the former rule's time stood still is added to the time of the rule that governs now."""
        for one in self.running:
            rule = self.known[one.rule]
            if not standing_still.keeps(self.nature, rule):
                continue
            for span in spans:
                self._stood(one, span)
                self._move(one, standing_still.added(rule, span))

    def _stood(self, one: Clock, span: standing_still.Span) -> None:
        self.w.insert(Standstill, clock_id=one.pk, since=span[0], until=span[1])

    def _move(self, one: Clock, more: Limit, **changes: Any) -> None:
        calendars.refresh()
        due = ends_on(one.due_on, more, current())
        if one.working_days is not None:
            changes["working_days"] = one.working_days + more.count
        self.w.update(one, due_on=due.date, provisional=due.provisional, **changes)

    def _shown(self) -> dict[str, Any]:
        """What the case shows of its duties."""
        counting = [c for c in self.running if c.paused_on is None]
        if counting:
            first = min(counting, key=lambda c: (c.due_on, c.pk))
            return {
                "due_on": first.due_on,
                "due_provisional": first.provisional,
                "stopped_on": None,
            }
        if self.running:
            return {"due_on": None, "due_provisional": False, "stopped_on": None}
        mine = [c for c in self.clocks if c.rule == self.nature.clock.id]
        if not mine:
            return {"due_on": None, "due_provisional": False, "stopped_on": None}
        last = mine[-1]
        return {
            "due_on": last.due_on,
            "due_provisional": last.provisional,
            "stopped_on": last.stopped_on,
        }
