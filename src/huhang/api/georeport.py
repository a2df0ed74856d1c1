"""Open311 GeoReport v2: services, reports by other systems, and what a verb has published.

Specification: https://wiki.open311.org/GeoReport_v2. Days stand in the place of moments: when
exactly somebody reported could tell who it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from huhang.api import answers
from huhang.api.auth import MINUTE, enter
from huhang.api.repeats import once_for
from huhang.cases import flow, queries
from huhang.cases.models import Disclosure, Report
from huhang.intake import partners, reporter_code
from huhang.kernel import clock, ids
from huhang.kernel.errors import HuhangError, Missing, Refused
from huhang.kernel.plain import plain_text, whole_number
from huhang.look.limits import Limiter, address_of
from huhang.look.middleware import request_size
from huhang.parties.models import Unit
from huhang.parties.words import in_language, language
from huhang.rulebook import current

SPAN_DAYS = 90
MOST = 1000
NAMES = {"services": "service", "attributes": "attribute", "values": "value", "errors": "error",
         "service_requests": "request", "endpoints": "endpoint", "formats": "format"}  # fmt: skip
"""What one item of a list is called in XML."""
View = Callable[..., HttpResponse]
limiter = Limiter(MINUTE)


# Both forms --------------------------------------------------------------------------------------


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        element.extend(_element(k, v) for k, v in value.items())
    elif isinstance(value, list):
        element.extend(_element(NAMES[name], one) for one in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = plain_text(str(value))  # XML has no control characters
    return element


def _answer(form: str, root: str, value: Any, status: int = 200) -> HttpResponse:
    if form == "json":
        return JsonResponse(
            value, safe=False, status=status, json_dumps_params={"ensure_ascii": False}
        )
    content = ElementTree.tostring(_element(root, value), encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, content_type="text/xml; charset=utf-8", status=status)


def _error(form: str, status: int, description: Any) -> HttpResponse:
    return _answer(form, "errors", [{"code": status, "description": str(description)}], status)


def plain(request: HttpRequest, status: int) -> HttpResponse:
    """The answer of a status in its own words, in the form that the address asks for."""
    form = "xml" if request.path_info.endswith(".xml") else "json"
    return _error(form, status, answers.words_of(status))


def _told(view: View) -> View:
    """Errors that can be told, in the form that was asked for."""

    @wraps(view)
    def answer(request: HttpRequest, *, form: str, **more: str) -> HttpResponse:
        try:
            # Anybody may ask here, so the place is counted, not a token.
            if limiter.count(address_of(request)) > settings.HUHANG_API_PER_MINUTE:
                raise answers.TooMany(limiter.wait())
            if request_size(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                return plain(request, 413)  # before anything of it is read: no files are taken here
            return view(request, form=form, **more)
        except Missing:
            return plain(request, 404)
        except answers.Unknown:  # the specification knows no 401
            return _error(form, 403, _("api_key: a token that holds is needed."))
        except answers.OutOfScope:
            return _error(form, 403, answers.words_of(403))
        except answers.TooMany as error:
            return error.told(plain(request, 429))
        except HuhangError as error:
            said = f"{error.field}: {error}" if error.field else str(error)
            return _error(form, answers.status_of(error), said)

    return answer


# Services ----------------------------------------------------------------------------------------


def _service(kind: str) -> dict[str, Any]:
    book = current()
    nature = book.nature_of(kind)
    question = book.kind_questions.get(kind)
    return {
        "service_code": kind,
        "service_name": book.kinds[kind].in_(language()),
        "description": question.in_(language()) if question else "",
        "metadata": True,
        "type": "realtime",
        "keywords": "",
        "group": nature.words.in_(language()),
    }


@csrf_exempt  # no cookie opens anything here
@require_safe
@_told
def services(request: HttpRequest, form: str) -> HttpResponse:
    """The kinds that anybody may send through other systems: never a confidential one."""
    return _answer(form, "services", [_service(kind) for kind in queries.public_kinds()])


@csrf_exempt  # no cookie opens anything here
@require_safe
@_told
def definition(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """What may be said beside the description: the unit concerned, and the day."""
    if code not in queries.public_kinds():
        raise Missing("")
    units = Unit.objects.filter(active=True).order_by("code")
    common = {"variable": True, "required": False, "datatype_description": ""}
    value = {
        "service_code": code,
        "attributes": [
            {**common, "code": "unit", "datatype": "singlevaluelist", "order": 1,
             "description": _("Unit concerned"),
             "values": [{"key": u.code, "name": in_language(u)} for u in units]},
            {**common, "code": "occurred_on", "datatype": "datetime", "order": 2,
             "description": _("When it happened"), "values": []},
        ],
    }  # fmt: skip
    return _answer(form, "service_definition", value)


@csrf_exempt  # no cookie opens anything here
@require_safe
@_told
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where this interface is, and which forms it speaks."""
    book = current()
    value = {
        "changeset": "2026-11-25T00:00:00Z",
        "contact": book.office.in_(language()),
        "key_service": _("Tokens are given by the office."),
        "endpoints": [
            {"specification": "http://wiki.open311.org/GeoReport_v2",
             "url": f"{settings.HUHANG_BASE_URL}/open311/v2", "changeset": "2026-11-25T00:00:00Z",
             "type": "production", "formats": ["application/json", "text/xml"]},
        ],
    }  # fmt: skip
    return _answer(form, "discovery", value)


