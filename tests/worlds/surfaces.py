"""Every surface that somebody who signs in can reach, and how to make two answers comparable."""

from __future__ import annotations

import contextvars
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.test import Client

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.insight import figures
from huhang.intake.hotline_import import HotlineImporter
from huhang.intake.imports import ImportResult, import_file
from huhang.papers.models import Number
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from tests.worlds.build import HIDDEN_NUMBER, HIDDEN_WORDS

current: contextvars.ContextVar[str] = contextvars.ContextVar("surface", default="")
PERIOD = "from=2020-01-01&to=2090-01-01"
Ask = Callable[[Client, list[str], User], list[Any]]


def _gets(*paths: str) -> Ask:
    return lambda client, hidden, user: [client.get(p) for p in paths]


def _hidden(place: str, **posted: Any) -> Ask:
    """A page of a hidden case, by its reference."""

    def ask(client: Client, hidden: list[str], user: User) -> list[Any]:
        paths = [f"/console/cases/{ref}/{place}" for ref in hidden]
        return [client.post(p, posted) if posted else client.get(p) for p in paths]

    return ask


def _visible(client: Client, hidden: list[str], user: User) -> list[Any]:
    cases = visible_to(actor_for(user)).order_by("ref").values_list("ref", flat=True)
    return [client.get(f"/console/cases/{ref}/") for ref in cases]


def _merge(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Merging a visible case into a hidden one must fail as it does for a reference of nobody."""
    own = Case.objects.filter(state="received").order_by("ref")
    found = visible_to(actor_for(user)).filter(pk__in=own).first()
    if found is None:
        return []
    return [
        client.post(
            f"/console/cases/{found.ref}/do/merge/", {"into": ref, "version": found.version}
        )
        for ref in hidden
    ]


def _import(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Looking at a hotline's file with the hidden reports' numbers, as a member of the intake office."""
    actor = actor_for(user)
    if not actor.has("intake"):
        return []
    lines = ["工单编号,诉求内容", *(f"{HIDDEN_NUMBER}{n},查询" for n in range(1, 4))]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        return [import_file(HotlineImporter, Path(file.name), actor=actor, dry_run=True)]


def _attachments(client: Client, hidden: list[str], user: User) -> list[Any]:
    from huhang.cases.models import Attachment

    found = []
    for ref in hidden:
        attachment = Attachment.objects.filter(report__case__ref=ref).first()
        name = attachment.ref if attachment else "AAAAA-AAAAA"
        found.append(client.get(f"/console/cases/{ref}/files/{name}/"))
    return found


def _papers(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Papers of hidden cases, drafts and numbered ones, and of those that the user may see."""
    visible = visible_to(actor_for(user)).order_by("ref").values_list("ref", flat=True)
    found = []
    for ref in [*hidden, *visible]:
        place = f"/console/cases/{ref}/papers/registration/docx/"
        found += [client.get(place), client.get(f"{place}?number={_number_of(ref)}")]
    return found


def _number_of(ref: str) -> str:
    number = Number.objects.filter(case__ref=ref).order_by("id").first()
    return number.ref if number else "AAAAA-AAAAA"


def _voids(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Voiding a number of a hidden case: the question, and the deed."""
    places = [f"/console/papers/{_number_of(ref)}/void/" for ref in hidden]
    return [client.get(p) for p in places] + [client.post(p, {"reason": "x"}) for p in places]


SURFACES: dict[str, Ask] = {
    "home": _gets("/console/"),
    "queue": _gets("/console/cases/?state=all"),
    "queue sorted": _gets(*(f"/console/cases/?state=all&sort={s}" for s in ("-due", "received", "unit", "state"))),
    "queue filtered": _gets("/console/cases/?due=overdue", "/console/cases/?kind=clue&state=all",
                            "/console/cases/?state=received", "/console/cases/?mine=on",
                            "/console/cases/?unit=u0&state=all", "/console/cases/?channel=scan_code&state=all"),
    "queue as Excel": _gets("/console/cases/?state=all&format=excel"),
    "search": _gets(f"/console/cases/?q={HIDDEN_WORDS}", "/console/cases/?q=路灯", "/console/cases/?q=单位"),
    "search by reference": lambda c, h, u: [c.get(f"/console/cases/?q={r}") for r in h],
    "visible cases": _visible,
    "hidden case": _hidden(""),
    "form of a verb": _hidden("do/note/"),
    "a verb": _hidden("do/note/", note="x", version="1"),
    "file": _attachments,
    "batch": lambda c, h, u: [c.post("/console/batch/", {"verb": "note", "ref": [r]}) for r in h],
    "merge": _merge,
    "papers": _papers,
    "paper numbers": _gets("/console/papers/?series=registration", "/console/papers/?series=approval"),
    "issuing a number": lambda c, h, u: [
        c.post(f"/console/cases/{r}/papers/registration/issue/", {"known": ""}) for r in h],
    "voiding a number": _voids,
    "notices": _gets("/console/notices/"),
    "bulletin": _gets(f"/console/bulletin/?{PERIOD}", f"/console/bulletin/?{PERIOD}&unit=u0"),
    "bulletin as JSON": _gets(f"/console/bulletin/?{PERIOD}&format=json"),
    "bulletin as Excel": _gets(f"/console/bulletin/?{PERIOD}&format=excel"),
    "bulletin as Word": _gets(f"/console/bulletin/?{PERIOD}&format=word"),
    "cases of a figure": _gets(*(f"/console/bulletin/cases/?{PERIOD}&figure={f}" for f in
                                 ("reports_received", "clue_collated", "cases_by_state.received"))),
    "imports": _gets("/console/imports/"),
    "an import": _import,
    "new report": _gets("/console/reports/new/"),
    "units": _gets("/console/units/", "/console/units/u0/"),
    "people": _gets("/console/people/"),
    "sites": _gets("/console/sites/"),
    "log": _gets("/console/log/"),
    "health": _gets("/healthz"),
    "public pages": _gets("/r/", "/r/new/", "/r/hall/"),
}  # fmt: skip
# Drawn anew for every page: tokens of forms, and the code that a clerk's form would give out.
_token = re.compile(r'((?:csrfmiddlewaretoken|server_code|mark)" value=")[^"]*')


def _plain(answer: Any) -> tuple[Any, ...]:
    if isinstance(answer, ImportResult):
        return (repr({k: v for k, v in answer.as_json().items() if isinstance(v, int)}),)
    body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = repr(
                [(n, packed.read(n)) for n in packed.namelist() if "docProps" not in n]
            ).encode()
    text = _token.sub(r"\1", body.decode("utf-8", "replace"))
    changing = {"Set-Cookie", "Date"}
    if answer.content[:2] == b"PK":
        changing.add("Content-Length")  # a workbook is stamped with the moment of its making
    heads = sorted((k, v) for k, v in answer.headers.items() if k not in changing)
    return answer.status_code, heads, text


def look(users: list[User], hidden: list[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(surface and user, what they see) for every surface. ``hidden``: references to try."""
    for user in users:
        client = Client()
        client.force_login(user)
        for name, ask in SURFACES.items():
            figures._known.clear()  # each surface counts for itself
            mark = current.set(name)
            try:
                seen = [_plain(a) for a in ask(client, hidden, user)]
            finally:
                current.reset(mark)
            yield f"{name} by {user.username}", tuple(seen)
