"""Dates as hotlines write them. What is ambiguous is never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

_pattern = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[T\s]*(?P<pm>上午|下午|am|pm)?\s*(?P<H>\d{1,2})\s*[:时点]\s*(?P<M>\d{1,2})?"
    r"\s*(?:[:分]\s*(?P<S>\d{1,2})(?:\.\d+)?\s*秒?|分)?)?\s*(?:Z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE,
)
_compact = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\s*(\d\d)(\d\d)(\d\d)?)?$")
_weekday = re.compile(r"(星期|周)[一二三四五六日天]")


def read_moment(value: Any, zone: tzinfo, formats: Sequence[str] = ()) -> datetime:
    """The moment a cell means, in ``zone``. Raises ``ValueError`` when it means none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time.min, tzinfo=zone)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _number(float(value), zone)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    for form in formats:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    text = _weekday.sub("", text).strip()
    if match := _pattern.match(text):
        hour = int(match["H"] or 0)
        if match["pm"] and match["pm"].lower() in ("下午", "pm") and hour < 12:
            hour += 12
        return datetime(
            int(match["y"]), int(match["m"]), int(match["d"]), hour, int(match["M"] or 0),
            int(match["S"] or 0), tzinfo=zone,
        )  # fmt: skip
    if match := _compact.match(text):
        return datetime(*(int(g or 0) for g in match.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _number(float(text), zone)
    raise ValueError("no date")


def _number(value: float, zone: tzinfo) -> datetime:
    """An Excel serial number (days since 30 December 1899), or a compact date as a number."""
    if 19_000_101 <= value <= 21_001_231 and value == int(value):
        return read_moment(str(int(value)), zone)
    if not 32_874 <= value < 73_051:  # 1990 to 2099
        raise ValueError("no date")
    return datetime(1899, 12, 30, tzinfo=zone) + timedelta(seconds=round(value * 86_400))
