"""Bulletins: published ones, and drafts of their text."""

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
