"""The root of a log's keys: a file that is kept offline and signs which keys hold."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from django.utils.translation import gettext as _

from huhang.cli.open_log import read
from huhang.cli.output import Stop, agreed, os_line, put, say
from huhang.tlog import keys, recipients, statements
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.keys import ED25519, PrivateKey, PublicKey
from huhang.tlog.note import Note, check_name
from huhang.tlog.saying import in_words
from huhang.tlog.statements import Statement


def init(args: argparse.Namespace) -> int:
    """Make a root. Offline, on a machine that is not the server."""
    try:
        made = PrivateKey(check_name(args.name), ED25519, secrets.token_bytes(32))
    except Invalid as error:
        raise Stop(in_words(error)) from None
    try:
        keys.keep(Path(args.file), [made])
    except FileExistsError:
        raise Stop(_("%(file)s is there already.") % {"file": args.file}) from None
    except OSError as error:
        raise Stop(os_line(error)) from None
    say(_("The root is in %(file)s: keep it offline, and a copy elsewhere.") % {"file": args.file})
    say(str(made.key), _("Fingerprint: %(print)s") % {"print": statements.fingerprint(made.key)})
    return 0


def sign(args: argparse.Namespace) -> int:
    """Sign a statement after somebody has looked at it."""
    try:
        root = keys.parse_private(read(args.file).decode("utf-8", "replace").strip())
        made = statements.parse(read(args.statement).decode("utf-8", "replace"))
    except Invalid as error:
        raise Stop(in_words(error)) from None
    if made.root != root.key:
        raise Stop(_("This statement names another root than this one."))
    if not args.yes:
        print(made.text, file=sys.stderr)
        print(_("Are these the keys that hold now?"), file=sys.stderr)
        agreed(_("Nothing was signed."))
    put(str(Note(made.text, (root.sign(made.text),))))
    return 0


def statement(args: argparse.Namespace) -> int:
    """On the server: what the root is asked to sign."""
    from huhang.cli import ready
    from huhang.tlog.announcing import to_sign

    ready.need()
    handlers = _handlers(args.handlers) if args.handlers else None
    put(to_sign(_public(args.root), _public(args.next), handlers).text)
    return 0


def announce(args: argparse.Namespace) -> int:
    """On the server: take in what the root signed."""
    from huhang.cli import ready
    from huhang.tlog.announcing import announce as take_in
    from huhang.tlog.showing import is_proven

    ready.need()
    made = take_in(read(args.file), lost=args.lost)
    say(_("Statement %(number)d is in the log.") % {"number": made.number})
    if not is_proven(made.number):
        say(_("Its proof follows once enough witnesses cosign: until then nobody can check it."))
    say(_("Fingerprint: %(print)s") % {"print": statements.fingerprint(made.root)})
    return 0


def renew(args: argparse.Namespace) -> int:
    """On the server: sign with new keys beside the old ones."""
    from huhang.cli import ready
    from huhang.tlog.announcing import renew_keys

    ready.need()
    renew_keys()
    say(
        _(
            "The log signs with old and new keys. Announce both, tell the witnesses, then: huhang log retire-keys"
        )
    )
    return 0


def retire(args: argparse.Namespace) -> int:
    """On the server: sign with the new keys alone."""
    from huhang.cli import ready
    from huhang.tlog.announcing import retire_keys

    ready.need()
    retire_keys()
    say(_("The old keys are gone. Announce once more which keys hold."))
    return 0


def _handlers(name: str) -> dict[str, str]:
    """The handlers of a file: a name and a recipient of age a line."""
    found: dict[str, str] = {}
    lines = read(name).decode("utf-8", "replace").splitlines()
    for at, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        who, _space, to = line.strip().partition(" ")
        try:
            if who in found:
                raise Invalid(said("“%(name)s” is a name already"), name=who[:40])
            found[check_name(who)] = recipients.check(to.strip())
        except Invalid as error:
            raise Stop(_("%(file)s, line %(line)d: %(reason)s")
                       % {"file": name, "line": at, "reason": in_words(error)}) from None  # fmt: skip
    return found


def _public(text: str | None) -> PublicKey | None:
    try:
        return keys.parse(text) if text else None
    except Invalid as error:
        raise Stop(in_words(error)) from None


def check(args: argparse.Namespace) -> int:
    """From outside: the keys that hold now, as a policy; 1 when the chain does not lead to them."""
    from huhang.tlog import audit, openings
    from huhang.tlog.invalid import Unproven

    try:
        chain = openings.check_keys(audit.source(args.log).file, args.fingerprint)
    except Unproven as error:
        say(_("DOES NOT HOLD: %(reason)s") % {"reason": in_words(error)})
        return 1
    except Invalid as error:
        raise Stop(in_words(error)) from None
    found = chain[-1]
    lines = [f"# {found.origin}, statement {found.number}", *(f"log {key}" for key in found.logs)]
    before = dict.fromkeys(key for one in chain for key in one.logs if key not in found.logs)
    lines += [f"# before: log {key}" for key in before]
    lines += _witnesses(found)
    lines += [f"# handler {name} {to}" for name, to in found.handlers.items()]
    lines += [f"# script {path} {digest}" for path, digest in sorted(found.scripts.items())]
    put("".join(f"{line}\n" for line in lines))
    return 0


def _witnesses(found: Statement) -> list[str]:
    """The witnesses of a statement, each with either of its keys, and that all of them are wanted."""
    if not found.witnesses:
        return ["quorum none"]
    lines = [f"witness {name} {key}" for name, key in found.witnesses.items()]
    members: dict[str, list[str]] = {}
    for name, key in found.witnesses.items():
        members.setdefault(key.name, []).append(name)
    wanted = []
    for number, names in enumerate(members.values(), 1):
        if len(names) > 1:
            lines.append(f"group one-{number} any {' '.join(names)}")
        wanted.append(names[0] if len(names) == 1 else f"one-{number}")
    return [*lines, f"group all-of-them all {' '.join(wanted)}", "quorum all-of-them"]
