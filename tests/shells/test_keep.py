"""Backup and restore that are refused, killed or run twice at once: what stays on the disk."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server import environment, huhang, running

WORDS = "犀利哥哥诉求编号"
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data folder ``home`` that holds one report, and its backup ``saved.tar``."""
    place = tmp_path_factory.mktemp("keep")
    assert huhang(place / "home", "init").returncode == 0
    path = place / "a.csv"
    path.write_text(f"工单编号,诉求内容\n1,{WORDS}\n", encoding="utf-8")
    assert huhang(place / "home", "import", "hotline", str(path)).returncode == 0
    assert huhang(place / "home", "backup", str(place / "saved.tar")).returncode == 0
    return place


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A fresh copy of the data folder."""
    shutil.copytree(prepared / "home", tmp_path / "home")
    return tmp_path / "home"


def _read(path: Path) -> Members:
    with tarfile.open(path) as source:
        return [(m, source.extractfile(m).read()) for m in source]  # type: ignore[union-attr]


def _pack(path: Path, members: Members) -> None:
    with tarfile.open(path, "w") as out:
        for info, content in members:
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))


def _special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info, b""


def _database(members: Members, change: Callable[[bytes], bytes]) -> Members:
    return [(i, change(c) if i.name == "huhang.sqlite3" else c) for i, c in members]


def _without(members: Members, name: str) -> Members:
    return [m for m in members if m[0].name != name]


def _sql(statement: str) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        database = sqlite3.connect(":memory:")
        # Not in WAL, which a database in memory cannot be.
        database.deserialize(content[:18] + b"\1\1" + content[20:])
        database.execute(statement)
        database.commit()
        return database.serialize()

    return change


BROKEN: dict[str, Callable[[Members], Members]] = {
    "no database": lambda m: _without(m, "huhang.sqlite3"),
    "an empty database": lambda m: _database(m, lambda c: b""),
    "no key": lambda m: _without(m, "keys/secret_key"),
    "bad magic": lambda m: _database(m, lambda c: b"SQLite formal 3\0" + c[16:]),
    "bad pages": lambda m: _database(m, lambda c: c[:8192] + b"\x55" * 81920 + c[90112:]),
    "half a database": lambda m: _database(m, lambda c: c[: len(c) // 2]),
    "no migrations": lambda m: _database(m, _sql("DROP TABLE django_migrations")),
    "no entries": lambda m: _database(m, _sql("DROP TABLE kernel_entry")),
    "other migrations": lambda m: _database(
        m, _sql("DELETE FROM django_migrations WHERE app = 'cases'")
    ),
    "climbs out": lambda m: [*m, (tarfile.TarInfo("../out"), b"x")],
    "climbs out of files": lambda m: [*m, (tarfile.TarInfo("files/../../out"), b"x")],
    "a fifo": lambda m: [*m, _special("files/aa", tarfile.FIFOTYPE)],
    "a link for a database": lambda m: [
        *_without(m, "huhang.sqlite3"),
        _special("huhang.sqlite3", tarfile.SYMTYPE, "/etc/passwd"),
    ],
    "twice": lambda m: [*m, m[1]],
    "a file below a file": lambda m: [*m, (tarfile.TarInfo("keys/secret_key/x"), b"x")],
    "a very long name": lambda m: [*m, (tarfile.TarInfo("files/" + "x" * 5000), b"x")],
    "a list": lambda m: [(m[0][0], b"[]"), *m[1:]],
    "no JSON": lambda m: [(m[0][0], b"\xff"), *m[1:]],
    "numbers": lambda m: [
        (m[0][0], b'{"version":1,"database":2,"migrations":3}'), *m[1:]
    ],
    "a folder": lambda m: [_special("huhang-backup.json", tarfile.DIRTYPE), *m[1:]],
    "nothing": lambda m: [],
}  # fmt: skip


def _refused(empty: Path, path: Path) -> None:
    done = huhang(empty, "restore", str(path))
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert path.name in done.stderr
    assert list(empty.iterdir()) == [], "as it was"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_archive_is_refused_and_leaves_nothing(
    name: str, prepared: Path, tmp_path: Path
) -> None:
    path = tmp_path / "broken.tar"
    _pack(path, BROKEN[name](_read(prepared / "saved.tar")))
    _refused(tmp_path / "empty", path)
    assert not (tmp_path / "out").exists()


def test_an_archive_cut_anywhere_is_refused_and_the_whole_one_restores_then(
    prepared: Path, tmp_path: Path
) -> None:
    content = (prepared / "saved.tar").read_bytes()
    with tarfile.open(prepared / "saved.tar") as source:
        begins = [m.offset for m in source][-1]
    path = tmp_path / "cut.tar"
    # The last: a header that is no header, which Python takes for the end.
    spoilt = content[:begins] + b"\x77" * 512 + content[begins + 512 :]
    for cut in (b"", content[:100], content[: len(content) // 2], content[:begins], spoilt):
        path.write_bytes(cut)
        _refused(tmp_path / "empty", path)
    done = huhang(tmp_path / "empty", "restore", str(prepared / "saved.tar"))
    assert done.returncode == 0, done.stderr


def test_what_was_restored_but_does_not_hold_is_kept(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.tar"
    change = _sql("UPDATE parties_group SET code = 'other'")
    _pack(path, _database(_read(prepared / "saved.tar"), change))
    done = huhang(tmp_path / "home", "restore", str(path))
    assert done.returncode == 1
    assert "parties_group" in done.stdout
    assert (tmp_path / "home" / "huhang.sqlite3").exists()


def test_backup_and_what_it_restores_is_for_the_owner_alone(prepared: Path, tmp_path: Path) -> None:
    saved = prepared / "saved.tar"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    home = tmp_path / "home"
    assert huhang(home, "restore", str(saved)).returncode == 0
    assert {p.name for p in home.iterdir()} >= {"huhang.sqlite3", "keys"}
    for path in [home, *home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize("name", ["x" * 5000, "x" * 300, os.fsdecode(b"\xff.tar")])
def test_a_name_that_no_file_can_have_is_one_line(command: str, name: str, home: Path) -> None:
    done = huhang(home, command, name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


def _start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "huhang.cli.main", *arguments], env=environment(home),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _stop_in_the_middle(
    home: Path, at: Callable[[], bool], number: int, *arguments: str
) -> tuple[int, str]:
    """Start a command, send it a signal as soon as ``at`` holds: its exit status and complaint."""
    process = _start(home, *arguments)
    end = time.monotonic() + 60
    while not at():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    return process.returncode, said


def _stop_a_backup(home: Path, number: int) -> tuple[int, str]:
    """A backup that is stopped while it writes a large file, after the database."""
    large = home / "files" / "00" / "large"
    large.parent.mkdir(parents=True, exist_ok=True)
    with large.open("wb") as out:
        out.truncate(4 << 30)
    target = home.parent / "killed"
    target.mkdir()

    def at() -> bool:
        parts = list(target.iterdir())
        return bool(parts) and parts[0].stat().st_size > 2 << 20

    found = _stop_in_the_middle(home, at, number, "backup", str(target / "saved.tar"))
    large.unlink()
    return found


def _left(home: Path) -> list[Path]:
    killed = home.parent / "killed"
    return [*home.glob("unfinished-*"), *(killed.iterdir() if killed.exists() else [])]


def test_a_backup_that_is_told_to_end_leaves_nothing(home: Path) -> None:
    status, said = _stop_a_backup(home, signal.SIGTERM)
    assert status == 128 + signal.SIGTERM
    assert len(said.strip().splitlines()) == 1, said
    assert _left(home) == []


def test_what_a_killed_backup_left_is_swept_by_the_next(home: Path, tmp_path: Path) -> None:
    assert _stop_a_backup(home, signal.SIGKILL)[0] == -signal.SIGKILL
    left = [p for place in _left(home) for p in ([place] if place.is_file() else place.iterdir())]
    assert sum(WORDS.encode() in p.read_bytes() for p in left) == 2, "this is what it is about"
    for path in left:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert huhang(home, "backup", str(tmp_path / "next.tar")).returncode == 0
    assert _left(home) == []


def test_what_a_killed_backup_left_is_swept_when_the_servers_start(home: Path) -> None:
    assert _stop_a_backup(home, signal.SIGKILL)[0] == -signal.SIGKILL
    assert len(_left(home)) == 2
    with running(home):
        end = time.monotonic() + 30
        while _left(home) and time.monotonic() < end:
            time.sleep(0.1)
        assert _left(home) == []


@pytest.mark.parametrize(
    ("number", "exit_status", "left"),
    [(signal.SIGTERM, 128 + signal.SIGTERM, []), (signal.SIGKILL, -signal.SIGKILL, ["unfinished"])],
)
def test_what_a_killed_restore_left_does_not_block_the_next(
    number: int, exit_status: int, left: list[str], prepared: Path, tmp_path: Path
) -> None:
    path = tmp_path / "large.tar"
    members = _read(prepared / "saved.tar")
    _pack(path, members)
    with tarfile.open(path) as source:
        end = [m.offset_data + (m.size + 511) // 512 * 512 for m in source][-1]
    info = tarfile.TarInfo("files/00/large")
    info.size = 4 << 30
    with path.open("r+b") as out:
        out.seek(end)
        out.write(info.tobuf())
        out.truncate(end + 512 + info.size + 1024)
    home = tmp_path / "home"

    def at() -> bool:
        return any(home.glob("unfinished-*/content/files/00/large"))

    status, _said = _stop_in_the_middle(home, at, number, "restore", str(path))
    assert status == exit_status
    assert [p.name.partition("-")[0] for p in home.iterdir()] == left
    done = huhang(home, "restore", str(prepared / "saved.tar"))
    assert done.returncode == 0, done.stderr
    assert _left(home) == []


def test_two_backups_at_once_do_not_disturb_each_other(
    prepared: Path, home: Path, tmp_path: Path
) -> None:
    names = ["one.tar", "two.tar", "same.tar", "same.tar"]
    started = [_start(home, "backup", str(tmp_path / name)) for name in names]
    said = [p.communicate(timeout=60)[1] for p in started]
    assert [p.returncode for p in started[:2]] == [0, 0], said
    assert sorted(p.returncode for p in started[2:]) == [0, 2], said
    assert [line for text in said for line in text.splitlines() if "Traceback" in line] == []
    assert {p.name for p in tmp_path.glob("*.[tp]ar*")} == set(names)
    for name in sorted(set(names)):
        done = huhang(tmp_path / f"of-{name}", "restore", str(tmp_path / name))
        assert done.returncode == 0, done.stderr


def test_init_at_the_same_moment_waits_and_finds_the_folder_ready(tmp_path: Path) -> None:
    started = [_start(tmp_path / "home", "init") for _ in range(4)]
    said = [p.communicate(timeout=120) for p in started]
    assert [p.returncode for p in started] == [0] * 4, said
    assert [err for _out, err in said] == [""] * 4
    assert all("is ready" in out for out, _err in said)
    assert sum("/console/invitation/" in out for out, _err in said) == 1
