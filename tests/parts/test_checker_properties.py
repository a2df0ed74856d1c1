"""The figure checker on made tables: consistent ones never contradict themselves, and a figure that
is moved out of its interval is found."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, floor

from hypothesis import given, settings
from hypothesis import strategies as st

from huhang.checker import Source, check

quick = settings(max_examples=100, deadline=None)
BOTH = st.booleans()  # Chinese or English


def kinds(text: str) -> set[str]:
    return {c.kind for c in check(Source(text)).contradictions}


def printed(number: Fraction, places: int, *, drop_zeros: bool = False) -> str:
    """As an office prints it: rounded half up, perhaps without trailing zeros."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if drop_zeros and "." in text else text


def change(rate: str, chinese: bool) -> str:
    down = rate.startswith("-")
    size = rate.lstrip("-")
    if chinese:
        return f"{'下降' if down else '增长'}{size}%"
    return f"{'down' if down else 'up'} {size}%"


def money(low: int, high: int) -> st.SearchStrategy[Fraction]:
    return st.integers(low * 1000, high * 1000).map(lambda n: Fraction(n, 1000))


RATE = st.integers(-400, 900).map(lambda n: Fraction(n, 1000))
PLACES = st.integers(0, 2)


def trade(values: list[str], rates: list[str], chinese: bool) -> str:
    """The customs office's paragraph on total, exports, imports."""
    c = [change(r, chinese) for r in rates]
    if chinese:
        return f"前5个月，全市进出口总值{values[0]}亿元，同比{c[0]}。其中，出口{values[1]}亿元，{c[1]}；进口{values[2]}亿元，{c[2]}。"
    return (
        f"Total foreign trade reached {values[0]} billion yuan in the first five months, {c[0]} year on year. "
        f"Exports were {values[1]} billion yuan, {c[1]}, and imports were {values[2]} billion yuan, {c[2]}."
    )


@quick
@given(money(5, 900), money(5, 900), RATE, RATE, PLACES, PLACES, BOTH, BOTH)
def test_consistent_trade_never_contradicts_itself(
    exports: Fraction, imports: Fraction, up: Fraction, down: Fraction, places: int, rate_places: int,
    drop: bool, chinese: bool,
) -> None:  # fmt: skip
    base = exports / (1 + up) + imports / (1 + down)
    growth = (exports + imports) / base - 1
    values = [printed(v, places, drop_zeros=drop) for v in (exports + imports, exports, imports)]
    rates = [printed(r * 100, rate_places, drop_zeros=drop) for r in (growth, up, down)]
    assert kinds(trade(values, rates, chinese)) == set()


@quick
@given(money(50, 900), money(50, 900), RATE, RATE, st.integers(3, 40), BOTH)
def test_a_moved_growth_of_the_whole_is_found(
    exports: Fraction, imports: Fraction, up: Fraction, down: Fraction, moved: int, chinese: bool
) -> None:
    base = exports / (1 + up) + imports / (1 + down)
    growth = (exports + imports) / base - 1 + Fraction(moved, 100)
    values = [printed(v, 1) for v in (exports + imports, exports, imports)]
    rates = [printed(r * 100, 1) for r in (growth, up, down)]
    assert kinds(trade(values, rates, chinese)) == {"growth_aggregation"}


@quick
@given(money(5, 900), money(5, 900), st.integers(4, 40), BOTH, BOTH)
def test_a_moved_total_is_found(
    exports: Fraction, imports: Fraction, moved: int, less: bool, chinese: bool
) -> None:
    total = exports + imports + (-1 if less else 1) * Fraction(moved, 10)
    values = [printed(v, 1) for v in (total, exports, imports)]
    assert "part_sum" in kinds(trade(values, ["5.0", "5.0", "5.0"], chinese))


COUNTS = st.lists(st.integers(20, 5000), min_size=3, max_size=5)
TYPES = ["咨询", "投诉", "求助", "建议"]
TYPES_EN = ["enquiries", "complaints", "suggestions", "reports"]


def hotline(total: int, counts: list[int], chinese: bool) -> str:
    """A hotline's paragraph whose last type is the rest."""
    *named, rest = counts
    if chinese:
        items = "、".join(f"{t}类{n:,}件" for t, n in zip(TYPES, named, strict=False))
        return f"8月份，全市热线共受理诉求{total:,}件，其中{items}，其余{rest:,}件。"
    items = ", ".join(f"{n:,} were {t}" for t, n in zip(TYPES_EN, named, strict=False))
    return f"The hotline received {total:,} requests in August, of which {items} and the remaining {rest:,} were others."


@quick
@given(COUNTS, BOTH)
def test_a_complete_list_adds_up(counts: list[int], chinese: bool) -> None:
    assert kinds(hotline(sum(counts), counts, chinese)) == set()


@quick
@given(COUNTS, st.integers(1, 15), BOTH)
def test_a_complete_list_that_does_not_add_up_is_found(
    counts: list[int], moved: int, chinese: bool
) -> None:
    assert kinds(hotline(sum(counts) - moved, counts, chinese)) == {"part_sum"}


