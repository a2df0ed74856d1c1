"""Saved sources: add, map, retire, their keys, and running again what they sent."""

from __future__ import annotations

import argparse
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from huhang.cli import ready
from huhang.cli.output import Stop, as_json, os_words, say
from huhang.intake import inbox, kept, runs, sources, work
from huhang.intake.kinds import KINDS, words_of
from huhang.intake.models import ImportRun, Source
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import Write, write
from huhang.parties.models import User

COUNTS = ("read", "accepted", "updated", "repeated", "refused")


def _as_json(source: Source) -> dict[str, Any]:
    owner = User.objects.filter(ref=source.owner).first()
    return {
        "code": source.code, "name": source.name, "kind": source.kind, "active": source.active,
        "watched": source.watched, "folder": str(inbox.folder_of(source)),
        "owner": owner.username if owner else "", "mapping": source.mapping,
        "keys": [{"ref": k.ref, "made_at": k.made_at.isoformat()} for k in sources.keys_of(source)],
    }  # fmt: skip


def _tell(args: argparse.Namespace, source: Source) -> int:
    if args.json:
        as_json(_as_json(source))
    else:
        said = _("in use") if source.active else _("retired")
        folder = str(inbox.folder_of(source)) if source.watched else ""
        say("\t".join([source.code, words_of(source.kind), source.name, said, folder]).rstrip())
    return 0


def add(args: argparse.Namespace) -> int:
    """Add a source for somebody."""
    ready.need()
    given = {n: getattr(args, n) for n in ("code", "name", "kind", "watched", "owner")}
    return _tell(args, write(lambda w: sources.add(w, **given), actor=OPERATOR))


def listed(args: argparse.Namespace) -> int:
    """List the sources."""
    ready.need()
    found = sources.sources_for(OPERATOR)
    if args.json:
        as_json({"sources": [_as_json(s) for s in found]})
        return 0
    for source in found:
        _tell(args, source)
    if not found:
        say(_("There is no source yet: huhang source add."))
    return 0


def mapping(args: argparse.Namespace) -> int:
    """Save a mapping from a file, or print the one that is saved."""
    ready.need()
    if args.file is None:
        source = sources.access(OPERATOR, args.code)
        if args.json:
            return _tell(args, source)
        say(
            source.mapping.rstrip() or _("None saved: columns are recognised by their usual names.")
        )
        return 0
    try:
        with open(args.file, encoding="utf-8-sig") as file:
            text = file.read(sources.LONGEST_MAPPING + 1)
    except UnicodeDecodeError:
        raise Stop(_("%(file)s is no text in UTF-8.") % {"file": args.file}) from None
    except OSError as error:
        raise Stop(f"{args.file}: {os_words(error)}") from None
    return _tell(args, write(lambda w: sources.set_mapping(w, args.code, text), actor=OPERATOR))


def watch(args: argparse.Namespace) -> int:
    """Watch a source's folder, or no longer."""
    ready.need()

    def action(w: Write) -> Source:
        found = sources.access(w.actor, args.code)
        return sources.change(w, args.code, name=found.name, watched=not args.off)

    return _tell(args, write(action, actor=OPERATOR))


def set_active(args: argparse.Namespace) -> int:
    """Retire a source or use it again."""
    ready.need()
    change = write(lambda w: sources.set_active(w, args.code, active=args.active), actor=OPERATOR)
    return _tell(args, change)


def make_key(args: argparse.Namespace) -> int:
    """Print a new key."""
    ready.need()
    made, secret = write(lambda w: sources.make_key(w, args.code), actor=OPERATOR)
    if args.json:
        as_json({"ref": made.ref, "key": secret})
    else:
        say(f"{made.ref}\t{secret}")
    return 0


def end_key(args: argparse.Namespace) -> int:
    """End a key."""
    ready.need()
    write(lambda w: sources.end_key(w, args.code, args.ref), actor=OPERATOR)
    return _tell(args, sources.access(OPERATOR, args.code))


def replay(args: argparse.Namespace) -> int:
    """Run again what a source sent, the oldest first; 1 when rows were refused."""
    ready.need()
    source = sources.access(OPERATOR, args.code)
    owner = work.owner_of(source.owner, KINDS[source.kind])
    if owner is None:
        raise Stop(_("The person for whom this source is taken in may not import any more."))
    sent = ImportRun.objects.filter(origin=source).exclude(way="replay").order_by("id")
    wanted = [r for r in sent if (not args.run or r.ref == args.run) and runs.may_replay(r)]
    if args.run and not wanted:
        raise Stop(_("%(ref)s: there is no such import of this source, or its file is not kept any more.")
                   % {"ref": args.run})  # fmt: skip
    told = []
    for run in wanted:
        again = runs.replay(run, owner, get_language() or "en", look=False)
        work.carry_out(again)
        again.refresh_from_db()
        counts = {name: getattr(again, name) for name in COUNTS}
        error = kept.status(again).get("error", "")
        told.append(
            {"run": run.ref, "again": again.ref, "file": run.name, "state": again.state, **counts,
             "error": error}
        )  # fmt: skip
        if error and not args.json:
            say(error)
        elif not args.json:
            said = ngettext(
                "%(file)s: %(read)d row read: %(accepted)d accepted, %(updated)d updated, "
                "%(repeated)d repeated, %(refused)d refused.",
                "%(file)s: %(read)d rows read: %(accepted)d accepted, %(updated)d updated, "
                "%(repeated)d repeated, %(refused)d refused.",
                counts["read"],
            )
            say(said % {**counts, "file": run.name})
    if args.json:
        as_json({"replayed": told})
    elif not told:
        say(_("Nothing that this source sent is kept any more."))
    return 1 if any(t["refused"] or t["state"] != "done" for t in told) else 0
