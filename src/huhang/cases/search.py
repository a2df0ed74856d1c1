"""Substring search in Chinese and other text: an index of character pairs, ``cases_search``.

Its tokens are the overlapping pairs of the text, so that a phrase query is a substring query of two
characters and more; one character is a prefix query. Beside them stand marks: what lists are
filtered by, who may see a case, its reference. A mark only narrows what is looked at: whether a case
is shown, its own row says. SQLite: an FTS5 table, read from its end. PostgreSQL: a ``tsvector`` under
GIN. A read model, made by following the log.

A search finds the newest ``MOST`` cases and says whether there are more. Nothing is ranked, and
nothing is counted of what the gate hides. What this bounds is said in docs/adr/0015.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from huhang.cases.flow import SEALED
from huhang.cases.models import Case, Party, Report
from huhang.kernel import ids
from huhang.kernel.models import Cursor, Entry, Payload
from huhang.parties.models import Unit, UnitAlias

MOST = 1000
"""So many cases a search finds: the newest."""
MARK = "§"
"""Begins a mark: no letter, so that no word that is searched for holds it."""
FIRST_LOOK, WIDEST_LOOK = 500, 32_000
MOST_BEHIND = 2_000
"""Entries that the index may be behind and yet be asked: the cases of these are looked at beside."""
CURSOR = "read models"
"""Name of the cursor of those who follow the log: the index is as far as it says."""
MAX_PAIRS = 12_000
_part_of_ref = re.compile(r"[0-9a-z]{4,9}")
_apart = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """Text as it is compared: NFKC, lower case, without spaces and punctuation."""
    return _apart.sub("", unicodedata.normalize("NFKC", text).casefold())


def tokens(parts: Iterable[str]) -> list[str]:
    """The overlapping pairs of each part, its last character closing it: none spans two parts."""
    found: list[str] = []
    for part in parts:
        plain = normal(part)
        found.extend(plain[i : i + 2] for i in range(len(plain)))
    return found[:MAX_PAIRS]


def mark(name: str, value: object) -> str:
    """The mark that a case's ``name`` is ``value``: one token, with nothing that parts tokens."""
    return f"{MARK}{name}{normal(str(value))}"


def month(moment: datetime) -> str:
    """The mark of the month (in UTC) in which a case was received."""
    return mark("month", moment.astimezone(UTC).strftime("%Y%m"))


Groups = Sequence[Sequence[str]]
"""Marks: of each group a case has at least one."""


def newest(cases: QuerySet[Case], text: str, marks: Groups = (), most: int = MOST) -> list[int]:
    """The ids of those of ``cases`` whose reference, title, words or unit's names contain every word
    of ``text``, the newest first; ``most`` and one more when there are more.

    Nothing when the text holds nothing to search for. A case about somebody under age is found by
    its whole reference alone. ``marks``: what all of ``cases`` have.
    """
    cases = cases.order_by()
    try:
        return list(cases.filter(ref=ids.read_ref(text)).values_list("pk", flat=True))
    except ValueError:
        pass
    words = [plain for word in text.split()[:6] if (plain := normal(word))]
    if not words:
        return []
    cases = cases.filter(minor=False)
    query = _all_of([*map(_alternatives, words), *([_quoted(m) for m in g] for g in marks)])
    found: list[int] = []
    for keys in _looks(query):
        seen = set(cases.filter(pk__in=listed(keys)).values_list("pk", flat=True))
        found.extend(key for key in keys if key in seen)
        if len(found) > most:
            break
    return found[: most + 1]


def marked(marks: Groups, most: int, unseen: set[int] | None) -> RawSQL | None:
    """The ids of all cases that have these marks, and of the ``unseen``; None when they are more
    than ``most``, or the index is too far behind to say.

    Not all of them need have what the marks say: whoever asks looks at the rows.
    """
    if unseen is None:
        return None
    query = _with_marks(marks)
    with connection.cursor() as cursor:
        inner: list[str | int] = [query, ids.MAX_ID, most + 1]
        cursor.execute(f"SELECT COUNT(*) FROM ({_newest_sql()}) AS found", inner)  # noqa: S608
        (count,) = cursor.fetchone()
    if count > most:
        return None
    also = listed(list(unseen))
    if not count:
        return also
    return RawSQL(f"{_all_sql()} UNION ALL {also.sql}", [query, *also.params])  # noqa: S611


