"""Cases about somebody under age: no search finds their words, nothing of them becomes public."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from huhang.cases.asking import queue
from huhang.cases.models import Case
from huhang.cases.queries import published
from huhang.cases.search import tokens
from huhang.config import reactions
from huhang.kernel.errors import NotAllowed
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
SAID = "学校门口的小卖部向小学生卖香烟，城管不管"
ROLES = ("intake", "leader", "handler", "supervisor")


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def case(district: District) -> Case:
    report = file_report(district, "market", kind="complaint", text=SAID, title="小卖部卖烟")
    return carry(district, case_of(report), to="assigned")


def found(district: District, who: str, text: str) -> list[str]:
    return [c.ref for c in queue(district.actor(who), text=text).page(1, 50).cases]


def in_index(case: Case) -> set[str]:
    """The tokens that the index holds of the case."""
    key = "rowid" if connection.vendor == "sqlite" else "case_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pairs FROM cases_search WHERE {key} = %s", [case.pk])
        return {p.strip("'").partition("':")[0] for p in str(cursor.fetchone()[0]).split()}


@pytest.mark.parametrize("followed", [True, False])
def test_no_search_finds_it_but_by_its_reference(
    district: District, case: Case, followed: bool
) -> None:
    reactions.close_off()
    for who in ROLES:
        assert found(district, who, "小学生卖香烟") == [case.ref]
    do(district.actor("handler") if followed else district.actor("supervisor"), case,
       "investigate")  # fmt: skip
    do(district.actor("leader"), case, "shield")
    if followed:
        reactions.close_off()
    for who in ROLES:
        for text in ("小学生卖香烟", "小卖部", "香烟", "示范区市场监督管理局", case.ref[:5], "城"):
            assert found(district, who, text) == [], (who, text)
        assert found(district, who, case.ref) == [case.ref]
        assert found(district, who, "") == [case.ref], "it stays in the queue"


def test_the_index_keeps_no_pair_of_its_words(district: District, case: Case) -> None:
    reactions.close_off()
    assert in_index(case) >= set(tokens([SAID]))
    do(district.actor("intake"), case, "shield")
    reactions.close_off()
    assert not in_index(case) & set(tokens([SAID, "小卖部卖烟"]))
    reactions.rebuild()
    assert not in_index(case) & set(tokens([SAID, "小卖部卖烟"]))
    do(district.actor("leader"), case, "unshield", note="当事人已满十八周岁")
    reactions.close_off()
    assert found(district, "intake", "小学生卖香烟") == [case.ref]
    assert verify(parallel=False).ok


def test_triage_marks_it_and_nothing_is_published(district: District) -> None:
    report = file_report(district, "market", kind="complaint", text=SAID)
    case = do(district.actor("intake"), case_of(report), "accept", kind="complaint", minor=True)
    assert case.minor
    with pytest.raises(NotAllowed):
        do(district.actor("leader"), case, "disclose", note="有人反映，已经办理")


def test_what_was_published_is_taken_back(district: District, case: Case) -> None:
    do(district.actor("leader"), case, "disclose", note="有人反映收费，已经办理")
    assert published().filter(case=case).exists()
    do(district.actor("handler"), case, "investigate")
    case.refresh_from_db()
    do(district.actor("supervisor"), case, "shield")
    assert not published().filter(case=case).exists()
    do(district.actor("leader"), case, "unshield", note="误标")
    assert not published().filter(case=case).exists(), "it is published again by a verb alone"


def test_only_a_leader_takes_the_mark_off(district: District, case: Case) -> None:
    do(district.actor("handler"), case, "shield")
    for who in ("intake", "handler", "supervisor"):
        with pytest.raises(NotAllowed):
            do(district.actor(who), case, "unshield", note="误标")
    do(district.actor("leader"), case, "unshield", note="误标")
    case.refresh_from_db()
    assert not case.minor


@pytest.mark.parametrize("marked", ["one that goes on", "one that is merged"])
def test_a_merge_keeps_the_mark(district: District, marked: str) -> None:
    intake = district.actor("intake")
    into = case_of(file_report(district, "market", kind="complaint", text="另一人也这样说"))
    case = case_of(file_report(district, "market", kind="complaint", text=SAID))
    into, case = (do(intake, c, "accept", kind="complaint") for c in (into, case))
    do(intake, into if marked == "one that goes on" else case, "shield")
    do(intake, case, "merge", into=into.ref)
    reactions.close_off()
    assert set(Case.objects.values_list("minor", flat=True)) == {True}
    for text in ("另一人也", "小学生卖香烟"):
        assert found(district, "intake", text) == []
    do(district.actor("leader"), Case.objects.get(pk=into.pk), "unshield", note="误标")
    assert set(Case.objects.values_list("minor", flat=True)) == {False}
    assert verify(parallel=False).ok


def test_a_clerk_marks_it_and_the_page_says_so(district: District, client: Client) -> None:
    client.force_login(district.users["intake"])
    address = "/console/reports/new/"
    assert 'name="minor"' in client.get(address).content.decode()
    sent = {"channel": "letter", "kind": "demand", "text": SAID, "minor": "on"}
    assert client.post(address, sent).status_code == 200
    case = Case.objects.get()
    assert case.minor
    reactions.close_off()
    assert found(district, "intake", "小学生") == []
    assert "涉未成年人" in client.get(f"/console/cases/{case.ref}/").content.decode()
