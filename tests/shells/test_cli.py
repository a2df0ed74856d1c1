"""The command line in processes of its own: what others script against."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from huhang.config.backups import FOLDERS
from tests.parts.test_imports import workbook
from tests.server import environment, huhang, running

LONG = "a" * 5000
NO_TEXT = "\udcff"
"""What Python makes of an argument's byte that is no UTF-8."""
COMMAND = (sys.executable, "-m", "huhang.cli.main")
PERIOD = ("bulletin", "--from", "2026-01-01", "--to", "2026-02-01")
CSV = "工单编号,诉求内容,受理时间\n1,路灯不亮,2026-03-01\n2,,2026-03-02\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised data folder; tests copy it."""
    home = tmp_path_factory.mktemp("cli") / "home"
    done = huhang(home, "init")
    assert done.returncode == 0, done.stderr
    assert "/console/invitation/" in done.stdout
    assert (home / "huhang.sqlite3").exists()
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A fresh copy of an initialised data folder."""
    shutil.copytree(prepared, tmp_path / "home")
    return tmp_path / "home"


def test_init_again_keeps_everything(home: Path) -> None:
    done = huhang(home, "init")
    assert done.returncode == 0
    assert "invitation" not in done.stdout


def test_import_json_and_exit_status(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    done = huhang(
        home, "import", "hotline", str(path), "--json", "--refusals", str(tmp_path / "r.xlsx")
    )
    assert done.returncode == 1, "refusals"
    found = json.loads(done.stdout)
    assert set(found) == {
        "read",
        "accepted",
        "updated",
        "repeated",
        "refused",
        "refusals",
        "notices",
    }
    assert (found["read"], found["accepted"], found["refused"]) == (2, 1, 1)
    assert set(found["refusals"][0]) == {"sheet", "row", "field", "reason"}
    assert found["refusals"][0]["row"] == 3
    assert (tmp_path / "r.xlsx").exists()
    path.write_text(CSV.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    again = huhang(home, "import", "hotline", str(path), "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["repeated"] == 1


def test_a_sheet_that_is_left_out_is_said_in_words(home: Path, tmp_path: Path) -> None:
    found = workbook(
        tmp_path / "a.xlsx",
        ("March", [["number", "text"], ["T1", "light"]]),
        ("April", [["strange", "names"], ["T2", "water"]]),
    )
    done = huhang(home, "import", "hotline", str(found), "--dry-run")
    assert "April" in done.stdout


def test_bulletin_counts_what_was_just_acknowledged(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    huhang(home, "import", "hotline", str(path))
    done = huhang(
        home, "bulletin", "--from", "2026-01-01", "--to", "2099-12-31", "--json",
        "--word", str(tmp_path / "b.docx"), "--excel", str(tmp_path / "b.xlsx"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["tick"] == 1
    values = {f["id"]: f["value"] for f in found["figures"]}
    assert values["reports_received"] == 1
    assert values["clue_collated"] == 0
    keys = {"id", "value", "unit", "definition", "population", "from", "to"}
    assert all(set(f) == keys for f in found["figures"])
    assert (tmp_path / "b.docx").read_bytes()[:2] == b"PK"


def test_verify_finds_a_changed_row(home: Path) -> None:
    good = huhang(home, "log", "verify", "--json")
    assert good.returncode == 0
    assert set(json.loads(good.stdout)) == {"ok", "entries", "tree_size", "root", "first_bad"}
    with sqlite3.connect(home / "huhang.sqlite3") as database:
        database.execute("UPDATE parties_group SET code = 'other'")
    bad = huhang(home, "log", "verify", "--json")
    assert bad.returncode == 1
    found = json.loads(bad.stdout)
    assert set(found["first_bad"]) == {"table", "row", "entry", "reason"}
    assert found["first_bad"]["table"] == "parties_group"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("import", "hotline", "nowhere.xlsx"), "nowhere.xlsx"),
        (("import", "hotline"), "FILE"),
        (("bulletin", "--from", "2026-13-01", "--to", "2026-01-01"), "2026-13-01"),
        (("bulletin", "--from", "2026-01-01", "--to", "2026-02-01", "--unit", "x"), "x"),
        (("up", "--port", "99999"), "99999"),
        (("nothing",), "nothing"),
        (("restore", "nowhere.tar"), "nowhere.tar"),
        (("poster", "a.gif"), ".pdf"),
        (("unit", "add", "b c", "名称"), "code"),
        (("user", "invite", "nobody"), "nobody"),
        (("erase", "AAAAA-AAAAA", "--reason", "x", "--yes"), "case"),
        (("erase", NO_TEXT, "--reason", "x", "--yes"), "UTF-8"),
        (("user", "invite", NO_TEXT), "UTF-8"),
        (("poster", "x.png", "--site", NO_TEXT), "UTF-8"),
        (("up", "--host", NO_TEXT), "UTF-8"),
        (("import", "hotline", f"bad{NO_TEXT}name.csv", "--json"), "bad\ufffdname.csv"),
        (("import", "hotline", LONG), "too long"),
        (("import", "hotline", __file__, "--refusals", LONG), "too long"),
        (("import", "hotline", __file__, "--mapping", LONG), "too long"),
        (("poster", f"{LONG}.png"), "too long"),
        ((*PERIOD, "--word", LONG), "too long"),
        ((*PERIOD, "--excel", f"x/{LONG}"), "too long"),
        (("import", "hotline", __file__, "--refusals", "/dev/full"), "/dev/full"),
        (("import", "hotline", __file__, "--mapping", "/dev/zero"), "/dev/zero"),
        (("import", "hotline", "/dev/null"), "/dev/null"),
        (("import", "hotline", __file__, "--refusals", ""), "--refusals"),
        ((*PERIOD, "--publish", ""), "--publish"),
        ((*PERIOD, "--publish", " "), "--publish"),
        ((*PERIOD, "--word", ""), "--word"),
        (("up", "--host", ""), "--host"),
        (("up", "--port", "9" * 6000), "--port"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    home: Path, arguments: tuple[str, ...], names: str
) -> None:
    done = huhang(home, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert names in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1000


@pytest.mark.parametrize(
    ("name", "value"),
    [("HUHANG_TICK_SECONDS", "soon"), ("HUHANG_TIME_ZONE", "Nowhere/City"), ("HUHANG_RULEBOOK", "none"),
     ("HUHANG_DATABASE_URL", "mysql://x"), ("HUHANG_NOTHING", "1"), ("HUHANG_BASE_URL", "example.org"),
     ("HUHANG_DATABASE_URL", "postgresql://h/x?sslmod=require"),
     ("HUHANG_DATABASE_URL", "postgresql://h:port/x"), ("HUHANG_DATABASE_URL", "postgresql://h:99999/x"),
     ("HUHANG_DATABASE_URL", "postgresql://[bad/x"), ("HUHANG_DATABASE_URL", "postgresql://"),
     ("HUHANG_DATABASE_URL", f"postgresql://{LONG}/x"), ("HUHANG_DATABASE_URL", f"postgresql://h/{LONG}"),
     ("HUHANG_DATABASE_URL", f"postgresql://h/{NO_TEXT}"),
     ("HUHANG_HOME", "~nouser/x"), ("HUHANG_HOME", LONG), ("HUHANG_HOME", f"{__file__}/x"),
     ("HUHANG_TICK_SECONDS", "9" * 6000),
     ("HUHANG_BASE_URL", "http://"), ("HUHANG_BASE_URL", "http://["), ("HUHANG_BASE_URL", "http://a b"),
     ("HUHANG_BASE_URL", "http://x:y"), ("HUHANG_BASE_URL", "http://x?y"), ("HUHANG_BASE_URL", f"http://{LONG}"),
     ("HUHANG_ALLOWED_HOSTS", ",,"), ("HUHANG_ALLOWED_HOSTS", "http://x"), ("HUHANG_ALLOWED_HOSTS", "x:8000")],
)  # fmt: skip
def test_a_bad_environment_is_said_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    done = huhang(tmp_path / "h", "log", "verify", **{name: value})
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert name in done.stderr or value in done.stderr
    assert len(done.stderr) < 1000


def test_a_database_password_is_not_repeated(tmp_path: Path) -> None:
    url = "postgresql://me:open-sesame@h:port/x"
    done = huhang(tmp_path / "h", "log", "verify", HUHANG_DATABASE_URL=url)
    assert done.returncode == 2
    assert "open-sesame" not in done.stderr


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    done = huhang(tmp_path / "h", "log", "verify")
    assert done.returncode == 2
    assert "huhang init" in done.stderr


def test_the_command_line_speaks_chinese(home: Path) -> None:
    done = huhang(home, "log", "verify", HUHANG_LANG="zh")
    assert "全部相符" in done.stdout
    helped = huhang(home, "--help", HUHANG_LANG="zh")
    assert "导入其他系统的数据" in helped.stdout


def test_the_log_is_exported_up_to_its_tick_without_a_word_of_what_was_said(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    huhang(home, "import", "hotline", str(path))
    assert json.loads(huhang(home, "log", "export").stdout.splitlines()[0])["entries"] == 0
    huhang(home, "log", "tick")
    saved = tmp_path / "log.jsonl"
    done = huhang(home, "log", "export", str(saved))
    assert done.returncode == 0, done.stderr
    head, *entries = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    assert head["tick"] == 1
    assert head["entries"] == len(entries) == entries[-1]["seq"]
    assert "report" in {e["manifest"]["verb"] for e in entries}
    assert "路灯" not in saved.read_text("utf-8")
    assert saved.stat().st_mode & 0o777 == 0o600
    for without_file in ((), ("-",)):
        printed = huhang(home, "log", "export", *without_file).stdout
        assert printed == saved.read_text("utf-8")
    refused = huhang(home, "log", "export", str(tmp_path / "nowhere" / "log.jsonl"))
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1


def test_erase_asks_and_the_log_verifies_after_it(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工单编号,诉求内容\n1,很独特的词语\n", encoding="utf-8")
    huhang(home, "import", "hotline", str(path))
    with sqlite3.connect(home / "huhang.sqlite3") as database:
        ref = database.execute("SELECT ref FROM cases_case").fetchone()[0]
    refused = huhang(home, "erase", ref, "--reason", "依申请", "--yes")
    assert refused.returncode == 2, "a received case is not erased before it was decided"
    ours, theirs = os.openpty()
    os.write(ours, b"\x04")  # Ctrl-D at the question
    left = subprocess.run(
        [*COMMAND, "erase", ref, "--reason", "x"],
        env=environment(home), stdin=theirs, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert left.returncode == 2
    assert left.stderr.strip() == "huhang: Nothing was erased. (--yes does not ask)"


def test_backup_while_it_runs_and_restore_which_verifies(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    huhang(home, "import", "hotline", str(path))
    saved = tmp_path / "saved.tar"
    with running(home):
        done = huhang(home, "backup", str(saved))
        assert done.returncode == 0, done.stderr
    other = tmp_path / "other"
    restored = huhang(other, "restore", str(saved))
    assert restored.returncode == 0, restored.stderr
    assert "verified" in restored.stdout
    assert huhang(home, "backup", str(saved)).returncode == 2, "a backup is not overwritten"
    assert huhang(other, "restore", str(saved)).returncode == 2, "nor a data folder"
    broken = tmp_path / "broken.tar"
    broken.write_bytes(saved.read_bytes()[:5000])
    failed = huhang(tmp_path / "third", "restore", str(broken))
    assert failed.returncode == 2
    assert len(failed.stderr.strip().splitlines()) == 1
    assert FOLDERS


def test_up_starts_both_and_stops_cleanly(home: Path) -> None:
    with running(home) as server:
        worker = huhang(home, "log", "verify", "--json")
        assert json.loads(worker.stdout)["ok"]
        process = server.process
    assert process.returncode == 0
    waiting = home / "huhang.sqlite3-wal"
    assert not waiting.exists() or waiting.stat().st_size == 0, "the database is one file again"
    names = os.listdir("/proc") if Path("/proc").is_dir() else []
    alive = [
        n for n in names
        if n.isdigit() and str(home).encode() in _environment(n) and int(n) != os.getpid()
    ]  # fmt: skip
    assert not alive, "nothing goes on after Ctrl-C"


def _environment(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def test_a_disk_that_fills_up_in_the_middle_keeps_whole_rows_only(
    home: Path, tmp_path: Path
) -> None:
    rows = "\n".join(f"{n},{'长' * 400},2026-03-01" for n in range(3000))
    path = tmp_path / "a.csv"
    path.write_text(f"工单编号,诉求内容,受理时间\n{rows}\n", encoding="utf-8")
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20));"
        f"from huhang.cli.main import main; sys.exit(main(['import', 'hotline', {str(path)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    verdict = json.loads(huhang(home, "log", "verify", "--json").stdout)
    assert verdict["ok"], verdict
    again = huhang(home, "import", "hotline", str(path), "--json")
    found = json.loads(again.stdout)
    assert found["accepted"] + found["repeated"] == 3000, "and the rest goes in when there is room"
    assert found["repeated"] % 500 == 0, "whole groups"


def test_what_was_erased_is_gone_from_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    path = tmp_path / "热线.csv"
    words = "犀利哥哥诉求编号"
    path.write_text(
        f"工单编号,诉求内容,联系电话\nZQ-77-0001,{words}，{'再三反映' * 400},13912345678\n"
        "ZQ-77-0002,另一件事,13900000000\n",
        encoding="utf-8",
    )
    assert huhang(home, "import", "hotline", str(path)).returncode == 0
    with sqlite3.connect(home / "huhang.sqlite3") as database:
        ref = database.execute(
            "SELECT c.ref FROM cases_case c JOIN cases_report r ON r.case_id = c.id"
            " WHERE r.number = 'ZQ-77-0001'"
        ).fetchone()[0]
        # Only closed cases are erased: this one is closed here, past the product, for the test.
        database.execute("UPDATE cases_case SET state = 'declined' WHERE ref = ?", [ref])
    assert huhang(home, "rebuild").returncode == 0
    done = huhang(home, "erase", ref, "--reason", "依申请", "--yes")
    assert done.returncode == 0, done.stderr
    assert huhang(home, "bulletin", "--from", "2020-01-01", "--to", "2090-01-01").returncode == 0
    disk = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    token = "".join(f"x{ord(c):05x}" for c in "犀利").encode()
    for trace in (words.encode(), b"ZQ-77-0001", b"13912345678", token):
        assert trace not in disk, trace
    assert b"ZQ-77-0002" in disk
