"""An account is made without a password: only whoever was invited ever sets one."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta

import pytest
from django.test import Client, override_settings

from huhang.api.operations import api
from huhang.cli.main import parser
from huhang.console.people import NewPerson, Role
from huhang.console.signing import NewPassword
from huhang.kernel import clock
from huhang.kernel.models import Entry
from huhang.parties.models import User
from tests.cast import District, found_district
from tests.shells.test_factor import enrolled

pytestmark = pytest.mark.django_db
OWN = "my own long word 2026"
NEW = {"username": "fresh", "name": "新人", "role": "handler", "unit": "market"}


@pytest.fixture
def district() -> District:
    clock.set_frozen(clock.now())
    return found_district()


def invited(district: District) -> str:
    """The address that the administrator is shown, once."""
    admin = Client()
    admin.force_login(district.users["admin"])
    shown = admin.post("/en/console/people/", NEW, follow=True).content.decode()
    found = re.search(r"/en/console/invitation/[0-9a-f]+/", shown)
    assert found, shown
    return found[0]


def test_from_an_invitation_to_the_first_page(district: District) -> None:
    address = invited(district)
    assert not User.objects.get(username="fresh").has_usable_password()
    client = Client()
    with override_settings(HUHANG_SECOND_FACTOR="required"):
        done = client.post(address, {"password": OWN, "again": OWN})
        assert done["Location"].startswith("/en/console/sign-in/")
        sent = {"username": "fresh", "password": OWN}
        assert client.post("/en/console/sign-in/", sent).status_code == 302
        first = client.get("/en/console/cases/")
        assert first["Location"] == "/en/console/factor/", "their own second factor comes first"
        enrolled(client)
        assert client.get("/en/console/cases/").status_code == 200
    assert client.get(address).status_code == 404, "once"
    fresh = User.objects.get(username="fresh")
    (entry,) = Entry.objects.filter(verb="accept_invitation")
    assert entry.actor == fresh.ref
    assert OWN not in "".join(Entry.objects.values_list("manifest", flat=True))


@pytest.mark.parametrize(("days", "status"), [(6.99, 200), (7.01, 404)])
def test_it_holds_for_seven_days(district: District, days: float, status: int) -> None:
    address = invited(district)
    clock.set_frozen(clock.now() + timedelta(days=days))
    assert Client().get(address).status_code == status


def test_nobody_is_given_a_password_by_another() -> None:
    """No form, operation or command takes one but the form of whoever was invited."""
    assert "password" in NewPassword.base_fields
    for form in (NewPerson, Role):
        assert "password" not in form.base_fields
    schema = api.get_openapi_schema()
    bodies = [s.get("properties", {}) for s in schema["components"]["schemas"].values()]
    assert any("username" in body for body in bodies)
    assert not any("password" in name for body in bodies for name in body)
    found = [parser()]
    names: list[str] = []
    while found:
        one = found.pop()
        for action in one._actions:
            names += [action.dest, *action.option_strings]
            if isinstance(action, argparse._SubParsersAction):
                found.extend(action.choices.values())
    assert "username" in names
    assert not any("password" in name for name in names)
