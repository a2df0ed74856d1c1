"""The clock that everything reads, so that time can be injected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen or datetime.now(UTC)


def local_zone() -> ZoneInfo:
    """The office's time zone: due dates and periods are days of this zone."""
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    """The calendar day at the office."""
    return local_day(now())


def local_day(moment: datetime) -> date:
    """The office's calendar day of an aware ``moment``."""
    return moment.astimezone(local_zone()).date()


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, language: str) -> str:
    """2026年11月24日, or 24 Nov 2026: how a day is written on pages and papers."""
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def set_frozen(moment: datetime | None) -> None:
    """Hold the clock of this process at ``moment`` (aware), or let it run again with ``None``."""
    global _frozen
    _frozen = moment


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` inside the block."""
    before = _frozen
    set_frozen(moment)
    try:
        yield
    finally:
        set_frozen(before)
