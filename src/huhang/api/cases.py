"""The queue, a case, verbs on a selection, files, notices, the vocabulary."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema

from huhang.api.auth import actor_of
from huhang.api.case_shapes import CaseOut, CasePage, Word
from huhang.api.fields import Code, Codes, Line, PageNumber, PageSize
from huhang.api.operations import CASE_ROLES, Strict, operation
from huhang.cases import asking, batches, days, flow, proposing, queries, reads, recusing, splits
from huhang.cases.approvals_seen import approvals_of
from huhang.cases.fairness import reading
from huhang.cases.inputs import choices, offered
from huhang.cases.models import Case, Clock, Party
from huhang.cases.reading import WARNINGS, published_view, report_view, who_will_read
from huhang.cases.timeline import OTHER_VERBS, timeline
from huhang.intake.attachments import read_attachment
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.look.files import download
from huhang.parties.models import Group, Unit
from huhang.parties.words import in_language, language
from huhang.rulebook import current


def word(key: Any, words: dict[Any, Any]) -> dict[str, str] | None:
    """A key with its words; nothing for no key."""
    if key in ("", None):
        return None
    found: Any = words.get(key)
    found = getattr(found, "words", found)
    said = found.in_(language()) if hasattr(found, "in_") else str(found or key)
    return {"key": str(key), "words": said}


def place(thing: Any) -> dict[str, str] | None:
    """A unit or group by code and name."""
    return None if thing is None else {"code": thing.code, "name": in_language(thing)}


def rows_of(cases: list[Case]) -> list[dict[str, Any]]:
    """Cases as rows."""
    book, today = current(), clock.today()
    waiting = queries.unanswered(cases)
    rows = []
    for case in cases:
        due = days.due_of(case, today)
        late = bool(due.get("late")) or bool(due.get("due_on") and due["due_on"] < today)
        rows.append(
            {
                "ref": case.ref, "version": case.version, "title": case.title,
                "state": word(case.state, flow.STATES), "kind": word(case.kind, book.kinds),
                "channel": word(case.channel, book.channels), "unit": place(case.unit),
                "received_at": case.received_at, "waiting": case.pk in waiting,
                "due": {"on": case.due_on, "provisional": case.due_provisional, "late": late,
                        "stopped_on": case.stopped_on, "left": due.get("left"),
                        "mark": due.get("mark", "")},
            }
        )  # fmt: skip
    return rows


class Filters(Schema):
    """The filters of the queue. Without a state: the open cases, and all of them in a search.
    ``hinted``: before triage, with words of the rulebook's list of hints."""

    q: Line = ""
    state: Code = ""
    kind: Code = ""
    channel: Code = ""
    unit: Code = ""
    behaviour: Code = ""
    due: Literal["", "overdue", "today", "week"] = ""
    since: date | None = None
    until: date | None = None
    mine: bool = False
    hinted: bool = False
    approval: bool = False
    sort: Code = ""
    page: PageNumber = 1
    size: PageSize = 50


def _check(wanted: Filters) -> None:
    """An unknown key is refused, not left out: a program would take the answer for filtered."""
    book = current()
    known: dict[str, Any] = {
        "state": {"open", "all", *flow.SHOWN}, "kind": book.kinds, "channel": book.channels,
        "behaviour": book.behaviours, "sort": asking.SORTS,
    }  # fmt: skip
    for name, keys in known.items():
        given = getattr(wanted, name)
        if given and given not in keys:
            raise Refused(_("“%(given)s” is not one of the choices.") % {"given": given[:40]},
                          field=name)  # fmt: skip
    check_unit(wanted.unit, "unit")


def check_unit(code: str, field: str) -> Unit | None:
    """The unit with this code; none for no code. Raises ``Refused`` naming ``field``."""
    unit = Unit.objects.filter(code=code).first() if code else None
    if code and unit is None:
        raise Refused(_("There is no unit “%(given)s”.") % {"given": code[:40]}, field=field)
    return unit


def check_group(code: str, field: str) -> None:
    """Raises ``Refused`` naming ``field`` when no group has this code."""
    if code and not Group.objects.filter(code=code).exists():
        raise Refused(_("There is no group “%(given)s”.") % {"given": code[:40]}, field=field)


@operation("GET", "/cases", scope="read", roles=CASE_ROLES, answer=CasePage)
def list_cases(request: HttpRequest, wanted: Query[Filters]) -> Any:
    """The cases that this person may see, with the filters, orders, search and pages of the queue."""
    _check(wanted)
    found = asking.asked(actor_of(request), wanted.dict(), wanted.sort)
    shown = found.page(wanted.page, wanted.size)
    return {"count": shown.count, "more": shown.more, "page": shown.number, "pages": shown.pages,
            "cases": rows_of(shown.cases)}  # fmt: skip


