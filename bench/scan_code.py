"""Reports by scan code over HTTP, side by side with a bare Django view that does one insert."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import load
from bench.report import Result, median, percentile
from tests.server import environment, free_port, huhang, wait_until_up

SECONDS = 3.0
ROUNDS = 3
GRANIAN = ["--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--http", "1", "--no-ws",
           "--blocking-threads", "4", "--log-level", "error"]  # fmt: skip


def _start(target: str, port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", target, "--port", str(port), *GRANIAN]
    process = subprocess.Popen(command, env=env, start_new_session=True)
    wait_until_up(f"http://127.0.0.1:{port}")
    return process


def run() -> list[Result]:
    """Alternating rounds of both servers; the medians of rate, ratio and p95."""
    place = Path(tempfile.mkdtemp(prefix="huhang-bench-"))
    home, ports = place / "home", (free_port(), free_port())
    huhang(home, "init")
    ours_env = environment(
        home, HUHANG_BASE_URL=f"http://127.0.0.1:{ports[0]}", HUHANG_TRUSTED_PROXIES="127.0.0.1/32"
    )
    bare_env = {**os.environ, "BARE_DATABASE": str(place / "bare.sqlite3")}
    processes = [
        _start("huhang.config.wsgi:application", ports[0], ours_env),
        _start("bench.bare:application", ports[1], bare_env),
    ]
    rates: list[tuple[float, float]] = []
    p95, failures = [], 0
    try:
        for port in ports:
            load.run(port, 1.0)
        for n in range(ROUNDS):
            seen = {p: load.run(p, SECONDS) for p in (ports if n % 2 else ports[::-1])}
            ours, bare = seen[ports[0]], seen[ports[1]]
            rates.append((ours.rate, bare.rate))
            p95.append(percentile(ours.latencies, 0.95) * 1000)
            failures += ours.failures
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(place, ignore_errors=True)
    method = (
        f"8 keep-alive clients, unique reports, CSRF and limiter on, one granian process of 8 threads, "
        f"SQLite synchronous=FULL; median of {ROUNDS} alternating rounds of {SECONDS:.0f} s"
    )
    ratio = median([a / b for a, b in rates])
    worst = median(p95)
    return [
        Result(
            "scan code, reports a second",
            median([a for a, _b in rates]),
            "/s",
            "(see ratio)",
            True,
            method,
        ),
        Result(
            "bare Django view with one insert",
            median([b for _a, b in rates]),
            "/s",
            "(peer)",
            True,
            method,
        ),
        Result("scan code / bare view", ratio, "", "at least 0.4", ratio >= 0.4, method),
        Result("scan code p95", worst, "ms", "under 60 ms", worst < 60, method),
        Result("scan code failures", failures, "", "none", failures == 0, method),
    ]
