"""Whether the data folder is ready, and how to make it so."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from huhang.cli.output import Stop, os_words
from huhang.kernel.guard import unguarded


def waiting_migrations() -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    """Whether there is no database yet."""
    if connection.vendor == "sqlite":
        return not Path(str(settings.DATABASES["default"]["NAME"])).exists()
    return "django_migrations" not in connection.introspection.table_names()


def need() -> None:
    """Raise ``Stop`` unless the database is there and of this version."""
    try:
        if is_empty():
            raise Stop(_("The data folder %(home)s is empty: run “huhang init” first.")
                       % {"home": settings.HUHANG_HOME})  # fmt: skip
        if waiting_migrations():
            raise Stop(_("The database is of an older version: run “huhang migrate” first."))
    except OperationalError as error:
        raise Stop(_("The database cannot be opened: %(error)s") % {"error": error}) from None


@contextmanager
def alone() -> Iterator[None]:
    """Make the data folder if it is not there, and let nobody else prepare it inside the block.

    Others wait. Raises ``Stop`` when the folder cannot be made or opened.
    """
    home = Path(settings.HUHANG_HOME)
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(home, os.O_RDONLY)
    except OSError as error:
        raise Stop(f"HUHANG_HOME={home}: {os_words(error)}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            # A folder over the network (only with PostgreSQL) may know no locks: on without.
            if error.errno not in (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
                raise Stop(f"HUHANG_HOME={home}: {os_words(error)}") from None
        yield
    finally:
        os.close(lock)


def migrate() -> None:
    """Create or update the tables, inside ``alone``. Raises ``Stop``."""
    try:
        with unguarded():
            call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise Stop(_("The database cannot be opened: %(error)s") % {"error": error}) from None
