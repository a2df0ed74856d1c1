"""Work on the kept file of a run: look at it or take it in. Safe to begin again after a kill."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from huhang.intake import imports, kept
from huhang.intake.importer import ImportResult, Kind
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.kernel.actor import WORKER, Actor
from huhang.kernel.errors import Full
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from huhang.tables import refusals
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import Mapping, parse_mapping
from huhang.tables.reading import likely_header
from huhang.tables.sheets import sheets

logger = logging.getLogger("huhang.worker")
SHOWN = 200
"""Refusals and notices that a page shows; all of them are in the workbook."""
SHOWN_CHANGES = 1000
ATTEMPTS = 2
"""How often work on a file begins again after it stopped without an answer and got no further."""


def step() -> int:
    """Do the oldest waiting piece of work: 1, or 0 when there is none."""
    for run in ImportRun.objects.filter(state__in=("checking", "running")).order_by("id"):
        if kept.data_of(run) is not None and carry_out(run):
            return 1
    return 0


def carry_out(run: ImportRun, *, wait: bool = False) -> bool:
    """Work on the file of a run, unless somebody else does (with ``wait``, until they did); in the
    end ``run`` is as it is stored."""
    with kept.held(run.ref, wait=wait) as mine:
        if not mine:
            return False
        run.refresh_from_db()
        path = kept.data_of(run)
        if path is None or run.state not in ("checking", "running"):
            return False
        about = kept.about(run.ref)
        with translation.override(about.get("language", "zh-hans")):
            _attempt(run, path, about)
    return True


def mark_stopped() -> list[ImportRun]:
    """Say of the imports that ended without an answer, and whose file is not kept here, that they
    stopped: a command line was killed. What was committed stays; these are they."""
    found = []
    for run in ImportRun.objects.filter(state__in=("checking", "running")).order_by("id"):
        if kept.data_of(run) is None and not kept.is_held(run.ref):
            imports.move_run(run, "stopped", WORKER)
            found.append(run)
    return found


def mapping_for(run: ImportRun, about: dict[str, Any]) -> Mapping | None:
    """How the file of a run is to be read. Raises ``UnusableFile``."""
    kind = KINDS[run.kind]
    found = parsed(kind, about.get("mapping", ""))
    if run.origin_id is None:
        return found
    saved = bool(about.get("saved"))
    return replace(found or Mapping(kind.vocabulary), source=run.source, saved=saved)


def parsed(kind: Kind, text: str) -> Mapping | None:
    """A mapping from YAML, or None for nothing. Raises ``UnusableFile``."""
    if not text.strip():
        return None
    return parse_mapping(text.encode("utf-8"), "mapping.yaml", kind.vocabulary)


def owner_of(ref: str, kind: Kind) -> Actor | None:
    """The actor that this user is now; None when they may not import files of this kind."""
    user = User.objects.filter(ref=ref, active=True).first()
    owner = actor_for(user) if user else None
    return owner if owner and any(owner.has(role) for role in kind.roles) else None


def _attempt(run: ImportRun, path: Path, about: dict[str, Any]) -> None:
    """Work on a file; whatever goes wrong with it fails its run, never the worker."""
    attempts = _Attempts(kept.place_of(run.ref) / "attempts.json")
    owner = Actor("user", run.by)
    try:
        if not attempts.begin():
            raise UnusableFile(_("Reading this file stopped the worker twice: it was given up."))
        known = owner_of(run.by, KINDS[run.kind])
        if known is None:
            raise UnusableFile(_("Whoever sent this file may not import any more."))
        owner = known
        _work(run, path, about, owner, attempts)
    except DatabaseError:
        raise  # no fault of the file: the worker tries again
    except (UnusableFile, Full) as error:
        _fail(run, str(error), owner, guess=_guess(run, path, about))
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


def _fail(run: ImportRun, said: str, owner: Actor, **more: Any) -> None:
    kept.say(run, error=said, **more)
    if run.state != "failed":
        imports.move_run(run, "failed", owner)


def _guess(run: ImportRun, path: Path, about: dict[str, Any]) -> dict[str, Any] | None:
    """The likeliest header of a file of which nothing was taken in: a mapping can be made of it."""
    if run.accepted or run.updated:
        return None
    kind = KINDS[run.kind]
    try:
        sheet, row, texts = likely_header(
            sheets(path, about.get("name", ""), Mapping(kind.vocabulary))
        )
    except UnusableFile:
        return None
    return {"sheet": sheet, "header_row": row, "headings": texts} if row else None


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
        kept.write_json(self.path, {"begun": self.begun, "furthest": self.furthest})


def _work(
    run: ImportRun, path: Path, about: dict[str, Any], owner: Actor, attempts: _Attempts
) -> None:
    dry = run.state == "checking"
    kind = KINDS[run.kind]
    mapping = mapping_for(run, about)
    name = about.get("name", "")

    def progress(done: int, total: int) -> None:
        kept.say(run, done=done, total=total)
        attempts.got(done)

    def answer(result: ImportResult) -> None:
        """Left before the run ends, so that a run that ended has its answer."""
        file = imports.open_file(kind, path, mapping, name)
        if result.refusals:
            refusals.write_refusals(kept.place_of(run.ref) / "refused.xlsx", file, result.refusals)
        kept.say(run, result=_counts(result, run.way), preview=_shown(file), touched=result.touched)

    imports.import_file(
        kind, path, actor=owner, mapping=mapping, dry_run=dry, run=run, name=name,
        progress=progress, answer=answer, chosen=about.get("chosen", ()),
    )  # fmt: skip
    if dry:
        imports.move_run(run, "checked", owner)


def _counts(result: ImportResult, way: str) -> dict[str, Any]:
    """What an import did; whoever pushed rows is told of each, a page of the first."""
    counts = result.as_json()
    for list_ in ("refusals", "notices"):
        counts[f"{list_}_total"] = len(counts[list_])
        if way != "push":
            counts[list_] = counts[list_][:SHOWN]
    if "changes" in counts:
        counts["changes_total"] = len(counts["changes"])
        # Rows that have to be decided come first; so many that nobody looks at more.
        counts["changes"].sort(key=lambda c: not c["kept"])
        del counts["changes"][SHOWN_CHANGES:]
    return counts


def _shown(file: Any) -> list[dict[str, Any]]:
    """The preview of each sheet; a column is its heading, what it gives in words, why, the field,
    and whether a mapping can name it: it has a heading that no other column has."""
    shown = []
    for sheet, (_sheet, header) in zip(imports.preview(file), file.tables, strict=True):
        texts = [" ".join(cell.split()) for cell in header.cells]
        columns = [
            [c.heading, c.label, c.why, c.field, bool(text) and texts.count(text) == 1]
            for c, text in zip(header.columns, texts, strict=True)
        ]
        shown.append({**sheet, "columns": columns})
    return shown
