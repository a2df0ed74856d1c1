"""A backup's tar file as it is read: nothing of it is believed before it was wholly read."""

from __future__ import annotations

import errno
import lzma
import os
import re
import sqlite3
import tarfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from huhang.kernel.errors import Refused

ABOUT = "huhang-backup.json"
DATABASE = "huhang.sqlite3"
FOLDERS = ("files", "keys", "papers")
LARGEST_ABOUT = 1 << 20
# Without these there is no log to verify.
CORE = ("django_migrations", "kernel_entry", "kernel_payload", "kernel_sequencer")
BROKEN = (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError, zlib.error,
          lzma.LZMAError)  # fmt: skip
# What SQLite says of rows, not of pages: the log tells which row it is.
_of_rows = re.compile(
    r"(NULL|NUMERIC|TEXT|non-\w+) value in|CHECK constraint failed in|non-unique entry in"
    r"|row \d+ missing from|wrong # of entries in|.*inverted index"
)
IMPOSSIBLE = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)  # as names of files
_table = re.compile(r"tables/\w+\.copy")


@dataclass(frozen=True)
class About:
    """What a backup says of itself. ``holds``: names of members without which it is none."""

    version: str
    database: str
    migrations: list[str]
    holds: list[str]


def unreadable(path: Path, reason: str) -> Refused:
    """The refusal of an archive, with the reason."""
    return Refused(
        _("%(file)s cannot be read as a backup: %(error)s") % {"file": path.name, "error": reason}
    )


def missing(path: Path, name: str) -> Refused:
    """The refusal of an archive that lacks a member."""
    return unreadable(path, _("%(name)s is missing in it") % {"name": name})


def unpack(path: Path, place: Path, *, database: str) -> About:
    """Unpack a backup of this kind of ``database`` into an empty folder, tables excepted.

    Raises ``Refused`` when it is no such backup, is cut off or holds what no backup holds, and
    ``OSError`` when the disk refuses.
    """
    names: set[str] = set()
    try:
        with tarfile.open(path) as source:
            about = _about(path, source)
            if about.database != database:
                raise Refused(
                    _("This backup is of %(theirs)s, and the settings name %(ours)s.")
                    % {"theirs": about.database, "ours": database}
                )
            while (member := source.next()) is not None:
                if member.isdir() and _expected(f"{member.name}/x"):
                    continue
                name = member.name
                if not member.isreg() or member.size < 0 or name in names or not _expected(name):
                    raise unreadable(
                        path, _("it holds “%(name)s”, as no backup does") % {"name": _shown(name)}
                    )
                names.add(name)
                if not _table.fullmatch(name):
                    _write(source, member, place)
            # Python takes a damaged header for the end: a whole archive ends with zeros.
            end: Any = source.fileobj
            end.seek(source.offset)
            if end.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise unreadable(path, _("it is cut off or damaged"))
            while end.read(1 << 20):  # a compressed archive has its sum at the very end
                pass
    except BROKEN:
        raise unreadable(path, _("it is cut off or damaged")) from None
    except OSError as error:
        if error.errno is None:  # of a compressed archive
            raise unreadable(path, _("it is cut off or damaged")) from None
        raise
    for name in [*about.holds, *([DATABASE] if database == "sqlite" else [])]:
        if name not in names:
            raise missing(path, _shown(name))
    return about


def _about(path: Path, source: tarfile.TarFile) -> About:
    first = source.next()
    none = Refused(_("%(file)s is no backup of Huhang.") % {"file": path.name})
    if first is None or first.name != ABOUT or not first.isreg() or first.size > LARGEST_ABOUT:
        raise none
    content = source.extractfile(first)
    try:
        found = orjson.loads(content.read() if content is not None else b"")
    except orjson.JSONDecodeError:
        raise none from None
    if not isinstance(found, dict):
        raise none
    version, database = found.get("version"), found.get("database")
    migrations: Any = found.get("migrations")
    holds: Any = found.get("holds", [])
    if not isinstance(version, str) or not isinstance(database, str):
        raise none
    for names in (migrations, holds):
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise none
    return About(version, database, sorted(migrations), holds)


def _expected(name: str) -> bool:
    if name == DATABASE or _table.fullmatch(name):
        return True
    parts = name.split("/")
    return parts[0] in FOLDERS and len(parts) > 1 and not {"", ".", ".."} & {*parts}


def _shown(name: str) -> str:
    """A name from an archive, for one line."""
    plain = name.encode("utf-8", "backslashreplace").decode()
    plain = "".join(c if c.isprintable() else "?" for c in plain)
    return plain if len(plain) <= 80 else f"{plain[:80]}…"


def _write(source: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    content = source.extractfile(member)
    target = place
    *folders, name = member.name.split("/")
    try:
        for folder in folders:
            target /= folder
            target.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, *IMPOSSIBLE):
            raise
        raise tarfile.ExtractError(member.name) from None
    left = member.size
    with os.fdopen(handle, "wb") as out:
        while content is not None and (block := content.read(min(left, 1 << 20))):
            out.write(block)
            left -= len(block)
    if left:
        raise EOFError


def check_database(path: Path, copy: Path, about: About) -> None:
    """Raise ``Refused`` unless the unpacked ``copy`` is a whole database that holds Huhang's log."""
    try:
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in found}
            for name in CORE:
                if name not in tables:
                    raise unreadable(path, _("its database has no table %(name)s") % {"name": name})
            for (fault,) in database.execute("PRAGMA quick_check"):
                if fault != "ok" and not _of_rows.match(fault):
                    raise unreadable(path, _("its database is damaged"))
            applied = applied_migrations(database)
    except sqlite3.Error:
        raise unreadable(path, _("its database is damaged")) from None
    if applied != about.migrations:
        raise unreadable(path, _("its database is of another version than it says"))


def applied_migrations(database: sqlite3.Connection) -> list[str]:
    """The migrations that a SQLite database went through, sorted. Raises ``sqlite3.Error``."""
    return sorted(
        f"{app}.{name}" for app, name in database.execute("SELECT app, name FROM django_migrations")
    )
