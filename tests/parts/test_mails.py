"""Mails to staff: how many new notices, at most one an hour, and never a word of any case."""

from __future__ import annotations

import email
import email.policy
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.test import Client

from huhang.config import mails
from huhang.config.reactions import catch_up
from huhang.config.settings_env import BadSetting, read
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties import accounts
from huhang.parties.models import User
from huhang.parties.signed_in import set_active
from huhang.tlog.verify import verify
from tests.cast import District, case_of, do, file_report, found_district
from tests.server import free_port

pytestmark = pytest.mark.django_db
SECRET = "摊位费索要现金"


@dataclass
class Box:
    """What a mail server got; it refuses ``refused``."""

    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refused: str = ""
    signed_in: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address == self.refused:
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(said, EmailMessage)
        self.got.append((envelope.rcpt_tos[0], said))
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        self.signed_in.append(data.login)
        return AuthResult(success=data.password == b"secret")


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    """A mail server on this machine."""
    logging.getLogger("mail.log").disabled = True  # its thread outlives what a test captures
    found = Box()
    server = Controller(
        found, hostname="127.0.0.1", port=free_port(), authenticator=found.authenticate,
        auth_require_tls=False,
    )  # fmt: skip
    server.start()
    settings.HUHANG_SMTP_HOST = "127.0.0.1"
    settings.HUHANG_SMTP_PORT = server.port
    settings.HUHANG_SMTP_SECURITY = "none"
    yield found
    server.stop()


@pytest.fixture
def district() -> District:
    clock.set_frozen(datetime(2026, 5, 4, 1, tzinfo=UTC))
    return found_district()


def turn_on(district: District, name: str, address: str = "") -> None:
    actor = district.actor(name)
    write(lambda w: accounts.set_mail(w, name, address or f"{name}@example.org"), actor=actor)


def report(district: District, *units: str, **more: Any) -> Any:
    return case_of(file_report(district, *units, text=SECRET, **more))


def later(minutes: int) -> None:
    clock.set_frozen(clock.now() + timedelta(minutes=minutes))


def round_of_the_worker() -> int:
    catch_up()
    return mails.send_due()


