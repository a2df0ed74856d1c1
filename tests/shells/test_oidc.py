"""Signing in through the office's identity provider: a small provider on this machine plays it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from huhang.cli.main import main
from huhang.console import oidc
from huhang.kernel.actor import OPERATOR
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties.models import User
from huhang.tlog.verify import verify
from tests.cast import District, found_district

pytestmark = pytest.mark.django_db
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})


class Provider:
    """An OpenID Connect provider: what it answers can be bent."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "leader"}
        self.key = KEY
        self.bent: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                if self.path.startswith("/.well-known"):
                    self.tell(provider.metadata())
                else:
                    self.tell({"keys": [KEY.as_dict(private=False)]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                given = {k: v[0] for k, v in parse_qs(body).items()}
                self.tell(*provider.exchange(given, self.headers.get("authorization", "")))

            def tell(self, answer: dict[str, Any], status: int = 200) -> None:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def exchange(self, given: dict[str, str], authorization: str) -> tuple[dict[str, Any], int]:
        """A code for a token, if the client is who began."""
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = base64.b64encode(b"huhang:secret").decode()
        if challenge != self.asked["code_challenge"] or authorization != f"Basic {known}":
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {"iss": self.url, "aud": "huhang", "iat": now, "exp": now + 60,
                  "nonce": self.asked["nonce"], **self.claims, **self.bent}  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}, 200


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    found = Provider()
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.HUHANG_OIDC_ISSUER = found.url
    settings.HUHANG_OIDC_CLIENT_ID = "huhang"
    settings.HUHANG_OIDC_CLIENT_SECRET = "secret"
    settings.HUHANG_OIDC_NAME = "政务统一身份"
    oidc.provider.cache_clear()
    yield found
    oidc.provider.cache_clear()
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def district() -> District:
    return found_district()


def walk(client: Client, provider: Provider, *, state: str = "", wanted: str = "") -> Any:
    """Press the button, come back with a code."""
    answer = client.get("/console/sign-in/provider/", {"next": wanted} if wanted else {})
    assert answer.status_code == 302, answer.content
    at = urlsplit(answer["location"])
    assert answer["location"].startswith(f"{provider.url}/authorize?")
    provider.asked = {k: v[0] for k, v in parse_qs(at.query).items()}
    assert provider.asked["code_challenge_method"] == "S256"
    given = {"code": "c", "state": state or provider.asked["state"]}
    return client.get("/console/sign-in/provider/back/", given)


def test_whoever_is_invited_here_signs_in_there_and_is_bound_to_it(
    provider: Provider, district: District
) -> None:
    client = Client()
    assert "政务统一身份" in client.get("/console/sign-in/").content.decode()
    answer = walk(client, provider, wanted="/en/console/due/")
    assert answer["location"] == "/en/console/due/"
    assert client.get("/console/cases/").status_code == 200
    assert Entry.objects.filter(verb="bind_identity").count() == 1
    # The name may be given to somebody else, the subject may not.
    provider.claims = {"sub": "s-2", "preferred_username": "leader"}
    other = Client()
    assert walk(other, provider).status_code == 403
    assert other.get("/console/cases/").status_code == 302
    provider.claims = {"sub": "s-1", "preferred_username": "renamed"}
    assert walk(Client(), provider).status_code == 302
    assert main(["user", "forget-identity", "leader"]) == 0
    provider.claims = {"sub": "s-2", "preferred_username": "leader"}
    assert walk(Client(), provider).status_code == 302
    assert verify(parallel=False).ok


@pytest.mark.parametrize(
    "bent",
    [
        {"nonce": "another"}, {"aud": "another"}, {"iss": "https://elsewhere.example"},
        {"exp": 1}, {"sub": ""}, {"preferred_username": "nobody-here"},
    ],
)  # fmt: skip
def test_an_answer_that_is_not_right_signs_nobody_in(
    provider: Provider, district: District, bent: dict[str, Any]
) -> None:
    provider.bent = bent
    client = Client()
    assert walk(client, provider).status_code in (403, 502)
    assert client.get("/console/cases/").status_code == 302
    assert not User.objects.exclude(subject="").exists()


def test_another_key_or_another_state_signs_nobody_in(
    provider: Provider, district: District
) -> None:
    client = Client()
    assert walk(client, provider, state="guessed").status_code == 502
    provider.key = OTHER
    assert walk(client, provider).status_code == 502
    assert client.get("/console/cases/").status_code == 302


def test_whoever_is_locked_out_stays_out(provider: Provider, district: District) -> None:
    user = User.objects.get(username="leader")
    write(lambda w: (w.entry("set_active"), w.update(user, active=False)), actor=OPERATOR)
    assert walk(Client(), provider).status_code == 403


def test_the_second_factor_is_asked_here_too_unless_the_settings_trust_the_provider(
    provider: Provider, district: District, settings: Any
) -> None:
    user = User.objects.get(username="leader")
    write(lambda w: (w.entry("set_factor"), w.update(user, factor="x" * 32)), actor=OPERATOR)
    answer = walk(Client(), provider)
    assert answer["location"] == "/console/sign-in/code/"
    settings.HUHANG_OIDC_SECOND_FACTOR = "provider"
    client = Client()
    assert walk(client, provider)["location"] == "/console/"
    assert client.get("/console/cases/").status_code == 200


def test_a_provider_that_is_silent_is_said_so(provider: Provider, district: District) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    answer = Client().get("/console/sign-in/provider/")
    assert answer.status_code == 502
    assert provider.url not in answer.content.decode()
    provider.server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=provider.server.serve_forever, daemon=True).start()


def test_without_a_provider_there_is_no_such_way() -> None:
    client = Client()
    for address in ("/console/sign-in/provider/", "/console/sign-in/provider/back/"):
        assert client.get(address).status_code == 404
    assert "sign-in/provider" not in client.get("/console/sign-in/").content.decode()
