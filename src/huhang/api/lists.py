"""The negative ledger and the two lists, and their Excel form."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Query, Schema

from huhang.api.auth import actor_of, token_in
from huhang.api.case_shapes import Place, Word
from huhang.api.cases import check_group, check_unit, missing, place, word
from huhang.api.fields import Code, PageNumber, PageSize
from huhang.api.operations import CASE_ROLES, operation
from huhang.cases import flow, lists, queries
from huhang.insight import forms
from huhang.kernel.actor import Actor
from huhang.look.files import EXCEL, download
from huhang.parties.words import in_language
from huhang.rulebook import current

_duties = ("", *current().duties, "both", "none") if current().duties else ("",)
_states = ("", "open", "all", *(s for s in lists.LISTED if s in queries.used()[0]))


class Asked(Schema):
    """The filters of a list. Without a state: the open cases. ``unit``: whose rows, in the negative ledger
    also those of cases about it; ``group``: one that is responsible; ``hand_to``: a unit's code: only
    what its officers may know too."""

    unit: Code = ""
    group: Code = ""
    duty: Literal[_duties] = ""  # type: ignore[valid-type]
    state: Literal[_states] = ""  # type: ignore[valid-type]
    due: Literal["", "overdue", "today", "week"] = ""
    since: date | None = None
    until: date | None = None
    hand_to: Code = ""
    sort: Literal["due", "-due", "received", "-received", "state", "unit"] = "due"


class AskedPage(Asked):
    """The same, a page of it."""

    page: PageNumber = 1
    size: PageSize = 50


class Bearer(Schema):
    """Which unit bears which duty."""

    duty: Word
    unit: Place


class ListRow(Schema):
    """A row. ``unit`` or ``group``: whose row it is; ``case_unit``: the one that the case is about;
    ``progress``: how far the rectification is."""

    ref: str
    version: int
    title: str
    state: Word
    finding: Word | None
    case_unit: Place | None
    unit: Place | None
    group: Place | None
    part: Word | None
    duties: list[Bearer]
    due_on: date | None
    progress: Word
    measures: str
    person: str
    remark: str
    planned_on: date | None
    finished_on: date | None


class ListPage(Schema):
    """A page of a list."""

    count: int
    page: int
    pages: int
    rows: list[ListRow]


def _entries(actor: Actor, which: str, asked: Asked) -> Any:
    if which not in lists.names():
        raise missing()
    for name in ("unit", "hand_to"):
        check_unit(getattr(asked, name), name)
    check_group(asked.group, "group")
    names = ("unit", "group", "duty", "state", "due", "since", "until", "hand_to")
    wanted = lists.Wanted(**{name: getattr(asked, name) for name in names})
    return lists.entries(actor, which, wanted, asked.sort)


@operation("GET", "/lists/{which}", scope="read", roles=CASE_ROLES, answer=ListPage, tag="lists")
def read_list(request: HttpRequest, which: Code, asked: Query[AskedPage]) -> Any:
    """The negative ledger (negative) or the list of a duty, as far as this person may see it."""
    pages = Paginator(_entries(actor_of(request), which, asked), asked.size)
    shown = pages.get_page(asked.page)
    return {"count": pages.count, "page": shown.number, "pages": pages.num_pages,
            "rows": [_row(r) for r in lists.rows(list(shown.object_list))]}  # fmt: skip


def _row(row: lists.Row) -> dict[str, Any]:
    book, case, told = current(), row.case, row.rectification
    return {
        "ref": case.ref, "version": case.version, "title": case.title,
        "state": word(case.state, flow.STATES), "finding": word(case.finding, book.findings),
        "case_unit": place(case.unit), "unit": place(row.unit), "group": place(row.group),
        "part": word(row.party.relation, flow.RELATIONS) if row.party else None,
        "duties": [{"duty": word(d, book.duties), "unit": place(u)}
                   for d in book.duties for u in row.bearing(d)],
        "due_on": case.due_on, "progress": word(row.progress, lists.PROGRESS),
        **{slot: row.said.get(slot, "") for slot in lists.SLOTS},
        "planned_on": told.planned_on if told else None,
        "finished_on": told.finished_on if told else None,
    }  # fmt: skip


@operation(
    "GET", "/lists/{which}/file", scope="read", roles=CASE_ROLES, tag="lists",
    file="application/octet-stream",
)  # fmt: skip
def read_list_file(request: HttpRequest, which: Code, asked: Query[Asked]) -> Any:
    """The same as the Excel form that an office fills in and sends back as an import of kind list."""
    actor = actor_of(request)
    keys = forms.keys(_entries(actor, which, asked))
    maker = in_language(token_in(request).user)
    unit = check_unit(asked.hand_to, "hand_to")
    content = forms.workbook(
        lists.rows(keys), which, maker=maker, hand_to=in_language(unit),
        hands_out=forms.hands_out(actor),
    )  # fmt: skip
    return download(content, EXCEL, forms.file_name(which, in_language(unit)))
