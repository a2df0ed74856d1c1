"""Erasing what was said in a case. A mark stays in the place of a report's number."""

from __future__ import annotations

from typing import Any

from django.utils.crypto import salted_hmac

from huhang.cases import search
from huhang.cases.disclosing import take_back
from huhang.cases.models import Attachment, Case, Report
from huhang.cases.queries import case_ids_of
from huhang.kernel import files, scratch
from huhang.kernel.draft import Draft
from huhang.kernel.models import Entry, Payload
from huhang.kernel.overwrite import overwrite_deleted
from huhang.kernel.write import Write

ERASED = "~erased~"
ERASING = ("erase", "seal_forward")
"""Verbs after which nothing of the words may be left anywhere."""


def erased_number(source: str, number: str) -> str:
    """What stands for a number after erasure: only this server can tell that a row has it."""
    if number.startswith(ERASED):
        return number
    return ERASED + salted_hmac(ERASED, f"{source}|{number}", algorithm="sha256").hexdigest()[:40]


def has_erased(source: str) -> bool:
    """Whether a report of this source was erased."""
    after = ERASED[:-1] + chr(ord(ERASED[-1]) + 1)
    return Report.objects.filter(source=source, number__gte=ERASED, number__lt=after).exists()


def erase(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Delete what was said: payloads and blinds, files, title, names, and the search index.

    A mark stays in the place of a number, so that no hand-over brings the words back.
    """
    cases = case_ids_of(case)
    seqs = set(_entries_of(cases))
    payloads = list(Payload.objects.filter(seq__in=seqs))
    entry.tell({"erases": [str(p.pk) for p in payloads]})
    for attachment in Attachment.objects.filter(report__case_id__in=cases):
        w.update(attachment, name="")
    for report in Report.objects.filter(case_id__in=cases).exclude(number=None):
        mark = erased_number(report.source, report.number or "")
        w.update(report, number=mark, content_hash=None)
    take_back(w, cases)
    for merged in Case.objects.filter(pk__in=cases).exclude(pk=case.pk):
        w.update(merged, title="")
    Payload.objects.filter(pk__in=[p.pk for p in payloads]).delete()
    copies = Attachment.objects.filter(report__case_id__in=cases).values_list("copy", flat=True)
    names = [n for n in [*(p.path for p in payloads), *copies] if n]
    w.after_commit(lambda: files.remove(names))
    w.after_commit(overwrite_deleted)
    w.after_commit(scratch.sweep)
    search.forget(cases)
    return {"title": ""}


def _entries_of(case_ids: list[int]) -> list[int]:
    return list(Entry.objects.filter(case_id__in=case_ids).values_list("seq", flat=True))
