"""The figure checker on made bulletins: rounded figures that fit never contradict each other, and one
figure that is moved beyond its rounding is found with its own claim in the contradiction."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huhang.checker import Source, check

quick = settings(max_examples=150, deadline=None)
SEEDS = st.integers(0, 10**9)


class Text:
    """A text in the making that remembers where its movable figures stand."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.pieces: list[str] = []
        self.movable: list[tuple[int, Fraction, int, bool]] = []  # piece, value, places, share

    def say(self, *words: str | int) -> None:
        """Plain words and figures."""
        self.pieces += [str(w) for w in words]

    def count(self, number: int, *, commas: bool = False, moves: bool = True) -> None:
        """A count."""
        if moves:
            self.movable.append((len(self.pieces), Fraction(number), 0, False))
        self.pieces.append(f"{number:,}" if commas else str(number))

    def ratio(self, number: Fraction, places: int) -> None:
        """A rate in percent, rounded half up."""
        self.movable.append((len(self.pieces), number, places, True))
        self.pieces.append(rounded(number, places))

    def text(self) -> str:
        return "".join(self.pieces)

    def moved(self, which: int) -> tuple[str, int, int]:
        """The text with one figure moved well beyond its rounding, and where that figure stands."""
        piece, value, places, share = self.movable[which % len(self.movable)]
        new = value + (7 if value < 60 else -7) if share else value + max(9, int(value / 6))
        pieces = list(self.pieces)
        commas = "," if "," in pieces[piece] or new < 1000 else ""
        pieces[piece] = rounded(new, places) if share else f"{int(new):{commas}}"
        start = sum(len(p) for p in pieces[:piece])
        return "".join(pieces), start, start + len(pieces[piece])


