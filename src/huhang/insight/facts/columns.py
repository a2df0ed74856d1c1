"""The columns of a fact row: what a rulebook's figures may ask of a case."""

from __future__ import annotations

SCHEMA = 5
"""Raised when the columns or their meaning change: facts of another number are made anew."""

CASE: dict[str, str] = {
    "kind": "VARCHAR", "nature": "VARCHAR", "state": "VARCHAR", "behaviour": "VARCHAR",
    "channel": "VARCHAR", "unit_id": "BIGINT", "received_at": "TIMESTAMP", "accepted_at": "TIMESTAMP",
    "closed_at": "TIMESTAMP", "due_on": "DATE", "stopped_on": "DATE", "finding": "VARCHAR",
    "rating": "UTINYINT", "governed": "VARCHAR", "urged": "USMALLINT", "extensions": "USMALLINT",
    "reopened": "USMALLINT", "sent_back": "USMALLINT", "clearing": "VARCHAR", "tolerated": "USMALLINT",
    "outcome": "VARCHAR",
}  # fmt: skip
"""Columns of a case as they stand in the log; moments are in UTC."""

LOOP: dict[str, str] = {
    "accept": "accepted", "assign": "assigned", "find": "found", "submit": "submitted",
    "verify": "verified", "feed_back": "fed_back", "govern": "governed", "close": "closed",
}  # fmt: skip
"""Verb -> step of the loop, in its order."""

STEPS = {**LOOP, "file": "filed", "recommend": "recommended"}
"""Verb -> step; a fact holds the day on which each step was first made."""

DERIVED: dict[str, str] = {
    "received_on": "DATE", "reported_on": "DATE", "closed_on": "DATE",
    **{f"first_{step}_on": "DATE" for step in STEPS.values()},
    "fed_back_at": "TIMESTAMP", "reports": "UINTEGER", "recurred": "USMALLINT",
}  # fmt: skip
"""Days are the office's. ``fed_back_at``: the first answer; ``recurred``: reopened because it came back."""

GATE: dict[str, str] = {
    "excluded_units": "BIGINT[]", "excluded_groups": "BIGINT[]", "excluded_persons": "BIGINT[]",
    "serving_units": "BIGINT[]", "serving_groups": "BIGINT[]",
}  # fmt: skip
"""Whom the gate keeps out (accused units and groups, persons who are named or withdrew), and who
handles or supervises."""

KEPT: dict[str, str] = {
    "party_rows": "STRUCT(id BIGINT, relation VARCHAR, unit_id BIGINT, group_id BIGINT, person_id BIGINT)[]",
    "report_rows": "STRUCT(id BIGINT, reported_at VARCHAR)[]",
}
"""What the next entry of a case may change: read only to go on."""

COLUMNS: dict[str, str] = {"case_id": "BIGINT", **CASE, **DERIVED, **GATE, **KEPT}

ASKABLE = frozenset(CASE) | frozenset(DERIVED)
"""What a rulebook's conditions and values may name."""
