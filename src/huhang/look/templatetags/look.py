"""Template tags and filters of both rooms: words of the rulebook, dates, time left, icons."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, translate_url
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import (
    get_language,
    gettext,
    gettext_lazy,
    ngettext,
    pgettext,
    pgettext_lazy,
)

from huhang.kernel.clock import MONTHS, day_words
from huhang.rulebook import current

register = template.Library()

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH = "一二三四五六日"
_ICONS = {
    "due": "◔",
    "overdue": "▲",
    "done": "✓",
    "paused": "‖",
    "info": "i",
    "warning": "!",
    "ascending": "↑",
    "descending": "↓",
    "back": "←",
    "next": "→",
}
_FIELDS = {
    "title": gettext_lazy("Title"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "unit": gettext_lazy("Unit"),
    "text": gettext_lazy("Text"),
    "name": pgettext_lazy("thing", "Name"),
    "mapping": gettext_lazy("Mapping (YAML)"),
}
"""What the fields of pages are called that are no forms of ``look.fields``."""


class Text(Protocol):
    """A text in both languages, such as the rulebook's."""

    zh: str
    en: str


class Badge(NamedTuple):
    """What a badge shows: ``state`` is due, overdue, done or plain."""

    state: str
    text: str


def _chinese() -> bool:
    return (get_language() or settings.LANGUAGE_CODE).startswith("zh")


@register.filter
def words(text: Text | str | None) -> str:
    """The text in the language of the page; a plain string as it is, nothing for None."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    chosen, other = (text.zh, text.en) if _chinese() else (text.en, text.zh)
    return chosen or other


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """2026年11月24日, or 24 Nov 2026; a moment counts as the day it has in the office's time zone."""
    if value is None:
        return ""
    return day_words(_local(value), get_language() or settings.LANGUAGE_CODE)


@register.filter
def short_day(value: dt.date | dt.datetime | None) -> str:
    """11月26日 周四, or Thu 26 Nov (it stands in brackets): a near day, without its year."""
    if value is None:
        return ""
    here = _local(value)
    if _chinese():
        return f"{here.month}月{here.day}日 周{_WEEKDAYS_ZH[here.weekday()]}"
    return f"{_WEEKDAYS[here.weekday()]} {here.day} {MONTHS[here.month - 1]}"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """2026年11月24日 16:05, or 24 Nov 2026, 16:05, in the office's time zone."""
    if value is None:
        return ""
    here = _local(value)
    clock = f"{here:%H:%M}" if isinstance(here, dt.datetime) else ""
    joint = " " if _chinese() else ", "
    return joint.join(part for part in (day(here), clock) if part)


@register.simple_tag
def badge(state: str, text: object) -> SafeString:
    """A badge: ``state`` is due, overdue, done or plain. Lists have one in each row."""
    sign = icon(state) if state != "plain" else ""
    return format_html('<span class="badge {}">{}<span>{}</span></span>', state, sign, text)


@register.simple_tag
def due(row: dict[str, Any]) -> SafeString:
    """How a case stands to its due day, of what ``cases.days.due_of`` says; a dash without one."""
    if row.get("stopped"):
        if row["late"]:
            return badge("overdue", gettext("answered late"))
        return badge("done", gettext("answered in time"))
    if row.get("due_on"):
        return badge(
            *_days_left(**{k: row[k] for k in ("due_on", "today", "left", "provisional", "mark")})
        )
    return format_html('<span class="soft">{}</span>', "—")


def _days_left(
    due_on: dt.date, today: dt.date, left: int | None, provisional: bool, mark: str
) -> Badge:
    """Badge for a duty due on ``due_on``; ``left`` counts working days, negative once past.

    The caller counts the days, since calendars belong to the rulebook. Without ``left`` (a date
    beyond the last confirmed calendar) the text names the day, and says so where it is provisional.
    """
    when = short_day(due_on) if abs((due_on - today).days) < 180 else day(due_on)
    if due_on < today:
        late = max(1, -left) if left is not None else None
        if late is None:
            return Badge("overdue", gettext("Overdue (%(when)s)") % {"when": when})
        text = ngettext(
            "%(count)d working day overdue (%(when)s)",
            "%(count)d working days overdue (%(when)s)",
            late,
        )
        return Badge("overdue", text % {"count": late, "when": when})
    if due_on == today:
        return Badge("due", gettext("Due today (%(when)s)") % {"when": when})
    if left is None and not provisional:
        return Badge("plain", gettext("Due on %(when)s") % {"when": when})
    if left is None:
        return Badge("plain", gettext("Not before %(when)s, provisional") % {"when": when})
    text = ngettext(
        "%(count)d working day left (%(when)s)",
        "%(count)d working days left (%(when)s)",
        left,
    )
    # Colour warns only when the rule says so; the words are the same for all.
    return Badge("due" if mark == "yellow" else "plain", text % {"count": left, "when": when})


class OtherLanguage(NamedTuple):
    """A link to the same page in the other language."""

    url: str
    code: str
    name: str


@register.simple_tag
def spoken() -> dict[str, bool]:
    """Which languages the pages of this place speak, for a page that speaks all of them at once."""
    return {"zh": "zh-hans" in current().languages, "en": "en" in current().languages}


@register.simple_tag(takes_context=True)
def language_switch(context: template.Context) -> OtherLanguage | None:
    """The same path and query in the other language; its start page where the path has no twin."""
    request = context.get("request")
    if request is None or len(current().languages) < 2:
        return None
    code, name = ("en", "English") if _chinese() else ("zh-hans", "中文")
    here = request.get_full_path()
    try:
        there = translate_url(here, code)
    except NoReverseMatch:
        there = here
    if urlsplit(there).path == urlsplit(here).path:
        there = "/en/" if code == "en" else "/"
    return OtherLanguage(there, code, name)


@register.filter
def ref(value: object) -> SafeString:
    """A reference such as 7KQ29-F4M2X, marked so that it never breaks over two lines."""
    return format_html('<span class="ref">{}</span>', value)


@register.filter
def money(yuan: Any) -> str:
    """An amount given in yuan, in 元, 万元 or 亿元 as its size asks; English says CNY with commas."""
    if yuan in (None, ""):
        return ""
    if not _chinese():
        return f"CNY {yuan:,.2f}".removesuffix(".00")
    for size, unit in ((100_000_000, "亿元"), (10_000, "万元")):
        if abs(yuan) >= size:
            return f"{yuan / size:,.2f}".rstrip("0").rstrip(".") + unit
    return f"{yuan:,.2f}".removesuffix(".00") + "元"


@register.simple_tag
def icon(name: str) -> SafeString:
    """The sign ``name`` (due, overdue, done, …), hidden from screen readers: words stand beside it."""
    return format_html('<span class="icon" aria-hidden="true">{}</span>', _ICONS[name])


@register.filter
def state_word(state: str) -> str:
    """The word of a badge's state, for readers who neither see its colour nor its shape."""
    return {
        "due": pgettext("state", "Due"),
        "overdue": pgettext("state", "Overdue"),
        "done": pgettext("state", "Done"),
    }.get(state, "")


@register.filter
def lead(label: object) -> str:
    """A label before what is said about it: with a colon, unless it is a question."""
    text = str(label)
    return text + (" " if text.endswith(("?", "？")) else pgettext("joint", ": "))


@register.filter
def told(error: Exception) -> str:
    """What went wrong, after the name of its field where it has one."""
    label = _FIELDS.get(getattr(error, "field", ""))
    return f"{lead(label) if label else ''}{error}"
