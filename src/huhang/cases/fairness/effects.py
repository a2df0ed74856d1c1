"""What the verbs of fairness change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cases.fairness.models import (
    CheckBack,
    Clearing,
    FalseAccusation,
    Hearing,
    JointPunishment,
    Retaliation,
    Tolerance,
)
from huhang.cases.models import Case
from huhang.cases.queries import case_ids_of
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write
from huhang.parties.words import language
from huhang.rulebook import current

CLEARED = "cleared"
"""What ``Case.clearing`` says once a name was cleared; before that, why not, or nothing."""


def hear(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Minutes of a hearing."""
    day = v["heard_on"] or clock.local_day(w.now)
    _not_ahead(w, "heard_on", day)
    entry.tell({"heard_on": day.isoformat(), "route": v["route"] or ""})
    w.insert(
        Hearing,
        case_id=case.pk,
        heard_on=day,
        route=v["route"] or "",
        who=entry.say("who", v["who"]),
        by=entry.say("by", v["heard_by"]) if v["heard_by"] else None,
        said=v["note_payload"],
    )
    return {"heard": True}


def tolerate(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Tolerate an error: every test must hold, and every distinction lie on the tolerable side."""
    whom = _whom(entry, v)
    reasons = {name: _all_hold(v, name) for name in ("tests", "distinctions")}
    entry.tell({"effect": v["effect"]})
    w.insert(
        Tolerance,
        case_id=case.pk,
        effect=v["effect"],
        said=v["note_payload"],
        **{name: entry.say(name, words) for name, words in reasons.items()},
        **whom,
    )
    return {"tolerated": case.tolerated + 1}


def clear(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Clear a name: any form needs the written one too, and a public one the person's consent."""
    rule = current().fairness["clearing"]
    forms = v["forms"]
    if rule.base_form not in forms:
        words = rule.lists["forms"][rule.base_form].in_(language())
        raise Refused(_("Every clearing needs this form too: %(form)s.") % {"form": words},
                      field="forms")  # fmt: skip
    if not v["consent"] and any(form in rule.public_forms for form in forms):
        public = [rule.lists["forms"][f].in_(language()) for f in rule.public_forms if f in forms]
        joint = pgettext("list", ", ")
        raise Refused(
            _("Nothing is made public unless the cleared person agrees: %(forms)s.")
            % {"forms": joint.join(public)},
            field="consent",
        )
    _not_ahead(w, "cleared_on", v["cleared_on"])
    entry.tell({"forms": ",".join(forms), "cleared_on": v["cleared_on"].isoformat()})
    w.insert(
        Clearing,
        case_id=case.pk,
        forms=",".join(forms),
        consent=bool(v["consent"]),
        cleared_on=v["cleared_on"],
        said=v["note_payload"],
        **_whom(entry, v),
    )
    return {"clearing": CLEARED}


def not_clear(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Say why nobody is cleared."""
    whom = _whom(entry, v, needed=False)
    w.insert(Clearing, case_id=case.pk, reason=v["reason"], said=v["note_payload"], **whom)
    return {} if case.clearing == CLEARED else {"clearing": v["reason"]}


def propose(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Propose that a report was a false accusation, with both kinds of evidence."""
    w.insert(
        FalseAccusation,
        case_id=case.pk,
        fact=entry.say("fact", v["fact"]),
        intent=entry.say("intent", v["intent"]),
    )
    return {}


def decide(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Record what the organ that may decide has decided."""
    _not_ahead(w, "decided_on", v["decided_on"])
    codes = {"outcome": v["outcome"], "decided_by": v["decided_by"]}
    entry.tell({**codes, "decided_on": v["decided_on"].isoformat()})
    proposal = FalseAccusation.objects.filter(case=case, outcome="").order_by("pk").last()
    if proposal is None:
        raise NotAllowed(_("Nothing is proposed that could be decided."))
    w.update(
        proposal,
        decided_on=v["decided_on"],
        document=entry.say("document", v["document"]),
        said=v.get("note_payload"),
        **codes,
    )
    return {}


def punish_jointly(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Hand one person over to the organ that decides by law."""
    w.insert(
        JointPunishment,
        case_id=case.pk,
        target=v["target"],
        name=entry.say("name", v["person"]),
        basis=entry.say("basis", v["basis"]),
        said=v.get("note_payload"),
    )
    return {}


def check_back(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """What the reporter said when asked again; the next time that this is due."""
    today = clock.local_day(w.now)
    left = list(CheckBack.objects.filter(case=case, done_on__isnull=True).order_by("due_on"))
    # Whoever asks late asks once for all the days that have passed.
    done = [one for one in left if one.due_on <= today]
    for one in done:
        w.update(one, done_on=today, found=v["note_payload"])
    return {"check_back_on": next((one.due_on for one in left if one not in done), None)}


ANSWERING = ("decline", "transfer_out", "feed_back")
"""Verbs by which whoever reported is told what came of a case."""


def begin_checks(w: Write, case_id: int) -> date | None:
    """The days on which a reporter is asked again, counted from today; the first of them. What was not
    asked yet is not asked besides."""
    rule = current().fairness.get("retaliation")
    if rule is None:
        return None
    for old in CheckBack.objects.filter(case_id=case_id, done_on__isnull=True):
        w.delete(old)
    today = clock.local_day(w.now)
    days = [today + timedelta(days=n) for n in rule.check_days]
    for day in days:
        w.insert(CheckBack, case_id=case_id, due_on=day)
    return days[0]


def answered(w: Write, case: Case, verb: str) -> dict[str, Any]:
    """What changes of a case, or one that a case of retaliation went into, when its reporter is told
    what came of it, where the rulebook counts the days from then."""
    rule = current().fairness.get("retaliation")
    if verb not in ANSWERING or rule is None or rule.check_from != "answered":
        return {}
    if not Retaliation.objects.filter(case__in=case_ids_of(case)).exists():
        return {}
    return {"check_back_on": begin_checks(w, case.pk)}


def merged(w: Write, case: Case, into: Case) -> dict[str, Any]:
    """When a reporter is asked again goes on in the case that goes on; what of that one changes.

    A case of retaliation never goes into the one that it came of: that one's handlers would read it.
    """
    if Retaliation.objects.filter(case=case, origin=into).exists():
        raise Refused(_("Retaliation stays apart from the case that it came of."), field="into")
    left = CheckBack.objects.filter(case=case, done_on__isnull=True)
    for one in left:
        w.update(one, case_id=into.pk)
    days = [d for d in (case.check_back_on, into.check_back_on) if d is not None]
    return {"check_back_on": min(days)} if case.check_back_on and left else {}


def _whom(entry: Draft, v: dict[str, Any], *, needed: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if v["concerned"] is not None:
        kind, key = v["concerned"]
        found[f"{kind}_id"] = key
    if v["person"]:
        found["name"] = entry.say("name", v["person"])
    if needed and not found:
        raise Refused(_("Say whom: a unit or a person."), field="concerned")
    return found


def _all_hold(v: dict[str, Any], name: str) -> dict[str, str]:
    """The words to each of the answers, by key. Raises ``Refused`` naming the one that does not hold."""
    listed = current().fairness["tolerance"].lists[name]
    for key, (holds, _words) in v[name].items():
        if not holds:
            raise Refused(
                _("Not tolerable, for this does not hold: %(test)s.")
                % {"test": listed[key].in_(language())},
                field=f"{name}.{key}",
            )
    return {key: words for key, (_holds, words) in v[name].items()}


def _not_ahead(w: Write, field: str, day: Any) -> None:
    if day > clock.local_day(w.now):
        raise Refused(_("This day has not come yet."), field=field)
