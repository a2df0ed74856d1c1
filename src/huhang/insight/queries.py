"""Bulletins as documents: live ones over what a viewer may know of, and published ones."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.queries import payload_value
from huhang.insight.documents import Document, Row, Section
from huhang.insight.figures import Figure, Scope, key_words
from huhang.insight.models import Bulletin
from huhang.kernel.errors import Missing
from huhang.rulebook import current


def _language() -> str:
    return get_language() or "zh-hans"


def _period(since: Any, until: Any) -> str:
    return _("Period: %(since)s to %(until)s") % {
        "since": since.isoformat(), "until": until.isoformat(),
    }  # fmt: skip


def _scope(unit: Any) -> str:
    if unit is None:
        return _("Scope: the whole district")
    name = unit.name if _language().startswith("zh") or not unit.name_en else unit.name_en
    return _("Scope: %(unit)s and those below it") % {"unit": name}


def _shown(value: int | float | None, suppressed: bool, rule: str) -> str:
    if suppressed and rule == "rating_mean":
        return _("withheld")
    if suppressed:
        return _("under %(least)d") % {"least": current().small_cell}
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def live(figures: list[Figure], scope: Scope, tick: int, *, link: str = "") -> Document:
    """A bulletin that is not published. ``link``: address of a figure's cases, before its id."""
    language = _language()
    sections: dict[str, list[Row]] = {}
    rules = {}
    for figure in figures:
        rules[figure.rule.id] = figure.rule
        words = key_words(figure)
        if figure.rule.by == "state":
            name = str(words)
        else:
            name = words.in_(language) if words is not None else figure.rule.words.in_(language)
        url = f"{link}{figure.id}" if link and figure.value else ""
        sections.setdefault(figure.rule.id, []).append(
            Row(name, figure.value, _shown(figure.value, figure.hidden, figure.rule.id), url)
        )
    return Document(
        title=_("Business environment bulletin"),
        period=_period(scope.since, scope.until),
        scope=_scope(scope.unit),
        stamp=_("As of tick %(tick)d of the log") % {"tick": tick},
        sections=tuple(_section(rules[k], rows) for k, rows in sections.items()),
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
        if rule is None:
            continue
        if rule.by == "state":
            name = str(flow.STATES.get(row["key"], row["key"]))
        elif rule.by:
            name = row["names"]["en" if language.startswith("en") else "zh"]
        else:
            name = rule.words.in_(language)
        sections.setdefault(rule.id, []).append(
            Row(name, row["value"], _shown(row["value"], row["suppressed"], rule.id))
        )
    return Document(
        title=body["title"],
        period=_period(bulletin.since, bulletin.until),
        scope=_scope(bulletin.unit),
        stamp=_("As of tick %(tick)d of the log") % {"tick": bulletin.tick},
        sections=tuple(_section(rules[k], rows) for k, rows in sections.items()),
    )
