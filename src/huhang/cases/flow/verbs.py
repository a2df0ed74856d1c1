"""The verbs in words, and the values that each takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

VERBS: dict[str, Any] = {
    "acknowledge": pgettext_lazy("verb", "Acknowledge receipt"),
    "accept": pgettext_lazy("verb", "Accept"),
    "decline": pgettext_lazy("verb", "Decline"),
    "transfer_out": pgettext_lazy("verb", "Transfer out"),
    "sign_receipt": pgettext_lazy("verb", "Note who signed for it"),
    "record_answer": pgettext_lazy("verb", "Note the answer"),
    "take_back": pgettext_lazy("verb", "Take back"),
    "merge": pgettext_lazy("verb", "Merge into another case"),
    "recur": pgettext_lazy("verb", "It happened again"),
    "link": pgettext_lazy("verb", "Link to a closed case"),
    "keep": pgettext_lazy("verb", "Keep for reference"),
    "assign": pgettext_lazy("verb", "Assign"),
    "return_assignment": pgettext_lazy("verb", "Return: not ours"),
    "talk": pgettext_lazy("verb", "Talk or inquire in writing"),
    "investigate": pgettext_lazy("verb", "Start investigating"),
    "hold": pgettext_lazy("verb", "Hold for now"),
    "sweep": pgettext_lazy("verb", "Sweep: it stays"),
    "conclude": pgettext_lazy("verb", "Conclude the clue"),
    "ask_reply": pgettext_lazy("verb", "Ask the institution to reply"),
    "take_reply": pgettext_lazy("verb", "Record the institution's reply"),
    "ask_comments": pgettext_lazy("verb", "Ask the complainant for comments"),
    "take_comments": pgettext_lazy("verb", "Record the complainant's comments"),
    "offer": pgettext_lazy("verb", "Propose a friendly solution"),
    "settle": pgettext_lazy("verb", "Both sides accepted the solution"),
    "reject": pgettext_lazy("verb", "The solution was rejected"),
    "hear": pgettext_lazy("verb", "Hear those concerned"),
    "find": pgettext_lazy("verb", "Make a finding"),
    "file": pgettext_lazy("verb", "File formally"),
    "recommend": pgettext_lazy("verb", "Make a recommendation"),
    "follow_up": pgettext_lazy("verb", "Follow up the recommendation"),
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
    "pause": pgettext_lazy("verb", "Let the time stand still"),
    "resume": pgettext_lazy("verb", "Let the time go on"),
    "regrade": pgettext_lazy("verb", "Change the nature"),
    "escalate": pgettext_lazy("verb", "Escalate"),
    "accuse": pgettext_lazy("verb", "Raise to accused"),
    "recuse": pgettext_lazy("verb", "Withdraw from the case"),
    "note": pgettext_lazy("verb", "Add a note"),
    "message": pgettext_lazy("verb", "Write to the reporter"),
    "reply": pgettext_lazy("verb", "Write to the office"),
    "disclose": pgettext_lazy("verb", "Publish a summary"),
    "retract": pgettext_lazy("verb", "Take the published summary back"),
    "shield": pgettext_lazy("verb", "Mark as about a minor"),
    "unshield": pgettext_lazy("verb", "Take the mark of a minor off"),
    "erase": pgettext_lazy("verb", "Erase the words"),
    "seal_forward": pgettext_lazy("verb", "Seal and send up"),
}
DISCLOSING = ("disclose", "retract")
"""Verbs by which something becomes public, or no longer is."""
REPEATED = "repeated"
"""The field by which somebody lets words of a report leave; see ``cases.leaving``."""
ONE_BY_ONE = (
    "merge", "recur", "link", "progress", "recuse", "unshield", "erase", "seal_forward",
    *DISCLOSING,
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A value that a verb takes. ``kind``: text, line, choice, choices, units, actor (unit or group),
    accused (units, groups, persons), colleague (somebody who signs in; a leader names another than
    themselves), group, part (a unit that has a part in the case), concerned (a unit, group or person
    that is a party of the case), case, closed_case, number, day, yes, choices (several), answers (to
    each of a list: whether it holds, and words). ``source``: for choices and answers, the rulebook
    list; for others the list without which there is
    no such field."""

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
_answer_by = Field("answer_by", "day", _("To be answered by"), True)
FIELDS: dict[str, tuple[Field, ...]] = {
    "accept": (
        Field("kind", "choice", _("Kind"), True, "kinds"),
        Field("nature", "choice", _("Nature"), False, "natures",
              hint=_("Which law or rule governs it; it sets the time. Left open: the one it came with, or the usual one of its kind.")),
        Field("tests", "choices", _("Admissible: these tests are met"), False, "admissibility"),
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
        Field("organ", "line", _("Name of the organ")),
        Field("sent_on", "day", _("Handed over on"), hint=_("Left open: today.")),
        Field("note", "text", _("What the reporter is told"), True),
    ),
    "sign_receipt": (
        Field("person", "line", _("Who received it there"), True),
        Field("signed_on", "day", _("Signed on"), True),
        Field("document", "line", _("Their number, if they gave one")),
    ),
    "record_answer": (
        Field("answered_on", "day", _("Answered on"), True),
        Field("note", "text", _("What became of it"), True),
    ),
    "take_back": (Field("note", "text", _("Why it comes back"), True),),
    "merge": (Field("into", "case", _("Reference of the case that goes on"), True), _note),
    "recur": (
        Field("into", "closed_case", _("Closed case that it recurs from"), True,
              hint=_("It is opened again with the reason recurrence, and this report goes into it: where opening it again needs approval, both wait for that.")),
        Field("note", "text", _("Why it is the same matter"), True),
    ),
    "link": (
        Field("earlier", "closed_case", _("Closed case about the same matter"), True,
              hint=_("Both stay what they are.")),
        _note,
    ),
    "return_assignment": (Field("reason", "choice", _("Reason"), True, "return_reasons"), _reason_note),
    "keep": (Field("reason", "choice", _("Reason"), True, "keep_reasons"), _note),
    "assign": (
        Field("responsible", "actor", _("Responsible"), True,
              hint=_("They read the case from now on.")),
        Field("co_handling", "units", _("Co-handling")),
        Field("supervising", "group", _("Supervising group")),
        Field("territorial", "units", _("Units that bear the territorial duty"), False, "duties",
              hint=_("Only where a unit's kind does not say it already; of the units above.")),
        Field("sector", "units", _("Units that bear the sector duty"), False, "duties"),
        Field("person", "line", _("Person who answers for it"), False, "duties",
              hint=_("Of the responsible; each unit names its own when it reports progress.")),
        _note,
    ),
    "acknowledge": (Field("note", "text", _("Message to the reporter"), True),),
    "ask_reply": (
        Field("note", "text", _("What is asked of the institution"), True),
        _answer_by,
    ),
    "take_reply": (
        Field("note", "text", _("What the institution replied"), True),
        Field("told_route", "yes", _("They were told the route of review"), True),
    ),
    "ask_comments": (
        Field("note", "text", _("Message to the reporter"), True),
        _answer_by,
    ),
    "take_comments": (Field("note", "text", _("What the complainant said, or that no comments came"), True),),
    "offer": (
        Field("note", "text", _("The solution, as both sides are told it"), True),
        _answer_by,
    ),
    "settle": (
        Field("finding", "choice", _("Finding"), True, "findings"),
        Field("note", "text", _("What both sides agreed to"), True),
    ),
    "reject": (_reason_note,),
    "recommend": (
        Field("note", "text", _("The recommendation"), True),
        _answer_by,
    ),
    "follow_up": (
        Field("outcome", "choice", _("What became of it"), True, "outcomes"),
        Field("note", "text", _("What the institution did, and the evidence"), True),
    ),
    "talk": (Field("note", "text", _("With whom, about what, by when"), True),),
    "investigate": (_note,),
    "hold": (Field("note", "text", _("Which conditions are lacking, and when it is looked at again"), True),),
    "sweep": (
        Field("note", "text", _("Why it stays as it is"), True,
              hint=_("Where something can be done now, do that instead: every other verb of the case ends its rest.")),
    ),
    "conclude": (
        Field("finding", "choice", _("Finding"), True, "findings"),
        Field("note", "text", _("Why it is untrue, or cannot be checked"), True),
    ),
    "find": (
        Field("finding", "choice", _("Finding"), True, "findings"),
        Field("note", "text", _("Facts and evidence"), True),
    ),
    "file": (Field("note", "text", _("What is filed, against whom, by which decision"), True),),
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
    "send_back": (
        _reason_note,
        Field("false_report", "yes", _("It was reported as fixed although it was not"), False,
              "accountability_causes"),
        _repeated,
    ),
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
    "pause": (Field("reason", "choice", _("Reason"), True, "pause_reasons"), _reason_note),
    "resume": (_note,),
    "regrade": (Field("nature", "choice", _("Nature"), True, "natures"), _reason_note),
    "escalate": (Field("target", "choice", _("Escalate to"), True, "escalation_targets"),
                 _reason_note),
    "accuse": (Field("accused", "accused", _("Raise to accused"), True), _reason_note),
    "recuse": (
        Field("reason", "choice", _("Reason"), True, "recusal_reasons"),
        Field("user", "colleague", _("Who withdraws"), False, "recusal_reasons",
              hint=_("Left open: you yourself.")),
        Field("why", "text", _("More about the reason"),
              hint=_("Leaders alone read the reason. Others see only that somebody withdrew.")),
    ),
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
    "seal_forward": (),
}  # fmt: skip
