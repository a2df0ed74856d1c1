"""Approvals (审批): what somebody proposed and who approved which step of its chain."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huhang.kernel.rows import Logged, RowId


class Approval(Logged):
    """A verb that waits for, or went through, the chain that the rulebook asks of it.

    ``steps``: the posts of the chain as it was when it was proposed, separated by spaces; ``post``: the one that
    it waits for, empty when it waits no more. ``values``: a payload with the verb's values as they
    were proposed. ``state``: pending, approved, returned, taken_back, fallen.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="approvals")
    verb = models.CharField(max_length=32)
    state = models.CharField(max_length=12)
    steps = models.CharField(max_length=80)
    collective = models.BooleanField(default=False)
    post = models.CharField(max_length=20, blank=True)
    proposed_by = models.CharField(max_length=16)
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    values = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "verb"], condition=Q(state="pending"), name="approval_pending_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["post", "case"], condition=Q(state="pending"), name="approval_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def last(self) -> bool:
        """Whether the step that it waits for is the last one."""
        return bool(self.post) and self.post == self.steps.split()[-1]


class ApprovalStep(Logged):
    """A step of an approval that somebody took.

    ``by``: who took it; of a signature on paper who recorded it: then ``signed_on`` is its day, and
    the payload ``signer`` names who signed. ``alone``: nobody else held the post, so that it was
    taken by whoever proposed, or by whoever took a step before.
    """

    id = RowId(primary_key=True)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="taken")
    post = models.CharField(max_length=20)
    outcome = models.CharField(max_length=12)
    by = models.CharField(max_length=16)
    at = models.DateTimeField()
    alone = models.BooleanField(default=False)
    words = models.BigIntegerField(null=True)
    signer = models.BigIntegerField(null=True)
    signed_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
