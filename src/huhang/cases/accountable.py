"""Accountability (双问责): proposals that a case raised for each duty, and what leaders decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import Unit


class Accountability(Logged):
    """A proposal to call those who bear a duty in a case to account.

    ``cause``: of ``rulebook.CAUSES``; ``state``: open, none (nobody is called to account) or decided.
    ``words``: a payload with what the leader said.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="accountability")
    cause = models.CharField(max_length=20)
    duty = models.CharField(max_length=12)
    state = models.CharField(max_length=8)
    raised_at = models.DateTimeField()
    decided_by = models.CharField(max_length=16, blank=True)
    decided_at = models.DateTimeField(null=True)
    words = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "cause", "duty"], name="accountability_once_a_cause"
            )
        ]
        indexes = [
            models.Index(fields=["case"], condition=Q(state="open"), name="accountability_open")
        ]

    def __str__(self) -> str:
        return self.ref


class Outcome(Logged):
    """What came of a proposal for one person or one organisation.

    ``person``: a payload with the name; none for an organisation. ``unit``: the organisation, or
    where the person works. ``form``: a key of the rulebook's ``outcome_forms``. ``until``: the last
    day of a sanction's period. One that was revoked counts no more.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    proposal = models.ForeignKey(Accountability, on_delete=models.PROTECT, related_name="outcomes")
    form = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    person = models.BigIntegerField(null=True)
    decided_on = models.DateField()
    until = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.ref
