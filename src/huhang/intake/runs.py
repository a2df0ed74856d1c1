"""Imports that people start: a file waits in the data folder, the worker reads it.

First it is only looked at (a dry run with its preview), then somebody confirms it. A worker that is
killed begins again at the same file; the import adds nothing twice. What a saved source sent can be
run again under its mapping of today while the file is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import queries
from huhang.intake import imports, kept, sources, work
from huhang.intake.importer import Kind
from huhang.intake.kinds import KINDS, offered
from huhang.intake.models import ImportRun, Source
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.write import write
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import Mapping

MOST_BYTES = 200 * 1024 * 1024
SHOWN = 100
DAYS = 31


def start(
    kind: Kind,
    blocks: Iterable[bytes],
    name: str,
    mapping: str,
    language: str,
    actor: Actor,
    *,
    origin: Source | None = None,
    way: str = "upload",
    state: str = "checking",
    ref: str = "",
    push: str | None = None,
    again: str = "",
    **more: Any,
) -> ImportRun:
    """Keep a file, and record that it waits. ``name``: what its sender calls it.

    ``mapping``: YAML; where it is empty, that of ``origin`` is used. ``state``: checking, or running
    for what needs nobody's word. ``more`` is kept beside the file. Raises ``Full``, and ``UnusableFile`` for a bad mapping.
    """
    given = work.parsed(kind, mapping)
    about: dict[str, Any] = {**more, "mapping": mapping, "language": language}
    if origin is not None and given is None:
        about |= {"mapping": origin.mapping, "saved": True}
    ref = ref or ids.new_ref()
    digest = kept.keep(ref, blocks, name, about)
    return imports.begin_run(
        kind, actor, ref=ref, state=state, way=way, file_hash=digest, name=PurePath(name).name,
        source=origin.code if origin else imports.source_of(kind, given),
        origin=origin, push=push, again=again,
    )  # fmt: skip


def take(
    kind: Kind,
    blocks: Iterable[bytes],
    size: int,
    name: str,
    mapping: str,
    language: str,
    actor: Actor,
    *,
    source: str = "",
) -> ImportRun:
    """Take a file as it is uploaded; ``source``: the code of the saved source that it is from, whose
    kind counts then. Raises ``Refused`` naming the field, ``NotAllowed``, ``Full``."""
    origin = sources.access(actor, source) if source else None
    if origin is not None:
        if not origin.active:
            raise Refused(_("This source is out of use."), field="source")
        kind = KINDS[origin.kind]
    if not any(actor.has(role) for role in kind.roles):
        raise NotAllowed(_("Your role does not import this kind of file."))
    if kind.kind not in offered():
        raise Refused(_("There is no such kind of file here."), field="kind")
    if PurePath(name).suffix.lower() not in kept.SUFFIXES:
        raise Refused(_("An .xlsx, .xls, .csv, .json or .jsonl file is needed."), field="file")
    if size > MOST_BYTES:
        raise Refused(_("At most %(limit)d MB.") % {"limit": MOST_BYTES >> 20}, field="file")
    files.check_room(size * 4)
    try:
        return start(kind, blocks, name, mapping, language, actor, origin=origin)
    except UnusableFile as error:
        raise Refused(str(error), field="mapping") from None


@contextmanager
def at_command(
    kind: Kind, path: Path, mapping: Mapping | None, actor: Actor, command: list[str]
) -> Iterator[ImportRun]:
    """The run of an import that the command line carries out; one that is killed in the block is
    found and named later (``stopped``). ``command``: what began it."""
    ref = ids.new_ref()
    with kept.held(ref):
        kept.write_json(kept.place_of(ref) / "about.json", {"command": command})
        yield imports.begin_run(
            kind, actor, ref=ref, state="running", way="command", name=path.name,
            file_hash=imports.digest(path), source=imports.source_of(kind, mapping),
        )  # fmt: skip
        kept.forget(ref)


def stopped() -> list[tuple[ImportRun, list[str]]]:
    """Imports of the command line that were killed since this was last asked, each with the command
    that takes it up again."""
    return [(run, kept.about(run.ref).get("command", [])) for run in work.mark_stopped()]


def own_runs(actor: Actor) -> list[ImportRun]:
    """The imports of this person and of their sources, newest first."""
    found = ImportRun.objects.filter(by=actor.ref).select_related("origin")
    return list(found.order_by("-id")[:SHOWN])


def recent_runs(actor: Actor) -> list[ImportRun]:
    """The same of the last days, each of them, for what came on each day."""
    since = clock.now() - timedelta(days=DAYS)
    return list(ImportRun.objects.filter(by=actor.ref, started_at__gte=since).order_by("-id"))


def access_run(actor: Actor, ref: str) -> ImportRun:
    """One of the actor's own imports. Raises ``Missing``."""
    run = ImportRun.objects.filter(ref=ref, by=actor.ref).select_related("origin").first()
    if run is None:
        raise Missing(_("There is no such import."))
    return run


