"""Bulletins: published ones, and drafts of their text; returns as they were frozen."""

from __future__ import annotations

from django.db import models

from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import Unit


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


class Draft(Logged):
    """A bulletin's text in the making. ``payload``: title, text with its figure fields, and what each
    field came to when it was saved. ``by`` wrote it, ``held_by`` has it now: nobody else sees it.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    since = models.DateField()
    until = models.DateField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=16)
    held_by = models.CharField(max_length=16)
    saved_by = models.CharField(max_length=16)
    saved_at = models.DateTimeField()
    payload = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    discarded_at = models.DateTimeField(null=True)
    bulletin = models.ForeignKey(Bulletin, null=True, on_delete=models.PROTECT, related_name="+")


class Return(Logged):
    """A return (报表) of one period as it was frozen. ``table``: the rulebook's id of its table.

    ``payload``: its sheet and numbers, and those of the corrections frozen with it; ``members``:
    which cases count in which cells. ``as_of``: the moment whose state it counts, the cut-off or, where
    it was frozen early, before it. ``reason``: why a person froze it. ``sent``: to whom, under which
    number.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    table = models.CharField(max_length=40)
    period = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField()
    cut_off = models.DateTimeField()
    due_on = models.DateField()
    tick = models.BigIntegerField()
    as_of = models.DateTimeField()
    frozen_at = models.DateTimeField()
    by = models.CharField(max_length=16)
    payload = models.BigIntegerField()
    members = models.BigIntegerField()
    reason = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=16, blank=True)
    sent_on = models.DateField(null=True)
    sent_by = models.CharField(max_length=16, blank=True)
    sent = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "period"], name="return_once"),
        ]
