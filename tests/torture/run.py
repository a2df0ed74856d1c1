"""Start, load, kill, and in the end look for every acknowledged report."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.server import environment, free_port, huhang, wait_until_up
from tests.torture.clients import Acknowledged, load


@dataclass
class Outcome:
    """What the torture found."""

    kills: int
    acknowledged: int
    lost: int
    half: int
    verified: bool
    errors: int

    @property
    def line(self) -> str:
        """The last line of ``make torture``."""
        return (
            f"kills {self.kills} acknowledged {self.acknowledged} lost {self.lost} "
            f"half {self.half} verified {'yes' if self.verified else 'no'}"
        )

    @property
    def good(self) -> bool:
        """Whether nothing was lost, half, unverified or answered by a fault of the server."""
        return (
            self.verified and not (self.lost or self.half or self.errors) and self.acknowledged > 0
        )


def _commands(port: int) -> list[list[str]]:
    return [
        [sys.executable, "-m", "granian", "huhang.config.wsgi:application", "--interface", "wsgi",
         "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws",
         "--blocking-threads", "8", "--log-level", "critical"],
        [sys.executable, "-m", "huhang.cli.main", "worker"],
    ]  # fmt: skip


def _kill(processes: list[subprocess.Popen[bytes]]) -> None:
    """kill -9 of each process and of all that it started."""
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for process in processes:
        process.wait()


def _kill_and_say(processes: list[subprocess.Popen[bytes]], killed: threading.Event) -> None:
    _kill(processes)
    killed.set()


def torture(kills: int, seed: int, home: Path | None = None) -> Outcome:
    """``kills`` rounds of start, load and kill -9 over one data folder."""
    draw = random.Random(seed)
    kept = Acknowledged()
    with tempfile.TemporaryDirectory(prefix="huhang-torture-") as place:
        home = home or Path(place) / "home"
        prepared = huhang(home, "init")
        if prepared.returncode:
            raise RuntimeError(prepared.stderr)
        for n in range(kills):
            port = free_port()
            base = f"http://127.0.0.1:{port}"
            env = environment(home, HUHANG_BASE_URL=base, HUHANG_LIMIT_PER_HOUR="1000000",
                              HUHANG_TICK_SECONDS="1")  # fmt: skip
            processes = [
                subprocess.Popen(c, env=env, start_new_session=True, stderr=subprocess.DEVNULL)
                for c in _commands(port)
            ]
            killed = threading.Event()
            after = draw.uniform(0.15, 0.9)
            begun = time.monotonic()
            killer = None
            try:
                wait_until_up(base)
                # A slow machine is given longer: something is to be acknowledged before the end.
                after *= max(1.0, (time.monotonic() - begun) / 2)
                killer = threading.Timer(after, _kill_and_say, (processes, killed))
                killer.start()
                load(base, seed * 1_000_003 + n, kept, killed)
            finally:
                if killer is not None:
                    killer.cancel()
                _kill(processes)
        return _examine(home, kills, kept)


def _examine(home: Path, kills: int, kept: Acknowledged) -> Outcome:
    verdict = huhang(home, "log", "verify", "--json")
    lost = half = 0
    with sqlite3.connect(home / "huhang.sqlite3") as database:
        rows = {
            bytes(token): (body, case, files)
            for token, body, case, files in database.execute(
                "SELECT r.login_hash, p.body, c.id,"
                " (SELECT count(*) FROM cases_attachment a WHERE a.report_id = r.id)"
                " FROM cases_report r LEFT JOIN kernel_payload p ON p.id = r.words"
                " LEFT JOIN cases_case c ON c.id = r.case_id WHERE r.login_hash IS NOT NULL"
            )
        }
        paths = [p for (p,) in database.execute("SELECT path FROM kernel_payload WHERE path != ''")]
    for token, text in kept.texts.items():
        row = rows.get(hashlib.sha256(b"huhang login " + token.encode()).digest())
        if row is None:
            lost += 1
        elif (row[1] is not None and json.loads(row[0] or "{}").get("text") != text) or (
            token in kept.with_file and row[2] != 1
        ):
            half += 1
    half += sum(1 for body, case, _files in rows.values() if body is None or case is None)
    half += sum(1 for path in paths if not (home / "files" / path).is_file())
    errors = sum(n for status, n in kept.statuses.items() if status >= 500)
    return Outcome(kills, len(kept.texts), lost, half, verdict.returncode == 0, errors)
