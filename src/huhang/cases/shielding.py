"""Cases about somebody under age: no search finds their words, and nothing of them is published."""

from __future__ import annotations

from typing import Any

from huhang.cases.disclosing import take_back
from huhang.cases.models import Case
from huhang.cases.queries import case_ids_of
from huhang.kernel.draft import Draft
from huhang.kernel.write import Write


def shield(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Mark the case and those merged into it."""
    return _mark(w, case, minor=True)


def unshield(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Take the mark off: the reason stands in the note."""
    return _mark(w, case, minor=False)


def join(w: Write, case: Case, into: Case) -> None:
    """What is merged is about one matter: the mark of either is the mark of both."""
    if case.minor or into.minor:
        w.update(into, **_mark(w, into, minor=True))
        w.update(case, **_mark(w, case, minor=True))


def _mark(w: Write, case: Case, *, minor: bool) -> dict[str, Any]:
    cases = case_ids_of(case)
    if minor:
        take_back(w, cases)
    for merged in Case.objects.filter(pk__in=cases).exclude(pk=case.pk):
        w.update(merged, minor=minor)
    return {"minor": minor}
