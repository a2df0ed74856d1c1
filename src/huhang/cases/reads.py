"""Who read a confidential case: once for each person, case and hour, in the log.

What is not kept cannot be shown: where the log takes no entry, the page is refused.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from huhang.cases.models import Case
from huhang.cases.queries import READ, case_ids_of, is_confidential
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.parties.models import User
from huhang.parties.words import in_language

MOST = 20_000
SHOWN = 50
"""So many of the last reads are named."""
_lock = threading.Lock()
_noted: OrderedDict[tuple[str, int, datetime], None] = OrderedDict()
"""What this process knows to be in the log: most pages are opened several times within an hour."""


def note(actor: Actor, case: Case) -> None:
    """Note that somebody reads this case. Raises ``Full``."""
    if actor.kind != "user" or not is_confidential(case):
        return
    hour = _hour(clock.now())
    key = (actor.ref, case.pk, hour)
    with _lock:
        if key in _noted:
            return

    def action(w: Write) -> None:
        known = Entry.objects.filter(
            case_id=case.pk, verb=READ, actor=actor.ref, recorded_at__gte=hour
        )
        if known.exists():
            w.derived()
            return
        w.entry(READ, case=case)

    write(action, actor=actor)
    with _lock:
        _noted[key] = None
        while len(_noted) > MOST:
            _noted.popitem(last=False)


def named(case: Case) -> list[tuple[str, datetime]]:
    """Who read a case or one merged into it, and in the hour that began when: the last reads, the
    newest first."""
    found = list(
        Entry.objects.filter(case_id__in=case_ids_of(case), verb=READ)
        .order_by("-seq")
        .values_list("actor", "recorded_at")[:SHOWN]
    )
    users = {
        u.ref: in_language(u) for u in User.objects.filter(ref__in={ref for ref, _at in found})
    }
    return [(users.get(ref, ref), _hour(at)) for ref, at in found]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
