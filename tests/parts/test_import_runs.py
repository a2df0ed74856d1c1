"""Imports by the worker and by the command line: faults of a file stay with the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from huhang.cases.models import Case, Report
from huhang.cli.main import main
from huhang.intake import kept, runs, work
from huhang.intake.importer import GROUP
from huhang.intake.imports import import_file, open_file
from huhang.intake.models import ImportRun
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import Write, write
from huhang.tables.faults import UnusableFile
from huhang.tables.file import MAX_REMARKS
from huhang.tables.refusals import write_refusals
from tests.cast import District, found_district
from tests.parts.test_imports import HEAD, ROWS, run, workbook

pytestmark = pytest.mark.django_db(transaction=True)


def _send(d: District, path: Path, name: str, mapping: str = "") -> ImportRun:
    return runs.start(HotlineImporter, kept.blocks_of(path), name, mapping, "en", d.actor("intake"))


def _now(run: ImportRun) -> ImportRun:
    return ImportRun.objects.get(pk=run.pk)


def _work() -> None:
    while work.step():
        pass


def test_a_file_is_looked_at_confirmed_and_taken_in(tmp_path: Path) -> None:
    d = found_district()
    path = workbook(tmp_path / "upload", ("诉求", [HEAD, *ROWS]))
    run = _send(d, path, "三月.xlsx")
    _work()
    assert _now(run).state == "checked"
    status = kept.status(run)
    assert status["result"]["accepted"] == 3
    assert status["preview"][0]["columns"][0][1] != "number", "in words"
    assert not Case.objects.exists()
    runs.confirm(_now(run), d.actor("intake"))
    _work()
    done = _now(run)
    assert (done.state, done.accepted) == ("done", 3)
    assert set(Report.objects.values_list("taken_by", flat=True)) == {d.users["intake"].ref}


def test_a_csv_keeps_its_own_name(tmp_path: Path) -> None:
    d = found_district()
    path = tmp_path / "upload"
    path.write_text("工单编号,诉求内容,受理时间\nT1,灯,昨天\n", encoding="utf-8")
    run = _send(d, path, "热线三月.csv")
    _work()
    assert kept.status(run)["result"]["refusals"][0]["sheet"] == "热线三月.csv"


@pytest.mark.parametrize("content", [b"PK\x03\x04junk", b"a,b\n1,2\n", b"\xff\xfe\xfa\x00\x01"])
def test_a_bad_file_fails_its_run_and_the_next_is_done(tmp_path: Path, content: bytes) -> None:
    d = found_district()
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    first = _send(d, bad, "bad.xlsx")
    second = _send(d, workbook(tmp_path / "good.xlsx", ("s", [HEAD, *ROWS])), "good.xlsx")
    _work()
    assert (_now(first).state, _now(second).state) == ("failed", "checked")
    assert "bad.xlsx" in kept.status(first)["error"]


def test_a_file_that_ends_the_worker_is_given_up(tmp_path: Path) -> None:
    d = found_district()
    run = _send(d, workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])), "a.xlsx")
    place = kept.folder() / run.ref
    (place / "attempts.json").write_bytes(orjson.dumps({"begun": 1, "furthest": 0}))
    _work()
    assert _now(run).state == "checked", "once more is tried"
    runs.confirm(_now(run), d.actor("intake"))
    (place / "attempts.json").write_bytes(orjson.dumps({"begun": 2, "furthest": 0}))
    _work()
    assert _now(run).state == "failed"
    assert kept.status(run)["error"]


def test_unforeseen_faults_fail_the_run_without_its_content(tmp_path: Path) -> None:
    d = found_district()
    run = _send(d, workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])), "a.xlsx")
    # The place of the workbook of refusals is taken by a folder: nobody foresaw that.
    bad = workbook(tmp_path / "b.xlsx", ("s", [HEAD, ["T1", "秘密", "秘密", "昨天", "", ""]]))
    other = _send(d, bad, "b.xlsx")
    (kept.folder() / other.ref / "refused.xlsx").mkdir()
    _work()
    assert (_now(run).state, _now(other).state) == ("checked", "failed")
    assert "秘密" not in kept.status(other)["error"]


def test_who_may_no_longer_import_imports_nothing(tmp_path: Path) -> None:
    d = found_district()
    run = _send(d, workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])), "a.xlsx")
    _work()
    runs.confirm(_now(run), d.actor("intake"))

    def action(w: Write) -> None:
        w.entry("lock_out")
        w.update(d.users["intake"], active=False)

    write(action, actor=OPERATOR)
    _work()
    assert _now(run).state == "failed"
    assert not Case.objects.exists()


def test_a_file_that_breaks_half_way_fails_its_run_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = "".join(f"N{n},内容{n},2026-03-01\n" for n in range(GROUP + 500))
    path.write_text("工单编号,诉求内容,受理时间\n" + lines, encoding="utf-8")
    size = path.stat().st_size

    def spoil(done: int, total: int) -> None:
        with path.open("r+b") as file:
            file.seek(size - 100)
            file.write(b"\xff" * 100)

    with pytest.raises(UnusableFile, match=r"a\.csv.* \d+ "):
        import_file(HotlineImporter, path, actor=OPERATOR, progress=spoil)
    made = ImportRun.objects.get()
    assert made.state == "failed"
    assert 500 <= made.accepted == Report.objects.count() < GROUP + 500


def test_remarks_that_are_left_out_are_counted(tmp_path: Path) -> None:
    rows = [[f"N{n}", "文"] for n in range(MAX_REMARKS + 5)]
    rows = [["工单编号", "诉求内容", "受理时间"], *([*r, ""] for r in rows)]  # type: ignore[list-item]
    result = run(workbook(tmp_path / "a.xlsx", ("s", rows)), dry_run=True)
    assert len(result["notices"]) == MAX_REMARKS + 1
    assert "5" in result["notices"][-1]["reason"]


def test_a_workbook_of_refusals_loses_no_cell_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "长" * 40_000
    path.write_text(
        f"工单编号,诉求内容,受理时间\nT1,灯,昨天,多,余\nT2,{long},昨天\n", encoding="utf-8"
    )
    result = import_file(HotlineImporter, path, actor=OPERATOR)
    write_refusals(tmp_path / "r.xlsx", open_file(HotlineImporter, path), result.refusals)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[0]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    assert rows[1][:5] == ["T1", "灯", "昨天", "多", "余"]
    assert rows[0][5].startswith("原因")
    assert len(rows[2][1]) == 32_767
    assert len(rows[2][5]) > len(rows[1][5]), "it says that it was cut"
    sheet["C2"], sheet["D2"], sheet["E2"], book = "2026-03-01", None, None, sheet.parent
    book.save(tmp_path / "r.xlsx")
    assert run(tmp_path / "r.xlsx")["accepted"] == 1


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def huhang(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("HUHANG_LANG", "en")

    def call(*arguments: Any) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call


def test_where_refusals_go_is_looked_at_before_anything_is_imported(
    tmp_path: Path, huhang: Command
) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    content = path.read_bytes()
    for target, said in (
        (path, "the file to import"), (tmp_path, "is a folder"), (tmp_path / "r.csv", "ends in .xlsx"),
        (tmp_path / "nowhere" / "r.xlsx", "there is no such file or folder"),
    ):  # fmt: skip
        status, _out, err = huhang("import", "hotline", path, "--refusals", target)
        assert (status, len(err.splitlines())) == (2, 1)
        assert said in err
    assert path.read_bytes() == content
    assert not Case.objects.exists()


def test_unusable_arguments_are_one_line(tmp_path: Path, huhang: Command) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS]))
    (tmp_path / "m.yaml").write_text("header_row: true")
    for arguments in ((path, "--mapping", tmp_path / "m.yaml"), (tmp_path,), (tmp_path / "no",)):
        status, _out, err = huhang("import", "hotline", *arguments)
        assert (status, len(err.splitlines())) == (2, 1)


def test_the_preview_names_fields_in_words(
    tmp_path: Path, huhang: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a.xlsx", ("s", [["序号", *HEAD], *(["1", *r] for r in ROWS)]))
    status, out, _err = huhang("import", "hotline", path, "--dry-run")
    assert status == 0
    assert "reported_on" not in out
    monkeypatch.setenv("HUHANG_LANG", "zh")
    _status, out, _err = huhang("import", "hotline", path, "--dry-run")
    arrows = [line.split(" → ")[1] for line in out.splitlines() if " → " in line]
    assert len(arrows) == 7
    assert not any(a.isascii() for a in arrows)
    json.loads(huhang("import", "hotline", path, "--dry-run", "--json")[1])
