"""What somebody may read of fairness in a case, as plain data: the page and the API show the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cases import queries
from huhang.cases.fairness.effects import CLEARED
from huhang.cases.fairness.models import Clearing, Concerned, Tolerance
from huhang.cases.flow.fairness import MISTAKEN
from huhang.cases.models import Case, Party
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.models import Payload
from huhang.parties.words import in_language, language
from huhang.rulebook import current

Facts = list[tuple[str, Any]]
ENTRUSTED = frozenset({"intake", "leader", "supervising", "operator"})
"""Standings that learn of what ``flow.GUARDED`` verbs did."""


def entrusted(actor: Actor, case: Case, parties: Iterable[Party] | None = None) -> bool:
    """Whether ``actor`` learns of proposals, hand-overs and check-backs of a case that they see."""
    return bool(queries.standings(actor, case, parties) & ENTRUSTED)


def section(
    actor: Actor, case: Case, parties: Iterable[Party] | None = None
) -> list[dict[str, Any]]:
    """Each: what (in words), facts (label and value: a text or a day), hint; the oldest first of each."""
    said = _Said(case)
    found = [*_hearings(case, said), *_tolerances(case, said), *_clearings(case, said)]
    if entrusted(actor, case, parties):
        found += [
            *_accusations(case, said),
            *_punishments(case, said),
            *_retaliation(actor, case, said),
        ]
    return found


class _Said:
    """The words of a case's payloads; what was erased is said so."""

    def __init__(self, case: Case) -> None:
        names = ("who", "by", "said", "name", "tests", "distinctions", "fact", "intent", "document",
                 "basis", "found")  # fmt: skip
        wanted = set()
        for rows in (
            "hearings",
            "tolerances",
            "clearings",
            "accusations",
            "punishments",
            "check_backs",
        ):
            for row in getattr(case, rows).all():
                wanted |= {getattr(row, n) for n in names if getattr(row, n, None)}
        self.present = set(Payload.objects.filter(pk__in=wanted).values_list("pk", flat=True))

    def value(self, key: int | None) -> dict[str, Any] | None:
        """The value of a payload; None where there is none or it was erased."""
        return queries.payload_value(key) if key in self.present else None

    def text(self, key: int | None) -> str:
        """The text of a payload; nothing without one."""
        if key is None:
            return ""
        found = self.value(key)
        return found["text"] if found else _("These words were erased.")


def _words(rule: str, name: str, key: str) -> str:
    """A key in words; the key itself where the rulebook no longer has it."""
    words = current().words_of(f"fairness.{rule}.{name}").get(key)
    return words.in_(language()) if words is not None else key


def _one(what: Any, facts: Facts, hint: Any = "") -> dict[str, Any]:
    return {"what": str(what), "facts": [f for f in facts if f[1]], "hint": str(hint)}


def _whom(row: Concerned, said: _Said) -> str:
    party: Any = row.unit or row.group
    named = [in_language(party)] if party else [row.person.name] if row.person else []
    return pgettext("list", ", ").join([*named, *([said.text(row.name)] if row.name else [])])


