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

SECONDS = 4.0
ROUNDS = 5
GRANIAN = ["--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--http", "1", "--no-ws",
           "--blocking-threads", "8", "--log-level", "error"]  # fmt: skip


def start(target: str, port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", target, "--port", str(port), *GRANIAN]
    process = subprocess.Popen(command, env=env, start_new_session=True)
    wait_until_up(f"http://127.0.0.1:{port}")
    return process


def run() -> list[Result]:
    """Alternating rounds of both servers; medians of rates, ratio and p95."""
    place = Path(tempfile.mkdtemp(prefix="huhang-bench-"))
    home = place / "home"
    ports = {"ours": free_port(), "bare": free_port()}
    huhang(home, "init")
    env = {
        "ours": environment(
            home, HUHANG_BASE_URL=f"http://127.0.0.1:{ports['ours']}",
            HUHANG_TRUSTED_PROXIES="127.0.0.1/32",
        ),
        "bare": {**os.environ, "BARE_DATABASE": str(place / "bare.sqlite3")},
    }  # fmt: skip
    processes = [
        start("huhang.config.wsgi:application" if name == "ours" else "bench.bare:application",
               port, env[name])
        for name, port in ports.items()
    ]  # fmt: skip
    seen: dict[str, list[load.Load]] = {name: [] for name in ports}
    try:
        for port in ports.values():
            load.run(port, 1.0)
        for _round in range(ROUNDS):
            for name, port in ports.items():
                seen[name].append(load.run(port, SECONDS))
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(place, ignore_errors=True)
    return _results(seen)


def _results(seen: dict[str, list[load.Load]]) -> list[Result]:
    method = (
        f"8 keep-alive clients on the same 2 cores, unique reports, CSRF and limiter on, granian with "
        f"8 threads, SQLite synchronous=FULL; median of {ROUNDS} rounds of {SECONDS:.0f} s in turn"
    )
    rate = {name: median([x.rate for x in loads]) for name, loads in seen.items()}
    ratio = median([a.rate / b.rate for a, b in zip(seen["ours"], seen["bare"], strict=True)])
    p95 = median([percentile(x.latencies, 0.95) * 1000 for x in seen["ours"]])
    failures = sum(x.failures for x in seen["ours"])
    return [
        Result("scan code", rate["ours"], "reports/s", "see the ratio", True, method),
        Result("peer: a bare Django view, one insert", rate["bare"], "/s", "peer", True,
               f"no middleware, the same load and server; failures: {sum(x.failures for x in seen['bare'])}"),
        Result("scan code / peer", ratio, "", "at least 0.4", ratio >= 0.4, method),
        Result("scan code p95", p95, "ms", "under 60 ms", p95 < 60, method),
        Result("scan code failures", failures, "", "none", failures == 0, method),
    ]  # fmt: skip
