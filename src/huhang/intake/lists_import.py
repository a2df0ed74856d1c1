"""Taking back a list that an office filled in: each change is a verb, done as by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.cases import actions, duties, flow, inputs, lists, proposing, queries, rectifying
from huhang.cases.models import Case, Party
from huhang.intake.importer import Difference, Importer, Judged
from huhang.intake.lists import VOCABULARY, ListFile, ListRow, marks
from huhang.intake.lists.cells import filled, plain_cell
from huhang.intake.lists.names import FILLED, LABELS, READ_ONLY
from huhang.kernel.actor import Actor
from huhang.kernel.errors import HuhangError
from huhang.kernel.write import Write
from huhang.parties.words import in_language
from huhang.tables.faults import Bad, Refusal, Remark, together
from huhang.tables.file import TableFile

ORDER = tuple(lists.PROGRESS)
FIELD_OF = {"note": "measures", "unit": "unit"}
"""Verb's field -> column, where they are called differently."""


@dataclass
class Plan:
    """What becomes of a row: its differences and the verbs that bring them; none where it is ``kept``
    as it is here until somebody chooses it."""

    ref: str
    differences: list[Difference] = field(default_factory=list)
    verbs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    kept: bool = False


class _Refused(Exception):
    """A row that is not taken in."""

    def __init__(self, bad: Bad) -> None:
        super().__init__(bad.reason)
        self.bad = bad


class ListImporter(Importer[ListRow, ListRow, Plan]):
    """Each row is a transaction of its own: it is taken in whole, or refused with its reason."""

    kind = "list"
    vocabulary = VOCABULARY
    file_class = ListFile
    number_field = "ref"
    roles = frozenset({"intake", "handler", "supervisor", "leader"})
    acts = True

    def __init__(self, file: TableFile[ListRow], source: str, actor: Actor, dry_run: bool) -> None:
        super().__init__(file, source, actor, dry_run)
        self.changes: list[Difference] = []
        self.result.changes = self.changes

    def take(self, taken: list[ListRow]) -> None:
        """Row by row: one that is refused takes no other with it."""
        for row in taken:
            try:
                super().take([row])
            except _Refused as refused:
                self._turn_away(row, refused.bad)
            except HuhangError as error:
                # Between looking and doing somebody else did something.
                self._turn_away(row, Bad(row.headings.get("ref", ""), str(error)))

    def _turn_away(self, row: ListRow, bad: Bad) -> None:
        self.refuse(Refusal(row.sheet, row.row, bad.field, bad.reason, row.cells))

    def _keep(self, plan: Plan) -> None:
        self.result.kept += plan.kept
        self.changes.extend(plan.differences)
        for said in plan.remarks:
            self.file.remark(said.sheet, said.row, said.field, said.reason)

    def _count(self, judged: Judged[ListRow, Plan]) -> None:
        super()._count(judged)
        for plan in judged.changed:
            self._keep(plan)

    def judge(self, taken: list[ListRow]) -> Judged[ListRow, Plan]:
        """What the row would change. Raises ``_Refused``."""
        judged: Judged[ListRow, Plan] = Judged()
        for row in taken:
            plan = _Planner(self.actor, row, self).plan()
            if plan.verbs:
                judged.changed.append(plan)
            else:
                judged.repeated += 1
                self._keep(plan)
        return judged

    def apply(self, w: Write, judged: Judged[ListRow, Plan]) -> None:
        """The verbs, each with its own entry."""
        for plan in judged.changed:
            for verb, values in plan.verbs:
                case = actions.perform(w, plan.ref, verb, **values)
                w.flush()
                if verb in proposing.waiting_verbs(case):
                    break  # what would follow is not of this case yet


