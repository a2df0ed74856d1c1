"""Preparing what is frozen: the state of the log at a cut-off, counted; and what is due now."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huhang.insight.facts import store
from huhang.insight.facts.store import Facts
from huhang.insight.models import Return
from huhang.insight.returns import actions, kept, periods
from huhang.insight.returns import sheet as sheets
from huhang.insight.returns.counting import make_sheet, tally
from huhang.insight.returns.periods import Period
from huhang.insight.returns.sheet import Matrix, Members
from huhang.kernel import clock
from huhang.kernel.actor import WORKER, Actor
from huhang.kernel.errors import Conflict, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.rulebook import current
from huhang.tlog.models import Tick

logger = logging.getLogger("huhang.insight")


@dataclass(frozen=True)
class Prepared:
    """A return ready to be frozen. ``follows``: how many frozen ones of its table it corrects."""

    period: Period
    as_of: datetime
    tick: int
    follows: int
    table: dict[str, Any]
    members: dict[str, Any]


def first_day() -> date | None:
    """The day of the first entry: before it there was nothing to count. None: there is none."""
    first = Entry.objects.order_by("seq").values_list("recorded_at", flat=True).first()
    return None if first is None else clock.local_day(first)


def started(now: datetime) -> Iterator[Period]:
    """Every period of every table that has begun, those that still run included."""
    first = first_day()
    if first is not None:
        for rule in current().returns.values():
            yield from periods.from_day(rule, first, now)


def waiting(now: datetime) -> list[Period]:
    """The periods that are past their cut-off and not frozen, in the order of their cut-offs."""
    done = set(Return.objects.values_list("table", "period"))
    found = [p for p in started(now) if p.cut_off <= now and (p.rule.id, p.key) not in done]
    return sorted(found, key=lambda p: (p.cut_off, p.rule.id))


def freeze_due() -> int:
    """Freeze what is past its cut-off, each period as the log stood then: how many.

    Safe to repeat, and to run twice at once: a period is frozen once.
    """
    done = 0
    base: Facts | None = None
    faulty: set[str] = set()
    for period in waiting(clock.now()):
        if period.rule.id in faulty:
            continue  # in their order, or not at all
        state = _state_at(period.cut_off, base)
        if state is None:
            break  # the next tick holds it
        base = state
        try:
            prepared = prepare(period, state, period.cut_off)
            write(lambda w, p=prepared: actions.freeze(w, p), actor=WORKER)  # type: ignore[misc]
        except (Conflict, IntegrityError):
            continue  # another worker was first
        except Refused as error:
            logger.error("return %s %s cannot be frozen: %s", period.rule.id, period.key, error)
            faulty.add(period.rule.id)
            continue
        done += 1
    return done


def _state_at(moment: datetime, base: Facts | None = None) -> Facts | None:
    """The facts of what was recorded before ``moment``; None while no tick holds all of that.

    The tick is chosen by its moment alone, so that it tells nothing of what was recorded.
    """
    tick = Tick.objects.filter(ticked_at__gte=moment).order_by("number").first()
    if tick is None:
        return None
    last = Entry.objects.filter(recorded_at__lt=moment, seq__lte=tick.seq).order_by("-seq").first()
    return store.as_of(tick, last.seq if last is not None else 0, base)


def by_hand(actor: Actor, period: Period, reason: str) -> Return:
    """Freeze a period before its cut-off, as the log stands now, or one that the worker has missed.

    Raises ``NotAllowed``, ``Refused`` (without a reason, or while one before it is not frozen) and
    ``Conflict`` (it is frozen).
    """
    check_by_hand(actor, period)
    now = clock.now()
    if now < period.cut_off:
        tick = Tick.objects.order_by("-number").first()
        if tick is None:
            raise Refused(_("The log is closed off about once a minute: try again then."))
        state, moment = store.as_of(tick, tick.seq), tick.ticked_at
    else:
        found = _state_at(period.cut_off)
        if found is None:
            raise Refused(_("The log is closed off about once a minute: try again then."))
        state, moment = found, period.cut_off
    prepared = prepare(period, state, moment)
    return write(lambda w: actions.freeze(w, prepared, reason=reason), actor=actor)


def check_by_hand(actor: Actor, period: Period) -> None:
    """Whether this person may freeze this period now; raises what ``by_hand`` raises."""
    actions.need_leader(actor)
    now = clock.now()
    if Return.objects.filter(table=period.rule.id, period=period.key).exists():
        raise Conflict(_("This return has been frozen already."))
    missed = [p for p in waiting(now) if p.rule.id == period.rule.id and p.since < period.since]
    if missed:
        raise Refused(_("Freeze %(period)s first.") % {"period": missed[0].key})
    if period.since > clock.local_day(now):
        raise Refused(_("This period has not begun."))


def prepare(period: Period, facts: Facts, as_of: datetime) -> Prepared:
    """Count a period, and what changed in the frozen ones before it, over one state of the facts."""
    sheet = make_sheet(period.rule)
    members = tally(facts, sheet, period.since, period.until, period.last_known)
    before = kept.frozen(period.rule.id)
    moved: dict[str, Any] = {}
    differences: dict[str, Matrix] = {}
    for at, one in enumerate(before):
        key = one.row.period
        came, left = sheets.changed(kept.as_corrected(one, before[at + 1 :]), recount(one, facts))
        differences[key] = sheets.nothing(one.sheet)
        sheets.add(differences[key], came)
        sheets.add(differences[key], left, -1)
        if came or left:
            moved[key] = {"came": came, "left": left}
    return Prepared(
        period=period,
        as_of=as_of,
        tick=facts.tick,
        follows=len(before),
        table={"sheet": sheet.as_json(), "rulebook": current().version, "cells": sheets.counted(sheet, members),
               "corrections": differences},
        members={"members": sheets.groups(members), "corrections": moved},
    )  # fmt: skip


def recount(one: kept.Kept, facts: Facts) -> Members:
    """A frozen return counted again, by its own definitions, over another state of the facts."""
    row = one.row
    last_known = clock.local_day(row.cut_off - timedelta(microseconds=1))
    return tally(facts, one.sheet, row.since, row.until, last_known)
