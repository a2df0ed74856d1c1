"""Tokens to claims: which rate belongs to which value, what is part of what, when and where."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from huhang.checker import chinese, chinese_words, english, words
from huhang.checker.assembly import Assembly
from huhang.checker.figures import Passage
from huhang.checker.layout import Paragraph
from huhang.checker.model import (
    NOWHEN,
    Claim,
    Listing,
    Name,
    Period,
    Quantity,
    Token,
    same_unit,
)
from huhang.checker.placing import HANDLERS, is_part, siblings

DEEP = 3  # 其中 inside 其中, and no text nests deeper


def read(assembly: Assembly, number: int, paragraph: Paragraph) -> None:
    """Take in a paragraph."""
    zh = chinese.is_chinese(paragraph.text)
    if chinese_words.NEW_ARTICLE.match(paragraph.text) or zh != assembly.chinese:
        assembly.article += 1
        assembly.chinese = zh
    reader = Reader(assembly, number, paragraph, zh)
    assembly.passages.append(Passage(number, assembly.article, zh, paragraph))
    for at, text in (chinese if zh else english).sentences(paragraph.text):
        assembly.sentence += 1
        reader.sentence(at, text)
    reader.end_parts()
    _end_period(assembly, reader.main, number)


def _end_period(assembly: Assembly, main: Period | None, number: int) -> None:
    """What is said of one month ends with its sentence, and with its paragraph where a longer period is the
    text's: whether the next paragraph goes on with the month or the longer one, nothing tells."""
    if main is None:
        return
    inside = main.months < assembly.long.months and main.year == assembly.long.year
    if assembly.now.within(main):
        assembly.now = main
    if not inside:
        assembly.long = main
    elif assembly.now == main:
        assembly.now = Period(main.year, label=f"?{number}")


MOST_HEADS = 40
"""Claims of one sentence of which those that follow may be parts: nobody writes more of them."""


