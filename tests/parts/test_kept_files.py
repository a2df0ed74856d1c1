"""The kept files of imports: how long, what erasure takes of them, and what a killed command leaves."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from huhang.cases.models import Case, Report
from huhang.config import worker
from huhang.intake import erasing, inbox, kept, reconcile, runs, sources, work
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.kernel import ids
from huhang.kernel.actor import OPERATOR
from huhang.tlog.verify import verify
from tests.cast import carry, do, found_district
from tests.parts.test_inbox import settle
from tests.parts.test_sources import add, upload, work_on

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "工单编号,诉求内容,受理时间\n{}\n"
SECRET = "绝不外传的那句话"


def _take(actor: Any, *rows: str) -> ImportRun:
    run = upload(actor, TEXT.format("\n".join(rows)), "hot")
    runs.confirm(run, actor)
    return work_on(run)


def _erase(number: str) -> None:
    case = Case.objects.get(pk=Report.objects.get(number=number).case_id)
    do(OPERATOR, case, "erase", note="当事人要求")


def _found(place: Path) -> bool:
    return any(SECRET.encode() in p.read_bytes() for p in place.rglob("*") if p.is_file())


def test_erasure_reaches_every_file_that_holds_the_report(tmp_path: Path, settings: Any) -> None:
    settings.HUHANG_INBOX = tmp_path / "inbox"
    d = found_district()
    actor = d.actor("intake")
    add(actor, watched=True)
    other = _take(actor, "T9,别的事,2026-03-01")
    mine = _take(actor, f"T1,{SECRET},2026-03-01", "T2,路灯,2026-03-01")
    refused = _take(actor, f"T1,{SECRET},昨天")
    watch = inbox.Watch()
    watch.look(0)
    source = sources.access(actor, "hot")
    (inbox.folder_of(source) / "a.csv").write_text(
        TEXT.format(f"T1,{SECRET},2026-03-01"), encoding="utf-8"
    )
    settle(watch)
    assert len(list((inbox.folder_of(source) / "done").iterdir())) == 2
    case = Report.objects.get(number="T1").case
    carry(d, Case.objects.get(pk=case.pk), to="closed")
    erasing.catch_up()
    assert _found(kept.folder())
    _erase("T1")
    assert erasing.catch_up() == 3
    assert not _found(kept.folder())
    assert not _found(inbox.root())
    assert kept.data_of(other) is not None
    assert kept.data_of(mine) is None
    assert kept.data_of(refused) is None
    assert erasing.catch_up() == 0
    again = _take(actor, f"T1,{SECRET},2026-03-01")
    assert (again.accepted, again.repeated) == (0, 1), "a mark remembers the number"
    kept.forget(again.ref)
    assert verify().ok


def test_erasure_reaches_rows_without_a_number_and_files_nobody_can_read() -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, f"诉求内容,地点\n{SECRET},东街\n", "hot")
    runs.confirm(run, actor)
    work_on(run)
    broken = _take(actor, "T5,路灯,2026-03-01")
    kept.data_of(broken).write_bytes(b"\xff\xfe\xfa\x00\x01")  # type: ignore[union-attr]
    report = Report.objects.get(number__startswith="#")
    carry(d, Case.objects.get(pk=report.case_id), to="closed")
    _erase(str(report.number))
    assert erasing.catch_up() == 2
    assert not _found(kept.folder())


def test_files_go_a_week_after_the_last_work_on_them(tmp_path: Path, settings: Any) -> None:
    settings.HUHANG_INBOX = tmp_path / "inbox"
    d = found_district()
    actor = d.actor("intake")
    add(actor, watched=True)
    watch = inbox.Watch()
    watch.look(0)
    folder = inbox.folder_of(sources.access(actor, "hot"))
    (folder / "a.csv").write_text(TEXT.format("T1,灯,2026-03-01"), encoding="utf-8")
    settle(watch)
    run = ImportRun.objects.get()
    worker.sweep()
    assert kept.data_of(run) is not None
    old = time.time() - kept.KEEP_SECONDS - 60
    os.utime(kept.place_of(run.ref), (old, old))
    worker.sweep()
    assert kept.data_of(run) is None
    assert not list((folder / "done").iterdir())
    assert not runs.may_replay(run)


def test_an_import_of_the_command_line_that_was_killed_is_named_and_can_be_taken_up_again(
    tmp_path: Path,
) -> None:
    found_district()
    path = tmp_path / "a.csv"
    path.write_text(TEXT.format("T1,灯,2026-03-01"), encoding="utf-8")
    command = ["huhang", "import", "hotline", str(path)]

    def killed() -> None:
        with runs.at_command(KINDS["hotline"], path, None, OPERATOR, command):
            assert runs.stopped() == [], "it is at work"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    [(found, told)] = runs.stopped()
    assert (found.name, found.state, told) == ("a.csv", "stopped", command)
    assert runs.stopped() == [], "said once"
    assert verify().ok


def test_a_stopped_import_counts_what_it_had_taken_in(tmp_path: Path) -> None:
    from huhang.intake.importer import GROUP
    from huhang.intake.imports import import_file

    found_district()
    path = tmp_path / "a.csv"
    rows = "\n".join(f"N{n},灯,2026-03-01" for n in range(GROUP + 200))
    path.write_text(TEXT.format(rows), "utf-8")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    kind = KINDS["hotline"]
    with (
        pytest.raises(KeyboardInterrupt),
        runs.at_command(kind, path, None, OPERATOR, []) as run,
    ):
        import_file(kind, path, actor=OPERATOR, run=run, progress=stop)
    work.mark_stopped()
    import_file(kind, path, actor=OPERATOR)
    [day] = reconcile.by_day(ImportRun.objects.all())
    assert (day.files, day.failed, day.sent) == (2, 1, 2 * GROUP + 200)
    assert (day.accepted, day.repeated) == (GROUP + 200, GROUP)
    assert Report.objects.count() == GROUP + 200


def test_a_lock_is_held_by_one_and_let_go() -> None:
    ref = ids.new_ref()
    with kept.held(ref) as mine:
        assert mine
        assert kept.is_held(ref)
        with kept.held(ref) as second:
            assert not second
    assert not kept.is_held(ref)
    assert not kept.is_held("nobody")
