"""What the command line says: languages, JSON, tables, progress, one-line errors."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import orjson


class Stop(Exception):
    """Unusable input: one line on standard error, exit status 2."""


def language() -> str:
    """zh-hans or en: HUHANG_LANG, else the locale of the environment, else English."""
    for name in ("HUHANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").lower()
        if value:
            return "zh-hans" if value.startswith("zh") else "en"
    return "en"


def one_line(text: Any) -> str:
    """A message on one line."""
    return " ".join(str(text).split())


def complain(text: Any) -> None:
    """One line on standard error."""
    print(f"huhang: {one_line(text)}", file=sys.stderr)


def say(*lines: Any) -> None:
    """Lines on standard output, at once."""
    for line in lines:
        print(line, flush=True)


def as_json(value: Any) -> None:
    """Exactly one JSON object on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE).decode("utf-8"))
    sys.stdout.flush()


class Progress:
    """A bar on standard error, when somebody looks at it."""

    WIDTH = 30

    def __init__(self, label: str) -> None:
        self.label = label
        self.shown = sys.stderr.isatty()
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self.shown or (now - self.last < 0.1 and done < total):
            return
        self.last = now
        part = min(1.0, done / total) if total else 0.0
        full = int(part * self.WIDTH)
        bar = "#" * full + "-" * (self.WIDTH - full)
        print(f"\r{self.label} [{bar}] {done}/{total}", end="", file=sys.stderr, flush=True)
        if done >= total:
            print(file=sys.stderr)
