"""Checking a log from outside: its public files, a mirror of them, a receipt. No data folder is needed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from huhang.cli.output import Progress, Stop, agreed, as_json, complain, leaves, os_line, say
from huhang.tlog import audit as audits
from huhang.tlog import mirroring, promises, receipts, successions
from huhang.tlog import policy as policies
from huhang.tlog.audit import Audited, Missing, Source
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.policy import NONE, Policy
from huhang.tlog.saying import in_words


def audit(args: argparse.Namespace) -> int:
    """Audit a log; 1 when it does not hold."""
    if args.before and not args.policy:
        raise Stop(_("--before needs --policy: somebody must be trusted to say which log ended."))

    def check(policy: Policy | None) -> Audited:
        there = audits.source(args.log)
        try:
            found = audits.audit(there, policy, Progress(_("Reading")))
        except Missing:
            if policy is not None and (made := successions.only_ended(there, policy)):
                complain(_("It ended, and goes on as “%(new)s”.") % {"new": made.origin})
            raise
        lines = _what_else(there, found, policy, args.before) if policy is not None else []
        if lines and not args.json:
            say(*lines)
        return found

    return _checked(args, check)


def _what_else(there: Source, found: Audited, policy: Policy, old: str | None) -> list[str]:
    """What a log says of one before it, which is in ``old``, and of one after it, as far as that holds."""
    lines = []
    signed = successions.read(there, successions.BEGUN)
    name = successions.parse(signed.text).last.origin if signed is not None else ""
    if name and not any(key.name == name for key in policy.logs):
        lines.append(
            _("It says that it goes on in place of “%(old)s”, whose keys the policy does not have.")
            % {"old": name}
        )
    elif before := successions.begun(there, policy, found.head):
        values = {"size": before.size, "old": name, "place": old}
        if old:
            older = audits.source(old)
            successions.compare(before, older, audits.head_of(older, policy).head)
            told = _(
                "It goes on with the first %(size)d leaves of “%(old)s”, which ended: %(place)s has them."
            )
        else:
            told = _("“%(old)s” ended and says that this one goes on with its first %(size)d leaves; a mirror of it was "
                     "not asked (--before).")  # fmt: skip
        lines.append(told % values)
    if after := successions.ended(there, policy, found.head):
        lines.append(_("It ended, and goes on as “%(new)s”.") % {"new": after.origin})
    return lines


def mirror(args: argparse.Namespace) -> int:
    """Bring a mirror up; 1 when the log does not continue it."""
    here = Folder(Path(args.folder))
    return _checked(
        args, lambda policy: mirroring.mirror(audits.source(args.log), here, policy, Progress(_("Reading"))),
        whole=_("The mirror continues what it held; to read all of it again: huhang log audit %(folder)s")
        % {"folder": args.folder},
    )  # fmt: skip


def verify(args: argparse.Namespace) -> int:
    """Check a receipt; 1 when it does not prove what it says."""
    data = read(args.file)
    return _checked(args, lambda policy: receipts.verify(data, policy), named=args.file)


def promise(args: argparse.Namespace) -> int:
    """Look for what a promise promised in a log; 1 when it was broken."""
    data = read(args.file)
    more: dict[str, Any] = {}

    def check(policy: Policy) -> Audited:
        with _naming(args.file):
            made = promises.check(data, policy)
        found, index = promises.look_for(made, audits.source(args.log), policy, datetime.now(UTC))
        more["index"] = index
        if not args.json:
            say(_("The leaf stands at %(index)d.") % {"index": index} if index is not None else
                _("The leaf is not there yet; it was promised by %(by)s.") % {"by": made.by.isoformat()})  # fmt: skip
        return found

    return _checked(args, check, more=more)


def go_on(args: argparse.Namespace) -> int:
    """Take over from a mirror what this database does not have, and publish again."""
    from huhang.cli import ready
    from huhang.tlog.continuing import continue_from
    from huhang.tlog.models import Tick
    from huhang.tlog.public_folder import Restored, mark_restored, restored
    from huhang.tlog.publishing import publish
    from huhang.tlog.showing import show_missing

    ready.need()
    if bool(args.folder) == args.nothing:
        raise Stop(_("Name a mirror or say --nothing, one of them."))
    if args.nothing:
        size = Tick.objects.order_by("-number").values_list("size", flat=True).first() or 0
        mark = restored() or Restored(size, 0)
        mark_restored(replace(mark, answered=True))
        publish()
        show_missing()
        say(_("The log is published again."))
        return 0
    try:
        done = continue_from(Folder(Path(args.folder)))
    except Invalid as error:
        raise Stop(f"{args.folder}: {in_words(error)}") from None
    say(_("Both have %(common)d leaves. %(taken)d were taken over: %(known)d of entries that are here, the others of "
          "entries that are lost here, or cover leaves.")
        % {"common": done.common, "taken": done.taken, "known": done.known})  # fmt: skip
    publish()
    show_missing()
    say(_("The log is published again."))
    return 0


def new_origin(args: argparse.Namespace) -> int:
    """On the server: end this log and begin another in its place, after somebody has agreed."""
    from huhang.cli import ready
    from huhang.tlog import identity, succeeding

    ready.need()
    if args.address and not re.match(r"https?://[^/]", args.address):
        raise Stop(_("An address begins with http:// or https://"))
    last = read(args.last) if args.last else None
    ours, coming = identity.identity(), identity.coming()
    name = coming.origin if coming else identity.origin_after(ours.origin, args.address or "")
    why = succeeding.outlook() if coming is None else ""
    if why:
        say(_("It cannot be published any more: %(reason)s") % {"reason": why})
    if not args.yes:
        say(_("The log “%(old)s” ends, and “%(new)s” begins in its place. Keys are made anew, and witnesses, mirrors and "
              "policies have to be told. This cannot be undone.") % {"old": ours.origin, "new": name})  # fmt: skip
        agreed(_("Nothing was changed."))
    done = succeeding.begin(last, args.address or "")
    made = done.made
    lines = [
        _("“%(new)s” goes on with the first %(size)d leaves of “%(old)s”.")
        % {"new": made.origin, "old": made.last.origin, "size": made.size}
    ]
    if lost := made.last.size - made.size:
        lines.append(
            _("%(lost)d leaves after them are lost here, as far as is known.") % {"lost": lost}
        )
    say(
        *lines,
        _("The old log holds an entry that says so.") if done.proven else
        _("The old log cannot be published any more: what ends it is signed with its keys, at its address."),
        _("Next: witnesses put the keys at /%(place)s/policy into their logs; HUHANG_LOG_MIRROR names a new mirror; the "
          "root signs a statement (huhang log statement); tell whoever has the old policy; make a backup.")
        % {"place": made.origin.rpartition("/")[2]},
    )  # fmt: skip
    return 0


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Say of which file something cannot be read."""
    try:
        yield
    except Unproven:
        raise
    except Invalid as error:
        raise Stop(f"{file}: {in_words(error)}") from None


