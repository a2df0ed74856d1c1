"""Entering reports as a clerk, and importing a hotline's file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Header, Schema
from ninja.files import UploadedFile
from pydantic import Field as PydanticField

from huhang.api.answers import OutOfScope
from huhang.api.auth import actor_of, token_in
from huhang.api.cases import missing
from huhang.api.fields import Code, Codes, Line, Mapping, Name, Text
from huhang.api.operations import CASE_ROLES, NO_BODY, Strict, operation
from huhang.api.repeats import once_for
from huhang.intake import clerk, kept, reporter_code, retaliation, runs, splitting
from huhang.intake.kinds import KINDS, offered
from huhang.kernel.actor import Actor
from huhang.look.files import EXCEL, download_kept
from huhang.parties.words import language


class Matter(Schema):
    """What a report, or a part of one, tells. ``units``: codes; ``unit_words``, ``person_words``: as they
    were named."""

    kind: Code
    text: Text
    title: Line = ""
    units: Codes = []
    unit_words: Name = ""
    person_words: Name = ""
    accuse: bool = False
    minor: bool = False


class Letter(Matter):
    """What a clerk writes down. ``give_code``: make a code for the reporter to come back with; the answer
    alone holds it."""

    channel: Code
    occurred_on: date | None = None
    name: Name = ""
    phone: Name = ""
    read_back: bool = False
    minutes: Code = ""
    give_code: bool = False


class Entered(Schema):
    """The new case; ``code`` is the reporter's, shown only now."""

    ref: str
    code: str


