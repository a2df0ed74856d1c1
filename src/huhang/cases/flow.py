"""The transition table: from, verb, to, who may, when, clock, who is told.

Single source of buttons, permissions, notices, clocks, tests and the diagram in docs/; what a verb
changes: ``cases.actions``. The loop: 查—改—治 of the "123" method, and rules that the rulebook cites.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[str, Any] = {
    "received": _("Received"),
    "kept": _("Kept for reference"),
    "accepted": _("Accepted"),
    "assigned": _("Assigned"),
    "investigating": _("Under investigation"),
    "found": _("Finding made"),
    "rectifying": _("Being rectified"),
    "submitted": _("Rectification submitted"),
    "verified": _("Rectification verified"),
    "fed_back": _("Fed back"),
    "governed": _("Governed"),
    "closed": _("Closed"),
    "declined": _("Declined"),
    "transferred": _("Transferred out"),
    "merged": _("Merged"),
}
OPEN_STATES = tuple(
    s for s in STATES if s not in ("closed", "declined", "transferred", "merged", "kept")
)

PUBLIC_STATES = ("accepted", "assigned", "investigating", "found", "rectifying", "submitted", "verified",
                 "fed_back", "governed", "closed")  # fmt: skip
"""States in which a summary may be published: triage has spoken, and it was not sent away."""

PROGRESSING = ("assigned", "investigating", "found", "rectifying")
"""States in which whoever has a part can say how far the rectification is."""

STANDINGS: dict[str, Any] = {
    "intake": _("intake office"),
    "leader": _("leader"),
    "responsible": _("responsible"),
    "co_handling": _("co-handling"),
    "supervising": _("supervising"),
    "reporter": _("reporter"),
    "operator": _("operator"),
}

RELATIONS: dict[str, Any] = {
    "accused": _("accused"),
    "responsible": _("responsible"),
    "supervising": _("supervising"),
    "co_handling": _("co-handling"),
    "mentioned": _("mentioned"),
    "reporter": _("reporter"),
}

VERBS: dict[str, Any] = {
    "accept": pgettext_lazy("verb", "Accept"),
    "decline": pgettext_lazy("verb", "Decline"),
    "transfer_out": pgettext_lazy("verb", "Transfer out"),
    "merge": pgettext_lazy("verb", "Merge into another case"),
    "keep": pgettext_lazy("verb", "Keep for reference"),
    "assign": pgettext_lazy("verb", "Assign"),
    "investigate": pgettext_lazy("verb", "Start investigating"),
    "hear": pgettext_lazy("verb", "Hear those concerned"),
    "find": pgettext_lazy("verb", "Make a finding"),
    "rectify": pgettext_lazy("verb", "Start rectifying"),
    "progress": pgettext_lazy("verb", "Report progress"),
    "submit": pgettext_lazy("verb", "Submit the rectification"),
    "verify": pgettext_lazy("verb", "Verify the rectification"),
    "send_back": pgettext_lazy("verb", "Send back"),
    "feed_back": pgettext_lazy("verb", "Feed back to the reporter"),
    "rate": pgettext_lazy("verb", "Rate"),
    "govern": pgettext_lazy("verb", "Govern"),
    "close": pgettext_lazy("verb", "Close"),
    "reopen": pgettext_lazy("verb", "Reopen"),
    "urge": pgettext_lazy("verb", "Urge"),
    "extend": pgettext_lazy("verb", "Extend the time"),
    "regrade": pgettext_lazy("verb", "Change the nature"),
    "escalate": pgettext_lazy("verb", "Escalate"),
    "accuse": pgettext_lazy("verb", "Raise to accused"),
    "note": pgettext_lazy("verb", "Add a note"),
    "message": pgettext_lazy("verb", "Write to the reporter"),
    "reply": pgettext_lazy("verb", "Write to the office"),
    "disclose": pgettext_lazy("verb", "Publish a summary"),
    "retract": pgettext_lazy("verb", "Take the published summary back"),
    "shield": pgettext_lazy("verb", "Mark as about a minor"),
    "unshield": pgettext_lazy("verb", "Take the mark of a minor off"),
    "erase": pgettext_lazy("verb", "Erase the words"),
}
DISCLOSING = ("disclose", "retract")
"""Verbs by which something becomes public, or no longer is."""
REPEATED = "repeated"  # lets words of a report leave, see ``cases.leaving``
ONE_BY_ONE = ("merge", "progress", "unshield", "erase", *DISCLOSING)
"""Verbs that are done on one case at a time, never on a selection."""


@dataclass(frozen=True)
class Field:
    """A value that a verb takes. ``kind``: text, line, choice, units, actor (unit or group),
    accused (units, groups, persons), group, part (a unit with a part in the case), case, number, day,
    yes. ``source``: the rulebook list of a choice; for others the list without which there is none."""

    name: str
    kind: str
    label: Any
    required: bool = False
    source: str = ""
    hint: Any = ""


MINOR_HINT = _("No search finds it then but by its reference, and nothing of it is published.")
_note = Field("note", "text", _("Note"))
_reason_note = Field("note", "text", _("Reason in words"), required=True)
_repeated = Field(REPEATED, "yes",
                  _("These words are needed, and nobody can tell from them who reported"))  # fmt: skip
FIELDS: dict[str, tuple[Field, ...]] = {
    "accept": (
        Field("kind", "choice", _("Kind"), True, "kinds"),
        Field("nature", "choice", _("Nature"), False, "natures",
              hint=_("Which law or rule governs it; it sets the time. Left open: the one it came with, or the usual one of its kind.")),
        Field("title", "line", _("Title")),
        Field("behaviour", "choice", _("Behaviour"), False, "behaviours"),
        Field("units", "units", _("Units concerned")),
        Field(
            "raise_accused",
            "accused",
            _("Raise to accused"),
            hint=_("Whoever is accused, or belongs to an accused unit, no longer sees this case."),
        ),
        Field("minor", "yes", _("It is about somebody under age"), hint=MINOR_HINT),
        _note,
    ),
    "decline": (
        Field("reason", "choice", _("Reason"), True, "decline_reasons"),
        Field("note", "text", _("What the reporter is told"), True),
    ),
    "transfer_out": (
        Field("target", "choice", _("Transfer to"), True, "transfer_targets"),
        Field("note", "text", _("What the reporter is told"), True),
    ),
    "merge": (Field("into", "case", _("Reference of the case that goes on"), True), _note),
    "keep": (Field("reason", "choice", _("Reason"), True, "keep_reasons"), _note),
    "assign": (
        Field("responsible", "actor", _("Responsible"), True,
              hint=_("They read the case from now on.")),
        Field("co_handling", "units", _("Co-handling")),
        Field("supervising", "group", _("Supervising group")),
        Field("territorial", "units", _("Units that bear the territorial duty"), False, "duties",
              hint=_("Only where a unit's kind does not say it already; of the units above.")),
        Field("sector", "units", _("Units that bear the sector duty"), False, "duties"),
        _note,
    ),
    "investigate": (_note,),
    "hear": (
        Field("note", "text", _("Who was heard, and what they said"), True),
        Field("told_route", "yes", _("They were told the route of review"), True),
    ),
    "find": (
        Field("finding", "choice", _("Finding"), True, "findings"),
        Field("note", "text", _("Facts and evidence"), True),
    ),
    "rectify": (Field("note", "text", _("Measures and who is responsible"), True),),
    "progress": (
        Field("unit", "part", _("Unit")),
        Field("note", "text", _("Measures taken")),
        Field("person", "line", _("Person who answers for it")),
        Field("planned_on", "day", _("To be finished by")),
        Field("finished_on", "day", _("Finished on")),
        Field("remark", "text", _("Remark")),
    ),
    "submit": (Field("note", "text", _("What was done, and the evidence"), True),),
    "verify": (Field("note", "text", _("How it was checked"), True),),
    "send_back": (_reason_note, _repeated),
    "feed_back": (Field("note", "text", _("Answer to the reporter"), True),),
    "rate": (Field("rating", "choice", _("Rating"), True, "ratings"), _note),
    "govern": (
        Field("form", "choice", _("What changed so that it does not come back"), True,
              "govern_forms"),
        Field("note", "text", _("The change, or why none is needed"), True),
    ),
    "close": (_note,),
    "reopen": (Field("reason", "choice", _("Reason"), True, "reopen_reasons"), _reason_note),
    "urge": (_reason_note, _repeated),
    "extend": (
        Field("days", "number", _("Days more"), True),
        Field("reason", "choice", _("Reason"), True, "extension_reasons"),
        _reason_note,
    ),
    "regrade": (Field("nature", "choice", _("Nature"), True, "natures"), _reason_note),
    "escalate": (Field("target", "choice", _("Escalate to"), True, "escalation_targets"),
                 _reason_note),
    "accuse": (Field("accused", "accused", _("Raise to accused"), True), _reason_note),
    "note": (Field("note", "text", _("Note"), True),),
    "message": (Field("note", "text", _("Message to the reporter"), True),),
    "reply": (Field("note", "text", _("Message to the office"), True),),
    "disclose": (
        Field("note", "text", _("Summary for the public"), True,
              hint=_("Written for everybody to read: no names, no words of the report, nothing that "
                     "could tell who reported.")),
        _repeated,
    ),
    "retract": (_reason_note,),
    "shield": (_note,),
    "unshield": (_reason_note,),
    "erase": (_reason_note,),
}  # fmt: skip


@dataclass(frozen=True)
class Transition:
    """One row. ``target`` None: the state stays. ``when``: name of a guard in ``GUARDS``."""

    source: str
    verb: str
    target: str | None
    who: frozenset[str]
    when: str = ""
    clock: str = ""
    tells: frozenset[str] = frozenset()


def _rows() -> Iterable[Transition]:
    def row(
        source: str, verb: str, target: str | None, who: str, *, when: str = "",
        clock: str = "", tells: str = "",
    ) -> Transition:  # fmt: skip
        return Transition(
            source, verb, target, frozenset(who.split()), when, clock, frozenset(tells.split())
        )

    for source in ("received", "kept"):
        yield row(source, "accept", "accepted", "intake", clock="start", tells="intake")
        yield row(source, "decline", "declined", "intake")
        yield row(source, "transfer_out", "transferred", "intake")
    for source in ("received", "kept", "accepted"):
        yield row(source, "merge", "merged", "intake", clock="drop")
    yield row("received", "keep", "kept", "intake")
    yield row("accepted", "assign", "assigned", "intake leader",
              tells="responsible co_handling supervising")  # fmt: skip
    for source in ("assigned", "investigating", "rectifying"):
        yield row(source, "assign", source if source != "investigating" else "assigned",
                  "intake leader", tells="responsible co_handling supervising")  # fmt: skip
    yield row("assigned", "investigate", "investigating", "responsible supervising")
    yield row("investigating", "hear", "investigating", "responsible supervising")
    yield row("investigating", "find", "found", "responsible supervising",
              when="heard_if_adverse", tells="intake supervising")  # fmt: skip
    # The operator takes in lists that units filled in.
    yield row("found", "rectify", "rectifying", "responsible operator", when="adverse")
    for source in PROGRESSING:
        yield row(source, "progress", None,
                  "responsible co_handling supervising intake operator", tells="supervising")  # fmt: skip
    yield row("rectifying", "submit", "submitted", "responsible operator",
              tells="supervising intake")  # fmt: skip
    for verb, target in (("verify", "verified"), ("send_back", "rectifying")):
        yield row("submitted", verb, target, "supervising intake leader",
                  when="not_submitter", tells="responsible")  # fmt: skip
    yield row("found", "feed_back", "fed_back", "intake", when="not_adverse", clock="stop",
              tells="reporter")  # fmt: skip
    yield row("verified", "feed_back", "fed_back", "intake", clock="stop", tells="reporter")
    for source in ("fed_back", "governed", "closed"):
        yield row(source, "rate", None, "reporter", when="not_rated", tells="intake")
    yield row("fed_back", "govern", "governed", "responsible supervising intake", tells="intake")
    yield row("governed", "close", "closed", "intake leader")
    for source in ("closed", "declined", "transferred"):
        yield row(source, "reopen", "accepted", "intake leader", clock="start",
                  tells="responsible supervising")  # fmt: skip
    working = ("accepted", "assigned", "investigating", "found", "rectifying", "submitted",
               "verified")  # fmt: skip
    for source in working:
        yield row(source, "urge", None, "intake supervising leader", tells="responsible")
        yield row(source, "extend", None, "intake leader", when="extendable", clock="extend",
                  tells="responsible")  # fmt: skip
        yield row(source, "regrade", None, "intake leader", when="regradable", clock="regrade",
                  tells="responsible supervising")  # fmt: skip
        yield row(source, "escalate", None, "intake supervising", tells="leader")
    for source in PUBLIC_STATES:
        yield row(source, "disclose", None, "leader", when="disclosable",
                  tells="intake responsible supervising")  # fmt: skip
        yield row(source, "retract", None, "leader", when="published",
                  tells="intake responsible supervising")  # fmt: skip
    for source in OPEN_STATES:
        yield row(source, "accuse", None, "intake leader")
        yield row(source, "note", None, "intake responsible co_handling supervising leader")
        yield row(source, "message", None, "intake", tells="reporter")
    for source in ("kept", "closed", "declined", "transferred"):
        yield row(source, "message", None, "intake", tells="reporter")
        yield row(source, "note", None, "intake leader")
        yield row(source, "erase", None, "leader operator")
    for source in STATES:
        if source != "merged":
            yield row(
                source, "shield", None, "intake responsible supervising leader", when="of_age"
            )
            yield row(source, "unshield", None, "leader", when="under_age")
            yield row(source, "reply", None, "reporter", tells="intake")


TABLE: tuple[Transition, ...] = tuple(_rows())
_BY_SOURCE: dict[tuple[str, str], Transition] = {(t.source, t.verb): t for t in TABLE}
assert len(_BY_SOURCE) == len(TABLE), "two rows of the table have the same state and verb"


def _running() -> tuple[str, ...]:
    found = {t.target for t in TABLE if t.clock == "start" and t.target}
    while more := {
        t.target for t in TABLE
        if t.source in found and t.target and t.clock not in ("stop", "drop")
    } - found:  # fmt: skip
        found |= more
    return tuple(s for s in STATES if s in found)


RUNNING_STATES = _running()
"""The states in which a clock may run: from its start until a verb stops or drops it."""


def transition(state: str, verb: str) -> Transition | None:
    """The row for this state and verb, or None."""
    return _BY_SOURCE.get((state, verb))


ADVERSE = ("substantiated", "partly")


def adverse(finding: str) -> bool:
    """Whether a finding says that something was wrong."""
    return finding in ADVERSE


def guard(name: str, facts: dict[str, Any]) -> Any:
    """Why a guard refuses, as a lazy message; None when it lets through.

    ``facts``: finding, heard, hearing_required, rating, extensions, extension, leads, natures,
    submitted_by, actor, confidential, minor; accused and published, each a call that says so.
    """
    if name == "heard_if_adverse":
        if (
            adverse(facts.get("new_finding", ""))
            and facts["hearing_required"]
            and not facts["heard"]
        ):
            return _("No adverse finding before those concerned were heard.")
    elif name == "adverse":
        if not adverse(facts["finding"]):
            return _("There is nothing to rectify: the finding is not adverse.")
    elif name == "not_adverse":
        if adverse(facts["finding"]):
            return _("The finding is adverse: rectify before feeding back.")
    elif name == "not_submitter":
        if facts["submitted_by"] == facts["actor"]:
            return _("Whoever submitted a rectification cannot verify it.")
    elif name == "not_rated":
        if facts["rating"] is not None:
            return _("This case has been rated.")
    elif name == "extendable":
        rule = facts["extension"]
        if rule is None or facts["extensions"] >= rule.times:
            return _("The rule allows no further extension.")
        if rule.by == "leader" and not facts["leads"]:
            return _("With this nature a leader decides on more time.")
    elif name == "regradable":
        if facts["natures"] < 2:
            return _("Cases of this kind have one nature alone.")
    elif name == "disclosable":
        if facts["confidential"]:
            return _("Reports of this kind are confidential: nothing of them is published.")
        if facts["accused"]():
            return _("Somebody is accused in this case: nothing of it is published.")
        if facts["minor"]:
            return _("It is about somebody under age: nothing of it is published.")
        if facts["published"]():
            return _("A summary is published already: take it back first.")
    elif name == "published":
        if not facts["published"]():
            return _("Nothing of this case is published.")
    elif name == "of_age":
        if facts["minor"]:
            return _("This case is marked already.")
    elif name == "under_age":
        if not facts["minor"]:
            return _("This case is not marked.")
    elif name:
        raise AssertionError(f"no guard {name}")
    return None


def allowed(state: str, standings: frozenset[str], facts: dict[str, Any]) -> list[str]:
    """The verbs that somebody with these standings may do in this state now, in table order."""
    return [
        t.verb
        for t in TABLE
        if t.source == state and t.who & standings and guard(t.when, facts) is None
    ]
