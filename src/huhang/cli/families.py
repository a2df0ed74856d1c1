"""The commands that come in families: rulebooks, calendars, sources, units, people, tokens."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from huhang.cli import typed

Command = Callable[..., argparse.ArgumentParser]


def rulebooks(books: Any, command: Command) -> None:
    """The commands on rulebooks."""
    from django.utils.translation import gettext as _

    from huhang.cli import rulebook as commands

    words = _("Name of a shipped rulebook, or a path; without it the one in use")
    made = command("check", commands.check, _("Name every fault, and what is not confirmed"), books)
    made.add_argument("book", type=typed.some, nargs="*", metavar=_("BOOK"),
                      help=_("Name of a shipped rulebook, or a path; without it all shipped ones"))  # fmt: skip
    checked = made
    made = command("show", commands.show, _("Its clocks with their sources, or one rule"), books)
    made.add_argument("book", type=typed.some, nargs="?", metavar=_("BOOK"), help=words)
    made.add_argument("--rule", type=typed.some, metavar=_("NAME"),
                      help=_("A rule or a part of it, such as ratings.5"))  # fmt: skip
    shown = made
    made = command("diff", commands.diff, _("What a rulebook says otherwise than another"), books)
    made.add_argument("before", type=typed.some, metavar=_("OLDER"))
    made.add_argument("after", type=typed.some, metavar=_("NEWER"))
    for one in (checked, shown, made):
        one.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))


def open_log(log: Any, receipt: Any, command: Command) -> None:
    """The commands for whoever checks a log, which need no data folder."""
    from django.utils.translation import gettext as _

    from huhang.cli import open_log as commands

    where = _("Its address, or a folder with its files")
    policy = _("Whose signatures count (c2sp.org/tlog-policy); without it none is checked")
    audited = command("audit", commands.audit, _("Check a whole log from its public files"), log)
    audited.add_argument("log", type=typed.some, metavar=_("LOG"), help=where)
    audited.add_argument("--before", type=typed.some, metavar=_("LOG"),
                         help=_("The log that it says it goes on with, or a mirror of it"))  # fmt: skip
    mirrored = command(
        "mirror", commands.mirror, _("Keep a copy of a log, checked as it grows"), log
    )
    mirrored.add_argument("log", type=typed.some, metavar=_("LOG"), help=where)
    mirrored.add_argument(
        "folder", type=typed.some, metavar=_("FOLDER"), help=_("Where the copy is")
    )
    verified = command(
        "verify", commands.verify, _("Check a receipt, without any network"), receipt
    )
    verified.add_argument("file", type=typed.some, metavar=_("FILE"), help=_("A .tlog-proof"))
    promised = command("promise", commands.promise, _("Check whether a promise was kept"), receipt)
    promised.add_argument("file", type=typed.some, metavar=_("FILE"), help=_("A .promise.txt"))
    promised.add_argument("log", type=typed.some, metavar=_("LOG"), help=where)
    taken = command("continue", commands.go_on,
                    _("After a restored backup: take over from a mirror what was published since"), log)  # fmt: skip
    taken.add_argument("folder", type=typed.some, nargs="?", metavar=_("FOLDER"),
                       help=_("The mirror, or what is left of log/ in the data folder"))  # fmt: skip
    taken.add_argument(
        "--nothing", action="store_true", help=_("Nothing was published since the backup")
    )
    begun = command("new-origin", commands.new_origin,
                    _("Where a log cannot go on: end it, and begin another in its place"), log)  # fmt: skip
    begun.add_argument("--last", type=typed.some, metavar=_("FILE"),
                       help=_("The last checkpoint of the old log that others have"))  # fmt: skip
    begun.add_argument("--address", type=typed.some, metavar=_("URL"),
                       help=_("The address of this server, if it has moved"))  # fmt: skip
    begun.add_argument("--yes", action="store_true", help=_("Do not ask"))
    for one in (audited, mirrored, verified, promised):
        one.add_argument(
            "--policy",
            type=typed.some,
            required=one in (verified, promised),
            metavar=_("FILE"),
            help=policy,
        )
        one.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))


def witness(witnesses: Any, command: Command) -> None:
    """The commands of whoever runs a witness, which need no data folder."""
    from django.utils.translation import gettext as _

    from huhang.cli import witness as commands

    made = command("init", commands.init, _("Make a witness with keys of its own"), witnesses)
    made.add_argument("folder", type=typed.some, metavar=_("FOLDER"))
    made.add_argument("--name", type=typed.some, required=True, metavar=_("NAME"),
                      help=_("Such as example.org/witness; it never changes"))  # fmt: skip
    made.add_argument("--logs", type=typed.some, required=True, metavar=_("FILE"),
                      help=_("The logs to cosign: what a log shows at its address /log/policy"))  # fmt: skip
    shown = command("show", commands.show, _("Its keys, and what it cosigned last"), witnesses)
    shown.add_argument("folder", type=typed.some, metavar=_("FOLDER"))
    for one in (made, shown):
        one.add_argument("--url", default="", metavar=_("URL"), help=_("Where others reach it"))
    serve = command("serve", commands.serve, _("Cosign checkpoints until it is stopped"), witnesses)
    serve.add_argument("folder", type=typed.some, metavar=_("FOLDER"))
    serve.add_argument(
        "--host", default="127.0.0.1", metavar=_("ADDRESS"), help=_("Address to listen on")
    )
    serve.add_argument(
        "--port", type=typed.port, default=8100, metavar=_("PORT"), help=_("Port to listen on")
    )


def roots(root: Any, log: Any, command: Command) -> None:
    """The commands on the root of a log's keys."""
    from django.utils.translation import gettext as _

    from huhang.cli import root as commands

    made = command("init", commands.init, _("Make a root, offline"), root)
    made.add_argument("file", type=typed.some, metavar=_("FILE"), help=_("Where the root is kept"))
    made.add_argument("--name", type=typed.some, required=True, metavar=_("NAME"),
                      help=_("Such as example.org/root; it never changes"))  # fmt: skip
    signed = command("sign", commands.sign, _("Sign which keys hold, offline"), root)
    signed.add_argument(
        "file", type=typed.some, metavar=_("FILE"), help=_("Where the root is kept")
    )
    signed.add_argument("statement", type=typed.some, metavar=_("STATEMENT"))
    signed.add_argument("--yes", action="store_true", help=_("Do not ask"))
    asked = command(
        "statement", commands.statement, _("Write down which keys hold, for the root to sign"), log
    )
    asked.add_argument(
        "--root", type=typed.some, metavar=_("KEY"), help=_("The root of the first statement")
    )
    asked.add_argument(
        "--next", type=typed.some, metavar=_("KEY"), help=_("Another root for the next statement")
    )
    asked.add_argument(
        "--handlers",
        type=typed.some,
        metavar=_("FILE"),
        help=_(
            "To whom texts can be sealed: a name and a recipient of age a line; without it as before"
        ),
    )
    told = command(
        "announce",
        commands.announce,
        _("Put into the log which keys hold, as the root signed it"),
        log,
    )
    told.add_argument("file", type=typed.some, metavar=_("FILE"))
    told.add_argument(
        "--lost", action="store_true", help=_("The root before is lost: another one begins")
    )
    command("renew-keys", commands.renew, _("Sign with new keys beside the present ones"), log)
    command(
        "retire-keys",
        commands.retire,
        _("Sign with the new keys alone; the old ones are destroyed"),
        log,
    )
    checked = command("keys", commands.check, _("From outside: which keys hold, as a policy"), log)
    checked.add_argument(
        "log", type=typed.some, metavar=_("LOG"), help=_("Its address, or a folder with its files")
    )
    checked.add_argument("--fingerprint", type=typed.some, required=True, metavar=_("WORDS"),
                         help=_("Of the root, as it stands on the poster"))  # fmt: skip


