"""The keys under which this log signs, and its name: both in ``keys/log``, made with the first checkpoint."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.errors import HuhangError, Refused
from huhang.tlog import keys
from huhang.tlog.folder import sync
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519, ML_DSA_44, PrivateKey, PublicKey
from huhang.tlog.note import Note

FIRST = "log"
"""The name of the first log's public folder; later ones have a number after it."""
TYPES = (ED25519, ML_DSA_44)
"""A log signs with both: one for every client there is, one that outlasts quantum computers."""


@dataclass(frozen=True)
class Identity:
    """``origin``: the name of the log, whatever its address becomes. ``keys``: one for each type; while they
    are renewed, those that go before those that come."""

    origin: str
    keys: tuple[PrivateKey, ...]

    @property
    def public(self) -> tuple[PublicKey, ...]:
        """The public halves of its keys."""
        return tuple(key.key for key in self.keys)

    @property
    def place(self) -> str:
        """The name of its public folder, and the last part of its address."""
        return self.origin.rpartition("/")[2]

    def policy(self, url: str = "") -> str:
        """Its public keys, as lines of a policy."""
        return "".join(f"log {key.key} {url}".rstrip() + "\n" for key in self.keys)

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
    pairs, rest = divmod(len(found), len(TYPES))
    kinds = tuple(key.kind for key in found)
    if rest or not pairs or kinds != TYPES * pairs or len({key.name for key in found}) != 1:
        raise HuhangError(_("%(file)s does not hold the keys of a log.") % {"file": place})
    return Identity(found[0].name, found)


def place() -> str:
    """The name of the public folder. Raises ``HuhangError``."""
    return identity().place if path().exists() else FIRST


def new_origin(base: str) -> str:
    """The name of a first log: its public address without the scheme."""
    at = urlsplit(base)
    return f"{at.netloc}{at.path.rstrip('/')}/{FIRST}"


def origin_after(origin: str, base: str = "") -> str:
    """The name of the log that follows the one of this name: with the next number, at ``base`` if it has moved."""
    before, _log, count = origin.rpartition(FIRST)
    start = new_origin(base) if base else f"{before}{FIRST}"
    return f"{start}{int(count or 1) + 1}"


def coming() -> Identity | None:
    """The keys of the log that follows, while it is being begun."""
    try:
        return _read(_coming(), _coming().stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def prepare(origin: str) -> Identity:
    """Make the keys of the log that follows. Raises ``OSError``."""
    _keep(_new(origin), _coming())
    found = coming()
    assert found is not None
    return found


def take_over(found: Identity) -> None:
    """From now on this is the log that was prepared; the keys of the one before are destroyed."""
    _keep(found.keys, path())


def settle() -> None:
    """The log that was prepared has begun."""
    _coming().unlink(missing_ok=True)
    sync(path().parent)


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else change keys inside the block."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (path().parent / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _coming() -> Path:
    return path().with_name("log.next")


def renew() -> tuple[PrivateKey, ...]:
    """Make further keys, with which this log signs too from now on: the new ones. Raises ``HuhangError``."""
    with alone():
        ours = identity()
        if len(ours.keys) > len(TYPES):
            raise Refused(_("The keys are being renewed already: retire the old ones first."))
        made = _new(ours.origin)
        _keep((*ours.keys, *made), path())
        return made


def retire() -> tuple[PrivateKey, ...]:
    """Sign no longer with the old keys, which are destroyed: those that are left. Raises ``HuhangError``."""
    with alone():
        ours = identity()
        if len(ours.keys) == len(TYPES):
            raise Refused(_("There is one set of keys: renew them first."))
        left = ours.keys[len(TYPES) :]
        _keep(left, path())
        return left


def _new(origin: str) -> tuple[PrivateKey, ...]:
    return tuple(PrivateKey(origin, kind, ids.random_bytes(32)) for kind in TYPES)


def _keep(held: tuple[PrivateKey, ...], place: Path) -> None:
    _part(held).rename(place)
    sync(place.parent)


def _make(origin: str) -> None:
    part = _part(_new(origin))
    try:
        path().hardlink_to(part)  # the first of two processes wins
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)
    sync(path().parent)


def _part(held: tuple[PrivateKey, ...]) -> Path:
    """A file with these keys, synced, beside the one that counts."""
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f"log.{secrets.token_hex(4)}")
    keys.keep(part, held)
    return part
