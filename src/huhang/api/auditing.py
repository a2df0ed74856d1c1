"""Entries of the log for auditors: who did what when on which case, and no content."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.fields import Code
from huhang.api.operations import operation
from huhang.cases import auditing


class EntryOut(Schema):
    """One entry. ``by``: the reference of a person, or public, reporter, operator, worker."""

    at: datetime
    verb: str
    by: str
    token: str
    ref: str
    before: str
    after: str
    rule: str
    rule_version: str


class EntriesOut(Schema):
    """A page of entries; ``next``: the place of the next page, empty after the last."""

    entries: list[EntryOut]
    next: str


class Asked(Schema):
    """Days are the office's, both counted. ``sort``: -when, the newest first, or when."""

    verb: Code = ""
    by: Code = ""
    since: date | None = None
    until: date | None = None
    sort: Literal["-when", "when"] = "-when"
    place: str = Field("", max_length=40)


@operation(
    "GET", "/log/entries", scope="read", roles=("auditor",), answer=EntriesOut, tag="log"
)  # fmt: skip
def log_entries(request: HttpRequest, wanted: Query[Asked]) -> Any:
    """What was done, by whom, when and on which case; nothing of what a case is about."""
    asked = auditing.Wanted(
        verb=wanted.verb, by=wanted.by, since=wanted.since, until=wanted.until,
        oldest_first=wanted.sort == "when",
    )  # fmt: skip
    rows, following = auditing.page(actor_of(request), asked, auditing.read_place(wanted.place))
    return {"entries": rows, "next": str(following or "")}
