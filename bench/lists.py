"""Queue, case, search and the API's list at a million cases, through the product's own addresses."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from bench import large
from bench.report import Result, median, percentile

ROLES = ("intake", "leader", "handler", "handler-some", "handler-few", "supervisor")
"""A handler of a large unit (some 80,000 cases), of one with thousands, of one with dozens."""
_FIRST = date.today() - timedelta(days=300)  # noqa: DTZ011
FILTERS = (
    "", "state=all", "state=closed", "state=kept", "state=received", "kind=clue", "kind=clue&state=all",
    "channel=inspection", "channel=inspection&state=all", "behaviour=delay&state=all",
    "kind=clue&channel=inspection&behaviour=delay&state=all", "unit=u30", "unit=market&state=all",
    "unit=gov&state=all", "unit=u30-2&state=all", "due=overdue", "due=overdue&state=all", "due=today", "due=week", "mine=on",
    f"since={_FIRST}&until={_FIRST + timedelta(days=13)}&state=all",
)  # fmt: skip
SORTS = ("", "-due", "received", "-received", "state", "unit")
WORDS = (
    "企", "x", "噪音", "企业", "加班", "水质", "营业执照", "安置补偿", "农民工", "没有这个词", "噪音 企业",
    "温度 水压", "温度 水压 自来", "加班 水质 噪音", "示范区", "HL00012345", "ABC", "2025", "7KQ2",
)  # fmt: skip
"""One character, two of all frequencies, three and more, several words, Latin, digits, references."""


def run(cases: int = int(os.environ.get("BENCH_CASES", 1_000_000))) -> list[Result]:
    """Pages as six people, in process: all that HTTP adds is left out."""
    home = large.build(cases)
    from django.conf import settings
    from django.test import Client

    from huhang.cases.models import Case
    from huhang.parties.models import User
    from tests.cast import token_of

    settings.ALLOWED_HOSTS = ["testserver"]
    draw = random.Random(5)
    refs = list(Case.objects.order_by("id").values_list("ref", flat=True)[: cases // 2 : 997])
    queues = [f"?{wanted}&sort={sort}" for wanted in FILTERS for sort in SORTS]
    deep = [f"?{w}&sort={s}&page={p}" for w in FILTERS[:3] for s in SORTS for p in (2, 20, 40)]
    searches = [
        f"?q={quote(w)}{more}" for w in WORDS for more in ("", "&state=open", "&kind=clue&sort=due")
    ]
    seconds: dict[str, list[float]] = {}
    for n, who in enumerate(ROLES):
        user = User.objects.get(username=who)
        page = Client()
        page.force_login(user)
        api = Client(headers={"authorization": f"Bearer {token_of(user, 'read')}"})
        asked: list[tuple[str, Client, list[str]]] = [
            ("queue", page, [f"/console/cases/{q}" for q in queues[n % 2 :: 2]]),
            ("queue, to the last page", page, [f"/console/cases/{q}" for q in deep[n % 2 :: 2]]),
            ("case", page, [f"/console/cases/{draw.choice(refs)}/" for _n in range(20)]),
            ("search", page, [f"/console/cases/{q}" for q in searches[n % 2 :: 2]]),
            ("what is due, by unit", page, ["/console/due/"] * 5),
            ("API list", api, [f"/api/v1/cases{q}" for q in [*queues[n::6], *deep[n::6], *searches[n::6]]]),
        ]  # fmt: skip
        for name, client, addresses in asked:
            _look(client, addresses[0])
            seconds.setdefault(name, []).extend(_look(client, address) for address in addresses)
    limit = _bare(home / "huhang.sqlite3")
    results = [
        Result("the machine: the newest 1,000 of a common word, bare", limit, "ms", "limit", True,
               "bare sqlite3 on the same file: FTS5 alone, then the 50 rows of a page; median of 20")
    ]  # fmt: skip
    for name, found in seconds.items():
        worst = percentile(found, 0.95) * 1000
        results.append(
            Result(f"{name} at {cases:,} cases, p95", worst, "ms", "under 150 ms", worst < 150,
                   f"{len(found)} addresses as {len(ROLES)} people, each asked once, in one "
                   f"process, on a file in the system's cache; median {median(found) * 1000:.0f} ms, "
                   f"slowest {max(found) * 1000:.0f} ms")
        )  # fmt: skip
    return results


def _look(client: Any, address: str) -> float:
    begin = time.perf_counter()
    status = client.get(address).status_code
    seconds = time.perf_counter() - begin
    if status not in (200, 404):
        raise AssertionError(f"{address}: {status}")
    if os.environ.get("BENCH_SAY") and seconds > 0.15:
        large._say(f"{seconds * 1000:.0f} ms {address}", begin)
    return seconds


def _bare(path: Any) -> float:
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.execute("PRAGMA mmap_size = 268435456").fetchall()

    def ask() -> None:
        keys = database.execute(
            "SELECT rowid FROM cases_search WHERE cases_search MATCH ? ORDER BY rowid DESC LIMIT 1000",
            ['"噪音"'],
        ).fetchall()
        for key in keys[:50]:
            database.execute("SELECT * FROM cases_case WHERE id = ?", key).fetchall()

    return median([_timed(ask) for _n in range(20)]) * 1000


def _timed(act: Callable[[], None]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
