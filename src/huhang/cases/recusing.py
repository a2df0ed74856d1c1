"""Recusal (回避): whoever has an interest in a case, or is said to have one by a leader, sees it no more.

Source: R-XF-16, article 28 of the 信访工作条例. The gate keeps them out as it keeps out an accused
person, but they are not accused: nobody's finding, publication or number depends on it. Why they
withdrew is for leaders alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.cases import flow, queries
from huhang.cases.models import Case, Party
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry, Payload
from huhang.kernel.write import Write
from huhang.parties.models import User
from huhang.parties.queries import above, actor_for
from huhang.parties.words import in_language, language
from huhang.rulebook import current

RECUSED = "recused"
"""The relation of a person who withdrew; shown as a party to nobody."""
VERB = "recuse"
WHY = "why"
"""The slot of what was said of the reason."""


def recuse(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Keep a person out of the case and of those merged into it. Raises ``Refused`` for somebody
    whom the case names in person already."""
    user: User = v["user"]
    if Party.objects.filter(case=case, person=user.person_id).exists():
        raise Refused(_("They see nothing of this case already."), field="user")
    entry.tell({"user": user.ref})
    if v["why"]:
        entry.say(WHY, v["why"])
    for case_id in queries.case_ids_of(case):
        if not Party.objects.filter(case_id=case_id, person=user.person_id).exists():
            w.insert(Party, case_id=case_id, relation=RECUSED, person_id=user.person_id)
    return {}


def carry_over(w: Write, cases: Iterable[int], to: int) -> None:
    """Keep whoever withdrew from one of these cases out of another one that comes of it, too."""
    withdrew = Party.objects.filter(case__in=list(cases), relation=RECUSED)
    known = set(Party.objects.filter(case=to).values_list("person_id", flat=True))
    for person in sorted(set(withdrew.values_list("person_id", flat=True)) - known):
        w.insert(Party, case_id=to, relation=RECUSED, person_id=person)


def is_stranded(case: Case) -> bool:
    """Whether a case that was given to somebody has nobody left who could carry it on: all who
    belong to its responsible unit or group are kept out of it, or gone."""
    if case.state in queries.BEFORE_ASSIGNMENT or case.state not in flow.OPEN_STATES:
        return False
    parties = list(Party.objects.filter(case=case, relation="responsible"))
    units = above(p.unit_id for p in parties if p.unit_id is not None)
    groups = {p.group_id for p in parties if p.group_id is not None}
    held = Q(memberships__role="handler", memberships__unit__in=units)
    held |= Q(memberships__role="supervisor", memberships__group__in=groups)
    for user in User.objects.filter(held, active=True).distinct():
        actor = actor_for(user)
        if "responsible" in queries.standings(actor, case, parties) and (queries.sees(actor, case)):
            return False
    return True


class Recusal(NamedTuple):
    """Somebody withdrew, or was withdrawn: who, by whom, when, and why."""

    who: str
    by: str
    at: datetime
    reason: str
    why: str


def recusals(case: Case) -> list[Recusal]:
    """Who withdrew from a case or one merged into it, and why: for leaders alone."""
    entries = list(
        Entry.objects.filter(case_id__in=queries.case_ids_of(case), verb=VERB).order_by("seq")
    )
    said = dict(
        Payload.objects.filter(seq__in=[e.seq for e in entries], slot=WHY).values_list(
            "seq", "body"
        )
    )
    heads = [orjson.loads(e.manifest) for e in entries]
    refs = {h["user"] for h in heads} | {e.actor for e in entries}
    names = {u.ref: in_language(u) for u in User.objects.filter(ref__in=refs)}
    reasons = current().recusal_reasons
    found = []
    for entry, head in zip(entries, heads, strict=True):
        reason = head.get("reason", "")
        found.append(
            Recusal(
                who=names.get(head["user"], head["user"]),
                by=names.get(entry.actor, entry.actor),
                at=entry.recorded_at,
                reason=reasons[reason].in_(language()) if reason in reasons else reason,
                why=orjson.loads(said[entry.seq])["text"] if said.get(entry.seq) else "",
            )
        )
    return found
