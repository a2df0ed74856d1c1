"""Opening a file: its sheets, their headers, and what is odd about them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.tables.cells import text_of
from huhang.tables.closing import closes
from huhang.tables.columns import HEADER_WITHIN, Header, find_header, may_count, runs
from huhang.tables.faults import UnusableFile
from huhang.tables.file import TableFile
from huhang.tables.headings import Vocabulary
from huhang.tables.mapping import Mapping
from huhang.tables.sheets import Sheet, sheets

F = TypeVar("F", bound=TableFile[Any])
PROBED = 200
SEEN = 12


def read(
    kind: type[F], path: Path, *, mapping: Mapping, zone: tzinfo, now: datetime, name: str = ""
) -> F:
    """Open a file of a kind and find its headers. Raises ``UnusableFile`` when no sheet has one.

    ``name``: what its sender calls it, for messages.
    """
    file = kind(path, name or path.name, mapping, zone, now)
    meant = []
    for sheet in sheets(path, file.name, mapping):
        if mapping.sheet and sheet.name != mapping.sheet:
            file.remark(sheet.name, 0, "", _("The mapping names another sheet."))
        else:
            meant.append(sheet)
    found = [(sheet, find_header(sheet.rows(), mapping)) for sheet in meant]
    if mapping.vocabulary.alone and not any(header for _sheet, header in found):
        found = [(sheet, find_header(sheet.rows(), mapping, alone=True)) for sheet in meant]
    for sheet, header in found:
        if header is None:
            file.remark(sheet.name, 0, "", _("No header row was found: the sheet was left out."))
        else:
            file.tables.append((sheet, header))
    _check_mapping(file)
    if not file.tables:
        raise UnusableFile(_no_header(file))
    _set_running_numbers_aside(file)
    for sheet, header in file.tables:
        _remark_header(file, sheet, header)
    return file


def _remark_header(file: TableFile[Any], sheet: Sheet, header: Header) -> None:
    for column in header.lost():
        said = _("Another column gives this field; %(fate)s.")
        fate = file.mapping.vocabulary.label("")
        file.remark(sheet.name, header.row, column.heading, said % {"fate": fate})
    for column in header.columns:
        if column.why == "either":
            said = _(
                "“%(heading)s” can mean whom a report is about or who reports. It is kept with the "
                "contact of the reporter; a mapping can say which it is."
            )
            file.remark(sheet.name, 0, column.heading, said % {"heading": column.heading})
    for name, said in file.mapping.vocabulary.wished.items():
        if name not in header.headings:
            file.remark(sheet.name, header.row, "", str(said))


def _set_running_numbers_aside(file: TableFile[Any]) -> None:
    """A column that only counts its rows names no report: rows are then known by their content.

    Under a heading such as 编号, which mostly is the report's number, this needs a second sheet
    that counts from the beginning as well.
    """
    counting = {}
    for index, (sheet, header) in enumerate(file.tables):
        often = may_count(header, file.mapping.vocabulary.serials)
        if often and _counts(sheet, header):
            counting[index] = often
    for index, often in counting.items():
        if often == "always" or len(counting) > 1:
            sheet, header = file.tables[index]
            file.tables[index] = (sheet, header.without_number())
            file.remark(
                sheet.name, header.row, header.headings["number"],
                _("This column only counts the rows; each row is known by its content."),
            )  # fmt: skip


def _counts(sheet: Sheet, header: Header) -> bool:
    at = header.field_of()["number"]
    below = (cells for number, cells in sheet.rows() if number > header.row)
    values = (text_of(cells[at]) for cells in islice(below, PROBED) if at < len(cells))
    again = header.cells[at]
    return runs(v for v in values if v and v != again and not closes(v))


def _check_mapping(file: TableFile[Any]) -> None:
    mapping = file.mapping
    if not file.tables and mapping.columns:
        needed = [n for n in mapping.columns if any(n in need for need in mapping.vocabulary.needs)]
        name = needed[0] if needed else sorted(mapping.columns)[0]
        raise _not_there(file, name)
    given = ("mapping", "saved")
    found = {c.field for _sheet, h in file.tables for c in h.columns if c.why in given}
    missing = sorted(set(mapping.columns) - found)
    if missing and not mapping.saved:
        raise _not_there(file, missing[0])
    for name in missing:
        file.remark(
            "", 0, mapping.columns[name],
            _("The mapping of this source names this column; the file has none of this name."),
        )  # fmt: skip


def _not_there(file: TableFile[Any], name: str) -> UnusableFile:
    return UnusableFile(
        _("%(file)s: the mapping gives the column “%(column)s” for %(field)s; no sheet has it.")
        % {"file": file.name, "column": file.mapping.columns[name], "field": name}
    )


def _no_header(file: TableFile[Any]) -> str:
    said = _(
        "%(file)s has no sheet with a header row that names %(needed)s (usually called "
        "%(examples)s). A mapping can name the columns."
    ) % {
        "file": file.name,
        "needed": _needed(file.mapping.vocabulary),
        "examples": file.mapping.vocabulary.examples,
    }
    seen = _headings_seen(file)
    return f"{said} {_('Headings seen: %(seen)s') % {'seen': seen}}" if seen else said


def _needed(vocabulary: Vocabulary) -> str:
    """What a header must have, in words."""
    either = _(" or ")
    needs = [
        either.join(vocabulary.label(n) for n in vocabulary.names if n in need)
        for need in vocabulary.needs
    ]
    return pgettext("list", ", ").join(needs)


def _headings_seen(file: TableFile[Any]) -> str:
    best = [t[:20] for t in likely_header(sheets(file.path, file.name, file.mapping))[2] if t]
    return pgettext("list", ", ").join(best[:SEEN]) + ("…" if len(best) > SEEN else "")


def likely_header(found: list[Sheet]) -> tuple[str, int, list[str]]:
    """The fullest of the first rows, most likely the header that was meant: sheet, row, texts."""
    best: tuple[str, int, list[str]] = ("", 0, [])
    for sheet in found:
        for number, cells in islice(sheet.rows(), HEADER_WITHIN):
            texts = [" ".join(text_of(c).split()) for c in cells]
            if sum(map(bool, texts)) > sum(map(bool, best[2])):
                best = (sheet.name, number, texts)
    return best
