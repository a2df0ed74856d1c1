"""Numbers in words: 一万二千, 三百零五, 两成五, 四分之三, 一半; "two thirds", "three in ten"."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_WIDE = {"万": 10**4, "亿": 10**8}
HAN = "零〇一二两三四五六七八九十百千万亿"
ROUGHLY = Fraction(6)  # a fraction in words: three percentage points to both sides

CHINESE_SHARE = re.compile(
    r"(?P<of>百|[二三四五六七八九十]{1,2})分之(?P<n>[一二两三四五六七八九十百零〇点]{1,8})|"
    r"(?P<tens>[一二两三四五六七八九])成(?P<fives>[一二三四五六七八九半])?(?![为立员功长熟都果就效本交套品形])|"
    r"(?P<half>一半|半数|过半)(?![天年路径])"
)
_ENGLISH_NUMBERS = {w: i for i, w in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"])} | {"a": 1, "an": 1}  # fmt: skip
_NAMED = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_TENS = {w: 10 * i for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)}  # fmt: skip
ENGLISH_SHARE = re.compile(
    r"\b(?:(?P<in>one|two|three|four|five|six|seven|eight|nine|\d{1,2}) (?:in|out of)(?: every)? (?P<every>two|three|four|five|six|seven|eight|nine|ten|10|20|100)\b(?! (?:days|weeks|months|years|hours|minutes))|"
    r"(?P<count>an?|one|two|three|four|five|seven|nine)[ -](?P<named>third|quarter|fifth|sixth|eighth|tenth)s?\b(?![- ](?:of an?|earlier|ago|before|later|quarter|year|party|time|person|round|consecutive|straight))|"
    r"(?<!first )(?<!second )(?<!other )(?P<half>(?:one |exactly |a )?half)\b(?!-| (?:of (?:the year|\d)|a\b|an\b|year|day|hour|brother|time))|"
    r"(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?P<ones>one|two|three|four|five|six|seven|eight|nine))? per ?cent\b)",
    re.IGNORECASE,
)


def han_number(text: str) -> int | None:
    """The number that Chinese numerals write; None where they write none."""
    whole, part, digit = 0, 0, -1
    for char in text:
        if char in _DIGITS:
            if digit > 0:
                return None  # 二三: two digits side by side are "two or three"
            digit = _DIGITS[char]
        elif char in _PLACES:
            part += (1 if digit < 1 else digit) * _PLACES[char]
            digit = -1
        else:
            part += max(digit, 0)
            whole = (whole + part) * _WIDE[char] if char == "亿" else whole + part * _WIDE[char]
            part, digit = 0, -1
    if digit > 0:
        # 一万二 is 12,000: a digit right after a place counts the place below it.
        before = text[-2:-1]
        scale = (_PLACES | _WIDE).get(before, 10) // 10
        part += digit * (scale if before in _WIDE or before in ("百", "千") else 1)
    total = whole + part
    return total or None


def _small(text: str) -> Fraction | None:
    number, _dot, places = text.partition("点")
    found = han_number(number) if number not in ("零", "〇") else 0
    if found is None or not all(c in _DIGITS for c in places):
        return None
    digits = "".join(str(_DIGITS[c]) for c in places)
    return Fraction(f"{found}.{digits}" if digits else str(found))


def chinese_share(m: re.Match[str]) -> tuple[Fraction, Fraction] | None:
    """Percent and the width of what it stands for."""
    if m["half"]:
        return (Fraction(50), ROUGHLY) if m["half"] != "过半" else None
    if m["tens"]:
        tens, fives = _DIGITS[m["tens"]], m["fives"]
        ones = 5 if fives == "半" else _DIGITS[fives] if fives else 0
        return Fraction(10 * tens + ones), Fraction(1 if fives else 10)
    number = _small(m["n"])
    of = 100 if m["of"] == "百" else han_number(m["of"])
    if number is None or not of:
        return None
    if of == 100:
        return number, Fraction(1, 10 ** len(m["n"].partition("点")[2]))
    return number * 100 / of, ROUGHLY


def english_share(m: re.Match[str]) -> tuple[Fraction, Fraction]:
    """Percent and the width of what it stands for."""
    if m["half"]:
        return Fraction(50), ROUGHLY
    if m["tens"]:
        ones = _ENGLISH_NUMBERS[m["ones"].lower()] if m["ones"] else 0
        return Fraction(_TENS[m["tens"].lower()] + ones), Fraction(1)
    if m["named"]:
        return Fraction(
            100 * _ENGLISH_NUMBERS[m["count"].lower()], _NAMED[m["named"].lower()]
        ), ROUGHLY
    number, every = (_ENGLISH_NUMBERS.get(m[k].lower()) or int(m[k]) for k in ("in", "every"))
    return Fraction(100 * number, every), ROUGHLY


ENGLISH_POINTS = re.compile(
    r"\b(?P<n>one|two|three|four|five|six|seven|eight|nine|ten) percentage points?\b", re.I
)


def english_points(m: re.Match[str]) -> Fraction:
    """Percentage points that are written as a word."""
    return Fraction(_ENGLISH_NUMBERS[m["n"].lower()])