# Requests ----------------------------------------------------------------------------------------


def _day(day: date) -> str:
    return datetime.combine(day, time.min, tzinfo=clock.local_zone()).isoformat()


def _local(moment: datetime) -> str:
    return _day(clock.local_day(moment))


def _request(found: Disclosure) -> dict[str, Any]:
    """What is published of a case: its kind, whether it is open, days, the unit, the summary."""
    case = found.case
    closed = case.state not in flow.OPEN_STATES
    moments = [found.published_at, *([case.closed_at] if closed and case.closed_at else [])]
    said = queries.payload_value(found.payload) or {}
    return {
        "service_request_id": found.ref,
        "status": "closed" if closed else "open",
        "status_notes": None,
        "service_name": current().kinds[case.kind].in_(language()),
        "service_code": case.kind,
        "description": said.get("text", ""),
        "agency_responsible": in_language(case.unit),
        "service_notice": None,
        "requested_datetime": _local(case.received_at),
        "updated_datetime": _local(max(moments)),
        "expected_datetime": _day(case.due_on) if case.due_on and not closed else None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_told
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """GET: what a verb has published. POST: a report, with a token of scope report."""
    if request.method == "POST":
        return _receive(request, form)
    return _answer(form, "service_requests", [_request(d) for d in _asked(request.GET)])


@csrf_exempt  # no cookie opens anything here
@require_safe
@_told
def request_by_id(request: HttpRequest, form: str, ref: str) -> HttpResponse:
    """One published case."""
    found = queries.published().filter(ref__in=_refs(ref)).first()
    if found is None:
        raise Missing("")
    return _answer(form, "service_requests", [_request(found)])


@csrf_exempt  # no cookie opens anything here
@require_safe
@_told
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """The number of what was published of a report; until then it is as if it had never been sent."""
    report = Report.objects.filter(
        ref__in=_refs(token), channel=partners.CHANNEL, number=None
    ).first()
    found = queries.published().filter(case=report.case_id).first() if report else None
    if report is None or found is None:
        raise Missing("")
    value = [{"service_request_id": found.ref, "token": report.ref}]
    return _answer(form, "service_requests", value)


def _refs(typed: str) -> list[str]:
    found = []
    for one in typed.split(",")[:MOST]:
        try:
            found.append(ids.read_ref(one))
        except ValueError:
            continue
    return found


def _asked(data: Any) -> list[Disclosure]:
    """The published cases that a query asks for. Raises ``Refused``."""
    found = queries.published()
    if data.get("service_request_id"):
        return list(found.filter(ref__in=_refs(data["service_request_id"])).order_by("ref")[:MOST])
    if data.get("service_code"):
        found = found.filter(case__kind__in=data["service_code"].split(",")[:MOST])
    if data.get("status"):
        wanted = set(data["status"].lower().split(","))
        if not wanted <= {"open", "closed"}:
            raise Refused(_("“%(given)s” is not one of the choices.")
                          % {"given": data["status"][:40]}, field="status")  # fmt: skip
        states = [s for s in flow.PUBLIC_STATES
                  if ("open" if s in flow.OPEN_STATES else "closed") in wanted]  # fmt: skip
        found = found.filter(case__state__in=states)
    since, until = _span(data)
    found = found.filter(
        case__received_at__gte=_midnight(since),
        case__received_at__lt=_midnight(until + timedelta(days=1)),
    )
    # Within a day in no order that tells which came first.
    day = TruncDate("case__received_at", tzinfo=clock.local_zone())
    size = min(MOST, max(1, whole_number(data.get("page_size", "")) or MOST))
    pages = Paginator(found.order_by(day.desc(), "ref"), size)
    number = max(1, whole_number(data.get("page", "")) or 1)
    return list(pages.page(number).object_list) if number <= pages.num_pages else []


def _span(data: Any) -> tuple[date, date]:
    """The days asked for: at most ninety, by default the last ninety."""
    since, until = (_typed_day(data.get(name, ""), name) for name in ("start_date", "end_date"))
    if until is None:
        until = since + timedelta(days=SPAN_DAYS) if since else clock.today()
    if since is None:
        since = until - timedelta(days=SPAN_DAYS)
    if since > until:
        raise Refused(_("The period ends before it begins."), field="end_date")
    if (until - since).days > SPAN_DAYS:
        raise Refused(_("At most %(days)d days at once.") % {"days": SPAN_DAYS}, field="end_date")
    return since, until


def _typed_day(typed: str, field: str) -> date | None:
    """The office's day of a moment in ISO 8601; days are compared, not moments."""
    if not typed:
        return None
    # In a query a plus that nobody escaped has become a space.
    text = typed.strip().replace(" ", "+") if "T" in typed else typed.strip()
    try:
        moment = datetime.fromisoformat(text)
        if not 1970 <= moment.year < queries.LATEST:
            raise ValueError
    except ValueError:
        raise Refused(_("A moment such as 2026-11-24T00:00:00Z is needed."), field=field) from None
    return clock.local_day(moment) if moment.tzinfo else moment.date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.local_zone())


