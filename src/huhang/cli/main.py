"""`huhang`: the arguments, and the call that each command is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from huhang import __version__
from huhang.cli import typed
from huhang.cli.output import (
    Stop,
    complain,
    language,
    localise_argparse,
    os_line,
    prepare,
)
from huhang.cli.typed import Parser, check_text


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; help in the language of the command line."""
    from django.utils import translation
    from django.utils.translation import gettext as _

    from huhang.cli import checking, data, families, keep, papers, retention, returns, servers
    from huhang.intake.kinds import offered, sent_by_sources
    from huhang.rulebook import current

    localise_argparse()
    top = Parser(prog="huhang", description=_("Hears concerns and carries each to a verified fix."))
    top.add_argument("--version", action="version", version=f"huhang {__version__}")
    commands = top.add_subparsers(dest="command", metavar=_("COMMAND"), parser_class=Parser)

    def command(
        name: str, call: Callable[[argparse.Namespace], int], words: str, place: Any = None
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = (place or commands).add_parser(
            name, help=words, description=words
        )
        made.set_defaults(call=call)
        return made

    def family(name: str, words: str) -> Any:
        made = commands.add_parser(name, help=words, description=words)
        return made.add_subparsers(
            dest=f"{name}_command", metavar=_("COMMAND"), required=True, parser_class=Parser
        )

    made = command(
        "init", servers.init, _("Prepare an empty data folder and invite an administrator")
    )
    made.add_argument(
        "--name", default="", metavar=_("NAME"), help=_("The first administrator's name")
    )
    made = command("up", servers.up, _("Start web and worker"))
    made.add_argument(
        "--port", type=typed.port, default=8000, metavar=_("PORT"), help=_("Port to listen on")
    )
    made.add_argument(
        "--host",
        type=typed.some,
        default="127.0.0.1",
        metavar=_("ADDRESS"),
        help=_("Address to listen on"),
    )
    made = command(
        "run", servers.run, _("Try it: demo data in an empty data folder, then web and worker")
    )
    made.add_argument(
        "--port", type=typed.port, default=8000, metavar=_("PORT"), help=_("Port to listen on")
    )
    made.add_argument(
        "--host",
        type=typed.some,
        default="127.0.0.1",
        metavar=_("ADDRESS"),
        help=_("Address to listen on"),
    )
    command("worker", servers.worker, _("Run the worker alone"))
    command("migrate", servers.migrate, _("Bring the database to this version, after a backup"))

    imports = family("import", _("Take in what other systems hold"))
    handed = {
        k: h.words.in_(translation.get_language() or "en") for k, h in current().hand_overs.items()
    }
    told = {
        **handed,
        "events": _("Dispositions of another system"),
        "register": _("Register of businesses"),
        "units": _("Tree of units"),
        "list": _("Filled list or ledger"),
    }
    for kind in offered():
        words = _("%(what)s, as Excel, CSV or JSON") % {"what": told[kind]}
        made = command(kind, data.import_file, words, imports)
        made.set_defaults(kind=kind, vintage=None, over=[])
        made.add_argument("file", type=typed.some, metavar=_("FILE"))
        made.add_argument("--mapping", type=typed.some, metavar=_("FILE"),
                          help=_("YAML file that names the columns"))  # fmt: skip
        if kind == "register":
            made.add_argument("--vintage", type=typed.day, metavar=_("DATE"),
                              help=_("The day at which the content held; today if not given"))  # fmt: skip
        if kind == "list":
            made.add_argument("--over", action="append", default=[], metavar=_("REF"),
                              help=_("Apply this row although it changed here since; all for all rows"))  # fmt: skip
        made.add_argument("--dry-run", action="store_true", help=_("Only say what would happen"))
        made.add_argument("--refusals", type=typed.some, metavar=_("FILE"),
                          help=_("Where to save refused rows as Excel"))  # fmt: skip
        made.add_argument("--json", action="store_true",
                          help=_("One JSON object instead of words"))  # fmt: skip

    made = command("days", data.import_days,
                   _("What each source sent on each day, and what became of it"), imports)  # fmt: skip
    made.add_argument(
        "--from", dest="since", type=typed.day, metavar=_("DATE"), help=_("First day")
    )
    made.add_argument("--to", dest="until", type=typed.day, metavar=_("DATE"), help=_("Last day"))
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))

    families.sources(
        family("source", _("Who sends files or rows again and again")),
        command,
        list(sent_by_sources(offered())),
    )

    made = command("bulletin", data.bulletin, _("Count the figures of a period"))
    made.add_argument("--from", dest="since", required=True, metavar=_("DAY"),
                      help=_("First day of the period, such as 2026-11-01"))  # fmt: skip
    made.add_argument("--to", dest="until", required=True, metavar=_("DAY"),
                      help=_("Last day of the period, counted too"))  # fmt: skip
    made.add_argument("--unit", default="", metavar=_("CODE"),
                      help=_("Code of a unit: it and those below it"))  # fmt: skip
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
    made.add_argument("--word", type=typed.some, metavar=_("FILE"), help=_("Save as Word"))
    made.add_argument("--excel", type=typed.some, metavar=_("FILE"), help=_("Save as Excel"))
    made.add_argument("--publish", type=typed.some, metavar=_("TITLE"),
                      help=_("Publish it under this title"))  # fmt: skip

    made = command("returns", returns.returns,
                   _("Tables that go upward: what is due, one table, its file"))  # fmt: skip
    made.add_argument("table", nargs="?", default="", metavar=_("TABLE"),
                      help=_("A table of the rulebook; without it the periods are listed"))  # fmt: skip
    made.add_argument("period", nargs="?", default="", metavar=_("PERIOD"),
                      help=_("Such as 2026-11 or 2026-Q4"))  # fmt: skip
    made.add_argument("--year", type=typed.year, metavar=_("YEAR"),
                      help=_("Year of the list; the latest if not given"))  # fmt: skip
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
    made.add_argument("--word", type=typed.some, metavar=_("FILE"), help=_("Save as Word"))
    made.add_argument("--excel", type=typed.some, metavar=_("FILE"), help=_("Save as Excel"))
    made = command("dashboard", data.dashboard, _("Draw the charts of a period"))
    made.add_argument("--from", dest="since", default="", metavar=_("DAY"),
                      help=_("First day of the period, such as 2026-11-01"))  # fmt: skip
    made.add_argument("--to", dest="until", default="", metavar=_("DAY"),
                      help=_("Last day of the period, counted too"))  # fmt: skip
    made.add_argument("--unit", default="", metavar=_("CODE"),
                      help=_("Code of a unit: it and those below it"))  # fmt: skip
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
    made.add_argument("--word", type=typed.some, metavar=_("FILE"), help=_("Save as Word"))
    made.add_argument("--excel", type=typed.some, metavar=_("FILE"), help=_("Save as Excel"))
    made.add_argument("--public", action="store_true",
                      help=_("Files for publication: small cells suppressed"))  # fmt: skip

    made = command(
        "check-figures", checking.check_figures,
        _("Find claims and contradictions in a statistical text; needs no data folder"),
    )  # fmt: skip
    made.add_argument(
        "file", type=typed.some, metavar=_("FILE"), help=_("A .txt, .docx or .pdf file with text")
    )
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))

    families.rulebooks(family("rulebook", _("Rules and vocabulary of the office")), command)
    families.calendars(
        family("calendar", _("Working days of years that were announced later")), command
    )

    log = family("log", _("The log of every step"))
    made = command(
        "verify", data.log_verify, _("Check the whole log and every row against it"), log
    )
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
    command("tick", data.log_tick, _("Put waiting entries into the tree now, and publish it"), log)
    families.open_log(log, family("receipt", _("Receipts of reporters")), command)
    families.roots(family("root", _("The root of a log's keys, kept offline")), log, command)
    families.witness(family("witness", _("A witness of other offices' logs")), command)

    made = command("export", data.log_export,
                   _("Write the log's codes (no text, no names), one entry a line"), log)  # fmt: skip
    made.add_argument("file", nargs="?", default="", metavar=_("FILE"),
                      help=_("Where to save it; without it standard output"))  # fmt: skip

    command("rebuild", data.rebuild, _("Make search index, notices and figures anew"))
    made = command("erase", data.erase, _("Erase the words of a closed case; the log keeps that"))
    made.add_argument("ref", metavar=_("REFERENCE"))
    made.add_argument("--reason", required=True, metavar=_("WORDS"),
                      help=_("Why; the log keeps it"))  # fmt: skip
    made.add_argument("--yes", action="store_true", help=_("Do not ask"))
    made = command("retention", retention.due, _("List the cases whose words are due for erasure"))
    made.add_argument("--json", action="store_true", help=_("One JSON object instead of words"))
    made = command("poster", data.poster, _("A poster with the scan code, as PDF or PNG"))
    made.add_argument("file", type=typed.some, metavar=_("FILE"))
    made.add_argument(
        "--site",
        default="",
        metavar=_("CODE"),
        help=_("Code of a site; without it the code for everywhere"),
    )

    made = command("paper", papers.paper, _("A paper from a case, as Word or PDF"))
    made.add_argument("ref", metavar=_("REFERENCE"))
    made.add_argument("kind", metavar=_("PAPER"),
                      help=_("registration, approval, urging, rectification, handover, "
                             "handover_register, answer or recommendation"))  # fmt: skip
    made.add_argument("file", metavar=_("FILE"), help=_("Where to save it: .docx or .pdf"))
    made.add_argument("--pdf", action="store_true", help=_("PDF, whatever the file is called"))
    made.add_argument("--issue", action="store_true", help=_("First give it a serial number"))
    made.add_argument("--repeated", action="store_true", help=_("The report's own words may leave"))
    drafts = family("papers", _("Templates of papers"))
    command("check", papers.check, _("Try the office's own templates"), drafts)

    made = command("backup", keep.backup, _("Save database, files and keys while it runs"))
    made.add_argument("file", metavar=_("FILE"))
    made = command("restore", keep.restore, _("Restore into an empty data folder, and verify"))
    made.add_argument("file", metavar=_("FILE"))

    families.people(family, command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huhang.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError
    from django.utils import translation

    from huhang.rulebook import RulebookError

    try:
        django.setup()
    except (ImproperlyConfigured, RulebookError) as error:
        complain(error)
        return 2
    from huhang.kernel.errors import HuhangError
    from huhang.tables.faults import UnusableFile

    before = translation.get_language()
    translation.activate(language())
    try:
        top = parser()
        given = sys.argv[1:] if arguments is None else arguments
        check_text(given)
        args = top.parse_args(given)
        if args.command is None:
            top.print_help()
            return 2
        return int(args.call(args))
    except (Stop, HuhangError, UnusableFile, RulebookError) as error:
        complain(error)
        return 2
    except DatabaseError as error:
        complain(translation.gettext("The database does not answer: %(error)s")
                 % {"error": type(error).__name__ + ": " + str(error)[:200]})  # fmt: skip
        return 2
    except KeyboardInterrupt:
        complain(translation.gettext("Interrupted. What was committed stays."))
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        complain(os_line(error))
        return 2
    finally:
        translation.activate(before or "en")


if __name__ == "__main__":
    sys.exit(main())
