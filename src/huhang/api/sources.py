"""Saved sources: adding, mapping, retiring, their keys, and running again what they sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from huhang.api.auth import actor_of
from huhang.api.fields import Code, Line, Mapping
from huhang.api.operations import Strict, operation
from huhang.api.reports import ImportOut, import_row
from huhang.intake import inbox, runs, sources
from huhang.intake.models import Source
from huhang.kernel.write import write
from huhang.parties.models import User
from huhang.parties.words import language

ROLES = ("intake", "administrator")


class KeyOut(Schema):
    """A key that holds; what it is was shown when it was made."""

    ref: str
    made_at: datetime


class SourceOut(Schema):
    """``owner``: for whom its rows are taken in. ``folder``: where files are dropped when ``watched``."""

    code: str
    name: str
    kind: str
    active: bool
    watched: bool
    owner: str
    folder: str
    mapping: str
    keys: list[KeyOut]


class SourceIn(Strict):
    """``kind``: what it sends."""

    code: Code
    name: Line
    kind: Code
    watched: bool = False


class SourceChange(Strict):
    """Its name, and whether the worker looks into its folder."""

    name: Line
    watched: bool


class MappingIn(Strict):
    """YAML that names the columns; nothing for their usual names."""

    mapping: Mapping


class NewKey(Schema):
    """``key`` is shown only now."""

    ref: str
    key: str


def _out(source: Source) -> dict[str, Any]:
    owner = User.objects.filter(ref=source.owner).first()
    return {
        "code": source.code, "name": source.name, "kind": source.kind, "active": source.active,
        "watched": source.watched, "owner": owner.username if owner else "",
        "folder": str(inbox.folder_of(source)) if source.watched else "", "mapping": source.mapping,
        "keys": [{"ref": k.ref, "made_at": k.made_at} for k in sources.keys_of(source)],
    }  # fmt: skip


@operation("GET", "/sources", scope="import", roles=ROLES, answer=list[SourceOut], tag="imports")
def list_sources(request: HttpRequest) -> Any:
    """The saved sources of the kinds of files that this person may import."""
    return [_out(s) for s in sources.sources_for(actor_of(request))]


@operation("POST", "/sources", scope="import", roles=ROLES, answer=SourceOut, tag="imports")
def add_source(request: HttpRequest, data: SourceIn) -> Any:
    """Save a source; its rows are taken in for the person of the token."""
    return _out(write(lambda w: sources.add(w, **data.dict()), actor=actor_of(request)))


@operation("GET", "/sources/{code}", scope="import", roles=ROLES, answer=SourceOut, tag="imports")
def read_source(request: HttpRequest, code: str) -> Any:
    """One source."""
    return _out(sources.access(actor_of(request), code))


@operation("PUT", "/sources/{code}", scope="import", roles=ROLES, answer=SourceOut, tag="imports")
def change_source(request: HttpRequest, code: str, data: SourceChange) -> Any:
    """Rename a source; watch its folder, or no longer."""
    return _out(write(lambda w: sources.change(w, code, **data.dict()), actor=actor_of(request)))


@operation(
    "PUT", "/sources/{code}/mapping", scope="import", roles=ROLES, answer=SourceOut, tag="imports"
)
def map_source(request: HttpRequest, code: str, data: MappingIn) -> Any:
    """Save how the columns of a source are understood."""
    made = write(lambda w: sources.set_mapping(w, code, data.mapping), actor=actor_of(request))
    return _out(made)


@operation(
    "POST", "/sources/{code}/retire", scope="import", roles=ROLES, answer=SourceOut, tag="imports"
)
def retire_source(request: HttpRequest, code: str) -> Any:
    """Retire a source: nothing more of it is taken; what it sent stays."""
    return _out(write(lambda w: sources.set_active(w, code, active=False), actor=actor_of(request)))


@operation(
    "POST", "/sources/{code}/use", scope="import", roles=ROLES, answer=SourceOut, tag="imports"
)
def use_source(request: HttpRequest, code: str) -> Any:
    """Use a retired source again."""
    return _out(write(lambda w: sources.set_active(w, code, active=True), actor=actor_of(request)))


@operation(
    "POST",
    "/sources/{code}/take-over",
    scope="import",
    roles=ROLES,
    answer=SourceOut,
    tag="imports",
)
def take_over_source(request: HttpRequest, code: str) -> Any:
    """Become the one for whom its rows are taken in; its keys end."""
    return _out(write(lambda w: sources.take_over(w, code), actor=actor_of(request)))


@operation(
    "POST", "/sources/{code}/keys", scope="import", roles=ROLES, answer=NewKey, tag="imports"
)
def make_source_key(request: HttpRequest, code: str) -> Any:
    """Make a key with which the source signs its pushes."""
    made, secret = write(lambda w: sources.make_key(w, code), actor=actor_of(request))
    return {"ref": made.ref, "key": secret}


@operation(
    "POST", "/sources/{code}/keys/{ref}/end", scope="import", roles=ROLES, answer=SourceOut,
    tag="imports",
)  # fmt: skip
def end_source_key(request: HttpRequest, code: str, ref: str) -> Any:
    """End a key at once."""
    actor = actor_of(request)
    write(lambda w: sources.end_key(w, code, ref), actor=actor)
    return _out(sources.access(actor, code))


@operation(
    "POST", "/sources/{code}/replay/{ref}", scope="import", roles=ROLES, answer=ImportOut,
    tag="imports",
)  # fmt: skip
def replay_import(request: HttpRequest, code: str, ref: str) -> Any:
    """Look again at what a source sent, under its mapping of today; it is carried out when it is
    confirmed. ``ref``: of the import."""
    actor = actor_of(request)
    sources.access(actor, code)
    again = runs.replay(runs.access_run(actor, ref), actor, language())
    return import_row(again, actor)
