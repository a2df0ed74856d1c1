"""Imports that the console starts: a file waits in the data folder, the worker reads it.

First it is only looked at (a dry run with its preview), then somebody confirms it. A worker that is
killed begins again at the same file; the import adds nothing twice. The files go after a week.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from huhang.intake import imports, refusals
from huhang.intake.hotline import Mapping, UnusableFile, parse_mapping
from huhang.intake.models import ImportRun
from huhang.kernel import files
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Full, Missing

KEEP_SECONDS = 7 * 24 * 3600
SHOWN = 200
"""Refusals and notices that a page shows; all of them are in the workbook."""
SUFFIXES = (".xlsx", ".xls", ".csv", ".txt")


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


def start(source: Path, suffix: str, mapping: str, language: str, actor: Actor) -> ImportRun:
    """Take a file to be looked at. Raises ``Full``, and ``UnusableFile`` for a bad mapping."""
    files.check_room(source.stat().st_size * 4)
    parsed = _mapping(mapping)
    run = imports.begin_run(source, actor, parsed, state="checking")
    place = _place(run)
    place.mkdir(mode=0o700)
    (place / "about.json").write_bytes(orjson.dumps({"mapping": mapping, "language": language}))
    part = place / "part"
    shutil.copyfile(source, part)
    part.rename(place / f"data{suffix}")
    return run


def _mapping(text: str) -> Mapping | None:
    if not text.strip():
        return None
    return parse_mapping(text.encode("utf-8"), "mapping.yaml")


def own_runs(actor: Actor) -> list[ImportRun]:
    """The imports that this person started, newest first."""
    return list(ImportRun.objects.filter(by=actor.ref).order_by("-id")[:100])


def access_run(actor: Actor, ref: str) -> ImportRun:
    """One of the actor's own imports. Raises ``Missing``."""
    run = ImportRun.objects.filter(ref=ref, by=actor.ref).first()
    if run is None:
        raise Missing(_("There is no such import."))
    return run


def status(run: ImportRun) -> dict[str, Any]:
    """How far it is and what it found: done, total, result, preview, error, when they are known."""
    try:
        found: dict[str, Any] = orjson.loads((_place(run) / "status.json").read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
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
            about = orjson.loads((_place(run) / "about.json").read_bytes())
            with translation.override(about["language"]):
                _work(run, path, _mapping(about["mapping"]))
            return 1
    return 0


def _work(run: ImportRun, path: Path, mapping: Mapping | None) -> None:
    dry = run.state == "checking"
    owner = Actor("user", run.by)
    try:
        result = imports.import_hotline(
            path, actor=owner, mapping=mapping, dry_run=dry, run=run,
            progress=lambda done, total: _say(run, done=done, total=total),
        )  # fmt: skip
        file = imports.open_file(path, mapping)
        if result.refusals:
            refusals.write_refusals(_place(run) / "refused.xlsx", file, result.refusals)
        counts = result.as_json()
        for name in ("refusals", "notices"):
            counts[f"{name}_total"] = len(counts[name])
            counts[name] = counts[name][:SHOWN]
        shown = []
        for sheet in imports.preview(file):
            columns = [[c.heading, c.field, c.why] for c in sheet["columns"]]
            shown.append({**sheet, "columns": columns})
        _say(run, result=counts, preview=shown)
        if dry:
            imports.move_run(run, "checked", owner)
    except (UnusableFile, Full) as error:
        _say(run, error=str(error))
        imports.move_run(run, "failed", owner)


def confirm(run: ImportRun, actor: Actor) -> None:
    """Carry out what was only looked at. Raises ``Missing`` when it no longer waits."""
    if run.state != "checked" or data_of(run) is None:
        raise Missing(_("There is no such import."))
    (_place(run) / "status.json").unlink(missing_ok=True)
    imports.move_run(run, "running", actor)


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
