"""Serial numbers that were given to papers."""

from __future__ import annotations

from django.db import models

from huhang.cases.models import Case
from huhang.kernel.rows import Logged, RowId


class Number(Logged):
    """A number of a series, given to one paper of one case; voiding it keeps the row.

    ``number``: its place in the year's count; none for a number that stands apart. ``serial``: the
    words as they were given. ``payload``: what the paper said that day; ``reason``: why it was
    voided. Both go when the words of the case are erased.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(null=True)
    serial = models.CharField(max_length=80)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="numbers")
    paper = models.CharField(max_length=40)
    issued_at = models.DateTimeField()
    by = models.CharField(max_length=16)
    payload = models.BigIntegerField()
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=16, blank=True)
    reason = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "number"], name="number_once")
        ]

    def __str__(self) -> str:
        return self.serial