@operation("GET", "/cases/{ref}", scope="read", roles=CASE_ROLES, answer=CaseOut)
def read_case(request: HttpRequest, ref: str) -> Any:
    """One case: reports, parties, clocks, timeline, and the verbs that this person may do now."""
    actor = actor_of(request)
    case = queries.access_case(actor, ref)
    reads.note(actor, case)
    return _case(actor, case)


def _case(actor: Actor, case: Case) -> dict[str, Any]:
    book = current()
    parties = list(
        Party.objects.filter(case=case).select_related("unit", "group", "person").order_by("id")
    )
    into = queries.visible_to(actor).filter(pk=case.merged_into_id or 0).first()
    return {
        **rows_of([case])[0],
        "nature": word(case.nature, book.natures),
        "behaviour": word(case.behaviour, book.behaviours),
        "finding": word(case.finding, book.findings),
        "governed": word(case.governed, book.govern_forms),
        "rating": word(case.rating, book.ratings),
        "minor": case.minor,
        **{
            name: getattr(case, name)
            for name in ("accepted_at", "closed_at", "heard", "urged", "extensions", "extended_days",
                         "reopened", "sent_back", "escalated_to")
        },
        "merged_into": into.ref if into else None,
        "published": published_view(case),
        "parties": [_party(p) for p in parties if p.relation in flow.RELATIONS],
        "clocks": list(Clock.objects.filter(case=case).order_by("id").values(
            "rule", "started_on", "due_on", "provisional", "paused_on", "stopped_on")),
        "reports": [_report(actor, case, r, parties) for r in queries.reports_of(case)],
        "timeline": [{**step, "what": str(step["what"])} for step in timeline(actor, case)],
        "verbs": queries.verbs_for(actor, case, parties),
        "approvals": approvals_of(actor, case),
        "recusals": [one._asdict() for one in recusing.recusals(case)]
        if actor.has("leader") else [],
        "reads": [{"who": name, "hour": hour} for name, hour in reads.named(case)]
        if actor.has("leader") else [],
        "fairness": [
            {**one, "facts": [{"label": str(label), "value": str(v)} for label, v in one["facts"]]}
            for one in reading.section(actor, case, parties)
        ],
        "retaliation": [other.ref for other in reading.linked(actor, case)],
        "beside": [other.ref for other in splits.beside(actor, case)],
    }  # fmt: skip


def _party(party: Party) -> dict[str, Any]:
    who: Any = party.unit or party.group or party.person
    return {
        "relation": word(party.relation, flow.RELATIONS),
        "kind": "unit" if party.unit_id else "group" if party.group_id else "person",
        "code": getattr(who, "code", ""),
        "name": who.name if party.person_id else in_language(who),
        "provisional": party.provisional,
    }


def _report(actor: Actor, case: Case, report: Any, parties: list[Party]) -> dict[str, Any]:
    seen = report_view(actor, case, report, parties)
    files = [
        {"ref": f.ref, "name": f.name, "media_type": f.media_type, "size": f.size,
         "has_copy": bool(f.copy)}
        for f in seen["files"]
    ]  # fmt: skip
    return {
        "ref": report.ref, "channel": word(report.channel, current().channels), "files": files,
        **{
            name: getattr(report, name)
            for name in ("recorded_at", "occurred_on", "reported_at", "anonymous", "language", "site")
        },
        **{
            name: seen[name] for name in ("number", "words", "contact", "contact_hidden", "messages")
        },
    }  # fmt: skip


class FieldOut(Schema):
    """A field of a verb. ``choices``: of a rulebook's list."""

    name: str
    kind: str
    label: str
    hint: str
    required: bool
    choices: list[Word]


class VerbOut(Schema):
    """A verb that may be done now. ``reach``: whom it lets read the case, in words; ``warning``:
    what to know before."""

    verb: str
    words: str
    reach: str
    warning: str
    fields: list[FieldOut]


def _fields(verb: str) -> list[dict[str, Any]]:
    return [
        {
            "name": f.name, "kind": f.kind, "label": str(f.label), "hint": str(f.hint),
            "required": f.required,
            "choices": [word(k, choices(f.source)) for k in choices(f.source)]
            if f.kind in ("choice", "choices", "answers") else [],
        }
        for f in flow.FIELDS[verb] if offered(f)
        if offered(f)
    ]  # fmt: skip


