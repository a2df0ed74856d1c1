"""The bulletin at a million cases: its page, a text with 60 figure fields, and what publishing costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.facts import set_units, write_facts
from bench.report import Result, median, percentile

FIELDS = 60
PERIOD = "from=2000-01-01&to=2090-12-31"


def run(rows: int = 1_000_000, repeats: int = 40) -> list[Result]:
    """Facts are written by ``bench/facts.py``; everything is counted anew each time."""
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    set_units()
    write_facts(rows)
    return [_page(rows, repeats), *_text(rows)]


def _page(rows: int, repeats: int) -> Result:
    from django.test import Client

    from huhang.insight import figures
    from huhang.parties.models import User

    seconds: list[float] = []
    for who in ("intake", "handler"):
        client = Client()
        client.force_login(User.objects.get(username=who))
        for n in range(repeats // 2 + 2):
            figures._known.clear()
            start = time.perf_counter()
            answer = client.get(f"/console/bulletin/?{PERIOD}")
            if n >= 2:
                seconds.append(time.perf_counter() - start)
            if answer.status_code != 200:
                raise AssertionError(answer.status_code)
    worst = percentile(seconds, 0.95) * 1000
    method = (
        f"{len(seconds)} pages as intake and as handler, each counted anew, in one process, warm"
    )
    return Result(
        f"bulletin's page at {rows:,} cases, p95",
        worst,
        "ms",
        "under 1,000 ms",
        worst < 1000,
        method,
    )


def _text(rows: int) -> list[Result]:
    """A draft with 60 different figures, counted anew; and the same as publishing would freeze it."""
    from huhang.insight import drafts, figures
    from huhang.kernel.write import write
    from huhang.parties.models import User
    from huhang.parties.queries import actor_for

    actor = actor_for(User.objects.get(username="leader"))
    scope = figures.read_scope("2000-01-01", "2090-12-31")
    names = [f.id for f in figures.count(actor, scope)][:FIELDS]
    if len(names) < FIELDS:
        raise AssertionError(f"only {len(names)} figures")
    text = "\n".join(f"{n}: {{{n}}}" for n in names)
    draft = write(lambda w: drafts.begin(w, scope, "简报", text), actor=actor)

    def took(look: Callable[[Any, Any], Any]) -> float:
        seconds = []
        for n in range(9):
            figures._known.clear()
            start = time.perf_counter()
            seen = look(actor, draft)
            if n:
                seconds.append(time.perf_counter() - start)
            if seen.wrong or len(seen.values) != FIELDS:
                raise AssertionError("a field comes to nothing")
        return median(seconds)

    counted, frozen = took(drafts.look), took(drafts.as_published)
    gone = sum(v.hidden for v in drafts.as_published(actor, draft).values)
    method = f"median of 8; all {len(figures.count(actor, scope).figures)} figures of the rulebook are counted anew, {FIELDS} stand in the text"
    return [
        Result(f"bulletin with {FIELDS} figures at {rows:,} cases", counted, "s", "under 1 s", counted < 1, method),
        Result("  as publishing would freeze it, suppression included", frozen, "s", "none", True,
               f"{method}; {gone} of them hidden: facts of this size hold hardly a small number"),
    ]  # fmt: skip
