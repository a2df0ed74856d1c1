"""Scan sites, sources and what they sent."""

from __future__ import annotations

from django.db import models

from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import TwoNames, Unit


class Site(TwoNames, Logged):
    """A place where a scan code hangs. ``code`` stands in the address of its page."""

    id = RowId(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="sites")
    active = models.BooleanField(default=True)
    private = frozenset({"name", "name_en"})

    def __str__(self) -> str:
        return self.name


class Source(Logged):
    """Whoever sends files or rows again and again, and how they are read.

    ``code`` stands in the address of its pushes, names its folder and files its rows. ``kind``: what
    it sends, as an import names it. ``mapping``: YAML as ``tables.mapping`` reads it. ``watched``:
    the worker looks into its folder. ``owner``: the user for whom its rows are taken in, and who
    alone sees its imports.
    """

    id = RowId(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    mapping = models.TextField(blank=True)
    watched = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    owner = models.CharField(max_length=16)
    added_at = models.DateTimeField()
    private = frozenset({"name", "mapping"})

    def __str__(self) -> str:
        return self.name


class PushKey(Logged):
    """A key with which a source signs what it pushes. The key itself is made of ``ref`` and this
    server's secret key whenever it is needed, and kept nowhere."""

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="keys")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class ImportRun(Logged):
    """One import of a file: how far it came and what it did. ``by`` sees its own runs alone.

    ``source``: under which name its rows are filed. ``origin``: the saved source that sent it.
    ``name``: what its sender calls the file. ``way``: upload, command, folder, push or replay.
    ``push``: SHA-256 of the source's code and the push's own id. ``again``: the run that it repeats.
    """

    id = RowId(primary_key=True)
    ref = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=60, blank=True)
    origin = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="runs")
    name = models.CharField(max_length=120, blank=True)
    way = models.CharField(max_length=8, blank=True)
    push = models.CharField(max_length=64, null=True, unique=True)
    again = models.CharField(max_length=12, blank=True)
    file_hash = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12)
    by = models.CharField(max_length=16)
    read = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    private = frozenset({"name"})


class Disposition(Logged):
    """What another system says of one event: which unit handled it, and in time or not.

    ``number``: the source's number, or ``#`` and a hash of the row. ``unit_name``, ``unit_ref``: the
    unit as the source writes it. ``timing``: on_time, overdue, open, or empty where it is not said.
    """

    id = RowId(primary_key=True)
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=120)
    unit_name = models.CharField(max_length=200)
    unit_ref = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=200, blank=True)
    subkind = models.CharField(max_length=200, blank=True)
    matter = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=610, blank=True)
    created_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    timing = models.CharField(max_length=8, blank=True)
    taken_at = models.DateTimeField()
    content_hash = models.BinaryField()
    private = frozenset(
        {"number", "unit_name", "unit_ref", "kind", "subkind", "matter", "via", "place"}
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="disposition_once")
        ]
        indexes = [models.Index(fields=["unit_name", "unit_ref"], name="disposition_by_unit")]


class NameLeft(Logged):
    """A name of a unit in dispositions of which somebody said that it means no unit here."""

    id = RowId(primary_key=True)
    name = models.CharField(max_length=200)
    by = models.CharField(max_length=16)
    private = frozenset({"name"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="name_left_once")]
