"""Signing in through the office's identity provider (OpenID Connect, authorization code with PKCE)."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from joserfc.errors import JoseError

from huhang.console import factor
from huhang.console.middleware import open_to_all
from huhang.console.pages import next_of, page
from huhang.kernel.actor import WORKER
from huhang.kernel.errors import HuhangError, Missing, NotAllowed
from huhang.kernel.write import write
from huhang.parties import identities

logger = logging.getLogger("huhang.console")
WANTED = "oidc_next"
SECONDS = 10


@cache
def provider() -> Any:
    """The provider as the settings name it; its addresses are read when they are first needed."""
    found = OAuth()
    return found.register(
        "office",
        client_id=settings.HUHANG_OIDC_CLIENT_ID,
        client_secret=settings.HUHANG_OIDC_CLIENT_SECRET or None,
        server_metadata_url=f"{settings.HUHANG_OIDC_ISSUER}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "timeout": SECONDS,
            "token_endpoint_auth_method": "client_secret_basic"
            if settings.HUHANG_OIDC_CLIENT_SECRET
            else "none",
        },
    )


def offered() -> str:
    """What the button says; empty where no provider is set."""
    return settings.HUHANG_OIDC_NAME if settings.HUHANG_OIDC_ISSUER else ""


def _needed() -> None:
    if not settings.HUHANG_OIDC_ISSUER:
        raise Missing(_("There is no such page."))


@open_to_all
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. A link, no form: the page's policy lets forms go nowhere else."""
    _needed()
    wanted = next_of(request)
    with override(settings.LANGUAGE_CODE):  # the provider knows one address
        back = settings.HUHANG_BASE_URL + reverse("console:oidc_back")
    try:
        answer: HttpResponse = provider().authorize_redirect(request, back)
    except (AuthlibBaseError, requests.RequestException, ValueError) as error:
        return _failed(request, error)
    request.session[WANTED] = wanted
    return answer


@open_to_all
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """The browser comes back: the provider is asked who it is, and its answer is checked."""
    _needed()
    wanted = request.session.pop(WANTED, "") or reverse("console:home")
    try:
        claims = provider().authorize_access_token(request)["userinfo"]
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
        return _failed(request, error)
    try:
        user = write(lambda w: identities.identity(w, dict(claims)), actor=WORKER)
    except HuhangError as error:
        return page(request, "console/told.html", {"error": error}, status=403)
    if settings.HUHANG_OIDC_SECOND_FACTOR == "provider":
        return factor.enter(request, user, wanted)
    return factor.begin(request, user, wanted)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    # What the provider said could name somebody: the kind of the fault alone is noted.
    logger.warning("sign-in through the provider: %s", type(error).__name__)
    told = NotAllowed(
        _(
            "The office's sign-in did not answer as it should. Try again, or sign in with your password."
        )
    )
    return page(request, "console/told.html", {"error": told}, status=502)
