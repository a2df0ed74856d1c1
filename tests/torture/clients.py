"""Clients that report through the browser's own endpoint, and remember what was acknowledged."""

from __future__ import annotations

import hashlib
import random
import threading
from dataclasses import dataclass, field

import httpx


@dataclass
class Acknowledged:
    """What was acknowledged: login token -> text; and every status that was answered."""

    texts: dict[str, str] = field(default_factory=dict)
    with_file: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int) -> None:
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Reporter:
    """One client with a kept connection; each report is unique."""

    def __init__(self, base: str, name: str, seed: int, kept: Acknowledged) -> None:
        self.base = base
        self.name = name
        self.draw = random.Random(f"{seed}/{name}")
        self.kept = kept
        self.count = 0
        self.client = httpx.Client(base_url=base, timeout=30, trust_env=False)
        self.csrf = ""

    def open(self) -> None:
        """Get the form and its token, as a browser does."""
        page = self.client.get("/r/new/")
        page.raise_for_status()
        self.csrf = page.text.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]

    def report(self) -> int:
        """Send one report, every tenth with a file; the status. Raises ``httpx.HTTPError``."""
        self.count += 1
        text = f"{self.name} 第{self.count}件 {self.draw.random()}：窗口拖延办理"
        token = hashlib.sha256(text.encode()).hexdigest()
        data: dict[str, str | list[str]] = {
            "csrfmiddlewaretoken": self.csrf, "step": "send", "subject": "unknown", "kind": "demand",
            "text": text, "reach": "anonymous", "login_token": token,
        }  # fmt: skip
        with_file = self.count % 10 == 0
        if with_file:
            data["files"] = [self._stage(text)]
        answer = self.client.post("/r/new/", data=data)
        self.kept.note(answer.status_code)
        if answer.status_code == 303:
            with self.kept.lock:
                self.kept.texts[token] = text
                if with_file:
                    self.kept.with_file.add(token)
        return answer.status_code

    def _stage(self, text: str) -> str:
        page = self.client.post(
            "/r/new/",
            data={
                "csrfmiddlewaretoken": self.csrf,
                "step": "files",
                "go": "next",
                "subject": "unknown",
            },
            files={"upload": ("证据.txt", text.encode(), "text/plain")},
        )
        self.kept.note(page.status_code)
        return page.text.split('name="files" value="', 1)[1].split('"', 1)[0]

    def run(self, stop: threading.Event) -> None:
        """Report until ``stop``, or until the server is gone."""
        while not stop.is_set():
            try:
                if not self.csrf:
                    self.open()
                self.report()
            except (httpx.HTTPError, IndexError):
                if stop.wait(0.02):
                    return

    def close(self) -> None:
        self.client.close()


def load(base: str, seed: int, kept: Acknowledged, stop: threading.Event, clients: int = 8) -> None:
    """``clients`` reporters at once until ``stop`` is set, or for ten seconds."""
    reporters = [Reporter(base, f"{seed}-{n}", seed, kept) for n in range(clients)]
    threads = [threading.Thread(target=r.run, args=(stop,), daemon=True) for r in reporters]
    for thread in threads:
        thread.start()
    stop.wait(10)
    stop.set()
    for thread in threads:
        thread.join(timeout=40)
    for reporter in reporters:
        reporter.close()
