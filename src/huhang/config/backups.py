"""Backup and restore of a whole data folder: database, files, keys, in one tar file.

The database is copied first, as one consistent moment, while the servers run; files are only ever
added before the commit that names them, so that those copied afterwards are all there.
"""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from huhang import __version__
from huhang.kernel import clock
from huhang.kernel.errors import Refused
from huhang.kernel.guard import unguarded

ABOUT = "huhang-backup.json"
DATABASE = "huhang.sqlite3"
FOLDERS = ("files", "keys")


def save(path: Path) -> dict[str, int]:
    """Write a backup to ``path`` (synced, then renamed): counts of entries and files."""
    part = path.with_name(path.name + ".part")
    try:
        with tarfile.open(part, "w") as out:
            about = {
                "version": __version__,
                "made_at": clock.now().isoformat(),
                "database": connection.vendor,
                "migrations": sorted(
                    f"{m.app}.{m.name}"
                    for m in MigrationRecorder(connection).migration_qs.order_by("id")
                ),
            }
            _add(out, ABOUT, orjson.dumps(about))
            entries = _save_sqlite(out) if connection.vendor == "sqlite" else _save_postgresql(out)
            count = 0
            for folder in FOLDERS:
                for found in sorted((Path(settings.HUHANG_HOME) / folder).rglob("*")):
                    if found.is_file():
                        count += folder == "files"
                        try:
                            out.add(found, found.relative_to(settings.HUHANG_HOME).as_posix())
                        except FileNotFoundError:
                            count -= 1  # erased or swept while we went along
        with part.open("rb") as done:
            os.fsync(done.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return {"entries": entries, "files": count}


def _add(out: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o600
    info.mtime = int(clock.now().timestamp())
    out.addfile(info, io.BytesIO(content))


def _save_sqlite(out: tarfile.TarFile) -> int:
    with tempfile.TemporaryDirectory(dir=settings.HUHANG_HOME) as place:
        copy = Path(place) / DATABASE
        source = sqlite3.connect(f"file:{settings.DATABASES['default']['NAME']}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
            entries = target.execute("SELECT count(*) FROM kernel_entry").fetchone()[0]
        finally:
            source.close()
            target.close()
        out.add(copy, DATABASE)
    return int(entries)


def _tables() -> list[str]:
    """Every table of the product, those that others refer to first; the search index is rebuilt."""
    models = [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]
    skip = {"auth_permission", "auth_group", "auth_group_permissions", "django_content_type"}
    return [m._meta.db_table for m in models if m._meta.db_table not in skip]


def _save_postgresql(out: tarfile.TarFile) -> int:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            for table in _tables():
                content = io.BytesIO()
                with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                    for block in rows:
                        content.write(block)
                _add(out, f"tables/{table}.copy", content.getvalue())
            cursor.execute("SELECT count(*) FROM kernel_entry")
            entries = cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")
    return int(entries)


def load(path: Path, *, migrate: Callable[[], None]) -> None:
    """Restore a backup into the empty data folder. Raises ``Refused`` when it is none of ours."""
    home = Path(settings.HUHANG_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tarfile.open(path) as source:
            first = source.next()
            if first is None or first.name != ABOUT:
                raise Refused(_("%(file)s is no backup of Huhang.") % {"file": path.name})
            about = orjson.loads(source.extractfile(first).read())  # type: ignore[union-attr]
            if about["database"] != connection.vendor:
                raise Refused(
                    _("This backup is of %(theirs)s, and the settings name %(ours)s.")
                    % {"theirs": about["database"], "ours": connection.vendor}
                )
            for member in source:
                if member.name.startswith("tables/"):
                    continue
                source.extract(member, home, filter="data")
    except (tarfile.TarError, orjson.JSONDecodeError, KeyError, EOFError) as error:
        raise Refused(
            _("%(file)s cannot be read as a backup: %(error)s")
            % {"file": path.name, "error": type(error).__name__}
        ) from None
    for folder in FOLDERS:
        if (home / folder).exists():
            (home / folder).chmod(0o700)
    connection.close()
    migrate()
    if connection.vendor == "postgresql":
        _load_postgresql(path, about)


def _load_postgresql(path: Path, about: dict[str, object]) -> None:
    ours = sorted(
        f"{m.app}.{m.name}" for m in MigrationRecorder(connection).migration_qs.order_by("id")
    )
    if about["migrations"] != ours:
        raise Refused(
            _("This backup is of version %(version)s: restore it with that version, then migrate.")
            % {"version": about["version"]}
        )
    tables = _tables()
    with tarfile.open(path) as source, unguarded(), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        names = ", ".join(f'"{t}"' for t in tables)
        cursor.execute(f"TRUNCATE {names} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            member = source.extractfile(f"tables/{table}.copy")
            with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
                while member is not None and (block := member.read(1 << 20)):
                    rows.write(block)
        cursor.execute("COMMIT")
    from huhang.config.reactions import rebuild

    rebuild()
