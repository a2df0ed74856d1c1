"""The rows of an ombudsman's inquiry, and the acknowledgement of the EU's whistleblower directive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

INQUIRY = ("inquiry",)
ACKNOWLEDGING = ("inquiry", "reporting")
ASKED = ("investigating", "replied", "commented")
"""States of an inquiry in which the office may decide, or ask again."""


def rows(row: Callable[..., Any]) -> Iterable[Any]:
    """What ``table`` adds. ``row``: makes one of the table's rows."""
    for source in ("received", "kept", "accepted"):
        yield row(source, "acknowledge", None, "intake", when="not_acknowledged", tells="reporter",
                  flows=ACKNOWLEDGING)  # fmt: skip
    leading = "responsible supervising"
    yield row("replied", "ask_comments", "awaiting_comments", leading, when="reported",
              tells="reporter", flows=INQUIRY)  # fmt: skip
    for source in ASKED:
        yield row(
            source, "ask_reply", "awaiting_reply", leading, tells="co_handling", flows=INQUIRY
        )
        yield row(source, "offer", "proposed", leading, tells="co_handling reporter", flows=INQUIRY)
        if source != "investigating":
            yield row(source, "find", "found", leading, when="heard_if_adverse",
                      tells="intake supervising", flows=INQUIRY)  # fmt: skip
    yield row("awaiting_reply", "take_reply", "replied", f"{leading} co_handling",
              tells=leading, flows=INQUIRY)  # fmt: skip
    yield row("awaiting_comments", "take_comments", "commented", leading, flows=INQUIRY)
    yield row("proposed", "settle", "found", leading, tells="intake co_handling reporter",
              flows=INQUIRY)  # fmt: skip
    yield row("proposed", "reject", "investigating", leading, tells="co_handling", flows=INQUIRY)
    yield row("found", "recommend", "recommended", leading, when="adverse",
              tells="intake co_handling", flows=INQUIRY)  # fmt: skip
    for source in ("recommended", "followed_up"):  # accepted first, carried out later
        yield row(source, "follow_up", "followed_up", leading, tells="intake", flows=INQUIRY)
    yield row("followed_up", "feed_back", "fed_back", "intake", when="reported", clock="stop",
              tells="reporter", flows=INQUIRY)  # fmt: skip
    for source in ("found", "followed_up"):  # nobody is answered where the office began by itself
        yield row(source, "close", "closed", "intake leader", when="own", clock="stop",
                  flows=INQUIRY)  # fmt: skip
    yield row("fed_back", "close", "closed", "intake leader", flows=INQUIRY)
    for source in ("awaiting_reply", "replied", "awaiting_comments", "commented", "proposed",
                   "recommended", "followed_up"):  # fmt: skip
        yield row(source, "assign", source, "intake leader",
                  tells="responsible co_handling supervising", flows=INQUIRY)  # fmt: skip
