"""Importing a register of businesses: one business for each code, former names kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from huhang.intake.importer import Importer, Judged
from huhang.intake.register import VOCABULARY, BusinessRow, RegisterFile
from huhang.intake.sorting import Sorter, as_it_is
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write
from huhang.parties import register
from huhang.parties.models import Business
from huhang.tables.file import TableFile


@dataclass(frozen=True)
class Change:
    """A row that says something else of a business that is there. ``older``: of an older vintage, or
    an older record by its date."""

    business: Business
    row: BusinessRow
    older: bool


class RegisterImporter(Importer[BusinessRow, BusinessRow, Change]):
    """``vintage``: the day at which the file's content held; a later one outranks an earlier one."""

    kind = "register"
    vocabulary = VOCABULARY
    file_class = RegisterFile
    number_field = "code"
    roles = frozenset({"intake", "administrator"})

    def __init__(
        self, file: TableFile[BusinessRow], source: str, actor: Actor, dry_run: bool
    ) -> None:
        super().__init__(file, source, actor, dry_run)
        self.vintage: date = file.mapping.vintage or clock.local_day(file.now)
        assert isinstance(file, RegisterFile)
        file.confirm = register.known_as
        self.told: dict[str, set[bytes]] = {}
        """In a dry run: what the file said so far of each code."""

    def sorter(self) -> Sorter[BusinessRow, BusinessRow]:
        """A row is its business; a second name is another record of it."""
        return Sorter(as_it_is, self.number_field, once=False)

    def portions(self, taken: list[BusinessRow]) -> Iterator[list[BusinessRow]]:
        """Rows of one code come one after the other."""
        together: dict[str, BusinessRow] = {}
        for row in taken:
            if row.key in together:
                yield list(together.values())
                together = {}
            together[row.key] = row
        yield list(together.values())

    def judge(self, taken: list[BusinessRow]) -> Judged[BusinessRow, Change]:
        """New businesses, changed ones, and what repeats what is known."""
        judged: Judged[BusinessRow, Change] = Judged()
        known = register.by_code([(row.scheme, row.value) for row in taken])
        former = register.former_hashes(known.values())
        for row in taken:
            business = known.get((row.scheme, row.value))
            if business is None and self.dry_run and row.key in self.told:
                same = row.content_hash in self.told[row.key]
                judged.repeated += same
                judged.foreseen += not same
            elif business is None:
                judged.fresh.append(row)
            elif bytes(business.content_hash) == row.content_hash:
                judged.repeated += 1
                if self.vintage > business.seen_on or _later(row, business):
                    judged.touched.append(Change(business, row, older=False))
            elif (business.pk, row.content_hash) in former and self._order(row, business) <= 0:
                judged.repeated += 1
            else:
                older = self._order(row, business) < 0
                judged.changed.append(Change(business, row, older=older))
            if self.dry_run:
                self.told.setdefault(row.key, set()).add(row.content_hash)
        return judged

    def _order(self, row: BusinessRow, business: Business) -> int:
        """Whether a row is older (-1) or newer (1) than what is known: by the dates of the records
        where both tell one, else by the vintages."""
        known = business.updated_on
        if row.updated_on and known and row.updated_on != known:
            return 1 if row.updated_on > known else -1
        return (self.vintage > business.seen_on) - (self.vintage < business.seen_on)

    def apply(self, w: Write, judged: Judged[BusinessRow, Change]) -> None:
        """One entry for the group: its rows stand in the manifest, their text in a payload."""
        w.entry("register", count=len(judged.fresh) + len(judged.changed), vintage=self.vintage)
        for row in judged.fresh:
            key = register.add(
                w, row.scheme, row.value, row.values, registered_on=row.registered_on,
                flagged=row.flagged, source=self.source, seen_on=self.vintage,
                updated_on=row.updated_on, content_hash=row.content_hash,
            )  # fmt: skip
            register.note_names(w, key, row.former, self.vintage)
        for change in judged.touched:
            business, row = change.business, change.row
            day = row.updated_on if _later(row, business) else business.updated_on
            register.seen(w, business, max(self.vintage, business.seen_on), day)
        named = register.former_names(c.business for c in judged.changed if c.row.former)
        for change in judged.changed:
            row = change.row
            known = {change.business.name, *named.get(change.business.pk, ())}
            told = [name for name in row.former if name not in known]
            register.note_names(w, change.business.pk, told, self.vintage)
            if change.older:
                register.note_former(
                    w, change.business, row.values["name"], self.vintage, row.content_hash
                )
            else:
                register.change(
                    w, change.business, row.values, registered_on=row.registered_on,
                    source=self.source, seen_on=max(self.vintage, change.business.seen_on),
                    updated_on=row.updated_on, content_hash=row.content_hash,
                )  # fmt: skip


def _later(row: BusinessRow, business: Business) -> bool:
    """Whether the row's own date is after the one that is known."""
    return row.updated_on is not None and row.updated_on > (business.updated_on or date.min)
