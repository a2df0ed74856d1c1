"""The figure checker on bulletins of many kinds: hotlines, customs, supervision, markets, statistics
offices, ombudsmen. Clean, none contradicts itself; with one figure misprinted, the figure is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from huhang.checker import Source, check

_MARK = re.compile(r"\[\[(?P<right>.*?)\|(?P<wrong>.*?)\|(?P<kind>\w+)(?P<missed>\?)?\]\]")
_BLOCK = re.compile(r"^== (?P<name>\S+)\n(?P<text>.*?)(?=^== |\Z)", re.M | re.S)
CORPUS = {
    m["name"]: m["text"].strip("\n")
    for m in _BLOCK.finditer((Path(__file__).parent / "checker_corpus.txt").read_text("utf-8"))
}


def planted(text: str) -> Iterator[tuple[str, int, int, re.Match[str]]]:
    """Each text with one figure misprinted, where that figure stands, and its mark."""
    marks = list(_MARK.finditer(text))
    for chosen in marks:
        out, last, start = "", 0, 0
        for m in marks:
            out += text[last : m.start()]
            start = len(out) if m is chosen else start
            out += m["wrong"] if m is chosen else m["right"]
            last = m.end()
        yield out + text[last:], start, start + len(chosen["wrong"]), chosen


@pytest.mark.parametrize("name", CORPUS)
def test_a_clean_text_has_no_contradiction(name: str) -> None:
    found = check(Source(_MARK.sub(lambda m: m["right"], CORPUS[name])))
    assert not found.contradictions, [c.arithmetic for c in found.contradictions]
    assert found.claims


@pytest.mark.parametrize("name", [n for n, text in CORPUS.items() if _MARK.search(text)])
def test_a_misprinted_figure_is_found(name: str) -> None:
    for text, start, end, mark in planted(CORPUS[name]):
        found = check(Source(text)).contradictions
        mine = [f for f in found if any(c.start < end and start < c.end for c in f.claims)]
        wanted = set() if mark["missed"] else {mark["kind"]}
        assert wanted <= {f.kind for f in mine}, (mark.group(0), [f.arithmetic for f in found])
        # What is found has to do with the misprint: it stands in the contradiction or beside it.
        assert len(mine) == len(found), (mark.group(0), [f.arithmetic for f in found])


def test_the_corpus_is_worth_its_name() -> None:
    marks = [m for text in CORPUS.values() for m in _MARK.finditer(text)]
    assert len(CORPUS) > 90
    assert sum(1 for m in marks if not m["missed"]) > 0.75 * len(marks)