def status(run: ImportRun, actor: Actor) -> dict[str, Any]:
    """How far it is and what it found: done, total, result, preview, error, when they are known.

    Changes of a case that the actor no longer sees are not among them.
    """
    found = kept.status(run)
    changes = (found.get("result") or {}).get("changes")
    if changes:
        refs = {c["ref"] for c in changes}
        seen = set(queries.visible_to(actor).filter(ref__in=refs).values_list("ref", flat=True))
        found["result"]["changes"] = [c for c in changes if c["ref"] in seen]
    return found


def idle(status: dict[str, Any]) -> str:
    """Why there is nothing to take in of a file that was looked at, and what to do; empty where
    something is, or rows wait for a choice. ``status``: of ``status``."""
    result = status.get("result") or {}
    wanted = any(result.get(name) for name in ("accepted", "updated")) or status.get("touched")
    if wanted or any(change["conflict"] for change in result.get("changes") or ()):
        return ""
    if not result.get("read"):
        return _("No row stands below the header. Fill the file in, or choose another one.")
    if not result["refused"]:
        return _("All that this file says is here already. There is nothing left to do.")
    if not result["repeated"]:
        return _(
            "Every row is refused. Correct the refused rows, or the fields of the columns, and "
            "choose the corrected file."
        )
    return _(
        "The rows are refused or here already. Correct the refused ones, and choose the corrected "
        "file."
    )


def confirm(run: ImportRun, actor: Actor, chosen: Sequence[str] = ()) -> None:
    """Carry out what was only looked at; ``chosen``: rows to apply although they changed here since.

    Raises ``Conflict`` when it no longer waits, ``Refused`` where a repeated run would double rows.
    """
    path = kept.data_of(run)
    if run.state != "checked" or path is None:
        raise Conflict(imports.GONE_ON)
    _check_identity(run, path)

    def first() -> None:
        kept.set_about(run, chosen=[c[:100] for c in chosen])
        kept.say(run)

    imports.move_run(run, "running", actor, first)


def give_up(run: ImportRun, actor: Actor) -> None:
    """Drop a file that was only looked at: nothing of it was taken in. Raises ``Conflict``."""
    if run.state != "checked":
        raise Conflict(imports.GONE_ON)
    imports.move_run(run, "dropped", actor)
    kept.forget(run.ref)


def headings(run: ImportRun) -> list[tuple[str, str]]:
    """The headings of a file that a mapping can name, each with the field that it gives now.

    Empty where nothing is to be mended any more: the file was taken in, or is not kept.
    """
    status = kept.status(run)
    if kept.data_of(run) is None or run.state not in ("checked", "failed"):
        return []
    if run.state == "failed":
        guess = status.get("guess") or {}
        return [(h, "") for h in dict.fromkeys(guess.get("headings", ())) if h]
    found: dict[str, str] = {}
    for sheet in status.get("preview", ()):
        for heading, _label, _why, field, named in sheet["columns"]:
            if named:
                found.setdefault(heading, field if len(field) > 1 else "")
    return list(found.items())


