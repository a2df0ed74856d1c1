"""What waits for approval falls when somebody who has a part in it may no longer see the case."""

from __future__ import annotations

from huhang.cases import proposing, queries
from huhang.cases.models import Case
from huhang.kernel.draft import Draft
from huhang.kernel.write import Write
from huhang.parties.models import User
from huhang.parties.queries import actor_for

VERBS = ("accuse", "recuse", "assign")
"""Verbs by which somebody who saw a case sees it no more."""


def fall(w: Write, entry: Draft, case: Case) -> None:
    """End the proposals whose proposer, or whoever took a step of them, is kept out of the case now."""
    w.flush()
    gone = []
    for waits in proposing.pending(case):
        if not all(_sees(ref, case) for ref in proposing.involved(waits)):
            gone.append(waits)
    proposing.end(w, entry, gone)


def _sees(ref: str, case: Case) -> bool:
    user = User.objects.filter(ref=ref).first()
    return user is not None and queries.sees(actor_for(user), case)
