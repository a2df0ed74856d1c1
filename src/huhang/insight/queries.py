"""Bulletins as documents: live ones over what a viewer may know of, and published ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.queries import payload_value
from huhang.insight import texts
from huhang.insight.documents import Document, Row, Section
from huhang.insight.figures import Counted, Figure, Scope, key_words
from huhang.insight.models import Bulletin
from huhang.insight.texts import BASES
from huhang.kernel.clock import day_words
from huhang.kernel.errors import Missing
from huhang.rulebook import current
from huhang.rulebook.book import FigureRule, Text


def _language() -> str:
    return get_language() or "zh-hans"


def period_words(since: date, until: date) -> str:
    days = {"since": day_words(since, _language()), "until": day_words(until, _language())}
    return _("Period: %(since)s to %(until)s") % days


def stamp_words(tick: int) -> str:
    return _(
        "As the log stood at its tick %(tick)d (the log is closed off about once a minute)"
    ) % {"tick": tick}


def _note(hidden: bool) -> str:
    if not hidden:
        return ""
    return _(
        "“Not shown”: a number under %(least)d, or one that would give such a number away."
    ) % {"least": current().small_cell}


def _scope(unit: Any) -> str:
    if unit is None:
        return _("Scope: the whole area")
    return _("Scope: %(unit)s and those below it") % {"unit": unit.in_(_language())}


def _said(
    value: int | float | None,
    suppressed: bool,
    rule: FigureRule,
    basis: str = "",
    number: str = "",
) -> tuple[str, str]:
    """How a value reads and its unit, which stands only behind a number. ``number``: how that reads.

    Of a suppressed cell not how large it is: not each of them is small.
    """
    if suppressed:
        return _("not shown"), ""
    if value is None:
        return "–", ""
    shown = number or (f"{value:g}" if isinstance(value, float) else str(value))
    return shown, texts.unit(rule, basis, _language(), shown)


def key_name(figure: Figure, language: str) -> str:
    """What the cell of a breakdown is called; nothing for a whole."""
    words = key_words(figure)
    return "" if words is None else words.in_(language) if isinstance(words, Text) else str(words)


def name_of(figure: Figure, language: str) -> str:
    """What a figure is called, its cell included."""
    key = key_name(figure, language)
    return f"{figure.rule.words.in_(language)} · {key}" if key else figure.rule.words.in_(language)


def live(counted: Counted, scope: Scope, *, link: str = "") -> Document:
    """A bulletin that is not published. ``link``: address of a figure's cases, before its id."""
    language = _language()
    sections: dict[str, list[Row]] = {}
    rules = {}
    for figure in counted:
        rules[figure.rule.id] = figure.rule
        name = key_name(figure, language) or figure.rule.words.in_(language)
        url = f"{link}{figure.id}" if link and figure.value else ""
        shown, unit = _said(figure.value, figure.hidden, figure.rule)
        sections.setdefault(figure.rule.id, []).append(
            Row(name, figure.value, shown, unit, url, figure.id)
        )
    return Document(
        title=current().bulletin.in_(language),
        period=period_words(scope.since, scope.until),
        scope=_scope(scope.unit),
        stamp=stamp_words(counted.tick),
        sections=tuple(_section(rules[k], rows) for k, rows in sections.items()),
        note=_note(any(f.hidden for f in counted)),
    )


def _section(rule: Any, rows: list[Row]) -> Section:
    language = _language()
    return Section(
        id=rule.id,
        name=rule.words.in_(language),
        unit=rule.unit.in_(language),
        definition=rule.definition.in_(language),
        population=rule.population.in_(language),
        rows=tuple(rows),
        split=bool(rule.by),
    )


def published() -> list[tuple[Bulletin, str]]:
    """The bulletins that stand, newest first, with their titles."""
    found = Bulletin.objects.filter(withdrawn_at__isnull=True).order_by("-published_at")
    return [(b, (payload_value(b.payload) or {}).get("title", "")) for b in found[:200]]


