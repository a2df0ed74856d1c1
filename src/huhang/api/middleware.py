"""What holds for every answer to a program: its language, and errors in its own form."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from huhang.api import answers, georeport

ROOMS: tuple[tuple[str, Callable[[HttpRequest, int], HttpResponse]], ...] = (
    ("/api/", lambda request, status: answers.plain(status)),
    ("/open311/", lambda request, status: georeport.plain(request, status)),
)
MACHINE = ("application/json", "text/xml", "application/xml")


def language_of(request: HttpRequest) -> str:
    """The first language of Accept-Language that we have; no cookie and no address chooses it."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500]):
        if code != "*":
            try:
                return translation.get_supported_language_variant(code)
            except LookupError:
                continue
    return str(settings.LANGUAGE_CODE)


class ProgramsRoom:
    """Speaks the program's language, never answers an error with a page, and by https alone where the
    office has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for prefix, plain in ROOMS:
            if request.path_info.startswith(prefix):
                translation.activate(language_of(request))
                if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                    return plain(
                        request, 403
                    )  # a redirect would hide that a token went in the clear
                response = self.get_response(request)
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                if response.status_code >= 400 and kind not in MACHINE:
                    allow = response.headers.get("Allow")
                    response = plain(request, response.status_code)
                    if allow:
                        response.headers["Allow"] = allow
                return response
        return self.get_response(request)
