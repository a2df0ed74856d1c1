"""Importing what another body hands over: each row a report, through the channel and as cases of
the kind that the rulebook names for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from huhang.cases.erasing import erased_number, has_erased
from huhang.cases.flow import SEALED
from huhang.cases.models import Case, Report
from huhang.cases.queries import visible_to
from huhang.intake.actions import ReportDraft, supplement
from huhang.intake.drafts import Drafted, Drafts, merged
from huhang.intake.filing import file_many
from huhang.intake.hotline import CLUES, VOCABULARY, HotlineFile, HotlineRow
from huhang.intake.importer import Importer, Judged
from huhang.intake.sorting import Sorter
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write
from huhang.rulebook import current
from huhang.tables.file import TableFile

Changed = tuple[Report, ReportDraft]


class ReportsImporter(Importer[HotlineRow, Drafted, Changed]):
    """A user reaches only reports of cases that they may see (see ``_places``)."""

    pure = True
    vocabulary = VOCABULARY
    file_class = HotlineFile

    def __init__(
        self, file: TableFile[HotlineRow], source: str, actor: Actor, dry_run: bool
    ) -> None:
        super().__init__(file, source, actor, dry_run)
        taken_by = actor.ref if actor.kind == "user" else ""
        self.drafts = Drafts(file, source, taken_by, current().hand_overs[self.kind])

    def sorter(self) -> Sorter[HotlineRow, Drafted]:
        """A row becomes a report, as far as its file and the names known here tell."""
        return Sorter(self.drafts.drafted, self.number_field)

    def judge(self, taken: list[Drafted]) -> Judged[Drafted, Changed]:
        """New reports, reports that say something else now, and repeated ones."""
        judged: Judged[Drafted, Changed] = Judged()
        known = self._known([drafted.report.number or "" for drafted in taken])
        if not known:
            judged.fresh = taken
            return judged
        for drafted, key, report in self._places(taken, known):
            sealed = drafted.report
            if report is not None:
                same = bytes(report.content_hash or b"") == sealed.content_hash
                changed = None if same else merged(drafted, report)
                if changed is None:
                    judged.repeated += 1
                else:
                    judged.changed.append((report, changed))
            else:
                if key != sealed.number:
                    drafted = drafted._replace(report=sealed._replace(number=key))
                judged.fresh.append(drafted)
        return judged

    def _places(
        self, taken: list[Drafted], known: dict[str, Report]
    ) -> Iterator[tuple[Drafted, str, Report | None]]:
        """Each with the key to file it under, and the report that is there already. ``known``: those
        that are filed under their own keys.

        What a user may not see is to them as if it were not there: their row is filed beside it,
        under a key of their own. What they themselves sent before is theirs to repeat, even where
        it accuses them, but not to change.
        """
        user = self.actor.ref if self.actor.kind == "user" else ""
        waiting = [
            (d, keys_of(d.report.number or "", d.report.content_hash or b"", user)) for d in taken
        ]
        while waiting:
            seen, sealed = self._seen(known), self._sealed(known)
            later = []
            for drafted, keys in waiting:
                report = known.get(keys[0])
                if (
                    report is None
                    or report.case_id in seen
                    or report.case_id in sealed
                    or self._is_own(report, drafted)
                ):
                    yield drafted, keys[0], report
                else:
                    later.append((drafted, keys[1:]))
            waiting = later
            known = self._known([keys[0] for _drafted, keys in waiting])

    def _known(self, keys: list[str]) -> dict[str, Report]:
        """The reports filed under these keys, those whose words were erased since among them."""
        names = {k: k for k in keys}
        if has_erased(self.source):
            names |= {erased_number(self.source, k): k for k in keys}
        found = Report.objects.filter(source=self.source, number__in=names)
        return {names[r.number]: r for r in found if r.number is not None}

    def _seen(self, known: dict[str, Report]) -> set[int]:
        """The cases of these reports that the actor may see."""
        case_ids = {r.case_id for r in known.values()}
        if self.actor.kind != "user":
            return case_ids
        return set(visible_to(self.actor).filter(pk__in=case_ids).values_list("pk", flat=True))

    def _sealed(self, known: dict[str, Report]) -> set[int]:
        """Those of the cases that are sealed: nothing of them comes back, whoever sends it."""
        case_ids = {r.case_id for r in known.values()}
        sealed = Case.objects.filter(pk__in=case_ids, state=SEALED)
        return set(sealed.values_list("pk", flat=True))

    def _is_own(self, report: Report, drafted: Drafted) -> bool:
        same = bytes(report.content_hash or b"") == drafted.report.content_hash
        return same and report.taken_by == self.actor.ref

    def apply(self, w: Write, judged: Judged[Drafted, Changed]) -> None:
        """An entry for each report."""
        file_many(w, [drafted.report for drafted in judged.fresh])
        for report, draft in judged.changed:
            supplement(w, report, draft)


class HotlineImporter(ReportsImporter):
    """A hotline's file."""

    kind = "hotline"


class PetitionImporter(ReportsImporter):
    """What the petition office hands over."""

    kind = "petition"


class AuditImporter(ReportsImporter):
    """What audit hands over: clues, which accuse whom they name."""

    kind = "audit"
    vocabulary = CLUES


class StatisticsImporter(ReportsImporter):
    """What statistical inspection hands over: clues, which accuse whom they name."""

    kind = "statistics"
    vocabulary = CLUES


def keys_of(key: str, content_hash: bytes, user: str) -> list[str]:
    """Where a row is looked for: its own key; for a user also keys beside it (see ``_places``)."""
    if not user:
        return [key]
    whole = hashlib.sha256(key.encode() + content_hash).hexdigest()
    return [key, f"~{user}~{key}", f"~{user}~#{whole}"]
