"""Imports, bulletins, the log, posters, erasing."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from huhang.cases import actions as verbs
from huhang.cases import proposing
from huhang.cases.queries import access_case
from huhang.cli import ready
from huhang.cli.output import (
    Progress,
    Stop,
    as_json,
    complain,
    entries,
    files,
    leaves,
    os_words,
    put,
    reason_words,
    say,
)
from huhang.config import reactions
from huhang.insight import actions as publishing
from huhang.insight import documents, figures, queries
from huhang.insight.charts import count, document, panels
from huhang.insight.charts.view import read_view
from huhang.intake import imports, posters, reconcile, runs
from huhang.intake.importer import Difference, ImportResult
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.tables import refusals
from huhang.tables.faults import Remark
from huhang.tables.file import TableFile
from huhang.tables.headings import WHYS
from huhang.tables.mapping import Mapping, read_mapping
from huhang.tlog import export
from huhang.tlog.actions import tick
from huhang.tlog.publishing import publish as publish_log
from huhang.tlog.showing import show_missing
from huhang.tlog.verify import verify

SHOWN = 20


def _save(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Stop(f"{path}: {os_words(error)}") from None


def _file(name: str) -> Path:
    """A file that is read more than once, or written in no order: no pipe and no device."""
    path = Path(name)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise Stop(
            _("%(file)s is a pipe or a device: a file on a disk is needed.") % {"file": path}
        )
    return path


def import_file(args: argparse.Namespace) -> int:
    """Import a file of a kind; 1 when rows were refused."""
    ready.need()
    kind = KINDS[args.kind]
    path = _file(args.file)
    if not path.exists():
        raise Stop(_("%(file)s: there is no such file") % {"file": path})
    mapping = read_mapping(_file(args.mapping), kind.vocabulary) if args.mapping else None
    if args.vintage:
        mapping = replace(mapping or Mapping(kind.vocabulary), vintage=args.vintage)
    if args.refusals:
        try:
            refusals.check_target(_file(args.refusals), path)
        except OSError as error:
            raise Stop(f"{args.refusals}: {os_words(error)}") from None
    _tell_stopped()
    progress = None if args.json else Progress(_("Importing"))
    if args.dry_run:
        result = imports.import_file(
            kind, path, actor=OPERATOR, mapping=mapping, dry_run=True, progress=progress,
            chosen=args.over,
        )  # fmt: skip
    else:
        imports.open_file(kind, path, mapping)  # a file that is no table begins no import
        command = ["huhang", "import", args.kind, str(path.absolute())]
        command += ["--mapping", str(Path(args.mapping).absolute())] if args.mapping else []
        command += ["--vintage", str(args.vintage)] if args.vintage else []
        command += [f"--over={one}" for one in args.over]
        with runs.at_command(kind, path, mapping, OPERATOR, command) as run:
            result = imports.import_file(
                kind, path, actor=OPERATOR, mapping=mapping, progress=progress, run=run,
                chosen=args.over,
            )  # fmt: skip
    if args.refusals and result.refusals:
        try:
            refusals.write_refusals(
                Path(args.refusals), imports.open_file(kind, path, mapping), result.refusals
            )
        except OSError as error:
            raise Stop(f"{args.refusals}: {os_words(error)}") from None
    if args.json:
        as_json(result.as_json())
    else:
        _tell_import(args, result, imports.open_file(kind, path, mapping) if args.dry_run else None)
    return 1 if result.refused else 0


def _tell_stopped() -> None:
    """Name, on standard error, each import of the command line that was killed, and how to resume."""
    for run, command in runs.stopped():
        said = _(
            "The import %(ref)s of %(file)s, begun on %(day)s, was stopped; what was committed stays."
        )
        complain(said % {"ref": run.ref, "file": run.name, "day": clock.local_day(run.started_at)})
        if command:
            complain(_("To take it up again: %(command)s") % {"command": shlex.join(command)})


def _tell_import(
    args: argparse.Namespace, result: ImportResult, dry: TableFile[Any] | None
) -> None:
    if dry is not None:
        _tell_preview(dry)
        say(_("Nothing was taken in: this was a dry run."))
    say(
        ngettext(
            "%(read)d row read: %(accepted)d accepted, %(updated)d updated, %(repeated)d repeated, "
            "%(refused)d refused.",
            "%(read)d rows read: %(accepted)d accepted, %(updated)d updated, %(repeated)d repeated, "
            "%(refused)d refused.",
            result.read,
        )
        % {"read": result.read, "accepted": result.accepted, "updated": result.updated,
           "repeated": result.repeated, "refused": result.refused}
    )  # fmt: skip
    for change in result.changes or []:
        said = _("Row %(row)d, %(ref)s, %(field)s: %(here)s → %(file)s") % vars(change)
        say(" · ".join([" ".join(said.split()), *_standing(change)]))
    for refusal in result.refusals[:SHOWN]:
        say(_("Refused: sheet %(sheet)s, row %(row)d, %(field)s: %(reason)s")
            % {"sheet": refusal.sheet, "row": refusal.row, "field": refusal.field,
               "reason": refusal.reason})  # fmt: skip
    if len(result.refusals) > SHOWN:
        say(_("… and %(more)d more") % {"more": len(result.refusals) - SHOWN})
    for notice in (n for n in result.notices if not n.row and n.sheet):
        say(_("Sheet “%(sheet)s”: %(reason)s") % {"sheet": notice.sheet, "reason": notice.reason})
    remarks = [n for n in result.notices if n.row or not n.sheet]
    for notice in remarks[:SHOWN]:
        say(pgettext("import", "Remark") + pgettext("joint", ": ") + _place(notice) + notice.reason)
    if len(remarks) > SHOWN:
        said = ngettext(
            "… and %(count)d more remark; --json lists it.",
            "… and %(count)d more remarks; --json lists them.",
            len(remarks) - SHOWN,
        )
        say(said % {"count": len(remarks) - SHOWN})
    if args.refusals and result.refusals:
        say(_("Refused rows are saved in %(file)s: correct them there and import that file.")
            % {"file": args.refusals})  # fmt: skip


def _place(notice: Remark) -> str:
    """Where a remark belongs, before its words; nothing where it is about the whole file."""
    place = [
        _("sheet %(sheet)s") % {"sheet": notice.sheet} if notice.sheet else "",
        _("row %(row)d") % {"row": notice.row} if notice.row else "",
        notice.field,
    ]
    said = pgettext("list", ", ").join(filter(None, place))
    return said + pgettext("joint", ": ") if said else ""


def _standing(change: Difference) -> list[str]:
    """What is to be known of a change besides."""
    said = [_("changed here since")] if change.conflict else []
    return [*said, _("kept as it is here")] if change.kept else said


def _tell_preview(file: TableFile[Any]) -> None:
    for sheet in imports.preview(file, rows=3):
        say(_("Sheet “%(sheet)s”, header in row %(row)d:")
            % {"sheet": sheet["sheet"], "row": sheet["header_row"]})  # fmt: skip
        for column in sheet["columns"]:
            say(f"  {column.heading} → {column.label} ({WHYS[column.why]})")
        for number, cells in sheet["rows"]:
            say(f"  {number}: " + " | ".join(" ".join(c.split()) for c in cells))


def import_days(args: argparse.Namespace) -> int:
    """What each source sent on each day, and what became of it."""
    ready.need()
    _tell_stopped()
    days = reconcile.by_day(ImportRun.objects.order_by("id"), args.since, args.until)
    if args.json:
        as_json({"days": [d.as_json() for d in days]})
        return 0
    for d in days:
        say(
            _("%(day)s %(source)s (%(kind)s): %(sent)d sent = %(accepted)d accepted + %(updated)d "
              "updated + %(repeated)d repeated + %(refused)d refused, %(files)s")
            % {**d.as_json(), "files": files(d.files)}
        )  # fmt: skip
    if not days:
        say(_("Nothing was imported in these days."))
    return 0


def bulletin(args: argparse.Namespace) -> int:
    """Count as the operator, over all that was acknowledged."""
    ready.need()
    scope = figures.read_scope(args.since, args.until, args.unit)
    reactions.close_off()
    counted = figures.count(OPERATOR, scope)
    language = get_language() or "en"
    document = queries.live(counted, scope)
    if args.word:
        _save(Path(args.word), documents.word(document))
    if args.excel:
        _save(Path(args.excel), documents.excel(document))
    if args.publish:
        made = write(lambda w: publishing.publish(w, scope, args.publish), actor=OPERATOR)
        if not args.json:
            say(_("Published as %(ref)s; small cells are suppressed.") % {"ref": made.ref})
    if args.json:
        as_json(figures.as_json(counted, scope, language))
        return 0
    say(document.title, *document.head)
    colon = pgettext("joint", ": ")
    for section in document.sections:
        if section.split:
            say(f"{section.name}{colon}".rstrip())
        for row in section.rows:
            say(f"  {row.name}{colon}{row.shown} {row.unit}".rstrip())
    return 0


def dashboard(args: argparse.Namespace) -> int:
    """Count the charts as the operator; what they say first, their data, or files of them."""
    ready.need()
    view = read_view({"from": args.since, "to": args.until, "unit": args.unit})
    reactions.close_off()
    counted = count.count(OPERATOR, view)
    made = document.report(counted, view, public=args.public)
    if args.word:
        _save(Path(args.word), document.word(made))
    if args.excel:
        whole = document.report(counted, view, public=args.public, whole=True)
        _save(Path(args.excel), document.excel(whole))
    if args.json:
        as_json(panels.as_json(counted, view))
        return 0
    say(made.title, *made.head)
    for panel in made.panels:
        say(f"{panel.name}{pgettext('joint', ': ')}{panel.message}")
    return 0


def log_verify(args: argparse.Namespace) -> int:
    """Verify everything; 1 when something does not hold."""
    ready.need()
    verdict = verify()
    if args.json:
        as_json(verdict.as_json())
        return 0 if verdict.ok else 1
    say(_("%(entries)s, tree of %(leaves)s, root %(root)s")
        % {"entries": entries(verdict.entries), "leaves": leaves(verdict.tree_size),
           "root": verdict.root})  # fmt: skip
    if verdict.first_bad is None:
        say(_("Everything holds."))
        return 0
    bad = verdict.first_bad
    say(_("DOES NOT HOLD: table %(table)s, row %(row)s, entry %(entry)s: %(reason)s")
        % {"table": bad.table, "row": bad.row, "entry": bad.entry, "reason": reason_words(bad.reason)})  # fmt: skip
    return 1


def log_tick(args: argparse.Namespace) -> int:
    """Tick now."""
    ready.need()
    made = tick()
    publish_log()
    show_missing()
    say(_("Tick %(number)d, tree of %(leaves)s")
        % {"number": made.number, "leaves": leaves(made.size)})  # fmt: skip
    return 0


def log_export(args: argparse.Namespace) -> int:
    """Write the log's manifests, one a line: to a file that is whole or not there, or to standard output."""
    ready.need()
    if args.file in ("", "-"):
        for line in export.lines():
            put(line)
        return 0
    path = Path(args.file)
    part = path.with_name(f"{path.name}.part")
    count = -1
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            for line in export.lines():
                out.write(line)
                count += 1
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Stop(f"{path}: {os_words(error)}") from None
    say(_("%(entries)s in %(file)s") % {"entries": entries(count), "file": path})
    return 0


