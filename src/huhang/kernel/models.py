"""The log's rows: entries, payloads, cursors of those who follow the log."""

from __future__ import annotations

from django.db import models

from huhang.kernel.rows import RowId


class Entry(models.Model):
    """One verb as it was written. ``seq`` has no gaps; replay follows it."""

    seq = RowId(primary_key=True)
    recorded_at = models.DateTimeField()
    verb = models.CharField(max_length=32)
    case_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=40)
    manifest = models.TextField()
    r = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        ordering = ["seq"]
        indexes = [
            # All that entries are looked for by: an auditor's filters open no row that they leave out.
            models.Index(
                fields=["recorded_at", "seq", "verb", "actor", "case_id"], name="entry_by_moment"
            )
        ]


class Payload(models.Model):
    """Text and names that an entry commits to; erasing deletes the row, body and blind together.

    ``path`` is set for an attachment: the body then lies in the file of that name.
    """

    id = RowId(primary_key=True)
    seq = models.BigIntegerField(db_index=True)
    slot = models.CharField(max_length=24)
    s = models.BinaryField()
    body = models.TextField()
    path = models.CharField(max_length=120, blank=True)


class Sequencer(models.Model):
    """One row: the last sequence number given, and how much of the log may have been lost."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    last = models.BigIntegerField()


class Cursor(models.Model):
    """How far a follower of the log (a read model, the notices) has come."""

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField()
