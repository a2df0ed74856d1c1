"""Reading cases: the one gate, standings, parties, the timeline. Lists stand in ``asking``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.fairness.facts import facts_of
from huhang.cases.models import (
    Case,
    Clock,
    Disclosure,
    Message,
    Notice,
    Party,
    Report,
    Transfer,
)
from huhang.cases.proposing import waiting_verbs
from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.kernel.models import Entry, Payload
from huhang.rulebook import Extension, Nature, current
from huhang.rulebook.workdays import ends_on

EARLIEST, LATEST = 1900, 9000
"""Years beyond which a day limits nothing (and could not be turned into a moment)."""
READ = "read"
"""The verb of an entry that says who read a case; it changes nothing of it."""
SAID = ("note", "person", "remark", "who", "by")
"""What a verb says in words: the slots of its payloads."""
UNTRIAGED = ("received", "kept")
BEFORE_ASSIGNMENT = ("received", "kept", "merged", "accepted")


def excluded_cases(actor: Actor) -> QuerySet[Party] | None:
    """The parties that exclude ``actor``; None when nothing could: those by which their unit or group
    is accused, and all that name them in person (accused, mentioned, or withdrawn from the case)."""
    clauses = Q()
    if actor.excluded_units:
        clauses |= Q(unit_id__in=actor.excluded_units, relation="accused")
    if actor.excluded_groups:
        clauses |= Q(group_id__in=actor.excluded_groups, relation="accused")
    if actor.excluded_persons:
        clauses |= Q(person_id__in=actor.excluded_persons)
    return Party.objects.filter(clauses) if clauses else None


def part_in(actor: Actor, unit: str = "unit_id", group: str = "group_id") -> Q | None:
    """The parties by which a user sees a case: none, where nothing lets them; None: they see all
    from which nothing excludes them. ``unit``, ``group``: what their ids are called in the query."""
    if actor.kind != "user" or actor.has("intake") or actor.has("leader"):
        return None
    mine = Q()
    if actor.has("handler") and actor.units:
        mine |= Q(relation__in=("responsible", "co_handling"), **{f"{unit}__in": actor.units})
    if actor.has("supervisor") and actor.groups:
        mine |= Q(relation__in=("responsible", "supervising"), **{f"{group}__in": actor.groups})
    return mine


def gate(actor: Actor, key: str = "pk", state: str = "state") -> Q | None:
    """What ``actor`` may know of, as a condition on rows with a case's id and state; None: nothing.

    Until triage every unit and person that a report names is accused (a provisional party).
    """
    if actor.kind == "worker":
        return Q()
    kept = ~Q(**{state: flow.SEALED})
    if actor.kind == "operator":
        return kept
    if actor.kind == "reporter":
        return Q(**{key: actor.case_id})
    if actor.kind != "user":
        return None
    may = kept
    # In words that no index of units serves: of a case its few parties are looked at.
    mine = part_in(actor, "at", "with_group")
    if mine is not None:
        if not mine:
            return None
        parties = Party.objects.alias(at=F("unit_id") + 0, with_group=F("group_id") + 0)
        may &= Q(Exists(parties.filter(mine, case_id=OuterRef(key))))
        may &= ~Q(**{f"{state}__in": BEFORE_ASSIGNMENT})
        if actor.teams:  # what they see by a joint team alone, they see while the case is open
            lasting = replace(actor, groups=actor.groups - actor.teams)
            others = part_in(lasting, "at", "with_group")
            still = Q(**{f"{state}__in": flow.OPEN_STATES})
            if others:
                still |= Q(Exists(parties.filter(others, case_id=OuterRef(key))))
            may &= still
    accused = excluded_cases(actor)
    if accused is not None:
        may &= ~Q(Exists(accused.filter(case_id=OuterRef(key))))
    return may


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases that ``actor`` may know of: the only way to a list, a count or a figure."""
    may = gate(actor)
    return Case.objects.none() if may is None else Case.objects.filter(may)


def access_case(actor: Actor, ref: str, *, lock: bool = False) -> Case:
    """The case with this reference, its row held until the commit with ``lock``.

    Raises ``Missing`` when it is not there or hidden: the same.
    """
    try:
        normal = ids.read_ref(ref)
    except ValueError:
        normal = ref[:12]
    cases = visible_to(actor).filter(ref=normal)
    case = (cases.select_for_update(of=("self",)) if lock else cases).first()
    if case is None:
        raise Missing(_("There is no such case."))
    return case


def sees(actor: Actor, case: Case) -> bool:
    """Whether ``actor`` may know of this case."""
    return visible_to(actor).filter(pk=case.pk).exists()


