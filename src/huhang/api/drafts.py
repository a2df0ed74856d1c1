"""Drafts of bulletins: a text with figure fields, saved, handed on, published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from huhang.api.auth import actor_of
from huhang.api.bulletins import BulletinRow, bulletin_row
from huhang.api.fields import Code, Line, Text
from huhang.api.operations import Strict, operation
from huhang.insight import drafts, figures
from huhang.insight.models import Draft
from huhang.kernel.write import write

WRITERS = drafts.WRITERS


class DraftRow(Schema):
    ref: str
    title: str
    since: date
    until: date
    unit: str
    saved_at: datetime
    version: int


class FieldOut(Schema):
    """A field of the text: what it comes to, or why it comes to nothing."""

    field: str
    line: int
    value: float | int | None
    shown: str
    suppressed: bool
    wrong: str


class MovedOut(Schema):
    """A field that came to something else when the draft was saved."""

    field: str
    then: str
    now: str


class DraftOut(DraftRow):
    text: str
    shown: str
    tick: int
    fields: list[FieldOut]
    moved: list[MovedOut]
    typed: list[str]


class DraftIn(Strict):
    """A draft's period, unit and text; figures stand in braces."""

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    unit: Code = ""
    title: Line
    text: Text = ""

    def scope(self) -> figures.Scope:
        """The scope. Raises ``Refused``."""
        return figures.read_scope(self.since.isoformat(), self.until.isoformat(), self.unit)


class DraftChange(DraftIn):
    """``version``: that of the draft which is changed."""

    version: int = Field(ge=0, le=2**31)


class Version(Strict):
    """The version of the draft that was read."""

    version: int = Field(ge=0, le=2**31)


class HandOn(Strict):
    """Who holds the draft from now on."""

    to: Code


def _row(draft: Draft, title: str) -> dict[str, Any]:
    return {
        "ref": draft.ref, "title": title, "since": draft.since, "until": draft.until,
        "unit": draft.unit.code if draft.unit else "", "saved_at": draft.saved_at, "version": draft.version,
    }  # fmt: skip


def _out(draft: Draft, seen: drafts.Look) -> dict[str, Any]:
    return {
        **_row(draft, seen.title), "text": seen.text, "shown": seen.shown, "tick": seen.tick,
        "fields": [
            {"field": v.field.name, "line": v.field.line, "value": v.value, "shown": v.shown,
             "suppressed": v.hidden, "wrong": v.wrong}
            for v in seen.values
        ],
        "moved": [{"field": m.name, "then": m.then, "now": m.now} for m in seen.moved],
        "typed": seen.typed,
    }  # fmt: skip


@operation("GET", "/drafts", scope="read", roles=WRITERS, answer=list[DraftRow], tag="bulletins")
def list_drafts(request: HttpRequest) -> Any:
    """The drafts that this person wrote or holds, the last saved first."""
    return [_row(d, title) for d, title in drafts.titled(drafts.drafts_of(actor_of(request)))]


@operation("POST", "/drafts", scope="publish", roles=WRITERS, answer=DraftOut, tag="bulletins")
def begin_draft(request: HttpRequest, data: DraftIn) -> Any:
    """Save a new draft."""
    actor = actor_of(request)
    made = write(lambda w: drafts.begin(w, data.scope(), data.title, data.text), actor=actor)
    return _seen(request, made.ref)


def _seen(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor = actor_of(request)
    draft = drafts.access_draft(actor, ref)
    return _out(draft, drafts.look(actor, draft))


@operation("GET", "/drafts/{ref}", scope="read", roles=WRITERS, answer=DraftOut, tag="bulletins")
def read_draft(request: HttpRequest, ref: str) -> Any:
    """A draft, its fields counted now over what this person may see, and what moved since it was saved."""
    return _seen(request, ref)


@operation(
    "GET",
    "/drafts/{ref}/preview",
    scope="publish",
    roles=("leader",),
    answer=DraftOut,
    tag="bulletins",
)
def preview_draft(request: HttpRequest, ref: str) -> Any:
    """The draft as publishing it now would freeze it, small numbers hidden."""
    actor = actor_of(request)
    draft = drafts.access_draft(actor, ref)
    return _out(draft, drafts.as_published(actor, draft))


@operation("PUT", "/drafts/{ref}", scope="publish", roles=WRITERS, answer=DraftOut, tag="bulletins")
def save_draft(request: HttpRequest, ref: str, data: DraftChange) -> Any:
    """Save a draft anew."""
    write(
        lambda w: drafts.save(w, ref, data.scope(), data.title, data.text, version=data.version),
        actor=actor_of(request),
    )
    return _seen(request, ref)


@operation(
    "POST",
    "/drafts/{ref}/hand-on",
    scope="publish",
    roles=WRITERS,
    answer=DraftOut,
    tag="bulletins",
)
def hand_on_draft(request: HttpRequest, ref: str, data: HandOn) -> Any:
    """Give a draft to somebody else who writes bulletins."""
    write(lambda w: drafts.hand_on(w, ref, data.to), actor=actor_of(request))
    return _seen(request, ref)


class Discarded(Schema):
    ref: str


@operation(
    "POST",
    "/drafts/{ref}/discard",
    scope="publish",
    roles=WRITERS,
    answer=Discarded,
    tag="bulletins",
)
def discard_draft(request: HttpRequest, ref: str) -> Any:
    """Throw a draft away."""
    return {"ref": write(lambda w: drafts.discard(w, ref), actor=actor_of(request)).ref}


@operation(
    "POST",
    "/drafts/{ref}/publish",
    scope="publish",
    roles=("leader",),
    answer=BulletinRow,
    tag="bulletins",
)
def publish_draft(request: HttpRequest, ref: str, data: Version) -> Any:
    """Publish a draft. A disclosure: the text and its figures are frozen, small numbers hidden."""
    actor = actor_of(request)
    title = drafts.look(actor, drafts.access_draft(actor, ref)).title
    made = write(lambda w: drafts.publish(w, ref, version=data.version), actor=actor)
    return bulletin_row(made, title)
