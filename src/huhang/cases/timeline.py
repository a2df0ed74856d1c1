"""A case's timeline: each entry in words, with whom it gave the case to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from huhang.cases import flow, queries
from huhang.cases.accounting import may_see
from huhang.cases.fairness import reading
from huhang.cases.models import Case
from huhang.kernel.actor import Actor
from huhang.parties.models import Group, Person, Unit, User
from huhang.parties.words import POST_WORDS, in_language, language
from huhang.rulebook import current

NUMBER_VERBS: dict[str, Any] = {
    "issue_number": gettext_lazy("Number issued"),
    "void_number": gettext_lazy("Number voided"),
}
APPROVAL_VERBS: dict[str, Any] = {
    "propose": gettext_lazy("Proposed for approval"),
    "approve": gettext_lazy("Approved"),
    "sign_on_paper": gettext_lazy("Approved on paper"),
    "return": gettext_lazy("Proposal returned"),
    "take_back_proposal": gettext_lazy("Proposal taken back"),
}
ACCOUNTABILITY_VERBS: dict[str, Any] = {
    "propose_accountability": gettext_lazy("Accountability proposed"),
    "decide_accountability": gettext_lazy("Accountability decided"),
    "revoke_outcome": gettext_lazy("Outcome revoked"),
}
"""Only leaders and the intake office read of them."""
OTHER_VERBS: dict[str, Any] = {
    **NUMBER_VERBS,
    "report": gettext_lazy("Report received"),
    "supplement": gettext_lazy("Report supplemented"),
    "add_files": gettext_lazy("Files added"),
    **APPROVAL_VERBS,
    **ACCOUNTABILITY_VERBS,
    "end_team": gettext_lazy("Joint team ended"),
}
GIVING = ("accept", "assign", "accuse")
"""Verbs whose new parties are said in the timeline."""
PARTY = "cases.party/"
NUMBER = "papers.number/"


class _Names:
    """Names of the units, groups and persons that manifests mention, and of visible cases."""

    def __init__(self, actor: Actor, entries: list[dict[str, Any]]) -> None:
        self.actor = actor
        keys: dict[str, set[int]] = {"unit": set(), "group": set(), "person": set()}
        for entry in entries:
            for row in _party_rows(entry):
                for kind, found in keys.items():
                    if row.get(f"{kind}_id"):
                        found.add(int(row[f"{kind}_id"]))
        self.names: dict[tuple[str, int], str] = {}
        models: tuple[tuple[str, Any], ...] = (("unit", Unit), ("group", Group), ("person", Person))
        for kind, model in models:
            for pk, thing in model.objects.in_bulk(list(keys[kind])).items():
                name = thing.name if kind == "person" else in_language(thing)
                self.names[(kind, pk)] = name

    def parties(self, entry: dict[str, Any]) -> list[str]:
        """Whom the entry made a party, by relation."""
        if entry["verb"] not in GIVING:
            return []
        lines: dict[str, list[str]] = {}
        for row in _party_rows(entry):
            for kind in ("unit", "group", "person"):
                name = self.names.get((kind, int(row.get(f"{kind}_id") or 0)))
                relation = row.get("relation", "")
                if name and name not in lines.setdefault(relation, []):
                    lines[relation].append(name)
        colon, comma = pgettext("joint", ": "), pgettext("list", ", ")
        return [
            f"{flow.RELATIONS[relation]}{colon}{comma.join(lines[relation])}"
            for relation in flow.RELATIONS
            if lines.get(relation)
        ]

    def other_case(self, head: dict[str, Any]) -> list[str]:
        """The case that this one was merged into, or linked to, for those who may see it."""
        if head.get("earlier"):
            known = queries.visible_to(self.actor).filter(pk=int(head["earlier"])).first()
            return [f"{known.ref} {known.title}"] if known else []
        if not head.get("into"):
            return []
        into = queries.visible_to(self.actor).filter(pk=int(head["into"])).first()
        return (
            [_("Into %(ref)s %(title)s") % {"ref": into.ref, "title": into.title}] if into else []
        )


def _numbers(entries: list[dict[str, Any]]) -> dict[int, list[str]]:
    """The serial number that an entry is about, by the entry's place in the log."""
    serials: dict[str, str] = {}
    found: dict[int, list[str]] = {}
    for entry in entries:
        for key, row in entry["rows"].items():
            if not key.startswith(NUMBER):
                continue
            if row and "serial" in row:
                serials[key] = row["serial"]
            if key in serials:
                found[entry["seq"]] = [serials[key]]
    return found


