"""What the API answers of cases: the queue's rows, a case with its reports, clocks and steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema


class Word(Schema):
    """A key and its words."""

    key: str
    words: str


class Place(Schema):
    """A unit or group."""

    code: str
    name: str


class Due(Schema):
    """How a case stands to its due day. ``left``: working days, none where the calendar of its year
    is not announced. ``mark``: yellow shortly before the due day, red after it."""

    on: date | None
    provisional: bool
    stopped_on: date | None
    left: int | None
    late: bool
    mark: Literal["", "yellow", "red"]


class CaseRow(Schema):
    """A case as the queue shows it."""

    ref: str
    version: int
    title: str
    state: Word
    kind: Word
    channel: Word
    unit: Place | None
    received_at: datetime
    due: Due
    waiting: bool
    """The last message is the reporter's."""


class CasePage(Schema):
    """A page of cases. ``more``: there are more than ``count``, and perhaps pages beyond ``pages``;
    of a search only the newest are given."""

    count: int
    more: bool = False
    page: int
    pages: int
    cases: list[CaseRow]


class PartyOut(Schema):
    relation: Word
    kind: Literal["unit", "group", "person"]
    code: str
    name: str
    provisional: bool


class ClockOut(Schema):
    rule: str
    started_on: date
    due_on: date
    provisional: bool
    paused_on: date | None
    stopped_on: date | None


class FileOut(Schema):
    ref: str
    name: str
    media_type: str
    size: int
    has_copy: bool


class MessageOut(Schema):
    """``text`` is null once it was erased."""

    from_reporter: bool
    sent_at: datetime
    text: str | None


class ReportOut(Schema):
    """``words`` is null once they were erased; ``contact`` where there is none or it is not shown."""

    ref: str
    channel: Word
    recorded_at: datetime
    occurred_on: date | None
    reported_at: datetime | None
    anonymous: bool
    language: str
    site: str
    number: str
    words: dict[str, Any] | None
    contact: dict[str, Any] | None
    contact_hidden: bool
    files: list[FileOut]
    messages: list[MessageOut]


class StepOut(Schema):
    at: datetime
    what: str
    who: str
    text: str


class ReadOut(Schema):
    """Somebody read the case in the hour that began then."""

    who: str
    hour: datetime


class RecusalOut(Schema):
    """Somebody withdrew from the case, or a leader withdrew them."""

    who: str
    by: str
    at: datetime
    reason: str
    why: str


class PublishedOut(Schema):
    """What of the case anybody can read."""

    id: str
    summary: str
    published_at: datetime


class FactOut(Schema):
    label: str
    value: str


class FairnessOut(Schema):
    """A hearing, tolerance, clearing … in words, as the case page shows it to this person."""

    what: str
    facts: list[FactOut]
    hint: str


class ApprovalStepOut(Schema):
    """A step that was taken. ``signed_on``: of a signature on paper, which ``recorded_by`` recorded."""

    post: str
    outcome: str
    who: str
    recorded_by: str
    at: datetime
    signed_on: date | None
    words: str
    alone: bool


class ApprovalOut(Schema):
    """A verb that waits for approval, or did. ``said``: label and value of each field, null once
    erased; ``doings``: what this person can do with it now."""

    ref: str
    verb: str
    verb_words: str
    state: str
    state_words: str
    post: str
    waits_for: str
    chain: list[str]
    collective: bool
    proposed_by: str
    proposed_at: datetime
    said: list[tuple[str, str]] | None
    steps: list[ApprovalStepOut]
    doings: list[str]


class CaseOut(CaseRow):
    """A case with everything that this person may read of it."""

    nature: Word
    behaviour: Word | None
    finding: Word | None
    governed: Word | None
    rating: Word | None
    minor: bool
    accepted_at: datetime | None
    closed_at: datetime | None
    heard: bool
    urged: int
    extensions: int
    extended_days: int
    reopened: int
    sent_back: int
    escalated_to: str
    merged_into: str | None
    published: PublishedOut | None
    parties: list[PartyOut]
    clocks: list[ClockOut]
    reports: list[ReportOut]
    timeline: list[StepOut]
    verbs: list[str]
    approvals: list[ApprovalOut]
    reads: list[ReadOut]
    recusals: list[RecusalOut]
    fairness: list[FairnessOut]
    retaliation: list[str]
    """References of the cases of retaliation that came of this one, or of the one that it came of."""
    beside: list[str]
    """References of the cases of other parts of what was reported: those split off, and the first."""
