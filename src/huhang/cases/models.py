"""Cases, parties, rectifications, clocks, reports, attachments, messages, notices, search."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huhang.cases.accountable import Accountability, Outcome
from huhang.cases.chains import Approval, ApprovalStep
from huhang.cases.fairness.models import (
    CheckBack,
    Clearing,
    FalseAccusation,
    Hearing,
    JointPunishment,
    Retaliation,
    Tolerance,
)
from huhang.cases.splits import Split
from huhang.cases.standing_still import Standstill
from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import Group, Person, Unit

__all__ = [
    "Accountability",
    "Approval",
    "ApprovalStep",
    "Attachment",
    "Case",
    "CheckBack",
    "Clearing",
    "Clock",
    "Disclosure",
    "FalseAccusation",
    "Hearing",
    "JointPunishment",
    "Message",
    "Notice",
    "Outcome",
    "Party",
    "Rectification",
    "Report",
    "Retaliation",
    "Split",
    "Standstill",
    "Tolerance",
]


class Case(Logged):
    """What we carry: one or more reports about one matter.

    ``assigned_on``: when the responsible got it; ``returned``: how often one gave it back. ``earlier``:
    a closed case about the same matter. ``minor``: it is about somebody under age. ``rested_on``: when
    it was kept or held; ``swept_on``: when somebody last looked at it since. ``answer_by``: the day that
    an institution or a complainant was given to answer; ``outcome``: what became of a recommendation
    (of the rulebook's ``outcomes``).
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=20)
    nature = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    title = models.CharField(max_length=200, blank=True)
    behaviour = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=20)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    due_provisional = models.BooleanField(default=False)
    stopped_on = models.DateField(null=True)
    heard = models.BooleanField(default=False)
    finding = models.CharField(max_length=20, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    governed = models.CharField(max_length=20, blank=True)
    clearing = models.CharField(max_length=40, blank=True)
    tolerated = models.PositiveSmallIntegerField(default=0)
    check_back_on = models.DateField(null=True)
    urged = models.PositiveSmallIntegerField(default=0)
    extended_days = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    rested_on = models.DateField(null=True)
    swept_on = models.DateField(null=True)
    answer_by = models.DateField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    escalated_to = models.CharField(max_length=40, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    sent_back = models.PositiveSmallIntegerField(default=0)
    submitted_by = models.CharField(max_length=16, blank=True)
    minor = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    version = models.PositiveIntegerField(default=1)
    assigned_on = models.DateField(null=True)
    returned = models.PositiveSmallIntegerField(default=0)
    earlier = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    private = frozenset({"title"})

    class Meta:
        indexes = [
            # All that the open cases are ordered and looked at by: their rows are not opened.
            models.Index(
                fields=["state", "due_on", "id", "received_at", "stopped_on", "unit"],
                name="case_of_state",
            ),
            # The queue's orders, each with the state beside it: walked until a page is full.
            models.Index(fields=["received_at", "id", "state"], name="case_by_receipt"),
            models.Index(fields=["due_on", "id", "state"], name="case_by_due"),
            models.Index(fields=["unit", "received_at", "id", "state"], name="case_by_unit"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="case_merged",
            ),
            # SQLite looks for children of each inserted case while others wait for theirs.
            models.Index(
                fields=["earlier"], condition=Q(earlier__isnull=False), name="case_earlier"
            ),
            models.Index(
                fields=["check_back_on"],
                condition=Q(check_back_on__isnull=False),
                name="case_check_back",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Party(Logged):
    """How a unit, group or person stands to a case. ``provisional``: named, triage has not spoken.

    ``duty`` of a unit that is responsible or co-handling: territorial, sector, both; empty: what the
    rulebook says of its kind.
    """

    id = RowId(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties", db_index=False)
    relation = models.CharField(max_length=16)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.ForeignKey(
        Group, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    provisional = models.BooleanField(default=False)
    duty = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["id"]  # papers and pages name them in the order in which they came
        indexes = [
            # What the gate asks of each case of a list: one place in one index.
            models.Index(
                fields=["case", "unit", "group", "person", "relation"], name="party_of_case"
            ),
            # Each holds only the rows that name one: a report writes into one of the three.
            models.Index(
                fields=["unit", "relation", "case"],
                condition=Q(unit__isnull=False),
                name="party_of_unit",
            ),
            models.Index(
                fields=["group", "relation", "case"],
                condition=Q(group__isnull=False),
                name="party_of_group",
            ),
            models.Index(
                fields=["person", "relation", "case"],
                condition=Q(person__isnull=False),
                name="party_of_person",
            ),
        ]


class Rectification(Logged):
    """What a unit says last of its rectification; without ``unit`` what a responsible group says.

    ``measures``, ``person``, ``remark``: payloads that hold the words; ``person`` answers for it.
    """

    id = RowId(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rectifications")
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    measures = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    remark = models.BigIntegerField(null=True)
    planned_on = models.DateField(null=True)
    finished_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "unit"],
                condition=Q(unit__isnull=False),
                name="rectification_of_unit",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(unit__isnull=True), name="rectification_of_group"
            ),
        ]


class Clock(Logged):
    """A duty with a due day: started, paused, extended and stopped by verbs. ``paused_on``: since when
    its time stands still. ``working_days``: how many lie between start and end, more time included,
    where they are counted: a calendar that is loaded later moves the end."""

    id = RowId(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    rule = models.CharField(max_length=60)
    rule_version = models.CharField(max_length=20)
    started_on = models.DateField()
    due_on = models.DateField()
    provisional = models.BooleanField(default=False)
    working_days = models.PositiveSmallIntegerField(null=True)
    paused_on = models.DateField(null=True)
    stopped_on = models.DateField(null=True)


class CalendarYear(Logged):
    """The working days of a year that an office loaded, announced after the rulebook was written.

    ``off``: weekdays on which nobody works, ``on``: Saturdays and Sundays on which offices do; JSON
    lists of days. ``source``: a payload with the words of where it is from.
    """

    id = RowId(primary_key=True)
    year = models.PositiveSmallIntegerField(unique=True)
    off = models.TextField()
    on = models.TextField()
    source = models.BigIntegerField()
    loaded_at = models.DateTimeField()
    by = models.CharField(max_length=16)


class Report(Logged):
    """What somebody told us through a channel, as it came; never edited.

    ``words``, ``contact``: ids of the payloads that hold what was said and how to reach the
    reporter. ``login_hash``: SHA-256 of the login token of the reporter's code. ``source``,
    ``number``: where a hand-over has it from; ``content_hash`` tells a changed re-export.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    channel = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()
    occurred_on = models.DateField(null=True)
    reported_at = models.DateTimeField(null=True)
    anonymous = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)
    site = models.CharField(max_length=40, blank=True)
    words = models.BigIntegerField(null=True)
    contact = models.BigIntegerField(null=True)
    login_hash = models.BinaryField(null=True)
    source = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=120, null=True)
    content_hash = models.BinaryField(null=True)
    taken_by = models.CharField(max_length=16, blank=True)
    private = frozenset({"number", "content_hash"})

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"],
                condition=Q(number__isnull=False),
                name="report_source_number",
            ),
            # What a hand-over brought is found by its number. An index over random references
            # would touch a page of its own for each row of a file.
            models.UniqueConstraint(
                fields=["ref"], condition=Q(number__isnull=True), name="report_ref"
            ),
            models.UniqueConstraint(
                fields=["login_hash"], condition=Q(login_hash__isnull=False), name="report_login"
            ),
        ]


class Attachment(Logged):
    """A file of a report. ``payload``: the original; ``copy``: name of the handlers' copy."""

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="attachments")
    payload = models.BigIntegerField()
    name = models.CharField(max_length=160, blank=True)
    media_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    copy = models.CharField(max_length=120, blank=True)
    private = frozenset({"name"})


class Message(Logged):
    """A message between the office and a reporter. ``payload`` holds the words."""

    id = RowId(primary_key=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    from_reporter = models.BooleanField()
    sent_at = models.DateTimeField()
    payload = models.BigIntegerField()


class Disclosure(Logged):
    """What of a case is published: ``payload`` is a summary written for the public.

    ``ref`` is the number that the public sees. One row for a case; taking it back sets ``withdrawn_at``.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="disclosure")
    published_at = models.DateTimeField()
    by = models.CharField(max_length=16)
    payload = models.BigIntegerField()
    withdrawn_at = models.DateTimeField(null=True)


class Transfer(Logged):
    """A case given to another organ: ``by`` handed it over, ``signed_by`` received it there.

    ``organ``, ``signed_by``, ``document``, ``outcome``: payloads that hold the words. ``ended_on``: the
    case came back. ``due_on``: until when somebody there is expected to have signed.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transfers")
    target = models.CharField(max_length=40)
    organ = models.BigIntegerField(null=True)
    sent_on = models.DateField()
    by = models.CharField(max_length=16)
    due_on = models.DateField(null=True)
    due_provisional = models.BooleanField(default=False)
    signed_on = models.DateField(null=True)
    signed_by = models.BigIntegerField(null=True)
    document = models.BigIntegerField(null=True)
    answered_on = models.DateField(null=True)
    outcome = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)


class SentUp(Logged):
    """That so many reports of a superior organ came on a day: no more is kept (see ``sending_up``).

    ``forwarded_on``, ``level``: when they went up, and to which level of the rulebook.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    received_on = models.DateField()
    count = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    due_provisional = models.BooleanField(default=False)
    forwarded_on = models.DateField(null=True)
    level = models.CharField(max_length=40, blank=True)


class Hint(models.Model):
    """That words of a handed-over report suggest a matter of discipline (see ``hints``). Derived."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="+")


class Notice(models.Model):
    """That a verb happened, for those whom the transition table tells. Derived from the log."""

    id = RowId(primary_key=True)
    seq = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    verb = models.CharField(max_length=32)
    told = models.CharField(max_length=16)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["told", "-seq"], name="notice_told")]
