"""What the verbs of an inquiry change: the institution is asked, the complainant comments, and either a
friendly solution ends it or a decision, with a recommendation that is followed up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.models import Case
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.parties.words import joined, language
from huhang.rulebook import Nature, current


def check_tests(nature: Nature, met: list[str]) -> None:
    """What the nature tests before it accepts must be met. Raises ``Refused``: then it is declined."""
    missing = [t for t in nature.tests if t not in met]
    if missing:
        words = current().admissibility
        raise Refused(
            _("Not admissible without: %(tests)s. Decline it with the reason instead.")
            % {"tests": joined(words[t].in_(language()) for t in missing)},
            field="tests",
        )


def ask(w: Write, entry: Draft, _case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Somebody is given a day to answer by."""
    if v["answer_by"] < clock.local_day(w.now):
        raise Refused(_("This day is over already."), field="answer_by")
    entry.tell({"answer_by": v["answer_by"].isoformat()})
    return {"answer_by": v["answer_by"]}


def take_reply(_w: Write, _entry: Draft, _case: Case, _v: dict[str, Any]) -> dict[str, Any]:
    """The institution was heard."""
    return {"answer_by": None, "heard": True}


def settle(_w: Write, _entry: Draft, _case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """A friendly solution ends the matter without an adverse finding."""
    if flow.adverse(v["finding"]):
        raise Refused(_("What was settled has no adverse finding."), field="finding")
    return {"finding": v["finding"], "answer_by": None}


def follow_up(_w: Write, _entry: Draft, _case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """What became of the recommendation."""
    return {"outcome": v["outcome"], "answer_by": None}
