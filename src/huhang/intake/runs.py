"""Imports that the console starts: a file waits in the data folder, the worker reads it.

First it is only looked at (a dry run with its preview), then somebody confirms it. A worker that is
killed begins again at the same file; the import adds nothing twice. The files go after a week.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from huhang.cases import queries
from huhang.intake import imports
from huhang.intake.imports import Kind
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.kernel import files
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Full, Missing, NotAllowed, Refused
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from huhang.tables import refusals
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import Mapping, parse_mapping

logger = logging.getLogger("huhang.worker")
KEEP_SECONDS = 7 * 24 * 3600
SHOWN = 200
"""Refusals and notices that a page shows; all of them are in the workbook."""
SHOWN_CHANGES = 1000
SUFFIXES = (".xlsx", ".xls", ".csv", ".txt")
ATTEMPTS = 2
"""How often work on a file begins again after it stopped without an answer and got no further."""


def folder() -> Path:
    """Where files of imports lie, inside the data folder."""
    place = Path(settings.HUHANG_HOME) / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def _place(run: ImportRun) -> Path:
    return folder() / run.ref


def data_of(run: ImportRun) -> Path | None:
    """The file of a run, while it is kept."""
    return next((p for p in _place(run).glob("data.*") if p.suffix in SUFFIXES), None)


def start(
    kind: Kind, source: Path, name: str, mapping: str, language: str, actor: Actor
) -> ImportRun:
    """Take a file to be looked at. ``name``: what its sender calls it.

    Raises ``Full``, and ``UnusableFile`` for a bad mapping.
    """
    files.check_room(source.stat().st_size * 4)
    parsed = _mapping(kind, mapping)
    run = imports.begin_run(kind, source, actor, parsed, state="checking")
    place = _place(run)
    place.mkdir(mode=0o700)
    about = {"mapping": mapping, "language": language, "name": PurePath(name).name[-100:]}
    (place / "about.json").write_bytes(orjson.dumps(about))
    part = place / "part"
    shutil.copyfile(source, part)
    part.rename(place / f"data{PurePath(name).suffix.lower()}")
    return run


MOST_BYTES = 200 * 1024 * 1024


def take(
    kind: Kind,
    blocks: Iterable[bytes],
    size: int,
    name: str,
    mapping: str,
    language: str,
    actor: Actor,
) -> ImportRun:
    """Take a file as it is uploaded. Raises ``Refused`` naming the field, ``NotAllowed``, ``Full``."""
    if not any(actor.has(role) for role in kind.roles):
        raise NotAllowed(_("Your role does not import this kind of file."))
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise Refused(_("An .xlsx, .xls or .csv file is needed."), field="file")
    if size > MOST_BYTES:
        raise Refused(_("At most %(limit)d MB.") % {"limit": MOST_BYTES >> 20}, field="file")
    with tempfile.NamedTemporaryFile(dir=folder(), suffix=".upload") as part:
        for block in blocks:
            part.write(block)
        part.flush()
        try:
            return start(kind, Path(part.name), name, mapping, language, actor)
        except UnusableFile as error:
            raise Refused(str(error), field="mapping") from None


def _mapping(kind: Kind, text: str) -> Mapping | None:
    if not text.strip():
        return None
    return parse_mapping(text.encode("utf-8"), "mapping.yaml", kind.vocabulary)


def own_runs(actor: Actor) -> list[ImportRun]:
    """The imports that this person started, newest first."""
    return list(ImportRun.objects.filter(by=actor.ref).order_by("-id")[:100])


def access_run(actor: Actor, ref: str) -> ImportRun:
    """One of the actor's own imports. Raises ``Missing``."""
    run = ImportRun.objects.filter(ref=ref, by=actor.ref).first()
    if run is None:
        raise Missing(_("There is no such import."))
    return run


