"""What is not one row's value: tables, triggers, files, the ends of the log, and when it ticks."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from huhang.kernel import clock, files
from huhang.kernel.actor import OPERATOR
from huhang.kernel.guard import unguarded
from huhang.kernel.manifest import mac
from huhang.kernel.models import Entry, Payload
from huhang.kernel.write import Write, write
from huhang.tlog import verify as verification
from huhang.tlog.actions import tick
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.verify import Bad, verify
from tests.parts.test_verify import world
from tests.server import huhang

__all__ = ["world"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a statement of SQLite's")


def first_bad(*statements: str) -> Bad | None:
    """What verification says after these statements, which are undone."""
    with transaction.atomic(), unguarded(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        ticks = Tick.objects.count() if "tlog_tick" in connection.introspection.table_names() else 0
        verdict = verify(parallel=False)
        if not verdict.ok and ticks:
            assert Tick.objects.count() == ticks, "it ticked although something did not hold"
        transaction.set_rollback(True)
    return verdict.first_bad


def named(*statements: str) -> tuple[str, str]:
    bad = first_bad(*statements)
    assert bad is not None, statements
    return bad.table, bad.row


def test_a_mac_is_hmac_sha_256() -> None:
    for length in (0, 1, 55, 56, 64, 119, 4000):
        key, text = os.urandom(32), os.urandom(length)
        assert mac(key, text) == hmac.digest(key, text, "sha256")
        assert mac(key[:31], text) != hmac.digest(key[:31], text, "sha256")


def test_the_end_of_the_log(world: None) -> None:
    tick()
    last = Entry.objects.count()
    gone = f"DELETE FROM kernel_entry WHERE seq = {last}"
    down = "UPDATE kernel_sequencer SET last = last - 1"
    payloads = f"DELETE FROM kernel_payload WHERE seq = {last}"
    for statements in ((gone,), (gone, down), (gone, payloads), (gone, down, payloads)):
        assert named(*statements) == ("kernel_entry", str(last)), statements
    assert named("UPDATE kernel_sequencer SET last = last + 1") == ("kernel_sequencer", "1")
    assert named("DELETE FROM kernel_sequencer") == ("kernel_sequencer", "1")


def test_the_last_waiting_entry(world: None) -> None:
    last = Entry.objects.count()
    gone = f"DELETE FROM kernel_entry WHERE seq = {last}"
    down = "UPDATE kernel_sequencer SET last = last - 1"
    for statements in ((gone,), (gone, down)):
        assert named(*statements) == ("kernel_entry", str(last)), statements


def test_a_tick_and_its_leaves(world: None) -> None:
    tick()
    number = Tick.objects.count()
    entries = Leaf.objects.exclude(seq=None).order_by("index")
    leaf = entries[0]
    update = "UPDATE tlog_{} SET {} WHERE {}"
    last = f"number = {number}"
    assert named(update.format("tick", "seq = -5", last)) == ("tlog_tick", str(number))
    assert named(update.format("tick", "seq = 0", last)) == ("tlog_tick", str(number))
    assert named(update.format("tick", "size = size + 1", last)) == ("tlog_tick", str(number))
    assert named(update.format("tick", "size = 9000000000000000000", last))[0] == "tlog_tick"
    assert named(f"DELETE FROM tlog_tick WHERE {last}") == ("tlog_tick", str(number))
    assert named("DELETE FROM tlog_tick") == ("tlog_tick", "1")
    assert named(update.format("leaf", "seq = NULL", f'"index" = {leaf.index}')) == (
        "tlog_leaf", str(leaf.index)
    )  # fmt: skip
    assert named('DELETE FROM tlog_leaf WHERE "index" = 3') == ("tlog_leaf", "3")
    other = "'\\x01" + "07" * 32 + "'" if connection.vendor == "postgresql" else f"x'01{'07' * 32}'"
    cover = Leaf.objects.filter(seq=None).first()
    assert cover is not None
    assert (
        named(update.format("leaf", f"data = {other}", f'"index" = {cover.index}'))[0]
        == "tlog_leaf"
    )


def test_a_published_bulletin_remembers_that_it_ticked(world: None) -> None:
    gone = ("DELETE FROM tlog_tick", "DELETE FROM tlog_leaf")
    assert first_bad(*gone) is None  # as the documents say: it looks like a log that never ticked

    def publish(w: Write) -> None:
        w.entry("set_up")
        day = clock.today()
        w.insert(apps.get_model("insight", "Bulletin"), ref="x", since=day, until=day, tick=1,
                 published_at=clock.now(), by="x", payload=1)  # fmt: skip

    write(publish, actor=OPERATOR)
    assert named(*gone) == ("tlog_tick", "1")


def test_a_forged_payload_is_not_shown_as_true(world: None) -> None:
    said = Payload.objects.filter(slot="words").earliest("id")
    with unguarded():
        place = files.folder() / "zz"
        place.mkdir(parents=True, exist_ok=True)
        (place / "evil").write_text(said.body, encoding="utf-8")
        kept = files.keep(said.body.encode())
        for path in ("zz/evil", kept, "../x", "/dev/zero"):
            Payload.objects.filter(pk=said.pk).update(path=path, body='{"text":"forged"}')
            verdict = verify(parallel=False)
            assert verdict.first_bad is not None
            assert (verdict.first_bad.table, verdict.first_bad.row) == (
                "kernel_payload",
                str(said.pk),
            )


@pytest.fixture
def kept(world: None) -> Payload:
    def attach(w: Write) -> None:
        draft = w.entry("set_up")
        for slot in ("file", "copy"):
            draft.attach(slot, files.keep(slot.encode()), slot.encode())

    write(attach, actor=OPERATOR)
    assert verify(parallel=False).ok
    return Payload.objects.get(slot="copy")


def test_a_kept_file_and_its_copy_are_what_was_committed_to(kept: Payload) -> None:
    assert first_bad() is None
    for change in ("path = 'zz/evil'", "path = '/dev/zero'", "path = '..'", "path = ''",
                   "body = 'x'", "path = replace(path, '/', '/./')"):  # fmt: skip
        assert named(f"UPDATE kernel_payload SET {change} WHERE id = {kept.pk}") == (
            "kernel_payload", str(kept.pk)
        )  # fmt: skip
    place = files.folder() / kept.path
    place.write_bytes(b"another")
    assert named() == ("kernel_payload", str(kept.pk))
    place.unlink()
    assert named() == ("kernel_payload", str(kept.pk))
    place.symlink_to("/dev/zero")
    assert named() == ("kernel_payload", str(kept.pk))


@pytest.mark.parametrize("table", ["tlog_leaf", "tlog_tick", "kernel_payload", "kernel_sequencer",
                                   "kernel_cursor", "cases_party", "cases_search", "django_session"])  # fmt: skip
def test_a_dropped_table_is_named(world: None, table: str) -> None:
    more = " CASCADE" if connection.vendor == "postgresql" else ""
    assert named(f"DROP TABLE {table}{more}") == (table, "")


def test_changed_tables_are_named(world: None) -> None:
    for statement in (
        "ALTER TABLE cases_party ADD COLUMN evil text",
        "ALTER TABLE cases_party DROP COLUMN provisional",
        "ALTER TABLE cases_party RENAME COLUMN provisional TO settled",
    ):
        assert named(statement) == ("cases_party", "")
    assert named("CREATE TABLE evil (x integer)") == ("evil", "")


def test_triggers_views_and_lost_constraints(world: None, on_sqlite: None) -> None:
    trigger = "CREATE TRIGGER x AFTER INSERT ON {} BEGIN DELETE FROM cases_party; END"
    assert named(trigger.format("cases_case")) == ("cases_case", "")
    assert named(trigger.format("tlog_tick")) == ("tlog_tick", "")
    assert named("DROP INDEX report_source_number") == ("cases_report", "")
    assert named("DROP INDEX notice_told") == ("cases_notice", "")
    assert named("CREATE UNIQUE INDEX x ON cases_party (id, case_id)") == ("cases_party", "")
    view = "CREATE VIEW cases_party AS SELECT * FROM hidden WHERE relation <> 'accused'"
    assert named("ALTER TABLE cases_party RENAME TO hidden", view)[0] in ("cases_party", "hidden")


def test_a_trigger_on_postgresql(world: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a statement of PostgreSQL's")
    assert named(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER x BEFORE DELETE ON cases_case FOR EACH ROW EXECUTE FUNCTION f()",
    ) == ("cases_case", "")


def test_what_comes_while_it_checks_is_checked_before_it_ticks(
    world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = verification.HALVES["rows"]

    def busy() -> Any:
        found = plain()
        tick()
        write(lambda w: w.entry("set_up"), actor=OPERATOR)
        return found

    monkeypatch.setitem(verification.HALVES, "rows", busy)
    verdict = verify(parallel=False)
    assert verdict.ok
    assert verdict.entries == Entry.objects.count() == Tick.objects.latest("number").seq
    assert verdict.tree_size == Leaf.objects.count()


def test_what_is_forged_while_it_checks_is_not_ticked(
    world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = verification.HALVES["rows"]
    ticks = Tick.objects.count()

    def forge() -> Any:
        found = plain()
        with unguarded():
            Entry.objects.filter(seq=Entry.objects.count()).update(leaf_hash=b"\x01" * 32)
        return found

    monkeypatch.setitem(verification.HALVES, "rows", forge)
    verdict = verify(parallel=False)
    assert verdict.first_bad is not None
    assert verdict.first_bad.table == "kernel_entry"
    assert Tick.objects.count() == ticks


CRASHES = (
    "UPDATE parties_user SET name = CAST(x'ff41' AS TEXT)",
    "UPDATE kernel_entry SET r = 90000000000 WHERE seq = 2",
    "UPDATE kernel_entry SET manifest = CAST(manifest AS BLOB) WHERE seq = 2",
    "UPDATE kernel_payload SET path = 'a' || char(0) || 'b'",
    "UPDATE tlog_tick SET peaks = x'00'",
    "DELETE FROM tlog_tick WHERE number = (SELECT max(number) FROM tlog_tick)",
    "UPDATE tlog_tick SET seq = 9000000000000000000",
    "DROP TABLE kernel_payload",
)


def test_the_command_line_says_what_is_wrong_and_writes_nothing(
    on_sqlite: None, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    assert json.loads(huhang(home, "log", "verify", "--json").stdout)["ok"]
    database = home / "huhang.sqlite3"
    for number, statement in enumerate(CRASHES):
        bad = tmp_path / str(number)
        shutil.copytree(home, bad)
        with sqlite3.connect(bad / database.name) as raw:
            raw.execute(statement)
            raw.commit()
            before = list(raw.iterdump()) if "ff41" not in statement else []
        raw.close()
        done = huhang(bad, "log", "verify", "--json")
        assert (done.returncode, done.stderr) == (1, ""), (statement, done)
        verdict = json.loads(done.stdout)
        assert verdict["first_bad"]["table"] in statement, verdict
        with sqlite3.connect(bad / database.name) as raw:
            assert not before or list(raw.iterdump()) == before, statement
        raw.close()
