"""Watched folders: taken once, whole, and laid aside; whatever step the worker dies at."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from huhang.cases.models import Report
from huhang.intake import imports, inbox, kept, reconcile, runs, sources, work
from huhang.intake.models import ImportRun, Source
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Missing
from huhang.kernel.write import Write, write
from huhang.tlog.verify import verify
from tests.cast import District, found_district

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "工单编号,诉求内容,受理时间\nT1,路灯不亮,2026-03-01\nT2,停水,2026-03-02\n"
BAD = "工单编号,诉求内容,受理时间\nT3,路灯不亮,昨天\nT4,停水,2026-03-02\n"


@pytest.fixture
def district(tmp_path: Path, settings: Any) -> District:
    settings.HUHANG_INBOX = tmp_path / "inbox"
    return found_district()


@pytest.fixture
def source(district: District) -> Source:
    made: Source = write(
        lambda w: sources.add(w, code="hot", name="热线", kind="hotline", watched=True),
        actor=district.actor("intake"),
    )
    inbox.Watch().look(0)
    return made


@pytest.fixture
def watch() -> inbox.Watch:
    return inbox.Watch()


def drop(source: Source, name: str, text: str) -> Path:
    path = inbox.folder_of(source) / name
    path.write_text(text, encoding="utf-8")
    return path


def settle(watch: inbox.Watch, start: float = 100) -> None:
    """Two looks apart, the work, and a look that lays aside."""
    watch.look(start)
    watch.look(start + 6)
    while work.step():
        pass
    watch.look(start + 8)


def there(source: Source, *inside: str) -> set[str]:
    folder = inbox.folder_of(source).joinpath(*inside)
    return {p.name for p in folder.iterdir() if p.is_file()}


def endings(source: Source, place: str) -> set[str]:
    return {name[inbox.REF + 1 :] for name in there(source, place)}


def test_a_file_is_taken_in_and_laid_aside_with_its_summary(
    source: Source, watch: inbox.Watch
) -> None:
    drop(source, "三月.csv", GOOD)
    settle(watch)
    assert there(source) == set()
    assert endings(source, "done") == {"三月.csv", "三月.csv.json"}
    run = ImportRun.objects.get()
    assert (run.state, run.accepted, run.way, run.name) == ("done", 2, "folder", "三月.csv")
    assert run.by == source.owner
    summary = json.loads(
        (inbox.folder_of(source) / "done" / f"{run.ref}-三月.csv.json").read_text()
    )
    assert (summary["file"], summary["source"], summary["accepted"]) == ("三月.csv", "hot", 2)
    assert not list((inbox.folder_of(source) / ".taking").iterdir())
    [day] = reconcile.by_day(runs.own_runs(OPERATOR) or ImportRun.objects.all())
    assert (day.source, day.sent, day.accepted) == ("hot", 2, 2)
    assert verify().ok


def test_a_folder_that_the_worker_has_yet_to_make_is_no_trouble(district: District) -> None:
    actor = district.actor("intake")
    made = write(
        lambda w: sources.add(w, code="new", name="新来源", kind="hotline", watched=True),
        actor=actor,
    )
    assert (inbox.is_due(made), inbox.trouble(made)) == (True, "")
    inbox.Watch().look(0)
    assert (inbox.is_due(made), inbox.trouble(made)) == (False, "")


def test_refused_rows_lie_beside_the_file(source: Source, watch: inbox.Watch) -> None:
    drop(source, "a.csv", BAD)
    drop(source, "b.pdf", "%PDF-1.4")
    drop(source, "c.csv", "单子,情况\n1,2\n")
    settle(watch)
    assert there(source, "done") == set()
    assert endings(source, "refused") == {
        "a.csv", "a.csv.json", "a.csv.refused.xlsx", "b.pdf", "b.pdf.json", "c.csv", "c.csv.json",
    }  # fmt: skip
    run = ImportRun.objects.get(name="a.csv")
    folder = inbox.folder_of(source) / "refused"
    sheet = openpyxl.load_workbook(folder / f"{run.ref}-a.csv.refused.xlsx").worksheets[0]
    assert sheet["A2"].value == "T3"
    assert json.loads((folder / f"{run.ref}-a.csv.json").read_text())["refusals"][0]["row"] == 2
    failed = ImportRun.objects.get(name="b.pdf")
    assert "PDF" in json.loads((folder / f"{failed.ref}-b.pdf.json").read_text())["error"]
    assert Report.objects.count() == 1


def test_a_dropped_file_that_was_not_understood_is_mended_as_a_run_of_its_own(
    source: Source, watch: inbox.Watch, district: District
) -> None:
    actor = district.actor("intake")
    drop(source, "a.csv", "单子,情况\n1,路灯不亮\n")
    settle(watch)
    run = ImportRun.objects.get()
    chosen = {"单子": "number", "情况": "text"}
    with pytest.raises(Missing):
        runs.remap(run, chosen, actor, "en", save=False)
    again = runs.remap(run, chosen, actor, "en", save=True)
    work.step()
    runs.confirm(ImportRun.objects.get(pk=again.pk), actor)
    work.step()
    assert (ImportRun.objects.get(pk=run.pk).state, Report.objects.count()) == ("failed", 1)
    drop(source, "b.csv", "单子,情况\n2,停水\n")
    settle(watch, 500)
    assert endings(source, "done") == {"b.csv", "b.csv.json"}


def test_what_is_dropped_twice_is_repeated(source: Source, watch: inbox.Watch) -> None:
    for n in range(2):
        drop(source, "三月.csv", GOOD)
        settle(watch, 100 * n)
    one, two = ImportRun.objects.order_by("id")
    assert (one.accepted, two.accepted, two.repeated) == (2, 0, 2)
    assert len(there(source, "done")) == 4
    [day] = reconcile.by_day(ImportRun.objects.all())
    assert (day.files, day.sent, day.accepted, day.repeated) == (2, 4, 2, 2)


def test_a_file_that_grows_waits(source: Source, watch: inbox.Watch) -> None:
    path = drop(source, "a.csv", GOOD[:30])
    watch.look(0)
    with path.open("a", encoding="utf-8") as file:
        file.write(GOOD[30:])
    watch.look(6)
    assert not ImportRun.objects.exists(), "it changed since"
    watch.look(8)
    assert not ImportRun.objects.exists(), "not long enough"
    watch.look(12)
    while work.step():
        pass
    assert Report.objects.count() == 2


def test_an_empty_file_waits_longer_and_is_refused(source: Source, watch: inbox.Watch) -> None:
    drop(source, "a.csv", "")
    settle(watch, 0)
    assert there(source) == {"a.csv"}
    settle(watch, 70)
    assert endings(source, "refused") == {"a.csv", "a.csv.json"}


@pytest.mark.parametrize("name", [".a.csv", "~$a.xlsx", "a.csv.part", "a.csv.filepart", "a.tmp"])
def test_what_is_in_the_making_by_its_name_is_left(
    name: str, source: Source, watch: inbox.Watch
) -> None:
    drop(source, name, GOOD)
    settle(watch)
    assert name in there(source)
    path = inbox.folder_of(source)
    (path / name).rename(path / "ready.csv")
    settle(watch, 200)
    assert endings(source, "done") == {"ready.csv", "ready.csv.json"}


def test_no_link_is_followed(source: Source, watch: inbox.Watch, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(GOOD, encoding="utf-8")
    folder = inbox.folder_of(source)
    (folder / "soft.csv").symlink_to(secret)
    os.link(secret, folder / "hard.csv")
    (folder / "inside.csv").mkdir()
    settle(watch)
    assert not ImportRun.objects.exists()
    assert secret.exists()
    shutil.rmtree(folder)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.csv").write_text(GOOD, encoding="utf-8")
    folder.symlink_to(elsewhere)
    settle(watch, 200)
    assert (elsewhere / "a.csv").exists()
    assert not ImportRun.objects.exists()
    assert inbox.trouble(source)


def test_a_place_to_lay_aside_that_is_a_link_is_not_followed(
    source: Source, watch: inbox.Watch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (inbox.folder_of(source) / "done").rmdir()
    (inbox.folder_of(source) / "done").symlink_to(elsewhere)
    drop(source, "a.csv", GOOD)
    settle(watch)
    assert not list(elsewhere.iterdir())
    (inbox.folder_of(source) / "done").unlink()
    watch.look(300)
    assert endings(source, "done") == {"a.csv", "a.csv.json"}


def test_nothing_is_taken_from_a_source_that_is_retired_or_not_watched(
    source: Source, watch: inbox.Watch, district: District
) -> None:
    actor = district.actor("intake")
    drop(source, "a.csv", GOOD)
    write(lambda w: sources.set_active(w, "hot", active=False), actor=actor)
    settle(watch)
    write(lambda w: sources.set_active(w, "hot", active=True), actor=actor)
    write(lambda w: sources.change(w, "hot", name="热线", watched=False), actor=actor)
    settle(watch, 200)
    assert there(source) == {"a.csv"}
    write(lambda w: sources.change(w, "hot", name="热线", watched=True), actor=actor)
    settle(watch, 400)
    assert Report.objects.count() == 2


def test_the_files_of_somebody_who_may_not_import_any_more_stay(
    source: Source, watch: inbox.Watch, district: District
) -> None:
    def lock_out(w: Write) -> None:
        w.entry("lock_out")
        w.update(district.users["intake"], active=False)

    drop(source, "a.csv", GOOD)
    write(lock_out, actor=OPERATOR)
    settle(watch)
    assert there(source) == {"a.csv"}
    assert inbox.trouble(source)
    write(lambda w: sources.take_over(w, "hot"), actor=district.actor("intake-2"))
    settle(watch, 200)
    assert ImportRun.objects.get().by == district.users["intake-2"].ref


NAMES = [
    "a" * 240 + ".csv",
    "热" * 80 + ".csv",
    "a b,c'\"&.csv",
    os.fsdecode(b"\xff\xfe.csv"),
    "x\n.csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_laid_aside(name: str, source: Source, watch: inbox.Watch) -> None:
    drop(source, name, GOOD)
    settle(watch)
    assert len(there(source, "done")) == 2
    assert Report.objects.count() == 2
    assert verify().ok


class Killed(BaseException):
    """The worker dies here."""


STEPS: list[tuple[Any, str]] = [
    (os, "mkdir"), (os, "rename"), (os, "fsync"), (kept, "keep"), (imports, "begin_run"),
    (inbox, "_receive"), (inbox, "_lay_aside"), (inbox, "_put"), (os, "rmdir"),
    (imports, "_end_run"), (kept, "say"),
]  # fmt: skip


def _dies(real: Callable[..., Any], at: int, after: bool, count: list[int]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        given = real(*args, **kwargs) if after else None
        count[0] += 1
        if count[0] == at:
            raise Killed
        return given if after else real(*args, **kwargs)

    return call


def _cases() -> Iterator[tuple[int, int, bool]]:
    for step in range(len(STEPS)):
        for at in (1, 2):
            for after in (False, True):
                yield step, at, after


@pytest.mark.parametrize(("step", "at", "after"), list(_cases()))
def test_a_worker_that_dies_between_two_steps_loses_and_doubles_nothing(
    step: int, at: int, after: bool, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(source, "good.csv", GOOD)
    drop(source, "bad.csv", BAD)
    place, name = STEPS[step]
    count = [0]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, _dies(getattr(place, name), at, after, count))
        with pytest.raises(Killed):
            settle(inbox.Watch(), 0)
    watch = inbox.Watch()  # a new worker remembers nothing
    settle(watch, 1000)
    watch.look(2000)
    assert there(source) == set()
    assert not list((inbox.folder_of(source) / ".taking").iterdir())
    assert endings(source, "done") == {"good.csv", "good.csv.json"}
    assert endings(source, "refused") == {"bad.csv", "bad.csv.json", "bad.csv.refused.xlsx"}
    assert sorted(Report.objects.values_list("number", flat=True)) == ["T1", "T2", "T4"]
    assert ImportRun.objects.count() == 2
    for run in ImportRun.objects.all():
        assert run.read == run.accepted + run.updated + run.repeated + run.refused == 2
    assert verify().ok
