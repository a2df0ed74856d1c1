"""What a reporter answered so far: read from the form, checked page by page and again at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huhang.kernel import clock
from huhang.kernel.errors import Refused
from huhang.kernel.plain import MAX_TEXT, plain_text
from huhang.rulebook import current

OURS = ("unit", "unknown")
SUBJECTS: dict[str, Any] = {
    "unit": gettext_lazy("A unit, a department, or somebody who works there"),
    "unknown": gettext_lazy("I do not know which unit it is"),
    "own_leaders": gettext_lazy("Leaders of the office that receives this report"),
    "superior": gettext_lazy("An office of a higher level, or its staff"),
}


def subjects() -> dict[str, Any]:
    """Whom a report can concern; other offices where the rulebook knows the right channel."""
    return {k: w for k, w in SUBJECTS.items() if k in OURS or k in current().right_channels}


STEPS = ("whom", "unit", "kind", "what", "when", "files", "contact", "send")


@dataclass
class Answers:
    """The answers, as text; ``files``: names of staged files."""

    site: str = ""
    subject: str = ""
    unit: str = ""
    person: str = ""
    kind: str = ""
    text: str = ""
    occurred_on: str = ""
    when: str = ""
    files: list[str] = field(default_factory=list)
    reach: str = ""
    name: str = ""
    phone: str = ""

    @property
    def right_channel(self) -> str:
        """Key of the right channel when this office is not the one to tell; else empty."""
        return self.subject if self.subject in current().right_channels else ""

    def hidden(self, step: str) -> list[tuple[str, str]]:
        """The answers that travel on, without those that the page of this step asks."""
        asked = ASKS[step]
        found = []
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name in asked or not value:
                continue
            found += (
                [(one.name, v) for v in value] if isinstance(value, list) else [(one.name, value)]
            )
        return found


def read(data: Any) -> Answers:
    """The answers of a posted form."""
    found = {
        f.name: plain_text(str(data.get(f.name, ""))) for f in fields(Answers) if f.name != "files"
    }
    names = [n for n in data.getlist("files") if isinstance(n, str)]
    return Answers(files=names[:200], **found)


ASKS: dict[str, tuple[str, ...]] = {
    "whom": ("subject",),
    "unit": ("unit", "person"),
    "kind": ("kind",),
    "what": ("text",),
    "when": ("occurred_on", "when"),
    "files": ("files",),
    "contact": ("reach", "name", "phone"),
    "send": (),
}


def steps(answers: Answers) -> tuple[str, ...]:
    """The pages that these answers lead over."""
    return tuple(s for s in STEPS if s != "unit" or answers.subject != "unknown")


def _limit(value: str, name: str, most: int) -> None:
    if len(value) > most:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": most, "given": len(value)},
            field=name,
        )


def _one_of(value: str, name: str, allowed: Mapping[str, Any]) -> None:
    if value not in allowed:
        raise Refused(_("Choose one of these."), field=name)


def _check_whom(a: Answers) -> None:
    _one_of(a.subject, "subject", subjects())


def _check_unit(a: Answers) -> None:
    if a.subject == "unit" and not a.unit:
        raise Refused(_("Name the unit, or go back and say that you do not know it."), field="unit")
    _limit(a.unit, "unit", 120)
    _limit(a.person, "person", 120)


def _check_kind(a: Answers) -> None:
    _one_of(a.kind, "kind", current().kind_questions)


def _check_what(a: Answers) -> None:
    if not a.text:
        raise Refused(_("Say what happened, in your own words."), field="text")
    _limit(a.text, "text", MAX_TEXT)


def _check_when(a: Answers) -> None:
    _limit(a.when, "when", 200)
    day = occurred_on(a)
    if day is not None and day > clock.today():
        raise Refused(_("This day has not come yet."), field="occurred_on")


def occurred_on(a: Answers) -> date | None:
    """The day that was given. Raises ``Refused``."""
    if not a.occurred_on:
        return None
    try:
        return date.fromisoformat(a.occurred_on)
    except ValueError:
        raise Refused(
            _("“%(given)s” is no date such as 2026-11-24.") % {"given": a.occurred_on[:20]},
            field="occurred_on",
        ) from None


def _check_contact(a: Answers) -> None:
    _one_of(a.reach, "reach", {"anonymous": 1, "contact": 1})
    _limit(a.name, "name", 80)
    _limit(a.phone, "phone", 80)
    if a.reach == "contact" and not (a.phone or a.name):
        raise Refused(_("Say how we can reach you, or stay anonymous."), field="phone")


CHECKS: dict[str, Callable[[Answers], None]] = {
    "whom": _check_whom,
    "unit": _check_unit,
    "kind": _check_kind,
    "what": _check_what,
    "when": _check_when,
    "contact": _check_contact,
}


def check(step: str, answers: Answers) -> None:
    """Check one page's answers. Raises ``Refused`` naming the field."""
    found = CHECKS.get(step)
    if found is not None:
        found(answers)


def first_wrong(answers: Answers) -> tuple[str, Refused] | None:
    """The first page whose answers do not hold, and why."""
    for step in steps(answers):
        try:
            check(step, answers)
        except Refused as error:
            return step, error
    return None
