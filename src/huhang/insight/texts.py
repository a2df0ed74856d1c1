"""A bulletin's text with figure fields: which fields it holds, what they come to, how it reads.

A field stands in braces: ``{cases_received}``, ``{cases_by_kind.clue}``; after a colon what it is compared
with: ``:previous`` (the period before), ``:last_year`` (the same period a year before), ``:change`` and
``:growth`` (against the period before: the difference, and in %), ``:change_year`` and ``:growth_year``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import get_language, gettext_lazy, override, pgettext
from django.utils.translation import gettext as _

from huhang.insight.figures import Counted, Figure, Scope
from huhang.rulebook.book import FigureRule

FIELD = re.compile(r"\{([^{}\n]*)\}")
BASES = {
    "": gettext_lazy("of the period"),
    "previous": gettext_lazy("of the period before"),
    "last_year": gettext_lazy("of the same period a year before"),
    "change": gettext_lazy("change against the period before"),
    "growth": gettext_lazy("growth against the period before, in %"),
    "change_year": gettext_lazy("change against a year before"),
    "growth_year": gettext_lazy("growth against a year before, in %"),
}
"""What may stand after a field's colon, in words."""
_han = re.compile(r"[一-鿿]")
EARLIER = {"previous": "previous", "change": "previous", "growth": "previous",
           "last_year": "last_year", "change_year": "last_year", "growth_year": "last_year"}  # fmt: skip
Count = Callable[[Scope], Counted]


@dataclass(frozen=True)
class Field:
    """A field as it stands in a text: ``name`` without braces, the figure's id, what it is compared with."""

    name: str
    figure: str
    basis: str
    line: int


@dataclass(frozen=True)
class Value:
    """What a field comes to. ``shown`` is how it reads; ``wrong`` says why there is nothing to read."""

    field: Field
    figure: Figure | None
    value: int | float | None
    shown: str
    since: date | None = None
    until: date | None = None
    hidden: bool = False
    wrong: str = ""


def fields_of(text: str) -> list[Field]:
    """The fields of a text, in its order."""
    found = []
    for line, words in enumerate(text.splitlines(), 1):
        for given in FIELD.findall(words):
            name = given.strip()
            figure, _colon, basis = name.partition(":")
            found.append(Field(name, figure.strip(), basis.strip(), line))
    return found


def strays(text: str) -> list[Value]:
    """The braces of a text that belong to no field: each would be published as it stands."""
    why = _("A “%(brace)s” stands alone: a field begins with { and ends with } on the same line.")
    return [
        Value(Field(brace, "", "", line), None, None, brace, wrong=why % {"brace": brace})
        for line, words in enumerate(text.splitlines(), 1)
        for brace in re.findall(r"[{}]", FIELD.sub("", words))
    ]


def values(text: str, scope: Scope, count: Count) -> list[Value]:
    """What each field of a text comes to, in the language of the text, whoever looks.

    ``count`` gives the figures of a scope.
    """
    fields = fields_of(text)
    scopes = {"": scope, "previous": before(scope), "last_year": year_before(scope)}
    wanted = {""} | {EARLIER[f.basis] for f in fields if f.basis in EARLIER}
    known = {basis: {f.id: f for f in count(scopes[basis])} for basis in sorted(wanted)}
    found = []
    for field in fields:
        if why := _fault(field, known[""]):
            found.append(Value(field, None, None, "{" + field.name + "}", wrong=why))
        else:
            with override(_spoken(text)):
                found.append(_value(field, scopes, known))
    return found


def _spoken(text: str) -> str | None:
    """The language of the words between the fields; where there are none, that of the page."""
    words = FIELD.sub("", text)
    if _han.search(words):
        return "zh-hans"
    return "en" if re.search(r"[A-Za-z]", words) else get_language()


def _fault(field: Field, known: dict[str, Figure]) -> str:
    """Why a field comes to nothing; empty for a good one."""
    if field.basis not in BASES:
        why = _("“%(given)s” is no comparison; there are: %(known)s")
        known_bases = pgettext("list", ", ").join(b for b in BASES if b)
        return why % {"given": field.basis[:40], "known": known_bases}
    if field.figure not in known:
        return _("There is no figure “%(given)s”.") % {"given": field.figure[:60]}
    return ""


def _value(field: Field, scopes: dict[str, Scope], known: dict[str, dict[str, Figure]]) -> Value:
    now = known[""][field.figure]
    if not field.basis:
        return _plain(field, now, scopes[""])
    earlier = known[EARLIER[field.basis]].get(field.figure) or replace(
        now, value=0, base=0, part=0, hidden=False
    )
    at = scopes[EARLIER[field.basis]]
    if field.basis in ("previous", "last_year"):
        return _plain(field, earlier, at)
    hidden = now.hidden or earlier.hidden
    if hidden:
        return Value(field, now, None, _("(not shown)"), at.since, scopes[""].until, hidden=True)
    if (
        now.value is None
        or earlier.value is None
        or (field.basis.startswith("growth") and not earlier.value)
    ):
        return Value(field, now, None, "–", at.since, scopes[""].until)
    difference = now.value - earlier.value
    if field.basis.startswith("growth"):
        made: int | float = round(100 * difference / earlier.value, 1)
    else:
        made = round(difference, now.rule.decimals)
    shown = number(made, now.rule, field.basis) + own_unit(now.rule, field.basis)
    return Value(field, now, made, shown, at.since, scopes[""].until)


