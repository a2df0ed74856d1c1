"""What a dashboard is asked for: a period, a unit, and what to leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from huhang.insight import figures
from huhang.insight.figures import Scope
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.parties.words import language
from huhang.rulebook import current

FIELDS = ("from", "to", "unit", "kind", "channel", "behaviour")
DAYS, MONTHS = 31, 36
"""A period up to so many days is shown by day, up to so many months by month, beyond by year."""


@dataclass(frozen=True)
class View:
    """Cases received in the scope's period; of one kind, channel or behaviour where one is named."""

    scope: Scope
    kind: str = ""
    channel: str = ""
    behaviour: str = ""

    @property
    def query(self) -> str:
        """The view as the query string of a page."""
        unit = self.scope.unit.code if self.scope.unit else ""
        values = (self.scope.since.isoformat(), self.scope.until.isoformat(), unit,
                  self.kind, self.channel, self.behaviour)  # fmt: skip
        return urlencode({k: v for k, v in zip(FIELDS, values, strict=True) if v})

    @property
    def key(self) -> tuple[date, date, int | None, str, str, str]:
        """What tells this view from others."""
        unit = self.scope.unit.pk if self.scope.unit else None
        return self.scope.since, self.scope.until, unit, self.kind, self.channel, self.behaviour

    @property
    def grain(self) -> str:
        """By what the period is divided: day, month or year."""
        since, until = self.scope.since, self.scope.until
        if (until - since).days < DAYS:
            return "day"
        months = (until.year - since.year) * 12 + until.month - since.month + 1
        return "month" if months <= MONTHS else "year"

    def among(self, actor: Actor) -> str:
        """The cases of this view that ``actor`` may know of: a condition on facts."""
        clauses = [figures.among(actor, self.scope), figures.within("received", self.scope),
                   "state <> 'merged'"]  # fmt: skip
        for column in ("kind", "channel", "behaviour"):
            value = getattr(self, column)
            if value:
                clauses.append(f"{column} = {quoted(value)}")
        return " AND ".join(clauses)

    @property
    def named(self) -> list[str]:
        """The names of the unit, kind, channel and behaviour, where one is chosen."""
        book, lang = current(), language()
        behaviour = book.behaviours.get(self.behaviour)
        kind, channel = book.kinds.get(self.kind), book.channels.get(self.channel)
        found = (self.scope.unit, kind, channel, behaviour.words if behaviour else None)
        return [one.in_(lang) for one in found if one is not None]

    @property
    def chosen(self) -> list[str]:
        """In words: which unit, and of which kind, channel and behaviour."""
        book, lang = current(), language()
        unit = self.scope.unit
        said = [_("Scope: the whole area") if unit is None
                else _("Scope: %(unit)s and those below it") % {"unit": unit.in_(lang)}]  # fmt: skip
        if self.kind:
            said.append(_("Kind: %(name)s") % {"name": book.kinds[self.kind].in_(lang)})
        if self.channel:
            said.append(_("Channel: %(name)s") % {"name": book.channels[self.channel].in_(lang)})
        if self.behaviour:
            name = book.behaviours[self.behaviour].words.in_(lang)
            said.append(_("Behaviour: %(name)s") % {"name": name})
        return said


def quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def read_view(given: Mapping[str, str]) -> View:
    """The view that somebody typed; without a period, the last twelve months. Raises ``Refused``."""
    today = clock.today()
    begin = {name: since for name, _words, since in periods()}["year_back"]
    since = given.get("from") or begin.isoformat()
    scope = figures.read_scope(since, given.get("to") or today.isoformat(), given.get("unit", ""))
    book = current()
    known: dict[str, dict[str, Any]] = {
        "kind": book.kinds,
        "channel": book.channels,
        "behaviour": book.behaviours,
    }
    chosen = {}
    for field, words in known.items():
        value = given.get(field, "")
        if value and value not in words:
            raise Refused(_("“%(given)s” is not in the list.") % {"given": value[:40]}, field=field)
        chosen[field] = value
    return View(scope, **chosen)


def periods() -> list[tuple[str, str, date]]:
    """Periods to choose at once, each up to today: (name, words, first day)."""
    today = clock.today()
    month = today.replace(day=1)
    back = date(today.year - 1, today.month + 1, 1) if today.month < 12 else date(today.year, 1, 1)
    return [
        ("month", _("This month"), month),
        ("quarter", _("This quarter"), month.replace(month=(today.month - 1) // 3 * 3 + 1)),
        ("year", _("This year"), month.replace(month=1)),
        ("year_back", _("Last 12 months"), back),
    ]
