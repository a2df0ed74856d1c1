"""Which handed-over reports suggest a matter of discipline: shown to triage, never decided.

What a hotline or the petition office hands over can hold matters that belong to the discipline organ
(R-XF-02). Words of the rulebook's list suggest that; whoever triages reads and decides. The hint is of
a case before triage, of nobody who reported it, and no number: it is there or not.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from huhang.cases.models import Case, Hint, Report
from huhang.cases.queries import UNTRIAGED, public_natures
from huhang.cases.search import normal
from huhang.kernel.models import Payload
from huhang.rulebook import current


def words_in(texts: Iterable[str]) -> list[str]:
    """The words of the rulebook's list that stand in these texts, in the list's order."""
    listed = current().discipline_words
    if listed is None:
        return []
    plain = [normal(text) for text in texts]
    return [word for word in listed.words if any(normal(word) in text for text in plain)]


def of(case: Case) -> list[str]:
    """The words that suggest a matter of discipline in this case; none once triage has spoken."""
    return _found([case.pk]).get(case.pk, [])


def _found(case_ids: list[int]) -> dict[int, list[str]]:
    waiting = Case.objects.filter(
        pk__in=case_ids, state__in=UNTRIAGED, nature__in=public_natures()
    ).values("pk")
    # What was handed over has a source; what people told here, they said themselves what it is about.
    payloads: dict[int | None, int] = dict(
        Report.objects.filter(case_id__in=waiting, words__isnull=False)
        .exclude(source="")
        .values_list("words", "case_id")
    )
    texts: dict[int, list[str]] = {}
    for payload in Payload.objects.filter(pk__in=[key for key in payloads if key]):
        said = orjson.loads(payload.body)
        texts.setdefault(payloads[payload.pk], []).extend(
            value for value in said.values() if isinstance(value, str)
        )
    found = {case_id: words_in(values) for case_id, values in texts.items()}
    return {case_id: words for case_id, words in found.items() if words}


def index(case_ids: Iterable[int]) -> None:
    """Note anew which of these cases have a hint. Runs inside ``kernel.write``."""
    wanted = list(case_ids)
    Hint.objects.filter(case_id__in=wanted).delete()
    Hint.objects.bulk_create([Hint(case_id=case_id) for case_id in _found(wanted)])
