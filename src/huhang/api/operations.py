"""The API itself, and how an operation is put on it: with its scope and roles, by one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError, ValidationErrorContext
from ninja.parser import Parser
from pydantic import ConfigDict

from huhang.api import answers
from huhang.api.auth import Scoped
from huhang.kernel.errors import HuhangError
from huhang.kernel.plain import plain_line

F = TypeVar("F", bound=Callable[..., Any])
CASE_ROLES = ("intake", "handler", "supervisor", "leader")
NO_BODY: Any = None


class _Json(Parser):
    """JSON as the standard has it: no NaN, no lone surrogates."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class Strict(Schema):
    """A body that takes no field that it does not know."""

    model_config = ConfigDict(extra="forbid")


class Reason(Schema):
    """What was wrong with which field."""

    field: str
    reason: str


class Problem(Schema):
    """Every error looks like this; the reason is in the language of Accept-Language."""

    error: Reason


class _Api(NinjaAPI):
    """Keeps what was given, so that a refusal can say it."""

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext]
    ) -> ValidationError:
        """What is wrong with each value, and the value."""
        found = super().validation_error_from_error_contexts(error_contexts)
        given = (e["input"] for c in error_contexts for e in c.pydantic_validation_error.errors())
        for error, value in zip(found.errors, given, strict=True):
            error["given"] = value
        return found


api = _Api(
    title="Huhang",
    version="1",
    description=(
        "What people do in the console, for programs: the same verbs and the same gate. "
        "Tokens are made in the console; see docs/api.md."
    ),
    docs_url=None,  # a page that would load its scripts from elsewhere
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=_Json(),
)
WRONG = {
    "description": "400 a value is wrong; 401 no token that holds; 403 not by this token or not now; "
    "404 not there, or hidden; 409 changed meanwhile; 413 too large; 429 too many; 503 the disk is full",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
OPERATIONS: list[tuple[str, str, str, tuple[str, ...]]] = []
"""Every operation: method, path, scope and roles. The tests go through it."""


def operation(
    method: str,
    path: str,
    *,
    scope: str,
    roles: tuple[str, ...] = (),
    answer: Any = None,
    file: str = "",
    tag: str = "cases",
    name: str = "",
) -> Callable[[F], F]:
    """Put a function on the API. ``answer``: its schema; ``file``: the media type of a download."""
    OPERATIONS.append((method, path, scope, roles))
    who = f" Roles: {', '.join(roles)}." if roles else ""
    told = f"Scope: {scope or 'any'}.{who}"
    responses: dict[Any, Any] = {"default": WRONG}
    if file:
        content = {file: {"schema": {"type": "string", "format": "binary"}}}
        responses[200] = {"description": "The file", "content": content}
    extra: dict[str, Any] = {"x-scope": scope, "x-roles": list(roles), "responses": responses}

    def put(view: F) -> F:
        doc = " ".join((view.__doc__ or "").split())
        return cast(
            F,
            api.api_operation(
                [method],
                path,
                auth=Scoped(scope, roles),
                response={200: answer, 400: Problem},
                by_alias=True,
                tags=[tag],
                operation_id=name or view.__name__,
                summary=doc.partition(". ")[0].rstrip("."),
                description=f"{doc} {told}".strip(),
                openapi_extra=extra,
            )(view),
        )

    return put


def _words(error: dict[str, Any]) -> str:
    """What pydantic found wrong, in our words: what was given, and what is allowed."""
    kind, context = error.get("type", ""), error.get("ctx", {})
    value: Any = error.get("given")
    told = {"given": _shown(value), "limit": context.get("ge", context.get("le", 0))}
    if kind == "missing":
        return _("This is needed.")
    if kind == "extra_forbidden":
        return _("There is no such field here.")
    if kind == "string_too_long":
        told = {"limit": context["max_length"], "given": len(value)}
        return _("At most %(limit)d characters, not %(given)d.") % told
    if kind == "too_long":
        told = {"limit": context["max_length"], "given": len(value)}
        return _("At most %(limit)d entries, not %(given)d.") % told
    if kind == "greater_than_equal":
        return _("At least %(limit)d, not %(given)s.") % told
    if kind == "less_than_equal":
        return _("At most %(limit)d, not %(given)s.") % told
    if kind.startswith("int_"):
        return _("“%(given)s” is no whole number.") % told
    if kind.startswith("bool_"):
        return _("True or false is needed, not “%(given)s”.") % told
    if kind.startswith("date"):
        return _("“%(given)s” is no date such as 2026-11-24.") % told
    if kind.startswith("string_"):
        return _("A text is needed, not “%(given)s”.") % told
    return _("“%(given)s” cannot be used here.") % told


def _shown(value: Any) -> str:
    """A value as it was sent, shortened."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return plain_line(text)[:40]


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    place = [p for p in first.get("loc", ()) if isinstance(p, str)]
    known = ("body", "query", "path", "form", "file", "data", "wanted", "header")
    field = next((p for p in reversed(place) if p not in known), "")
    return answers.problem(400, _words(first), field[:60])


@api.exception_handler(HuhangError)
def _told(request: HttpRequest, error: HuhangError) -> HttpResponse:
    return answers.told(request, error)


@api.exception_handler(answers.Unknown)
@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    response = answers.plain(401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(answers.OutOfScope)
def _out_of_scope(request: HttpRequest, error: Exception) -> HttpResponse:
    return answers.plain(403)


@api.exception_handler(answers.TooMany)
def _too_many(request: HttpRequest, error: answers.TooMany) -> HttpResponse:
    return error.told(answers.plain(429))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answers.plain(error.status_code)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return answers.plain(413)


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(UnreadablePostError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return answers.plain(400)
