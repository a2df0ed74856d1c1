"""What the office and the reporters of a case write to each other."""

from __future__ import annotations

from typing import Any

from huhang.cases.models import Case, Message, Report
from huhang.kernel.draft import Draft
from huhang.kernel.write import Write


def write_message(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """A message, answer or reason that the reporters of the case can read with their codes."""
    from_reporter = w.actor.kind == "reporter"
    reports = Report.objects.filter(case=case)
    if from_reporter:
        reports = reports.filter(pk=w.actor.report_id or 0)
    for report in reports:
        w.insert(
            Message,
            report_id=report.pk,
            from_reporter=from_reporter,
            sent_at=w.now,
            payload=v["note_payload"],
        )
    return {}
