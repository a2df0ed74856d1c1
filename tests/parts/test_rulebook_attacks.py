"""Rulebooks that somebody broke, by mistake or on purpose: each is refused with its file, rule and field."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from huhang.rulebook import RulebookError, load
from huhang.rulebook.file import LARGEST
from huhang.rulebook.loading import BOOKS

SHIPPED = yaml.safe_load((BOOKS / "eu-2019-1937.yaml").read_text(encoding="utf-8"))
NATURE = ("natures", "maladministration")
CLOCK = (*NATURE, "clocks", "inquiry-3-months")
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcd", "bcde", strict=True)
)


def _refused(path: Path) -> list[str]:
    with pytest.raises(RulebookError) as error:
        load(str(path))
    assert {Path(fault.file).name for fault in error.value.faults} == {path.name}
    return [str(fault).partition(": ")[2] for fault in error.value.faults]


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("office_kinds",), 5, "office_kinds: 5 is no list"),
        (("office_kinds",), [["x"]], "office_kinds: ['x'] is none of complaint, report, own_initiative"),
        ((*NATURE, "kind"), ["complaint"], "natures.maladministration.kind: ['complaint'] is no text"),
        ((*NATURE, "tests"), ["in_time", "in_time"], "natures.maladministration.tests: in_time stands there twice"),
        ((*NATURE, "flow"), "dance",
         "natures.maladministration.flow: 'dance' is none of work_order, discipline, reporting, inquiry"),
        ((*NATURE, "review"), {"next": "maladministration", "within": {"days": 30}},
         "natures.maladministration.review.next: the reviews never end"),
        ((*CLOCK, "source"), None, "natures.maladministration.clocks.inquiry-3-months.source: None is no text"),
        ((*CLOCK, "limit"), {"days": 1.5},
         "natures.maladministration.clocks.inquiry-3-months.limit.days: 1.5 is no whole number"),
        (("ratings", "good"), {"zh": "好", "en": "Good"}, "ratings.good: 'good' is no number from 1 to 10"),
        (("kinds", "a\nb"), {"zh": "一", "en": "One"}, "kinds: 'a\\nb' is no name: letters, digits, _ and -"),
        (("kinds", True), {"zh": "是", "en": "Yes"}, "kinds: True is no name: letters, digits, _ and -"),
        (("languages",), [], "languages: the list is empty"),
        (("languages",), ["en", "en"], "languages: en stands there twice"),
        (("title",), "x" * 5000, f"title: {(repr('x' * 200)[:200] + '…')!r} is no mapping"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(
    tmp_path: Path, place: tuple[Any, ...], value: Any, fault: str
) -> None:
    data = copy.deepcopy(SHIPPED)
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    assert fault in _refused(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("small_cell: 2026-02-30\n", "small_cell: '2026-02-30' is no whole number"),
        ("small_cell: !!int five\n", "small_cell: 'five' is no whole number"),
        ("small_cell: !!timestamp noon\n", "small_cell: 'noon' is no whole number"),
        ("title: 2026-13-45\n", "title: '2026-13-45' is no mapping"),
        ("confirmed_years: " + "9" * 5000 + "\n", "is no list"),
        ("id: x\n\tversion: 1\n", "line 2"),
        ("id: a\nid: b\n", "'id' stands twice"),
        ("? [a, b]\n: 1\n", "a name must be a word"),
        ("? {a: b}\n: 1\n", "a name must be a word"),
        (LAUGHS, "an anchor within an anchor"),
        ("a: &a [*a]\n", "an anchor within an anchor"),
        ("id: *nobody\n", "found undefined alias"),
        ("a: &a x\nb: [" + "*a, " * 2000 + "]\n", "used too often"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("id: a\n---\nid: b\n", "expected a single document"),
        ("id: !!python/name:os.system\n", "could not determine a constructor"),
        ("id: a\0b\n", "unacceptable character"),
        ("x: " + "a" * LARGEST, f"larger than {LARGEST} bytes"),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    assert any(fault in said for said in _refused(path))
