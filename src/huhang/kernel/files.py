"""Files of attachments: written and synced, their folder too, before the commit that names them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import ids
from huhang.kernel.errors import Full


def folder() -> Path:
    """Where attachments lie, inside the data folder."""
    return Path(settings.HUHANG_HOME) / "files"


def check_room(more: int = 0) -> None:
    """Raise ``Full`` when the disk has less than the least free space and ``more`` bytes."""
    free = shutil.disk_usage(settings.HUHANG_HOME).free
    if free < settings.HUHANG_MIN_FREE_MB * 1024 * 1024 + more:
        raise Full(_("The disk of this server is full. Nothing of this was kept."))


def keep(content: bytes) -> str:
    """Write ``content`` under a random name, synced; the name. Raises ``Full``."""
    check_room(len(content))
    name = ids.random_bytes(20).hex()
    place = folder() / name[:2]
    path = place / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        for parent in (place, folder()):
            handle = os.open(parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Full(_("The disk of this server is full. Nothing of this was kept.")) from error
        raise Full(
            _("The storage of this server cannot be written. Nothing of this was kept.")
        ) from error
    return f"{name[:2]}/{name}"


def read(name: str) -> bytes:
    """The content of a kept file. Raises ``FileNotFoundError``."""
    return (folder() / name).read_bytes()


def remove(names: Iterable[str]) -> None:
    """Delete kept files; those that are gone already are no fault."""
    for name in names:
        (folder() / name).unlink(missing_ok=True)


def sweep(referred: set[str], older_than: float, now: float) -> int:
    """Delete files that no row refers to and that are older than ``older_than`` seconds: a count."""
    swept = 0
    for path in folder().glob("??/*"):
        name = f"{path.parent.name}/{path.name}"
        if name not in referred and now - path.stat().st_mtime > older_than:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
