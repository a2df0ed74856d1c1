"""What is published of a case, and taken back."""

from __future__ import annotations

from typing import Any

from huhang.cases.models import Case, Disclosure
from huhang.kernel import ids
from huhang.kernel.draft import Draft
from huhang.kernel.write import Write


def disclose(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Publish the summary: the number that the public knows the case by stays the same."""
    values = {
        "published_at": w.now, "by": w.actor.ref, "payload": v["note_payload"], "withdrawn_at": None,
    }  # fmt: skip
    before = Disclosure.objects.filter(case=case).first()
    if before is None:
        w.insert(Disclosure, ref=ids.new_ref(), case_id=case.pk, **values)
    else:
        w.update(before, **values)
    return {}


def take_back(w: Write, case_ids: list[int]) -> None:
    """What is published of these cases no longer is."""
    for row in Disclosure.objects.filter(case_id__in=case_ids, withdrawn_at__isnull=True):
        w.update(row, withdrawn_at=w.now)


def retract(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Take the summary back."""
    take_back(w, [case.pk])
    return {}