def newest_marked(marks: Groups, most: int) -> RawSQL:
    """The ids of the newest cases that had these marks when the index saw them."""
    return RawSQL(_newest_sql(), [_with_marks(marks), ids.MAX_ID, most])  # noqa: S611


def _with_marks(marks: Groups) -> str:
    return _all_of([_quoted(m) for m in group] for group in marks)


def unseen() -> set[int] | None:
    """The cases of the entries that the index has not seen as they are now; None when these are too
    many."""
    cursor = Cursor.objects.filter(name=CURSOR).values_list("seq", flat=True).first() or 0
    later = Entry.objects.filter(seq__gt=cursor).order_by("seq").values_list("case_id", flat=True)
    entries = list(later[: MOST_BEHIND + 1])
    if len(entries) > MOST_BEHIND:
        return None
    found = {key for key in entries if key is not None}
    # A merge changes the case that goes on as well.
    merged = Case.objects.filter(pk__in=found, merged_into__isnull=False)
    return found.union(key for key in merged.values_list("merged_into_id", flat=True) if key)


def _all_sql() -> str:
    if connection.vendor == "sqlite":
        return "SELECT rowid FROM cases_search WHERE cases_search MATCH %s"
    return "SELECT case_id FROM cases_search WHERE pairs @@ %s::tsquery"


def _newest_sql() -> str:
    """The ids below a given one, the newest first, so many."""
    if connection.vendor == "sqlite":
        return (
            "SELECT rowid FROM cases_search WHERE cases_search MATCH %s AND rowid < %s"
            " ORDER BY rowid DESC LIMIT %s"
        )
    return (
        "SELECT case_id FROM cases_search WHERE pairs @@ %s::tsquery AND case_id < %s"
        " ORDER BY case_id DESC LIMIT %s"
    )


def _looks(query: str) -> Iterator[list[int]]:
    """What the index has, the newest first, in pieces that grow: mostly the first is enough."""
    size, below = FIRST_LOOK, ids.MAX_ID
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_newest_sql(), [query, below, size])
            keys = [key for (key,) in cursor.fetchall()]
        if keys:
            yield keys
        if len(keys) < size:
            return
        size, below = min(4 * size, WIDEST_LOOK), keys[-1]


def listed(keys: list[int]) -> RawSQL:
    """These keys as a query: one parameter, however many they are."""
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [orjson.dumps(keys).decode()])
    return RawSQL("SELECT unnest(%s::bigint[])", [keys])


def _alternatives(plain: str) -> list[str]:
    """In what a word may stand: in the text, at the beginning of a half of a reference, in a name
    of the unit."""
    found = [_phrase(plain)]
    if _part_of_ref.fullmatch(plain):
        found.append(_begins(mark("ref", plain)))
    found.extend(_quoted(mark("unit", unit)) for unit in _units_called(plain))
    return found


def _phrase(plain: str) -> str:
    if len(plain) == 1:
        return _begins(plain)
    joined = " + " if connection.vendor == "sqlite" else " <-> "
    return joined.join(_quoted(plain[i : i + 2]) for i in range(len(plain) - 1))


def _quoted(token: str) -> str:
    return f'"{token}"' if connection.vendor == "sqlite" else f"'{token}'"


def _begins(token: str) -> str:
    return _quoted(token) + ("*" if connection.vendor == "sqlite" else ":*")


def _all_of(groups: Iterable[Iterable[str]]) -> str:
    either, both = (" OR ", " AND ") if connection.vendor == "sqlite" else (" | ", " & ")
    return both.join(f"({either.join(f'({one})' for one in group)})" for group in groups)


