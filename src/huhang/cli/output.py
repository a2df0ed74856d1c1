"""What the command line says: languages, JSON, tables, progress, one-line errors."""

from __future__ import annotations

import argparse
import errno
import io
import os
import re
import sys
import time
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

LONGEST = 500


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
    """A message on one line; of what is longer than any word, its two ends."""
    return " ".join(w if len(w) <= LONGEST else f"{w[:200]}…{w[-100:]}" for w in str(text).split())


def complain(text: Any) -> None:
    """One line on standard error."""
    try:
        print(f"huhang: {one_line(text)}", file=sys.stderr, flush=True)
    except OSError:
        _let_go(sys.stderr)  # nobody can be told; the exit status says it


def prepare() -> None:
    """Streams that take every character, and are there even where the caller closed them."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def agreed(otherwise: str) -> None:
    """Ask for a yes on standard error. Raises ``Stop`` with ``otherwise`` for any other answer."""
    print(_("Type yes:"), end=" ", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "yes":
        raise Stop(otherwise)


def put(content: str | bytes) -> None:
    """Write to standard output, at once. Raises ``Stop`` where it takes no more."""
    try:
        if isinstance(content, str):
            sys.stdout.write(content)
        else:
            left = memoryview(content)
            while left:  # an unbuffered stream may take a part only
                left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.flush()
    except OSError as error:
        _let_go(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise Stop(_("Standard output: %(error)s") % {"error": os_words(error)}) from None


def _let_go(stream: Any) -> None:
    """Send what is left unwritten nowhere: Python would try again, and complain, when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def say(*lines: Any) -> None:
    """Lines on standard output, at once."""
    for line in lines:
        put(f"{line}\n")


def as_json(value: Any) -> None:
    """Exactly one JSON object on standard output, in UTF-8 whatever the terminal's encoding."""
    put(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


_OS = {
    errno.ENOENT: gettext_lazy("there is no such file or folder"),
    errno.EACCES: gettext_lazy("no permission"),
    errno.EPERM: gettext_lazy("no permission"),
    errno.EROFS: gettext_lazy("it can only be read"),
    errno.EISDIR: gettext_lazy("it is a folder"),
    errno.ENOTDIR: gettext_lazy("it is not a folder"),
    errno.ENAMETOOLONG: gettext_lazy("the name is too long"),
    errno.ENOSPC: gettext_lazy("the disk is full"),
    errno.EADDRINUSE: gettext_lazy("something else listens there already"),
    errno.EADDRNOTAVAIL: gettext_lazy("this machine has no such address"),
}


def os_words(error: OSError) -> str:
    """What the system refused, in the language of the command line where we know it."""
    known = _OS.get(error.errno or 0)
    return str(known) if known is not None else str(error.strerror or error)


def os_line(error: OSError) -> str:
    """The same with the file that it was about."""
    return f"{error.filename}: {os_words(error)}" if error.filename else os_words(error)


def reason_words(reason: str) -> str:
    """Why a row does not hold, in the language of the command line."""
    found = re.fullmatch(r"changed: (\w+) is not what the log says", reason)
    if found:
        return _("changed: %(column)s is not what the log says") % {"column": found[1]}
    return _(reason)


# What argparse says by itself; its own catalogue is not shipped with Python.
ARGPARSE = (
    gettext_lazy("usage: "),
    gettext_lazy("positional arguments"),
    gettext_lazy("options"),
    gettext_lazy("show this help message and exit"),
    gettext_lazy("show program's version number and exit"),
    gettext_lazy("the following arguments are required: %s"),
    gettext_lazy("unrecognized arguments: %s"),
    gettext_lazy("argument %(argument_name)s: %(message)s"),
    gettext_lazy("invalid choice: %(value)r (choose from %(choices)s)"),
    gettext_lazy("expected one argument"),
)


def localise_argparse() -> None:
    """Let argparse speak the language of the command line."""
    argparse._ = _  # type: ignore[attr-defined]


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


def entries(count: int) -> str:
    """So many entries of the log, in words."""
    return ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}


def leaves(count: int) -> str:
    """So many leaves of the log's tree, in words."""
    return ngettext("%(count)d leaf", "%(count)d leaves", count) % {"count": count}


def files(count: int) -> str:
    """So many files, in words."""
    return ngettext("%(count)d file", "%(count)d files", count) % {"count": count}
