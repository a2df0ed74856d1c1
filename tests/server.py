"""A real Huhang in processes of its own, on loopback, stopped by its own process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    """A running server."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a command over this data folder."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HUHANG_")}
    return {
        **plain,
        "HUHANG_HOME": str(home),
        "HUHANG_MIN_FREE_MB": "1",
        "HUHANG_LANG": "en",
        **more,
    }


def huhang(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "huhang.cli.main", *arguments],
        env=environment(home, **more), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def wait_until_up(url: str, seconds: float = 60) -> None:
    """Wait for /healthz."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    while True:
        try:
            with opener.open(f"{url}/healthz", timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@contextmanager
def running(home: Path, command: str = "up", **more: str) -> Iterator[Server]:
    """``huhang up`` (or run) until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "huhang.cli.main", command, "--port", str(port)],
        env=environment(home, HUHANG_BASE_URL=url, **more), stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_until_up(url)
        yield Server(url, home, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()
