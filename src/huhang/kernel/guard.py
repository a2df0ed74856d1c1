"""The guard over the write path: a changing statement outside ``kernel.write`` fails loudly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from huhang.kernel.errors import StrayWrite
from huhang.kernel.write import _state

_changes = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# Django's own bookkeeping while it migrates, and SQLite's way of altering a table.
_bookkeeping = re.compile(
    r"\s*(INSERT INTO|UPDATE|DELETE FROM) \"?(django_migrations|django_content_type|auth_permission"
    r"|new__|sqlite_sequence)",
    re.IGNORECASE,
)


@contextmanager
def unguarded() -> Iterator[None]:
    """Allow changes inside the block: data migrations, restoring a backup, and planting faults in tests."""
    before = getattr(_state, "unguarded", False)
    _state.unguarded = True
    try:
        yield
    finally:
        _state.unguarded = before


def refuse_stray_writes(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A wrapper for ``connection.execute_wrappers``."""
    if (
        not getattr(_state, "writing", False)
        and not getattr(_state, "unguarded", False)
        and _changes.match(str(sql))
        and not _bookkeeping.match(str(sql))
    ):
        raise StrayWrite(f"outside kernel.write: {str(sql)[:80]}")
    return execute(sql, params, many, context)
