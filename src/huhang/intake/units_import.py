"""Importing a tree of units: by code, each below the unit that stands above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.intake.importer import Importer, Judged
from huhang.intake.sorting import conflict
from huhang.intake.units import VOCABULARY, UnitRow, UnitsFile
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write
from huhang.parties import actions
from huhang.parties.models import Unit, UnitAlias
from huhang.tables.faults import Bad, Refusal
from huhang.tables.file import TableFile

MOST = 200_000


@dataclass(frozen=True)
class Change:
    """What a row says and the register of units does not yet."""

    row: UnitRow
    values: dict[str, Any]
    aliases: tuple[str, ...]


class UnitsImporter(Importer[UnitRow, UnitRow, Change]):
    """A unit may stand before the one above it in the file; codes and names decide, never a guess."""

    kind = "units"
    vocabulary = VOCABULARY
    file_class = UnitsFile
    number_field = "code"
    roles = frozenset({"administrator"})

    def __init__(self, file: TableFile[UnitRow], source: str, actor: Actor, dry_run: bool) -> None:
        super().__init__(file, source, actor, dry_run)
        self.year = clock.local_day(file.now).year
        self.parents: dict[str, str] = {}
        names: dict[str, list[str]] = {}
        for unit in Unit.objects.select_related("parent"):
            self.parents[unit.code] = unit.parent.code if unit.parent else ""
            names.setdefault(unit.name, []).append(unit.code)
        self.names = names
        self.aliases = dict(UnitAlias.objects.values_list("name", "unit__code"))

    def groups(self) -> Iterator[None]:
        """All rows are read first, then taken in from the top of the tree downward."""
        rows: dict[str, UnitRow] = {}
        for row in self.file.rows():
            self.result.read += 1
            if isinstance(row, Refusal):
                self.refuse(row)
            elif (before := rows.get(row.key)) is None:
                rows[row.key] = row
            elif before.content_hash == row.content_hash:
                self.result.repeated += 1
            else:
                self.refuse(conflict(row, self.number_field, before.sheet, before.row))
        for row in rows.values():
            self.names.setdefault(row.values["name"], [])
            if row.code not in self.names[row.values["name"]]:
                self.names[row.values["name"]].append(row.code)
        good = list(self._placed(rows))
        for row in self._downward(good):
            self.take([row])
            yield

    def _placed(self, rows: dict[str, UnitRow]) -> Iterator[UnitRow]:
        """The rows whose place in the tree is sound; the others are refused."""
        resolved: dict[str, UnitRow] = {}
        for row in rows.values():
            try:
                actions.check_code(row.code)
                resolved[row.code] = self._with_parent(row, rows)
            except Bad as bad:
                self.refuse(Refusal(row.sheet, row.row, bad.field, bad.reason, row.cells))
            except actions.Refused as error:
                said = Refusal(
                    row.sheet, row.row, row.headings.get("code", ""), str(error), row.cells
                )
                self.refuse(said)
        going = True
        while going:  # whoever stands below a refused row has no place either
            above = {**self.parents, **{c: r.values.get("parent", "") for c, r in resolved.items()
                                        if "parent" in r.values}}  # fmt: skip
            lost = [r for r in resolved.values() if not self._reaches_top(r.code, above, resolved)]
            for row in lost:
                self.refuse(
                    Refusal(
                        row.sheet, row.row, row.headings.get("parent", ""),
                        self._why_lost(row.code, above), row.cells,
                    )
                )  # fmt: skip
                del resolved[row.code]
            going = bool(lost)
        yield from resolved.values()

    def _with_parent(self, row: UnitRow, rows: dict[str, UnitRow]) -> UnitRow:
        """The row with the code of its parent, which may be given by its name."""
        given = row.values.get("parent")
        if not given or given in rows or given in self.parents:
            return row
        codes = self.names.get(given, [])
        if not codes and given in self.aliases:
            codes = [self.aliases[given]]
        if len(codes) == 1:
            row.values["parent"] = codes[0]
            return row
        heading = row.headings.get("parent", "")
        if codes:
            raise Bad(
                heading,
                _("Several units are called “%(given)s”: %(codes)s. Give the code.")
                % {"given": given[:60], "codes": pgettext("list", ", ").join(codes[:10])},
            )
        raise Bad(heading, _("There is no unit “%(given)s”.") % {"given": given[:60]})

    @staticmethod
    def _reaches_top(code: str, above: dict[str, str], resolved: dict[str, UnitRow]) -> bool:
        seen = {code}
        at = above.get(code, "")
        while at:
            if at in seen or at not in above:
                return False
            seen.add(at)
            at = above.get(at, "")
        return True

    @staticmethod
    def _why_lost(code: str, above: dict[str, str]) -> str:
        """Whether the units above stand in a circle, or one of them is not there."""
        seen = [code]
        at = above.get(code, "")
        while at in above and at not in seen:
            seen.append(at)
            at = above[at]
        if at in seen:
            circle = " → ".join([*seen[seen.index(at) :], at])
            return _("The units above it stand in a circle: %(circle)s.") % {"circle": circle[:200]}
        return _("A unit above it, %(code)s, was refused.") % {"code": at}

    def _downward(self, rows: list[UnitRow]) -> Iterator[UnitRow]:
        waiting = {row.code: row for row in rows}
        while waiting:
            ready = [r for r in waiting.values() if r.values.get("parent", "") not in waiting]
            for row in ready:
                del waiting[row.code]
                yield row

    def judge(self, taken: list[UnitRow]) -> Judged[UnitRow, Change]:
        """New units, and those of which the file says something else."""
        judged: Judged[UnitRow, Change] = Judged()
        for row in taken:
            unit = Unit.objects.select_related("parent").filter(code=row.code).first()
            aliases = self._new_aliases(row)
            if unit is None:
                judged.fresh.append(row)
                continue
            values = self._said(row)
            now = {
                "name": unit.name, "name_en": unit.name_en, "kind": unit.kind,
                "parent": unit.parent.code if unit.parent else "", "active": unit.active,
                "valid_from": unit.valid_from, "valid_until": unit.valid_until,
            }  # fmt: skip
            differs = any(now[k] != v for k, v in values.items())
            if differs or aliases:
                judged.changed.append(Change(row, {**now, **values} if differs else {}, aliases))
            else:
                judged.repeated += 1
        return judged

    def _said(self, row: UnitRow) -> dict[str, Any]:
        """What the row says: a kind that it leaves out stays; a last year decides whether it is in
        use."""
        values = {k: v for k, v in row.values.items() if k != "kind" or v}
        if "valid_until" in values:
            last = values["valid_until"]
            values["active"] = last is None or last >= self.year
        return values

    def _new_aliases(self, row: UnitRow) -> tuple[str, ...]:
        found = []
        for alias in row.aliases:
            means = self.aliases.get(alias)
            if means is None:
                found.append(alias)
            elif means != row.code:
                self.file.remark(
                    row.sheet, row.row, row.headings.get("aliases", ""),
                    _("“%(name)s” already means %(unit)s.") % {"name": alias, "unit": means},
                )  # fmt: skip
        return tuple(found)

    def apply(self, w: Write, judged: Judged[UnitRow, Change]) -> None:
        """An entry for each unit and each alias."""
        for row in judged.fresh:
            values = {k: v for k, v in self._said(row).items() if v not in (None, "")}
            active = values.pop("active", True)
            actions.add_unit(w, code=row.code, active=active, **values)
            self._give(w, row, row.aliases)
        for change in judged.changed:
            if change.values:
                actions.change_unit(w, change.row.code, **change.values)
            self._give(w, change.row, change.aliases)

    def _give(self, w: Write, row: UnitRow, aliases: tuple[str, ...]) -> None:
        for alias in aliases:
            w.flush()
            if alias not in self.aliases and not UnitAlias.objects.filter(name=alias).exists():
                actions.add_alias(w, row.code, alias)
                self.aliases[alias] = row.code