def rounded(number: Fraction, places: int) -> str:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def split(r: random.Random, whole: int, parts: int) -> list[int]:
    """A whole in parts of which none is small."""
    weights = [r.randint(20, 100) for _ in range(parts)]
    made = [whole * w // sum(weights) for w in weights]
    made[-1] += whole - sum(made)
    return made


def hotline(seed: int) -> Text:
    """A month's requests by kind with shares, done and satisfied."""
    t = Text(seed)
    r, places = t.r, t.r.choice([1, 2])
    whole, commas = r.randint(5_000, 400_000), r.random() < 0.5
    kinds = split(r, whole, 4)
    names = r.choice(
        [("咨询类", "求助类", "投诉类", "其他类"), ("城市管理", "住房保障", "交通出行", "其他")]
    )
    t.say(
        r.choice(
            [
                "10月份，全市热线共受理群众诉求",
                "本月，热线受理诉求",
                "2024年9月，全区共受理企业群众诉求",
            ]
        )
    )
    t.count(whole, commas=commas, moves=False)
    t.say("件", r.choice(["，环比增长3.2%。", "，日均受理量与上月基本持平。", "。"]))
    t.say(r.choice(["其中，", "按诉求类型分，"]))
    for i, (name, n) in enumerate(zip(names, kinds, strict=True)):
        t.say("；" if i else "", name)
        t.count(n, commas=commas)
        t.say("件，", r.choice(["占", "占比", "占总量的"]))
        t.ratio(Fraction(100 * n, whole), places)
        t.say("%")
    done = whole * r.randint(80, 99) // 100
    t.say("。", r.choice(["已办结", "办结", "截至目前，已办结"]))
    t.count(done, commas=commas, moves=False)
    t.say("件，", r.choice(["办结率", "办结率为", "办结率达"]))
    t.ratio(Fraction(100 * done, whole), places)
    t.say(r.choice(["%。", "%，群众满意率93.1%。"]))
    return t


def supervision(seed: int) -> Text:
    """Problems by kind, put right, left, and against the year before."""
    t = Text(seed)
    r = t.r
    whole = r.randint(120, 900)
    kinds = split(r, whole, 3)
    t.say("今年以来，派驻组共发现问题", whole, "个，其中政策落实类")
    for i, (n, name) in enumerate(zip(kinds, ("", "服务效能类", "工作作风类"), strict=True)):
        t.say("个、" if i else "", name)
        t.count(n)
    fixed = whole * r.randint(70, 95) // 100
    t.say("个。已完成整改", fixed, "个，整改率")
    t.ratio(Fraction(100 * fixed, whole), 1)
    t.say("%，剩余", whole - fixed, "个正在推进。")
    before, now = r.randint(200, 700), r.randint(200, 700)
    t.say(
        "走访企业", now, "家次，较去年同期的", before, "家次", "增长" if now >= before else "下降"
    )
    t.ratio(abs(Fraction(100 * now, before) - 100), 1)
    t.say("%。")
    return t


def complaints(seed: int) -> Text:
    """An ombudsman's year."""
    t = Text(seed)
    r = t.r
    whole = r.randint(900, 9_000)
    closed = split(r, whole, 3)
    t.say("The office received ", f"{whole:,}", " complaints in 2023. Of these, ")
    t.count(closed[0], commas=True)
    t.say(" (")
    t.ratio(Fraction(100 * closed[0], whole), 1)
    t.say("%) were settled, ")
    t.count(closed[1], commas=True)
    t.say(" (")
    t.ratio(Fraction(100 * closed[1], whole), 1)
    t.say("%) were upheld and the remaining ")
    t.count(closed[2], commas=True)
    t.say(" (")
    t.ratio(Fraction(100 * closed[2], whole), 1)
    t.say("%) were dismissed. ")
    before, now = r.randint(300, 900), r.randint(300, 900)
    t.say("Enquiries ", "rose" if now >= before else "fell", f" from {before} to {now}, or ")
    t.ratio(abs(Fraction(100 * now, before) - 100), 1)
    t.say("%.")
    return t


def table(seed: int) -> Text:
    """Requests and how many are done, by district."""
    t = Text(seed)
    r = t.r
    rows = [
        (f"第{name}街道", n := r.randint(300, 4000), n * r.randint(80, 99) // 100)
        for name in "一二三四五"
    ]
    t.say("各街道办理情况表\n单位\t受理量（件）\t办结量（件）\t办结率（%）\n")
    for name, n, done in [*rows, ("合计", sum(x[1] for x in rows), sum(x[2] for x in rows))]:
        t.say(name, "\t")
        t.count(n)
        t.say("\t")
        t.count(done)
        t.say("\t")
        t.ratio(Fraction(100 * done, n), 2)
        t.say("\n")
    return t


MAKERS: list[Callable[[int], Text]] = [hotline, supervision, complaints, table]


@pytest.mark.parametrize("maker", MAKERS)
@quick
@given(seed=SEEDS)
def test_figures_that_fit_do_not_contradict_each_other(
    maker: Callable[[int], Text], seed: int
) -> None:
    text = maker(seed).text()
    found = check(Source(text)).contradictions
    assert not found, (text, [c.arithmetic for c in found])


@pytest.mark.parametrize("maker", MAKERS)
@quick
@given(seed=SEEDS, which=st.integers(0, 40))
def test_a_figure_beyond_its_rounding_is_found(
    maker: Callable[[int], Text], seed: int, which: int
) -> None:
    text, start, end = maker(seed).moved(which)
    found = check(Source(text)).contradictions
    assert any(c.start < end and start < c.end for f in found for c in f.claims), (
        text, text[start:end], [c.arithmetic for c in found],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("9月共受理诉求57,408件。其中，城市管理15,078件，占26.3%；住房保障15,987件，占总量的27.8%；"
         "交通出行10,355件，占25.0%；其他15,988件，占27.8%。", "25.0"),  # of all but 其他
        ("9月共受理诉求382873件。其中，城市管理106644件，占27.9%；住房保障152100件，占比46.7%；"
         "交通出行47203件，占12.3%；其他76926件，占20.1%。已办结325442件。", "46.7"),  # of 已办结
    ],
)  # fmt: skip
def test_chance_excuses_no_share_when_all_others_are_of_the_whole(text: str, moved: str) -> None:
    found = check(Source(text)).contradictions
    start = text.index(moved)
    assert [c for f in found for c in f.claims if c.start <= start < c.end]