def _hearings(case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    for row in case.hearings.order_by("pk"):
        yield _one(_("Hearing"), [
            (_("Who was heard"), said.text(row.who)),
            (_("Heard on"), row.heard_on),
            (_("Heard by"), said.text(row.by)),
            (_("What they said"), said.text(row.said)),
            (_("Which route"), _words("hearing", "routes", row.route)),
        ])  # fmt: skip


def _answers(row: Tolerance, name: str, said: _Said) -> Facts:
    given = said.value(getattr(row, name))
    if given is None:
        return [(_("Reason in words"), _("These words were erased."))]
    return [(_words("tolerance", name, key), words) for key, words in given.items()]


def _tolerances(case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    kept = current().words_of("fairness.tolerance.unaffected").values()
    joint = pgettext("list", ", ")
    for row in case.tolerances.select_related("unit", "group", "person").order_by("pk"):
        yield _one(_("Error tolerated"), [
            (_("For whom"), _whom(row, said)),
            (_("Accountability"), _words("tolerance", "effects", row.effect)),
            (_("Not affected"), joint.join(words.in_(language()) for words in kept)),
            (_("Reason in words"), said.text(row.said)),
            *_answers(row, "tests", said),
            *_answers(row, "distinctions", said),
        ])  # fmt: skip


def _clearings(case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    joint = pgettext("list", ", ")
    for row in case.clearings.select_related("unit", "group", "person").order_by("pk"):
        yield _one(_("Not cleared") if row.reason else _("Name cleared"), [
            (_("For whom"), _whom(row, said)),
            (_("Reason"), _words("clearing", "reasons", row.reason)),
            (_("Forms of clearing"), joint.join(_forms(row))),
            (_("Made public"), _("The cleared person agreed.") if row.consent else ""),
            (_("Cleared on"), row.cleared_on),
            (_("What was said"), said.text(row.said)),
        ])  # fmt: skip


def _forms(row: Clearing) -> list[str]:
    return [_words("clearing", "forms", key) for key in row.forms.split(",") if key]


def last_clearing(case: Case) -> dict[str, str]:
    """What a letter of clearing says of the name that was cleared last; empty texts without one."""
    row = (
        case.clearings.filter(reason="")
        .select_related("unit", "group", "person")
        .order_by("pk")
        .last()
    )
    if row is None or case.clearing != CLEARED:
        return dict.fromkeys(("cleared_whom", "cleared_on", "cleared_forms", "cleared_words"), "")
    said = _Said(case)
    day = clock.day_words(row.cleared_on, language()) if row.cleared_on else ""
    return {
        "cleared_whom": _whom(row, said),
        "cleared_on": day,
        "cleared_forms": pgettext("list", ", ").join(_forms(row)),
        "cleared_words": said.text(row.said),
    }


def _accusations(case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    for row in case.accusations.order_by("pk"):
        yield _one(_("Proposal: false accusation"), [
            (_("Evidence that the facts were made up"), said.text(row.fact)),
            (_("Evidence of the intent to harm"), said.text(row.intent)),
            (_("Decision"), _words("false_accusation", "outcomes", row.outcome)
             or _("Not decided: another organ decides.")),
            (_("Decided by"), _words("false_accusation", "levels", row.decided_by)),
            (_("Number of the document"), said.text(row.document)),
            (_("Decided on"), row.decided_on),
            (_("Note"), said.text(row.said)),
        ], MISTAKEN)  # fmt: skip


def _punishments(case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    for row in case.punishments.order_by("pk"):
        yield _one(_("Handed over for joint punishment"), [
            (_("Person, by name"), said.text(row.name)),
            (_("Handed over to"), _words("joint_punishment", "targets", row.target)),
            (_("Legal basis: law and article"), said.text(row.basis)),
            (_("Note"), said.text(row.said)),
        ])  # fmt: skip


def linked(actor: Actor, case: Case) -> list[Case]:
    """The cases of retaliation that came of this one, and the one that this came of: for the intake
    office and leaders, and of those only what they may see."""
    if not (actor.has("intake") or actor.has("leader")):
        return []
    ids = list(case.retaliations.values_list("case_id", flat=True))
    ids += list(Case.objects.filter(retaliations__case=case).values_list("pk", flat=True))
    return list(queries.visible_to(actor).filter(pk__in=ids).order_by("pk"))


def checks_due(actor: Actor) -> QuerySet[Case]:
    """The cases in which a reporter is to be asked again by now, for whoever asks."""
    if not (actor.has("intake") or actor.has("leader")):
        return Case.objects.none()
    due = queries.visible_to(actor).filter(check_back_on__lte=clock.today())
    return due.exclude(state="merged").order_by("check_back_on", "id")


def _retaliation(actor: Actor, case: Case, said: _Said) -> Iterable[dict[str, Any]]:
    rows = list(case.check_backs.order_by("due_on"))
    if not rows:
        return
    today = clock.today()
    facts: Facts = []
    for row in rows:
        facts.append(
            (_day_words(row.due_on, row.done_on, today), said.text(row.found) or row.due_on)
        )
    yield _one(_("Asking the reporter again"), facts)


def _day_words(due: date, done: date | None, today: date) -> str:
    if done is not None:
        return _("Asked on %(day)s") % {"day": done.isoformat()}
    return _("Due now") if due <= today else _("Due")
