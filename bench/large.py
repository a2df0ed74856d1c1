"""A world of a million cases, kept under ``var/`` for as long as the code that made it stays.

Reports are taken in by the product's own action. What the verbs ``accept``, ``assign``, ``decline``
and ``close`` would then do is written in the same transaction in bulk: the rows, parties, clocks and
an entry for each verb, without the verbs' checks (0.1 ms and not 7). The read models follow the log by
the product's own reactions, in larger pieces.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import vocabulary

ROOT = Path(__file__).resolve().parents[1]
DAYS = 3 * 365
CHANNELS = {"hotline_file": 60, "scan_code": 15, "telephone": 10, "web": 6, "letter": 3, "visit": 3,
            "petition": 2, "inspection": 1}  # fmt: skip
KINDS = {"demand": 70, "complaint": 24, "clue": 6}
STATES = {"closed": 72, "declined": 9, "transferred": 5, "kept": 1, "received": 3, "accepted": 2,
          "assigned": 4, "investigating": 2, "rectifying": 1, "fed_back": 1}  # fmt: skip
OPEN_DAYS = 120
"""Open cases came in within so many days; older ones are at an end, but for one in two hundred."""
BATCH = 2000
UNITS = 500


def place(cases: int) -> Path:
    """The data folder of such a world, named for the code that its rows depend on."""
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "src/huhang").rglob("*.py"), *Path(__file__).parent.glob("*.py")]):
        if path.parent.name in _SHAPING or path.name in ("large.py", "vocabulary.py"):
            digest.update(path.read_bytes())
    return ROOT / "var" / "bench" / f"{cases}-{digest.hexdigest()[:12]}"


_SHAPING = ("migrations", "kernel")
"""Folders whose code decides how rows lie in the database."""


def build(cases: int) -> Path:
    """The data folder, with the world in it; Django is set up on it. Older ones are deleted."""
    from bench.world import set_up

    home = place(cases)
    done = home / "built"
    if not done.exists():
        for old in home.parent.glob(f"{cases}-*"):
            shutil.rmtree(old)
        home.mkdir(parents=True)
    set_up(home)
    if not done.exists():
        begin = time.perf_counter()
        _fill(cases)
        done.write_text(f"{time.perf_counter() - begin:.0f} s\n")
    return home


def found() -> tuple[Any, list[Any]]:
    """A district of 500 units in three levels, some large and most small, and users of each role."""
    from huhang.kernel import ids
    from huhang.kernel.actor import OPERATOR
    from huhang.kernel.write import Write, write
    from huhang.parties.models import Group, GroupUnit, Membership, Unit, User
    from tests.cast import found_district

    district = found_district()

    def action(w: Write) -> list[Unit]:
        w.entry("set_up")
        units = list(district.units.values())
        top = district.units["gov"].pk
        names = vocabulary.words()[-80:]
        for n, name in enumerate(names):
            kind, ending = ("township", "镇") if n % 3 == 0 else ("organ", "局")
            unit = w.insert(
                Unit, code=f"u{n:02}", name=f"示范区{name}{ending}", kind=kind, parent_id=top
            )
            group = (
                w.insert(Group, code=f"g{n:02}", name=f"{name}监督组", kind="resident")
                if n % 8 == 0
                else None
            )
            if group:
                w.add(GroupUnit, group_id=group.pk, unit_id=unit.pk)
            units.append(unit)
        offices = units[-len(names) :]
        for n in range(UNITS - len(units)):
            above = offices[n % len(offices)]
            unit = w.insert(
                Unit, code=f"{above.code}-{n // len(offices) + 1}", kind="institution",
                name=f"{above.name}第{n // len(offices) + 1}所", parent_id=above.pk,
            )  # fmt: skip
            units.append(unit)
        for name, role, unit in (
            ("handler-few", "handler", units[-1]),
            ("handler-some", "handler", units[30]),
        ):
            user = w.insert(User, ref=ids.new_ref(), username=name, name=name, password="!")
            w.add(Membership, user_id=user.pk, role=role, unit_id=unit.pk, since=date(2020, 1, 1))
            district.users[name] = user
        return units

    return district, write(action, actor=OPERATOR)


def _fill(cases: int) -> None:
    from huhang.intake.actions import submit_many
    from huhang.kernel import clock
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import Write, write

    district, units = found()
    carry = Carry(district, units)
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    start = time.perf_counter()
    for first in range(0, cases, BATCH):
        count = min(BATCH, cases - first)
        age = DAYS * (1 - first / cases)
        clock.set_frozen(begin + timedelta(days=DAYS - age))

        def action(w: Write, first: int = first, count: int = count, age: float = age) -> None:
            drafts = carry.drafts(first, count)
            carry.on(w, submit_many(w, drafts), drafts, age)

        write(action, actor=PUBLIC)
        _say(f"{first + count:,} cases", start)
    clock.set_frozen(None)
    _follow(start)
    _settle()


def _follow(start: float) -> None:
    """Search index and notices as the worker makes them, each case once and not at each of its entries."""
    from huhang.cases import search
    from huhang.cases.models import Case
    from huhang.config import reactions
    from huhang.kernel.actor import WORKER
    from huhang.kernel.models import Cursor, Entry
    from huhang.kernel.write import Write, write

    keys = list(Case.objects.order_by("id").values_list("pk", flat=True))
    for first in range(0, len(keys), 5000):

        def index(w: Write, first: int = first) -> None:
            w.derived()
            search.index(keys[first : first + 5000])

        write(index, actor=WORKER)
        _say(f"search index, {first + 5000:,} cases", start)
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True)[0]
    columns = ("seq", "verb", "case_id", "recorded_at")
    for first in range(0, last, 20_000):

        def notify(w: Write, first: int = first) -> None:
            w.derived()
            entries = Entry.objects.filter(seq__gt=first, seq__lte=first + 20_000).order_by("seq")
            reactions._notify(w, list(entries.values(*columns)))
            Cursor.objects.update_or_create(
                name=reactions.CURSOR, defaults={"seq": min(last, first + 20_000)}
            )

        write(notify, actor=WORKER)
        _say(f"notices, {first + 20_000:,} entries", start)


def _settle() -> None:
    """Nothing waits in the write-ahead log."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _say(done: str, start: float) -> None:
    if os.environ.get("BENCH_SAY"):
        print(f"{time.perf_counter() - start:6.0f} s  {done}", file=sys.stderr, flush=True)


