"""What a text repeats of a report: no run gets through, and nothing is seen that is not there."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huhang.cases.verbatim import CHARACTERS, DIGITS, WORDS, own, repeated
from huhang.kernel.plain import MAX_TEXT

REPORT = "我在示范区市场监督管理局办理营业执照，等了三个月没有结果。联系电话 138 0543-1234。"
HAN = st.sampled_from("办证窗口收费慢去年三月王主任让我")
LETTERS = st.sampled_from(
    ["he", "took", "my", "money", "at", "the", "desk", "in", "May", "and", "gave", "no", "paper"]
)


@given(st.lists(HAN, min_size=20, max_size=60), st.integers(0, 40), st.integers(CHARACTERS, 20),
       st.sampled_from(["", "，", " ", "\n", "——"]))  # fmt: skip
def test_no_run_of_eight_chinese_characters_passes(
    said: list[str], start: int, size: int, between: str
) -> None:
    piece = said[start : start + size]
    text = "经查，" + between.join(piece) + "。"
    assert bool(repeated(text, own(["".join(said)])).words) >= (len(piece) >= CHARACTERS)


@given(st.lists(LETTERS, min_size=15, max_size=50), st.integers(0, 40), st.integers(WORDS, 9),
       st.sampled_from([" ", ", ", "\n", " — "]))  # fmt: skip
def test_no_run_of_five_words_passes(said: list[str], start: int, size: int, between: str) -> None:
    piece = said[start : start + size]
    text = "We heard: " + between.join(piece).upper() + "!"
    assert bool(repeated(text, own([" ".join(said)])).words) >= (len(piece) >= WORDS)


@given(st.text(alphabet="甲乙丙丁戊己庚辛壬癸", min_size=8, max_size=30), st.integers(0, 30))
def test_a_public_name_counts_nothing_and_hides_nothing(said: str, at: int) -> None:
    name = "市场监督管理局"
    with_name = said[:at] + name + said[at:]
    kept = own([with_name], public=[name, name + "东城所"])
    assert repeated("请" + with_name, kept).words
    assert not repeated("请" + name, kept)
    assert not repeated(name, own([name]))


@given(st.text(alphabet="甲乙丙", max_size=40), st.text(alphabet="甲乙丙", max_size=40))
def test_what_is_found_is_what_both_have(said: str, text: str) -> None:
    both = {said[i : i + CHARACTERS] for i in range(len(said) - CHARACTERS + 1)}
    shared = any(run in text for run in both)
    assert bool(repeated(text, own([said]))) == shared
    for run in repeated(text, own([said])).words:
        assert run in text
        assert any(run[i : i + CHARACTERS] in said for i in range(len(run) - CHARACTERS + 1))


@given(st.text(alphabet="0123456789", min_size=DIGITS, max_size=18), st.integers(0, 8),
       st.sampled_from(["", " ", "-"]))  # fmt: skip
def test_no_number_passes(number: str, start: int, between: str) -> None:
    number = "5" + number  # no day of the calendar begins so
    start = min(start, len(number) - DIGITS)
    text = "请联系" + between.join(number[start : start + DIGITS]) + "核实"
    found = repeated(text, own([f"我的号码是{number}，谢谢"]))
    assert found.identifying or _is_a_day(number[start : start + DIGITS])


def _is_a_day(digits: str) -> bool:
    return len(digits) == 8 and digits[:2] in ("19", "20")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请核实“办理营业执照，等了三个月”一事", ("办理营业执照，等了三个月",)),
        ("请核实办理营业执照一事", ()),
        ("示范区市场监督管理局应当答复", ()),
        ("请电 13805431234", ("13805431234",)),
        ("请电１３８０５４３１２３４", ("１３８０５４３１２３４",)),
        ("李小明反映", ("李小明",)),
        ("李 小明反映", ("李 小明",)),
        ("写信给 li.ming@example.com", ("li.ming@example.com",)),
        ("车牌 鲁P12D45", ("P12D45",)),
        ("", ()),
    ],
)
def test_in_examples(text: str, found: tuple[str, ...]) -> None:
    kept = own(
        [REPORT, "车是鲁P12D45，邮箱 Li.Ming@example.com，2026-11-24 的事"],
        ["李小明", "138 0543 1234"],
        ["示范区市场监督管理局"],
    )
    assert repeated(text, kept).all() == found


def test_a_day_of_the_calendar_is_no_number() -> None:
    kept = own(["2026-11-24 的事"])
    assert not repeated("请于 2026-11-24 前办结", kept)


def test_accents_and_forms_of_a_letter_do_not_hide_a_run() -> None:
    kept = own(["Le préfet a demandé de l’argent liquide"])
    text = unicodedata.normalize("NFD", "LE PREFET A DEMANDÉ DE L'ARGENT")
    assert repeated(text, kept).words


def test_long_texts_are_read_in_one_pass() -> None:
    """Every run of the longest text that a person may write, of one letter too."""
    letters = "办证窗口收费慢去年三月王主任让我"
    said = "".join(random.Random(7).choices(letters, k=5 * MAX_TEXT))
    kept = own([said, "慢" * MAX_TEXT], public=["办证窗口", "收费慢"])
    assert repeated(said[-MAX_TEXT:], kept).words
    assert repeated("慢" * MAX_TEXT, kept).words == ("慢" * MAX_TEXT,)
