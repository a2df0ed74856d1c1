"""Backup and restore on PostgreSQL, table by table, and what killed ones leave.

SQLite's are tested with the command line.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from huhang.cases.actions import perform
from huhang.cases.models import Case, Report
from huhang.config import backups
from huhang.config.reactions import close_off
from huhang.kernel import scratch
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.tlog.verify import verify
from tests.cast import carry, case_of, file_report, found_district

pytestmark = pytest.mark.django_db(transaction=True)


def test_tables_come_back_and_verify(tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("for PostgreSQL")
    district = found_district()
    carry(district, case_of(file_report(district, "market", text="要备份的一件")), to="closed")
    close_off()
    entries = list(Entry.objects.order_by("seq").values_list("seq", "leaf_hash"))
    saved = tmp_path / "saved.tar"
    counts = backups.save(saved)
    assert counts["entries"] == len(entries)
    with unguarded():
        call_command("flush", verbosity=0, interactive=False)
    assert not Report.objects.exists()
    backups.load(saved, migrate=lambda: None)
    assert [
        (s, bytes(h)) for s, h in Entry.objects.order_by("seq").values_list("seq", "leaf_hash")
    ] == [(s, bytes(h)) for s, h in entries]
    assert Case.objects.get().state == "closed"
    assert verify(parallel=False).ok


def test_what_is_no_backup_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(b"not a tar file")
    with pytest.raises(Refused, match=r"x\.tar"):
        backups.load(path, migrate=lambda: None)
    assert not list(Path(settings.HUHANG_HOME).glob("unfinished-*"))


def _repack(source: Path, target: Path, name: str, content: bytes | None) -> None:
    """Copy a backup with other content for one member, or without it."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            kept = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == name:
                if content is None:
                    continue
                kept = content
            member.size = len(kept)
            new.addfile(member, io.BytesIO(kept))


@pytest.mark.parametrize("content", [None, b"no\trow\n", b"\\N\n"])
def test_a_refused_restore_leaves_the_tables_as_they_were(
    tmp_path: Path, content: bytes | None
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("for PostgreSQL")
    found_district()
    backups.save(tmp_path / "saved.tar")
    with unguarded():
        call_command("flush", verbosity=0, interactive=False)
    _repack(tmp_path / "saved.tar", tmp_path / "bad.tar", "tables/parties_user.copy", content)

    def migrate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE made_by_migrating (id integer)")

    with pytest.raises(Refused, match=r"bad\.tar"):
        backups.load(tmp_path / "bad.tar", migrate=migrate)
    assert not Entry.objects.exists()
    assert "made_by_migrating" not in connection.introspection.table_names()
    backups.load(tmp_path / "saved.tar", migrate=lambda: None)
    assert verify(parallel=False).ok


def _left_behind(beside: Path) -> Path:
    """What a killed backup leaves: a place that nobody holds, and a file elsewhere."""
    made = Path(settings.HUHANG_HOME) / f"{scratch.PREFIX}0123456789abcdef"
    made.mkdir()
    (made / "huhang.sqlite3").write_bytes(b"words")
    (made / scratch.NOTE).write_text(str(beside))
    beside.write_bytes(b"words")
    return made


def test_erasing_sweeps_what_a_killed_backup_left(tmp_path: Path) -> None:
    district = found_district()
    case = carry(district, case_of(file_report(district, "market")), to="closed")
    beside = tmp_path / "huhang-backup-x.part"
    made = _left_behind(beside)
    write(lambda w: perform(w, case.ref, "erase", note="依申请"), actor=OPERATOR)
    assert not made.exists()
    assert not beside.exists()


def test_a_sweep_leaves_what_somebody_works_on(tmp_path: Path) -> None:
    beside = tmp_path / "huhang-backup-x.part"
    with scratch.place(beside=beside) as place:
        beside.write_bytes(b"words")
        (place / "copy").write_bytes(b"words")
        assert scratch.sweep() == 0
        assert beside.exists()
        assert (place / "copy").exists()
        left = _left_behind(tmp_path / "other.part")
        assert scratch.sweep() == 1
        assert not left.exists()
    assert not beside.exists()
    assert not place.exists()


def test_what_cannot_be_swept_is_said_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    beside = tmp_path / "now-a-folder.part"
    made = _left_behind(beside)
    beside.unlink()
    beside.mkdir()
    assert scratch.sweep() == 0
    assert str(beside) in caplog.text
    beside.rmdir()
    assert scratch.sweep() == 1
    assert not made.exists()
