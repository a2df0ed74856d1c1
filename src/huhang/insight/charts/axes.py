"""By what a chart's cases are told apart: each axis is an expression on a fact, and words for its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from huhang.insight.charts.view import View, quoted
from huhang.insight.facts.columns import LOOP
from huhang.kernel.clock import MONTHS, day_words
from huhang.parties.models import Unit
from huhang.parties.words import language
from huhang.rulebook import current

Labels = dict[str, str]
AGES = {"1": (1, 5), "2": (6, 15), "3": (16, 30), "4": (31, None)}
"""Days past due, in classes."""
_LATE_BY = "date_diff('day', due_on, $today)"


@dataclass(frozen=True)
class Axis:
    """``sql``: the value of a case (a text or a whole number; NULL: it has no place on this axis).

    ``labels``: value -> words, in order, of a view's language; None: units, by their codes.
    ``steps``: the value is a set of bits, and a case stands at each value whose bit it has.
    """

    id: str
    words: Any
    sql: Callable[[View], str]
    labels: Callable[[View], Labels] | None
    steps: bool = False

    def words_of(self, view: View, keys: Iterable[str]) -> Labels:
        """Words for these keys; what has no words shows itself."""
        if self.labels is None:
            lang = language()
            known = {u.code: u.in_(lang) for u in Unit.objects.all()}
        else:
            known = self.labels(view)
        return {k: known.get(k, k) for k in keys}

    def meets(self, view: View, keys: Iterable[str]) -> str:
        """That a case has one of these values: a condition on facts."""
        keys = list(keys)
        if self.steps:
            return " AND ".join(_STEP_CONDITIONS[k] for k in keys)
        if self.labels is None:
            found = Unit.objects.filter(code__in=keys).order_by("pk").values_list("pk", flat=True)
            listed = ", ".join(str(pk) for pk in found) or "NULL"
            return f"({self.sql(view)}) IN ({listed})"
        return f"CAST(({self.sql(view)}) AS VARCHAR) IN ({', '.join(map(quoted, keys))})"


def _fixed(sql: str) -> Callable[[View], str]:
    return lambda _view: sql


def _of_book(name: str) -> Callable[[View], Labels]:
    def labels(_view: View) -> Labels:
        lang = language()
        words: dict[Any, Any] = getattr(current(), name)
        return {str(k): getattr(w, "words", w).in_(lang) for k, w in words.items()}

    return labels


UNIT = Axis("unit", gettext_lazy("Unit"), _fixed("unit_id"), None)
BEHAVIOUR = Axis("behaviour", gettext_lazy("Behaviour"), _fixed("nullif(behaviour, '')"), _of_book("behaviours"))  # fmt: skip
CHANNEL = Axis("channel", gettext_lazy("Channel"), _fixed("channel"), _of_book("channels"))
FINDING = Axis("finding", gettext_lazy("Finding"), _fixed("nullif(finding, '')"), _of_book("findings"))  # fmt: skip
RATING = Axis("rating", gettext_lazy("Rating"), _fixed("rating"), _of_book("ratings"))


# Steps of the loop ---------------------------------------------------------------------------------

_STEP_CONDITIONS = {"received": "true", **{s: f"first_{s}_on IS NOT NULL" for s in LOOP.values()}}


def _steps(_view: View) -> Labels:
    return {
        "received": pgettext("step", "Received"), "accepted": pgettext("step", "Accepted"),
        "assigned": pgettext("step", "Assigned"), "found": pgettext("step", "Finding made"),
        "submitted": pgettext("step", "Rectified"), "verified": pgettext("step", "Verified"),
        "fed_back": pgettext("step", "Fed back"), "governed": pgettext("step", "Governed"),
        "closed": pgettext("step", "Closed"),
    }  # fmt: skip


STEP_KEYS = tuple(_STEP_CONDITIONS)
STEP = Axis(
    "step", gettext_lazy("Step"),
    _fixed(" + ".join(f"(({c})::INTEGER << {n})" for n, c in enumerate(_STEP_CONDITIONS.values()))),
    _steps, steps=True,
)  # fmt: skip


# Time ----------------------------------------------------------------------------------------------

_GRAINS = {
    "day": "year(received_on) * 10000 + month(received_on) * 100 + day(received_on)",
    "month": "year(received_on) * 100 + month(received_on)",
    "year": "year(received_on)",
}


def _times(view: View) -> Labels:
    since, until, lang = view.scope.since, view.scope.until, language()
    chinese = not lang.startswith("en")
    if view.grain == "day":
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return {d.strftime("%Y%m%d"): _short(d, lang) for d in days}
    if view.grain == "year":
        return {str(y): f"{y}年" if chinese else str(y) for y in range(since.year, until.year + 1)}
    months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
    return {
        f"{m // 12}{m % 12 + 1:02}": f"{m // 12}年{m % 12 + 1}月" if chinese
        else f"{MONTHS[m % 12]} {m // 12}"
        for m in months
    }  # fmt: skip


def _short(day: date, lang: str) -> str:
    """A day of a period that says its year."""
    words = day_words(day, lang)
    return words.split("年")[-1] if "年" in words else words.rsplit(" ", 1)[0]


TIME = Axis("time", gettext_lazy("Received in"), lambda view: _GRAINS[view.grain], _times)
DAYS = Axis("days", gettext_lazy("Days"), _fixed("date_diff('day', received_on, first_fed_back_on)"), lambda _view: {})  # fmt: skip


# Duties --------------------------------------------------------------------------------------------


def _ages(_view: View) -> Labels:
    words = {k: _("%(low)d–%(high)d days") % {"low": low, "high": high}
             for k, (low, high) in AGES.items() if high}  # fmt: skip
    return {**words, "4": _("over 30 days")}


AGE = Axis(
    "age", gettext_lazy("Overdue by"),
    _fixed("CASE " + " ".join(f"WHEN {_LATE_BY} <= {high} THEN {k}" for k, (_low, high) in AGES.items() if high)
           + " ELSE 4 END"), _ages,
)  # fmt: skip
PUNCTUAL = Axis(
    "punctual", gettext_lazy("Clock"), _fixed("CASE WHEN stopped_on <= due_on THEN 'on_time' ELSE 'late' END"),
    lambda _view: {"on_time": _("On time"), "late": _("Late")},
)  # fmt: skip


# Governing and what came back ------------------------------------------------------------------------


def _forms(view: View) -> Labels:
    words = _of_book("govern_forms")(view)
    return {**words, "not_yet": _("Not yet")}


FORM = Axis("form", gettext_lazy("Govern"), _fixed("CASE governed WHEN '' THEN 'not_yet' ELSE governed END"), _forms)  # fmt: skip
GOVERNED = Axis(
    "governed", gettext_lazy("Govern"),
    _fixed("CASE governed WHEN '' THEN 'not_yet' WHEN 'none_needed' THEN 'none_needed' ELSE 'governed' END"),
    lambda view: {"governed": pgettext("step", "Governed"),
                  "none_needed": _of_book("govern_forms")(view).get("none_needed", "none_needed"),
                  "not_yet": _("Not yet")},
)  # fmt: skip
OUTCOME = Axis(
    "outcome", gettext_lazy("Afterwards"),
    _fixed("CASE WHEN recurred > 0 THEN 'came_back' WHEN reopened > 0 THEN 'reopened' ELSE 'stayed' END"),
    lambda _view: {"came_back": _("Came back"), "reopened": _("Reopened otherwise"),
                   "stayed": _("Stayed closed")},
)  # fmt: skip
