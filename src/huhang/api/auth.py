"""Who asks: a token in ``Authorization: Bearer``, its scope, and how often it may ask."""

from __future__ import annotations

import threading
import time
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from huhang.api.answers import OutOfScope, TooMany, Unknown
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.parties.models import Token
from huhang.parties.queries import actor_of_token, token_of

MINUTE = 60


class Limiter:
    """Counts requests by token within the minute, in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[int, int] = {}

    def count(self, token: int) -> None:
        """Count one more. Raises ``TooMany``."""
        now = time.time()
        with self._lock:
            if int(now) // MINUTE != self._minute:
                self._minute = int(now) // MINUTE
                self._counts.clear()
            found = self._counts[token] = self._counts.get(token, 0) + 1
        if found > settings.HUHANG_API_PER_MINUTE:
            raise TooMany(max(1, MINUTE - int(now) % MINUTE))


limiter = Limiter()


def enter(secret: str, scope: str) -> tuple[Actor, Token]:
    """Whom this token lets in for this scope (empty: any).

    Raises ``Unknown``, ``TooMany``, ``OutOfScope``.
    """
    token = token_of(secret.strip()) if secret else None
    if token is None:
        raise Unknown
    limiter.count(token.pk)
    if scope and scope not in token.scopes.split():
        raise OutOfScope
    return actor_of_token(token), token


class Scoped(HttpBearer):
    """Lets in whom a token of this scope acts for, if they have one of the roles; to others the
    address is not there. Asked before anything of the request is read."""

    openapi_name = "token"

    def __init__(self, scope: str, roles: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.scope = scope
        self.roles = roles

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Set who asks."""
        actor, found = enter(token, self.scope)
        if self.roles and not any(actor.has(role) for role in self.roles):
            raise Missing("")
        request.actor = actor  # type: ignore[attr-defined]
        request.token = found  # type: ignore[attr-defined]
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def token_in(request: HttpRequest) -> Token:
    """The token of a request."""
    return cast(Token, request.token)  # type: ignore[attr-defined]