def remap(
    run: ImportRun, chosen: dict[str, str], actor: Actor, language: str, *, save: bool
) -> ImportRun:
    """Look at a file anew: ``chosen`` says of each heading which field it gives (empty: none).

    ``save``: the mapping becomes that of its source, too. What was dropped or pushed keeps its first
    answer: it is looked at as a run of its own, which is returned. Raises ``Refused``, ``Conflict``,
    ``Missing``.
    """
    now = headings(run)
    answered = run.way in ("folder", "push")
    if not now:
        raise Conflict(imports.GONE_ON)
    if (run.origin is None and save) or (answered and not save):
        raise Missing(_("There is no such import."))
    vocabulary = KINDS[run.kind].vocabulary
    columns: dict[str, str] = {}
    for heading, _field in now:
        field = chosen.get(heading, "")
        if not field:
            continue
        if field not in vocabulary.fields:
            raise Refused(_("There is no such field here."), field=heading)
        if field in columns:
            raise Refused(
                _("“%(one)s” and “%(other)s” cannot both give “%(field)s”.")
                % {"one": columns[field], "other": heading, "field": vocabulary.label(field)},
                field=heading,
            )
        columns[field] = heading
    before = _mapping(run) or Mapping(vocabulary)
    there = {heading for heading, _field in now}
    left = [h for h, field in now if not chosen.get(h) and (field or h in before.left)]
    if save:  # what the mapping says of columns that this file does not have stays
        left += [h for h in before.left if h not in there]
        columns |= {f: h for f, h in before.columns.items() if f not in columns and h not in there}
    text = replace(before, columns=columns, left=tuple(left)).as_yaml()
    if save and run.origin is not None:
        code = run.origin.code
        write(lambda w: sources.set_mapping(w, code, text), actor=actor)
        run.origin.refresh_from_db()
        if answered:
            return replay(run, actor, language)
    imports.move_run(run, "checking", actor, lambda: kept.set_about(run, mapping=text, saved=save))
    return run


def _mapping(run: ImportRun) -> Mapping | None:
    return work.mapping_for(run, kept.about(run.ref))


def may_replay(run: ImportRun) -> bool:
    """Whether what a source sent can be run again."""
    over = run.state in ("done", "failed")
    return over and run.origin is not None and kept.data_of(run) is not None


def replay(run: ImportRun, actor: Actor, language: str, *, look: bool = True) -> ImportRun:
    """Run what a source sent again, under its mapping of today: a run of its own, which with
    ``look`` is only looked at first. Rows that say the same count as repeated.

    Raises ``Refused``, ``Missing``.
    """
    path = kept.data_of(run)
    if path is None or run.origin is None or not may_replay(run):
        raise Missing(_("This file is not kept any more."))
    if not run.origin.active:
        raise Refused(_("This source is out of use."))
    before = kept.about(run.ref)
    made = start(
        KINDS[run.kind], kept.blocks_of(path), run.name or path.name, "", language, actor,
        origin=run.origin, way="replay", state="checked", again=run.ref,
        before={name: before.get(name) for name in ("mapping", "saved")},
    )  # fmt: skip
    if look:
        imports.move_run(made, "checking", actor)
    else:
        confirm(made, actor)
    return made


def _check_identity(run: ImportRun, path: Path) -> None:
    """Raise ``Refused`` where the rows that the repeated run took in would be known by something else
    now, and so be taken in a second time."""
    first = ImportRun.objects.filter(ref=run.again).first() if run.again else None
    if first is None or not first.accepted + first.updated + first.repeated:
        return
    kind, about = KINDS[run.kind], kept.about(run.ref)
    try:
        before = _known_by(kind, path, work.mapping_for(run, about.get("before", {})), run.name)
        after = _known_by(kind, path, work.mapping_for(run, about), run.name)
    except UnusableFile as error:
        raise Refused(str(error)) from None
    if before != after:
        raise Refused(
            _("Under the mapping of today the rows of this file would be known by something else, and "
              "those that were taken in would be taken in a second time: it is not run again.")
        )  # fmt: skip


def _known_by(kind: Kind, path: Path, mapping: Mapping | None, name: str) -> list[Any]:
    """For each sheet the column of its numbers; where it has none, all that its columns give."""
    file = imports.open_file(kind, path, mapping, name)
    found: list[Any] = []
    for sheet, header in file.tables:
        fields = header.field_of()
        number = fields.get(kind.number_field)
        found.append((sheet.name, fields if number is None else number))
    return found