def access_bulletin(ref: str) -> Bulletin:
    """A bulletin that stands. Raises ``Missing``."""
    found = (
        Bulletin.objects.select_related("unit").filter(ref=ref, withdrawn_at__isnull=True).first()
    )
    if found is None:
        raise Missing(_("There is no such bulletin."))
    return found


def as_published(bulletin: Bulletin) -> Document:
    """A published bulletin as it was, in the language of the page."""
    language = _language()
    body = payload_value(bulletin.payload) or {"title": "", "figures": []}
    rules = {r.id: r for r in current().figures}
    sections: dict[str, list[Row]] = {}
    for row in body["figures"]:
        rule = rules.get(row["figure"])
        if rule is None or "field" in row:
            continue
        name = _kept_name(row, rule, language) or rule.words.in_(language)
        said = _said(row["value"], row["suppressed"], rule)
        sections.setdefault(rule.id, []).append(Row(name, row["value"], *said))
    return Document(
        title=body["title"],
        period=period_words(bulletin.since, bulletin.until),
        scope=_scope(bulletin.unit),
        stamp=stamp_words(bulletin.tick),
        sections=tuple(_section(rules[k], rows) for k, rows in sections.items())
        or tuple(_of_text(body["figures"], rules, language)),
        note=_note(any(row["suppressed"] for row in body["figures"])),
        text=body.get("text", ""),
    )


def _kept_name(row: dict[str, Any], rule: FigureRule, language: str) -> str:
    if rule.by == "state":
        return str(flow.STATES.get(row["key"], row["key"]))
    return str(row["names"]["en" if language.startswith("en") else "zh"]) if rule.by else ""


def _of_text(
    rows: list[dict[str, Any]], rules: dict[str, FigureRule], language: str
) -> Iterator[Section]:
    """The figures of a text, each with its period and what it is compared with."""
    for row in rows:
        rule = rules.get(row["figure"])
        if rule is None:
            continue
        key, value, basis = _kept_name(row, rule, language), row["value"], row["basis"]
        days = " – ".join(day_words(date.fromisoformat(row[k]), language) for k in ("from", "to"))
        given = {
            "name": rule.words.in_(language) + (f" · {key}" if key else ""),
            "basis": BASES[basis],
            "days": days,
        }
        name = _("%(name)s (%(basis)s), %(days)s") if basis else _("%(name)s, %(days)s")
        number = "" if value is None else texts.number(value, rule, basis)
        said = _said(value, row["suppressed"], rule, basis, number)
        line = Row(name % given, value, *said, id=row["field"])
        yield replace(_section(rule, [line]), id=line.id, name=line.name, split=False)


def published_json(bulletin: Bulletin) -> dict[str, Any]:
    """A published bulletin as data, shaped as ``huhang bulletin --json``; of a suppressed cell the
    value is null."""
    language = _language()
    body = payload_value(bulletin.payload) or {"title": "", "figures": []}
    rules = {r.id: r for r in current().figures}
    return {
        "title": body["title"],
        "published_at": bulletin.published_at.isoformat(),
        "scope": bulletin.unit.code if bulletin.unit else "",
        **({"text": body["text"]} if body.get("text") else {}),
        "tick": bulletin.tick,
        "figures": [
            {
                "id": row.get("field", row["id"]),
                "value": row["value"],
                "unit": texts.unit(rules[row["figure"]], row.get("basis", ""), language),
                "definition": rules[row["figure"]].definition.in_(language),
                "population": rules[row["figure"]].population.in_(language),
                "from": row.get("from", bulletin.since.isoformat()),
                "to": row.get("to", bulletin.until.isoformat()),
                **({"suppressed": True} if row["suppressed"] else {}),
            }
            for row in body["figures"]
            if row["figure"] in rules
        ],
    }
