"""Backup and restore from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.cli import ready
from huhang.cli.output import Stop, os_words, reason_words, say
from huhang.config import backups
from huhang.kernel import clock
from huhang.tlog.verify import verify


def save_before_migrating() -> Path:
    """A backup beside the data, named after the moment."""
    place = Path(settings.HUHANG_HOME) / "backups"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"before-migrating-{clock.now():%Y%m%d-%H%M%S}.tar"
    backups.save(path)
    return path


def backup(args: argparse.Namespace) -> int:
    """Save everything into one file."""
    if ready.is_empty():
        raise Stop(_("The data folder %(home)s is empty: there is nothing to back up.")
                   % {"home": settings.HUHANG_HOME})  # fmt: skip
    path = Path(args.file)
    if path.exists():
        raise Stop(_("%(file)s is there already.") % {"file": path})
    try:
        counts = backups.save(path)
    except OSError as error:
        raise Stop(f"{path}: {os_words(error)}") from None
    say(_("Saved %(file)s: %(entries)d entries, %(files)d files. It holds the keys of this office "
          "and what people said: keep it as safe as the server.")
        % {"file": path, **counts})  # fmt: skip
    return 0


def restore(args: argparse.Namespace) -> int:
    """Restore into an empty data folder, and verify; 1 when the log does not hold."""
    path = Path(args.file)
    if not path.is_file():
        raise Stop(_("%(file)s: there is no such file") % {"file": path})
    if not ready.is_empty():
        raise Stop(_("%(home)s holds data already; restore into an empty folder (HUHANG_HOME).")
                   % {"home": settings.HUHANG_HOME})  # fmt: skip
    backups.load(path, migrate=ready.migrate)
    verdict = verify(with_tick=False)
    if not verdict.ok and verdict.first_bad is not None:
        say(_("Restored, but it DOES NOT HOLD: table %(table)s, row %(row)s: %(reason)s")
            % {"table": verdict.first_bad.table, "row": verdict.first_bad.row,
               "reason": reason_words(verdict.first_bad.reason)})  # fmt: skip
        return 1
    say(_("Restored and verified: %(entries)d entries.") % {"entries": verdict.entries})
    return 0
