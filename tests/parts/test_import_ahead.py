"""Reading ahead in a process of its own: what comes out is the same; and the keys that are remembered."""

from __future__ import annotations

import csv
import gc
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from huhang.cases.models import Report
from huhang.intake import ahead, importer, imports
from huhang.intake.reports_import import HotlineImporter
from huhang.intake.seen import Seen
from huhang.intake.sorting import Sorter, as_it_is
from huhang.kernel.actor import OPERATOR
from huhang.tables.faults import UnusableFile
from huhang.tables.file import KeyedRow
from tests.cast import found_district

pytestmark = pytest.mark.django_db


def write(path: Path, rows: int) -> Path:
    """A file with all that can be said of rows: refused, repeated, in conflict, remarked on, broken."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["工单编号", "诉求内容", "受理时间", "承办单位", "办结时间"])
        for n in range(rows):
            number = f"A{n if n % 11 else max(0, n - 1)}"
            text = "" if n % 13 == 5 else f"第{n if n % 22 else n - 1}件，路灯不亮"
            when = "去年" if n % 17 == 3 else f"2025-03-{n % 28 + 1:02d} 10:00"
            unit = ["清河镇", "无此单位"][n % 7 == 0]
            row = [number, text, when, unit, "尽快" if n % 5 == 0 else ""]
            table.writerows([row] if n % 12 else [row, row])
            if n % 29 == 7:
                file.write(f'B{n},"没有收尾的引号,2025-03-01,清河镇,\r\n')
        table.writerow(["合计", "", "", "", ""])
    return path


def children() -> list[int]:
    """The processes that this one has started."""
    own = os.getpid()
    return [int(p) for p in Path(f"/proc/{own}/task/{own}/children").read_text().split()]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_read_ahead_or_not_an_import_says_and_does_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    found_district()
    path = write(tmp_path / "file.csv", 300)
    monkeypatch.setattr(importer, "GROUP", 40)
    before = children()

    def result(worth: int, **more: Any) -> dict[str, Any]:
        monkeypatch.setattr(ahead, "WORTH", worth)
        return imports.import_file(HotlineImporter, path, actor=OPERATOR, **more).as_json()

    with translation.override(language):
        here, there = result(1 << 40, dry_run=True), result(0, dry_run=True)
        assert there == here
        assert min(here["refused"], here["repeated"], here["accepted"], len(here["notices"])) > 5
        taken = result(0)
        assert taken == here
        assert Report.objects.count() == taken["accepted"]
        again = result(0)
    assert (again["accepted"], again["updated"]) == (0, 0), "nothing twice"
    assert children() == before, "no process is left"


def test_a_reader_that_dies_is_an_error_and_not_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_district()
    monkeypatch.setattr(ahead, "WORTH", 0)
    file = imports.open_file(HotlineImporter, write(tmp_path / "file.csv", 20_000))
    before = set(children())
    groups = ahead.groups(file, 100, Sorter(as_it_is, "number"), elsewhere=True)
    assert next(groups).read == 100
    (reader,) = set(children()) - before
    os.kill(reader, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="without an answer"):
        list(groups)
    assert reader not in children()


def test_whoever_stops_taking_stops_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_district()
    monkeypatch.setattr(ahead, "WORTH", 0)
    file = imports.open_file(HotlineImporter, write(tmp_path / "file.csv", 20_000))
    before = children()
    groups = ahead.groups(file, 100, Sorter(as_it_is, "number"), elsewhere=True)
    next(groups)
    assert children() != before
    del groups
    gc.collect()
    assert children() == before


def test_what_goes_wrong_in_reading_is_said_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_district()
    path = write(tmp_path / "file.csv", 3000)
    said = []
    for worth in (1 << 40, 0):
        monkeypatch.setattr(ahead, "WORTH", worth)
        file = imports.open_file(HotlineImporter, path)
        path.write_bytes(path.read_bytes()[:60_000] + b"\xff\xff\xff" * 50)
        with pytest.raises(UnusableFile) as raised:
            list(ahead.groups(file, 500, Sorter(as_it_is, "number"), elsewhere=True))
        said.append(str(raised.value))
        write(path, 3000)
    assert said[0] == said[1]


def test_keys_are_remembered_as_in_a_dictionary() -> None:
    draw, seen = random.Random(1), Seen()
    known: dict[str, KeyedRow] = {}
    for n in range(30_000):
        row = KeyedRow(sheet=f"S{n % 3}", row=n + 2, key=f"k{draw.randrange(20_000)}",
                       content_hash=bytes([draw.randrange(2)]) * 32)  # fmt: skip
        found, before = seen.first(row), known.setdefault(row.key, row)
        if before is row:
            assert found is None
        else:
            assert found is not None
            same = before.content_hash == row.content_hash
            assert (found.sheet, found.row, found.same) == (before.sheet, before.row, same)
