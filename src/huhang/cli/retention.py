"""Which cases are due for erasure, on the command line; ``huhang erase`` erases one."""

from __future__ import annotations

import argparse

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huhang.cases import retention
from huhang.cli import ready
from huhang.cli.output import as_json, say
from huhang.kernel.actor import OPERATOR
from huhang.rulebook import current


def due(args: argparse.Namespace) -> int:
    """List the cases whose term has passed and whose words are still there."""
    ready.need()
    found = [(case, retention.kept(case)) for case in retention.due(OPERATOR)]
    if args.json:
        as_json({"due": [{"ref": c.ref, "nature": c.nature, "state": c.state, "kept_until": k.until,
                          "confirmed": k.rule.confirmed} for c, k in found]})  # fmt: skip
        return 0
    for case, term in found:
        nature = current().natures[case.nature].words.in_(get_language() or "en")
        say(f"{case.ref}  {term.until}  {nature}")
    if not found:
        say(_("No case is due."))
    return 0
