"""Checking the figures of a text. Nothing of it is kept."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Form, Schema
from ninja.files import UploadedFile
from pydantic import Field

from huhang.api.operations import CASE_ROLES, operation
from huhang.checker import UnusableText, in_turn
from huhang.kernel.errors import Refused


class Prose(Schema):
    """A text; with a file, that is checked instead."""

    text: Annotated[str, Field(max_length=in_turn.MOST_CHARACTERS)] = ""


class Checked(Schema):
    """As ``huhang check-figures --json`` says it; docs/checker.md."""

    claims: list[dict[str, Any]]
    contradictions: list[dict[str, Any]]


@operation("POST", "/check-figures", scope="read", roles=CASE_ROLES, answer=Checked, tag="figures")
def check_figures(
    request: HttpRequest, data: Form[Prose], file: File[UploadedFile | None] = None
) -> Any:
    """What a text (or a .txt, .docx or .pdf file with text) claims, and what contradicts itself. One
    is checked after the other; the checker cannot know which figure is wrong."""
    try:
        if file is None:
            source = in_turn.sent_text(data.text)
        else:
            source = in_turn.sent_file(file.size or 0, file.read(), file.name or "")
        return in_turn.check_in_turn(source).as_json()
    except UnusableText as error:
        raise Refused(str(error), field="text" if file is None else "file") from None
