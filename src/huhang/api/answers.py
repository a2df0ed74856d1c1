"""Errors as JSON: ``{"error": {"field": ..., "reason": ...}}``, in the language of the request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from huhang.kernel.errors import Conflict, Full, HuhangError, Missing, NotAllowed


class Unknown(Exception):
    """No token, or one that does not hold."""


class OutOfScope(Exception):
    """The token holds, but not for this."""


class TooMany(Exception):
    """Too many requests with one token. ``wait``: seconds until the next."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait

    def told(self, answer: HttpResponse) -> HttpResponse:
        """The answer, with when to ask again."""
        answer.headers["Retry-After"] = str(self.wait)
        return answer


def problem(status: int, reason: Any, field: str = "") -> HttpResponse:
    """The answer to what went wrong."""
    return JsonResponse(
        {"error": {"field": field, "reason": str(reason)}},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )


def words_of(status: int) -> str:
    """What a status means, for answers that nobody worded."""
    known = {
        400: _("This request cannot be read."),
        401: _("A token that holds is needed: Authorization: Bearer …"),
        403: _("This token may not be used for this."),
        404: _("There is nothing here, or it is not for you."),
        405: _("This address does not take this method."),
        413: _("This request is too large."),
        429: _("Too many requests. Please wait."),
        503: _("The disk of this server is full. Nothing of this was kept."),
    }
    return known.get(status) or _("Something went wrong on this server. Nothing of this was kept.")


def plain(status: int, field: str = "") -> HttpResponse:
    """The answer of a status in its own words: of a 404 always the same."""
    return problem(status, words_of(status), field)


STATUS: dict[type[HuhangError], int] = {NotAllowed: 403, Conflict: 409, Full: 503}


def status_of(error: HuhangError) -> int:
    """The status of something that a person can be told."""
    return next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)


def told(request: HttpRequest, error: HuhangError) -> HttpResponse:
    """An error that a person can be told."""
    if isinstance(error, Missing):
        return plain(404)
    return problem(status_of(error), error.message, error.field)