@operation("GET", "/cases/{ref}/verbs", scope="read", roles=CASE_ROLES, answer=list[VerbOut])
def list_verbs(request: HttpRequest, ref: str) -> Any:
    """The verbs that this person may do on the case now, with their fields."""
    actor = actor_of(request)
    case = queries.access_case(actor, ref)
    parties = list(Party.objects.filter(case=case).select_related("unit"))
    return [
        {"verb": v, "words": str(flow.VERBS[v]), "warning": str(WARNINGS.get(v, "")),
            "reach": who_will_read(v, parties),
         "fields": _fields(v)}
        for v in queries.verbs_for(actor, case, parties)
    ]  # fmt: skip


class Batch(Strict):
    """One verb on several cases; ``values`` as the verb takes them on one."""

    verb: Code
    refs: Codes
    values: dict[str, Any] = {}


class Outcome(Schema):
    """``done`` and ``waits``: it was proposed, and is done once it is approved."""

    ref: str
    done: bool
    waits: bool
    reason: str


class BatchOut(Schema):
    """``left_out``: how many were not there, or are not ready for the verb."""

    left_out: int
    outcomes: list[Outcome]


@operation("POST", "/batch", scope="act", roles=CASE_ROLES, answer=BatchOut)
def batch(request: HttpRequest, data: Batch) -> Any:
    """One verb on up to 200 cases. Each is done or not by itself."""
    actor = actor_of(request)
    chosen = batches.choose(actor, data.verb, data.refs)
    values = dict(data.values)
    if len(chosen.able) > 1:
        values.pop("title", None)  # each keeps its own
    outcomes = batches.perform_each(actor, data.verb, chosen.able, values)
    return {
        "left_out": chosen.left_out,
        "outcomes": [
            {
                "ref": c.ref,
                "done": why is None,
                "reason": why or "",
                "waits": why is None and data.verb in proposing.waiting_verbs(c),
            }
            for c, why in outcomes
        ],
    }


class WhichFile(Schema):
    original: bool = False


@operation(
    "GET", "/cases/{ref}/files/{file}", scope="read", roles=CASE_ROLES,
    file="application/octet-stream",
)  # fmt: skip
def read_file(request: HttpRequest, ref: str, file: str, wanted: Query[WhichFile]) -> HttpResponse:
    """A file of a report. Of an image the copy without metadata; the original only for intake."""
    found = read_attachment(actor_of(request), ref, file, original=wanted.original)
    return download(found.content, found.media_type, found.name)


class Paging(Schema):
    page: PageNumber = 1
    size: PageSize = 50


class NoticeOut(Schema):
    ref: str
    title: str
    verb: str
    words: str
    at: datetime


class NoticePage(Schema):
    count: int
    page: int
    pages: int
    notices: list[NoticeOut]


@operation("GET", "/notices", scope="read", roles=CASE_ROLES, answer=NoticePage, tag="notices")
def list_notices(request: HttpRequest, wanted: Query[Paging]) -> Any:
    """What the transition table tells this person, newest first."""
    pages = Paginator(queries.notices_for(actor_of(request)), wanted.size)
    shown = pages.get_page(wanted.page)
    rows = [
        {"ref": n.case.ref, "title": n.case.title, "verb": n.verb, "at": n.recorded_at,
         "words": str(flow.VERBS.get(n.verb) or OTHER_VERBS.get(n.verb, n.verb))}
        for n in shown.object_list
    ]  # fmt: skip
    return {"count": pages.count, "page": shown.number, "pages": pages.num_pages, "notices": rows}


class VerbWords(Schema):
    verb: str
    words: str
    fields: list[FieldOut]


class Vocabulary(Schema):
    """The keys of the rulebook's lists and of the loop, with their words."""

    rulebook: str
    version: str
    states: list[Word]
    lists: dict[str, list[Word]]
    verbs: list[VerbWords]


LISTS = ("channels", "kinds", "natures", "behaviours", "findings", "govern_forms", "decline_reasons",
         "transfer_targets", "keep_reasons", "reopen_reasons", "extension_reasons",
         "escalation_targets", "recusal_reasons", "ratings", "duties", "admissibility", "outcomes")  # fmt: skip


@operation("GET", "/vocabulary", scope="", answer=Vocabulary, tag="vocabulary")
def vocabulary(request: HttpRequest) -> Any:
    """The keys that filters and verbs take, with their words."""
    book = current()
    states, verbs = queries.used()
    return {
        "rulebook": book.id,
        "version": book.version,
        "states": [word(k, flow.STATES) for k in states],
        "lists": {n: [word(k, getattr(book, n)) for k in getattr(book, n)] for n in LISTS},
        "verbs": [{"verb": v, "words": str(flow.VERBS[v]), "fields": _fields(v)} for v in verbs],
    }


def missing(words: str = "") -> Missing:
    """Not there, or not for this person."""
    return Missing(words)
