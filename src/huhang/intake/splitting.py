"""Splitting off a part of a report that tells of several matters: it becomes a case of its own.

Nothing of the first case changes: neither its entries nor its version tell whoever handles it, for
they may be whom the part accuses.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.utils.translation import gettext as _

from huhang.cases import flow, recusing, splits
from huhang.cases.models import Case, Report
from huhang.cases.queries import access_case, case_ids_of, payload_value, standings
from huhang.cases.splits import Split
from huhang.intake import clerk
from huhang.intake.actions import access_report, open_once, submit
from huhang.intake.filing import Filed
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write

MOST = 20
"""So many parts are split off one report at most: more is a slip of a program."""
WHO = frozenset({"intake", "leader"})


def may_split(actor: Actor, case: Case) -> bool:
    """Whether a part can be split off: by the intake office and leaders, as long as nothing is found."""
    open_still = case.state in flow.OPEN_STATES and not case.finding
    return open_still and bool(standings(actor, case) & WHO)


def report_of(actor: Actor, ref: str, report_ref: str) -> Report:
    """The report of a case off which ``actor`` may split a part. Raises ``Missing``, ``NotAllowed``."""
    case = access_case(actor, ref)
    if not may_split(actor, case):
        raise NotAllowed(
            _("The intake office or a leader splits off a part, before there is a finding.")
        )
    return access_report(case, report_ref)


def split(w: Write, ref: str, report_ref: str, part: clerk.Written, token: str) -> Filed:
    """Open the case of the part: with the reporter's contact and anonymity, the channel and the days of
    the whole, and what is written of kind, words and those named. ``token``: the same gives the same
    case, and opens nothing.

    Raises ``Missing`` (no such case or report, or hidden), ``NotAllowed``, ``Refused``.
    """
    whole = report_of(w.actor, ref, report_ref)
    if whole.splits.count() >= MOST:
        raise Refused(_("%(most)d parts were split off this report already.") % {"most": MOST})
    draft = replace(
        clerk.draft_of(part, w.actor),
        channel=whole.channel,
        contact=payload_value(whole.contact),
        anonymous=whole.anonymous,
        language=whole.language,
        site=whole.site,
        occurred_on=part.occurred_on or whole.occurred_on,
        reported_at=whole.reported_at,
        minor=part.minor or whole.case.minor,
        login_hash=_mark(token),
    )
    filed = submit(w, draft)
    w.insert(Split, part_id=filed.report_id, whole_id=whole.pk)
    recusing.carry_over(w, case_ids_of(whole.case), filed.case_id)
    return filed


def split_once(ref: str, report_ref: str, part: clerk.Written, token: str, *, actor: Actor) -> str:
    """Split it off, committed; the reference of the new case. The same token again gives the same."""
    report_of(actor, ref, report_ref)
    return open_once(_mark(token), lambda w: split(w, ref, report_ref, part, token), actor=actor)


def _mark(token: str) -> bytes:
    """What stands where other reports have the hash of their code: nobody comes back with it."""
    return hashlib.sha256(b"huhang split " + token.encode("ascii")).digest()


def parts_of(report: Report) -> list[Report]:
    """What was split off a report, and off those parts, oldest first: for its reporter, who has one
    code for all."""
    ids = splits.together({report.pk}) - {report.pk}
    return list(Report.objects.filter(pk__in=ids).select_related("case").order_by("pk"))