def rebuild(args: argparse.Namespace) -> int:
    """Make the read models anew."""
    ready.need()
    say(_("%(entries)s followed; the read models are up to date.")
        % {"entries": entries(reactions.rebuild())})  # fmt: skip
    return 0


def _typed(question: str) -> str:
    """What somebody at the terminal answers; nothing where nobody is there, or leaves."""
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    try:
        return input(question).strip()
    except (EOFError, UnicodeDecodeError):
        return ""


def erase(args: argparse.Namespace) -> int:
    """Erase the words of a case, after a question."""
    ready.need()
    case = access_case(OPERATOR, args.ref)
    if not args.yes:
        say(_("The words, files, names and contact of %(ref)s will be gone from this machine for "
              "good. The log keeps that they were there, and that they were erased, by whom and why.")
            % {"ref": case.ref})  # fmt: skip
        say(_("Older backups still hold them until they expire."))
        if _typed(_("Type the reference to erase: ")) != case.ref:
            raise Stop(_("Nothing was erased. (--yes does not ask)"))
    write(lambda w: verbs.perform(w, case.ref, "erase", note=args.reason), actor=OPERATOR)
    waits = "erase" in proposing.waiting_verbs(case)
    said = (
        _("Proposed; it is erased once it is approved: %(ref)s") if waits else _("Erased: %(ref)s")
    )
    say(said % {"ref": case.ref})
    return 0


def poster(args: argparse.Namespace) -> int:
    """Save a poster."""
    ready.need()
    path = Path(args.file)
    form = path.suffix.lower().lstrip(".")
    if form not in ("pdf", "png"):
        raise Stop(_("A poster is a .pdf or a .png file."))
    _save(path, posters.poster(args.site, form))
    if posters.on_loopback():
        complain(
            _("The code leads to %(url)s, which only this machine can open: set HUHANG_BASE_URL.")
            % {"url": settings.HUHANG_BASE_URL}
        )
    say(_("Saved %(file)s") % {"file": path})
    return 0
