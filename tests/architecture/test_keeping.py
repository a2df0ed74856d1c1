"""What later versions must still open; what the documents promise; what is shipped."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.apps import apps

from huhang.config.settings_env import SETTINGS
from huhang.kernel.rows import Logged
from tests.parts.test_verify import STRUCTURE, UNCOVERED
from tests.server import huhang, running

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = sorted((ROOT / "tests" / "fixtures").glob("home-*.tar.gz"))


def test_there_is_a_frozen_folder() -> None:
    assert FIXTURES


@pytest.mark.parametrize("packed", FIXTURES, ids=lambda p: p.stem)
def test_a_frozen_data_folder_opens_and_verifies(packed: Path, tmp_path: Path) -> None:
    plain = tmp_path / "saved.tar"
    with gzip.open(packed) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target)
    home = tmp_path / "home"
    done = huhang(home, "restore", str(plain))
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(huhang(home, "log", "verify", "--json").stdout)
    assert verdict["ok"]
    assert verdict["entries"] > 100
    figures = huhang(home, "bulletin", "--from", "2020-01-01", "--to", "2090-01-01", "--json")
    values = {f["id"]: f["value"] for f in json.loads(figures.stdout)["figures"]}
    assert values["reports_received"] == 23
    with running(home):
        pass


def test_every_table_is_logged_or_listed_with_its_reason() -> None:
    text = (ROOT / "docs" / "log-coverage.md").read_text(encoding="utf-8")
    for name in UNCOVERED:
        assert f"`{name}`" in text, name
    for model in apps.get_models():
        table = model._meta.db_table
        if issubclass(model, Logged):
            for column in model.unlogged:
                assert f"`{table}.{column}`" in text, f"{table}.{column}"
        elif model not in STRUCTURE and not table.startswith("auth_"):
            assert f"`{table}`" in text, table


def test_every_setting_and_command_is_documented() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"`{s.name}`" in settings for s in SETTINGS)
    unit = (ROOT / "deploy" / "huhang.service").read_text(encoding="utf-8")
    named = {line.split("=")[1] for line in unit.splitlines() if line.startswith("Environment=")}
    assert named <= {s.name for s in SETTINGS}


@pytest.mark.slow
def test_the_wheel_works_by_itself(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-2000:]
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("huhang/_assets/staticfiles.json", "huhang/locale/zh_Hans/LC_MESSAGES/django.mo",
                   "huhang/rulebook/books/cn-chiping.yaml", "huhang/rulebook/demo/district.yaml",
                   "huhang/look/templates/404.html",
                   "huhang/papers/shipped/urging.docx"):  # fmt: skip
        assert needed in names, needed
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    done = subprocess.run(
        [sys.executable, "-c", "import huhang, sys; print(huhang.__file__);"
         "from huhang.cli.main import main; sys.exit(main(['init']))"],
        env={"PYTHONPATH": str(place), "HUHANG_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin",
             "HUHANG_LANG": "zh"},
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert str(place) in done.stdout, "the wheel's own code"
    assert "设置密码" in done.stdout
