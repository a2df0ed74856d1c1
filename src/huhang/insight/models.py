"""The narrow rows that figures count, and published bulletins."""

from __future__ import annotations

from django.db import models

from huhang.cases.models import Case
from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import Unit


class CaseFact(models.Model):
    """What figures ask of a case: a read model, written by following the log.

    ``reported_at``: when the first report was made, as its channel says; else when it was received.
    """

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    channel = models.CharField(max_length=20)
    behaviour = models.CharField(max_length=40)
    unit_id = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    stopped_on = models.DateField(null=True)
    finding = models.CharField(max_length=20)
    rating = models.PositiveSmallIntegerField(null=True)
    governed = models.CharField(max_length=20)
    reopened = models.PositiveSmallIntegerField()

    DIMENSIONS = ("state", "kind", "channel", "behaviour", "unit_id", "finding", "rating", "governed",
                  "reopened")  # fmt: skip

    class Meta:
        indexes = [
            # Holds all that figures ask, in the order of their grouping: nothing is sorted.
            models.Index(
                fields=[
                    "state",
                    "kind",
                    "channel",
                    "behaviour",
                    "unit_id",
                    "finding",
                    "rating",
                    "governed",
                    "reopened",
                    "received_at",
                    "reported_at",
                    "closed_at",
                    "due_on",
                    "stopped_on",
                ],
                name="fact_grouped",
            ),
        ]


class Bulletin(Logged):
    """A published bulletin. ``payload``: its title and figures as published, suppressed cells gone."""

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    since = models.DateField()
    until = models.DateField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    tick = models.BigIntegerField()
    published_at = models.DateTimeField()
    by = models.CharField(max_length=16)
    withdrawn_at = models.DateTimeField(null=True)
    payload = models.BigIntegerField()
