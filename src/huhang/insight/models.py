"""Published bulletins."""

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