@quick
@given(st.lists(money(1, 90), min_size=3, max_size=9), BOTH, st.sampled_from([0, 0, 3, -3, 20]))
def test_months_make_up_the_year_so_far(flows: list[Fraction], chinese: bool, moved: int) -> None:
    last = len(flows)
    before, now, whole = sum(flows[:-1], Fraction(0)), flows[-1], sum(flows, Fraction(0))
    shown = printed(whole + Fraction(moved, 10), 1)
    if chinese:
        text = f"1—{last - 1}月，全市出口{printed(before, 1)}亿元。{last}月份当月，全市出口{printed(now, 1)}亿元。1—{last}月，全市出口{shown}亿元。"
    else:
        names = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
        ]
        text = (
            f"From January to {names[last - 2]}, exports reached ${printed(before, 1)} million. In {names[last - 1]}, exports were "
            f"${printed(now, 1)} million. From January to {names[last - 1]}, exports totaled ${shown} million."
        )
    assert kinds(text) == ({"ytd_minus_prev_ytd"} if moved else set())


@quick
@given(st.integers(500, 1400), st.integers(500, 1400), st.sampled_from([0, 0, 3, -4, 15]), BOTH)
def test_a_difference_is_in_percentage_points(
    one: int, two: int, moved: int, chinese: bool
) -> None:
    a, b = Fraction(one, 100), Fraction(two, 100)
    difference = abs(a - b) + Fraction(moved, 10)
    if abs(a - b) < Fraction(1, 2):
        return
    size = printed(difference, 1)
    if chinese:
        text = f"上半年，全市进出口增长{printed(a, 1)}%，{'高' if a > b else '低'}于全省平均{size}个百分点；全省进出口增长{printed(b, 1)}%。"
    else:
        word = "higher" if a > b else "lower"
        text = (
            f"Exports rose {printed(a, 1)}% in the first half, {size} percentage points {word} than the provincial average "
            f"of {printed(b, 1)}%."
        )
    assert kinds(text) == ({"pp_difference"} if moved else set())


@quick
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2), BOTH)
def test_whole_things_were_whole_before(now: int, before: int, places: int, chinese: bool) -> None:
    rate = printed(Fraction(now, before) * 100 - 100, places)
    if not rate.strip("-0."):
        return
    if chinese:
        text = f"今年以来，全区查处案件{now}件，同比{change(rate, True)}。"
    else:
        text = f"The commission opened {now} cases in 2024, {change(rate, False)} year on year."
    assert kinds(text) == set()


@quick
@given(st.integers(2, 60), st.integers(-400, 1500), BOTH)
def test_a_base_that_is_no_whole_number_is_found(now: int, rate: int, chinese: bool) -> None:
    low, high = (
        1 + Fraction(r, 1000) + d
        for r, d in ((rate, -Fraction(1, 2000)), (rate, Fraction(1, 2000)))
    )
    whole = ceil(now / high) <= floor(now / low)
    shown = printed(Fraction(rate, 10), 1)
    if rate == 0:
        return
    if chinese:
        text = f"今年以来，全区查处案件{now}件，同比{change(shown, True)}。"
    else:
        text = f"The commission opened {now} cases in 2024, {change(shown, False)} year on year."
    assert kinds(text) == (set() if whole else {"integer_base"})


@quick
@given(st.lists(st.integers(1, 60), min_size=3, max_size=3), st.sampled_from([0, 0, 8, 30]), BOTH)
def test_shares_of_one_whole(parts: list[int], moved: int, chinese: bool) -> None:
    whole = sum(parts)
    shares = [Fraction(100 * p, whole) for p in parts]
    shares[0] += moved
    shown = [printed(s, 1) for s in shares]
    if chinese:
        text = f"从诉求类型看，咨询类占{shown[0]}%，投诉类占{shown[1]}%，求助类占{shown[2]}%。"
    else:
        text = f"Enquiries accounted for {shown[0]}%, complaints for {shown[1]}% and suggestions for {shown[2]}% of all requests."
    assert kinds(text) == ({"share_le_1"} if moved else set())


@quick
@given(st.integers(2, 9000), st.integers(1, 9000), BOTH)
def test_a_part_is_at_most_its_whole(whole: int, part: int, chinese: bool) -> None:
    if chinese:
        text = f"前5个月，我市出口汽车{whole}辆，其中客车出口{part}辆。"
    else:
        text = f"The hotline received {whole:,} requests in May, of which {part:,} were enquiries."
    assert kinds(text) == ({"rank_subset"} if part > whole else set())


@quick
@given(st.text(alphabet="前15月增长下降%亿元件，。其中占同比分别和、.0 全市进出口", max_size=120))
def test_no_text_breaks_the_checker(text: str) -> None:
    if text.strip():
        for claim in check(Source(text)).as_json()["claims"]:
            assert text[claim["start"] : claim["end"]] == claim["text"]


@quick
@given(st.text(alphabet="abc 0123456789.,%$to of which rose fell was respectively;-", max_size=120))
def test_no_english_text_breaks_the_checker(text: str) -> None:
    if text.strip():
        for claim in check(Source(text)).as_json()["claims"]:
            assert text[claim["start"] : claim["end"]] == claim["text"]