@dataclass
class Reader:
    """The context inside one paragraph."""

    whole: Assembly
    number: int
    paragraph: Paragraph
    zh: bool
    region: str = ""
    last: Claim | None = None  # what a rate without a subject belongs to
    heads: list[Claim] = field(default_factory=list)  # what 其中 would be part of
    under: list[Claim] = field(default_factory=list)  # of what the claims now are parts
    parts: list[Claim] = field(default_factory=list)
    complete: str = ""  # why the parts are everything
    bracketed: bool = False  # they stand in brackets
    nested: bool = False  # parts of a part
    main: Period | None = None  # the first period that the paragraph names
    run: list[Claim] = field(default_factory=list)  # a list that a 合计 may close
    reference: Quantity | None = None
    ahead: Token | None = None  # a difference before its rates: "by 4 points, from 61 % to 65 %"
    moved: Token | None = None  # a change before its level: "rose by 30 to 330"
    came: Token | None = None  # where a change began: 由12家…, "from 96 …"
    outer: Claim | None = None  # the last one before a bracket that is open
    at: int = 0
    here: list[Claim] = field(default_factory=list)  # claims of this sentence
    totals: list[Claim] = field(default_factory=list)  # the 738 of "214 of the 738 premises"
    periods: set[object] = field(default_factory=set)  # that this paragraph has named
    text: str = ""  # this sentence
    said: bool = False  # whether this sentence has named one
    set_against: int = 0  # the sentence that gave what the last claim was a year before

    def name(self, label: str) -> Name:
        """What a label names, known in this paragraph's context."""
        made = words.chinese_name(label) if self.zh else words.english_name(label)
        whole = words.ONLY_UNDER.get(made.measure)
        if whole and not any(
            c.name.measure == whole or words.ONLY_UNDER.get(c.name.measure) == whole
            for c in self.whole.claims[-24:]
            if c.paragraph >= self.number - 2
        ):
            made = Name(
                "", re.sub(r"\s+", "", label) if self.zh else label.lower(), made.region, label
            )
        if made.region and (made.measure or made.scope):
            self.region = made.region
        if made.region and not made.measure and not made.scope and self.last is not None:
            return replace(self.last.name, region=made.region, words=label)
        return replace(made, region=made.region or self.region)

    def sentence(self, at: int, text: str) -> None:
        """Read a sentence."""
        self.at = at
        self.here, self.run, self.reference, self.said = [], [], None, False
        self.came = self.moved = self.ahead = self.outer = None
        self.text = text
        module = chinese if self.zh else english
        found, now, said = module.tokens(text, self.whole.calendar, self.whole.now)
        every = found if self.zh else english.with_words(found, text)
        self.whole.passages[-1].take(at, text, self.whole.sentence, every)
        self.end_parts()
        if self.zh:
            self._structures(text)
        head = (
            re.search(r"(?:全国|全省|全市|全区|全县|我省|我市|我区|我县|本市|本区|本县)", text)
            if self.zh
            else None
        )
        if head and (not found or head.start() < found[0].q.start):
            self.region = words.HOME.get(head.group(0), self.region)
        for before, token in zip([None, *found], found, strict=False):
            token.follows = before.kind if before is not None else ""
            self._brackets(text[before.q.end if before is not None else 0 : token.q.start])
            self._take(token)
        self.end_parts()
        tiles = self._tiles(found)
        self.periods -= {t.key for t in tiles}
        if not tiles and (not now.label or now.label in ("since",)):
            self.whole.now = now
            self.main = self.main or (now if said else None)
        if self.here and not found[-1].part:
            self.heads = self._tops() or self.heads

    def _tiles(self, found: list[Token]) -> list[Period]:
        """上半年…亿元。其中一季度…亿元，二季度…亿元。: periods that make up the one spoken of, which goes on."""
        named = [t.period for t in found if t.period is not None and not t.prior]
        months = [m for p in named for m in sorted(p.months)]
        all_of_it = sorted(months) == sorted(self.whole.now.months)
        return named if found and found[0].part and len(named) > 1 and all_of_it else []

    def _tops(self) -> list[Claim]:
        """The claims of this sentence that are no parts; both of "214 of the 738 premises" may be divided."""
        found = [c for c in self.here if all(w in self.totals for w in c.wholes)]
        return sorted(found, key=lambda c: c not in self.totals)

    def _brackets(self, lead: str) -> None:
        """What stands behind a bracket is said of what stood before it."""
        opens, closes = lead.rfind("("), lead.rfind(")")
        if closes >= 0 and self.outer is not None:
            self.last, self.outer = self.outer, None
        if opens > closes:
            self.outer = self.last

    def _structures(self, text: str) -> None:
        for start, end, pieces in chinese.structures(text):
            claim = self.new(
                NOWHEN, Name("structure", "", self.region, text[start:end]), "structure", start, end
            )
            claim.period, claim.pieces = self.whole.now, pieces
            self.whole.claims.pop()
            self.whole.structures.append(claim)

    def _take(self, token: Token) -> None:
        self.whole.patience.ask()
        if token.period is not None:
            self.said = True
            if not token.prior:
                self.periods.add(token.period.key)
        if token.part:
            self._open_parts(token)
        elif token.kind in ("level", "growth", "share") and self.under and self._leaves(token):
            self.end_parts()
        period = token.period or (self.here[-1].period if self.here and not token.fresh else None)
        if token.period is None and self.under and self.parts == [] and self.under:
            period = self.under[-1].period
        if period is None:
            period = self._period_before(token)
        handler = HANDLERS.get(token.kind)
        if handler is not None:
            handler(self, token, period)

    def _period_before(self, token: Token) -> Period:
        if self.under:
            return self.under[-1].period
        stated = [c for c in self.here if c.said_period]
        return stated[-1].period if stated else self.whole.now

    def _open_parts(self, token: Token) -> None:
        inside = self.last if self.under and self.parts and not token.fresh else None
        above = self.under
        self.end_parts()
        self.nested, self.bracketed = inside is not None, token.bracket == "("
        if inside is not None:
            # 其中 inside 其中: of the part before it or of the whole, the text does not say.
            self.under = [*above[-DEEP:], inside]
            return
        if token.fresh and token.label_start < 6 and not self.here:
            heads = self.heads
        else:
            heads = self._tops() or self.here or self.heads
        self.under = _divided(heads)[-MOST_HEADS:]
        self.parts = []
        self.complete = "said" if token.part == "all" else ""

    def _leaves(self, token: Token) -> bool:
        """Whether the list of parts ends before this token."""
        if self.bracketed and token.bracket == ")":
            return True
        if not self.parts or not token.label:
            return False
        if self.zh and (
            chinese_words.LATER.match(token.label)
            or (token.fresh and token.label.startswith("已"))
            or re.match(r"全[国省市区县]|我[国省市区县]", token.label)
        ):
            return True
        if token.period is not None and not token.period.within(self.under[-1].period):
            return True
        if token.closes:
            return True
        name = words.chinese_name(token.label) if self.zh else words.english_name(token.label)
        if any(c.name.measure and is_part(name.measure, c.name.measure) for c in self.under):
            return False
        if token.fresh or (self.zh and token.kind == "level"):
            if not self.zh or token.rest:
                return (
                    not token.rest and token.fresh and self.parts[-1].name.measure != name.measure
                )
            mine, before = token.label, self.parts[-1].name.words
            alike = mine[-1:] == before[-1:] or (
                name.measure and name.measure == self.parts[-1].name.measure
            )
            return not alike and token.fresh
        return False

    def end_parts(self) -> None:
        counted = {p.level.unit.family for p in self.parts if p.level and p.level.unit.discrete}
        if self.under and len(self.parts) > 1 and self.complete and len(counted) < 2:
            for head in self.under:
                mine = [
                    p
                    for p in self.parts
                    if p.level and head.level and same_unit(p.level, head.level)
                ]
                if len(mine) > 1:
                    self.whole.listings.append(Listing(head, mine, self.complete))
        self.under, self.parts, self.complete, self.nested = [], [], "", False

    def new(self, period: Period, name: Name, kind: str, start: int, end: int) -> Claim:
        claim = Claim(
            f"c{len(self.whole.claims) + 1}",
            0,
            0,
            name,
            period,
            self.whole.sentence,
            self.number,
            kind,
        )
        claim.article = self.whole.article
        claim.unsure = not self.said and not self.under and len(self.periods) > 1
        self.whole.claims.append(claim)
        self._quote(claim, start, end)
        return claim

    def _quote(self, claim: Claim, start: int, end: int) -> None:
        places = self.paragraph.places
        first, last = self.at + start, self.at + max(end, start + 1) - 1
        while first < last and self.paragraph.text[first] in " ，,；;、：:。.)(":
            first += 1
        last = min(last, len(places) - 1)
        claim.start = places[first] if not claim.text else min(claim.start, places[first])
        claim.end = max(claim.end, places[last] + 1)
        claim.text = "x"

    def extend(self, claim: Claim, token: Token) -> None:
        """Quote the rate too, when nothing of another claim stands between."""
        near = claim.sentence == self.whole.sentence or (
            claim is self.whole.claims[-1] and 0 <= self.whole.sentence - self.set_against <= 1
        )
        own = claim is self.last or (
            self.last is not None and claim in self.here and self.last.name == claim.name
        )  # 5.46万人，上年为5.20万人，增长5.0%
        if own and near and not token.turns:
            self._quote(claim, token.q.start, token.q.end)

    def _resumed(self, name: Name, token: Token) -> Name:
        """What "it", "they" and "the hotline" stand for, where a claim before says the same with a subject."""
        lead = self.text[token.label_start : token.q.start]
        again = r"\b(?:it|they|the)\b" if " " in name.scope else r"\b(?:it|they)\b"
        if (
            self.zh or name.measure or not name.scope or not re.search(again, lead, re.I)
        ):  # fmt: skip
            return name
        for claim in reversed(self.whole.claims[-6:]):
            if claim.name.scope.endswith(" " + name.scope) and not claim.name.measure:
                return replace(claim.name, words=claim.name.words)
        return name

    def claim(self, token: Token, period: Period, kind: str, label: str) -> Claim:
        name = self._resumed(self.name(label), token)
        if self.zh and not name.measure and len(name.scope) > 1 and self.here and not self.under:
            before = self.here[-1]
            lead = self.text[token.label_start : token.q.start]
            known = before.name.scope.startswith(name.scope) or (
                "累计" in lead and before.name.scope.endswith(name.scope)
            )
            if known and before.period.key != period.key:
                name = before.name  # 受理投诉举报…件，7月份受理…件; 工业用电量…，1—7月累计用电量…
        if self.under and not name.scope and name.measure:
            head = self.under[-1].name
            if is_part(name.measure, head.measure) or name.measure == head.measure:
                name = replace(name, scope=head.scope)
        elif not name.scope and name.measure and self.here and not token.fresh:
            head = self.here[-1].name
            if (
                is_part(name.measure, head.measure) or siblings(name.measure, head.measure)
            ) and head.scope:
                name = replace(name, scope=head.scope)
        if token.rest:
            name = Name("", "", name.region, name.words)
        end = max(token.q.end, token.tail)
        claim = self.new(period, name, kind, token.label_start, end)
        claim.said_period = token.period is not None
        claim.aside = token.aside
        claim.terms = token.terms
        claim.planned = token.planned
        if self.under:
            claim.wholes = [
                h for h in self.under if h is not claim and claim.period.within(h.period)
            ]
            if self.outer is not None and self.outer in self.parts:
                claim.wholes.append(
                    self.outer
                )  # 移动电话用户…(5G用户…，占…%): of the part before it
            else:
                self.parts.append(claim)
                if token.rest and not self.nested:
                    self.complete = self.complete or "rest"
        self.here.append(claim)
        self.last = claim
        return claim


def _divided(heads: list[Claim]) -> list[Claim]:
    """Those of the claims that a list of parts may divide: beside one with a value of its own neither
    what brackets compare it with, nor the growth of another place."""
    valued = [c for c in heads if c.level is not None and not c.aside]
    regions = {c.name.region for c in valued}
    found = [c for c in heads if not c.aside and (c.level is not None or c.name.region in regions)]
    return found if valued else heads
