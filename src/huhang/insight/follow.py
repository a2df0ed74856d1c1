"""Keeping the facts up to date: called for the cases that new entries touched."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Min
from django.db.models.functions import Coalesce

from huhang.cases.models import Case
from huhang.insight.models import CaseFact

CURSOR = "read models"
"""Name of the cursor of those who follow the log: the facts are as far as it says."""
COLUMNS = [f.attname for f in CaseFact._meta.concrete_fields if f.attname != "case_id"]


def update(case_ids: Iterable[int]) -> None:
    """Write the facts of these cases anew. Runs inside ``kernel.write``."""
    cases = Case.objects.filter(pk__in=list(case_ids)).annotate(
        reported_at=Coalesce(Min("reports__reported_at"), F("received_at"))
    )
    facts = [CaseFact(case_id=row.pop("pk"), **row) for row in cases.values("pk", *COLUMNS)]
    CaseFact.objects.bulk_create(
        facts, update_conflicts=True, update_fields=COLUMNS, unique_fields=["case_id"]
    )


def clear() -> None:
    """Empty the facts."""
    CaseFact.objects.all().delete()
