"""Backup and restore of a whole data folder: database, files, keys, in one tar file.

The database is copied first, as one consistent moment, while the servers run; files are only ever
added before the commit that names them, so that those copied afterwards are all there.
"""

from __future__ import annotations

import io
import os
import secrets
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
import psycopg
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from huhang import __version__
from huhang.config import archives
from huhang.config.archives import ABOUT, DATABASE, FOLDERS, About
from huhang.kernel import clock, scratch
from huhang.kernel.errors import Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.overwrite import overwrite_deleted
from huhang.tlog.public_folder import Restored, mark_restored

KEY = "keys/secret_key"
STEP = 10_000  # pages copied before signals are looked at


def save(path: Path) -> dict[str, int]:
    """Write a backup to ``path`` (synced, then named): counts of entries and files.

    Raises ``Refused`` when there is such a file or the database cannot be copied, and ``OSError``.
    """
    home = Path(settings.HUHANG_HOME)
    str(settings.SECRET_KEY)  # made now if nothing was signed yet: every backup holds it
    part = path.with_name(f"huhang-backup-{secrets.token_hex(8)}.part")
    with scratch.place(beside=part) as place:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(handle, "w+b") as file,
            tarfile.open(fileobj=file, mode="w", dereference=True) as out,
        ):
            if connection.vendor == "sqlite":
                entries = _save_sqlite(out, place / DATABASE)
            else:
                entries = _save_postgresql(out)
            count = 0
            for folder in FOLDERS:
                for found in sorted((home / folder).rglob("*")):
                    if found.is_file():
                        count += folder == "files"
                        try:
                            out.add(found, found.relative_to(home).as_posix())
                        except FileNotFoundError:
                            count -= 1  # erased or swept while we went along
            out.close()
            file.flush()
            os.fsync(file.fileno())
        _name(part, path)
    return {"entries": entries, "files": count}


def _name(part: Path, path: Path) -> None:
    """Give a finished file its name, unless there is one of that name."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise Refused(_("%(file)s is there already.") % {"file": path}) from None
    except OSError:
        part.rename(path)  # a disk that knows no second names
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _add(out: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o600
    info.mtime = int(clock.now().timestamp())
    out.addfile(info, io.BytesIO(content))


def _add_about(out: tarfile.TarFile, migrations: list[str], holds: list[str]) -> None:
    about = {
        "version": __version__,
        "made_at": clock.now().isoformat(),
        "database": connection.vendor,
        "migrations": migrations,
        "holds": [*holds, KEY],
    }
    _add(out, ABOUT, orjson.dumps(about))


def _save_sqlite(out: tarfile.TarFile, copy: Path) -> int:
    copy.touch(mode=0o600)
    now = Path(str(connection.settings_dict["NAME"])).as_uri()
    try:
        with (
            closing(sqlite3.connect(f"{now}?mode=ro", uri=True, isolation_level=None)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            # One read transaction over all steps: writers do not make the copy begin again.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target, pages=STEP, progress=lambda *_: None)
            entries = target.execute("SELECT count(*) FROM kernel_entry").fetchone()[0]
            migrations = archives.applied_migrations(target)
    except sqlite3.Error as error:
        raise Refused(_("The database cannot be copied: %(error)s") % {"error": error}) from None
    _add_about(out, migrations, [DATABASE])
    out.add(copy, DATABASE)
    return int(entries)


def _tables() -> list[str]:
    """Every table of the product, those that others refer to first; the search index is rebuilt."""
    models = [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]
    skip = {"auth_permission", "auth_group", "auth_group_permissions", "django_content_type"}
    return [m._meta.db_table for m in models if m._meta.db_table not in skip]


def _member(table: str) -> str:
    return f"tables/{table}.copy"


def _applied() -> list[str]:
    return sorted(
        f"{m.app}.{m.name}" for m in MigrationRecorder(connection).migration_qs.order_by("id")
    )


def _save_postgresql(out: tarfile.TarFile) -> int:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            _add_about(out, _applied(), [_member(table) for table in _tables()])
            for table in _tables():
                content = io.BytesIO()
                with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                    for block in rows:
                        content.write(block)
                _add(out, _member(table), content.getvalue())
            cursor.execute("SELECT count(*) FROM kernel_entry")
            entries = cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")
    return int(entries)


def load(path: Path, *, migrate: Callable[[], None]) -> None:
    """Restore a backup into the empty data folder, where nothing stands before all was read.

    Raises ``Refused`` when it is none of ours, whatever ``migrate`` raises, and ``OSError``.
    """
    home = Path(settings.HUHANG_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with scratch.place() as place:
        content = place / "content"
        content.mkdir(mode=0o700)
        about = archives.unpack(path, content, database=connection.vendor)
        if connection.vendor == "sqlite":
            archives.check_database(path, content / DATABASE, about)
            with _database_at(content / DATABASE):
                migrate()
            os.sync()
            _move(content, home)
        else:
            with unguarded(), transaction.atomic():
                migrate()
                _load_postgresql(path, about)
                os.sync()
                _move(content, home)
    if connection.vendor == "postgresql":
        from huhang.config.reactions import rebuild

        rebuild()


@contextmanager
def _database_at(copy: Path) -> Iterator[None]:
    """Let Django work on this SQLite file inside the block; it is one file after it."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    try:
        yield
        overwrite_deleted()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _move(content: Path, home: Path) -> None:
    """Move what was unpacked into place; the database, by which a folder counts as full, last. Before anything else
    stands the mark, so that the log is not signed unasked, whatever cuts this off."""
    mark_restored(Restored(0, 0))
    for folder in FOLDERS:
        for found in sorted([content / folder, *(content / folder).rglob("*")]):
            target = home / found.relative_to(content)
            if found.is_dir():
                target.mkdir(mode=0o700, exist_ok=True)
            elif found.exists():
                found.replace(target)
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"]))
        for suffix in ("-wal", "-shm"):  # of a database that is no more
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        (content / DATABASE).replace(database)


def _load_postgresql(path: Path, about: About) -> None:
    if about.migrations != _applied():
        raise Refused(
            _("This backup is of version %(version)s: restore it with that version, then migrate.")
            % {"version": about.version}
        )
    tables = _tables()
    try:
        with tarfile.open(path) as source, connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            names = ", ".join(f'"{t}"' for t in tables)
            cursor.execute(f"TRUNCATE {names} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in tables:
                try:
                    member = source.extractfile(_member(table))
                except KeyError:
                    raise archives.missing(path, _member(table)) from None
                with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
                    while member is not None and (block := member.read(1 << 20)):
                        rows.write(block)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (DatabaseError, psycopg.Error):
        raise archives.unreadable(path, _("its database is damaged")) from None
