"""Substring search in Chinese and other text: an index of character pairs.

SQLite: an FTS5 table whose tokens are the overlapping pairs of the text, so that a phrase query is
a substring query of two characters and more; one character is a prefix query. PostgreSQL: the same
pairs as a ``tsvector`` with positions under GIN. A read model: rebuilt from reports and cases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import orjson
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from huhang.cases.models import Case, Report
from huhang.kernel import ids
from huhang.kernel.models import Payload
from huhang.parties.models import Unit, UnitAlias

MAX_PAIRS = 12_000
_part_of_ref = re.compile(r"[0-9a-z]{4,9}")
_apart = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """Text as it is compared: NFKC, lower case, without spaces and punctuation."""
    return _apart.sub("", unicodedata.normalize("NFKC", text).casefold())


def _token(pair: str) -> str:
    """A pair as one ASCII token, so that no tokenizer has an opinion on it."""
    return "x" + "x".join(f"{ord(c):05x}" for c in pair)


def tokens(parts: Iterable[str]) -> list[str]:
    """The overlapping pairs of each part, its last character closing it: none spans two parts."""
    found: list[str] = []
    for part in parts:
        plain = normal(part)
        found.extend(_token(plain[i : i + 2]) for i in range(len(plain)))
    return found[:MAX_PAIRS]


def matching(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Those of ``cases`` whose reference, title, words or unit's names contain every word of
    ``text``; none when it holds nothing to search for."""
    try:
        return cases.filter(ref=ids.read_ref(text))
    except ValueError:
        pass
    words = [plain for word in text.split()[:6] if (plain := normal(word))]
    if not words:
        return cases.none()
    # With its key in a sum no index serves the condition: the index of the queue's order is walked,
    # and each id looked up among those found. A word in every case costs no reading of every row.
    cases = cases.alias(key=F("pk") + 0)
    for plain in words:
        found = Q(key__in=RawSQL(*_condition(plain)))  # noqa: S611 - fixed text, bound value
        if _part_of_ref.fullmatch(plain):
            found |= Q(ref__contains=_with_dash(plain))
        units = _units_called(plain)
        if units:
            found |= Q(unit_id__in=units)
        cases = cases.filter(found)
    return cases


def _with_dash(plain: str) -> str:
    """The beginning of a reference, or the part behind its dash, as it is kept."""
    part = plain.upper()
    return part if len(part) <= 5 else f"{part[:5]}-{part[5:]}"


def _units_called(plain: str) -> list[int]:
    """Units one of whose names, aliases included, contains the word: aliases are in no index."""
    names = [
        *Unit.objects.values_list("pk", "name"),
        *Unit.objects.exclude(name_en="").values_list("pk", "name_en"),
        *UnitAlias.objects.values_list("unit_id", "name"),
    ]
    return sorted({pk for pk, name in names if plain in normal(name)}) if len(plain) > 1 else []


def _condition(plain: str) -> tuple[str, list[str]]:
    pairs = [_token(plain[i : i + 2]) for i in range(len(plain) - 1)] or [_token(plain)]
    if connection.vendor == "sqlite":
        query = " + ".join(f'"{p}"' for p in pairs)
        if len(plain) == 1:
            query += "*"
        return "SELECT rowid FROM cases_search WHERE cases_search MATCH %s", [query]
    query = " <-> ".join(f"'{p}'" for p in pairs) + (":*" if len(plain) == 1 else "")
    return "SELECT case_id FROM cases_search WHERE pairs @@ %s::tsquery", [query]


def index(case_ids: Iterable[int]) -> None:
    """Write these cases anew into the index. Runs inside ``kernel.write``."""
    wanted = list(case_ids)
    if not wanted:
        return
    words: dict[int, list[str]] = {}
    cases = Case.objects.filter(pk__in=wanted)
    for case in cases:
        words[case.pk] = [case.title]
    payloads: dict[int, int] = {}
    for case_id, payload_id, number in Report.objects.filter(case_id__in=wanted).values_list(
        "case_id", "words", "number"
    ):
        if payload_id is not None:
            payloads[payload_id] = case_id
        if number:
            words[case_id].append(number)
    for payload in Payload.objects.filter(pk__in=list(payloads)):
        value = orjson.loads(payload.body)
        words[payloads[payload.pk]].extend(str(v) for v in value.values() if isinstance(v, str))
    rows = [(case_id, tokens(parts)) for case_id, parts in words.items()]
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
                    (case_id, " ".join(f"{p}:{n}" for n, p in enumerate(pairs, 1)))
                    for case_id, pairs in rows
                ],
            )


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
