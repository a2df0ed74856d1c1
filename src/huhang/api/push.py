"""What a source pushes: signed by its key, not under anybody's token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Schema

from huhang.api import answers
from huhang.api.auth import limiter
from huhang.api.operations import WRONG, api
from huhang.intake import push
from huhang.parties.words import language

STATUS = {push.Unsigned: 401, push.Gone: 410, push.Unreadable: 422}
HEADERS = (
    ("webhook-id", "Names this push, at most 200 letters, digits, - and _. The same id gives the first "
                   "answer again, and takes nothing in twice."),
    ("webhook-timestamp", "Seconds since 1970, at most 300 away from this server's clock."),
    ("webhook-signature", "v1, and the base64 of HMAC-SHA-256(key, id.timestamp.body); several by spaces."),
)  # fmt: skip
ROW = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
BODY = {
    "application/json": {"schema": {"type": "array", "items": ROW, "minItems": 1}},
    "text/csv": {"schema": {"type": "string"}},
}
EXTRA: dict[str, Any] = {
    "security": [],
    "parameters": [
        {"name": name, "in": "header", "required": True, "description": words,
         "schema": {"type": "string", "maxLength": 1000}}
        for name, words in HEADERS
    ],
    "requestBody": {"required": True, "content": BODY},
    "responses": {"default": WRONG},
}  # fmt: skip


class RefusedRow(Schema):
    """A row that was not taken in, or something to know of one that was."""

    sheet: str
    row: int
    field: str
    reason: str


class PushAnswer(Schema):
    """What became of the rows: ``read`` is the sum of the four after it. A row's number is its place,
    the header being row 1. ``ref``: of the import, as its owner sees it."""

    ref: str
    read: int
    accepted: int
    updated: int
    repeated: int
    refused: int
    refusals: list[RefusedRow]
    notices: list[RefusedRow]


@api.api_operation(
    ["POST"], "/push/{code}", auth=None, response={200: PushAnswer}, tags=["push"], operation_id="push",
    summary="Push rows of a source", openapi_extra=EXTRA,
    description="Rows as CSV or JSON, signed with a key of the source as Standard Webhooks 1.0.0 says. "
    "Answered once they are stored. 401 no signature holds; 410 the source is retired; 422 the body is no "
    "table of its kind; 409 the id was used for another content, or is being worked on.",
)  # fmt: skip
def receive(request: HttpRequest, code: str) -> Any:
    """Take in what a source pushes."""
    most = settings.HUHANG_PUSH_MAX_MB << 20
    body = request.read(most + 1)
    if len(body) > most:
        return answers.plain(413)
    heads = request.headers
    pushed = push.Pushed(
        source=code,
        message_id=heads.get("webhook-id", ""),
        timestamp=heads.get("webhook-timestamp", ""),
        signatures=heads.get("webhook-signature", ""),
        content_type=heads.get("Content-Type", ""),
        body=body,
    )
    source = push.verified(pushed)
    limiter.count(source.pk)
    return push.receive(pushed, source, language())


def _told(request: HttpRequest, error: Any) -> HttpResponse:
    return answers.problem(STATUS[type(error)], error.message, error.field)


for kind in STATUS:
    api.exception_handler(kind)(_told)
