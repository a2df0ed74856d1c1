"""What a reporter can show later: the signed promise at once, the receipt once the log holds the report.

What is wrong with the log is for the operator, in the server's log: whoever reported is told that there is none
yet, and their report is kept all the same.
"""

from __future__ import annotations

import base64
import logging
from typing import Any

from huhang.cases.models import Report
from huhang.cases.queries import entry_of
from huhang.kernel.errors import HuhangError
from huhang.tlog.policy import NONE
from huhang.tlog.receipting import promise_of, receipt_of
from huhang.tlog.witnessing import witness_policy

logger = logging.getLogger("huhang.portal")
FILES = {"receipt": "receipt.tlog-proof", "promise": "huhang.promise.txt"}


def state(report: Report) -> dict[str, Any]:
    """Whether there is a receipt (``proven``), whether witnesses are asked (``watched``)."""
    try:
        return {
            "proven": bool(text_of(report, "receipt")),
            "watched": witness_policy().quorum != NONE,
        }
    except HuhangError as error:
        logger.error("portal: no receipts: %s", error)
        return {"proven": False, "watched": True}


def text_of(report: Report, what: str) -> str:
    """The ``receipt`` or the ``promise`` of a report; empty while there is none. Raises ``HuhangError``."""
    seq = entry_of(report)
    if seq is None:
        return ""
    made = promise_of(seq) if what == "promise" else receipt_of(seq)
    return str(made) if made is not None else ""


def shown(report_id: int) -> dict[str, str]:
    """The promise as the page that acknowledges shows it: its text, and an address that saves it without a
    script; nothing when none can be signed now."""
    try:
        text = text_of(Report.objects.get(pk=report_id), "promise")
    except (HuhangError, OSError) as error:
        logger.error("portal: no promise: %s", error)
        return {}
    coded = base64.b64encode(text.encode()).decode()
    return {"promise": text, "promise_url": f"data:text/plain;base64,{coded}",
            "promise_file": FILES["promise"]}  # fmt: skip