def said_by_the_worker(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(r.getMessage() for r in caplog.records if r.name == "huhang.worker")


def test_a_mail_says_how_many_and_nothing_of_them(district: District, box: Box) -> None:
    report(district)  # before it was turned on
    catch_up()
    turn_on(district, "intake")
    cases = [report(district, "market"), report(district, "tax")]
    assert round_of_the_worker() == 1
    ((to, mail),) = box.got
    assert to == "intake@example.org"
    assert mail["Subject"] == "护航：2 条新提醒"
    whole = mail.as_string() + mail.get_content() + str(mail["Subject"])
    assert "2 条新提醒" in mail.get_content()
    assert "http://127.0.0.1:8000/console/" in mail.get_content()
    hidden = [SECRET, "市场监督", "税务", "Market", "用户intake", district.users["intake"].ref]
    for word in [*hidden, *(c.ref for c in cases), *(c.title for c in cases)]:
        assert word not in whole, word


def test_at_most_one_an_hour(district: District, box: Box) -> None:
    turn_on(district, "intake")
    report(district)
    assert round_of_the_worker() == 1
    later(59)
    report(district)
    assert round_of_the_worker() == 0
    later(2)
    report(district)
    assert round_of_the_worker() == 1
    assert str(box.got[-1][1]["Subject"]).endswith("2 条新提醒"), "those of the meantime too"
    later(61)
    assert round_of_the_worker() == 0, "nothing new"


def test_only_what_somebody_may_see_is_counted(district: District, box: Box) -> None:
    for name in ("intake", "intake-2"):
        turn_on(district, name)
    case = report(district, "market")
    do(district.actor("leader"), case, "recuse", reason="interest", user="intake-2")
    round_of_the_worker()
    assert [to for to, _mail in box.got] == ["intake@example.org"]


def test_nobody_gets_one_who_did_not_ask_or_is_locked_out(district: District, box: Box) -> None:
    turn_on(district, "intake-2")
    turn_on(district, "auditor")
    write(lambda w: set_active(w, "intake-2", False), actor=district.actor("admin"))
    report(district)
    assert round_of_the_worker() == 0
    assert not box.got


def test_without_a_server_none_is_sent(district: District, box: Box, settings: Any) -> None:
    turn_on(district, "intake")
    report(district)
    settings.HUHANG_SMTP_HOST = ""
    assert round_of_the_worker() == 0
    client = Client()
    client.force_login(district.users["leader"])
    assert "sends no mails" in client.get("/en/console/mail/").content.decode()


def test_a_server_that_is_away_is_tried_again(
    district: District, box: Box, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    turn_on(district, "intake")
    report(district)
    there = settings.HUHANG_SMTP_PORT
    settings.HUHANG_SMTP_PORT = 1
    assert round_of_the_worker() == 0
    assert "trying again" in said_by_the_worker(caplog)
    assert "example.org" not in said_by_the_worker(caplog)
    settings.HUHANG_SMTP_PORT = there
    assert round_of_the_worker() == 1


def test_a_refused_address_hinders_nobody_else(
    district: District, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    turn_on(district, "intake", "gone@example.org")
    turn_on(district, "intake-2")
    box.refused = "gone@example.org"
    report(district)
    assert round_of_the_worker() == 1
    assert [to for to, _mail in box.got] == ["intake-2@example.org"]
    assert "refused" in said_by_the_worker(caplog)
    assert "gone@" not in said_by_the_worker(caplog)
    later(61)
    box.refused = ""
    assert round_of_the_worker() == 1, "and the number is not lost"


def test_it_signs_in_where_a_name_is_given(district: District, box: Box, settings: Any) -> None:
    settings.HUHANG_SMTP_USER, settings.HUHANG_SMTP_PASSWORD = "office", "secret"
    turn_on(district, "intake")
    report(district)
    assert round_of_the_worker() == 1
    assert box.signed_in == [b"office"]
    settings.HUHANG_SMTP_PASSWORD = "wrong"
    later(61)
    report(district)
    assert round_of_the_worker() == 0


def test_a_server_that_cannot_keep_the_way_secret_gets_nothing(
    district: District, box: Box, settings: Any
) -> None:
    settings.HUHANG_SMTP_SECURITY = "starttls"
    turn_on(district, "intake")
    report(district)
    assert round_of_the_worker() == 0
    assert not box.got


def test_everybody_turns_on_their_own(district: District) -> None:
    with pytest.raises(NotAllowed):
        write(
            lambda w: accounts.set_mail(w, "intake", "x@example.org"),
            actor=district.actor("admin"),
        )
    for wrong in ("nobody", "a@b", "a@example.org\nBcc: b@example.org", "x" * 250 + "@example.org"):
        with pytest.raises(Refused) as refused:
            turn_on(district, "intake", wrong)
        assert refused.value.field == "mail"


def test_the_page_turns_it_on_and_off(district: District, box: Box) -> None:
    client = Client()
    client.force_login(district.users["handler"])
    place = "/en/console/mail/"
    assert f'href="{place}"' in client.get("/en/console/cases/").content.decode()
    wrong = client.post(place, {"do": "on", "mail": "nonsense"})
    assert wrong.status_code == 400
    assert "no e-mail address" in wrong.content.decode()
    assert client.post(place, {"do": "on", "mail": "h@example.org"}).status_code == 302
    assert "h@example.org" in client.get(place).content.decode()
    assert client.post(place, {"do": "off"}).status_code == 302
    assert User.objects.get(username="handler").mail == ""
    said = list(Entry.objects.filter(verb__startswith="mail_").order_by("seq"))
    assert [e.verb for e in said] == ["mail_on", "mail_off"]
    assert "example.org" not in "".join(e.manifest for e in said), "the address is in no entry"
    assert verify(parallel=False).ok


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUHANG_SMTP_HOST", "mail.example.org:25"), ("HUHANG_SMTP_PORT", "0"),
        ("HUHANG_SMTP_SECURITY", "ssl"), ("HUHANG_SMTP_FROM", "Huhang <x@example.org>"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read({name: value})
    assert read({"HUHANG_SMTP_FROM": "huhang@example.org"})["HUHANG_SMTP_FROM"]


@pytest.mark.parametrize(
    "address",
    ["a@example.org\nBcc: b@example.org", "a@example.org\r\nSubject: x", "a@b@example.org"],
)
def test_nothing_but_one_address_becomes_the_recipient(district: District, address: str) -> None:
    with pytest.raises(Refused) as refused:
        write(lambda w: accounts.set_mail(w, "handler", address), actor=district.actor("handler"))
    assert refused.value.field == "mail"
    with pytest.raises(ValueError, match=r"linefeed|carriage"):
        mails.letter("a@example.org\nBcc: b@example.org", 1)