def standings(actor: Actor, case: Case, parties: Iterable[Party] | None = None) -> frozenset[str]:
    """How ``actor`` stands to a case that they may see: the ``who`` of the transition table."""
    if actor.kind == "operator":
        return frozenset({"operator"})
    if actor.kind == "reporter":
        return frozenset({"reporter"}) if actor.case_id == case.pk else frozenset()
    found = {r for r in ("intake", "leader") if actor.has(r)}
    for party in case.parties.all() if parties is None else parties:
        if (
            actor.has("handler")
            and party.relation in ("responsible", "co_handling")
            and party.unit_id in actor.units
        ):
            found.add(party.relation)
        if (
            actor.has("supervisor")
            and party.relation in ("responsible", "supervising")
            and party.group_id in actor.groups
        ):
            found.add(party.relation)
    return frozenset(found)


def facts(actor: Actor, case: Case, parties: Iterable[Party] | None = None) -> dict[str, Any]:
    """What the guards of the transition table look at."""
    nature = current().natures[case.nature]
    return {
        "finding": case.finding,
        "heard": case.heard,
        "hearing_required": nature.hearing_required,
        "rating": case.rating,
        "acknowledged": case.acknowledged_at is not None,
        "own": case.kind in current().office_kinds,
        "extensions": case.extensions,
        "extension": lambda: _extension(case, nature),
        "paused": lambda: running_clocks(case).filter(paused_on__isnull=False).exists(),
        "pauses": nature.pauses,
        "leads": actor.has("leader"),
        "natures": len(current().natures_of(case.kind)),
        "submitted_by": case.submitted_by,
        "sweeps": current().sweep is not None,
        "actor": actor.ref,
        "confidential": case.nature not in public_natures(),
        "minor": case.minor,
        "today": clock.today(),
        "returned": case.returned,
        "return_times": getattr(current().wrong_unit, "times", 0),
        "return_until": lambda: return_until(case),
        "sent_up": current().sent_up is not None,
        "unsigned": lambda: _out(case).filter(signed_on__isnull=True).exists(),
        "unanswered": lambda: _out(case).exists(),
        "accused": lambda: any(
            p.relation == "accused" for p in (case.parties.all() if parties is None else parties)
        ),
        "published": lambda: disclosure_of(case) is not None,
        **facts_of(case),
    }


def return_until(case: Case) -> date | None:
    """Until which day an assignment can be returned; None where nothing lets it be."""
    book = current()
    if book.wrong_unit is None or case.assigned_on is None:
        return None
    return ends_on(case.assigned_on, book.wrong_unit.term.limit, book).date


def _out(case: Case) -> QuerySet[Transfer]:
    """The transfer of the case that nobody answered, and that was not taken back."""
    return Transfer.objects.filter(case=case, answered_on__isnull=True, ended_on__isnull=True)


def running_clocks(case: Case) -> QuerySet[Clock]:
    """The duties of the case that are not met yet."""
    return Clock.objects.filter(case=case, stopped_on__isnull=True).order_by("id")


def _extension(case: Case, nature: Nature) -> Extension | None:
    """How the duty can be extended that allows it and runs now."""
    for rule in nature.clocks:
        if rule.extension and running_clocks(case).filter(rule=rule.id).exists():
            return rule.extension
    return None


def flow_of(case: Case) -> str:
    """The course that the case takes: its nature's."""
    return current().natures[case.nature].flow


def used() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The states and the verbs of the flows that the rulebook's natures choose."""
    return flow.used(frozenset(n.flow for n in current().natures.values()))


def public_natures() -> tuple[str, ...]:
    """The natures of which something may be published: those that accuse nobody whom they name."""
    return tuple(k for k, n in current().natures.items() if n.relation_of_named == "responsible")


def public_kinds() -> tuple[str, ...]:
    """The kinds of those natures."""
    return tuple(dict.fromkeys(current().natures[k].kind for k in public_natures()))


def is_confidential(case: Case) -> bool:
    """Whether a case accuses somebody, or one merged into it does, or its nature does."""
    if case.nature not in public_natures():
        return True
    return Party.objects.filter(case__in=case_ids_of(case), relation="accused").exists()


def disclosure_of(case: Case) -> Disclosure | None:
    """What of the case is published now."""
    found: Disclosure | None = getattr(case, "disclosure", None)
    return found if found is not None and found.withdrawn_at is None else None


def published() -> QuerySet[Disclosure]:
    """What anybody may know: what a verb has published, nobody accused in its case nor under age."""
    accused = Party.objects.filter(case_id=OuterRef("case_id"), relation="accused")
    return Disclosure.objects.filter(
        ~Exists(accused),
        withdrawn_at__isnull=True,
        case__minor=False,
        case__nature__in=public_natures(),
        case__state__in=flow.PUBLIC_STATES,
    ).select_related("case__unit")


def verbs_for(actor: Actor, case: Case, parties: Iterable[Party] | None = None) -> list[str]:
    """The verbs that ``actor`` may do on ``case`` now: the buttons."""
    known = list(case.parties.all() if parties is None else parties)
    held, told = standings(actor, case, known), facts(actor, case, known)
    waiting = waiting_verbs(case)
    return [v for v in flow.allowed(flow_of(case), case.state, held, told) if v not in waiting]


