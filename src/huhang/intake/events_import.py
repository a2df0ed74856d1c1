"""Importing dispositions: each row what another system says of one event and its unit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext

from huhang.intake.events import VOCABULARY, EventRow, EventsFile
from huhang.intake.importer import Importer, Judged
from huhang.intake.models import Disposition
from huhang.intake.sorting import Sorter
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write
from huhang.tables.faults import Remark
from huhang.tables.file import TableFile

Change = tuple[Disposition, EventRow]


class EventsImporter(Importer[EventRow, EventRow, Change]):
    """Names of units stay as the source writes them: a page of review says which unit they mean."""

    kind = "events"
    vocabulary = VOCABULARY
    file_class = EventsFile
    roles = frozenset({"intake", "administrator"})

    def __init__(self, file: TableFile[EventRow], source: str, actor: Actor, dry_run: bool) -> None:
        super().__init__(file, source, actor, dry_run)
        self.contents: set[bytes] = set()
        self.alike = 0

    def sorter(self) -> Sorter[EventRow, EventRow]:
        """A row is its disposition; those that say the same under two numbers are counted."""
        return Sorter(self._noted, self.number_field)

    def _noted(self, row: EventRow) -> EventRow:
        if row.number:
            self.alike += row.same in self.contents
            self.contents.add(row.same)
        return row

    def judge(self, taken: list[EventRow]) -> Judged[EventRow, Change]:
        """New dispositions, and those of which the source says something else now."""
        judged: Judged[EventRow, Change] = Judged()
        found = Disposition.objects.filter(
            source=self.source, number__in=[row.key for row in taken]
        )
        known = {d.number: d for d in found}
        for row in taken:
            before = known.get(row.key)
            if before is None:
                judged.fresh.append(row)
            elif bytes(before.content_hash) == row.content_hash:
                judged.repeated += 1
            else:
                judged.changed.append((before, row))
        return judged

    def apply(self, w: Write, judged: Judged[EventRow, Change]) -> None:
        """One entry for the group: its rows stand in the manifest, their text in a payload."""
        w.entry("events", count=len(judged.fresh) + len(judged.changed), source=self.source)
        for row in judged.fresh:
            w.add(Disposition, source=self.source, number=row.key, taken_at=w.now, **_columns(row))
        for before, row in judged.changed:
            w.update(before, **_columns(row))

    def closing_remarks(self) -> list[Remark]:
        """How many rows say the same as another but for their number."""
        if not self.alike:
            return []
        said = ngettext(
            "%(count)d row says the same as an earlier one but for its number.",
            "%(count)d rows say the same as an earlier one but for their number.",
            self.alike,
        )
        return [Remark("", 0, "", said % {"count": self.alike})]


def _columns(row: EventRow) -> dict[str, Any]:
    values = row.values
    return {
        "unit_name": values.get("unit", ""), "unit_ref": values.get("unit_ref", ""),
        "kind": values.get("kind", ""), "subkind": values.get("subkind", ""),
        "matter": values.get("matter", ""), "via": values.get("via", ""),
        "place": " ".join(values[n] for n in ("street", "community", "place") if n in values),
        "created_at": row.created_at, "closed_at": row.closed_at, "timing": row.timing,
        "content_hash": row.content_hash,
    }  # fmt: skip
