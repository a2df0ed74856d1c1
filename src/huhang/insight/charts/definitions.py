"""The charts: what each counts, by what, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huhang.insight.charts import axes
from huhang.insight.charts.axes import Axis


@dataclass(frozen=True)
class Chart:
    """``where``: which of the view's cases it counts, a condition on facts.

    ``columns``: None for one column of counts. ``draw``: its form in ``draw.py``. ``measure``: what
    the columns are for: nothing (they are shown), "days" (median and nine tenths of them) or "share"
    (of the first among both, with interval and band). ``every``: rows that count nothing are shown
    too. ``step``: the step of the loop that counts the same cases as all of this.
    """

    id: str
    words: Any
    definition: Any
    population: Any
    rows: Axis
    draw: str
    where: str = "true"
    columns: Axis | None = None
    measure: str = ""
    every: bool = True
    step: str = ""


_OVERDUE = "stopped_on IS NULL AND due_on < $today"
_STOPPED = "stopped_on IS NOT NULL AND due_on IS NOT NULL"

CHARTS: tuple[Chart, ...] = (
    Chart(
        "loop", _("The loop"),
        _("Cases received in the period, and how many of them ever reached each step"),
        _("Cases received in the period"), axes.STEP, "funnel",
    ),
    Chart(
        "overdue", _("Open and overdue"),
        _("Cases whose clock runs and whose due day has passed, by the main unit and by the calendar days past the due day"),
        _("Cases received in the period that concern a unit and whose clock runs"), axes.UNIT, "heat",
        _OVERDUE, axes.AGE, every=False,
    ),
    Chart(
        "behaviours", _("Units and behaviours"),
        _("Cases that were classed, by the main unit and by behaviour"),
        _("Classed cases received in the period that concern a unit"), axes.UNIT, "heat",
        columns=axes.BEHAVIOUR, every=False,
    ),
    Chart(
        "channels", _("Channels"), _("Cases by the channel of the first report, over time"),
        _("Cases received in the period"), axes.CHANNEL, "trellis", columns=axes.TIME, every=False,
        step="received",
    ),
    Chart(
        "findings", _("Findings"), _("Cases with a finding, by the finding as it stands"),
        _("Cases received in the period with a finding"), axes.FINDING, "bars", "finding <> ''",
        step="found",
    ),
    Chart(
        "governing", _("Governing"),
        _("Cases that were fed back, by what changed so that it does not come back"),
        _("Cases received in the period that were fed back"), axes.FORM, "bars",
        "first_fed_back_on IS NOT NULL", step="fed_back",
    ),
    Chart(
        "recurrence", _("Governed and what came back"),
        _("Cases that were closed at least once, by whether they were governed and what came afterwards"),
        _("Cases received in the period that were closed at least once"), axes.GOVERNED, "heat",
        "first_closed_on IS NOT NULL", axes.OUTCOME, step="closed",
    ),
    Chart(
        "ratings", _("Ratings"), _("Cases that their reporters rated, by rating"),
        _("Rated cases received in the period"), axes.RATING, "bars", "rating IS NOT NULL",
    ),
    Chart(
        "answers", _("Days until answered"),
        _("Calendar days from receipt to the first feedback: half of the cases took at most the median, nine of ten at most the upper figure"),
        _("Cases received in the period that were fed back"), axes.TIME, "lines",
        "first_fed_back_on IS NOT NULL", axes.DAYS, "days", step="fed_back",
    ),
    Chart(
        "on_time", _("On time, by unit"),
        _("Share of the cases whose clock has stopped that stopped on or before the due day, by the main unit, with Wilson's interval of 95 %. Units whose intervals overlap stand in one band: these cases do not tell them apart. The bands stand from high to low, the units of a band by their codes."),
        _("Cases received in the period that concern a unit and whose clock has stopped"), axes.UNIT,
        "intervals", _STOPPED, axes.PUNCTUAL, "share", every=False,
    ),
)  # fmt: skip
BY_ID = {c.id: c for c in CHARTS}
