"""The keys under which this log signs, and its name: both in ``keys/log``, made with the first checkpoint."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.errors import HuhangError
from huhang.tlog import keys
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.note import Note

TYPES = (ED25519, ML_DSA_44)
"""A log signs with both: one for every client there is, one that outlasts quantum computers."""


@dataclass(frozen=True)
class Identity:
    """``origin``: the name of the log, whatever its address becomes. ``keys``: one for each type."""

    origin: str
    keys: tuple[PrivateKey, ...]

    def sign(self, text: str) -> Note:
        """The note with a signature of each key. Raises ``Invalid``."""
        at = int(clock.now().timestamp())
        return Note(text, tuple(key.sign(text, at) for key in self.keys))


def path() -> Path:
    """Where the keys lie. Whoever reads this file can sign in the name of the log."""
    return Path(settings.HUHANG_HOME) / "keys" / "log"


def identity(base: str = "") -> Identity:
    """The keys of this log, made now where there are none: then its name is made of ``base``, the
    address of this server, or else of the one that was set. Raises ``HuhangError``."""
    try:
        return _read(path(), path().stat().st_mtime_ns)
    except FileNotFoundError:
        _make(new_origin(base or settings.HUHANG_BASE_URL))
        return identity()


@lru_cache(maxsize=4)
def _read(place: Path, _changed: int) -> Identity:
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
        found = tuple(keys.parse_private(line) for line in lines)
    except Invalid:
        found = ()
    if [key.kind for key in found] != list(TYPES) or len({key.name for key in found}) != 1:
        raise HuhangError(_("%(file)s does not hold the keys of a log.") % {"file": place})
    return Identity(found[0].name, found)


def new_origin(base: str) -> str:
    """The name of a new log: its public address without the scheme."""
    at = urlsplit(base)
    return f"{at.netloc}{at.path.rstrip('/')}/log"


def _make(origin: str) -> None:
    made = [PrivateKey(origin, kind, ids.random_bytes(32)) for kind in TYPES]
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f"log.{secrets.token_hex(4)}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.writelines(f"{key.secret}\n" for key in made)
            out.flush()
            os.fsync(out.fileno())
        place.hardlink_to(part)  # the first of two processes wins
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)
