"""What a witness keeps: its keys, the logs that it was told of, and the last checkpoint of each."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from huhang.tlog import keys, policy
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.keys import COSIGNATURE, ML_DSA_44, PrivateKey, PublicKey, check_short
from huhang.tlog.note import check_name

TYPES = (COSIGNATURE, ML_DSA_44)
SECONDS = 30
_TABLE = "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT"


class Witness:
    """The witness in ``place``: files ``keys`` and ``logs``, and ``state.sqlite3``."""

    def __init__(self, place: Path) -> None:
        """Raises ``Invalid`` when keys or logs cannot be read, and ``OSError``."""
        self.place = place
        lines = (place / "keys").read_text(encoding="utf-8").splitlines()
        self.keys = tuple(keys.parse_private(line) for line in lines)
        if not self.keys or not all(key.kind in TYPES for key in self.keys):
            raise Invalid(said("a key of this type cannot stand here"))
        self.logs = policy.parse((place / "logs").read_bytes()).logs
        for key in self.logs:
            check_short(key.name)

    @contextmanager
    def last(self, origin: str) -> Iterator[Last]:
        """The last checkpoint cosigned for this log. Nobody else looks or writes inside the block; what
        was kept in it is on disk after it."""
        with closing(
            sqlite3.connect(self.place / "state.sqlite3", timeout=SECONDS, isolation_level=None)
        ) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            try:
                db.execute(_TABLE)
                yield Last(db, origin)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


class Last:
    """The last checkpoint of one log, inside a transaction."""

    def __init__(self, db: sqlite3.Connection, origin: str) -> None:
        self._db, self._origin = db, origin
        found = db.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
        self.size: int = found[0] if found else 0
        self.root: bytes | None = found[1] if found else None

    def keep(self, head: Checkpoint) -> None:
        """This is the last one now."""
        self._db.execute(
            "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET size = ?, root = ?",
            (self._origin, head.size, head.root, head.size, head.root),
        )


def make(place: Path, name: str, logs: Sequence[PublicKey]) -> Witness:
    """A new witness with keys of its own. Raises ``Invalid``, ``FileExistsError`` and ``OSError``."""
    check_name(name)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [PrivateKey(name, kind, secrets.token_bytes(32)) for kind in TYPES]
    keys.keep(place / "keys", made)
    tell(place, logs)
    return Witness(place)


def tell(place: Path, logs: Sequence[PublicKey]) -> None:
    """These are the logs whose checkpoints the witness cosigns."""
    lines = "".join(f"log {key}\n" for key in logs)
    (place / "logs").write_text(
        "# Logs whose checkpoints this witness cosigns (c2sp.org/tlog-policy).\n"
        f"{lines}quorum none\n",
        encoding="utf-8",
    )
