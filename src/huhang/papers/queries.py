"""The papers that a case offers, and the numbers that somebody may know of."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from huhang.cases.fairness.effects import CLEARED
from huhang.cases.models import Case, Clearing
from huhang.cases.queries import access_case, gate, standings
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.papers import rules
from huhang.papers.models import Number
from huhang.rulebook import PaperRule, current

ISSUERS = frozenset({"intake", "leader", "operator"})


@dataclass(frozen=True)
class Offer:
    """A paper on a case's page: its numbers that hold, and whether one more may be given."""

    rule: PaperRule
    numbers: tuple[Number, ...]
    may_issue: bool
    may_void: bool


def facts_of(case: Case) -> rules.Facts:
    """What the conditions look at, from a case."""
    cleared = (
        Clearing.objects.filter(case=case, reason="").count() if case.clearing == CLEARED else 0
    )
    return rules.Facts(
        case.state, case.accepted_at is not None, case.urged, case.finding, case.governed, cleared
    )


def paper_rule(case: Case, key: str) -> PaperRule:
    """The paper of this key as the case offers it now. Raises ``Missing``."""
    facts = facts_of(case)
    found = {r.id: r for r in current().papers.values() if rules.offered(r, facts)}
    if key not in found:
        raise Missing(
            _("This case has no such paper now; it has: %(names)s") % {"names": ", ".join(found)}
        )
    return found[key]


def numbers_of(case: Case, rule: PaperRule) -> list[Number]:
    """The numbers that this paper bears and that were not voided, oldest first."""
    paper = rule.number_of or rule.id
    return list(
        Number.objects.filter(case=case, paper=paper, voided_at__isnull=True).order_by("id")
    )


def offers(actor: Actor, case: Case) -> list[Offer]:
    """The papers that the case offers now, in the rulebook's order."""
    facts = facts_of(case)
    may = bool(standings(actor, case) & ISSUERS)
    live: dict[str, list[Number]] = {}
    for number in Number.objects.filter(case=case, voided_at__isnull=True).order_by("id"):
        live.setdefault(number.paper, []).append(number)
    found = []
    for rule in current().papers.values():
        if not rules.offered(rule, facts):
            continue
        numbers = tuple(live.get(rule.number_of or rule.id, ()))
        more = may and rules.may_number(rule, facts, len(numbers))
        found.append(Offer(rule, numbers, more, may and not rule.number_of))
    return found


def access_offer(actor: Actor, ref: str, paper: str) -> Offer:
    """A paper of a case that may get a number now, by this person. Raises ``Missing``, ``NotAllowed``
    and ``Refused`` (it has all it may)."""
    case = access_case(actor, ref)
    rule = paper_rule(case, paper)
    if not standings(actor, case) & ISSUERS:
        raise NotAllowed(_("Only the intake office or a leader may do this."))
    found = next(o for o in offers(actor, case) if o.rule.id == rule.id)
    if not found.may_issue:
        raise Refused(_("This paper gets no further number now."))
    return found


def visible_numbers(actor: Actor) -> QuerySet[Number]:
    """The numbers of the cases that ``actor`` may know of: the same gate."""
    may = gate(actor, "case_id", "case__state")
    if may is None:
        return Number.objects.none()
    return Number.objects.filter(may).select_related("case")


def listed(actor: Actor, series: str, year: int) -> QuerySet[Number]:
    """A year of a series: what is counted first, latest on top, voids kept in their place."""
    return visible_numbers(actor).filter(series=series, year=year).order_by(
        F("number").desc(nulls_last=True), "-id"
    )  # fmt: skip


def years(actor: Actor) -> list[int]:
    """The years that have numbers, latest first."""
    found = visible_numbers(actor).values_list("year", flat=True).distinct().order_by("-year")
    return list(found)


def series_with_numbers(actor: Actor) -> list[str]:
    """The series that have numbers, those that the rulebook no longer has included."""
    return sorted(set(visible_numbers(actor).values_list("series", flat=True).distinct()))


def access_number(actor: Actor, ref: str, *, lock: bool = False) -> tuple[Case, Number]:
    """A number and its case. Raises ``Missing`` when it is not there or hidden: the same."""
    number = visible_numbers(actor).filter(ref=ref[:12]).first()
    if number is None:
        raise Missing(_("There is no such number."))
    case = access_case(actor, number.case.ref, lock=lock)
    return case, Number.objects.get(pk=number.pk)
