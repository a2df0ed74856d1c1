"""Retaliation (打击报复): whoever reported says that they suffer for it, which opens a case of its own.

Nothing of the first case changes: neither its entries nor its page tell whoever handles it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huhang.cases import recusing
from huhang.cases.models import Case, CheckBack, Party, Report, Retaliation
from huhang.cases.queries import case_ids_of, payload_value
from huhang.intake.actions import ReportDraft, login_hash, submit
from huhang.intake.filing import Filed
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write, write
from huhang.rulebook import current

MOST = 5
"""So many times it can be raised with one code: more belongs into those cases, as messages."""


def raised_with(report: Report) -> list[Retaliation]:
    """What was raised with the code of this report, oldest first."""
    return list(Retaliation.objects.filter(report=report).select_related("case").order_by("pk"))


def raise_retaliation(w: Write, report: Report, text: str, token: str) -> Filed:
    """Open the case. Every unit and person of the first one counts as accused until triage, and whoever
    withdrew from it is kept out; ``token``: the login token of a code of its own. Raises ``Refused``, ``NotAllowed``."""
    rule = current().fairness.get("retaliation")
    if rule is None:
        raise NotAllowed(_("The rulebook knows nothing of this."))
    if not text.strip():
        raise Refused(_("Say what happened to you since you reported."), field="text")
    if Retaliation.objects.filter(report=report).count() >= MOST:
        raise Refused(
            _("You have raised this %(most)d times. Open one of those reports with its code and write there.")
            % {"most": MOST},
            field="text",
        )  # fmt: skip
    units, groups, persons = _reachable(report.case)
    draft = ReportDraft(
        channel=report.channel,
        words={"text": text},
        kind=rule.kind,
        contact=payload_value(report.contact),
        anonymous=report.anonymous,
        units=units,
        groups=groups,
        persons=persons,
        language=report.language,
        login_hash=login_hash(token),
    )
    filed = submit(w, draft)
    w.insert(Retaliation, case_id=filed.case_id, origin_id=report.case_id, report_id=report.pk)
    today = clock.local_day(w.now)
    days = [today + timedelta(days=n) for n in rule.check_days]
    for day in days:
        w.insert(CheckBack, case_id=filed.case_id, due_on=day)
    w.flush()
    w.update(Case.objects.get(pk=filed.case_id), check_back_on=days[0])
    recusing.carry_over(w, report.case, filed.case_id)
    return filed


def raise_once(report: Report, text: str, token: str, *, actor: Actor) -> None:
    """Open the case, committed; the same token again gives the same case."""
    if Report.objects.filter(login_hash=login_hash(token)).exists():
        return
    try:
        write(lambda w: raise_retaliation(w, report, text, token), actor=actor)
    except IntegrityError:
        if not Report.objects.filter(login_hash=login_hash(token)).exists():
            raise


def _reachable(origin: Case) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Units, groups and persons of the first case and of those merged into it. A group that only
    supervises is left out: it watches over them."""
    cases = case_ids_of(origin)
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
