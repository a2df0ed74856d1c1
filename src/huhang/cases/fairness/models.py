"""Hearings, tolerances, clearings, false accusations, joint punishments, retaliations, check-backs.

Numbers of payloads hold what was said and who was named.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huhang.kernel.rows import Logged, RowId
from huhang.parties.models import Group, Person, Unit


class Hearing(Logged):
    """Minutes: ``who`` was heard, ``by`` whom, what was ``said``; ``route``: of review, that they were told."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="hearings")
    heard_on = models.DateField()
    route = models.CharField(max_length=40, blank=True)
    who = models.BigIntegerField()
    by = models.BigIntegerField(null=True)
    said = models.BigIntegerField()


class Concerned(Logged):
    """Whom a row is about: a party of the case, or a person whose ``name`` a payload holds."""

    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.ForeignKey(
        Group, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class Tolerance(Concerned):
    """An error tolerated. ``tests``, ``distinctions``: why each holds, by key."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="tolerances")
    effect = models.CharField(max_length=40)
    tests = models.BigIntegerField()
    distinctions = models.BigIntegerField()
    said = models.BigIntegerField()


class Clearing(Concerned):
    """A name cleared in some ``forms`` (keys joined by commas), or why not: ``reason``."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="clearings")
    forms = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    consent = models.BooleanField(default=False)
    cleared_on = models.DateField(null=True)
    said = models.BigIntegerField()


class FalseAccusation(Logged):
    """A proposal with evidence of ``fact`` and of ``intent``; ``outcome``: what another organ decided."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="accusations")
    fact = models.BigIntegerField()
    intent = models.BigIntegerField()
    outcome = models.CharField(max_length=40, blank=True)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_on = models.DateField(null=True)
    document = models.BigIntegerField(null=True)
    said = models.BigIntegerField(null=True)


class JointPunishment(Logged):
    """One person handed over to ``target``, which decides; ``basis``: the law that it rests on."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="punishments")
    target = models.CharField(max_length=40)
    name = models.BigIntegerField()
    basis = models.BigIntegerField()
    said = models.BigIntegerField(null=True)


class Retaliation(Logged):
    """That a case is about retaliation against whoever reported in another one (``origin``)."""

    id = RowId(primary_key=True)
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="retaliation")
    origin = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="retaliations")
    report = models.ForeignKey(
        "cases.Report", on_delete=models.PROTECT, related_name="retaliations"
    )


class CheckBack(Logged):
    """A day on which a reporter is asked again whether retaliation goes on; ``found``: the answer."""

    id = RowId(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="check_backs")
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    found = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(found__isnull=False), name="check_back_found"
            )
        ]
