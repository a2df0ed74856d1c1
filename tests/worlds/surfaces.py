"""Every surface that somebody who signs in can reach, and how to make two answers comparable."""

from __future__ import annotations

import contextvars
import io
import random
import re
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config import mails
from huhang.insight import drafts, figures
from huhang.insight.models import Bulletin
from huhang.intake.importer import ImportResult
from huhang.intake.imports import import_file
from huhang.intake.lists_import import ListImporter
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel import clock, ids
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.papers.models import Number
from huhang.parties.accounts import make_token
from huhang.parties.models import User
from huhang.parties.queries import SCOPES, actor_for
from tests.worlds.build import HIDDEN_NUMBER, HIDDEN_WORDS

current: contextvars.ContextVar[str] = contextvars.ContextVar("surface", default="")
PERIOD = "from=2020-01-01&to=2090-01-01"
DAYS = "from=2026-01-01&to=2026-12-31"
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


def _filled(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Looking at a filled list with the hidden cases' references, as whoever may."""
    lines = ["编号,整改措施,责任人", *(f"{ref},已约谈,李某" for ref in hidden)]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        return [import_file(ListImporter, Path(file.name), actor=actor_for(user), dry_run=True)]


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


def _draft(client: Any, hidden: list[str], user: User) -> list[Any]:
    """A draft with figures of this user: on the page, before publishing, and by the API."""
    if not drafts.may_write(actor_for(user)):
        return []
    scope = figures.Scope(date(2020, 1, 1), date(2090, 12, 31))
    text = (
        "{reports_received} {clue_collated} {cases_by_state.received} {cases_by_kind.clue:growth}"
    )
    with ids.random_source(random.Random(f"draft {user.username}").randbytes):
        made = write(lambda w: drafts.begin(w, scope, "简报", text), actor=actor_for(user))
    places = [
        f"/console/bulletin/draft/{made.ref}/",
        f"/console/bulletin/draft/{made.ref}/publish/",
    ]
    asked = [f"/api/v1/drafts/{made.ref}", f"/api/v1/drafts/{made.ref}/preview"]
    return [client.get(p) for p in places] + [client.program.get(p) for p in asked]


def _approvals(client: Any, hidden: list[str], user: User) -> list[Any]:
    """The steps of what waits on hidden cases, in the console and by the API, and what waits for this user."""
    from huhang.cases.models import Approval

    names = dict(Approval.objects.values_list("case__ref", "ref"))
    found = [
        client.get("/console/cases/?approval=on&state=all"),
        client.program.get("/api/v1/approvals"),
    ]
    for ref in hidden:
        name = names.get(ref, "AAAAA-AAAAA")
        found.append(client.get(f"/console/approvals/{name}/approve/"))
        place = f"/api/v1/approvals/{name}/return"
        found.append(client.program.post(place, {"note": "x"}, content_type="application/json"))
    return found


def _told(client: Any, hidden: list[str], user: User) -> list[Any]:
    """Telling of retaliation on a report of a hidden case, and splitting it, in the console and by the API."""
    from huhang.cases.models import Report

    found = []
    for ref in hidden:
        report = Report.objects.filter(case__ref=ref).order_by("pk").first()
        name = report.ref if report else "AAAAA-AAAAA"
        found.append(client.get(f"/console/cases/{ref}/reports/{name}/retaliation/"))
        found.append(client.get(f"/console/cases/{ref}/reports/{name}/split/"))
        for place, more in (("retaliation", {"channel": "x"}), ("split", {"kind": "x"})):
            sent = {"case": ref, "report": name, "text": "x", **more}
            found.append(
                client.program.post(
                    f"/api/v1/reports/{place}", sent, content_type="application/json"
                )
            )
    return found


def _accountability(client: Any, hidden: list[str], user: User) -> list[Any]:
    """Proposals of accountability, all and those of hidden cases, in the console and by the API."""
    from huhang.cases.models import Accountability

    names = dict(Accountability.objects.values_list("case__ref", "ref"))
    found = [
        client.get("/console/accountability/?all=1"),
        client.program.get("/api/v1/accountability?decided=true"),
        client.program.get("/api/v1/accountability/persons?since=2020-01-01&until=2090-01-01"),
    ]
    for ref in hidden:
        name = names.get(ref, "AAAAA-AAAAA")
        found.append(client.get(f"/console/accountability/{name}/"))
        place = f"/api/v1/accountability/{name}/decide"
        found.append(client.program.post(place, {"note": ""}, content_type="application/json"))
    return found


def _published(client: Any, hidden: list[str], user: User) -> list[Any]:
    """The bulletins that were published: the list, and each as page, as data and as a file."""
    refs = Bulletin.objects.order_by("id").values_list("ref", flat=True)
    found = [client.program.get("/api/v1/bulletins")]
    for ref in refs:
        places = [
            f"/console/bulletin/{ref}/{query}" for query in ("", "?format=json", "?format=excel")
        ]
        asked = [f"/api/v1/bulletins/{ref}", f"/api/v1/bulletins/{ref}/file?format=word"]
        found += [client.get(p) for p in places] + [client.program.get(p) for p in asked]
    return found


RETURNS = [*(f"monthly_work/2026-0{n}" for n in range(3, 8)), "quarterly_results/2026-Q1",
           "quarterly_results/2026-Q2"]  # fmt: skip


def _returns(query: str = "") -> Ask:
    return _gets(*(f"/console/returns/{one}/{query}" for one in RETURNS))


def _freezing(client: Client, hidden: list[str], user: User) -> list[Any]:
    """Freezing early what runs, signing it, and what it says then."""
    found = []
    for one in RETURNS:
        place = f"/console/returns/{one}/"
        found += [client.post(f"{place}freeze/", {"reason": "长假"}), client.post(f"{place}sign/")]
        found.append(client.get(place))
    return found


def _api(*paths: str) -> Ask:
    def ask(client: Any, hidden: list[str], user: User) -> list[Any]:
        return [client.program.get(f"/api/v1{p}") for p in paths]

    return ask


def _api_hidden(place: str, posted: dict[str, Any] | None = None) -> Ask:
    """An address of the API of a hidden case, by its reference."""

    def ask(client: Any, hidden: list[str], user: User) -> list[Any]:
        paths = [f"/api/v1/cases/{ref}{place}" for ref in hidden]
        if posted is None:
            return [client.program.get(p) for p in paths]
        return [client.program.post(p, posted, content_type="application/json") for p in paths]

    return ask


def _api_visible(client: Any, hidden: list[str], user: User) -> list[Any]:
    cases = visible_to(actor_for(user)).order_by("ref").values_list("ref", flat=True)
    return [client.program.get(f"/api/v1/cases/{ref}") for ref in cases]


def _api_merge(client: Any, hidden: list[str], user: User) -> list[Any]:
    own = Case.objects.filter(state="received").order_by("ref")
    found = visible_to(actor_for(user)).filter(pk__in=own).first()
    if found is None:
        return []
    address = f"/api/v1/cases/{found.ref}/verbs/merge"
    bodies = [{"into": ref, "version": found.version} for ref in hidden]
    return [client.program.post(address, b, content_type="application/json") for b in bodies]


def _api_batch(client: Any, hidden: list[str], user: User) -> list[Any]:
    bodies = [{"verb": "note", "refs": [ref], "values": {"note": "x"}} for ref in hidden]
    return [
        client.program.post("/api/v1/batch", b, content_type="application/json") for b in bodies
    ]


def _api_files(client: Any, hidden: list[str], user: User) -> list[Any]:
    from huhang.cases.models import Attachment

    names = dict(Attachment.objects.values_list("report__case__ref", "ref"))
    places = [f"/api/v1/cases/{ref}/files/{names.get(ref, 'AAAAA-AAAAA')}" for ref in hidden]
    return [client.program.get(p) for p in places]


def _open311(client: Any, hidden: list[str], user: User) -> list[Any]:
    """What anybody may ask: the lists, and hidden cases and reports by whatever names them."""
    from huhang.cases.models import Report

    names = dict(Report.objects.values_list("case__ref", "ref"))
    paths = ["requests.json", "requests.xml", "requests.json?status=open", "services.json"]
    paths += [f"requests/{ref}.json" for ref in hidden]
    paths += [f"tokens/{names.get(ref, 'AAAAA-AAAAA')}.json" for ref in hidden]
    return [Anybody().get(f"/open311/v2/{p}") for p in paths]


def _token_of(user: User, *scopes: str) -> str:
    """A token of this user, the same in both worlds."""
    with ids.random_source(random.Random(f"{user.username} {scopes}").randbytes):
        _made, secret = write(
            lambda w: make_token(w, user.username, name="程序", scopes=scopes, days=90),
            actor=OPERATOR,
        )
    return secret


class Anybody(Client):
    """Asks as ``Client`` does; the addresses and the middleware are loaded once for all."""

    _shared: Any = None

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        Anybody._shared = self.handler = Anybody._shared or self.handler


class Visitor(Anybody):
    """Somebody who is signed in; ``program``: one that may do all that they may."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.force_login(user)
        if self.get("/console/sessions/").status_code == 302:
            raise AssertionError(f"{user.username} is asked to sign in: no page would be compared")
        self.program = Anybody(headers={"authorization": f"Bearer {_token_of(user, *SCOPES)}"})


def _due_days(client: Any, hidden: list[str], user: User) -> list[Any]:
    return [Anybody().get("/api/v1/due.ics", {"key": _token_of(user, "calendar")})]


def _due(client: Client, hidden: list[str], user: User) -> list[Any]:
    """The cases whose words are due for erasure, long after: the list, and the question for hidden ones."""
    place = "/console/retention/"
    with clock.frozen(datetime(2090, 1, 1, tzinfo=UTC)):
        return [client.get(place), client.post(place, {"ref": hidden})]


SURFACES: dict[str, Ask] = {
    "due for erasure": _due,
    "home": _gets("/console/"),
    "queue": _gets("/console/cases/?state=all"),
    "queue sorted": _gets(*(f"/console/cases/?state=all&sort={s}" for s in ("-due", "received", "unit", "state"))),
    "queue filtered": _gets("/console/cases/?due=overdue", "/console/cases/?kind=clue&state=all",
                            "/console/cases/?state=received", "/console/cases/?mine=on",
                            "/console/cases/?unit=u0&state=all", "/console/cases/?channel=scan_code&state=all"),
    "queue as Excel": _gets("/console/cases/?state=all&format=excel"),
    "lists": _gets(*(f"/console/lists/{w}/?state=all" for w in ("negative", "territorial", "sector")),
                   *(f"/console/lists/sector/?state=all&sort={s}" for s in ("-due", "received", "unit", "state")),
                   "/console/lists/sector/?unit=u0&state=all", "/console/lists/negative/?duty=none&state=all",
                   "/console/lists/negative/?unit=u0&state=all", "/console/lists/negative/?unit=group:g0&state=all"),
    "lists as Excel": _gets(*(f"/console/lists/{w}/?state=all&format=excel" for w in ("negative", "territorial", "sector")),
                            "/console/lists/sector/?state=all&format=excel&for=u0"),
    "a filled list": _filled,
    "search": _gets(f"/console/cases/?q={HIDDEN_WORDS}", "/console/cases/?q=路灯", "/console/cases/?q=单位"),
    "search by reference": lambda c, h, u: [c.get(f"/console/cases/?q={r}") for r in h],
    "visible cases": _visible,
    "hidden case": _hidden(""),
    "form of a verb": _hidden("do/note/"),
    "a verb": _hidden("do/note/", note="x", version="1"),
    "file": _attachments,
    "batch": lambda c, h, u: [c.post("/console/batch/", {"verb": "note", "ref": [r]}) for r in h],
    "merge": _merge,
    "approvals": _approvals,
    "sweep": _gets("/console/sweep/", "/console/sweep/?months=1", "/console/sweep/?unit=u0"),
    "API sweep": _api("/sweep", "/sweep?months=1", "/sweep?unit=u0"),
    "accountability": _accountability,
    "telling and splitting": _told,
    "papers": _papers,
    "paper numbers": _gets("/console/papers/?series=registration", "/console/papers/?series=approval"),
    "issuing a number": lambda c, h, u: [
        c.post(f"/console/cases/{r}/papers/registration/issue/", {"known": "", "confirm": "yes"}) for r in h],
    "voiding a number": _voids,
    "transfers": _gets("/console/transfers/", "/console/transfers/?status=all&sort=-due"),
    "transfers as files": _gets("/console/transfers/?status=all&format=excel", "/console/transfers/?status=all&format=csv"),
    "API transfers": _api("/transfers?status=all", "/transfers?status=all&size=1&page=2"),
    "API transfers as a file": _api("/transfers/file?status=all&format=csv"),
    "notices": _gets("/console/notices/"),
    "mail": lambda c, h, u: [HttpResponse(str(mails._fresh(u)[0]))],
    "bulletin": _gets(f"/console/bulletin/?{PERIOD}", f"/console/bulletin/?{PERIOD}&unit=u0"),
    "bulletin as JSON": _gets(f"/console/bulletin/?{PERIOD}&format=json"),
    "bulletin as Excel": _gets(f"/console/bulletin/?{PERIOD}&format=excel"),
    "bulletin as Word": _gets(f"/console/bulletin/?{PERIOD}&format=word"),
    "draft of a bulletin": _draft,
    "published bulletin": _published,
    "cases of a figure": _gets(*(f"/console/bulletin/cases/?{PERIOD}&figure={f}" for f in
                                 ("reports_received", "clue_collated", "cases_by_state.received"))),
    "returns": _gets("/console/returns/"),
    "a return": _returns(),
    "return as JSON": _returns("?format=json"),
    "return as Excel": _returns("?format=excel"),
    "return as Word": _returns("?format=word"),
    "dashboard": _gets(f"/console/dashboard/?{DAYS}", f"/console/dashboard/?{DAYS}&unit=u0",
                       f"/console/dashboard/?{DAYS}&kind=clue", f"/console/dashboard/?{DAYS}&channel=scan_code"),
    "drawings": _gets(f"/console/dashboard/loop.svg?{DAYS}", f"/console/dashboard/channels.svg?{DAYS}&narrow"),
    "dashboard as JSON": _gets(f"/console/dashboard/?{DAYS}&format=json"),
    "dashboard as Excel": _gets(f"/console/dashboard/?{DAYS}&format=excel",
                                f"/console/dashboard/?{DAYS}&format=excel&for=publication"),
    "dashboard as Word": _gets(f"/console/dashboard/?{DAYS}&kind=clue&format=word"),
    "cases of a chart": _gets(*(f"/console/dashboard/cases/?{DAYS}&chart={c}" for c in (
        "loop&row=received", "channels", "channels&row=scan_code", "behaviours&row=u0", "overdue"))),
    "imports": _gets("/console/imports/"),
    "an import": _import,
    "sources": _gets("/console/sources/", "/console/sources/hotline/"),
    "new report": _gets("/console/reports/new/"),
    "units": _gets("/console/units/", "/console/units/u0/", "/console/teams/"),
    "people": _gets("/console/people/"),
    "sites": _gets("/console/sites/"),
    "log": _gets("/console/log/"),
    "audit": _gets("/console/audit/", "/console/audit/?sort=when", "/console/audit/?verb=report"),
    "audit as CSV": _gets("/console/audit/?format=csv"),
    "health": _gets("/healthz"),
    "tokens": _gets("/console/tokens/"),
    "API queue": _api("/cases?state=all", "/cases?state=all&sort=-due", "/cases?state=all&size=2&page=2",
                      "/cases?kind=clue&state=all", "/cases?mine=true", "/cases?unit=u0&state=all"),
    "API lists of duty": _api(*(f"/lists/{w}?state=all" for w in ("negative", "territorial", "sector")),
                              "/lists/sector?state=all&size=1&page=2", "/lists/sector?state=all&hand_to=u1"),
    "API list as a file": _api("/lists/sector/file?state=all", "/lists/negative/file?state=all"),
    "API search": _api(f"/cases?q={HIDDEN_WORDS}", "/cases?q=路灯", "/cases?q=单位"),
    "API search by reference": lambda c, h, u: [c.program.get(f"/api/v1/cases?q={r}") for r in h],  # type: ignore[attr-defined]
    "API visible cases": _api_visible,
    "API hidden case": _api_hidden(""),
    "API verbs": _api_hidden("/verbs"),
    "API a verb": _api_hidden("/verbs/note", {"note": "x", "version": 1}),
    "API file": _api_files,
    "API papers": _api_hidden("/papers"),
    "API a paper": _api_hidden("/papers/registration/file"),
    "API issuing a number": _api_hidden("/papers/registration/issue", {"known": 0}),
    "API numbers": _api(*(f"/papers?series={s}" for s in ("registration", "approval", "urging"))),
    "API batch": _api_batch,
    "API merge": _api_merge,
    "API notices": _api("/notices", "/notices?size=1&page=2"),
    "API bulletin": _api(f"/bulletin?{PERIOD}", f"/bulletin?{PERIOD}&unit=u0"),
    "API bulletin as a file": _api(f"/bulletin/file?{PERIOD}&format=excel", f"/bulletin/file?{PERIOD}&format=word"),
    "API cases of a figure": _api(*(f"/bulletin/cases?{PERIOD}&figure={f}" for f in
                                    ("reports_received", "clue_collated", "cases_by_state.received"))),
    "API returns": _api("/returns?year=2026"),
    "API a return": _api(*(f"/returns/{one}" for one in RETURNS)),
    "API return as a file": _api(*(f"/returns/{one}/file?format=excel" for one in RETURNS)),
    "API dashboard": _api(f"/dashboard?{DAYS}", f"/dashboard?{DAYS}&unit=u0"),
    "API log": _api("/log"),
    "API audit": _api("/log/entries", "/log/entries?verb=accept"),
    "due days": _due_days,
    "what is due": _gets("/console/due/", "/console/due/?sort=-running"),
    "API what is due": _api("/due"),
    "API lists": _api("/me", "/tokens", "/units", "/groups", "/sites", "/people", "/imports", "/bulletins",
                      "/vocabulary"),
    "Open311": _open311,
    "freezing a return": _freezing,
    "public pages": _gets("/r/", "/r/new/", "/r/hall/", "/r/privacy/"),
}  # fmt: skip
# Drawn anew for every page: tokens of forms, and the code that a clerk's form would give out.
_token = re.compile(r'((?:csrfmiddlewaretoken|server_code|mark)" value=")[^"]*')


def plain(answer: Any) -> tuple[Any, ...]:
    """What of an answer must be the same: status, heads and body, without what is drawn anew each time."""
    if isinstance(answer, ImportResult):
        told = answer.as_json()
        said = [r["reason"] for r in [*told["refusals"], *told.get("changes", [])]]
        return (repr({k: v for k, v in told.items() if isinstance(v, int)}), repr(said))
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
