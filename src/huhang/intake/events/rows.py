"""Rows of a file of dispositions."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from huhang.intake.events.names import NO, TIMINGS, YES
from huhang.tables.cells import NOTHING, lost_digits, number_of
from huhang.tables.columns import Header
from huhang.tables.faults import Bad, Cells
from huhang.tables.file import KeyedRow, RowReader, TableFile
from huhang.tables.headings import plain

LONGEST = 200
MAX_NUMBER = 100
TEXTS = ("unit", "unit_ref", "kind", "subkind", "matter", "via", "place", "street", "community")


@dataclass(frozen=True, kw_only=True)
class EventRow(KeyedRow):
    """A disposition as a row tells it. ``timing``: on_time, overdue, open or empty (not said).
    ``same``: of its content without the number."""

    number: str
    values: dict[str, str]
    created_at: datetime | None
    closed_at: datetime | None
    timing: str
    same: bytes


class EventsFile(TableFile[EventRow]):
    """A file of dispositions."""

    def reader(self, sheet: str, header: Header) -> RowReader[EventRow]:
        """What reads the rows of this sheet."""
        return _Reader(self, sheet, header)


class _Reader(RowReader[EventRow]):
    def row(self, number: int, cells: Cells, texts: list[str]) -> EventRow:
        """One row. Raises ``Bad``."""
        found: dict[str, str] = {}
        for name, index in self.at.items():
            text = " ".join(texts[index].split()) if index < len(texts) else ""
            self.sound(name, text)
            if len(text) > LONGEST:
                raise self.bad(name, _("Longer than %(limit)d characters.") % {"limit": LONGEST})
            if text and text.casefold() not in NOTHING:
                found[name] = text
        if "unit" not in found:
            self.say(number, self.headings["unit"], _("It is not said which unit handled it."))
        created = self._moment("created_on", cells, found.pop("created_on", ""))
        closed = self._moment("closed_on", cells, found.pop("closed_on", ""))
        if created and closed and closed < created and not _same_day(created, closed):
            raise self.bad("closed_on", _("It ends before it begins."))
        due = self._due(number, cells, found.pop("due_on", ""))
        timing = self._timing(found) or _by_days(closed, due)
        key = self._number(cells) if "number" in found else ""
        values = {name: found[name] for name in TEXTS if name in found}
        parts = [f"{k}={v}" for k, v in sorted(values.items())]
        parts += [timing, *(m.isoformat() if m else "" for m in (created, closed))]
        content = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
        return EventRow(
            sheet=self.sheet, row=number, key=key or "#" + content.hex(), content_hash=content,
            headings=self.headings, cells=tuple(cells), number=key, values=values,
            created_at=created, closed_at=closed, timing=timing, same=content,
        )  # fmt: skip

    def _number(self, cells: Cells) -> str:
        cell = cells[self.at["number"]]
        if lost_digits(cell):
            raise self.bad(
                "number",
                _(
                    "The number has lost digits in Excel. Format the column as text and fill it anew."
                ),
            )
        key = number_of(cell)
        if len(key) > MAX_NUMBER or key.startswith("#"):
            raise self.bad("number", _("“%(given)s” is no number.") % {"given": key[:40]})
        return key

    def _moment(self, name: str, cells: Cells, text: str) -> datetime | None:
        if not text:
            return None
        shown = {"value": text[:40]}
        moment = self.moment(name, cells, text)
        if moment.year < 1990:
            raise self.bad(name, _("“%(value)s” lies before 1990.") % shown)
        if moment > self.file.now:
            raise self.bad(name, _("“%(value)s” lies in the future.") % shown)
        return moment

    def _due(self, number: int, cells: Cells, text: str) -> datetime | None:
        """The day or moment until which it was due; what is no date ("5 working days") is said."""
        if not text:
            return None
        try:
            return self.moment("due_on", cells, text)
        except Bad:
            said = _("“%(value)s” is no date: nothing follows from it on being in time.")
            self.say(number, self.headings["due_on"], said % {"value": text[:40]})
            return None

    def _timing(self, found: dict[str, str]) -> str:
        """What the row says of being in time, "" where it says nothing. Raises ``Bad``."""
        if any(TIMINGS.get(plain(found.get(n, ""))) == "open" for n in ("on_time", "overdue")):
            return "open"
        on_time, late = self._flag("on_time", found), self._flag("overdue", found)
        told = found.get("timing", "")
        if told:
            timing = TIMINGS.get(plain(told))
            if timing is None:
                raise self.bad(
                    "timing",
                    _("“%(given)s” is neither on time nor overdue nor open.")
                    % {"given": told[:40]},
                )
            if timing:
                return timing
        if on_time and late:
            raise self.bad("overdue", _("It cannot be both on time and overdue."))
        if on_time or late:
            return "on_time" if on_time else "overdue"
        if late is False and on_time is None and "overdue" in self.at and "on_time" not in self.at:
            return "on_time"
        if on_time is False and late is None and "overdue" not in self.at:
            return "overdue"
        return "open" if on_time is False and late is False else ""

    def _flag(self, name: str, found: dict[str, str]) -> bool | None:
        text = unicodedata.normalize("NFKC", found.get(name, "")).casefold()
        if not text:
            return None
        if text in YES:
            return True
        if text in NO:
            return False
        timing = TIMINGS.get(plain(text))
        if timing in ("on_time", "overdue"):
            return timing == name
        raise self.bad(name, _("“%(given)s” is neither yes nor no.") % {"given": text[:40]})


def _same_day(created: datetime, closed: datetime) -> bool:
    """Whether it was closed on the day it began, of which the file tells no time."""
    return closed.time() == time.min and closed.date() == created.date()


def _by_days(closed: datetime | None, due: datetime | None) -> str:
    """In time or not by two dates; a due day, or a moment at its very start, is over at its end."""
    if due is None:
        return ""
    if closed is None:
        return "open"
    whole_day = due.time() == time.min
    late = closed >= due + timedelta(days=1) if whole_day else closed > due
    return "overdue" if late else "on_time"
