"""Reading the rules of a rulebook: the first fault of each rule, with its file, rule and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from string import Formatter
from typing import Any, TypeVar

from huhang.rulebook.book import (
    DUTIES,
    FIGURE_PERIODS,
    FIGURE_SPLITS,
    FIGURE_VALUES,
    FLOWS,
    PAPER_ADDRESSEES,
    PAPER_CONDITIONS,
    Behaviour,
    Duty,
    FigureRule,
    HandOver,
    Nature,
    PaperRule,
    Series,
)
from huhang.rulebook.clocks import UNITS, Limit, read_clocks, read_review
from huhang.rulebook.faults import Fault, RulebookError, said
from huhang.rulebook.responsibility import read_approvals
from huhang.rulebook.retention import read_retention
from huhang.rulebook.words import Text

Kind = type | tuple[type, ...]
T = TypeVar("T")
_OTHERWISE = {
    str: said("%(value)r is no text"),
    int: said("%(value)r is no whole number"),
    bool: said("%(value)r is neither true nor false"),
    list: said("%(value)r is no list"),
    dict: said("%(value)r is no mapping"),
}


class Reader:
    """Walks the YAML of a rulebook and says where something is wrong.

    What reads one rule raises ``RulebookError``; ``part`` and ``mapping`` collect it in ``faults``
    and go on. ``unknown`` tells of fields that nobody asked for: misspelt, they would do nothing.
    """

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.asked: dict[int, tuple[str, dict[Any, Any], set[str]]] = {}
        if not isinstance(data, dict):
            raise self.fail("", said("a mapping is needed at the top"))
        self.data = data

    def fail(self, where: str, words: str, **values: Any) -> RulebookError:
        """What to raise."""
        return RulebookError([Fault(self.name, where, words, values)])

    def part(self, read: Callable[[], T]) -> T | None:
        """What ``read`` gives; None where it has a fault, which is kept."""
        try:
            return read()
        except RulebookError as error:
            self.faults += error.faults
            return None

    def unknown(self) -> Iterable[Fault]:
        """A fault for each field that no rule has. What has a fault was not read to its end."""
        wrong = [f"{fault.place}." for fault in self.faults]
        for where, data, asked in self.asked.values():
            if where and any(place.startswith(f"{where}.") for place in wrong):
                continue
            for key in data:
                if key not in asked:
                    place = f"{where}.{key}" if where else str(key)
                    yield Fault(self.name, place, said("there is no such field"))

    def has(self, data: Any, where: str, key: str) -> bool:
        """Whether a field is there that may be left out."""
        if not isinstance(data, dict):
            raise self.fail(where, said("a mapping is needed"))
        self.asked.setdefault(id(data), (where, data, set()))[2].add(key)
        return key in data

    def get(self, data: Any, where: str, key: str, kind: Kind) -> Any:
        """A field's value, which is of this kind."""
        if not self.has(data, where, key):
            raise self.fail(where, said("the field %(field)s is missing"), field=key)
        value = data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            if len(repr(value)) > 200:
                value = f"{repr(value)[:200]}…"
            words = _OTHERWISE[kind[0] if isinstance(kind, tuple) else kind]
            raise self.fail(f"{where}.{key}" if where else key, words, value=value)
        return value

    def given(self, data: Any, where: str, key: str, kind: Kind, default: Any) -> Any:
        """A field's value, or ``default`` where it is left out."""
        return self.get(data, where, key, kind) if self.has(data, where, key) else default

    def number(self, data: Any, where: str, key: str, least: int, most: int) -> int:
        """A whole number between these two."""
        value: int = self.get(data, where, key, int)
        if not least <= value <= most:
            raise self.fail(
                f"{where}.{key}" if where else key,
                said("%(value)d does not lie between %(least)d and %(most)d"),
                value=value, least=least, most=most,
            )  # fmt: skip
        return value

    def one_of(
        self, data: Any, where: str, key: str, known: Iterable[str], default: str | None = None
    ) -> str:
        """A word out of a list; ``default`` where it may be left out."""
        if default is not None and not self.has(data, where, key):
            return default
        value: str = self.get(data, where, key, str)
        words = list(known)
        if value not in words:
            raise self.fail(
                f"{where}.{key}" if where else key, said("%(value)r is none of %(known)s"), value=value,
                known=", ".join(w for w in words if w),
            )  # fmt: skip
        return value

    def line(self, data: Any, where: str, key: str) -> str:
        """Words that are not empty."""
        value: str = self.get(data, where, key, str)
        if not value.strip():
            raise self.fail(f"{where}.{key}", said("the words are empty"))
        return value

    def text(self, data: Any, where: str) -> Text:
        """Words in both languages."""
        return Text(self.line(data, where, "zh"), self.line(data, where, "en"))

    def text_of(self, data: Any, where: str, key: str = "words") -> Text:
        """The words in a field."""
        return self.text(self.get(data, where, key, dict), f"{where}.{key}" if where else key)

    def words(self, key: str) -> dict[Any, Text]:
        """A list of words at the top."""
        return self.mapping(key, self.text)

    def mapping(self, key: str, read: Callable[[Any, str], T]) -> dict[Any, T]:
        """What stands under each name of a list at the top; of those with a fault, nothing."""
        found = self.get(self.data, "", key, dict)
        if not found:
            raise self.fail(key, said("the list is empty"))
        for name in found:
            if isinstance(name, bool | type(None)) or not re.fullmatch(r"[\w-]{1,40}", str(name)):
                words = said("%(name)r is no name: letters, digits, _ and -")
                raise self.fail(key, words, name=name)
        made = {k: self.part(lambda k=k, v=v: read(v, f"{key}.{k}")) for k, v in found.items()}  # type: ignore[misc]
        return {k: v for k, v in made.items() if v is not None}

    def optional(self, key: str, read: Callable[[Any, str], T]) -> dict[Any, T]:
        """A list that a rulebook may do without."""
        return self.mapping(key, read) if self.has(self.data, "", key) and self.data[key] else {}

    def names(self, key: str) -> list[str]:
        """The names in a list at the top, whatever stands under them."""
        found = self.data.get(key)
        return list(found) if isinstance(found, dict) else []

    def limit(self, data: Any, where: str) -> Limit:
        """A span of time: one unit and how many of it."""
        units = [unit for unit in UNITS if self.has(data, where, unit)]
        if len(units) != 1:
            words = said("one of %(units)s is needed")
            raise self.fail(where, words, units=", ".join(UNITS))
        return Limit(self.number(data, where, units[0], 1, 1000), units[0])

    def several(
        self,
        data: Any,
        where: str,
        key: str,
        known: Iterable[str],
        default: tuple[str, ...] | None = None,
    ) -> tuple[str, ...]:
        """Words out of a list; ``default`` where they may be left out."""
        needed = default is None or self.has(data, where, key)
        found = self.get(data, where, key, list) if needed else list(default or ())
        words = list(known)
        for value in found:
            if value not in words:
                raise self.fail(
                    f"{where}.{key}" if where else key, said("%(value)r is none of %(known)s"),
                    value=value, known=", ".join(words),
                )  # fmt: skip
        self._once(f"{where}.{key}" if where else key, found)
        return tuple(found)

    def nature(self, data: Any, where: str) -> Nature:
        """A nature with its clock and its retention."""
        flow = self.one_of(data, where, "flow", FLOWS)
        return Nature(
            id=where.partition(".")[2],
            kind=self.one_of(data, where, "kind", self.names("kinds")),
            words=self.text_of(data, where),
            flow=flow,
            relation_of_named=self.one_of(
                data, where, "relation_of_named", ("responsible", "accused")
            ),
            hearing_required=self.get(data, where, "hearing_required", bool),
            clocks=read_clocks(self, self.get(data, where, "clocks", dict), f"{where}.clocks"),
            approvals=read_approvals(
                self, self.given(data, where, "approvals", dict, {}), f"{where}.approvals", flow
            ),
            retention=read_retention(
                self, self.get(data, where, "retention", dict), f"{where}.retention"
            ),
            review=read_review(self, data["review"], f"{where}.review")
            if self.has(data, where, "review")
            else None,
            tests=self.several(data, where, "tests", self.names("admissibility"), ()),
        )

    def natures(self) -> dict[str, Nature]:
        """At least one nature for each kind; no clock twice."""
        found = self.mapping("natures", self.nature)
        given = self.get(self.data, "", "natures", dict).values()
        kinds = [nature.get("kind") for nature in given if isinstance(nature, dict)]
        for kind in self.names("kinds"):
            if kind not in kinds:
                raise self.fail("natures", said("the kind %(kind)s has no nature"), kind=kind)
        self._once("natures", [c.id for n in found.values() for c in n.clocks])
        for name, nature in found.items():
            seen: list[str] = []
            while nature.review and nature.review.next in found and nature.id not in seen:
                seen.append(nature.id)
                nature = found[nature.review.next]
            if nature.id in seen:
                raise self.fail(f"natures.{name}.review.next", said("the reviews never end"))
        return found

    def hand_over(self, data: Any, where: str) -> HandOver:
        """What another body hands over."""
        kind = self.one_of(data, where, "kind", self.names("kinds"))
        natures: Any = self.data.get("natures")
        rules = {k: natures[k] for k in self.names("natures")}
        of_kind = [k for k, n in rules.items() if isinstance(n, dict) and n.get("kind") == kind]
        return HandOver(
            channel=self.one_of(data, where, "channel", self.names("channels")),
            kind=kind,
            nature=self.one_of(data, where, "nature", of_kind, ""),
            words=self.text_of(data, where),
        )

    def behaviour(self, data: Any, where: str) -> Behaviour:
        """A harm."""
        return Behaviour(self.text(data, where), self.given(data, where, "default", bool, False))

    def series(self, data: Any, where: str) -> Series:
        """A series of serial numbers."""
        return Series(
            id=where.partition(".")[2],
            words=self.text_of(data, where),
            pattern=self._pattern(data, where, "pattern", "year", "number"),
            apart=self._pattern(data, where, "apart", "year", "ref"),
            confirmed=self.get(data, where, "confirmed", bool),
        )

    def _pattern(self, data: Any, where: str, key: str, *wanted: str) -> str:
        text = self.line(data, where, key)
        try:
            names = sorted(str(n) for _t, n, _f, _c in Formatter().parse(text) if n is not None)
        except ValueError as error:
            raise self.fail(f"{where}.{key}", "%(error)s", error=error) from None
        if names != sorted(wanted):
            words = said("needs %(first)s and %(second)s, each once, and nothing else")
            first, second = ("{" + w + "}" for w in wanted)
            raise self.fail(f"{where}.{key}", words, first=first, second=second)
        if len(text) > 40:
            raise self.fail(f"{where}.{key}", said("longer than 40 characters"))
        return text

    def paper(self, data: Any, where: str) -> PaperRule:
        """A paper that is made from a case."""
        when = self.one_of(data, where, "when", PAPER_CONDITIONS)
        number_of = self.one_of(data, where, "number_of", ("", *self.names("papers")), "")
        series = self.one_of(data, where, "series", ("", *self.names("series")), "")
        if bool(series) == bool(number_of):
            raise self.fail(where, said("either series or number_of is needed"))
        return PaperRule(
            id=where.partition(".")[2],
            words=self.text_of(data, where),
            when=when,
            number_when=self.one_of(data, where, "number_when", PAPER_CONDITIONS, when),
            series=series,
            number_of=number_of,
            to=self.one_of(data, where, "to", PAPER_ADDRESSEES),
            red_head=self.get(data, where, "red_head", bool),
        )

    def figure(self, data: Any, where: str) -> FigureRule:
        """A figure; its query is tried where there are facts of cases (``huhang rulebook check``)."""
        texts = {
            k: self.text_of(data, where, k) for k in ("words", "definition", "population", "unit")
        }
        one = self.given(data["unit"], f"{where}.unit", "one", str, "")
        value = self.one_of(data, where, "value", FIGURE_VALUES, "count")
        if (value == "count") == self.has(data, where, "of"):
            raise self.fail(f"{where}.of", said("a count takes none, every other value needs one"))
        by = self.one_of(data, where, "by", ("", *FIGURE_SPLITS), "")
        if value != "count" and by:
            raise self.fail(f"{where}.by", said("only counts are split"))
        return FigureRule(
            id=self.line(data, where, "id"),
            unit_of_one=Text(texts["unit"].zh, one or texts["unit"].en),
            period=self.one_of(data, where, "period", FIGURE_PERIODS),
            by=by,
            where=self.line(data, where, "where"),
            value=value,
            of=self.given(data, where, "of", str, ""),
            decimals=self.number(data, where, "decimals", 0, 6)
            if self.has(data, where, "decimals")
            else 0,
            **texts,
        )

    def figures(self) -> tuple[FigureRule, ...]:
        """All figures, in the file's order."""
        made = []
        for at, data in enumerate(self.get(self.data, "", "figures", list)):
            name = data["id"] if isinstance(data, dict) and isinstance(data.get("id"), str) else at
            made.append(self.part(lambda d=data, n=name: self.figure(d, f"figures.{n}")))  # type: ignore[misc]
        found = tuple(f for f in made if f is not None)
        self._once("figures", [f.id for f in found])
        return found

    def duties(self) -> dict[str, Duty]:
        """Both duties or none; no kind of unit bears two of them by itself."""
        found = self.optional("duties", self.duty)
        if self.names("duties") and set(self.names("duties")) != set(DUTIES):
            first, second = DUTIES
            words = said("needs %(first)s and %(second)s, and no other")
            raise self.fail("duties", words, first=first, second=second)
        kinds = [k for duty in found.values() for k in duty.kinds]
        if len(set(kinds)) != len(kinds):
            raise self.fail("duties", said("a kind of unit stands under two duties"))
        return {key: found[key] for key in DUTIES if key in found}

    def duty(self, data: Any, where: str) -> Duty:
        """A kind of responsibility."""
        kinds = self.get(data, where, "kinds", list)
        if not all(isinstance(k, str) and k for k in kinds):
            raise self.fail(f"{where}.kinds", said("a list of kinds of units is needed"))
        return Duty(self.text_of(data, where), self.text_of(data, where, "list"), tuple(kinds))

    def clerk_channels(self) -> tuple[str, ...]:
        """Channels that a clerk may choose."""
        found = self.get(self.data, "", "clerk_channels", list)
        for channel in found:
            if channel not in self.names("channels"):
                words = said("there is no channel %(channel)r")
                raise self.fail("clerk_channels", words, channel=channel)
        return tuple(found)

    def questions(self) -> dict[str, Text]:
        """What the portal asks: one question for each kind that is not the office's own."""
        found = self.words("kind_questions")
        given = self.data.get("office_kinds")
        office = given if isinstance(given, list) else []
        for kind in self.names("kinds"):
            if kind not in [*self.names("kind_questions"), *office]:
                raise self.fail("kind_questions", said("none for the kind %(kind)s"), kind=kind)
        return found

    def years(self) -> tuple[int, ...]:
        """Years whose working days are confirmed."""
        found = self.get(self.data, "", "confirmed_years", list)
        if not found or not all(type(year) is int for year in found):
            raise self.fail("confirmed_years", said("a list of years is needed"))
        return tuple(found)

    def aliases(self) -> dict[str, str]:
        """Former names of kinds of organs, and present ones."""
        found = self.get(self.data, "", "unit_aliases", dict)
        for name, present in found.items():
            if not isinstance(name, str) or not isinstance(present, str):
                raise self.fail(f"unit_aliases.{name}", said("a name and a name are needed"))
        return dict(found)

    def _once(self, where: str, ids: list[str]) -> None:
        for key in ids:
            if ids.count(key) > 1:
                raise self.fail(where, said("%(id)s stands there twice"), id=key)
