"""Checking the figures of a text; no data folder is needed."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from huhang.checker import UnusableText, check, read_file
from huhang.checker.report import (
    comparison_words,
    kind_words,
    main_figure,
    subject,
)
from huhang.cli.output import Stop, as_json, os_words, say


def check_figures(args: argparse.Namespace) -> int:
    """List claims and contradictions of a file; 1 when there is a contradiction."""
    path = Path(args.file)
    try:
        source = read_file(path)
    except OSError as error:
        raise Stop(f"{path}: {os_words(error)}") from None
    except UnusableText as error:
        raise Stop(f"{path}: {error}") from None
    except ValueError:  # a name with a NUL
        raise Stop(_("%(file)s: there is no such file") % {"file": repr(args.file)}) from None
    try:
        report = check(source)
    except UnusableText as error:
        raise Stop(f"{path}: {error}") from None
    if args.json:
        as_json(report.as_json())
        return 1 if report.contradictions else 0
    colon = pgettext("joint", ": ")
    for claim in report.claims:
        q = main_figure(claim)
        shown = f"{q.shown} {q.unit.shown}" if q is not None else claim.text
        parts = [subject(claim), claim.period.shown, shown, comparison_words(claim)]
        where = _("line %(line)d") % {"line": claim.line}
        say(f"{claim.id} ({where}){colon}" + " | ".join(p for p in parts if p))
    if not report.claims:
        say(_("No statistical claim was found: there was nothing to check."))
        return 0
    count = len(report.contradictions)
    claims = len(report.claims)
    say("", ngettext("%(claims)d claim.", "%(claims)d claims.", claims) % {"claims": claims})
    if not count:
        say(_("No contradiction found. That does not prove the figures right."))
        return 0
    say(ngettext("%(count)d contradiction:", "%(count)d contradictions:", count) % {"count": count})
    for found in report.contradictions:
        ids = ", ".join(c.id for c in found.claims)
        say(f"{kind_words(found.kind)} ({ids}){colon}{found.arithmetic}")
    return 1
