"""Backup and restore on PostgreSQL, table by table; SQLite's are tested with the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from huhang.cases.models import Case, Report
from huhang.config import backups
from huhang.config.reactions import catch_up
from huhang.kernel.errors import Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.tlog.verify import verify
from tests.cast import carry, case_of, file_report, found_district

pytestmark = pytest.mark.django_db(transaction=True)


def test_tables_come_back_and_verify(tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("for PostgreSQL")
    district = found_district()
    carry(district, case_of(file_report(district, "market", text="要备份的一件")), to="closed")
    catch_up()
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
