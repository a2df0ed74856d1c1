"""The second factor: set up, asked for, lost; the console's pages with real codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client, override_settings

from huhang.cli.main import main
from huhang.console.attempts import MOST_FAILURES, failures
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry, Payload
from huhang.kernel.write import write
from huhang.parties import accounts, factors
from huhang.parties.models import RecoveryCode, User
from huhang.parties.queries import actor_for
from huhang.parties.signed_in import end_sessions, ref_of, set_active
from huhang.tlog.verify import verify
from tests.cast import District, found_district

pytestmark = pytest.mark.django_db
PASSWORD = "eine lange Losung"
HERE = "/en/console/factor/"
CODE = "/en/console/sign-in/code/"


@pytest.fixture
def district() -> District:
    """With a password for the intake, a time that stands still, and no failures counted."""
    clock.set_frozen(clock.now())
    found = found_district()
    user = found.users["intake"]
    hashed = accounts.hash_password(user, PASSWORD)
    token = write(lambda w: accounts.invite(w, "intake"), actor=OPERATOR)
    write(lambda w: accounts.accept_invitation(w, token, hashed), actor=OPERATOR)
    factors._used.clear()
    failures._at.clear()
    return found


def later(seconds: int) -> None:
    """Let time pass: a code holds for half a minute, and once."""
    clock.set_frozen(clock.now() + timedelta(seconds=seconds))


def sign_in(client: Client, **more: Any) -> Any:
    sent = {"username": "intake", "password": PASSWORD, **more}
    return client.post("/en/console/sign-in/", sent)


def secret_of(client: Client) -> str:
    page = client.get(HERE).content.decode()
    found = re.search(r'<p class="mono">([A-Z2-7 ]+)</p>', page)
    assert found, page
    return found[1].replace(" ", "")


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def enrolled(client: Client) -> tuple[str, list[str]]:
    """Set up a second factor: its secret and the recovery codes that the page shows."""
    secret = secret_of(client)
    answer = client.post(HERE, {"do": "enrol", "code": code_of(secret)})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    codes = re.findall(r"<li>((?:\w{5}-){3}\w{5})</li>", page)
    assert len(codes) == len(set(codes)) == factors.RECOVERY_CODES
    return secret, codes


@override_settings(HUHANG_SECOND_FACTOR="required")
def test_nobody_goes_on_without_one_and_everybody_with_it(district: District) -> None:
    client = Client()
    assert sign_in(client).status_code == 302
    for address in ("/en/console/", "/en/console/cases/", "/en/console/tokens/"):
        assert client.get(address)["Location"] == HERE
    assert client.post("/en/console/sign-out/").status_code == 302
    sign_in(client)
    secret, codes = enrolled(client)
    assert client.get("/en/console/cases/").status_code == 200
    assert codes[0] not in client.get(HERE).content.decode(), "shown once"
    client.post("/en/console/sign-out/")

    answer = sign_in(client, next="/en/console/notices/")
    assert answer["Location"] == CODE
    assert client.get("/en/console/cases/")["Location"].startswith("/en/console/sign-in/")
    wrong = client.post(CODE, {"code": "000000" if code_of(secret) != "000000" else "000001"})
    assert wrong.status_code == 400
    assert "wrong, or was used already" in wrong.content.decode()
    later(30)
    right = client.post(CODE, {"code": f" {code_of(secret)[:3]} {code_of(secret)[3:]} "})
    assert right["Location"] == "/en/console/notices/"
    assert client.get("/en/console/notices/").status_code == 200


def test_a_code_holds_once_and_a_step_either_way(district: District) -> None:
    client = Client()
    sign_in(client)
    secret, _codes = enrolled(client)
    totp = pyotp.TOTP(secret)
    for aside, right in (
        (-60, False),
        (60, False),
        (-30, True),
        (0, True),
        (0, False),
        (-30, False),
    ):
        other = Client()
        assert sign_in(other)["Location"] == CODE
        sent = other.post(CODE, {"code": totp.at(clock.now() + timedelta(seconds=aside))})
        assert (sent.status_code == 302) == right, (aside, right)


def test_a_recovery_code_signs_in_once(district: District) -> None:
    client = Client()
    sign_in(client)
    _secret, codes = enrolled(client)
    other = Client()
    sign_in(other)
    assert other.post(CODE, {"code": codes[3].lower().replace("-", " ")}).status_code == 302
    assert (
        f"{factors.RECOVERY_CODES - 1} recovery codes are left" in other.get(HERE).content.decode()
    )
    again = Client()
    sign_in(again)
    assert again.post(CODE, {"code": codes[3]}).status_code == 400
    renewed = other.post(HERE, {"do": "codes", "code": codes[4]})
    assert renewed.status_code == 302
    assert again.post(CODE, {"code": codes[5]}).status_code == 400, "the older ones ended"
    assert RecoveryCode.objects.filter(used_at__isnull=True).count() == factors.RECOVERY_CODES


def test_a_page_that_was_opened_before_changes_nothing(district: District) -> None:
    client = Client()
    sign_in(client)
    _secret, codes = enrolled(client)
    before = Entry.objects.count()
    assert client.post(HERE, {"do": "enrol", "code": codes[0]}).status_code == 400
    assert client.post(HERE, {"do": "all", "code": codes[0]}).status_code == 200
    assert Entry.objects.count() == before


def test_another_device_ends_the_first_and_other_sessions(district: District) -> None:
    client, other = Client(), Client()
    sign_in(client)
    sign_in(other)
    secret, _codes = enrolled(client)
    assert other.get("/en/console/cases/").status_code == 302, "signed in without it: out"
    assert client.get("/en/console/cases/").status_code == 200
    later(30)
    assert client.post(HERE, {"do": "another", "code": "123"}).status_code == 400
    assert client.post(HERE, {"do": "another", "code": code_of(secret)}).status_code == 302
    fresh = secret_of(client)
    assert fresh != secret
    assert client.post(HERE, {"do": "enrol", "code": code_of(secret)}).status_code == 400
    assert client.post(HERE, {"do": "enrol", "code": code_of(fresh)}).status_code == 302
    assert client.post(HERE, {"do": "enrol", "code": code_of(fresh)}).status_code == 400


def test_guessing_must_wait_and_the_first_step_grows_old(district: District) -> None:
    client = Client()
    sign_in(client)
    secret, codes = enrolled(client)
    other = Client()
    sign_in(other)
    found = [other.post(CODE, {"code": f"{n:06d}"}).status_code for n in range(MOST_FAILURES + 1)]
    assert found == [400] * MOST_FAILURES + [429]
    later(30)
    assert other.post(CODE, {"code": code_of(secret)}).status_code == 429
    failures._at.clear()
    later(700)
    assert other.post(CODE, {"code": codes[0]})["Location"] == "/en/console/sign-in/"
    assert Client().get(CODE)["Location"] == "/en/console/sign-in/"


def test_whoever_is_locked_out_does_not_come_in_by_the_second_step(district: District) -> None:
    client = Client()
    sign_in(client)
    _secret, codes = enrolled(client)
    other = Client()
    sign_in(other)
    write(lambda w: set_active(w, "intake", False), actor=OPERATOR)
    assert other.post(CODE, {"code": codes[0]})["Location"] == "/en/console/sign-in/"


def test_an_administrator_takes_a_lost_one_away(district: District) -> None:
    client = Client()
    sign_in(client)
    enrolled(client)
    admin = Client()
    admin.force_login(district.users["admin"])
    address = "/en/console/people/intake/"
    assert "second factor since" in admin.get(address).content.decode()
    asked = admin.post(address, {"do": "factor"}).content.decode()
    assert "Only when you know that it is they who ask" in asked
    assert admin.post(address, {"do": "factor", "confirm": "yes"}).status_code == 302
    assert client.get("/en/console/cases/").status_code == 302, "out everywhere"
    assert sign_in(client)["Location"] == "/en/console/"
    assert "no second factor yet" in admin.get(address).content.decode()
    assert not RecoveryCode.objects.filter(used_at__isnull=True).exists()
    handler = actor_for(district.users["handler"])
    with pytest.raises(NotAllowed):
        write(lambda w: factors.remove(w, "intake"), actor=handler)
    with pytest.raises(NotAllowed):
        write(
            lambda w: factors.enrol(w, "intake", "A" * 32, "1"),
            actor=actor_for(district.users["admin"]),
        )


def test_the_operator_takes_one_away(
    district: District, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    sign_in(client)
    enrolled(client)
    monkeypatch.setattr("huhang.cli.ready.need", lambda: None)
    assert main(["user", "remove-factor", "intake"]) == 0
    assert "intake has no second factor any more" in capsys.readouterr().out
    assert main(["user", "remove-factor", "intake"]) == 2
    assert User.objects.get(username="intake").factor == ""


def test_neither_the_database_nor_the_log_tells_the_secret(
    district: District, settings: Any
) -> None:
    client = Client()
    sign_in(client)
    secret, codes = enrolled(client)
    user = User.objects.get(username="intake")
    assert secret not in user.factor
    told = "".join(Entry.objects.values_list("manifest", flat=True))
    told += "".join(Payload.objects.values_list("body", flat=True))
    for word in (secret, user.factor, *codes):
        assert word not in told
    verbs = list(Entry.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs[-1] == "enrol_factor"
    report = verify(parallel=False)
    assert report.ok, report
    settings.SECRET_KEY = "another"
    with pytest.raises(Refused):
        factors.accepts(user, code_of(secret))
    assert write(
        lambda w: factors.use_recovery_code(w, "intake", codes[0]), actor=Actor("user", user.ref)
    ), "a recovery code still helps"


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1: the last six of the eight digits there.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, code in (
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ):
        with clock.frozen(datetime.fromtimestamp(at, UTC)):
            assert factors._step(secret, code) == at // 30
            assert factors._step(secret, "000000") is None


def test_sessions_are_listed_and_ended(district: District) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    phone = (
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile MicroMessenger/8.0"
    )
    client, wechat, third = (
        Client(headers={"user-agent": agent}) for agent in (firefox, phone, "curl")
    )
    for one in (client, wechat, third):
        sign_in(one)
    page = client.get("/en/console/sessions/").content.decode()
    assert "Firefox · Linux" in page
    assert "WeChat · Android" in page
    assert "A browser that does not say what it is" in page
    refs = re.findall(r'name="ref" value="(\w{16})"', page)
    assert len(refs) == 2, "the own session is left to signing out"
    assert ref_of(client.session.session_key) not in refs
    phones = ref_of(wechat.session.session_key)
    assert client.post("/en/console/sessions/", {"ref": phones}).status_code == 302
    assert wechat.get("/en/console/cases/").status_code == 302
    assert third.get("/en/console/cases/").status_code == 200
    client.post("/en/console/sessions/", {"ref": "others"})
    assert third.get("/en/console/cases/").status_code == 302
    assert client.get("/en/console/cases/").status_code == 200
    assert "signed in nowhere else" in client.get("/en/console/sessions/").content.decode()
    before = Entry.objects.count()
    client.post("/en/console/sessions/", {"ref": "0" * 16})
    client.post("/en/console/sessions/", {"ref": ""})
    assert Entry.objects.count() == before, "nothing was ended"
    assert (
        list(Entry.objects.order_by("-seq").values_list("verb", flat=True)[:2])
        == ["end_sessions"] * 2
    )


def test_an_administrator_signs_somebody_out_and_nobody_else_does(district: District) -> None:
    client = Client()
    sign_in(client)
    admin = Client()
    admin.force_login(district.users["admin"])
    address = "/en/console/people/intake/"
    assert "Sign out everywhere (1 session)" in admin.get(address).content.decode()
    assert client.get("/en/console/cases/").status_code == 200
    admin.post(address, {"do": "sign_out", "confirm": "yes"})
    assert client.get("/en/console/cases/").status_code == 302
    assert "Sign out everywhere" not in admin.get(address).content.decode()
    with pytest.raises(NotAllowed):
        write(lambda w: end_sessions(w, "intake"), actor=actor_for(district.users["handler"]))
