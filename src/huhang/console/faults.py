"""Errors that a person can be told, as pages; who is signed in keeps the bar."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from huhang.console.pages import page
from huhang.kernel.errors import Conflict, Full, HuhangError, Missing, NotAllowed
from huhang.look.views import not_found
from huhang.papers.errors import BrokenTemplate
from huhang.rulebook import current


class FaultsAsPages:
    """Answers what a view raises. Stands inside ``StaffRoom``, which says who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an error; None for what nobody foresaw."""
        if isinstance(error, Missing | Http404):
            return not_found(request)
        if isinstance(error, Full):
            return render(request, "503.html", {"phone": current().urgent_phone}, status=503)
        if isinstance(error, HuhangError):
            context, status = (
                {"error": error, "operators": isinstance(error, BrokenTemplate)},
                _status(error),
            )
            if hasattr(request, "actor"):
                return page(request, "console/told.html", context, status=status)
            return render(request, "console/told.html", context, status=status)
        return None


def _status(error: HuhangError) -> int:
    if isinstance(error, Conflict):
        return 409
    return 403 if isinstance(error, NotAllowed) else 400
