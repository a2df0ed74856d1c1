"""Whether a hidden case answers in the time of one that is not there: the median difference of pairs."""

from __future__ import annotations

import random
import time
from typing import Any

from bench import world
from bench.report import Result, median

PAIRS = 10_000
CASES = 2_000


def run(pairs: int = PAIRS) -> list[Result]:
    """Somebody of an accused unit asks for its case and for a reference that was never given, in
    turn; which comes first is drawn. In process, so that no network hides a difference."""
    from django.conf import settings
    from django.test import Client

    from huhang.cases.models import Party
    from huhang.intake.actions import ReportDraft, submit_many
    from huhang.kernel import ids
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import write
    from huhang.parties.models import Unit, User
    from tests.cast import token_of

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.HUHANG_API_PER_MINUTE = 1_000_000_000
    world.fill(CASES)
    user = User.objects.get(username="handler")
    unit = Unit.objects.get(code="market")
    drafts = [
        ReportDraft("scan_code", {"text": world.text(n)}, kind="clue", units=(unit.pk,))
        for n in range(200)
    ]
    write(lambda w: submit_many(w, drafts), actor=PUBLIC)
    accused = Party.objects.filter(relation="accused", unit=unit, case__kind="clue")
    hidden = list(accused.order_by("id").values_list("case__ref", flat=True))
    page = Client()
    page.force_login(user)
    api = Client(headers={"authorization": f"Bearer {token_of(user, 'read')}"})
    results = []
    for name, client, address in (
        ("page", page, "/console/cases/{}/"),
        ("API", api, "/api/v1/cases/{}"),
    ):
        results += _compare(name, client, address, hidden, ids.new_ref, pairs)
    return results


def _compare(
    name: str, client: Any, address: str, hidden: list[str], new_ref: Any, pairs: int
) -> list[Result]:
    draw = random.Random(11)
    differences, of_hidden = [], []
    for n in range(pairs + 200):
        asked = {"hidden": draw.choice(hidden), "missing": new_ref()}
        seconds: dict[str, float] = {}
        for which in draw.sample(["hidden", "missing"], 2):
            begin = time.perf_counter()
            answer = client.get(address.format(asked[which]))
            seconds[which] = time.perf_counter() - begin
            if answer.status_code != 404:
                raise AssertionError(f"{which}: {answer.status_code}")
        if n >= 200:  # the first warm up
            differences.append((seconds["hidden"] - seconds["missing"]) * 1e6)
            of_hidden.append(seconds["hidden"] * 1e6)
    low, high = _interval(differences)
    middle = median(differences)
    share = abs(middle) / median(of_hidden)
    return [
        Result(f"hidden or missing ({name}): median difference", middle, "µs", "its interval holds 0",
               low <= 0 <= high,
               f"{pairs:,} interleaved pairs, the order drawn; 95 % interval {low:.1f} to {high:.1f} µs; "
               f"{share:.2%} of the median answer, {median(of_hidden) / 1000:.2f} ms"),
    ]  # fmt: skip


def _interval(values: list[float]) -> tuple[float, float]:
    """The 95 % interval of the median by order statistics (the sign test)."""
    ordered = sorted(values)
    n = len(ordered)
    reach = int(1.96 * (n**0.5) / 2) + 1
    return ordered[max(0, n // 2 - reach)], ordered[min(n - 1, n // 2 + reach)]
