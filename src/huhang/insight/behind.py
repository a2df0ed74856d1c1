"""The cases behind a figure: a list that is read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case as When
from django.db.models import IntegerField, Value
from django.db.models import When as Then

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.insight.facts import reader
from huhang.insight.facts.store import Facts
from huhang.kernel import clock
from huhang.kernel.actor import Actor


class CasesBehind:
    """The cases whose facts meet a condition, newest first; sliced like a list.

    Each is looked up through the gate as it stands now: one that was hidden meanwhile is left out.
    """

    def __init__(self, facts: Facts, actor: Actor, where: str) -> None:
        self.facts = facts
        self.actor = actor
        self.where = where
        self._given = {"today": clock.today()} if "$today" in where else {}

    def count(self) -> int:
        """How many there are."""
        sql = f"SELECT count(*) FROM facts WHERE {self.where}"  # noqa: S608
        ((found,),) = reader.ask(self.facts, sql, self._given)
        return int(found)

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Case]:
        return iter(self[:])

    def __getitem__(self, part: Any) -> Any:
        start = part.start or 0
        limit = "" if part.stop is None else f" LIMIT {max(part.stop - start, 0)}"
        rows = reader.ask(
            self.facts,
            f"SELECT case_id FROM facts WHERE {self.where}"  # noqa: S608
            f" ORDER BY received_at DESC, case_id DESC{limit} OFFSET {start}",
            self._given,
        )
        keys = [k for (k,) in rows]
        place = When(*(Then(pk=k, then=Value(n)) for n, k in enumerate(keys)), default=Value(-1),
                     output_field=IntegerField())  # fmt: skip
        return (
            visible_to(self.actor).filter(pk__in=keys).select_related("unit").order_by(place, "pk")
        )
