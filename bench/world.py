"""Worlds of a size for the benchmarks, made through the product's own write path."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """An empty data folder; Django is set up on it when it is the first of the process."""
    place = Path(tempfile.mkdtemp(prefix="huhang-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def set_up(home: Path) -> None:
    """Django on this data folder, migrated."""
    os.environ["HUHANG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huhang.config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


WORDS = (
    "办理营业执照三个月没有结果，窗口每次都说材料不全。企业用电增容申请拖延，多次询问无人答复。"
    "检查频次过高，一周来了四个部门，影响正常生产经营。承诺的扶持资金至今没有兑现，反映多次。"
    "道路施工围挡长期占用门前通道，商户无法营业。招标条件设置不合理，本地小企业无法参加。"
)


def text(n: int) -> str:
    """About 150 Chinese characters, different for each ``n``."""
    start = (n * 37) % len(WORDS)
    return f"第{n}号：" + (WORDS + WORDS)[start : start + 140]


def drafts(first: int, count: int, units: list[int]):  # type: ignore[no-untyped-def]
    """Report drafts with numbers from ``first``."""
    from huhang.intake.actions import ReportDraft

    kinds = ("demand", "demand", "demand", "complaint", "clue")
    return [
        ReportDraft(
            "scan_code" if n % 3 else "hotline_file",
            {"text": text(n)},
            kind=kinds[n % 5],
            units=(units[n % len(units)],),
        )
        for n in range(first, first + count)
    ]


def fill(cases: int) -> None:
    """``cases`` cases, of which most are carried some way along the loop, read models up to date."""
    from datetime import UTC, datetime, timedelta

    from huhang.config.reactions import close_off
    from huhang.intake.actions import submit_many
    from huhang.kernel import clock
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import write
    from tests.cast import found_district

    district = found_district()
    units = [u.pk for u in district.units.values()]
    begin = datetime.now(UTC) - timedelta(days=360)
    batch = 1000
    for first in range(0, cases, batch):
        clock.set_frozen(begin + timedelta(days=350) * (first / cases))
        write(
            lambda w, first=first: submit_many(w, drafts(first, min(batch, cases - first), units)),
            actor=PUBLIC,
        )
    carry_some(district)
    clock.set_frozen(None)
    close_off()


def carry_some(district, first: int | None = None) -> None:  # type: ignore[no-untyped-def]
    """Accept and assign four of five cases (of the ``first``, or of all), in groups: each verb
    through the transition table.
    """
    from datetime import timedelta

    from huhang.cases import actions
    from huhang.cases.models import Case
    from huhang.kernel import clock
    from huhang.kernel.write import write_many

    intake = district.actor("intake")
    rows = list(Case.objects.order_by("id").values_list("ref", "kind", "received_at")[:first])
    chosen = [r for n, r in enumerate(rows) if n % 5]
    for at in range(0, len(chosen), 200):
        part = chosen[at : at + 200]
        clock.set_frozen(part[0][2] + timedelta(days=1))
        for verb in ("accept", "assign"):
            results = write_many(
                [
                    lambda w, ref=ref, kind=kind: actions.perform(
                        w, ref, verb,  # noqa: B023
                        **({"kind": kind} if verb == "accept" else {"responsible": "group-1"}),  # noqa: B023
                    )
                    for ref, kind, _received in part
                ],
                actor=intake,
            )  # fmt: skip
            for result in results:
                if isinstance(result, Exception):
                    raise result