class _Planner:
    """Compares one row with what stands here."""

    def __init__(self, actor: Actor, row: ListRow, importer: ListImporter) -> None:
        self.actor = actor
        self.row = row
        self.importer = importer
        self.made = Plan(row.ref)
        self.faults: list[Bad] = list(row.faults.values())

    def plan(self) -> Plan:
        """Raises ``_Refused`` with all that is wrong."""
        try:
            self._plan()
        except Bad as bad:
            self.faults.append(bad)
        if self.faults:
            raise _Refused(together(self.faults))
        return self.made

    def _plan(self) -> None:
        """What the row would do; faults are noted. Raises ``Bad`` where nothing more can be said."""
        row = self.row
        case = self._case()
        if row.spoilt:
            raise self._bad(
                "mark",
                _("This row's mark belongs to another row: was only a part of the table sorted?"),
            )
        parties = queries.parties_of([case])[case.pk]
        party = self._party(parties)
        now = self._now(case, party)
        changed = self._changed(case, now)
        if not changed:
            return
        self.made.verbs = self._verbs(case, party, changed, now)
        self._check(case, parties)
        conflicts = [d.field for d in self.made.differences if d.conflict]
        chosen = self.importer.chosen
        if conflicts and not ({"all", row.key, row.ref} & set(chosen)):
            self._leave(conflicts)

    def _leave(self, conflicts: list[str]) -> None:
        """Let what stands here stay. Raises ``Bad`` where the row is wrong besides."""
        if self.faults:
            raise self._bad_field(
                conflicts[0],
                _("Changed here since this list was handed out: %(fields)s.")
                % {"fields": pgettext("list", ", ").join(conflicts)},
            )
        self.made.verbs = []
        self.made.kept = True
        self.made.differences = [replace(d, kept=True) for d in self.made.differences]

    def _bad(self, name: str, reason: str) -> Bad:
        return self._bad_field(self.row.headings.get(name) or str(LABELS[name]), reason)

    def _bad_field(self, heading: str, reason: str) -> Bad:
        return Bad(heading, reason)

    def _remark(self, name: str, reason: str) -> None:
        row = self.row
        self.made.remarks.append(Remark(row.sheet, row.row, row.headings.get(name, ""), reason))

    def _case(self) -> Case:
        try:
            return queries.access_case(self.actor, self.row.ref, lock=not self.importer.dry_run)
        except HuhangError as error:
            raise self._bad("ref", str(error)) from None

    def _party(self, parties: list[Party]) -> Party:
        """The party whose row it is: by the mark, else by the unit's name, else the responsible one."""
        row = self.row
        own = [p for p in parties if p.relation in duties.BEARING]
        if row.mark is not None:
            found = [p for p in own if (p.unit.code if p.unit else "") == row.mark.unit]
        elif name := row.texts.get("unit", ""):
            found = [
                p
                for p in own
                if (who := p.unit or p.group)
                and name in (who.code, who.name, who.name_en, in_language(who))
            ]
        else:
            found = [p for p in own if p.relation == "responsible"]
        if not found:
            raise self._bad("unit", _("This unit has no part in handling the case now."))
        return min(found, key=lambda p: (p.relation != "responsible", p.pk))

    def _now(self, case: Case, party: Party) -> dict[str, Any]:
        """What stands here now."""
        found = lists.row_of(case, party)
        return filled(found)

    def _changed(self, case: Case, now: dict[str, Any]) -> set[str]:
        """The columns that the file changes; differences and remarks are noted."""
        row, mark = self.row, self.row.mark
        changed: set[str] = set()
        back = mark is not None and mark.turns != marks.turns_of(case)
        for name in FILLED:
            if name not in row.texts or name in row.faults:
                continue
            told = row.texts[name]
            here = plain_cell(name, now[name], self.importer.file.zone)
            if told == here:
                continue
            edited = mark is None or mark.changed(name, told)
            moved = mark is not None and mark.changed(name, here)
            if name == "progress":
                if moved and edited and not back and self._overtaken(told, here):
                    continue
                moved = moved or back
            if not edited:
                self._remark(name, _("Changed here since; the row does not touch it."))
            elif not told:
                self._remark(name, _("Emptied in the file: what stands here stays."))
            else:
                unsure = mark is None and bool(here) and name != "progress"
                self._differ(name, now[name], conflict=moved or unsure)
                changed.add(name)
        if mark is not None:
            for name in READ_ONLY:
                if (
                    name in row.texts
                    and name not in row.faults
                    and mark.changed(name, row.texts[name])
                ):
                    said = _("This column is only to be read: what was changed in it is left out.")
                    self._remark(name, said)
        return changed

    @staticmethod
    def _overtaken(told: str, here: str) -> bool:
        """Whether the rectification has gone further since than the file says."""
        return told in ORDER and here in ORDER and ORDER.index(told) < ORDER.index(here)

    def _differ(self, name: str, here: Any, *, conflict: bool) -> None:
        row = self.row
        told = row.texts[name] if name in rectifying.DAYS else row.typed[name]
        self.made.differences.append(
            Difference(
                row.sheet, row.row, row.ref, row.key, row.headings[name], str(here), told, conflict
            )
        )

    def _verbs(
        self, case: Case, party: Party, changed: set[str], now: dict[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """The verbs that bring the changes, in order; faults are noted."""
        row = self.row
        steps: list[tuple[str, dict[str, Any]]] = []
        measures = row.typed["measures"] if "measures" in changed else str(now["measures"])
        forward: list[str] = []
        if "progress" in changed:
            with self._noting():
                forward = self._forward(case, party)
        values: dict[str, Any] = {k: row.typed[k] for k in ("person", "remark") if k in changed}
        for name in rectifying.DAYS:
            if name in changed:
                with self._noting():
                    values[name] = self._day(name)
        if "measures" in changed and not forward:
            values["note"] = measures
        if values:
            if party.unit is not None:
                values["unit"] = party.unit.code
            steps.append(("progress", values))
        if "measures" in row.faults:
            forward = []
        elif forward and not measures.strip():
            self.faults.append(self._bad("measures", _("This is needed.")))
        return [*steps, *((verb, {"note": measures}) for verb in forward)]

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """A fault in the block is noted, and the rest of the row is looked at."""
        try:
            yield
        except Bad as bad:
            self.faults.append(bad)

    def _day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.row.texts[name])
        except ValueError:
            raise self._bad(
                name,
                _("“%(value)s” is no date that can be read.")
                % {"value": self.row.texts[name][:40]},
            ) from None

    def _forward(self, case: Case, party: Party) -> list[str]:
        """The verbs that bring the rectification to where the file says it is."""
        wanted, at = self.row.texts["progress"], lists.progress_of(case)
        if wanted not in ORDER:
            raise self._bad(
                "progress",
                _("“%(given)s” is none of the states: %(known)s.")
                % {
                    "given": self.row.typed["progress"][:40],
                    "known": pgettext("list", ", ").join(
                        str(lists.PROGRESS[k]) for k in ORDER[1:3]
                    ),
                },
            )
        if wanted not in ("rectifying", "submitted") or ORDER.index(wanted) < ORDER.index(at):
            raise self._bad(
                "progress",
                _("It is “%(now)s” here; a list can only say that it is being rectified or done.")
                % {"now": lists.PROGRESS[at]},
            )
        if party.relation != "responsible":
            raise self._bad("progress", _("The responsible unit says this, not one that helps it."))
        steps = ["rectify"] if case.state == "found" else []
        return steps + (["submit"] if wanted == "submitted" else [] if steps else ["rectify"])

    def _check(self, case: Case, parties: list[Party]) -> None:
        """Whether this person may do these verbs now, one after the other; faults are noted."""
        held = queries.standings(self.actor, case, parties)
        known = queries.facts(self.actor, case, parties)
        state = case.state
        for verb, values in self.made.verbs:
            step = flow.transition(queries.flow_of(case), state, verb)
            name = "progress" if verb != "progress" else next(iter(values))
            name = FIELD_OF.get(name, name)
            if step is None or not step.who & held:
                raise self._bad(
                    name,
                    _("You cannot do this now: “%(verb)s” on a case that is “%(state)s”.")
                    % {"verb": flow.VERBS[verb], "state": flow.STATES[state]},
                )
            if (reason := flow.guard(step.when, known)) is not None:
                raise self._bad(name, str(reason))
            for part in _parts(values):
                with self._noting():
                    self._check_values(case, parties, verb, part, name)
            state = step.target or state

    def _check_values(
        self, case: Case, parties: list[Party], verb: str, values: dict[str, Any], name: str
    ) -> None:
        try:
            cleaned = inputs.clean(verb, values, self.actor, case)
            if verb == "progress":
                rectifying.check(self.actor, case, parties, cleaned)
        except HuhangError as error:
            raise self._bad(FIELD_OF.get(error.field, error.field or name), str(error)) from None


def _parts(values: dict[str, Any]) -> list[dict[str, Any]]:
    """A verb's values one by one, each with the unit that it is about: so each is refused by itself."""
    whose = {k: v for k, v in values.items() if k == "unit"}
    return [{name: values[name], **whose} for name in values if name not in whose]
