"""What a paper repeats of a report's own words, before it goes to the unit concerned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huhang.cases import leaving
from huhang.cases.models import Case
from huhang.cases.queries import is_confidential
from huhang.kernel.actor import Actor
from huhang.papers import templates
from huhang.rulebook import PaperRule

Values = dict[str, Any]


def check(actor: Actor, case: Case, rule: PaperRule, said: Values, *, confirmed: bool) -> int:
    """Refuse a paper to the responsible unit that says what must not leave (see ``leaving.let_out``).
    A hand-over goes to the organ that carries the matter on: its writer is warned, no more."""
    if rule.to != "responsible":
        return 0
    texts = list(_texts(rule, without_title(actor, case, rule, said)))
    return leaving.let_out(actor, case, texts, "", confirmed=confirmed)


def found(actor: Actor, case: Case, rule: PaperRule, said: Values) -> tuple[str, ...]:
    """What the paper lets out, for a warning. Raises ``Refused`` when it must not leave."""
    if rule.to == "transfer_target":
        return leaving.of_reports(actor, case, _texts(rule, said)).all()
    if rule.to != "responsible" or not check(actor, case, rule, said, confirmed=True):
        return ()
    return leaving.of_reports(actor, case, _texts(rule, said)).all()


def without_title(actor: Actor, case: Case, rule: PaperRule, said: Values) -> Values:
    """What a paper says; to the unit of a confidential case with the reference in the place of a
    title that repeats the report: a title begins as the report's first words."""
    if rule.to != "responsible" or not is_confidential(case):
        return said
    if not leaving.of_reports(actor, case, [said["title"]]):
        return said
    return {**said, "title": said["reference"]}


def _texts(rule: PaperRule, said: Values) -> Iterator[str]:
    """The texts that the paper's template asks for."""
    for name in sorted(templates.names_in(rule.id)):
        value = said.get(name, "")
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for row in value:
                yield from row.values()
