"""Verification finds what somebody changes, removes or adds with SQL: the world, and what is exempt.

The sweep over every column is in test_verify_sweep.py, the rest in test_verify_structure.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from huhang.kernel.actor import OPERATOR
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry, Payload, Sequencer
from huhang.kernel.write import write
from huhang.papers.actions import issue_number, void_number
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.verify import Verdict, verify
from tests.cast import carry, case_of, do, file_report, found_district, with_code

pytestmark = pytest.mark.django_db

STRUCTURE: list[type[models.Model]] = [Entry, Payload, Leaf, Tick, Sequencer]

UNCOVERED = {
    # column: reason (the same words stand in docs/log-coverage.md)
    "tlog_tick.ticked_at": "a checkpoint holds no time; only witnesses date it",
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
    number = write(lambda w: issue_number(w, case.ref, "registration"), actor=OPERATOR)
    write(lambda w: void_number(w, number.ref, "登记有误"), actor=OPERATOR)
    write(lambda w: issue_number(w, case.ref, "registration"), actor=OPERATOR)
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
