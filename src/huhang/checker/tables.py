"""Tables in a text: lines of cells between tabs, or a label and numbers as a PDF gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from huhang.checker.model import NOWHEN, Claim, Name, Quantity, Unit

MOST_COLUMNS = 24
MOST_ROWS = 400
_NUMBER = re.compile(
    r"[-−+]?[¥$€£]?(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,18}(?:\.\d{1,8})?)(?P<p>\s?[%％])?"
)
_MISSING = re.compile(r"[-—–/\\.…·*]{0,3}|n/?a|无", re.I)
_TABS = re.compile(r"\t| ?\| ?|｜")
_UNIT = re.compile(r"[（(](?:单位[:：])?\s*([^()（）]{1,8})[)）]\s*$")
RATE = re.compile(
    r"率|占比|比重|比例|[%％]|同比|环比|增长|增幅|rate|share|per ?cent|change|growth", re.I
)
NOT_ADDING = re.compile(
    r"平均|均|排名|位次|名次|序号|得分|评分|指数|价格|单价|年份|时长|average|mean|median|rank|index|score|price|year|no\.?$",
    re.I,
)
TOTAL = re.compile(
    r"^\s*(?:合\s*计|总\s*计|总\s*数|全[市区县省]合计|(?:grand )?totals?|all)\s*$", re.I
)
INSIDE = re.compile(r"其中|小\s*计|^\s*#|sub-?total|of which|including", re.I)


@dataclass(frozen=True)
class Cell:
    """A cell; ``q`` where it holds a number."""

    text: str
    start: int
    end: int
    q: Quantity | None


@dataclass(frozen=True)
class Row:
    """A line of a table: its label and its cells with numbers."""

    label: str
    cells: tuple[Cell, ...]
    line: int
    indented: bool


@dataclass(frozen=True)
class Table:
    """Rows with the same number of cells, and the words over their columns."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]

    def rate(self, column: int) -> bool:
        """Whether a column holds rates."""
        percent = [
            c.q.unit.family == "%" for r in self.rows if (c := r.cells[column]).q is not None
        ]
        return bool(percent) and (all(percent) or bool(RATE.search(self.head(column))))

    def head(self, column: int) -> str:
        """The words over a column."""
        return self.heads[column] if column < len(self.heads) else ""

    def adds(self, column: int) -> bool:
        """Whether a total of this column makes sense."""
        return not self.rate(column) and not NOT_ADDING.search(self.head(column))


def _quantity(text: str, start: int, unit: str) -> Quantity | None:
    m = _NUMBER.fullmatch(text)
    if m is None:
        return None
    plain = m["n"].replace(",", "")
    places = len(plain.partition(".")[2])
    value = Fraction(plain) * (-1 if text[0] in "-−" else 1)
    family = Unit("%", "%") if m["p"] else Unit("count", unit, discrete=places == 0)
    return Quantity(
        start, start + len(text), m["n"], value, Fraction(1, 10**places), places, family
    )


def _split(line: str, at: int) -> tuple[bool, list[tuple[str, int]]] | None:
    """The cells of a line with their places; whether marks divide them."""
    if len(line) > 1_000:
        return None
    if "\t" in line or line.count("|") > 1 or "｜" in line:
        cells, last = [], 0
        for m in [*_TABS.finditer(line), None]:
            raw = line[last : m.start() if m else len(line)]
            cells.append((raw.strip(), at + last + len(raw) - len(raw.lstrip())))
            last = m.end() if m else last
        if line.strip().startswith("|"):
            cells = cells[1:]
        if line.strip().endswith("|"):
            cells = cells[:-1]
        return (True, cells) if 2 <= len(cells) <= MOST_COLUMNS else None
    words = [(m.group(0), at + m.start()) for m in re.finditer(r"\S+", line)]
    if not 3 <= len(words) <= MOST_COLUMNS:
        return None
    first = next((i for i, (w, _a) in enumerate(words) if _NUMBER.fullmatch(w)), 0)
    if (
        first == 0
        or not all(_NUMBER.fullmatch(w) or _MISSING.fullmatch(w) for w, _a in words[first:])
        or len(words) - first < 2
    ):
        return None
    label = line[words[0][1] - at : words[first][1] - at].strip()
    return (False, [(label, words[0][1]), *words[first:]]) if len(label) <= 30 else None


def tables(text: str) -> tuple[list[Table], str]:
    """The tables of a text, and the text with their lines blanked, every place kept."""
    found: list[Table] = []
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    group: list[tuple[int, int, list[tuple[str, int]]]] = []
    before: list[tuple[int, str, int]] = []
    blank: set[int] = set()

    def close() -> None:
        made = _made(group, before, lines)
        if made is not None:
            found.append(made[0])
            blank.update(made[1])
        group.clear()

    for number, line in enumerate(lines):
        split = _split(line, at)
        if split is not None and any(_NUMBER.fullmatch(c) for c, _a in split[1][1:]):
            if group and (len(split[1]) != len(group[-1][2]) or len(group) >= MOST_ROWS):
                close()
            if not group:
                before = [(number - k, lines[number - k], 0) for k in (1, 2) if number >= k]
            group.append((number, at, split[1]))
        elif group:
            close()
        at += len(line) + 1
    close()
    for number, line in enumerate(lines):
        out.append(" " * len(line) if number in blank else line)
    return found, "\n".join(out)


def _made(
    group: list[tuple[int, int, list[tuple[str, int]]]],
    before: list[tuple[int, str, int]],
    lines: list[str],
) -> tuple[Table, set[int]] | None:
    if len(group) < 3 or len(group[0][2]) < 2:
        return None
    width = len(group[0][2])
    blank = {number for number, _at, _cells in group}
    heads: list[str] = []
    for number, line, _zero in before:
        split = [c.strip() for c in _TABS.split(line)] if _TABS.search(line) else line.split()
        if len(split) == width and not all(_NUMBER.fullmatch(c) for c in split[1:]):
            heads = split
            blank.add(number)
            break
    units = [(m[1] if (m := _UNIT.search(h)) else "") for h in heads] or [""] * width
    rows = []
    for number, _at, cells in group:
        label = cells[0][0]
        kept = tuple(
            Cell(text, start, start + len(text), _quantity(text, start, units[k + 1] if k + 1 < len(units) else ""))
            for k, (text, start) in enumerate(cells[1:])
        )  # fmt: skip
        indented = lines[number][:1] in (" ", "\u3000")
        rows.append(Row(label, kept, number + 1, indented))
    if sum(1 for r in rows if any(c.q for c in r.cells)) < 3:
        return None
    return Table(tuple(heads[1:]), tuple(rows)), blank


def claim(table: Table, row: Row, column: int) -> Claim:
    """What a cell claims."""
    cell = row.cells[column]
    head = _UNIT.sub("", table.head(column)).strip()
    made = Claim(
        "",
        cell.start,
        cell.end,
        Name("", "", "", f"{row.label} {head}".strip()),
        NOWHEN,
        0,
        -1,
        "level",
    )
    made.level = cell.q
    return made
