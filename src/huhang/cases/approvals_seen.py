"""Approvals as somebody may read them, as plain data: the case page, the API and the paper show the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from huhang.cases import flow, proposing, queries
from huhang.cases.approving import doings, learns_of
from huhang.cases.chains import Approval, ApprovalStep
from huhang.cases.inputs import choices
from huhang.cases.models import Case
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.parties.models import Group, Person, Unit, User
from huhang.parties.words import POST_WORDS, in_language, language

STATES: dict[str, Any] = {
    "pending": pgettext_lazy("approval", "waiting"),
    "approved": pgettext_lazy("approval", "approved"),
    "returned": pgettext_lazy("approval", "returned"),
    "taken_back": pgettext_lazy("approval", "taken back"),
    "fallen": pgettext_lazy("approval", "overtaken by another step"),
}


def approvals_of(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """The case's approvals, the newest first.

    Each: ref, verb and its words, state and its words, waits_for (a post in words, or nothing),
    proposed_by, proposed_at, collective, said (label and value of each field; None once erased), steps (post,
    who, on, words, on_paper, alone, outcome), doings (what this person can do now).
    """
    all_of_it = Approval.objects.filter(case=case).order_by("-id").prefetch_related("taken")
    found = [a for a in all_of_it if learns_of(actor, a.verb, case)]
    refs = {a.proposed_by for a in found} | {s.by for a in found for s in a.taken.all()}
    names = {u.ref: in_language(u) for u in User.objects.filter(ref__in=refs)}
    return [
        {
            "ref": a.ref,
            "verb": a.verb,
            "verb_words": str(flow.VERBS.get(a.verb, a.verb)),
            "state": a.state,
            "state_words": str(STATES[a.state]),
            "post": a.post,
            "waits_for": str(POST_WORDS[a.post]) if a.post else "",
            "chain": [str(POST_WORDS[p]) for p in a.steps.split()],
            "collective": a.collective,
            "proposed_by": names.get(a.proposed_by, _("Operator of the machine")),
            "proposed_at": a.proposed_at,
            "said": said(actor, a.verb, queries.payload_value(a.values)),
            "steps": [_step(s, names) for s in a.taken.all()],
            "doings": doings(actor, a, case),
        }
        for a in found
    ]


def chain_words(case: Case, verb: str) -> str:
    """Who must approve this verb, in words; empty where it is done at once."""
    rule = proposing.chain_of(case, verb)
    if rule is None:
        return ""
    chain = " → ".join(str(POST_WORDS[p]) for p in rule.steps)
    return _("%(chain)s, after collective study") % {"chain": chain} if rule.collective else chain


def _step(step: ApprovalStep, names: Mapping[str, str]) -> dict[str, Any]:
    signer = (queries.payload_value(step.signer) or {}).get("text")
    words = queries.payload_value(step.words)
    gone = _("These words were erased.")
    return {
        "post": str(POST_WORDS[step.post]),
        "outcome": step.outcome,
        "who": (signer or gone) if step.signed_on else names.get(step.by, step.by),
        "recorded_by": names.get(step.by, step.by) if step.signed_on else "",
        "at": step.at,
        "signed_on": step.signed_on,
        "words": "" if step.words is None else words["text"] if words else gone,
        "alone": step.alone,
    }


def said(actor: Actor, verb: str, values: Mapping[str, Any] | None) -> list[tuple[str, str]] | None:
    """What was proposed, field by field with labels; None once it was erased. Of another case nothing
    to whom it is hidden."""
    if values is None:
        return None
    found: list[tuple[str, str]] = []
    for field in flow.FIELDS[verb]:
        value = values.get(field.name)
        if value in (None, "", [], False):
            continue
        if field.kind == "answers":
            found += _answers(field, value)
        elif field.kind in ("case", "closed_case"):
            found += [(str(field.label), f"{c.ref} {c.title}") for c in _case(actor, str(value))]
        else:
            found.append((str(field.label), _value(field, value)))
    return found


def _answers(field: flow.Field, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = choices(field.source)
    return [
        (known[key].in_(language()) if key in known else key,
         f"{_('yes') if one['holds'] else _('no')} · {one['words']}")
        for key, one in given.items()
    ]  # fmt: skip


def _case(actor: Actor, ref: str) -> list[Case]:
    try:
        return [queries.access_case(actor, ref)]
    except Missing:
        return []


def _value(field: flow.Field, value: Any) -> str:
    if field.kind == "choice":
        known = {str(k): v for k, v in choices(field.source).items()}.get(str(value))
        return getattr(known, "words", known).in_(language()) if known else str(value)
    if field.kind == "yes":
        return str(_("yes"))
    many = value if isinstance(value, list) else [value]
    if field.kind == "choices":
        known = choices(field.source)
        many = [known[one].in_(language()) if one in known else one for one in many]
    if field.kind in ("units", "actor", "group", "part", "accused", "concerned"):
        many = [_place(str(one)) for one in many]
    return pgettext("list", ", ").join(str(one) for one in many)


def _place(code: str) -> str:
    kind, _colon, key = code.rpartition(":")
    if kind == "person":  # by sign-in name whom somebody accuses, by key a party of the case
        by = {"pk": key} if key.isdigit() else {"users__username": key}
        person = Person.objects.filter(**by).first()
        return person.name if person is not None else key
    found: Any = Unit.objects.filter(code=key).first() or Group.objects.filter(code=key).first()
    return in_language(found) if found else key
