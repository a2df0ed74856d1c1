"""What a rulebook says of fairness: its faults, and that what it leaves out is not offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from huhang.cases import flow
from huhang.cases.models import Hearing
from huhang.cases.queries import verbs_for
from huhang.kernel.errors import NotAllowed
from huhang.rulebook import current, load, use
from huhang.rulebook.comparing import unconfirmed
from tests.cast import HEARD, TOKEN, carry, case_of, do, file_report, found_district, with_code
from tests.parts.test_fairness import found
from tests.parts.test_rulebook import Book, own, said

__all__ = ["own"]


@pytest.mark.parametrize(
    ("rule", "field", "value", "fault"),
    [
        ("clearing", "base_form", "oral",
         "fairness.clearing.base_form: 'oral' is none of written, face_to_face, meeting, circular"),
        ("clearing", "public_forms", ["oral"],
         "fairness.clearing.public_forms: 'oral' is none of written, face_to_face, meeting, circular"),
        ("clearing", "reasons", {"other": {"zh": "其他", "en": "Other"}},
         "fairness.clearing.reasons: the field no_effect is missing"),
        ("false_accusation", "outcomes", {"no": {"zh": "否", "en": "No"}},
         "fairness.false_accusation.outcomes: the field found is missing"),
        ("tolerance", "tests", {}, "fairness.tolerance.tests: the list is empty"),
        ("tolerance", "grade", "D", "fairness.tolerance.grade: 'D' is none of A, B, C"),
        ("joint_punishment", "source", " ", "fairness.joint_punishment.source: the words are empty"),
        ("retaliation", "kind", "gossip", "fairness.retaliation.kind: 'gossip' is none of demand, complaint, clue"),
        ("retaliation", "check_days", [90, 30],
         "fairness.retaliation.check_days: whole numbers of days are needed, each later than the one before"),
        ("retaliation", "chek_days", [30], "fairness.retaliation.chek_days: there is no such field"),
    ],
)  # fmt: skip
def test_each_fault_is_named(own: Book, rule: str, field: str, value: Any, fault: str) -> None:
    def change(data: dict[str, Any]) -> None:
        data["fairness"][rule][field] = value

    assert said(own(change)) == [fault]


def test_a_rule_that_nobody_knows_is_named(own: Book) -> None:
    def change(data: dict[str, Any]) -> None:
        data["fairness"]["revenge"] = data["fairness"]["hearing"]

    (fault,) = said(own(change))
    assert fault.startswith("fairness.revenge: 'revenge' is none of hearing, tolerance")


def test_what_is_not_confirmed_says_so() -> None:
    book = load("cn-chiping")
    assert {f"fairness.{k}" for k, r in book.fairness.items() if not r.confirmed} == {
        place for place in unconfirmed(book) if place.startswith("fairness.")
    }
    rule = book.fairness["false_accusation"]
    assert (rule.grade, rule.confirmed, list(rule.lists["levels"])) == (
        "C",
        False,
        ["superior_organ"],
    )
    for one in book.fairness.values():
        assert one.rule
        assert one.source


@pytest.fixture
def without(own: Book) -> Iterator[None]:
    """A rulebook that knows nothing of fairness."""
    path = own(lambda data: data.pop("fairness"))
    use(str(path))
    yield
    use("cn-chiping")


@pytest.mark.django_db
def test_a_rulebook_without_them_offers_none_of_the_verbs(without: None) -> None:
    assert not current().fairness
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="complaint")), to="investigating")
    least = {k: v for k, v in HEARD.items() if k != "route"}
    case = do(d.actor("handler"), case, "hear", **least)
    assert Hearing.objects.get(case=case).route == ""
    case = do(d.actor("handler"), case, "find", finding="unfounded", note="不实")
    offered = {v for name in d.users for v in verbs_for(d.actor(name), case)}
    assert not offered & set(flow.fairness.VERBS)
    with pytest.raises(NotAllowed):
        do(d.actor("leader"), case, "clear", person="张某", note="x", cleared_on="2026-01-20")
    file_report(d, **with_code())
    page = Client().post("/r/back/", {"login_token": TOKEN}).content.decode()
    assert 'value="retaliation"' not in page


@pytest.mark.django_db
def test_with_them_the_same_case_offers_them() -> None:
    d = found_district()
    case = found(d, "unfounded")
    assert {"clear", "not_clear"} <= set(verbs_for(d.actor("leader"), case))
