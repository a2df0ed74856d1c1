"""Under the EU's rulebook no page, paper, sheet, answer or command shows a Chinese-only concept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.server import environment

CHINESE_ONLY = (
    "township", "credit code", "uscc", "petition", "12388", "12345", "call 110", "disciplin", "real-name", "real name",
    "leader in charge", "principal leader", "superior organ", "resident group", "local commission",
    "patrol", "statistical inspection", "territorial", "sector list", "sector duty", "two lists", "red head",
    "gb/t", "cn-chiping", "chiping",
    "business environment", "yunhu", "district", "market regulation", "formally filed", "file formally",
    "conclude the clue", "clue", "talk or written inquiry", "hotline demand", "scan code report",
)  # fmt: skip
CHARACTERS = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
Walk = list[tuple[str, int, str]]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """What the walk read: where, with which status, which text."""
    home = tmp_path_factory.mktemp("eu")
    more = {"HUHANG_RULEBOOK": "eu-2019-1937", "HUHANG_SECOND_FACTOR": "optional",
            "HUHANG_API_PER_MINUTE": "1000000", "HUHANG_ALLOWED_HOSTS": "testserver"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.shells.eu_walk"], env=environment(home, **more),
        cwd=Path(__file__).parents[2], capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    found: Walk = [tuple(row) for row in orjson.loads(done.stdout)]
    return found


def _said(text: str) -> str:
    """Without what no reader is shown: addresses of static files, and stored form tokens."""
    return re.sub(r'/static/[^"\' ]+|csrfmiddlewaretoken"[^>]+', "", text)


def test_the_walk_reaches_what_it_says(walk: Walk) -> None:
    opened = [where for where, status, _text in walk if status == 200]
    assert not [(w, s) for w, s, _t in walk if s >= 500]
    files = [w for w, _s, text in walk if "format=" in w and text and "<!doctype" not in text]
    for part in ("cases/?state=all&format=excel", "bulletin/?format=word", "dashboard/?format=excel",
                 "?format=excel"):  # fmt: skip
        assert [w for w in files if part in w], f"nobody saved {part}"
    for part in ("/console/cases/", "/papers/record/docx/", "/papers/recommendation_letter/docx/", "/do/accept/",
                 "/do/ask_reply/", "/do/recommend/", "/do/follow_up/", "/console/dashboard/", "/r/new/ send show",
                 "/r/back/ awaiting_reply", "/console/returns/", "/console/log/",
                 "/api/v1/vocabulary", "/api/v1/openapi.json", "open311", "$ huhang unit add"):  # fmt: skip
        assert [w for w in opened if part in w], f"nobody came to {part}"


def test_no_screen_shows_a_chinese_character(walk: Walk) -> None:
    wrong = {}
    for where, _status, text in walk:
        found = CHARACTERS.search(_said(text))
        if found:
            around = _said(text)[max(0, found.start() - 60) : found.end() + 40]
            wrong.setdefault(" ".join(around.split()), where)
    assert wrong == {}


def test_no_screen_names_a_chinese_only_concept(walk: Walk) -> None:
    wrong = {}
    for where, _status, text in walk:
        said = _said(text).casefold()
        for concept in CHINESE_ONLY:
            at = said.find(concept)
            if at >= 0:
                wrong.setdefault(
                    (concept, " ".join(said[max(0, at - 40) : at + 50].split())), where
                )
    assert wrong == {}


def test_the_lists_find_what_they_look_for() -> None:
    assert CHARACTERS.search("an 信访 office")
    assert any(c in "the Petition office".casefold() for c in CHINESE_ONLY)