def parties_of(cases: Iterable[Case]) -> dict[int, list[Party]]:
    """The parties of these cases, by case."""
    cases = list(cases)
    found: dict[int, list[Party]] = {c.pk: [] for c in cases}
    for party in (
        Party.objects.filter(case__in=cases).select_related("unit", "group").order_by("pk")
    ):
        found[party.case_id].append(party)
    return found


def case_ids_of(case: Case) -> list[int]:
    """The case and those merged into it."""
    found = [case.pk]
    waiting = [case.pk]
    while waiting:
        more = list(Case.objects.filter(merged_into__in=waiting).values_list("pk", flat=True))
        waiting = [m for m in more if m not in found]
        found.extend(waiting)
    return found


def unanswered(cases: Iterable[Case]) -> set[int]:
    """The ids of those cases in which the last message is the reporter's."""
    last: dict[int, bool] = dict(
        Message.objects.filter(report__case__in=list(cases))
        .order_by("sent_at", "pk")
        .values_list("report__case_id", "from_reporter")
    )
    return {case_id for case_id, from_reporter in last.items() if from_reporter}


def timeline(case: Case) -> list[dict[str, Any]]:
    """The entries of the case and of those merged into it, oldest first, with their notes; not who
    read it (see ``cases.reads``).

    Each: seq, verb, actor, recorded_at, head (the manifest's codes), rows (what it wrote, by table
    and key), note (text or None), said (what else was said: person, remark), erased.
    """
    entries = list(
        Entry.objects.filter(case_id__in=case_ids_of(case)).exclude(verb=READ).order_by("seq")
    )
    words: dict[int, dict[str, str | None]] = {}
    for p in Payload.objects.filter(seq__in=[e.seq for e in entries], slot__in=SAID):
        words.setdefault(p.seq, {})[p.slot] = orjson.loads(p.body).get("text") if p.body else None
    found = []
    for entry in entries:
        manifest = orjson.loads(entry.manifest)
        promised = any(slot == "note" for _i, slot, _m in manifest.get("payloads", []))
        said = words.get(entry.seq, {})
        head = {
            k: v for k, v in manifest.items() if k not in ("rows", "payloads", "v", "recorded_at")
        }
        found.append(
            {
                "seq": entry.seq,
                "verb": entry.verb,
                "actor": entry.actor,
                "recorded_at": entry.recorded_at,
                "head": head,
                "rows": manifest["rows"],
                "note": said.get("note"),
                "said": {slot: said[slot] for slot in SAID[1:] if said.get(slot)},
                "erased": promised and "note" not in said,
            }
        )
    return found


def texts_of(payload_ids: Iterable[int | None]) -> dict[int, str]:
    """The texts of these payloads, read at once; not of those that were erased."""
    wanted = {key for key in payload_ids if key is not None}
    found = Payload.objects.filter(pk__in=wanted).exclude(body="").values_list("id", "body")
    return {key: text for key, body in found if (text := orjson.loads(body).get("text"))}


def entry_of(report: Report) -> int | None:
    """The number of the entry that took this report in."""
    named = f'"{Report._meta.label_lower}/{report.pk}":'
    found = Entry.objects.filter(recorded_at=report.recorded_at, manifest__contains=named)
    return found.order_by("seq").values_list("seq", flat=True).first()


def payload_value(payload_id: int | None) -> dict[str, Any] | None:
    """A payload's JSON value; None when there is none or it was erased."""
    if payload_id is None:
        return None
    payload = Payload.objects.filter(pk=payload_id).first()
    return orjson.loads(payload.body) if payload is not None and payload.body else None


def reports_of(case: Case) -> list[Report]:
    """The reports that the case carries, oldest first."""
    return list(
        Report.objects.filter(case=case).prefetch_related("attachments", "messages").order_by("id")
    )


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """What the table, or an approval, tells this actor, newest first, of cases that they may see."""
    may = gate(actor, "case_id", "case__state")
    if may is None or actor.kind != "user":
        return Notice.objects.none()
    told = Q(told__in=[*(r for r in ("intake", "leader") if actor.has(r)), *actor.posts, actor.ref])
    for relation in ("responsible", "co_handling", "supervising"):
        parties = Q()
        if actor.has("handler") and actor.units:
            parties |= Q(unit_id__in=actor.units)
        if actor.has("supervisor") and actor.groups:
            parties |= Q(group_id__in=actor.groups)
        if parties:
            mine = Party.objects.filter(parties, relation=relation).values("case_id")
            told |= Q(told=relation, case_id__in=mine)
    return Notice.objects.filter(may & told).select_related("case").order_by("-seq", "-id")


def may_see_contact(actor: Actor, case: Case, parties: Iterable[Party] | None = None) -> bool:
    """Whether a reporter's name and telephone are shown: intake and the supervising group always,
    the responsible only for kinds that cannot be met without asking back (``contact_kinds``)."""
    held = standings(actor, case, parties)
    return bool(held & {"intake", "supervising"}) or (
        "responsible" in held and case.kind in current().contact_kinds
    )
