"""An import by somebody who may not see a case: as if it were not there, and it stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huhang.cases.models import Case, Report
from huhang.cases.queries import payload_value, visible_to
from huhang.intake.imports import import_file
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.parties.models import Membership
from huhang.tlog.verify import verify
from tests.cast import District, do, found_district
from tests.parts.test_imports import workbook

pytestmark = pytest.mark.django_db

HEAD = ["工单编号", "诉求内容", "受理时间", "被投诉单位"]


def _count(path: Path, actor: Actor, **more: Any) -> tuple[int, int, int, int]:
    result = import_file(HotlineImporter, path, actor=actor, **more)
    assert not result.notices
    return result.accepted, result.updated, result.repeated, result.refused


def _clerk_of_market(d: District) -> Actor:
    """Somebody of the intake office who also belongs to the market bureau."""

    def action(w: Write) -> None:
        w.entry("appoint")
        w.add(
            Membership, user_id=d.users["intake"].pk, role="handler",
            unit_id=d.units["market"].pk, since=clock.today(),
        )  # fmt: skip

    write(action, actor=OPERATOR)
    return d.actor("intake")


def _file(path: Path, *rows: list[str]) -> Path:
    return workbook(path, ("s", [HEAD, *rows]))


def test_a_hidden_number_is_answered_like_an_unknown_one(tmp_path: Path) -> None:
    d = found_district()
    clerk = _clerk_of_market(d)
    secret = _file(
        tmp_path / "a.xlsx", ["T1", "工商局乱收费", "2026-03-01", "示范区市场监督管理局"]
    )
    assert _count(secret, OPERATOR) == (1, 0, 0, 0)
    hidden = Report.objects.get()
    assert not visible_to(clerk).exists()
    before = (payload_value(hidden.words), hidden.words, hidden.content_hash)

    probe = _file(
        tmp_path / "b.xlsx",
        ["T1", "一切都好", "2026-03-01", ""],
        ["T2", "一切都好", "2026-03-01", ""],
    )
    assert _count(probe, clerk, dry_run=True) == (2, 0, 0, 0)
    assert _count(probe, clerk) == (2, 0, 0, 0)
    assert _count(probe, clerk) == (0, 0, 2, 0)
    assert _count(probe, clerk, dry_run=True) == (0, 0, 2, 0)
    changed = _file(
        tmp_path / "c.xlsx", ["T1", "改了", "2026-03-01", ""], ["T2", "改了", "2026-03-01", ""]
    )
    assert _count(changed, clerk) == (0, 2, 0, 0)

    hidden.refresh_from_db()
    assert (payload_value(hidden.words), hidden.words, hidden.content_hash) == before
    assert Entry.objects.filter(case_id=hidden.case_id).count() == 1
    assert visible_to(clerk).count() == 2, "nothing of what was sent is lost"
    assert _count(secret, OPERATOR) == (0, 0, 1, 0)
    assert verify(parallel=False).ok


def test_the_very_same_row_is_no_exception(tmp_path: Path) -> None:
    d = found_district()
    clerk = _clerk_of_market(d)
    row = ["T1", "工商局乱收费", "2026-03-01", "示范区市场监督管理局"]
    assert _count(_file(tmp_path / "a.xlsx", row), OPERATOR) == (1, 0, 0, 0)
    for number in ("T1", "T9"):
        same = _file(tmp_path / f"{number}.xlsx", [number, *row[1:]])
        changed = _file(tmp_path / f"{number}c.xlsx", [number, "别的", *row[2:]])
        answers = [_count(path, clerk) for path in (same, same, changed, changed, same)]
        assert answers == [(1, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0)]
    words = [payload_value(r.words) or {} for r in Report.objects.filter(number__startswith="T")]
    assert {w["text"] for w in words} == {"工商局乱收费"}, (
        "what accuses its sender is not rewritten"
    )


def test_others_of_the_office_update_as_before(tmp_path: Path) -> None:
    d = found_district()
    row = ["T1", "工商局乱收费", "2026-03-01", "示范区市场监督管理局"]
    assert _count(_file(tmp_path / "a.xlsx", row), d.actor("intake")) == (1, 0, 0, 0)
    row[1] = "工商局仍乱收费"
    path = _file(tmp_path / "b.xlsx", row)
    assert _count(path, d.actor("intake-2")) == (0, 1, 0, 0)
    assert _count(path, OPERATOR) == (0, 0, 1, 0)


def test_what_was_erased_is_known_to_those_alone_who_may_see_it(tmp_path: Path) -> None:
    d = found_district()
    clerk = _clerk_of_market(d)
    path = _file(tmp_path / "a.xlsx", ["T1", "工商局", "2026-03-01", "示范区市场监督管理局"])
    _count(path, OPERATOR)
    case = do(
        d.actor("intake-2"), Case.objects.get(), "decline", reason="litigation", note="请诉讼解决"
    )
    do(d.actor("leader"), case, "erase", note="依申请清除")
    if not visible_to(clerk).exists():
        assert _count(path, clerk, dry_run=True) == (1, 0, 0, 0)
    assert _count(path, d.actor("intake-2")) == (0, 0, 1, 0)


def test_a_number_cannot_be_forged_to_reach_another_row(tmp_path: Path) -> None:
    d = found_district()
    forged = _file(tmp_path / "a.xlsx", [f"~{d.users['intake'].ref}~T1", "内容", "2026-03-01", ""])
    assert _count(forged, d.actor("intake-2")) == (0, 0, 0, 1)
