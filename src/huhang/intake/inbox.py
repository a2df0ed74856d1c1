"""Watched folders: what is dropped into a source's folder is taken in, once, and laid aside.

``INBOX/CODE/`` is where files are dropped. One that has stopped growing is renamed into
``.taking/REF/``, kept as the file of a run, and taken in by the worker as any other; then it goes to
``done/`` or, when a row or all of it was refused, to ``refused/``, with a summary and its refused
rows beside it. Each step can be repeated: a worker that is killed goes on where it was.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.intake import kept, runs, work
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun, Source
from huhang.kernel import files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Full

logger = logging.getLogger("huhang.worker")
SETTLED_SECONDS = 5.0
"""Between two looks at which size and time of a file are the same before it is taken."""
EMPTY_SECONDS = 60.0
"""An empty file may still be written to, for longer."""
TAKING, DONE, REFUSED = ".taking", "done", "refused"
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial", ".swp")
LONGEST = 180
"""Bytes of a file's name that stay when it is laid aside."""
REF = len(ids.new_ref())
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def root() -> Path:
    """Where the folders of all sources lie."""
    return settings.HUHANG_INBOX or Path(settings.HUHANG_HOME) / "inbox"


def folder_of(source: Source) -> Path:
    """Where the files of a source are dropped."""
    return root() / source.code


def is_due(source: Source) -> bool:
    """Whether the worker has yet to make a source's folder: it was not looked into before."""
    return source.active and source.watched and not os.path.lexists(folder_of(source))


def trouble(source: Source) -> str:
    """Why nothing can be taken from a source's folder now, in words; empty when all is well, and
    before the worker made it."""
    if work.owner_of(source.owner, KINDS[source.kind]) is None:
        return _("The person for whom this source is taken in may not import any more.")
    try:
        if stat.S_ISLNK(folder_of(source).lstat().st_mode):
            return _("The folder is a link to elsewhere, which is not followed.")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return str(error.strerror)
    if not os.access(folder_of(source), os.R_OK | os.W_OK | os.X_OK):
        return _("The server may not read and write this folder.")
    return ""


@dataclass(frozen=True)
class _Look:
    """A file as it stood at one look."""

    size: int
    changed: int
    node: int


@dataclass
class Watch:
    """Looks into the folders again and again; remembers what stood there, and since when."""

    seen: dict[tuple[int, str], tuple[_Look, float]] = field(default_factory=dict)
    said: dict[int, str] = field(default_factory=dict)

    def look(self, now: float | None = None) -> int:
        """Take what is ready and lay aside what is over: how many files were moved."""
        at = time.monotonic() if now is None else now
        moved = 0
        for source in Source.objects.order_by("id"):
            fault = ""
            try:
                moved += self._look_at(source, at)
            except (OSError, Full) as error:
                fault = _kind(error)
            # Of a folder, not of a file's content; said once, and the next look tries again.
            if fault and self.said.get(source.pk) != fault:
                logger.warning("folder of source %s: %s", source.code, fault)
            self.said[source.pk] = fault
        return moved

    def _look_at(self, source: Source, now: float) -> int:
        taken_from = source.active and source.watched
        if not taken_from and not folder_of(source).is_dir():
            return 0
        if taken_from:
            folder_of(source).mkdir(parents=True, exist_ok=True, mode=0o770)
        with _opened(source) as at:
            moved = _go_on(source, at)
            if taken_from:
                owner = work.owner_of(source.owner, KINDS[source.kind])
                if owner is not None:
                    moved += self._take(source, at, owner, now)
        return moved

    def _take(self, source: Source, at: int, owner: Actor, now: float) -> int:
        taken = 0
        there = set()
        for name in sorted(os.listdir(at)):
            look = _look(at, name)
            if look is None:
                continue
            key = (source.pk, name)
            there.add(key)
            before, since = self.seen.get(key, (None, now))
            if before != look:
                self.seen[key] = (look, now)
                continue
            if now - since < (SETTLED_SECONDS if look.size else EMPTY_SECONDS):
                continue
            if _claim(source, at, name, look, owner):
                taken += 1
        self.seen = {k: v for k, v in self.seen.items() if k[0] != source.pk or k in there}
        return taken