class Carry:
    """Draws reports and carries their cases on, in bulk."""

    def __init__(self, district: Any, units: list[Any]) -> None:
        from huhang.rulebook import current

        self.draw = random.Random(7)
        self.units = [u.pk for u in units]
        self.weights = [1 / (n + 2) for n in range(len(units))]
        self.weights[-1] = 2e-4  # the unit of a handler with few cases
        self.groups = [g.pk for g in district.groups.values()]
        self.book = current()

    def drafts(self, first: int, count: int) -> list[Any]:
        """``count`` reports; most name one unit, one in ten none."""
        from huhang.intake.actions import ReportDraft

        draw = self.draw
        channels = draw.choices(list(CHANNELS), list(CHANNELS.values()), k=count)
        kinds = draw.choices(list(KINDS), list(KINDS.values()), k=count)
        named = draw.choices(self.units, self.weights, k=count)
        return [
            ReportDraft(
                channel, {"text": vocabulary.text(draw)}, kind=kind,
                units=(unit,) if draw.random() < 0.9 else (),
                source="hotline" if channel == "hotline_file" else "",
                number=f"HL{n:08d}" if channel == "hotline_file" else None,
                content_hash=b"%032d" % n if channel == "hotline_file" else None,
            )
            for n, channel, kind, unit in zip(range(first, first + count), channels, kinds, named, strict=True)
        ]  # fmt: skip

    def on(self, w: Any, filed: list[Any], drafts: list[Any], age: float) -> None:
        """The verbs on cases that this action has just filed: their rows still wait to be written."""
        from huhang.cases.models import Case, Party
        from huhang.kernel.rows import shape

        cases, parties = Rows(shape(Case)), Rows(shape(Party))
        rows = {cases.of(row, "id"): row for row in cases.widened(w)}
        named: dict[int, list[Any]] = {}
        for row in parties.widened(w):
            named.setdefault(parties.of(row, "case_id"), []).append(row)
        states = self.draw.choices(list(STATES), list(STATES.values()), k=len(filed))
        for one, draft, state in zip(filed, drafts, states, strict=True):
            if age > OPEN_DAYS and state not in _ENDS and self.draw.random() > 0.005:
                state = "closed"
            case = rows[one.case_id], named.get(one.case_id, [])
            self._case(w, cases, parties, *case, draft, state)

    def _case(self, w: Any, cases: Rows, parties: Rows, row: Any, named: list[Any], draft: Any,
              state: str) -> None:  # fmt: skip
        from huhang.cases.models import Clock, Party

        key = cases.of(row, "id")
        rule = self.book.natures[cases.of(row, "nature")].clock.id

        def verb(name: str, to: str, **changes: Any) -> Any:
            entry = w.entry(name, case_id=key, to=to, rule=rule, rule_version=self.book.version)
            entry.tell({"from": cases.of(row, "state")})
            changes |= {"state": to, "version": cases.of(row, "version") + 1}
            cases.change(row, changes)
            entry.rows[f"{cases.form.label}/{key}"] = cases.form.changed(changes)[0]
            return entry

        if state == "received":
            return
        if state in _TO:
            verb(_TO[state], state)
            return
        due = w.now.date() + timedelta(days=self.draw.choice((7, 15, 21, 60)))
        behaviour = self.draw.choice(list(self.book.behaviours)) if draft.kind != "demand" else ""
        entry = verb("accept", "accepted", accepted_at=w.now, due_on=due, behaviour=behaviour)
        accused = draft.kind == "clue"
        said = {"provisional": False, **({} if accused else {"relation": "responsible"})}
        for party in named:
            parties.change(party, said)
            label = f"{parties.form.label}/{parties.of(party, 'id')}"
            entry.rows[label] = parties.form.changed(said)[0]
        w.add(Clock, case_id=key, rule=rule, rule_version=self.book.version,
              started_on=w.now.date(), due_on=due)  # fmt: skip
        if state == "accepted":
            return
        verb("assign", "assigned")
        if accused or not named:
            w.add(
                Party, case_id=key, relation="responsible", group_id=self.draw.choice(self.groups)
            )
        if state == "closed":
            stopped = min(due + timedelta(days=self.draw.randint(-6, 3)), date.today())  # noqa: DTZ011
            verb("close", "closed", stopped_on=stopped, finding="substantiated",
                 closed_at=min(w.now + timedelta(days=10), datetime.now(UTC)), governed=next(iter(self.book.govern_forms)),
                 rating=self.draw.randint(1, 5))  # fmt: skip
        elif state != "assigned":
            verb("note", state)


class Rows:
    """Rows of a table that wait to be written, by the names of their columns."""

    def __init__(self, form: Any) -> None:
        self.form = form
        self.place = {name: n for n, name in enumerate(form.names)}
        self.writers = dict(form.timed)

    def widened(self, w: Any) -> list[list[Any]]:
        """The rows of this table, from now on with all their columns, so that each can be changed."""
        whole = self.form.whole
        for plan in [p for p in w.waiting if p.form is self.form and p is not whole]:
            for row in w.waiting.pop(plan):
                known = plan.held | dict(zip(plan.names, row, strict=True))
                w.waiting[whole].append([known[name] for name in self.form.names])
        return w.waiting[whole]

    def of(self, row: list[Any], name: str) -> Any:
        """A column's value."""
        return row[self.place[name]]

    def change(self, row: list[Any], values: dict[str, Any]) -> None:
        """Set columns."""
        for name, value in values.items():
            place = self.place[name]
            write = self.writers.get(place)
            row[place] = write(value) if write and value is not None else value


_ENDS = ("closed", "declined", "transferred", "kept")
_TO = {"declined": "decline", "transferred": "transfer_out", "kept": "keep"}