def status(run: ImportRun, actor: Actor) -> dict[str, Any]:
    """How far it is and what it found: done, total, result, preview, error, when they are known.

    Changes of a case that the actor no longer sees are not among them.
    """
    try:
        found: dict[str, Any] = orjson.loads((_place(run) / "status.json").read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    changes = (found.get("result") or {}).get("changes")
    if changes:
        refs = {c["ref"] for c in changes}
        seen = set(queries.visible_to(actor).filter(ref__in=refs).values_list("ref", flat=True))
        found["result"]["changes"] = [c for c in changes if c["ref"] in seen]
    return found


def refusals_of(run: ImportRun) -> Path | None:
    """The workbook of refused rows, when there is one."""
    path = _place(run) / "refused.xlsx"
    return path if path.exists() else None


def _say(run: ImportRun, **values: Any) -> None:
    place = _place(run)
    part = place / "status.part"
    part.write_bytes(orjson.dumps(values, default=str))
    part.rename(place / "status.json")


def step() -> int:
    """Do the oldest waiting piece of work: 1, or 0 when there is none."""
    for run in ImportRun.objects.filter(state__in=("checking", "running")).order_by("id"):
        path = data_of(run)
        if path is not None:
            about = _about(run)
            with translation.override(about.get("language", "zh-hans")):
                _attempt(run, path, about)
            return 1
    return 0


def _about(run: ImportRun) -> dict[str, str]:
    try:
        about: dict[str, str] = orjson.loads((_place(run) / "about.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return about


def _attempt(run: ImportRun, path: Path, about: dict[str, str]) -> None:
    """Work on a file; whatever goes wrong with it fails its run, never the worker."""
    attempts = _Attempts(_place(run) / "attempts.json")
    owner = Actor("user", run.by)
    try:
        if not attempts.begin():
            raise UnusableFile(_("Reading this file stopped the worker twice: it was given up."))
        owner = _owner(run)
        _work(run, path, about, owner, attempts)
    except DatabaseError:
        raise  # no fault of the file: the worker tries again
    except (UnusableFile, Full) as error:
        _fail(run, str(error), owner)
    except Exception as error:
        # Said to the sender, left in the log, and the next file is read: one file that nobody
        # foresaw must not stop those behind it.
        logger.error("import %s: %s", run.ref, type(error).__name__)
        _fail(
            run,
            _(
                "The file could not be read: an unforeseen fault (%(kind)s). What was taken in stays."
            )
            % {"kind": type(error).__name__},
            owner,
        )
    attempts.end()


def _fail(run: ImportRun, said: str, owner: Actor) -> None:
    _say(run, error=said)
    if run.state != "failed":
        imports.move_run(run, "failed", owner)


def _owner(run: ImportRun) -> Actor:
    """The actor that the sender is now. Raises ``UnusableFile`` when they may not import any more."""
    user = User.objects.filter(ref=run.by, active=True).first()
    owner = actor_for(user) if user else None
    if owner is None or not any(owner.has(role) for role in KINDS[run.kind].roles):
        raise UnusableFile(_("Whoever sent this file may not import any more."))
    return owner


class _Attempts:
    """Counts how often work on a file began and stopped without an answer, across restarts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            found = orjson.loads(path.read_bytes())
            self.begun, self.furthest = int(found["begun"]), int(found["furthest"])
        except (OSError, ValueError, KeyError, TypeError):
            self.begun = self.furthest = 0

    def begin(self) -> bool:
        """Count one more; False when it was tried often enough."""
        self.begun += 1
        self._write()
        return self.begun <= ATTEMPTS

    def got(self, done: int) -> None:
        """An attempt that gets further than those before it does not count."""
        if done > self.furthest:
            self.furthest = done
            self.begun = 1
            self._write()

    def end(self) -> None:
        """There is an answer."""
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        part = self.path.with_suffix(".part")
        part.write_bytes(orjson.dumps({"begun": self.begun, "furthest": self.furthest}))
        part.rename(self.path)


def _work(
    run: ImportRun, path: Path, about: dict[str, str], owner: Actor, attempts: _Attempts
) -> None:
    dry = run.state == "checking"
    kind = KINDS[run.kind]
    mapping = _mapping(kind, about.get("mapping", ""))
    name = about.get("name", "")

    def progress(done: int, total: int) -> None:
        _say(run, done=done, total=total)
        attempts.got(done)

    result = imports.import_file(
        kind, path, actor=owner, mapping=mapping, dry_run=dry, run=run, name=name, progress=progress,
        chosen=_chosen(run),
    )  # fmt: skip
    file = imports.open_file(kind, path, mapping, name)
    if result.refusals:
        refusals.write_refusals(_place(run) / "refused.xlsx", file, result.refusals)
    counts = result.as_json()
    for list_ in ("refusals", "notices"):
        counts[f"{list_}_total"] = len(counts[list_])
        counts[list_] = counts[list_][:SHOWN]
    if "changes" in counts:
        counts["changes_total"] = len(counts["changes"])
        # What has to be decided comes first; so many that nobody looks at more.
        counts["changes"].sort(key=lambda c: not c["conflict"])
        del counts["changes"][SHOWN_CHANGES:]
    shown = []
    for sheet in imports.preview(file):
        columns = [[c.heading, c.label, c.why] for c in sheet["columns"]]
        shown.append({**sheet, "columns": columns})
    _say(run, result=counts, preview=shown)
    if dry:
        imports.move_run(run, "checked", owner)


def _chosen(run: ImportRun) -> list[str]:
    try:
        found: list[str] = orjson.loads((_place(run) / "chosen.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    return found


def confirm(run: ImportRun, actor: Actor, chosen: Sequence[str] = ()) -> None:
    """Carry out what was only looked at; ``chosen``: rows to apply although they changed here since.

    Raises ``Missing`` when it no longer waits.
    """
    if run.state != "checked" or data_of(run) is None:
        raise Missing(_("There is no such import."))

    def first() -> None:
        (_place(run) / "chosen.json").write_bytes(orjson.dumps([c[:100] for c in chosen]))
        (_place(run) / "status.json").unlink(missing_ok=True)

    imports.move_run(run, "running", actor, first)


def give_up(run: ImportRun, actor: Actor) -> None:
    """Drop a file that was only looked at: nothing of it was taken in."""
    if run.state != "checked":
        raise Missing(_("There is no such import."))
    imports.move_run(run, "dropped", actor)
    shutil.rmtree(_place(run), ignore_errors=True)


def sweep(now: float) -> int:
    """Delete the files of imports that are a week old: a count."""
    swept = 0
    waiting = set(
        ImportRun.objects.filter(state__in=("checking", "running")).values_list("ref", flat=True)
    )
    for place in folder().iterdir():
        if place.name not in waiting and now - place.stat().st_mtime > KEEP_SECONDS:
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)
            swept += 1
    return swept
