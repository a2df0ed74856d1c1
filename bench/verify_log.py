"""``log verify`` at a million entries."""

from __future__ import annotations

import time
from typing import Any

from bench.report import Result
from bench.world import carry_some, drafts

CARRIED = 500
"""So many cases go through the verbs themselves."""


def _notes(w: Any, cases: list[Any], first: int, count: int) -> None:
    """Notes as the verb leaves them (entry, words, the case's version), without its checks."""
    for n in range(first, first + count):
        case = cases[n % len(cases)]
        entry = w.entry("note", case=case, to=case.state, rule="demand-5", rule_version="1")
        entry.tell({"from": case.state})
        entry.say("note", "已电话联系")
        w.update(case, version=case.version + 1)


def _pattern(district: Any) -> dict[str, tuple[Any, Any]]:
    """Carry the first cases with the verbs themselves: by kind, what accepting left."""
    from huhang.cases.models import Case, Clock

    carry_some(district, CARRIED)
    done = Case.objects.filter(state="assigned").order_by("id")
    return {c.kind: (c, Clock.objects.get(case=c)) for c in done}


def _accept_and_assign(
    w: Any, cases: list[Any], parties: dict[int, Any], pattern: Any, group: int
) -> None:
    """Both verbs as they leave entries and rows, without their checks: 0.4 ms and not 7."""
    from huhang.cases.models import Clock, Party

    columns = ("nature", "due_on", "due_provisional", "extended_days", "extensions", "stopped_on")
    for case in cases:
        like, clock = pattern[case.kind]
        rule = {"rule": clock.rule, "rule_version": clock.rule_version}
        party = parties[case.pk]
        entry = w.entry("accept", case=case, to="accepted", kind=case.kind, **rule)
        entry.tell({"from": case.state})
        accused = case.kind == "clue"
        w.update(party, provisional=False, **({} if accused else {"relation": "responsible"}))
        w.update(case, kind=case.kind, accepted_at=w.now, state="accepted", version=case.version + 1,
                 **{n: getattr(like, n) for n in columns})  # fmt: skip
        w.add(Clock, case_id=case.pk, rule=clock.rule, rule_version=clock.rule_version,
              started_on=clock.started_on, due_on=clock.due_on)  # fmt: skip
        entry = w.entry("assign", case=case, to="assigned", **rule)
        entry.tell({"from": case.state})
        if not accused:
            w.delete(party)
            w.add(Party, case_id=case.pk, relation="mentioned", unit_id=party.unit_id)
        w.add(Party, case_id=case.pk, relation="responsible", group_id=group)
        w.update(case, state="assigned", version=case.version + 1)


def _forms(after: int, last: int) -> set[Any]:
    """What entries of the two verbs look like between two numbers: head, tables and columns."""
    import orjson

    from huhang.kernel.models import Entry

    found = Entry.objects.filter(seq__gt=after, seq__lte=last, verb__in=("accept", "assign"))
    return {
        (e.verb, m.get("kind"), *sorted(set(m) - {"rows"}),
         *sorted((k.partition("/")[0], *sorted(c or ())) for k, c in m["rows"].items()))
        for e in found for m in [orjson.loads(e.manifest)]
    }  # fmt: skip


def _carry_the_rest(district: Any, actor: Any) -> None:
    """Accept and assign four of five of all other cases, in the form that the verbs gave the first."""
    from huhang.cases.models import Case, Party
    from huhang.kernel.models import Entry
    from huhang.kernel.write import write

    pattern = _pattern(district)
    before = Entry.objects.count()
    group = district.groups["group-1"].pk
    keys = list(Case.objects.order_by("id").values_list("pk", flat=True))[CARRIED:]
    for first in range(0, len(keys), 1000):
        part = [k for n, k in enumerate(keys[first : first + 1000]) if n % 5]
        cases = list(Case.objects.filter(pk__in=part))
        parties = {p.case_id: p for p in Party.objects.filter(case_id__in=part)}
        write(
            lambda w, c=cases, p=parties: _accept_and_assign(w, c, p, pattern, group), actor=actor
        )
        if first == 0 and not _forms(before, before + 2000) <= _forms(0, before):
            raise AssertionError("the entries differ from those of the verbs")


def run(entries: int = 1_000_000) -> list[Result]:
    """A log as a district's work makes it: reports, two verbs on four of five cases, and notes."""
    from huhang.cases.models import Case
    from huhang.intake.actions import submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.models import Entry
    from huhang.kernel.write import write
    from huhang.parties.models import Unit
    from huhang.tlog.actions import tick
    from huhang.tlog.verify import verify
    from tests.cast import found_district

    district = found_district()
    units = list(Unit.objects.values_list("pk", flat=True))
    # A fifth are reports, a third accept and assign, the rest notes on cases.
    reports = entries // 5
    for first in range(0, reports, 1000):
        write(
            lambda w, first=first: submit_many(w, drafts(first, min(1000, reports - first), units)),
            actor=PUBLIC,
        )
    intake = district.actor("intake")
    _carry_the_rest(district, intake)
    cases = list(Case.objects.filter(state="assigned").order_by("id"))
    for first in range(Entry.objects.count(), entries, 1000):
        count = min(1000, entries - first)
        write(lambda w, first=first, count=count: _notes(w, cases, first, count), actor=intake)
    tick()
    start = time.perf_counter()
    verdict = verify()
    seconds = time.perf_counter() - start
    if not verdict.ok:
        raise AssertionError(verdict)
    return [
        Result(f"log verify, {verdict.entries:,} entries", seconds, "s", "under 15 s",
               seconds < 15, "one run on a warm file: leaf hashes, commitments, tree, replay of all rows")
    ]  # fmt: skip
