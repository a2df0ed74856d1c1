"""Changing one's own password: the present one is asked, other sessions end, the log says that it was done."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from huhang.console.attempts import failures
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Missing, NotAllowed
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties import accounts, factors
from huhang.parties.models import User
from huhang.parties.signed_in import sessions_of, set_active
from huhang.tlog.verify import verify
from tests.cast import District, found_district

pytestmark = pytest.mark.django_db
PLACE = "/en/console/password/"
OLD, NEW = "harbour lantern 7", "quiet river stones 42"


@pytest.fixture
def district() -> District:
    found = found_district()
    hashed = accounts.hash_password(found.users["handler"], OLD)
    token = write(lambda w: accounts.invite(w, "handler"), actor=OPERATOR)
    write(lambda w: accounts.accept_invitation(w, token, hashed), actor=OPERATOR)
    failures.forget(f"password {found.users['handler'].pk}")
    return found


def signed_in(name: str = "handler", password: str = OLD) -> Client:
    client = Client()
    answer = client.post("/console/sign-in/", {"username": name, "password": password})
    assert answer.status_code == 302
    return client


def change(client: Client, **other: str) -> int:
    sent = {"present": OLD, "password": NEW, "again": NEW, **other}
    return client.post(PLACE, sent).status_code


def test_the_new_one_opens_and_other_sessions_end(district: District) -> None:
    here, elsewhere = signed_in(), signed_in()
    older = write(lambda w: accounts.invite(w, "handler"), actor=OPERATOR)
    assert "Change my password" in here.get(PLACE).content.decode()
    assert change(here) == 302
    assert "is changed" in here.get(PLACE + "?done=1").content.decode()
    assert elsewhere.get(PLACE).status_code == 302, "signed out"
    assert accounts.authenticate("handler", OLD) is None
    assert accounts.authenticate("handler", NEW) is not None
    with pytest.raises(Missing):
        accounts.open_invitation(older)
    (entry,) = Entry.objects.filter(verb="change_password")
    assert entry.actor == district.users["handler"].ref
    assert "password" not in entry.manifest.replace("change_password", "")
    assert verify(parallel=False).ok


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"present": "wrong"}, "present password"),
        ({"again": "another"}, "not the same"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"password": "password123", "again": "password123"}, "too common"),
        ({"password": "", "again": ""}, "needed"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    district: District, other: dict[str, str], said: str
) -> None:
    client = signed_in()
    answer = client.post(PLACE, {"present": OLD, "password": NEW, "again": NEW, **other})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert OLD not in answer.content.decode()
    assert accounts.authenticate("handler", OLD) is not None
    assert not Entry.objects.filter(verb="change_password").exists()


def test_guessing_the_present_one_is_slowed_down(district: District) -> None:
    client = signed_in()
    found = [change(client, present=f"guess {n}") for n in range(12)]
    assert found[0] == 400
    assert found[-1] == 429
    assert change(client) == 429, "the right one waits too"


def test_only_looking_at_the_present_one_counts_as_an_attempt(district: District) -> None:
    client = signed_in()
    assert {change(client, again=f"another {n}") for n in range(12)} == {400}
    assert change(client) == 302


def test_whoever_signs_in_through_the_office_is_told_so(district: District) -> None:
    user = district.users["supervisor"]
    client = Client()
    client.force_login(user)
    page = client.get(PLACE).content.decode()
    assert "sign in through your office" in page
    assert 'type="password"' not in page
    assert change(client, present="") == 400
    assert not Entry.objects.filter(verb="change_password").exists()


def test_whoever_has_a_second_factor_is_asked_for_it(district: District) -> None:
    clock.set_frozen(clock.now())
    user = district.users["handler"]
    totp = pyotp.TOTP(secret := factors.new_secret())
    write(
        lambda w: factors.enrol(w, "handler", secret, totp.at(clock.now())),
        actor=district.actor("handler"),
    )
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    assert "One-time code" in client.get(PLACE).content.decode()
    assert change(client) == 400
    assert change(client, code="000000") == 400
    assert accounts.authenticate("handler", OLD) is not None
    clock.set_frozen(clock.now() + timedelta(seconds=60))
    code = totp.at(clock.now())
    assert change(client, code=code, password="short", again="short") == 400
    assert change(client, code=code) == 302, "what is refused for the new one spends no code"
    assert accounts.authenticate("handler", NEW) is not None


def test_nobody_changes_anothers(district: District) -> None:
    with pytest.raises(NotAllowed):
        write(lambda w: accounts.change_password(w, "handler", "x"), actor=district.actor("admin"))


def test_locking_somebody_out_ends_their_sessions_for_good(district: District) -> None:
    client = signed_in()
    for active in (False, True):
        write(lambda w, a=active: set_active(w, "handler", a), actor=district.actor("admin"))  # type: ignore[misc]
        assert client.get(PLACE).status_code == 302
    assert not sessions_of(User.objects.get(username="handler"))
