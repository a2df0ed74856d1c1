"""Calendars of years that the rulebook does not know yet: loading one, showing them."""

from __future__ import annotations

import argparse
from pathlib import Path

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from huhang.cases import calendars
from huhang.cases.models import CalendarYear
from huhang.cases.queries import payload_value
from huhang.cli import ready
from huhang.cli.output import Stop, as_json, os_words, say
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write


def load(args: argparse.Namespace) -> int:
    """Load the working days of a year and count the duties again that waited for them."""
    ready.need()
    try:
        content = Path(args.file).read_bytes()
    except OSError as error:
        raise Stop(f"{args.file}: {os_words(error)}") from None
    try:
        years = calendars.parse(content)
    except calendars.CalendarFaults as error:
        raise Stop(f"{args.file}: {error}") from None
    changed = write(lambda w: calendars.load(w, years, args.source), actor=OPERATOR)
    counted = calendars.recount()
    if args.json:
        as_json({"years": sorted(years), "changed": changed, "recounted": counted})
        return 0
    joined = pgettext("list", ", ").join(map(str, changed))
    say(
        _("Loaded: %(years)s.") % {"years": joined}
        if changed
        else _("These days were known already.")
    )
    say(
        ngettext(
            "%(count)d due day is certain now.", "%(count)d due days are certain now.", counted
        )
        % {"count": counted}
    )
    return 0


def show(args: argparse.Namespace) -> int:
    """The calendars that were loaded, with their sources."""
    ready.need()
    rows = [
        {
            "year": row.year,
            "off": orjson.loads(row.off),
            "on": orjson.loads(row.on),
            "source": (payload_value(row.source) or {}).get("text", ""),
        }
        for row in CalendarYear.objects.order_by("year")
    ]
    if args.json:
        as_json({"years": rows})
        return 0
    for row in rows:
        say(f"{row['year']}: {row['source']}")
        for day in row["off"]:
            say(f"  {day} " + pgettext("day", "off"))
        for day in row["on"]:
            say(f"  {day} " + pgettext("day", "work"))
    if not rows:
        say(_("No calendar was loaded: the rulebook's years alone are known."))
    return 0
