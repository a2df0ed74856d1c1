"""Verification finds whatever somebody changes, removes or adds with SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry, Payload, Sequencer
from huhang.kernel.rows import Logged
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.verify import Verdict, verify
from tests.cast import carry, case_of, do, file_report, found_district, with_code

pytestmark = pytest.mark.django_db

STRUCTURE: list[type[models.Model]] = [Entry, Payload, Leaf, Tick, Sequencer]

UNCOVERED = {
    # column: reason (the same words stand in docs/log-coverage.md)
    "tlog_tick.ticked_at": "no signature dates a tick before checkpoints are signed",
}


def checked() -> Verdict:
    return verify(parallel=False, with_tick=False)


@pytest.fixture
def world() -> None:
    district = found_district()
    case = carry(district, case_of(file_report(district, "market", **with_code())), to="closed")
    other = case_of(file_report(district, "market", "tax", text="另一件", kind="clue"))
    do(district.actor("intake"), other, "accept", kind="clue", title="线索")
    assert case.state == "closed"
    assert verify(parallel=False).ok
    file_report(district, "town", text="还没有上树的一件")


def other_value(field: models.Field[Any, Any], value: Any) -> Any:
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return not value
    if kind == "BinaryField":
        return b"\x07" * 32 if value is None else bytes(b ^ 1 for b in bytes(value)) or b"x"
    if "Integer" in kind or kind == "ForeignKey":
        return (value or 0) + 1
    if kind == "DateTimeField":
        return (
            "2001-01-01 00:00:00+00:00"
            if connection.vendor == "postgresql"
            else "2001-01-01 00:00:00"
        )
    if kind == "DateField":
        return "2001-01-01"
    return f"{value or ''}x"[: field.max_length or 10**6]


def columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    logged = [m for m in apps.get_models() if issubclass(m, Logged)]
    for model in [*STRUCTURE, *logged]:
        for field in model._meta.concrete_fields:
            if field.attname not in getattr(model, "unlogged", ()):
                yield model, field


def test_one_changed_value_in_each_column_of_each_table_is_found(world: None) -> None:
    tried = 0
    for model, field in columns():
        name = f"{model._meta.db_table}.{field.column}"
        row = model._base_manager.order_by("-pk").first()
        if row is None or name in UNCOVERED:
            continue
        quote = connection.ops.quote_name
        table, column, pk = (
            quote(model._meta.db_table), quote(field.column), quote(model._meta.pk.column)
        )  # fmt: skip
        with transaction.atomic(), unguarded(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            else:
                cursor.execute("SET LOCAL session_replication_role = replica")
            value = other_value(field, getattr(row, field.attname))
            try:
                with transaction.atomic():
                    cursor.execute(
                        f"UPDATE {table} SET {column} = %s WHERE {pk} = %s", [value, row.pk]
                    )
                    verdict = checked()
                    tried += 1
                    transaction.set_rollback(True)
            except Exception as error:  # a constraint of the database refused the change
                assert "constraint" in str(error).lower() or "unique" in str(error).lower(), (  # noqa: PT017
                    name, error,
                )  # fmt: skip
                continue
        assert not verdict.ok, f"nobody noticed a change of {name}"
        assert verdict.first_bad is not None
        assert verdict.first_bad.table, name
    assert tried > 60
    assert checked().ok


@pytest.mark.parametrize("table", ["kernel_entry", "kernel_payload", "tlog_leaf", "cases_case",
                                   "cases_report", "cases_party", "parties_unit"])  # fmt: skip
def test_a_removed_row_is_found(world: None, table: str) -> None:
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    pk = connection.ops.quote_name(model._meta.pk.column)
    for row in (
        model._base_manager.order_by("pk").first(),
        model._base_manager.order_by("-pk").first(),
    ):
        with transaction.atomic(), unguarded():
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(f"DELETE FROM {table} WHERE {pk} = %s", [row.pk])
            verdict = checked()
            transaction.set_rollback(True)
        assert not verdict.ok
        assert verdict.first_bad is not None
        assert verdict.first_bad.table == table


def test_an_added_row_is_found(world: None) -> None:
    party = apps.get_model("cases", "Party")._base_manager.first()
    with transaction.atomic(), unguarded():
        party.pk += 1
        party.save(force_insert=True)
        verdict = checked()
        transaction.set_rollback(True)
    assert verdict.first_bad is not None
    assert (verdict.first_bad.table, verdict.first_bad.row) == ("cases_party", str(party.pk))


def test_the_log_verifies_after_an_erasure_and_not_when_the_words_come_back(world: None) -> None:
    district_leader = __import__("huhang.parties.queries", fromlist=["actor_for"]).actor_for(
        apps.get_model("parties", "User").objects.get(username="leader")
    )
    case = apps.get_model("cases", "Case").objects.get(state="closed")
    kept = Payload.objects.filter(slot="words").order_by("id").first()
    do(district_leader, case, "erase", note="依申请删除")
    assert checked().ok
    assert not Payload.objects.filter(pk=kept.pk).exists()
    with unguarded():
        kept.save(force_insert=True)
    verdict = checked()
    assert verdict.first_bad is not None
    assert verdict.first_bad.table == "kernel_payload"
