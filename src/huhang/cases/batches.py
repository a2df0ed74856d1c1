"""One verb on several cases: what it can be done on, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import actions, flow, queries
from huhang.cases.models import Case, Party
from huhang.kernel.actor import Actor
from huhang.kernel.errors import HuhangError, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import write_many

MOST_SELECTED = 200


@dataclass(frozen=True)
class Chosen:
    """Of the selected cases those on which the verb can be done, with their parties; and how many
    were left out, whatever the reason."""

    able: list[Case]
    parties: dict[int, list[Party]]
    left_out: int


def choose(actor: Actor, verb: str, refs: Sequence[str]) -> Chosen:
    """What a selection comes to. Raises ``Refused``."""
    wanted = list(dict.fromkeys(plain_line(r) for r in refs))
    if verb not in flow.VERBS:
        raise Refused(_("Choose a verb first."), field="verb")
    if verb in flow.ONE_BY_ONE:
        raise Refused(_("This is done on one case at a time."), field="verb")
    if not wanted:
        raise Refused(_("Select at least one case first."), field="ref")
    if len(wanted) > MOST_SELECTED:
        raise Refused(_("At most %(limit)d cases at once.") % {"limit": MOST_SELECTED}, field="ref")
    cases = list(
        queries.visible_to(actor).filter(ref__in=wanted).select_related("unit", "disclosure")
    )
    parties = queries.parties_of(cases)
    able = [c for c in cases if verb in queries.verbs_for(actor, c, parties[c.pk])]
    return Chosen(able, parties, len(wanted) - len(able))


def perform_each(
    actor: Actor, verb: str, cases: Sequence[Case], values: dict[str, Any]
) -> list[tuple[Case, str | None]]:
    """Do the verb on each, as it was seen; each with why it failed, or None. Raises ``Refused`` for
    values that the verb does not have."""
    unknown = set(values) - {f.name for f in flow.FIELDS[verb]}
    if unknown:
        raise Refused(_("This verb takes no such field."), field=sorted(unknown)[0])
    results = write_many(
        [
            lambda w, ref=case.ref, version=case.version: actions.perform(  # type: ignore[misc]
                w, ref, verb, version=version, **values
            )
            for case in cases
        ],
        actor=actor,
    )
    done: list[tuple[Case, str | None]] = []
    for case, result in zip(cases, results, strict=True):
        if isinstance(result, Exception) and not isinstance(result, HuhangError):
            raise result
        done.append((case, str(result) if isinstance(result, HuhangError) else None))
    return done
