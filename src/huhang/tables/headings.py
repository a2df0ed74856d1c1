"""Headings as people write them, and the vocabulary by which a kind of file knows its columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy

SERIAL = "序号"
"""A heading that never means more than the running number of a row."""
MARKS: dict[str, Any] = {
    "#": gettext_lazy("running number, no content"),
    "~": gettext_lazy("kept with the contact of the reporter"),
    "-": gettext_lazy("column of a refusal, no content"),
    "": gettext_lazy("kept as additional content"),
}
"""What a column that gives no field is, in words."""
WHYS: dict[str, Any] = {
    "saved": gettext_lazy("by the mapping saved for this source"),
    "mapping": gettext_lazy("by the mapping given with the file"),
    "name": gettext_lazy("by its usual name"),
    "words": gettext_lazy("by the words of its heading"),
    "left": gettext_lazy("the mapping leaves it"),
    "second": gettext_lazy("another column gives this field"),
    "extra": gettext_lazy("no name that is known"),
    "running": gettext_lazy("it counts the rows"),
    "either": gettext_lazy("it can mean whom a report is about or who reports: please choose"),
    "reporter": gettext_lazy("the columns beside it say that it means who reports"),
    "report": gettext_lazy("a list of refused rows has it"),
    "beyond": gettext_lazy("a refused line had more cells than its header"),
}
"""Why a column was understood as it was, in words."""
_numbered = re.compile(r"\d{1,2}(\D.+)")
_bilingual = re.compile(r"([\u4e00-\u9fff]+)([a-z]+)")
LONGEST = 80
"""Characters of a heading; what is longer is a text."""
COMPOUND = 1_000
"""The rank of the first heading that is put together; those of usual names are lower."""
_ALIKE = (("时间", "日期"), ("单位", "部门"), ("编号", "编码", "代码"), ("类型", "类别", "分类"))
"""Endings that headings use for one another."""
_TRADITIONAL = str.maketrans(
    "編號內時間單據詳電話聯繫絡處辦結覆復題標類別個機碼見況滿應責門區點發報舉訪來狀態戶員務項稱證後訴諮詢簡質評價錄創請關滙匯轉預隱訊資",
    "编号内时间单据详电话联系络处办结复复题标类别个机码见况满应责门区点发报举访来状态户员务项称证后诉咨询简质评价录创请关汇汇转预隐讯资",
)


def plain(heading: Any) -> str:
    """A heading without width differences, spaces, brackets' contents, stars and punctuation;
    traditional characters as simplified ones."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold().translate(_TRADITIONAL)
    text = re.sub(r"[(\[【{].*?[)\]】}]", "", text)
    return re.sub(r"[\s*:：_\-./\\·、,，'\"]", "", text)


def _twins(name: str) -> list[str]:
    """A plain heading with each ending that is used for its own."""
    for endings in _ALIKE:
        for ending in endings:
            if name.endswith(ending) and name != ending:
                return [name.removesuffix(ending) + e for e in endings if e != ending]
    return []


def _never(heading: str) -> bool:
    return False


@dataclass(frozen=True)
class Either:
    """Headings that can mean whom a report is about (``field``) or who reports. They mean the latter
    where another column gives ``field``, or where they stand next to one that gives a field of
    ``beside``; else nobody knows, and it is asked."""

    headings: frozenset[str]
    field: str
    beside: frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """What a kind of file holds and how its columns are called.

    ``names``: field -> usual headings, the likeliest first. ``needs``: of each set of fields one
    must be there. ``alone``: a table of one column is one, too. ``wished``: field -> what is said
    when it is missing. ``serials``: headings of the field ``number`` under which some files only
    count their rows. ``instead``: a field that stands for another where that is missing.
    ``compounds``: field -> what headings of it look like that are put together from usual words;
    they give a field only where no usual name does. ``dates``: fields that tell a moment or a day. ``either``: headings of two meanings.
    ``is_private``: whether an additional column tells who somebody is.
    """

    names: dict[str, tuple[str, ...]]
    labels: dict[str, Any]
    needs: tuple[frozenset[str], ...]
    examples: str
    alone: bool = False
    wished: dict[str, Any] = field(default_factory=dict)
    serials: frozenset[str] = frozenset()
    instead: tuple[tuple[str, str], ...] = ()
    compounds: tuple[tuple[str, re.Pattern[str]], ...] = ()
    dates: tuple[str, ...] = ()
    either: Either = Either(frozenset(), "", frozenset())
    is_private: Callable[[str], bool] = _never

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self.names)

    @cached_property
    def by_name(self) -> dict[str, tuple[str, int]]:
        """Plain heading -> field, rank of the heading. A field's own code is its last name; names with
        another usual ending come after those that are listed."""
        codes = {plain(key): (key, len(names)) for key, names in self.names.items()}
        listed = {
            plain(name): (key, rank)
            for key, names in self.names.items()
            for rank, name in enumerate(names)
        }
        twins = {
            twin: (key, len(self.names[key]) + 1 + rank)
            for name, (key, rank) in reversed(listed.items())
            for twin in _twins(name)
        }
        return twins | codes | listed

    def meaning(self, name: str) -> tuple[str, int] | None:
        """The field that a plain heading gives, and the rank of the heading; None for a strange one.

        A number before it counts headings; one in two languages gives what both say.
        """
        if len(name) > LONGEST:
            return None
        found = self._told(name)
        if found is None and (numbered := _numbered.fullmatch(name)):
            found = self._told(numbered[1])
        if found is None and (both := _bilingual.fullmatch(name)):
            first, second = (self._told(half) for half in both.groups())
            found = first if first and second and first[0] == second[0] else None
        return found

    def _told(self, name: str) -> tuple[str, int] | None:
        if name in self.by_name:
            return self.by_name[name]
        for rank, (key, pattern) in enumerate(self.compounds, COMPOUND):
            if pattern.fullmatch(name):
                return key, rank
        return None

    def label(self, key: str) -> str:
        """A field, or the mark of a column that gives none, in words."""
        return str(self.labels[key] if key in self.labels else MARKS[key])

    def is_enough(self, found: set[str]) -> bool:
        """Whether these fields make a header."""
        return all(need & found for need in self.needs)
