"""The command line's words, and what it tells the processes that it starts."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from huhang.cli import main, servers
from huhang.cli.output import os_words
from huhang.config import demo
from huhang.config.settings_env import SETTINGS, read
from tests.cast import found_district

BASE = "http://127.0.0.1:8123"
SAY = [sys.executable, "-c", "import os; print(os.environ['HUHANG_BASE_URL'], flush=True)"]


@pytest.mark.parametrize(
    ("set_by_office", "told"),
    [(None, BASE), ("", BASE), ("https://x.example", "https://x.example")],
)
def test_the_servers_address_has_its_port_unless_the_office_set_one(
    set_by_office: str | None,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("HUHANG_BASE_URL", raising=False)
    if set_by_office is not None:
        monkeypatch.setenv("HUHANG_BASE_URL", set_by_office)
    assert servers._start(SAY, BASE).wait(timeout=20) == 0
    assert capfd.readouterr().out.strip() == told


def test_what_the_system_refuses_is_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert os_words(OSError(errno.ENOSPC, "No space left on device")) == "磁盘已满"
        assert os_words(OSError(errno.ENAMETOOLONG, "File name too long")) == "名称太长"
        assert os_words(OSError(errno.EIO, "Input/output error")) == "Input/output error"


def _options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _options(below)
        elif not isinstance(action, argparse._VersionAction | argparse._HelpAction):
            yield action


def test_every_option_has_chinese_words() -> None:
    with translation.override("zh-hans"):
        options = list(_options(main.parser()))
    assert len(options) > 30
    for option in options:
        name = option.option_strings or option.dest
        if option.option_strings:
            assert any("\u4e00" <= c <= "\u9fff" for c in option.help or ""), name
        if option.nargs != 0:
            assert any("\u4e00" <= c <= "\u9fff" for c in str(option.metavar)), name


@pytest.mark.django_db
def test_the_demos_people_are_told_in_the_language_of_the_command_line(home: Path) -> None:
    found_district()
    assert demo.sign_ins() == [], "where this is no demo nobody is told"


def test_settings_that_are_empty_count_as_not_set() -> None:
    assert read({s.name: "" for s in SETTINGS}) == read({s.name: " " for s in SETTINGS}) == read({})


@pytest.mark.parametrize(
    ("name", "value"),
    [("HUHANG_BASE_URL", "http://[::1]:8000"), ("HUHANG_BASE_URL", "http://[fe80::1%eth0]:8000"),
     ("HUHANG_BASE_URL", "https://互航.example.org"), ("HUHANG_BASE_URL", "http://10.0.0.5:8000/"),
     ("HUHANG_ALLOWED_HOSTS", "*"), ("HUHANG_ALLOWED_HOSTS", ".example.org, [::1], 10.0.0.5"),
     ("HUHANG_TICK_SECONDS", "0060"), ("HUHANG_HOME", "~/huhang"),
     ("HUHANG_DATABASE_URL", "postgresql://me:p%40ss@[::1]:5433/huhang"),
     ("HUHANG_DATABASE_URL", "postgres://postgres:@/postgres?host=/var/run/a%20b")],
)  # fmt: skip
def test_settings_that_can_be_used_are_read(name: str, value: str) -> None:
    assert read({name: value})[name]


@pytest.mark.django_db
def test_the_people_of_an_earlier_demo_are_told_still(monkeypatch: pytest.MonkeyPatch) -> None:
    now = demo.district()
    fewer = {**now, "users": [u for u in now["users"] if u["username"] != "qinghe"], "reports": []}
    with monkeypatch.context() as earlier:
        earlier.setattr(demo, "district", lambda: fewer)
        demo.load()
    assert [name for name, _who in demo.sign_ins()] == [u["username"] for u in fewer["users"]]