def _checked(
    args: argparse.Namespace,
    check: Any,
    *,
    whole: str = "",
    named: str = "",
    more: dict[str, Any] | None = None,
) -> int:
    """What a check finds, in words or as JSON, and its status. ``whole``: what is said where nothing is wrong,
    beside the signatures; ``named``: the file that is read; ``more``: for the JSON object."""
    try:
        policy = None
        if args.policy:
            with _naming(args.policy):
                policy = policies.parse(read(args.policy))
        with _naming(named) if named else nullcontext():
            found: Audited = check(policy)
    except Unproven as error:
        if args.json:
            as_json({"ok": False, "reason": str(error)})
        else:
            say(_("DOES NOT HOLD: %(reason)s") % {"reason": in_words(error)})
        return 1
    except Invalid as error:
        raise Stop(in_words(error)) from None
    if args.json:
        as_json({"ok": found.quorum is not False, "origin": found.head.origin, "size": found.head.size,
                 "root": found.head.root.hex(), "quorum": found.quorum, **(more or {})})  # fmt: skip
        return 0 if found.quorum is not False else 1
    say(_("%(origin)s: %(leaves)s, root %(root)s")
        % {"origin": found.head.origin, "leaves": leaves(found.head.size),
           "root": found.head.root.hex()})  # fmt: skip
    if found.quorum is None:
        signed = _("Whose log it is was not asked (no --policy).")
    elif policy is not None and policy.quorum == NONE:
        signed = _("The log signed it; the policy asks for no witness.")
    elif found.quorum:
        signed = _("It is signed and cosigned as the policy wants it.")
    else:
        signed = _("The log signed it, but the quorum of witnesses did not cosign it.")
    say(whole or _("Everything holds."), signed)
    return 1 if found.quorum is False else 0


def read(name: str) -> bytes:
    """A file that was named. Raises ``Stop``."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Stop(os_line(error)) from None
