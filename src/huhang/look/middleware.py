"""What holds for every page: its headers, and that its address can be looked up."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huhang.checker import reading
from huhang.intake import runs
from huhang.kernel.plain import whole_number
from huhang.look.views import bad_request, too_large

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)


def request_size(request: HttpRequest) -> int:
    """How many bytes a request says that its body has; a body that does not say so is not read."""
    return whole_number(request.META.get("CONTENT_LENGTH") or "") or 0


class Bounded:
    """Answers 413 to a body that is larger than anything taken here, before a byte of it is read:
    Django would put it on the disk first, whoever sends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request_size(request) > _most(request):
            return too_large(request)
        return self.get_response(request)


def _most(request: HttpRequest) -> int:
    """Imports are the largest files; everything else is a report with its files, and its form."""
    files = settings.HUHANG_UPLOAD_MAX_MB * settings.HUHANG_UPLOAD_MAX_FILES << 20
    if "/imports" in request.path_info:
        files = runs.MOST_BYTES
    return max(files, reading.MOST_BYTES) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class NoNul:
    """Answers 400 to an address with a NUL in it: no text of ours has one, and PostgreSQL takes none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request)
        return self.get_response(request)


class ContentSecurityPolicy:
    """Adds the policy, forbids browsers' extras that nobody here needs, and says a 405 in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allow = response.headers["Allow"]
            response = render(request, "405.html", status=405)
            response.headers["Allow"] = allow
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"
        )
        return response
