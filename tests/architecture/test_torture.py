"""Crashes and crowds: nothing acknowledged is lost, nothing is half, nothing answers 5xx."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.server import environment, free_port, huhang, running, wait_until_up
from tests.torture.clients import Acknowledged, Reporter
from tests.torture.run import torture

pytestmark = pytest.mark.slow


def test_twenty_kills_lose_nothing() -> None:
    outcome = torture(20, 7)
    assert outcome.good, outcome.line
    assert outcome.acknowledged > 100, outcome.line


def test_eight_clients_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    kept = Acknowledged()
    with running(home, HUHANG_LIMIT_PER_HOUR="100000") as server:
        reporters = [Reporter(server.url, f"r{n}", 1, kept) for n in range(8)]

        def work(reporter: Reporter) -> None:
            reporter.open()
            for _n in range(30):
                reporter.report()
            reporter.close()

        threads = [threading.Thread(target=work, args=(r,)) for r in reporters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert kept.statuses == {303: 240, 200: 24}, "every submission succeeds"
    with sqlite3.connect(home / "huhang.sqlite3") as database:
        count, first, last = database.execute(
            "SELECT count(*), min(seq), max(seq) FROM kernel_entry"
        ).fetchone()
        reports = database.execute("SELECT count(*) FROM cases_report").fetchone()[0]
    assert (first, last) == (1, count), "sequence numbers without gaps"
    assert reports == 240
    assert json.loads(huhang(home, "log", "verify", "--json").stdout)["ok"]


def _may_trace(tmp_path: Path) -> bool:
    if shutil.which("strace") is None:
        return False
    probe = subprocess.run(
        ["strace", "-o", str(tmp_path / "probe"), "true"], capture_output=True, check=False
    )
    return probe.returncode == 0


def test_the_sync_stands_before_the_acknowledgement(tmp_path: Path) -> None:
    if not _may_trace(tmp_path):
        pytest.skip("strace cannot trace on this machine")
    home, trace = tmp_path / "home", tmp_path / "trace"
    assert huhang(home, "init").returncode == 0
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        ["strace", "-f", "-y", "-s", "64", "-o", str(trace), "-e",
         "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg",
         sys.executable, "-m", "granian", "huhang.config.wsgi:application", "--interface", "wsgi",
         "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "critical"],
        env=environment(home, HUHANG_BASE_URL=base), start_new_session=True,
    )  # fmt: skip
    try:
        wait_until_up(base)
        kept = Acknowledged()
        reporter = Reporter(base, "s", 1, kept)
        reporter.open()
        for _n in range(3):
            assert reporter.report() == 303
        reporter.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    written = synced = False
    answers = 0
    for line in trace.read_text(errors="replace").splitlines():
        if "huhang.sqlite3-wal" in line and "pwrite64(" in line:
            written, synced = True, False
        elif written and "huhang.sqlite3-wal" in line and re.search(r"f(data)?sync\(", line):
            synced = True
        elif "HTTP/1.1 303" in line:
            answers += 1
            assert written, "an acknowledgement without a write"
            assert synced, f"acknowledged before the sync: {line[:120]}"
            written = synced = False
    assert answers == 3
