"""Returns (报表): what is due, one table, its file."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cli import ready
from huhang.cli.output import Stop, as_json, os_words, say
from huhang.config import reactions
from huhang.insight.returns import files, view
from huhang.insight.returns.queries import Line, Reading
from huhang.kernel.actor import OPERATOR
from huhang.parties.words import bracketed
from huhang.rulebook import current


def returns(args: argparse.Namespace) -> int:
    """List the periods of a year, or show and save one return; 1 when one is overdue."""
    ready.need()
    reactions.close_off()
    reading = Reading(OPERATOR)
    if not args.table:
        return _listed(reading, args)
    if args.table not in current().returns:
        raise Stop(
            _("There is no table “%(given)s”; there are: %(known)s")
            % {"given": args.table[:60], "known": pgettext("list", ", ").join(current().returns)}
        )
    if not args.period:
        raise Stop(_("Name the period too, such as 2026-11 or 2026-Q4."))
    document = view.document(reading, *reading.find(args.table, args.period))
    for form, target in (("word", args.word), ("excel", args.excel)):
        if target:
            content, _type, _name = files.made(document, form)
            try:
                Path(target).write_bytes(content)
            except OSError as error:
                raise Stop(f"{target}: {os_words(error)}") from None
    if args.json:
        as_json(view.as_json(document))
        return 0
    _tell(document)
    return 0


def _listed(reading: Reading, args: argparse.Namespace) -> int:
    year = args.year or next(iter(reading.years()), 0)
    lines = reading.lines(year)
    if args.json:
        as_json({"returns": [view.line_json(line) for line in lines]})
    else:
        for line in lines:
            say(_line(line))
        if not lines:
            say(_("No periods yet."))
    return 1 if any(line.overdue for line in lines) else 0


def _line(line: Line) -> str:
    more = [
        said
        for is_so, said in (
            (line.overdue, _("overdue")), (line.sent_late, _("sent late")),
            (line.zero, _("zero report")), (line.corrected, _("corrected")),
        )
        if is_so
    ]  # fmt: skip
    due = _("due %(day)s") % {"day": line.due_on.isoformat()}
    said = pgettext("list", ", ").join([view.state_words(line), due, *more])
    return f"{line.rule.id} {line.period.key}{view.colon()}{said}"


def _tell(document: view.Document) -> None:
    say(document.title, *document.head)
    if document.zero:
        say(_("Nothing to report: a zero report."))
    table = document.table
    say("\t".join([_("Row"), *(h.name for h in table.heads)]))
    for row in (*table.rows, table.whole):
        say("\t".join([row.name, *(c.shown for c in row.cells)]))
    colon = view.colon()
    for correction in document.corrections:
        for change in correction.changes:
            where = _("Correction no. %(number)d to %(period)s") % {
                "number": correction.number, "period": correction.of,
            }  # fmt: skip
            cell = pgettext("joint", ", ").join([change.row, change.column])
            moved = bracketed(f"{change.was} → {change.now}", str(change.difference))
            say(f"{where}{colon}{cell}{colon}{moved}")
    for each in document.sums:
        say(f"{each.column}{colon}{each.arithmetic}")
    for line in (document.signed, document.sent):
        if line:
            say(line)