def _plain(field: Field, figure: Figure, scope: Scope) -> Value:
    if figure.hidden:
        return Value(field, figure, None, _("(not shown)"), scope.since, scope.until, hidden=True)
    if figure.value is None:
        return Value(field, figure, None, "–", scope.since, scope.until)
    shown = number(figure.value, figure.rule, "") + own_unit(figure.rule, "")
    return Value(field, figure, figure.value, shown, scope.since, scope.until)


def number(value: int | float, rule: FigureRule, basis: str) -> str:
    """How a value reads without its unit; of a change or growth with its sign."""
    if basis.startswith("growth"):
        return f"{value:+.1f}"
    if basis.startswith("change"):
        return f"{value:+}"
    if rule.value == "count":
        return str(value)
    return f"{value:.{rule.decimals}f}" if rule.decimals else f"{value:g}"


def own_unit(rule: FigureRule, basis: str) -> str:
    """The unit that a field says itself: nothing of what is counted or measured, whose unit the text says."""
    if basis.startswith("growth"):
        return "%"
    if rule.value != "share":
        return ""
    return " " + _("percentage points") if basis.startswith("change") else "%"


def unit(rule: FigureRule, basis: str, language: str, shown: str = "") -> str:
    """The unit of a value where it stands beside it, as in a table. ``shown``: how the value reads."""
    words = rule.unit_of_one if shown.lstrip("+") == "1" else rule.unit
    return own_unit(rule, basis).strip() or words.in_(language)


def rendered(text: str, found: list[Value]) -> str:
    """The text with its fields as they read; a wrong field stays as it was typed.

    A unit that was typed behind a field is left out where the field says its own, or no number.
    """
    made, at = [], 0
    for value, match in zip(found, FIELD.finditer(text), strict=True):
        made += [text[at : match.start()], value.shown]
        at = match.end() + len(_unit_behind(value, text[match.end() :]))
    return "".join([*made, text[at:]])


def doubled(text: str, found: list[Value]) -> list[tuple[Value, str]]:
    """The fields that say their unit themselves and have one typed behind them, with that."""
    pairs = zip(found, FIELD.finditer(text), strict=True)
    behind = [
        (v, _unit_behind(v, text[m.end() :]).strip()) for v, m in pairs if v.value is not None
    ]
    return [(value, typed) for value, typed in behind if typed]


def _unit_behind(value: Value, rest: str) -> str:
    """The unit at the beginning of what follows a field, where the field needs none."""
    if value.figure is None:
        return ""
    rule = value.figure.rule
    if value.value is not None and not own_unit(rule, value.field.basis):
        return ""
    words = [
        rule.unit.zh,
        rule.unit.en,
        rule.unit_of_one.en,
        own_unit(rule, value.field.basis).strip(),
    ]
    typed = "|".join(re.escape(w) for w in words if w not in ("", "%"))
    found = re.match(rf" ?(?:[%％]|(?:{typed})(?!\w))" if typed else " ?[%％]", rest)
    return found[0] if found else ""


def typed_numbers(text: str) -> list[str]:
    """The numbers that somebody typed into the text: nothing traces them. Dates and years are left out."""
    bare = FIELD.sub(" ", text)
    bare = re.sub(
        r"\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?",
        " ",
        bare,
    )
    bare = re.sub(r"\d{4}-\d{2}-\d{2}|\b(?:19|20)\d{2}\b(?!\s*[%％件个])", " ", bare)
    return re.findall(r"\d[\d,，.]*\d%?|\d[%％]?", bare)


# Periods -----------------------------------------------------------------------------------------


def before(scope: Scope) -> Scope:
    """The period before: as many whole months when it is whole months, else as many days."""
    until = scope.since - timedelta(days=1)
    if (
        scope.since.day == 1
        and scope.until.day == monthrange(scope.until.year, scope.until.month)[1]
    ):
        months = (
            (scope.until.year - scope.since.year) * 12 + scope.until.month - scope.since.month + 1
        )
        at = scope.since.year * 12 + scope.since.month - 1 - months
        return replace(scope, since=date(at // 12, at % 12 + 1, 1), until=until)
    return replace(scope, since=until - (scope.until - scope.since), until=until)


def year_before(scope: Scope) -> Scope:
    """The same period a year before; the end of February is its last day."""

    def back(day: date) -> date:
        last = monthrange(day.year - 1, day.month)[1]
        end = day.day == monthrange(day.year, day.month)[1]
        return date(day.year - 1, day.month, last if end else day.day)

    since = (
        scope.since.replace(year=scope.since.year - 1)
        if (scope.since.month, scope.since.day) != (2, 29)
        else date(scope.since.year - 1, 2, 28)
    )
    return replace(scope, since=since, until=back(scope.until))
