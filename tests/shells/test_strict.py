"""What browsers and programs are held to: cookies, headers, sessions, passwords."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.test import Client, override_settings

from huhang.config.logs import Discreet
from huhang.console.middleware import IDLE_SECONDS, SEEN_EVERY
from huhang.kernel.errors import Refused
from huhang.parties import accounts
from tests.cast import District, found_district

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return found_district()


def signed_in(district: District) -> Client:
    client = Client()
    client.force_login(district.users["intake"])
    assert client.get("/console/cases/").status_code == 200
    return client


def shifted(client: Client, key: str, seconds: int) -> int:
    """The answer to the queue after this mark of the session was moved back."""
    session = client.session
    session[key] = int(time.time()) - seconds
    session.save()
    return client.get("/console/cases/").status_code


def test_a_session_that_is_left_alone_ends(district: District) -> None:
    client = signed_in(district)
    assert shifted(client, "seen", IDLE_SECONDS - 60) == 200
    assert client.session["seen"] > time.time() - 60, "it is seen now"
    assert shifted(client, "seen", IDLE_SECONDS + 1) == 302
    assert client.get("/console/cases/").status_code == 302, "signing in is needed"


def test_a_session_ends_half_a_day_after_it_began_however_busy(district: District) -> None:
    assert shifted(signed_in(district), "begun", 12 * 3600 + 1) == 302
    assert shifted(signed_in(district), "begun", 12 * 3600 - 60) == 200


def test_not_each_page_writes_the_session(district: District) -> None:
    client = signed_in(district)
    at = int(time.time()) - SEEN_EVERY + 60
    session = client.session
    session["seen"] = at
    session.save()
    client.get("/console/cases/")
    assert client.session["seen"] == at


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(district: District) -> None:
    client = signed_in(district)
    key = client.cookies["sessionid"].value
    answer = client.post("/console/sign-out/")
    assert "storage" in answer["Clear-Site-Data"]
    other = Client()
    other.cookies["sessionid"] = key
    assert other.get("/console/cases/").status_code == 302


@pytest.mark.parametrize("address", ["/r/", "/console/sign-in/", "/healthz", "/nothing/",
                                     "/api/v1/cases", "/static/look/mark.svg"])  # fmt: skip
def test_every_answer_has_the_policy(address: str) -> None:
    answer = Client().get(address)
    answer.close()
    headers = answer.headers
    for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
                 "default-src 'none'"):  # fmt: skip
        assert rule in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store" or address.startswith("/static/")


@pytest.mark.parametrize("address", ["/r/", "/console/sign-in/", "/console/", "/api/v1/cases", "/healthz"])  # fmt: skip
def test_a_trace_gives_nothing_back(address: str) -> None:
    answer = Client().generic("TRACE", address, headers={"x-mirror": "mirrored"})
    assert answer.status_code in (302, 405)
    assert b"mirrored" not in answer.content


def test_a_drawing_says_its_characters_and_a_folder_shows_nothing() -> None:
    drawing = Client().get("/static/look/mark.svg")
    drawing.close()
    assert drawing["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert Client().get("/static/").status_code == 404
    assert Client().get("/static/look/").status_code == 404


def test_the_servers_log_tells_the_time_in_utc_and_no_more_than_the_place() -> None:
    record = logging.makeLogRecord(
        {"name": "huhang", "levelname": "ERROR", "msg": "x", "created": 0}
    )
    assert Discreet().format(record).startswith("1970-01-01T00:00:00Z ERROR huhang")
    try:
        raise ValueError("typed\nby somebody")
    except ValueError:
        found = logging.makeLogRecord({"name": "huhang", "exc_info": sys.exc_info()})
    assert "typed" not in Discreet().format(found)


@override_settings(SECURE_SSL_REDIRECT=True)
@pytest.mark.parametrize("address", ["/api/v1/cases", "/open311/v2/services.json"])
def test_a_program_is_refused_without_tls_and_not_led_on(address: str) -> None:
    client = Client(headers={"authorization": "Bearer huhang_x"})
    answer = client.get(address)
    assert answer.status_code == 403
    assert "Location" not in answer.headers
    assert client.get(address, secure=True).status_code in (200, 401)
    assert Client().get("/r/")["Location"].startswith("https://")


def test_by_https_cookies_belong_to_this_host_alone(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c",
         "from huhang.config import settings as s;"
         "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
         " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_PATH)"],
        env={**os.environ, "HUHANG_HOME": str(tmp_path), "HUHANG_HTTPS": "1"},
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout.split()  # fmt: skip
    assert said == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "/"]


@pytest.mark.parametrize(
    "password", ["Hu-Hang 2026 autumn", "营商环境监督受理室1", "ＨＵＨＡＮＧ-secret-9", "cn-chiping-99",
                 "1234567890", "qwertyuiop", "short", "intake1234"],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_refused(district: District, password: str) -> None:
    with pytest.raises(Refused):
        accounts.hash_password(district.users["intake"], password)


@pytest.mark.parametrize(
    "password", ["eine lange Losung", "全小写没有数字的一句话", " " + "ä" * 100]
)
def test_any_other_of_any_composition_is_taken(district: District, password: str) -> None:
    user = district.users["intake"]
    user.password = accounts.hash_password(user, password)
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(password)
    assert not user.check_password(password.strip() + "x")
