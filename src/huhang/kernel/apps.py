import gc
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


def _check_connection(connection: Any, **_: Any) -> None:
    """Install the guard; refuse a SQLite connection that could lose an acknowledged report."""
    from huhang.kernel.guard import refuse_stray_writes

    if refuse_stray_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_stray_writes)
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return
    raw = connection.connection
    journal = raw.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = raw.execute("PRAGMA synchronous").fetchone()[0]
    if journal != "wal" or synchronous != 2:
        raise RuntimeError(
            f"SQLite must run with WAL and synchronous=FULL, not {journal} and {synchronous}"
        )


class KernelConfig(AppConfig):
    name = "huhang.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models and settings live as long as the process: the collector need not walk them again for
        # every few hundred rows that a request or an import makes and drops.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        connection_created.connect(_check_connection, dispatch_uid="kernel.check_connection")