def _receive(request: HttpRequest, form: str) -> HttpResponse:
    data = request.POST
    header = request.headers.get("Authorization", "")
    bearer = header[7:] if header.lower().startswith("bearer ") else ""
    actor, _token = enter(data.get("api_key", "") or bearer, "report")
    sent = partners.Sent(
        kind=data.get("service_code", ""),
        text=data.get("description", ""),
        unit=data.get("attribute[unit]", ""),
        place=_place(data),
        link=data.get("media_url", ""),
        occurred_on=_typed_day(data.get("attribute[occurred_on]", ""), "attribute[occurred_on]"),
        name=f"{data.get('first_name', '')} {data.get('last_name', '')}",
        reach=" ".join(filter(None, (data.get("phone", ""), data.get("email", "")))),
    )

    def act() -> dict[str, Any]:
        code = reporter_code.new_code()
        report = partners.receive(sent, code=code, actor=actor)
        address = settings.HUHANG_BASE_URL + reverse("portal:back")
        notice = _(
            "Kept. With the code %(code)s the reporter follows it and writes to us at %(address)s; "
            "it is shown only now."
        )
        words = {"code": "-".join(reporter_code.groups(code)), "address": address}
        return {"token": report.ref, "service_notice": notice % words, "account_id": None}

    made = once_for(actor, request.headers.get("Idempotency-Key", "")[:200], sent, act)
    return _answer(form, "service_requests", [made])


def _place(data: Any) -> str:
    """The place in one line. Raises ``Refused`` for coordinates that are none."""
    parts = [data.get("address_string", ""), data.get("address_id", "")]
    if data.get("lat") or data.get("long"):
        for name, most in (("lat", 90), ("long", 180)):
            try:
                fits = -most <= float(data.get(name, "")) <= most
            except ValueError:
                fits = False
            if not fits:
                raise Refused(_("A number of degrees is needed."), field=name)
        parts.append(f"{data['lat']}, {data['long']}")
    return " · ".join(p.strip() for p in parts if p.strip())
