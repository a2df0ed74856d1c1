"""Dates as hotlines write them. What is ambiguous is never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

_part = "上午|下午|凌晨|早上|早晨|中午|晚上|am|pm"
_pattern = re.compile(
    r"(?P<y>\d{4})\s*[-‐‑‒–—/.年]\s*(?P<m>\d{1,2})\s*[-‐‑‒–—/.月]\s*(?P<d>\d{1,2})\s*日?"
    rf"(?:[T\s]*(?P<before>{_part})?\s*(?P<H>\d{{1,2}})\s*[:时点]\s*(?P<M>\d{{1,2}}|半)?"
    r"\s*(?:[:分]\s*(?P<S>\d{1,2})(?:\.\d+)?\s*秒?|分)?"
    r"\s*(?P<after>am|pm)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?$",
    re.IGNORECASE,
)
_compact = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[\sT]*(\d\d)(\d\d)(\d\d)?)?$")
_either = re.compile(
    r"\d{1,2}(?P<sep>[/.-])\d{1,2}(?P=sep)(?P<year>\d{4}|\d\d)"
    r"(?: \d{1,2}:\d\d(?P<seconds>:\d\d)?(?P<half> [AP]M)?)?",
    re.IGNORECASE,
)
_weekday = re.compile(r"(星期|周)[一二三四五六日天]")
_han = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_han_day = re.compile(
    r"([零〇○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_month = "(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_english_days = [
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_month}\.?,?[\s-]+(?P<y>\d{{4}})\b,?", re.IGNORECASE),
    re.compile(rf"{_month}\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b,?", re.IGNORECASE),
]  # fmt: skip


def likely_form(text: str) -> str:
    """The format that a date with its year last may have; empty where it is none.

    Most could mean the month first or the day first, so it is only proposed.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    match = _either.fullmatch(text)
    if not match:
        return ""
    hour = "%I" if match["half"] else "%H"
    clock = f" {hour}:%M" + (":%S" if match["seconds"] else "") + (" %p" if match["half"] else "")
    year = "%Y" if len(match["year"]) == 4 else "%y"
    for first, second in (("%m", "%d"), ("%d", "%m")):
        form = match["sep"].join((first, second, year)) + (clock if ":" in text else "")
        try:
            datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        return form
    return ""


def read_moment(value: Any, zone: tzinfo, formats: Sequence[str] = ()) -> datetime:
    """The moment a cell means, in ``zone``. Raises ``ValueError`` when it means none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time.min, tzinfo=zone)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _number(float(value), zone)
    text = str(value).strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip()
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
    if _usual(text):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:  # 24:00, say: the pattern knows more
            pass
        else:
            return found.replace(tzinfo=zone)
    if not text.isascii():
        text = _weekday.sub("", text).strip()
    if match := _pattern.match(text):
        return _written(match, zone)
    if match := _compact.match(text):
        return datetime(*(int(g or 0) for g in match.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]
    if re.fullmatch(r"1[0-9]{12}", text):  # milliseconds since 1970, as systems export them
        return datetime.fromtimestamp(int(text) / 1000, zone)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _number(float(text), zone)
    if match := _pattern.match(_in_digits(text)):
        return _written(match, zone)
    raise ValueError("no date")


def _in_digits(text: str) -> str:
    """A day in Chinese numerals, or with the month's English name, in digits; else the text."""
    if match := _han_day.match(text):
        year = "".join(str(_han[c]) for c in match[1])
        return f"{year}-{_below_hundred(match[2])}-{_below_hundred(match[3])}{text[match.end() :]}"
    for form in _english_days:
        if match := form.match(text):
            month = _months.index(match["m"][:3].casefold()) + 1
            return f"{match['y']}-{month}-{match['d']}{text[match.end() :]}"
    return text


def _below_hundred(numerals: str) -> int:
    """十, 二十一, 九; what is no such number comes to one that no date has."""
    tens, ten, ones = numerals.partition("十")
    if not ten:
        return _han[numerals] if len(numerals) == 1 else 99
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 99
    return 10 * (_han[tens] if tens else 1) + (_han[ones] if ones else 0)


def _usual(text: str) -> bool:
    """Whether a text can only be ``2026-11-24``, ``2026-11-24 10:05`` or ``2026-11-24 10:05:09``, the
    forms of most files, if it is a date: they are read a good deal faster than the others."""
    size = len(text)
    if size not in (10, 16, 19) or text[4] != "-" or text[7] != "-":
        return False
    return size == 10 or (
        text[10] in " T" and text[13] == ":" and text[16:17] in ("", ":") and text[-3] == ":"
    )


def _written(match: re.Match[str], zone: tzinfo) -> datetime:
    hour = _hour(int(match["H"] or 0), (match["before"] or match["after"] or "").casefold())
    minute = 30 if match["M"] == "半" else int(match["M"] or 0)
    second = int(match["S"] or 0)
    next_day = hour == 24 and not minute and not second
    moment = datetime(
        int(match["y"]), int(match["m"]), int(match["d"]), 0 if next_day else hour, minute, second,
        tzinfo=_offset(match["zone"]) or zone,
    )  # fmt: skip
    if next_day:
        moment += timedelta(days=1)
    return moment.astimezone(zone) if match["zone"] else moment


def _hour(hour: int, part: str) -> int:
    if part in ("上午", "凌晨", "am") and hour == 12:
        return 0
    if part == "晚上" and hour == 12:
        raise ValueError("midnight of which day?")
    if part in ("下午", "晚上", "pm") and hour < 12:
        return hour + 12
    if part == "中午" and hour < 4:
        return hour + 12
    return hour


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return timezone.utc  # noqa: UP017
    digits = text[1:].replace(":", "")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if text[0] == "-" else away)


def _number(value: float, zone: tzinfo) -> datetime:
    """An Excel serial number (days since 30 December 1899), or a compact date as a number."""
    if value == int(value) and (
        19_000_101 <= value <= 21_001_231 or 19_000_101_000_000 <= value <= 21_001_231_235_959
    ):
        return read_moment(str(int(value)), zone)
    if not 32_874 <= value < 73_051:  # 1990 to 2099
        raise ValueError("no date")
    return datetime(1899, 12, 30, tzinfo=zone) + timedelta(seconds=round(value * 86_400))
