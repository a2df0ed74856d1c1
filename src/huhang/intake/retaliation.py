"""Retaliation (打击报复): whoever reported says that they suffer for it, which opens a case of its own.

Nothing of the first case changes: neither its entries nor its page tell whoever handles it.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import recusing, splits
from huhang.cases.fairness.effects import begin_checks
from huhang.cases.models import Case, Party, Report, Retaliation
from huhang.cases.queries import access_case, case_ids_of, payload_value
from huhang.intake import clerk
from huhang.intake.actions import ReportDraft, access_report, login_hash, open_once, submit
from huhang.intake.filing import Filed
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write
from huhang.parties.words import language
from huhang.rulebook import current

MOST = 5
"""So many times it can be raised with one code: more belongs into those cases, as messages."""


def raised_with(report: Report) -> list[Retaliation]:
    """What was raised with the code of this report, oldest first."""
    return list(Retaliation.objects.filter(report=report).select_related("case").order_by("pk"))


def raise_retaliation(w: Write, report: Report, text: str, token: str) -> Filed:
    """Open the case, for whoever holds the report's code. ``token``: the login token of a code of its
    own. Raises ``Refused``, ``NotAllowed``."""
    if Retaliation.objects.filter(report=report).count() >= MOST:
        raise Refused(
            _("You have raised this %(most)d times. Open one of those reports with its code and write there.")
            % {"most": MOST},
            field="text",
        )  # fmt: skip
    return _open(w, report, {"text": text}, token, channel=report.channel, language=report.language)


def raise_told(w: Write, ref: str, report_ref: str, written: clerk.Written, token: str) -> Filed:
    """Open the case, for a reporter who told it a clerk. ``ref``: the first case; ``written``: the channel,
    the words, and that they were read back or what was said of the minutes.

    Raises ``Missing`` (no such case or report, or hidden), ``NotAllowed``, ``Refused``.
    """
    report = told_of(w.actor, ref, report_ref)
    clerk.check(written)
    words = {"text": written.text, **clerk.how_agreed(written)}
    return _open(
        w, report, words, token, channel=written.channel, language=language(), taken_by=w.actor.ref
    )


def told_of(actor: Actor, ref: str, report_ref: str) -> Report:
    """The report of a case whose reporter may tell this clerk of retaliation. Raises ``Missing``,
    ``NotAllowed``."""
    case = access_case(actor, ref)
    if not actor.has("intake"):
        raise NotAllowed(_("The intake office writes down what a reporter tells of retaliation."))
    return access_report(case, report_ref)


def _open(
    w: Write, report: Report, words: dict[str, str], token: str, **way: Any
) -> Filed:  # fmt: skip
    """The case of its own. Every unit and person of the first one counts as accused until triage, and
    whoever withdrew from it is kept out."""
    rule = current().fairness.get("retaliation")
    if rule is None:
        raise NotAllowed(_("The rulebook knows nothing of this."))
    if not words["text"].strip():
        raise Refused(_("Say what happened to you since you reported."), field="text")
    cases = _cases_of(report)
    units, groups, persons = _reachable(cases)
    draft = ReportDraft(
        words=words,
        kind=rule.kind,
        contact=payload_value(report.contact),
        anonymous=report.anonymous,
        units=units,
        groups=groups,
        persons=persons,
        login_hash=login_hash(token),
        **way,
    )
    filed = submit(w, draft)
    w.insert(Retaliation, case_id=filed.case_id, origin_id=report.case_id, report_id=report.pk)
    w.flush()
    if rule.check_from == "raised":
        first = begin_checks(w, filed.case_id)
        w.update(Case.objects.get(pk=filed.case_id), check_back_on=first)
    recusing.carry_over(w, cases, filed.case_id)
    return filed


def raise_told_once(
    ref: str, report_ref: str, written: clerk.Written, token: str, *, actor: Actor
) -> str:
    """Open the case that a clerk was told of, committed; the reference of it. The same token again
    gives the same case."""
    told_of(actor, ref, report_ref)
    return open_once(
        login_hash(token), lambda w: raise_told(w, ref, report_ref, written, token), actor=actor
    )


def raise_once(report: Report, text: str, token: str, *, actor: Actor) -> None:
    """Open the case, committed; the same token again gives the same case."""
    open_once(login_hash(token), lambda w: raise_retaliation(w, report, text, token), actor=actor)


def _cases_of(report: Report) -> list[int]:
    """The first case, those merged into it, and those of other parts of what was reported."""
    found = Case.objects.filter(reports__in=splits.together({report.pk})).distinct()
    return [pk for case in found.order_by("pk") for pk in case_ids_of(case)]


def _reachable(cases: list[int]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Units, groups and persons of these cases. A group that only supervises is left out: it watches
    over them."""
    found: dict[str, dict[int, None]] = {"unit": {}, "group": {}, "person": {}}
    for unit in Case.objects.filter(pk__in=cases, unit__isnull=False).values_list(
        "unit", flat=True
    ):
        found["unit"][unit] = None
    parties = Party.objects.filter(case__in=cases).exclude(
        relation__in=("reporter", "supervising", recusing.RECUSED)
    )
    for party in parties.order_by("pk"):
        for kind, keys in found.items():
            if key := getattr(party, f"{kind}_id"):
                keys[key] = None
    return tuple(found["unit"]), tuple(found["group"]), tuple(found["person"])