def _party_rows(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for key, row in entry["rows"].items() if key.startswith(PARTY) and row]


def timeline(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """The case's entries in words, oldest first."""
    known = reading.entrusted(actor, case)
    entries = [e for e in queries.timeline(case) if known or not _guarded(e)]
    if not may_see(actor):
        entries = [e for e in entries if e["verb"] not in ACCOUNTABILITY_VERBS]
    names = _Names(actor, entries)
    numbers = _numbers(entries)
    refs = {e["actor"] for e in entries}
    refs |= {ref for e in entries for ref in e["head"].get("approvers", ())}
    users = {u.ref: u for u in User.objects.filter(ref__in=refs)}
    by_ref = {ref: in_language(user) for ref, user in users.items()}
    fixed = {
        "public": _("Reporter"),
        "reporter": _("Reporter"),
        "operator": _("Operator of the machine"),
        "worker": _("Huhang"),
    }
    steps = []
    for entry in entries:
        head = entry["head"]
        what = str(flow.VERBS.get(entry["verb"]) or OTHER_VERBS.get(entry["verb"], entry["verb"]))
        to = head.get("to")
        if to and to != head.get("from") and entry["verb"] != "report":
            what += f" → {flow.STATES[to]}"
        facts = _head_words(head)
        facts += names.parties(entry)
        facts += names.other_case(head)
        facts += numbers.get(entry["seq"], [])
        facts += approving_words(head, by_ref, known)
        facts += _said(entry)
        text = "\n".join(
            [*facts, entry["note"] or (_("These words were erased.") if entry["erased"] else "")]
        )
        user = users.get(entry["actor"])
        steps.append(
            {
                "at": entry["recorded_at"],
                "what": what,
                "who": _by(user, head.get("token", ""))
                if user
                else fixed.get(entry["actor"], entry["actor"]),
                "text": text.strip(),
                "state": "done",
            }
        )
    return steps


def _guarded(entry: dict[str, Any]) -> bool:
    """Whether an entry is about a verb that not everybody who sees the case learns of."""
    return bool({entry["verb"], entry["head"].get("proposed")} & set(flow.GUARDED))


def approving_words(
    head: dict[str, Any], names: dict[str, str], entrusted: bool = True
) -> list[str]:
    """What an entry says of approvals: of which verb, by which post, by whom, and what fell; of
    guarded verbs only to whoever is ``entrusted`` with them."""
    colon, comma = pgettext("joint", ": "), pgettext("list", ", ")
    found = []
    if head["verb"] in APPROVAL_VERBS and head.get("proposed"):
        post = head.get("step")
        what = str(flow.VERBS.get(head["proposed"], head["proposed"]))
        found.append(f"{what} · {POST_WORDS[post]}" if post in POST_WORDS else what)
    if head.get("post") in POST_WORDS:
        found.append(_("Waits for") + f"{colon}{POST_WORDS[head['post']]}")
    if head.get("alone"):
        found.append(_("Nobody else holds this post."))
    if head.get("approvers"):
        who = dict.fromkeys(names.get(ref, ref) for ref in head["approvers"])
        found.append(_("Approved by") + f"{colon}{comma.join(who)}")
    if head.get("on_paper"):
        found.append(_("Steps signed on paper") + f"{colon}{head['on_paper']}")
    fallen = [v for v in head.get("fallen", ()) if entrusted or v not in flow.GUARDED]
    if fallen:
        verbs = comma.join(str(flow.VERBS.get(v, v)) for v in fallen)
        found.append(_("With this the pending proposal fell") + f"{colon}{verbs}")
    return found


def _by(user: User, token: str) -> str:
    """Who did it; by which token, where a program did it for them."""
    name = in_language(user)
    return _("%(name)s, by token %(token)s") % {"name": name, "token": token} if token else name


SAID: dict[str, Any] = {
    "who": gettext_lazy("Who was heard"),
    "by": gettext_lazy("Heard by"),
    "heard_on": gettext_lazy("Heard on"),
    "answer_by": gettext_lazy("To be answered by"),
    "planned_on": gettext_lazy("To be finished by"),
    "finished_on": gettext_lazy("Finished on"),
    "person": gettext_lazy("Person who answers for it"),
    "remark": gettext_lazy("Remark"),
    "sent_on": gettext_lazy("Handed over on"),
    "signed_on": gettext_lazy("Signed on"),
    "answered_on": gettext_lazy("Answered on"),
}
SAID_OF: dict[str, dict[str, Any]] = {
    "transfer_out": {"remark": gettext_lazy("Name of the organ")},
    "sign_receipt": {
        "person": gettext_lazy("Who received it there"), "remark": gettext_lazy("Their number"),
    },
}  # fmt: skip
"""Where a verb's words are called otherwise."""


def _said(entry: dict[str, Any]) -> list[str]:
    """What else was said: of progress, in the minutes of a hearing, and the days that were named."""
    colon = pgettext("joint", ": ")
    values = {**entry["head"], **entry["said"]}
    labels = {**SAID, **SAID_OF.get(entry["verb"], {})}
    return [f"{label}{colon}{values[key]}" for key, label in labels.items() if values.get(key)]


def _head_words(head: dict[str, Any]) -> list[str]:
    """The codes of an entry in words."""
    book = current()
    verb = head["verb"]
    lists: dict[str, dict[Any, Any]] = {
        "finding": book.findings, "form": book.govern_forms, "kind": book.kinds,
        "target": {"transfer_out": book.transfer_targets,
                   "punish_jointly": book.words_of("fairness.joint_punishment.targets"),
                   }.get(verb, book.escalation_targets),
        "effect": book.words_of("fairness.tolerance.effects"),
        "route": book.words_of("fairness.hearing.routes"),
        "outcome": book.outcomes if verb == "follow_up"
        else book.words_of("fairness.false_accusation.outcomes"),
        "reason": {"decline": book.decline_reasons, "keep": book.keep_reasons,
                   "reopen": book.reopen_reasons, "take_back": book.reopen_reasons,
                   "return_assignment": book.return_reasons, "extend": book.extension_reasons,
                   "not_clear": book.words_of("fairness.clearing.reasons"),
                   "pause": book.pause_reasons}.get(verb, {}),
    }  # fmt: skip
    found = []
    for key, words in lists.items():
        value = head.get(key)
        if value in words:
            found.append(words[value].in_(language()))
    found += [book.admissibility[t].in_(language()) for t in head.get("tests", ())
              if t in book.admissibility]  # fmt: skip
    if head.get("rating") in book.ratings:
        found.append(book.ratings[head["rating"]].in_(language()))
    if head.get("behaviour") in book.behaviours:
        found.append(book.behaviours[head["behaviour"]].words.in_(language()))
    nature = book.natures.get(head.get("nature", ""))
    if nature is not None:
        found.append(nature.words.in_(language()))
    if head.get("days"):
        found.append(_more(head["days"], head.get("unit", "working_days")))
    return [" · ".join(found)] if found else []


def _more(count: int, unit: str) -> str:
    """How much more time was given. Entries of older versions name no unit: it was working days."""
    said = {
        "working_days": ngettext("%(n)d working day more", "%(n)d working days more", count),
        "days": ngettext("%(n)d day more", "%(n)d days more", count),
        "months": ngettext("%(n)d month more", "%(n)d months more", count),
    }
    return said[unit] % {"n": count}
