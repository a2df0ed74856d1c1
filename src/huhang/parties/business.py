"""Businesses: enterprises and individual businesses of a register, with their former names."""

from __future__ import annotations

from django.db import models

from huhang.kernel.rows import Logged, RowId


class Business(Logged):
    """An enterprise or individual business, identified by (scheme, value).

    ``scheme``: ``uscc`` (统一社会信用代码) or ``old`` (a registration number of 15 digits).
    ``seen_on``: the vintage of the register that said it last; ``updated_on``: since when it says so,
    where it tells. ``flagged``: an old number, or a
    name that a later vintage no longer has. Text comes from the register as it stands there.
    """

    id = RowId(primary_key=True)
    scheme = models.CharField(max_length=8)
    value = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    district = models.CharField(max_length=6, blank=True)
    kind = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=60, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    registered_on = models.DateField(null=True)
    capital = models.CharField(max_length=120, blank=True)
    scope = models.TextField(blank=True)
    place = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=400, blank=True)
    source = models.CharField(max_length=60)
    seen_on = models.DateField()
    updated_on = models.DateField(null=True)
    content_hash = models.BinaryField()
    flagged = models.BooleanField(default=False)
    private = frozenset(
        {"name", "kind", "status", "industry", "capital", "scope", "place", "address"}
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="business_once")]

    def __str__(self) -> str:
        return self.name


class FormerRecord(Logged):
    """What the register said of a business before, or beside what it says now: a former name."""

    id = RowId(primary_key=True)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="former")
    name = models.CharField(max_length=200)
    seen_on = models.DateField()
    content_hash = models.BinaryField()
    private = frozenset({"name"})