def _kind(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else str(error)


@contextmanager
def _opened(source: Source) -> Iterator[int]:
    """The folder of a source, opened without following links, with its three folders inside."""
    above = os.open(root(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        at = os.open(source.code, _FOLDER, dir_fd=above)
    finally:
        os.close(above)
    try:
        for name in (TAKING, DONE, REFUSED):
            with suppress(FileExistsError):
                os.mkdir(name, 0o770, dir_fd=at)
        yield at
    finally:
        os.close(at)


@contextmanager
def _inside(at: int, *names: str) -> Iterator[int]:
    """A folder inside an opened one; no link is followed."""
    handle = os.dup(at)
    try:
        for name in names:
            below = os.open(name, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _look(at: int, name: str) -> _Look | None:
    """How a file stands; None for what is none to take: links, folders, what is hidden or in the
    making by its name, and what has a second name."""
    if name.startswith((".", "~$")) or name.casefold().endswith(UNFINISHED):
        return None
    try:
        found = os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        return None
    if not os.access(name, os.R_OK, dir_fd=at, follow_symlinks=False):
        return None
    return _Look(found.st_size, found.st_mtime_ns, found.st_ino)


def _claim(source: Source, at: int, name: str, look: _Look, owner: Actor) -> bool:
    """Rename a file into a folder of ours, from where on it is a run; False where it changed."""
    files.check_room(look.size * 4)
    ref = ids.new_ref()
    with _inside(at, TAKING) as taking:
        os.mkdir(ref, 0o700, dir_fd=taking)
        with _inside(taking, ref) as ours:
            os.rename(name, name, src_dir_fd=at, dst_dir_fd=ours)
            if _look(ours, name) != look and _given_back(at, ours, name):
                os.rmdir(ref, dir_fd=taking)
                return False
            os.fsync(ours)
            _receive(source, ours, ref, name, owner)
    return True


def _given_back(at: int, ours: int, name: str) -> bool:
    """Put a file that was written to after all back; False where another one has its name already."""
    try:
        os.link(name, name, src_dir_fd=ours, dst_dir_fd=at, follow_symlinks=False)
    except FileExistsError:
        return False
    os.unlink(name, dir_fd=ours)
    return True


def _receive(source: Source, ours: int, ref: str, name: str, owner: Actor) -> None:
    """Keep a claimed file as the file of a run of this reference, and record the run."""
    runs.start(
        KINDS[source.kind], _blocks(ours, name), _shown(name), "", settings.LANGUAGE_CODE, owner,
        origin=source, way="folder", state="running", ref=ref,
    )  # fmt: skip


def _blocks(at: int, name: str) -> Iterator[bytes]:
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at), "rb") as file:
        while block := file.read(kept.BLOCK):
            yield block


def _shown(name: str) -> str:
    """A file's name as text, whatever bytes it has."""
    return os.fsencode(name).decode("utf-8", "replace")


def _go_on(source: Source, at: int) -> int:
    """Go on with every claimed file: begin its run where that was not done, or lay it aside."""
    moved = 0
    with _inside(at, TAKING) as taking:
        for ref in sorted(os.listdir(taking)):
            with _inside(taking, ref) as ours:
                names = os.listdir(ours)
                run = ImportRun.objects.filter(ref=ref).first()
                if names and run is None:
                    owner = work.owner_of(source.owner, KINDS[source.kind])
                    if owner is not None and source.active:
                        _receive(source, ours, ref, names[0], owner)
                        moved += 1
                elif names and run is not None and run.state in ("done", "failed"):
                    _lay_aside(at, ours, run, names[0])
                    names = []
                    moved += 1
            if not names:
                os.rmdir(ref, dir_fd=taking)
    return moved


def _lay_aside(at: int, ours: int, run: ImportRun, name: str) -> None:
    """Put a file that is over into its folder, its summary and refused rows first."""
    good = run.state == "done" and not run.refused
    status = kept.status(run)
    result = status.get("result") or {}
    summary = {
        "file": _shown(name), "source": run.source, "ref": run.ref, "state": run.state,
        "read": run.read, "accepted": run.accepted, "updated": run.updated,
        "repeated": run.repeated, "refused": run.refused, "error": status.get("error", ""),
        "refusals": result.get("refusals", []), "notices": result.get("notices", []),
    }  # fmt: skip
    base = f"{run.ref}-{_cut(name)}"
    with _inside(at, DONE if good else REFUSED) as place:
        _put(place, f"{base}.json", orjson.dumps(summary, option=orjson.OPT_INDENT_2))
        refused = kept.refusals_of(run)
        if refused is not None:
            _put(place, f"{base}.refused.xlsx", refused.read_bytes())
        os.rename(name, base, src_dir_fd=ours, dst_dir_fd=place)
        os.fsync(place)


def _put(place: int, name: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o660, dir_fd=place), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _cut(name: str) -> str:
    """A name short enough to stand behind a reference, its ending kept."""
    encoded = os.fsencode(name)
    if len(encoded) <= LONGEST:
        return name
    ending = PurePath(name).suffix
    begin = encoded[:LONGEST].decode("utf-8", "ignore")
    return begin + (ending if len(os.fsencode(ending)) <= 20 else "")


def forget(refs: set[str]) -> None:
    """Delete what was laid aside of these runs."""
    for source in Source.objects.order_by("id"):
        if not folder_of(source).is_dir():
            continue
        with suppress(OSError), _opened(source) as at:
            for place in (DONE, REFUSED):
                with _inside(at, place) as inside:
                    for name in os.listdir(inside):
                        if name[:REF] in refs:
                            os.unlink(name, dir_fd=inside)
