"""The files of imports: kept as they came for a week, in a folder of their own for each run.

``data.*`` is the file, ``about.json`` how it is to be read, ``status.json`` what came of it,
``refused.xlsx`` its refused rows. Whoever works on a run holds the lock of its folder.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.intake.models import ImportRun
from huhang.kernel.errors import Full

KEEP_SECONDS = 7 * 24 * 3600
SUFFIXES = (".xlsx", ".xls", ".csv", ".txt", ".json", ".jsonl", ".ndjson")
LOCK = "lock"
BLOCK = 1 << 20


def folder() -> Path:
    """Where files of imports lie, inside the data folder."""
    place = Path(settings.HUHANG_HOME) / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def place_of(ref: str) -> Path:
    """The folder of one run."""
    return folder() / ref


def data_of(run: ImportRun) -> Path | None:
    """The file of a run, while it is kept."""
    return next((p for p in place_of(run.ref).glob("data.*") if p.suffix in SUFFIXES), None)


def blocks_of(path: Path) -> Iterator[bytes]:
    """A file's content, piece by piece."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def keep(ref: str, blocks: Iterable[bytes], name: str, about: dict[str, Any]) -> str:
    """Keep a file as it came, synced to the disk: its SHA-256. Sent again, it is kept once.

    ``name``: what its sender calls it. What is no table by its name is read as one and refused with
    its reason. Raises ``Full``.
    """
    suffix = PurePath(name).suffix.lower()
    place = place_of(ref)
    digest = hashlib.sha256()
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        write_json(place / "about.json", {**about, "name": PurePath(name).name[-100:]})
        part = place / "part"
        with part.open("wb") as out:
            for block in blocks:
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        part.rename(place / f"data{suffix if suffix in SUFFIXES else '.csv'}")
        for one in (place, folder()):
            sync(one)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Full(_("The disk of this server is full. Nothing of this was kept.")) from None
        raise
    return digest.hexdigest()


def sync(place: Path) -> None:
    """Let what was renamed in a folder survive a loss of power."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".new")
    part.write_bytes(orjson.dumps(value, default=str))
    part.rename(path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found


def about(ref: str) -> dict[str, Any]:
    """How the file of a run is to be read: name, mapping, language, saved."""
    return _read_json(place_of(ref) / "about.json")


def set_about(run: ImportRun, **values: Any) -> None:
    """Change how a file is to be read."""
    write_json(place_of(run.ref) / "about.json", {**about(run.ref), **values})


def status(run: ImportRun) -> dict[str, Any]:
    """How far it is and what it found: done, total, result, preview, error, when they are known."""
    return _read_json(place_of(run.ref) / "status.json")


def say(run: ImportRun, **values: Any) -> None:
    """Leave word of how far it is."""
    write_json(place_of(run.ref) / "status.json", values)


def refusals_of(run: ImportRun) -> Path | None:
    """The workbook of refused rows, when there is one."""
    path = place_of(run.ref) / "refused.xlsx"
    return path if path.exists() else None


@contextmanager
def held(ref: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold a run's lock: True, or False when somebody else works on it (with ``wait``, wait).

    A process that dies lets go of it.
    """
    place = place_of(ref)
    place.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def is_held(ref: str) -> bool:
    """Whether somebody works on a run now."""
    try:
        handle = os.open(place_of(ref) / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def forget(ref: str) -> None:
    """Delete all that is kept of a run."""
    shutil.rmtree(place_of(ref), ignore_errors=True)


def sweep(now: float) -> list[str]:
    """Delete the files of imports that are a week old: their references."""
    waiting = set(
        ImportRun.objects.filter(state__in=("checking", "running")).values_list("ref", flat=True)
    )
    swept = []
    for place in folder().iterdir():
        if place.name not in waiting and now - place.stat().st_mtime > KEEP_SECONDS:
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)
            swept.append(place.name)
    return swept