def calendars(calendar: Any, command: Command) -> None:
    """The commands on calendars."""
    from django.utils.translation import gettext as _

    from huhang.cli import calendars as commands

    made = command(
        "load", commands.load, _("Load the working days of a year that was announced"), calendar
    )
    made.add_argument("file", metavar=_("FILE"),
                      help=_("CSV: a day such as 2027-02-11, and off or work"))  # fmt: skip
    made.add_argument("--source", required=True, metavar=_("WORDS"), help=_("Where it is from"))
    shown = command("show", commands.show, _("The calendars that were loaded"), calendar)
    for one in (made, shown):
        one.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))


def sources(source: Any, command: Command, kinds: list[str]) -> None:
    """The commands on saved commands."""
    from django.utils.translation import gettext as _

    from huhang.cli import sources as commands

    def on(
        name: str, call: Callable[[argparse.Namespace], int], words: str
    ) -> argparse.ArgumentParser:
        made = command(name, call, words, source)
        if name != "list":
            made.add_argument("code", type=typed.some, metavar=_("CODE"))
        made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
        return made

    made = on("add", commands.add, _("Add a source for somebody who may import"))
    made.add_argument("name", metavar=_("NAME"))
    made.add_argument("--kind", required=True, choices=kinds, metavar=_("KIND"),
                      help=f"{_('What it sends')}: {', '.join(kinds)}")  # fmt: skip
    made.add_argument("--owner", required=True, metavar=_("SIGN-IN-NAME"),
                      help=_("For whom its rows are taken in, and who alone sees its imports"))  # fmt: skip
    made.add_argument("--watched", action="store_true",
                      help=_("Take in what is dropped into its folder"))  # fmt: skip
    on("list", commands.listed, _("List the sources"))
    made = on("mapping", commands.mapping, _("Save how its columns are understood, or show it"))
    made.add_argument(
        "file", nargs="?", metavar=_("FILE"), help=_("YAML file that names the columns")
    )
    made = on("watch", commands.watch, _("Take in what is dropped into its folder"))
    made.add_argument("--off", action="store_true", help=_("No longer"))
    on("retire", commands.set_active, _("Take nothing more from it")).set_defaults(active=False)
    on("use", commands.set_active, _("Use a retired source again")).set_defaults(active=True)
    on("key", commands.make_key, _("Make a key for pushes and print it, once"))
    made = on("end-key", commands.end_key, _("End a key at once"))
    made.add_argument("ref", metavar=_("REFERENCE"))
    made = on("replay", commands.replay, _("Run again what it sent, under its mapping of today"))
    made.add_argument("--run", default="", metavar=_("REFERENCE"), help=_("This import alone"))


