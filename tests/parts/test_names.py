"""Whom words mean: units by any name, groups, people; and the office that receives reports."""

from __future__ import annotations

import pytest

from huhang.parties.models import Unit
from huhang.parties.names import GroupNames, PersonNames, UnitNames, named
from huhang.rulebook import current
from tests.cast import found_district

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("示范区工商局", {"market"}),
        ("示范区 工商局（东门窗口）", {"market"}),
        ("市场监督管理局", {"market"}),
        ("工商局", {"market"}),
        ("market", {"market"}),
        ("示范区工商局、税务局", {"market", "tax"}),
        ("工商局和税务局的人", {"market", "tax"}),
        ("一个没听说过的地方", set()),
        ("", set()),
    ],
)
def test_units_are_found_in_what_people_write(words: str, codes: set[str]) -> None:
    found_district()
    found = UnitNames(current().unit_aliases).find_all(words)
    assert set(Unit.objects.filter(pk__in=found).values_list("code", flat=True)) == codes


def test_a_name_that_several_units_bear_means_all_of_them_and_none_alone() -> None:
    d = found_district()
    names = UnitNames({"某所": "监督管理局", "旧称": "局"})
    both = {d.units["market"].pk, d.units["tax"].pk}
    assert both <= set(names.find_all("旧称"))
    assert names.find("旧称") is None


def test_groups_and_people_are_found_and_the_office_is_not_a_group() -> None:
    d = found_district()
    whom = named("第一监督组", "王某科长", current().unit_aliases)
    assert whom.groups == (d.groups["group-1"].pk,)
    assert whom.persons == (d.users["handler-east"].person_id,)
    groups = GroupNames()
    assert groups.is_office("受理室")
    assert not groups.find_all("受理室")
    assert PersonNames().find_all("李某") == ()
