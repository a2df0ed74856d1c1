"""The error pages of both rooms. Hidden and missing give the same page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400; 413 where a form holds more than is taken: what was typed is not malformed."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: the same for what is not there and for what is hidden."""
    user = getattr(request, "user", None)  # the public's pages have none
    staff = user is not None and user.is_authenticated
    return render(request, "404.html", {"staff": staff}, status=404)


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return render(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was opened too long ago or elsewhere."""
    return render(request, "403_csrf.html", status=403)
