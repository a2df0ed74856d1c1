"""The states of a case, how somebody may stand to it, and the relations of its parties."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

STATES: dict[str, Any] = {
    "received": _("Received"),
    "kept": _("Kept for reference"),
    "accepted": _("Accepted"),
    "assigned": _("Assigned"),
    "talking": _("Talk or written inquiry"),
    "investigating": _("Under investigation"),
    "held": _("Held for now"),
    "awaiting_reply": _("The institution's reply is awaited"),
    "replied": _("The institution replied"),
    "awaiting_comments": _("The complainant's comments are awaited"),
    "commented": _("The complainant commented"),
    "proposed": _("Friendly solution proposed"),
    "found": _("Finding made"),
    "filed": _("Formally filed"),
    "recommended": _("Recommendation made"),
    "followed_up": _("Recommendation followed up"),
    "rectifying": _("Being rectified"),
    "submitted": _("Rectification submitted"),
    "verified": _("Rectification verified"),
    "fed_back": _("Fed back"),
    "governed": _("Governed"),
    "closed": _("Closed"),
    "declined": _("Declined"),
    "transferred": _("Transferred out"),
    "merged": _("Merged"),
    "sealed": _("Sealed and sent up"),
}
SEALED = "sealed"
"""What belongs to a superior organ: the case holds nothing any more and stands in no list."""
SHOWN = {state: words for state, words in STATES.items() if state != SEALED}
"""The states in which somebody may see a case."""
OPEN_STATES = tuple(
    s for s in SHOWN if s not in ("closed", "declined", "transferred", "merged", "kept")
)

PUBLIC_STATES = ("accepted", "assigned", "investigating", "found", "rectifying", "submitted", "verified",
                 "fed_back", "governed", "closed", "awaiting_reply", "replied", "awaiting_comments",
                 "commented", "proposed", "recommended", "followed_up")  # fmt: skip
"""States in which a summary may be published: triage has spoken, and it was not sent away."""

RESTING = ("kept", "held")
"""States in which nothing happens until somebody looks at the case again."""

PROGRESSING = ("assigned", "investigating", "found", "rectifying")
"""States in which whoever has a part can say how far the rectification is."""

STANDINGS: dict[str, Any] = {
    "intake": _("intake office"),
    "leader": _("leader"),
    "responsible": _("responsible"),
    "co_handling": _("co-handling"),
    "supervising": _("supervising"),
    "reporter": _("reporter"),
    "operator": _("operator"),
}

RELATIONS: dict[str, Any] = {
    "accused": _("accused"),
    "responsible": _("responsible"),
    "supervising": _("supervising"),
    "co_handling": _("co-handling"),
    "mentioned": _("mentioned"),
    "reporter": _("reporter"),
}
