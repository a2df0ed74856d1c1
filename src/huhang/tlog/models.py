"""The tree's rows: leaves with their index, and ticks with the root after each."""

from __future__ import annotations

from django.db import models

from huhang.kernel.rows import RowId


class Leaf(models.Model):
    """A leaf of the public tree. ``data``: its 33 bytes; ``seq``: the entry, NULL for a cover leaf."""

    index = RowId(primary_key=True)
    data = models.BinaryField()
    seq = models.BigIntegerField(null=True, unique=True)


class Tick(models.Model):
    """A published state of the tree. ``peaks``: its compact range, 32 bytes each."""

    number = RowId(primary_key=True)
    ticked_at = models.DateTimeField()
    seq = models.BigIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    peaks = models.BinaryField()
