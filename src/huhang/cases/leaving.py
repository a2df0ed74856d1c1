"""What of a report leaves in a text that goes to whom it concerns, or to the public.

A confidential case refuses the report's own words always. Where a reporter is anonymous, or a text
goes to everybody, its writer is shown them and may say that they are needed: the log keeps that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cases import flow
from huhang.cases.models import Case, Report
from huhang.cases.queries import case_ids_of, is_confidential, may_see_contact
from huhang.cases.verbatim import Own, Repeated, own, repeated
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry, Payload
from huhang.parties.models import Group, Unit, UnitAlias
from huhang.rulebook import current

TO_UNITS = ("urge", "send_back")
"""Verbs whose note the responsible unit reads; a published summary everybody reads."""
NOT_OWN = frozenset({"unit", "handling_unit", "category", "reply", "replied_on", "satisfaction",
                     "read_back", "when"})  # fmt: skip
"""What a hand-over tells of a report that its reporter did not say."""
MOST_SHOWN, LONGEST_SHOWN = 12, 200


def check(actor: Actor, case: Case, verb: str, values: dict[str, Any]) -> int:
    """Refuse what must not leave with this verb. How many pieces of the report its writer lets out."""
    if verb not in (*TO_UNITS, "disclose"):
        return 0
    return let_out(
        actor, case, [values["note"]], "note",
        public=verb == "disclose", confirmed=bool(values[flow.REPEATED]),
    )  # fmt: skip


def let_out(
    actor: Actor, case: Case, texts: Iterable[str], field: str, *,
    public: bool = False, confirmed: bool = False,
) -> int:  # fmt: skip
    """How many pieces of the case's reports leave in these texts. ``public``: everybody reads them.

    Raises ``Refused``: on ``field`` what never leaves, on ``repeated`` what somebody must confirm.
    """
    never = is_confidential(case)
    if not (never or public or _anonymous(case)):
        return 0
    found = of_reports(actor, case, texts)
    if not found:
        return 0
    refused = found.all() if never else found.identifying if public else ()
    if refused:
        raise Refused(
            _("This is the report's own, and must not leave: %(words)s. Say it in other words.")
            % {"words": quoted(refused)},
            field=field,
        )
    if not confirmed:
        raise Refused(
            _("These are the report's own words: %(words)s. Say it in other words; or confirm.")
            % {"words": quoted(found.all())},
            field=flow.REPEATED,
        )
    return len(found.all())


def of_reports(actor: Actor, case: Case, texts: Iterable[str]) -> Repeated:
    """What of the case's reports these texts repeat. To whom may not know the reporter's name and
    telephone only those say something that stand in the words too: a guess would be confirmed."""
    contacts = actor.kind == "operator" or may_see_contact(actor, case)
    kept = own_words(case, contacts=contacts)
    found = [repeated(text, kept) for text in texts if text]
    return Repeated(
        tuple(dict.fromkeys(w for one in found for w in one.words)),
        tuple(dict.fromkeys(w for one in found for w in one.identifying)),
    )


def own_words(case: Case, *, contacts: bool) -> Own:
    """Everything that reporters of the case said, what came first included."""
    cases = case_ids_of(case)
    entries = dict(Entry.objects.filter(case_id__in=cases).values_list("seq", "verb"))
    said: list[str] = []
    names: list[str] = []
    kept = Payload.objects.filter(seq__in=list(entries), slot__in=("words", "contact", "note"))
    for seq, slot, body in kept.values_list("seq", "slot", "body"):
        if not body or (slot == "note" and entries[seq] != "reply"):
            continue
        value = {k: v for k, v in orjson.loads(body).items() if isinstance(v, str)}
        if slot == "contact":
            names += value.values()
        else:
            said += [v for k, v in value.items() if k not in NOT_OWN]
    if not contacts:
        names = [name for name in names if any(name in text for text in said)]
    return own(said, names, _public())


def _anonymous(case: Case) -> bool:
    return Report.objects.filter(case__in=case_ids_of(case), anonymous=True).exists()


def _public() -> list[str]:
    """Names that say nothing of a report: of units and groups, and what the rulebook lists."""
    book = current()
    found = [
        *(name for names in Unit.objects.values_list("name", "name_en") for name in names),
        *UnitAlias.objects.values_list("name", flat=True),
        *(name for names in Group.objects.values_list("name", "name_en") for name in names),
    ]
    words = [*book.kinds.values(), *(n.words for n in book.natures.values()),
             *(b.words for b in book.behaviours.values())]  # fmt: skip
    return [*found, *(text for one in words for text in (one.zh, one.en))]


def quoted(pieces: Sequence[str]) -> str:
    """Pieces as they are shown to the writer: each in quotation marks."""
    shown = [p if len(p) <= LONGEST_SHOWN else p[:LONGEST_SHOWN] + "…" for p in pieces]
    more = ["…"] if len(shown) > MOST_SHOWN else []
    said = [_("“%(words)s”") % {"words": piece} for piece in shown[:MOST_SHOWN]]
    return pgettext("list", ", ").join(said + more)
