"""The examples of docs/imports.md, run as they stand there against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import huhang, running

DOCS = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
pytestmark = pytest.mark.slow


def _example(language: str) -> str:
    [found] = [
        text
        for text in re.findall(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
        if "webhook-id" in text
    ]
    return str(found)


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "openssl", "base64", "od"))),
    reason="bash, curl, openssl, base64 and od are needed",
)
def test_the_examples_of_a_push_work_as_they_are_printed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    user = ("user", "add", "clerk", "受理员", "--role", "intake")
    made = huhang(home, *user)
    if made.returncode:
        made = huhang(home, *user, "--group", "office")
    assert made.returncode == 0, made.stderr
    source = huhang(home, "source", "add", "hot", "热线", "--kind", "hotline", "--owner", "clerk")
    assert source.returncode == 0, source.stderr
    key = json.loads(huhang(home, "source", "key", "hot", "--json").stdout)["key"]
    file = tmp_path / "a.csv"
    file.write_text("工单编号,诉求内容,受理时间\nT1,路灯不亮,2026-03-01\nT2,停水,昨天\n", "utf-8")
    with running(home) as server:
        given = {
            **os.environ, "PUSH_URL": f"{server.url}/api/v1/push/hot", "PUSH_KEY": key,
            "FILE": str(file), "no_proxy": "127.0.0.1",
        }  # fmt: skip
        for _time in range(2):
            python = subprocess.run([sys.executable, "-c", _example("python")], env=given,
                                    capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
            assert python.returncode == 0, python.stderr
            told = json.loads(python.stdout)
            assert (told["accepted"], told["refused"]) == (1, 0)
        bash = subprocess.run(["bash", "-euc", _example("bash")], env=given, capture_output=True,
                              text=True, timeout=60, check=False)  # fmt: skip
        assert bash.returncode == 0, bash.stderr + bash.stdout
        told = json.loads(bash.stdout)
        assert (told["read"], told["accepted"], told["repeated"], told["refused"]) == (2, 0, 1, 1)
    days = json.loads(huhang(home, "import", "days", "--json").stdout)["days"]
    assert [(d["files"], d["sent"], d["accepted"], d["repeated"]) for d in days] == [(2, 3, 1, 1)]
