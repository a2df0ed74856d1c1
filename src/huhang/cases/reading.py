"""What somebody may read of a case's reports, as plain data: pages and the API show the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from huhang.cases import queries
from huhang.cases.models import Case, Party, Report
from huhang.kernel.actor import Actor
from huhang.parties.words import in_language, language
from huhang.rulebook import current


def report_view(
    actor: Actor, case: Case, report: Report, parties: Iterable[Party]
) -> dict[str, Any]:
    """A report as ``actor`` may read it.

    words (None once erased), number (what the source gave), contact (None: none, or not for this
    reader; ``contact_hidden`` tells which; ``contact_erased``), messages (text None once erased).
    """
    words = queries.payload_value(report.words)
    contact, erased = None, False
    shown = report.contact is not None and queries.may_see_contact(actor, case, parties)
    if shown:
        contact = queries.payload_value(report.contact)
        erased = contact is None
    messages = []
    for message in sorted(report.messages.all(), key=lambda m: (m.sent_at, m.pk)):
        text = queries.payload_value(message.payload)
        messages.append(
            {
                "from_reporter": message.from_reporter,
                "sent_at": message.sent_at,
                "text": text["text"] if text else None,
            }
        )
    return {
        "words": words,
        "number": "" if words is None else _number(report.number or ""),
        "contact": contact,
        "contact_hidden": report.contact is not None and not shown,
        "contact_erased": erased,
        "messages": messages,
        "files": list(report.attachments.all()),
        "originals": actor.has("intake"),
    }


def _number(key: str) -> str:
    """The number that the source gave; nothing for a row that is known by its content."""
    own = key.split("~", 2)[2] if key.startswith("~") else key
    return "" if own.startswith("#") else own


WARNINGS: dict[str, Any] = {
    "disclose": gettext_lazy(
        "This is a disclosure: anybody can read the summary from now on, with the kind, whether the "
        "case is open, the days of receipt and end, and the unit in charge. Nothing of the report is "
        "published. Copies that people save stay with them when it is taken back."
    ),
    "propose_false_accusation": gettext_lazy(
        "This proposes and decides nothing: the organ that the rulebook names decides. The reporter keeps "
        "every right until then. Whoever handles the case does not learn of it."
    ),
    "punish_jointly": gettext_lazy(
        "This hands one person over to the organ that decides by law. The log keeps the legal basis, who "
        "handed over, when and to whom; it cannot be undone here."
    ),
}
"""What somebody should know before a verb, wherever they do it."""


def published_view(case: Case) -> dict[str, Any] | None:
    """What of the case anybody can read now: id, summary, published_at."""
    found = queries.disclosure_of(case)
    if found is None:
        return None
    said = queries.payload_value(found.payload) or {}
    return {"id": found.ref, "summary": said.get("text", ""), "published_at": found.published_at}


def who_will_read(verb: str, parties: list[Party]) -> str:
    """What accepting does to the units that a report names, in words; empty when nothing."""
    named = {
        in_language(p.unit) for p in parties if p.provisional and p.relation == "accused" and p.unit
    }
    if verb != "accept" or not named:
        return ""
    book = current()
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for kind, words in book.kinds.items():
        accused = any(n.relation_of_named == "accused" for n in book.natures_of(kind))
        kinds[accused].append(words.in_(language()))
    joint = pgettext("list", ", ")
    return _(
        "Named in the report: %(units)s. Accepted as %(read)s, they become responsible and can "
        "read the case. To keep them out, choose them under “Raise to accused”, or accept it as "
        "%(barred)s."
    ) % {
        "units": joint.join(sorted(named)),
        "read": joint.join(kinds[False]),
        "barred": joint.join(kinds[True]),
    }