@operation("POST", "/reports", scope="report", roles=("intake",), answer=Entered, tag="reports")
def enter_report(
    request: HttpRequest,
    data: Form[Letter],
    upload: Annotated[list[UploadedFile], File(default_factory=list)],
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Any:
    """A letter, visit or call, with files, as a form. The same Idempotency-Key gives the same case
    for some hours."""
    actor = actor_of(request)
    given = data.dict(exclude={"give_code"})
    written = clerk.Written(**{**given, "units": tuple(given["units"])})
    sent = [(f.name or "file", f.read()) for f in upload]

    def enter() -> dict[str, str]:
        code = reporter_code.new_code() if data.give_code else ""
        filed = clerk.enter(written, sent, code=code, actor=actor)
        return {"ref": filed.case_ref, "code": code}

    asked = ("report", written, data.give_code, sent)
    return once_for(actor, idempotency_key, asked, enter)


class PartOut(Schema):
    """The case of the part."""

    ref: str


class Told(Strict):
    """Retaliation that a reporter told a clerk. ``case``, ``report``: what they reported before; ``read_back``,
    ``minutes``: as of a letter, visit or call."""

    case: Line
    report: Line
    channel: Code
    text: Text
    read_back: bool = False
    minutes: Code = ""


@operation("POST", "/reports/retaliation", scope="report", roles=("intake",), answer=Entered,
           tag="reports", name="raise_retaliation")  # fmt: skip
def raise_retaliation(
    request: HttpRequest,
    data: Told,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Any:
    """Open a case of its own that whoever the first one concerns does not see. The same
    Idempotency-Key gives the same case for some hours."""
    actor = actor_of(request)
    said = clerk.Written(channel=data.channel, kind="", text=data.text, read_back=data.read_back,
                         minutes=data.minutes)  # fmt: skip

    def enter() -> dict[str, str]:
        code = reporter_code.new_code()
        token = reporter_code.login_token(code)
        made = retaliation.raise_told_once(data.case, data.report, said, token, actor=actor)
        return {"ref": made, "code": code}

    return once_for(actor, idempotency_key, ("retaliation", data), enter)


class PartIn(Matter, Strict):
    """A part of a report that becomes a case of its own. ``case``, ``report``: the whole."""

    case: Line
    report: Line


@operation("POST", "/reports/split", scope="report", roles=("intake", "leader"), answer=PartOut,
           tag="reports")  # fmt: skip
def split_report(
    request: HttpRequest,
    data: PartIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Any:
    """Split off a part: nothing of the first case changes, and neither tells of the other but to those
    who see both. The same Idempotency-Key gives the same case for some hours."""
    actor = actor_of(request)
    given = data.dict(exclude={"case", "report"})
    part = clerk.Written(channel="", **{**given, "units": tuple(given["units"])})

    def split() -> dict[str, str]:
        token = reporter_code.login_token(reporter_code.new_code())
        return {"ref": splitting.split_once(data.case, data.report, part, token, actor=actor)}

    return once_for(actor, idempotency_key, ("split", data), split)


IMPORT_ROLES = (*CASE_ROLES, "administrator")
"""Each kind of file has its own roles among these."""


class Chosen(Schema):
    """Rows to apply although they changed here since."""

    over: list[Line] = []


class Columns(Schema):
    """``columns``: heading of the file -> field that it gives; headings that are missing give none.
    ``save``: the mapping becomes that of the file's source, too."""

    columns: Annotated[dict[Line, Code], PydanticField(max_length=500)]
    save: bool = False


class ImportOut(Schema):
    """An import. ``status``: how far it is, its preview, and what it did or would do."""

    ref: str
    kind: str
    source: str
    name: str
    way: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    read: int
    accepted: int
    updated: int
    repeated: int
    refused: int
    has_refusals: bool
    status: dict[str, Any]


class Sheet(Schema):
    """``kind``: what the file holds. ``mapping``: YAML that names the columns, where their names are
    unusual. ``source``: the code of the saved source that sent it, whose kind and mapping count then."""

    kind: Literal[tuple(offered())] = next(iter(offered()))  # type: ignore[valid-type]
    mapping: Mapping = ""
    source: Code = ""


def import_row(run: Any, actor: Actor | None = None) -> dict[str, Any]:
    """An import as the API says it; with ``actor``, how far it is, for them."""
    names = ("ref", "kind", "source", "name", "way", "state", "started_at", "ended_at", "read", "accepted",
             "updated", "repeated", "refused")  # fmt: skip
    return {
        **{name: getattr(run, name) for name in names},
        "has_refusals": kept.refusals_of(run) is not None,
        "status": runs.status(run, actor) if actor else {},
    }


@operation(
    "GET",
    "/imports",
    scope="import",
    roles=IMPORT_ROLES,
    answer=list[ImportOut],
    tag="imports",
)
def list_imports(request: HttpRequest) -> Any:
    """The imports of this person and of their sources, newest first."""
    return [import_row(run) for run in runs.own_runs(actor_of(request))]


@operation(
    "POST",
    "/imports",
    scope="import",
    roles=IMPORT_ROLES,
    answer=ImportOut,
    tag="imports",
)
def start_import(request: HttpRequest, data: Form[Sheet], file: File[UploadedFile]) -> Any:
    """Upload an Excel, CSV or JSON file, to be looked at by the worker. Nothing is taken in before it is
    confirmed."""
    actor = actor_of(request)
    run = runs.take(
        KINDS[data.kind],
        file.chunks(),
        file.size or 0,
        file.name or "",
        data.mapping,
        language(),
        actor,
        source=data.source,
    )
    return import_row(run, actor)


@operation(
    "GET",
    "/imports/{ref}",
    scope="import",
    roles=IMPORT_ROLES,
    answer=ImportOut,
    tag="imports",
)
def read_import(request: HttpRequest, ref: str) -> Any:
    """How one of the own imports stands."""
    actor = actor_of(request)
    return import_row(runs.access_run(actor, ref), actor)


@operation(
    "POST", "/imports/{ref}/confirm", scope="import", roles=IMPORT_ROLES, answer=ImportOut,
    tag="imports",
)  # fmt: skip
def confirm_import(request: HttpRequest, ref: str, data: Chosen = NO_BODY) -> Any:
    """Carry out what was only looked at. Of a filled list, ``over`` names the rows (``key`` of a
    change) that are applied although they changed here since; without a body none is."""
    actor = actor_of(request)
    run = runs.access_run(actor, ref)
    if KINDS[run.kind].acts and "act" not in token_in(request).scopes.split():
        raise OutOfScope
    runs.confirm(run, actor, data.over if data else [])
    return import_row(run, actor)


@operation(
    "POST", "/imports/{ref}/columns", scope="import", roles=IMPORT_ROLES, answer=ImportOut,
    tag="imports",
)  # fmt: skip
def map_import(request: HttpRequest, ref: str, data: Columns) -> Any:
    """Say which field each heading gives, and have the file looked at anew. What was dropped or pushed
    is looked at as an import of its own, which is the answer."""
    actor = actor_of(request)
    run = runs.access_run(actor, ref)
    return import_row(runs.remap(run, data.columns, actor, language(), save=data.save), actor)


@operation(
    "POST",
    "/imports/{ref}/drop",
    scope="import",
    roles=IMPORT_ROLES,
    answer=ImportOut,
    tag="imports",
)
def drop_import(request: HttpRequest, ref: str) -> Any:
    """Give up a file that was only looked at."""
    actor = actor_of(request)
    run = runs.access_run(actor, ref)
    runs.give_up(run, actor)
    return import_row(run, actor)


@operation(
    "GET", "/imports/{ref}/refused.xlsx", scope="import", roles=IMPORT_ROLES, tag="imports",
    file=EXCEL,
)  # fmt: skip
def read_refusals(request: HttpRequest, ref: str) -> Any:
    """The refused rows, to correct and send again."""
    path = kept.refusals_of(runs.access_run(actor_of(request), ref))
    if path is None:
        raise missing()
    return download_kept(path, EXCEL, f"{_('Refused rows')}-{ref[:12]}.xlsx")