def people(family: Callable[[str, str], Any], command: Command) -> None:
    """The commands on units, people and tokens."""
    from django.utils.translation import gettext as _

    from huhang.cli import people as commands
    from huhang.rulebook import current

    unit = family("unit", _("Units and their names"))
    made = command("add", commands.unit_add, _("Add a unit"), unit)
    made.add_argument("code", metavar=_("CODE"))
    made.add_argument("name", metavar=_("NAME"))
    made.add_argument("--name-en", default="", metavar=_("NAME"), help=_("Its name in English"))
    made.add_argument("--kind", default="", metavar=_("KIND"),
                      help=_("One of: %(kinds)s") % {"kinds": ", ".join(current().unit_kinds)})  # fmt: skip
    made.add_argument(
        "--parent", default="", metavar=_("CODE"), help=_("Code of the unit above it")
    )
    made = command("alias", commands.unit_alias, _("Give a unit another name"), unit)
    made.add_argument("code", metavar=_("CODE"))
    made.add_argument("name", metavar=_("NAME"))
    command("list", commands.unit_list, _("List the units"), unit)

    user = family("user", _("People who sign in"))
    made = command("add", commands.user_add, _("Add somebody and print their invitation"), user)
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made.add_argument("name", metavar=_("NAME"))
    made.add_argument("--role", required=True, metavar=_("ROLE"),
                      help=_("intake, handler, supervisor, leader or administrator"))  # fmt: skip
    made.add_argument("--unit", default="", metavar=_("CODE"), help=_("Unit of a handler"))
    made.add_argument("--group", default="", metavar=_("CODE"), help=_("Group of all others"))
    made = command("invite", commands.user_invite, _("A new invitation to set a password"), user)
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made = command("remove-factor", commands.user_remove_factor,
                   _("Take the second factor of somebody away who lost their device"), user)  # fmt: skip
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made = command("posts", commands.user_posts,
                   _("Say by which posts somebody approves; without any, by none"), user)  # fmt: skip
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made.add_argument("posts", nargs="*", metavar=_("POST"))
    made = command("forget-identity", commands.user_forget_identity,
                   _("End the tie between somebody and the identity provider"), user)  # fmt: skip
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    command("list", commands.user_list, _("List the people"), user)

    token = family("token", _("What lets a program act for somebody"))
    made = command("create", commands.token_create, _("Make a token and print it, once"), token)
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made.add_argument("name", metavar=_("NAME"), help=_("What it is for"))
    made.add_argument("--scope", action="append", required=True, metavar=_("SCOPE"),
                      help=_("read, report, act, import, publish or admin; may be repeated"))  # fmt: skip
    made.add_argument("--days", type=typed.days, required=True, metavar=_("DAYS"),
                      help=_("How long it holds, at most 366"))  # fmt: skip
    made = command("list", commands.token_list, _("List somebody's tokens"), token)
    made.add_argument("username", metavar=_("SIGN-IN-NAME"))
    made = command("revoke", commands.token_revoke, _("Revoke a token at once"), token)
    made.add_argument("ref", metavar=_("REFERENCE"))
