"""What the servers may say in their logs: which page failed and where in the code, never its content.

An exception's message can hold what somebody typed (a database names the value of a broken rule),
and a path can hold a reference or an invitation; neither is written.
"""

from __future__ import annotations

import logging
import time
import traceback
from types import TracebackType
from typing import Any


class Discreet(logging.Formatter):
    """Time (UTC), level, name; for a request its view's name; for an exception its kind and frames."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        if record.name.startswith("django") and getattr(record, "request", None) is not None:
            request: Any = record.request  # type: ignore[attr-defined]
            match = getattr(request, "resolver_match", None)
            place = match.view_name if match else "no page"
            record = logging.makeLogRecord(record.__dict__)
            record.msg = "%s %s %s"
            record.args = (
                getattr(request, "method", ""),
                place,
                getattr(record, "status_code", ""),
            )
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Where it happened and of which kind it is."""
        kind, _error, trace = ei
        lines = [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
        return "\n".join([*lines, f"  {kind.__name__ if kind else ''}"])