def _units_called(plain: str) -> list[int]:
    """Units one of whose names, aliases included, contains the word: aliases are in no index."""
    names = [
        *Unit.objects.values_list("pk", "name"),
        *Unit.objects.exclude(name_en="").values_list("pk", "name_en"),
        *UnitAlias.objects.values_list("unit_id", "name"),
    ]
    return sorted({pk for pk, name in names if plain in normal(name)}) if len(plain) > 1 else []


def index(case_ids: Iterable[int]) -> None:
    """Write these cases anew into the index. Runs inside ``kernel.write``."""
    wanted = list(case_ids)
    if not wanted:
        return
    words: dict[int, list[str]] = {}
    marks: dict[int, list[str]] = {}
    minors: set[int] = set()
    for case in Case.objects.filter(pk__in=wanted).exclude(state=SEALED):
        words[case.pk] = [case.title]
        marks[case.pk] = _marks(case)
        if case.minor:
            minors.add(case.pk)
    shown = list(words)
    for case_id, relation, unit, group in Party.objects.filter(case__in=shown).values_list(
        "case_id", "relation", "unit_id", "group_id"
    ):
        marks[case_id].extend(_parts_in(relation, unit, group))
    payloads: dict[int, int] = {}
    for case_id, payload_id, number in Report.objects.filter(case_id__in=shown).values_list(
        "case_id", "words", "number"
    ):
        if payload_id is not None:
            payloads[payload_id] = case_id
        if number:
            words[case_id].append(number)
    for payload in Payload.objects.filter(pk__in=list(payloads)):
        value = orjson.loads(payload.body)
        words[payloads[payload.pk]].extend(str(v) for v in value.values() if isinstance(v, str))
    rows = [
        (case_id, tokens([] if case_id in minors else parts) + marks[case_id])
        for case_id, parts in words.items()
    ]
    forget(wanted)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT INTO cases_search (rowid, pairs) VALUES (%s, %s)",
                [(case_id, " ".join(pairs)) for case_id, pairs in rows],
            )
        else:
            cursor.executemany(
                "INSERT INTO cases_search (case_id, pairs) VALUES (%s, %s::tsvector)",
                [
                    (case_id, " ".join(f"'{p}':{n}" for n, p in enumerate(pairs, 1)))
                    for case_id, pairs in rows
                ],
            )


def _marks(case: Case) -> list[str]:
    """What of a case's row lists are filtered by."""
    bare = case.ref.replace("-", "")
    found = [
        mark("ref", bare), mark("ref", bare[5:]), month(case.received_at),
        mark("state", case.state), mark("kind", case.kind), mark("channel", case.channel),
    ]  # fmt: skip
    if case.behaviour:
        found.append(mark("behaviour", case.behaviour))
    if case.unit_id is not None:
        found.append(mark("unit", case.unit_id))
    if case.due_on is not None and case.stopped_on is None:
        found.append(RUNNING)
    return found


RUNNING = mark("clock", "runs")


def marks_of(units: Iterable[int], groups: Iterable[int]) -> list[str]:
    """The marks of cases in which one of these has a part that lets it see them."""
    return [*(mark("at", u) for u in sorted(units)), *(mark("with", g) for g in sorted(groups))]


def _parts_in(relation: str, unit: int | None, group: int | None) -> Iterator[str]:
    """Who has a part in a case that lets them see it (see ``queries.gate``)."""
    if unit is not None and relation in ("responsible", "co_handling"):
        yield mark("at", unit)
    if group is not None and relation in ("responsible", "supervising"):
        yield mark("with", group)


def forget(case_ids: Iterable[int]) -> None:
    """Take these cases out of the index."""
    column = "rowid" if connection.vendor == "sqlite" else "case_id"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM cases_search WHERE {column} = %s",  # noqa: S608
            [(case_id,) for case_id in case_ids],
        )


def overwrite_forgotten() -> None:
    """Write the index anew without what was taken out of it: SQLite keeps old words until then.

    Inside ``kernel.write``; takes seconds at 100,000 cases, so that only an erasure asks for it.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO cases_search (cases_search) VALUES ('optimize')")


def clear() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_search")
