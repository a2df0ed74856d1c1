"""Papers as files, and checking the office's own templates."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.utils.translation import gettext as _

from huhang.cli import ready
from huhang.cli.output import Stop, os_words, say
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.papers import actions, drawing, pdf, templates


def paper(args: argparse.Namespace) -> int:
    """Save a paper: with its latest number, or as a draft where it has none."""
    ready.need()
    path = Path(args.file)
    suffix = path.suffix.lower().lstrip(".")
    if suffix not in drawing.FORMS:
        raise Stop(_("A paper is a .docx or a .pdf file."))
    form = "pdf" if args.pdf else suffix
    if form == "pdf" and not pdf.available():
        raise Stop(pdf.needs())
    if args.issue:
        made = write(
            lambda w: actions.issue_number(w, args.ref, args.kind, repeated=args.repeated),
            actor=OPERATOR,
        )
        say(_("Number issued: %(serial)s") % {"serial": made.serial})
    drawn = drawing.draw(OPERATOR, args.ref, args.kind, form, "latest")
    if form != suffix:
        path = path.with_suffix(f".{form}")
    try:
        path.write_bytes(drawn.content)
    except OSError as error:
        raise Stop(f"{path}: {os_words(error)}") from None
    say(_("Saved %(file)s") % {"file": path})
    say(
        _("Its number: %(serial)s") % {"serial": drawn.number.serial}
        if drawn.number
        else _("It has no number: it is a draft. (--issue gives it one)")
    )
    return 0


def check(args: argparse.Namespace) -> int:
    """Try every template of the office; 1 when one cannot be used."""
    ready.need()
    found = templates.check()
    for one in found:
        say(one.problem or _("%(file)s can be used.") % {"file": one.path})
    if not found:
        say(_("No templates in %(folder)s: the shipped ones are used.")
            % {"folder": templates.folder()})  # fmt: skip
    if not pdf.available():
        say(pdf.needs())
    return 1 if any(one.problem for one in found) else 0
