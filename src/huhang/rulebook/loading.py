"""Loading and checking a rulebook; which one this process uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from huhang.rulebook.book import (
    DUTIES,
    FIGURE_PERIODS,
    FIGURE_SPLITS,
    FIGURE_VALUES,
    PAPER_ADDRESSEES,
    PAPER_CONDITIONS,
    Behaviour,
    ClockRule,
    Duty,
    FigureRule,
    HandOver,
    Nature,
    PaperRule,
    Rulebook,
    RulebookError,
    Series,
    Text,
)
from huhang.rulebook.returns import read_return

BOOKS = Path(__file__).parent / "books"


class Reader:
    """Walks the YAML and says where something is wrong."""

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        if not isinstance(data, dict):
            raise RulebookError(f"{name}: a mapping is needed at the top")
        self.data = data

    def fail(self, where: str, what: str) -> RulebookError:
        return RulebookError(f"{self.name}: {where}: {what}")

    def get(self, data: Any, where: str, key: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(data, dict):
            raise self.fail(where, "a mapping is needed")
        if key not in data:
            raise self.fail(where, f"the field {key} is missing")
        value = data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fail(f"{where}.{key}", f"{value!r} is of the wrong kind")
        return value

    def text(self, data: Any, where: str) -> Text:
        zh = self.get(data, where, "zh", str)
        en = self.get(data, where, "en", str)
        if not zh.strip() or not en.strip():
            raise self.fail(where, "the words are empty")
        return Text(zh, en)

    def words(self, key: str) -> dict[Any, Text]:
        return self.mapping(key, self.text)

    def mapping(self, key: str, read: Callable[[Any, str], Any]) -> dict[Any, Any]:
        found = self.get(self.data, "top", key, dict)
        if not found:
            raise self.fail(key, "the list is empty")
        return {k: read(v, f"{key}.{k}") for k, v in found.items()}

    def clock(self, data: Any, where: str) -> ClockRule:
        def number(key: str) -> int:
            value: int = self.get(data, where, key, int)
            if value < 0:
                raise self.fail(f"{where}.{key}", "a number below zero")
            return value

        grade = self.get(data, where, "grade", str)
        if grade not in ("A", "B", "C"):
            raise self.fail(f"{where}.grade", f"{grade!r} is not A, B or C")
        return ClockRule(
            id=self.get(data, where, "id", str),
            rule=self.get(data, where, "rule", str),
            words=self.text(self.get(data, where, "words", dict), f"{where}.words"),
            working_days=number("working_days"),
            yellow_before=number("yellow_before"),
            red_after=number("red_after"),
            extension_max_days=number("extension_max_days"),
            extensions_max=number("extensions_max"),
            source=self.get(data, where, "source", str),
            grade=grade,
            confirmed=self.get(data, where, "confirmed", bool),
        )

    def nature(self, data: Any, where: str) -> Nature:
        relation = self.get(data, where, "relation_of_named", str)
        if relation not in ("responsible", "accused"):
            raise self.fail(f"{where}.relation_of_named", f"{relation!r} is no such relation")
        kind = self.get(data, where, "kind", str)
        if kind not in self.get(self.data, "top", "kinds", dict):
            raise self.fail(f"{where}.kind", f"there is no kind {kind!r}")
        return Nature(
            id=where.partition(".")[2],
            kind=kind,
            words=self.text(self.get(data, where, "words", dict), f"{where}.words"),
            relation_of_named=relation,
            hearing_required=self.get(data, where, "hearing_required", bool),
            clock=self.clock(self.get(data, where, "clock", dict), f"{where}.clock"),
        )

    def hand_over(self, data: Any, where: str) -> HandOver:
        def known(key: str) -> str:
            value: str = self.get(data, where, key, str)
            if value not in self.get(self.data, "top", f"{key}s", dict):
                raise self.fail(f"{where}.{key}", f"there is no {key} {value!r}")
            return value

        words = self.text(self.get(data, where, "words", dict), f"{where}.words")
        return HandOver(known("channel"), known("kind"), words)

    def behaviour(self, data: Any, where: str) -> Behaviour:
        return Behaviour(self.text(data, where), bool(data.get("default", False)))

    def optional(self, key: str, read: Callable[[Any, str], Any]) -> dict[Any, Any]:
        """A mapping that a rulebook may do without."""
        return self.mapping(key, read) if self.data.get(key) else {}

    def series(self, data: Any, where: str) -> Series:
        def pattern(key: str, *wanted: str) -> str:
            text: str = self.get(data, where, key, str)
            try:
                names = sorted(str(n) for _t, n, _f, _c in Formatter().parse(text) if n is not None)
            except ValueError as error:
                raise self.fail(f"{where}.{key}", str(error)) from None
            if names != sorted(wanted):
                marks = " and ".join("{" + w + "}" for w in wanted)
                raise self.fail(f"{where}.{key}", f"needs {marks}, each once, and nothing else")
            if len(text) > 40:
                raise self.fail(f"{where}.{key}", "longer than 40 characters")
            return text

        return Series(
            id=where.partition(".")[2],
            words=self.text(self.get(data, where, "words", dict), f"{where}.words"),
            pattern=pattern("pattern", "year", "number"),
            apart=pattern("apart", "year", "ref"),
            confirmed=self.get(data, where, "confirmed", bool),
        )

    def paper(self, data: Any, where: str) -> PaperRule:
        when = self.one_of(data, where, "when", PAPER_CONDITIONS)
        number_of = self.one_of(
            data, where, "number_of", ("", *self.get(self.data, "top", "papers", dict)), ""
        )
        series = self.one_of(data, where, "series", ("", *(self.data.get("series") or ())), "")
        if bool(series) == bool(number_of):
            raise self.fail(where, "either series or number_of is needed")
        return PaperRule(
            id=where.partition(".")[2],
            words=self.text(self.get(data, where, "words", dict), f"{where}.words"),
            when=when,
            number_when=self.one_of(data, where, "number_when", PAPER_CONDITIONS, when),
            series=series,
            number_of=number_of,
            to=self.one_of(data, where, "to", PAPER_ADDRESSEES),
            red_head=self.get(data, where, "red_head", bool),
        )

    def one_of(
        self, data: Any, where: str, key: str, known: Any, default: str | None = None
    ) -> str:
        """A word out of a list; ``default`` where it may be left out."""
        value: str = self.get(data, where, key, str) if key in data or default is None else default
        if value not in known:
            raise self.fail(f"{where}.{key}", f"{value!r} is none of {', '.join(known)}")
        return value

    def figure(self, data: Any, where: str) -> FigureRule:
        texts = {
            k: self.text(self.get(data, where, k, dict), f"{where}.{k}")
            for k in ("words", "definition", "population", "unit")
        }
        one = self.get(data["unit"], f"{where}.unit", "one", str) if "one" in data["unit"] else ""
        value = self.one_of(data, where, "value", FIGURE_VALUES, "count")
        if (value == "count") == ("of" in data):
            raise self.fail(f"{where}.of", "a count takes none, every other value needs one")
        if value != "count" and "by" in data:
            raise self.fail(f"{where}.by", "only counts are split")
        return FigureRule(
            id=self.get(data, where, "id", str),
            unit_of_one=Text(texts["unit"].zh, one or texts["unit"].en),
            period=self.one_of(data, where, "period", FIGURE_PERIODS),
            by=self.one_of(data, where, "by", ("", *FIGURE_SPLITS), ""),
            where=self.get(data, where, "where", str),
            value=value,
            of=self.get(data, where, "of", str) if "of" in data else "",
            decimals=self.get(data, where, "decimals", int) if "decimals" in data else 0,
            **texts,
        )

    def duties(self) -> dict[str, Duty]:
        """Both duties or none; no kind of unit bears two of them by itself."""
        found = self.optional("duties", self.duty)
        if found and set(found) != set(DUTIES):
            raise self.fail("duties", f"needs {' and '.join(DUTIES)}, and no other")
        kinds = [k for duty in found.values() for k in duty.kinds]
        if len(set(kinds)) != len(kinds):
            raise self.fail("duties", "a kind of unit stands under two duties")
        return {key: found[key] for key in DUTIES} if found else {}

    def duty(self, data: Any, where: str) -> Duty:
        kinds = self.get(data, where, "kinds", list)
        if not all(isinstance(k, str) and k for k in kinds):
            raise self.fail(f"{where}.kinds", "a list of kinds of units is needed")
        return Duty(
            self.text(self.get(data, where, "words", dict), f"{where}.words"),
            self.text(self.get(data, where, "list", dict), f"{where}.list"),
            tuple(kinds),
        )

    def figures(self) -> tuple[FigureRule, ...]:
        given = self.get(self.data, "top", "figures", list)
        found = tuple(self.figure(data, f"figures[{at}]") for at, data in enumerate(given))
        if len({f.id for f in found}) != len(found):
            raise self.fail("figures", "two figures have the same id")
        return found


@cache
def load(name: str) -> Rulebook:
    """The rulebook of this name (shipped) or at this path. Raises ``RulebookError``."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else BOOKS / f"{name}.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulebookError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise RulebookError(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    r = Reader(path.name, data)
    channels = r.words("channels")
    clerk = tuple(r.get(data, "top", "clerk_channels", list))
    for channel in clerk:
        if channel not in channels:
            raise r.fail("clerk_channels", f"there is no channel {channel!r}")
    figures = r.figures()
    by_id = {f.id: f for f in figures}
    return Rulebook(
        id=r.get(data, "top", "id", str),
        version=r.get(data, "top", "version", str),
        title=r.text(r.get(data, "top", "title", dict), "title"),
        office=r.text(r.get(data, "top", "office", dict), "office"),
        channels=channels,
        clerk_channels=clerk,
        hand_overs=r.optional("hand_overs", r.hand_over),
        kinds=r.words("kinds"),
        kind_questions=r.words("kind_questions"),
        natures=r.mapping("natures", r.nature),
        behaviours=r.mapping("behaviours", r.behaviour),
        findings=r.words("findings"),
        govern_forms=r.words("govern_forms"),
        decline_reasons=r.words("decline_reasons"),
        transfer_targets=r.words("transfer_targets"),
        keep_reasons=r.words("keep_reasons"),
        reopen_reasons=r.words("reopen_reasons"),
        extension_reasons=r.words("extension_reasons"),
        escalation_targets=r.words("escalation_targets"),
        ratings=r.words("ratings"),
        right_channels=r.words("right_channels"),
        who_reads=r.text(r.get(data, "top", "who_reads", dict), "who_reads"),
        small_cell=r.get(data, "top", "small_cell", int),
        recurrence_months=r.get(data, "top", "recurrence_months", int),
        figures=figures,
        figures_not_yet=r.words("figures_not_yet"),
        unit_aliases=dict(r.get(data, "top", "unit_aliases", dict)),
        confirmed_years=tuple(r.get(data, "top", "confirmed_years", list)),
        paper_head=r.text(data.get("paper_head") or data["office"], "paper_head"),
        series=r.optional("series", r.series),
        papers=r.optional("papers", r.paper),
        duties=r.duties(),
        returns=r.optional("returns", lambda d, where: read_return(r, d, where, by_id)),
    )


_used = "cn-chiping"


def use(name: str) -> None:
    """Choose the rulebook of this process."""
    global _used
    _used = name


def current() -> Rulebook:
    """The rulebook of this process."""
    return load(_used)
