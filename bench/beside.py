"""Reports by scan code while a hotline's file is imported into the same district."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import load
from bench.imports import write_hotline
from bench.report import Result, median, percentile
from bench.scan_code import start
from tests.server import environment, free_port, huhang

ROWS = 100_000
SECONDS = 4.0
WARM = 3.0


def run() -> list[Result]:
    """Eight clients from three seconds into the import on, for as long as it runs."""
    place = Path(tempfile.mkdtemp(prefix="huhang-bench-"))
    file = place / "hotline.csv"
    write_hotline(file, ROWS)
    huhang(place / "home", "init")
    port = free_port()
    env = environment(
        place / "home", HUHANG_BASE_URL=f"http://127.0.0.1:{port}", HUHANG_TRUSTED_PROXIES="127.0.0.1/32",
    )  # fmt: skip
    command = [sys.executable, "-m", "huhang.cli.main", "import", "hotline", str(file)]
    server = start("huhang.config.wsgi:application", port, env)
    seen: list[load.Load] = []
    try:
        load.run(port, 1.0)
        begin = time.perf_counter()
        with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as importing:
            try:
                time.sleep(WARM)
                while importing.poll() is None:
                    seen.append(load.run(port, SECONDS, again=len(seen) + 1))
            finally:
                importing.kill()
        seconds = time.perf_counter() - begin
        if importing.returncode or not seen:
            raise AssertionError(f"the import ended with {importing.returncode}")
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        shutil.rmtree(place, ignore_errors=True)
    return _results(seen, seconds)


def _results(seen: list[load.Load], seconds: float) -> list[Result]:
    waits = [wait for x in seen for wait in x.latencies]
    failures = sum(x.failures for x in seen)
    method = (
        f"8 keep-alive clients, server and an import of {ROWS:,} hotline rows (groups of 2,000) on the "
        f"same 2 cores and the same SQLite file; {len(waits):,} reports"
    )
    beside = "scan code beside an import"
    return [
        Result(f"{beside}, failures", failures, "", "none", failures == 0, method),
        Result(f"{beside}, median", median(waits) * 1000, "ms", "no goal", True, method),
        Result(f"{beside}, p95", percentile(waits, 0.95) * 1000, "ms", "no goal", True, method),
        Result(f"{beside}, longest", max(waits) * 1000, "ms", "no goal", True, method),
        Result("hotline import beside 8 clients", ROWS / seconds, "rows/s", "no goal", True,
               "the same run, with start-up"),
    ]  # fmt: skip
