"""Due days as a calendar (iCalendar, RFC 5545): how many cases on which day, and nothing of them.

A calendar program sends no headers: the token stands in the address, so it must be one that is for
this alone. What it tells is kept by whoever runs the program: numbers by day, no reference, no word.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from huhang.api import answers
from huhang.api.auth import enter
from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.kernel import clock
from huhang.kernel.actor import Actor

DAYS = 92
"""So far ahead: three months."""
LANGUAGES = ("zh-hans", "en")


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The due days of the cases that the token's person may see, from today on; what is overdue, today.

    Query: ``key``, a token whose only scope is ``calendar``; ``lang``, zh-hans or en.
    """
    try:
        actor, token = enter(request.GET.get("key", ""), "calendar")
    except answers.Unknown:
        return answers.plain(401)
    except answers.OutOfScope:
        return answers.plain(403)
    except answers.TooMany as error:
        return error.told(answers.plain(429))
    if token.scopes != "calendar":
        return answers.problem(
            403, _("In an address only a token holds that is for the calendar alone."), "key"
        )
    wanted = request.GET.get("lang", "")
    with translation.override(wanted if wanted in LANGUAGES else settings.LANGUAGE_CODE):
        content = _calendar(actor).to_ical()
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["Content-Disposition"] = 'inline; filename="due.ics"'
    return answer


def _calendar(actor: Actor) -> Calendar:
    today = clock.today()
    running = Case.objects.none()
    if actor.roles:
        running = visible_to(actor).filter(
            stopped_on=None, due_on__lte=today + timedelta(days=DAYS)
        )
    late = running.filter(due_on__lt=today).count()
    by_day = (
        running.filter(due_on__gte=today)
        .order_by("due_on")
        .values_list("due_on")
        .annotate(n=Count("pk"), open=Count("pk", filter=Q(due_provisional=True)))
    )
    made = Calendar()
    made.add("prodid", "-//Huhang//due days//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", _("Huhang: due days"))
    made.add("x-wr-calname", _("Huhang: due days"))
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    if late:
        said = ngettext("%(n)d case is overdue", "%(n)d cases are overdue", late) % {"n": late}
        made.add_component(_event("overdue", today, said, "overdue"))
    for day, n, provisional in by_day:
        said = ngettext("%(n)d case is due", "%(n)d cases are due", n) % {"n": n}
        if provisional:
            said += " " + _("(%(n)d provisional)") % {"n": provisional}
        made.add_component(_event(day.isoformat(), day, said, "today" if day == today else "week"))
    return made


def _event(name: str, day: date, said: str, which: str) -> Event:
    """A day, which takes no time of it."""
    event = Event()
    event.add("uid", f"{name}@{settings.HUHANG_BASE_URL.partition('://')[2]}")
    event.add("dtstamp", datetime.combine(clock.today(), time.min, UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", said)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    event.add("url", f"{settings.HUHANG_BASE_URL}/console/cases/?due={which}")
    return event
