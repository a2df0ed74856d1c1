"""What commands read from and write to where it is no file, is full, closed or of another encoding."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.server import environment, huhang
from tests.shells.test_cli import COMMAND, CSV


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised data folder for all of these."""
    made = tmp_path_factory.mktemp("streams") / "home"
    assert huhang(made, "init").returncode == 0
    return made


@pytest.mark.parametrize("how", ["fifo", "pipe"])
def test_an_import_reads_files_only(home: Path, tmp_path: Path, how: str) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    done = subprocess.run(
        [*COMMAND, "import", "hotline", str(path) if how == "fifo" else "/dev/stdin"],
        env=environment(home), input=CSV, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "pipe" in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [("log", "verify", "--json"), ("log", "verify"), ("--help",), ("--version",)],
)
def test_output_that_cannot_be_written_is_one_line(
    home: Path, arguments: tuple[str, ...], unbuffered: str
) -> None:
    env = environment(home, PYTHONUNBUFFERED=unbuffered)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.strip().splitlines() == ["huhang: Standard output: the disk is full"]
        nowhere = subprocess.run([*COMMAND, "nothing"], env=env, stderr=full, check=False)
        assert nowhere.returncode == 2


def test_a_terminal_without_chinese_gets_the_words_it_can_show(home: Path, tmp_path: Path) -> None:
    ascii_only = {"HUHANG_LANG": "zh", "PYTHONIOENCODING": "ascii"}
    done = huhang(home, "log", "verify", **ascii_only)
    assert (done.returncode, done.stderr) == (0, "")
    assert "全部相符".encode("ascii", "backslashreplace").decode() in done.stdout
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    done = huhang(home, "import", "hotline", str(path), "--json", **ascii_only)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["refusals"][0]["field"] == "诉求内容"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_the_caller_closed_costs_no_traceback(home: Path, stream: str) -> None:
    number = {"stdout": 1, "stderr": 2}[stream]
    for arguments, status in (("log verify --json", 0), ("nothing", 2)):
        done = subprocess.run(
            ["sh", "-c", f'"$@" {number}>&-', "sh", *COMMAND, *arguments.split()],
            env=environment(home), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status
        assert "Traceback" not in done.stderr
        assert not done.stdout or json.loads(done.stdout)["ok"]
