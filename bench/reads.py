"""The bulletin at 100,000 cases, through the product's own page (lists: see ``bench.lists``)."""

from __future__ import annotations

import time

from bench.report import Result, percentile
from bench.world import fill


def run(cases: int = 100_000, repeats: int = 40) -> list[Result]:
    """Pages as intake and as a handler, in process: all that HTTP adds is left out."""
    from django.conf import settings
    from django.test import Client

    from huhang.insight import figures
    from huhang.parties.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    fill(cases)
    pages = {"bulletin": lambda n: "/console/bulletin/?from=2000-01-01&to=2090-12-31"}
    results = []
    for name, address in pages.items():
        seconds = []
        for who in ("intake", "handler"):
            client = Client()
            client.force_login(User.objects.get(username=who))
            for n in range(repeats // 2 + 2):
                figures._known.clear()  # each view counts anew, as after something was written
                start = time.perf_counter()
                answer = client.get(address(n))
                if n >= 2:
                    seconds.append(time.perf_counter() - start)
                if answer.status_code not in (200, 404):
                    raise AssertionError(f"{name}: {answer.status_code}")
        worst = percentile(seconds, 0.95) * 1000
        results.append(
            Result(f"{name} at {cases:,} cases, p95", worst, "ms", "under 150 ms", worst < 150,
                   f"{len(seconds)} pages as intake and as handler, in one process, warm")
        )  # fmt: skip
    return results
