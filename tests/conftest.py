"""One data folder and one database for a run; SQLite or PostgreSQL by --database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.utils import translation

from huhang.kernel.guard import unguarded
from tests.environment import HOME

# How long drawing examples takes says something of the machine, nothing of the product.
hypothesis.settings.register_profile(
    "huhang", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("huhang")
SHARED = Path(__file__).resolve().parents[2] / "shared"
CHROMIUM = shutil.which("chromium")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.addoption("--screens", default="", help="folder for pictures of the journeys' pages")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches this process's database: the rest is the same as on SQLite."""
    if config.getoption("--database") == "postgresql":
        with_one = [item for item in items if _has_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in with_one])
        items[:] = with_one


def _has_database(item: Any) -> bool:
    if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames):
        return True
    fixtures = [d for found in item._fixtureinfo.name2fixturedefs.values() for d in found]
    return any("django_db_blocker" in d.argnames for d in fixtures if d.baseid)  # one of ours


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite tests use a file, as an office does: WAL and the writer thread need one."""


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_tables() -> None:
    """The flush between tests that commit is no stray write."""
    plain = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        with unguarded():
            plain(self, **options)

    flush.Command.handle = handle  # type: ignore[method-assign, assignment]


@pytest.fixture(autouse=True)
def _clock_runs() -> Iterator[None]:
    from huhang.insight import figures
    from huhang.insight.charts import count
    from huhang.kernel import clock
    from huhang.rulebook import workdays

    yield
    clock.set_frozen(None)
    workdays.know({})
    translation.activate(settings.LANGUAGE_CODE)  # a page in another language leaves it behind
    # A rolled back test gives the next one the same place in the log.
    figures._known.clear()
    count.counted.cache_clear()


@pytest.fixture
def home() -> Path:
    """The data folder of this run."""
    return HOME
