"""Backup and restore from the command line."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.cli import ready
from huhang.cli.output import Stop, complain, entries, files, os_words, reason_words, say
from huhang.config import backups
from huhang.kernel import clock
from huhang.kernel.models import Entry
from huhang.tlog.models import Tick
from huhang.tlog.public_folder import Restored, mark_restored
from huhang.tlog.verify import verify

SHOWN = 200


@contextmanager
def _tidy() -> Iterator[None]:
    """Whoever is told to end inside the block cleans up first."""

    def end(number: int, _frame: FrameType | None) -> None:
        complain(_("Interrupted. What was committed stays."))
        raise SystemExit(128 + number)

    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _words(path: Path, error: OSError) -> str:
    """The file and what the system refused; of a very long name the beginning."""
    found = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    inside = found.startswith(f"{settings.HUHANG_HOME}{os.sep}")
    shown = (found if inside else str(path)).encode("utf-8", "backslashreplace").decode()
    return f"{shown if len(shown) <= SHOWN else shown[:SHOWN] + '…'}: {os_words(error)}"


def _path(given: str) -> Path:
    try:
        given.encode("utf-8")
    except UnicodeEncodeError:
        raise Stop(_("The name of the file is no UTF-8: %(name)s")
                   % {"name": given.encode("utf-8", "backslashreplace").decode()}) from None  # fmt: skip
    return Path(given)


def _save(path: Path) -> dict[str, int]:
    try:
        with _tidy():
            return backups.save(path)
    except OSError as error:
        raise Stop(_words(path, error)) from None


def save_before_migrating() -> Path:
    """A backup beside the data, named after the moment. Raises ``Stop`` and ``Refused``."""
    place = Path(settings.HUHANG_HOME) / "backups"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Stop(_words(place, error)) from None
    path = place / f"before-migrating-{clock.now():%Y%m%d-%H%M%S}.tar"
    _save(path)
    return path


def backup(args: argparse.Namespace) -> int:
    """Save everything into one file."""
    if ready.is_empty():
        raise Stop(_("The data folder %(home)s is empty: there is nothing to back up.")
                   % {"home": settings.HUHANG_HOME})  # fmt: skip
    path = _path(args.file)
    try:
        there = path.exists()
    except OSError as error:
        raise Stop(_words(path, error)) from None
    if there:
        raise Stop(_("%(file)s is there already.") % {"file": path})
    counts = _save(path)
    say(_("Saved %(file)s: %(entries)s, %(files)s. It holds the keys of this office "
          "and what people said: keep it as safe as the server.")
        % {"file": path, "entries": entries(counts["entries"]), "files": files(counts["files"])})  # fmt: skip
    return 0


def restore(args: argparse.Namespace) -> int:
    """Restore into an empty data folder, and verify; 1 when the log does not hold."""
    path = _path(args.file)
    try:
        there = path.is_file()
    except OSError as error:
        raise Stop(_words(path, error)) from None
    if not there:
        raise Stop(_("%(file)s: there is no such file") % {"file": path})
    with ready.alone():
        if not ready.is_empty():
            raise Stop(_("%(home)s holds data already; restore into an empty folder (HUHANG_HOME).")
                       % {"home": settings.HUHANG_HOME})  # fmt: skip
        try:
            with _tidy():
                backups.load(path, migrate=ready.migrate)
        except OSError as error:
            place = path if error.filename == str(path) else Path(settings.HUHANG_HOME)
            raise Stop(_words(place, error)) from None
    size = Tick.objects.order_by("-number").values_list("size", flat=True).first() or 0
    seq = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    mark_restored(Restored(size, seq))
    verdict = verify(with_tick=False)
    if not verdict.ok and verdict.first_bad is not None:
        say(_("Restored, but it DOES NOT HOLD: table %(table)s, row %(row)s: %(reason)s")
            % {"table": verdict.first_bad.table, "row": verdict.first_bad.row,
               "reason": reason_words(verdict.first_bad.reason)})  # fmt: skip
        return 1
    say(_("Restored and verified: %(entries)s.") % {"entries": entries(verdict.entries)})
    return 0
