"""Undoing what happened in a world: rows, facts, and what this process remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from huhang.cases import reads
from huhang.insight import figures
from huhang.insight.charts import count
from huhang.insight.facts import store


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back, facts and memory of this process included."""
    named = store.folder() / "current.json"
    facts = named.read_bytes() if named.exists() else None
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        if facts is not None:
            named.write_bytes(facts)
        else:
            named.unlink(missing_ok=True)
        forget()


def forget() -> None:
    """What this process knows to be in the log, or counted, is of another world."""
    reads._noted.clear()
    figures._known.clear()
    count.counted.cache_clear()
