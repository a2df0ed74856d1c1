"""Whatever is restored, rolled back, deleted or cut off: this server signs no two trees of one size under one name,
and says why it does not sign."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from huhang.cases.queries import entry_of
from huhang.cli.main import main
from huhang.kernel.errors import HuhangError, Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.tlog import (
    checkpoint,
    identity,
    note,
    promises,
    publishing,
    showing,
    succeeding,
    successions,
)
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place, audit
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.continuing import continue_from
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import Identity
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.mirroring import mirror
from huhang.tlog.models import Tick
from huhang.tlog.note import Note
from huhang.tlog.promises import Promise
from huhang.tlog.public_folder import (
    Forked,
    Restored,
    Uncompared,
    mark_restored,
    public,
    restored,
)
from huhang.tlog.publishing import publish, standing
from huhang.tlog.receipting import receipt_of
from huhang.tlog.successions import BEGUN, ENDED, SLOT, Succession
from huhang.witness import folder as witness_folder
from tests.cast import file_report, found_district
from tests.parts.test_continuing import Lost, ticked
from tests.parts.test_new_origin import NEW, home, lose, ours
from tests.parts.test_open_log import KEY, grown, leaf
from tests.parts.test_witness import Running, named
from tests.server import environment

__all__ = ["home"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[str, int], set[bytes]]]:
    """Every tree that was signed, by name and size; at the end of each test none has two roots."""
    got: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    real = Identity.sign

    def sign(self: Identity, text: str) -> Note:
        head = checkpoint.parse(text)
        got[(head.origin, head.size)].add(head.root)
        return real(self, text)

    monkeypatch.setattr(Identity, "sign", sign)
    yield got
    assert [key for key, roots in got.items() if len(roots) > 1] == []


@pytest.fixture
def watched(home: Path, settings: LazySettings) -> Iterator[Running]:
    """A witness that the log asks."""
    place = home / "w"
    witness_folder.make(place, "w.example/1", list(identity.identity().public))
    running = Running(place)
    named(home, settings, running)
    yield running
    if running.process.poll() is None:
        running.stop()


def refused(kind: type[HuhangError] = Forked) -> None:
    tick()
    with pytest.raises(kind):
        publish()
    assert standing().fault


def dies_before_publishing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint is signed and kept, and the process dies."""
    real = Folder.publish

    def dying(self: Folder, made: Note, name: str = CHECKPOINT) -> None:
        if name == CHECKPOINT:
            raise OSError("dead")
        real(self, made, name)

    with monkeypatch.context() as dead:
        dead.setattr(Folder, "publish", dying)
        with pytest.raises(OSError, match="dead"):
            publish()


# Going on from a mirror -----------------------------------------------------------------------------


def test_a_mirror_that_has_less_than_was_signed_here_is_refused(home: Path) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    mirror(Place(public().place), Folder(home / "m"), None)
    ticked("3", district=district)
    ticked("4", district=district)
    before.restore()
    refused()
    with pytest.raises(Refused, match="64"):
        continue_from(Folder(home / "m"))
    refused()
    continue_from(Folder(public().place))
    assert publish() is not None


def test_what_was_signed_and_not_published_is_taken_over_from_its_tiles(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    tick()
    dies_before_publishing(monkeypatch)
    before.restore()
    refused()
    assert main(["log", "continue", str(public().place)]) == 0
    assert Tick.objects.filter(size=48).exists()
    assert audit(Place(public().place), ours()).head.size > 48


def test_a_mirror_that_looked_between_two_ticks_that_became_one_is_known(
    home: Path, settings: LazySettings
) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    mirror(Place(public().place), Folder(home / "m"), None)
    ticked("3", district=district)
    before.restore()
    continue_from(Folder(public().place))
    assert not Tick.objects.filter(size=32).exists()
    settings.HUHANG_LOG_MIRROR = str(home / "m")
    tick()
    assert publish() is not None


def test_cut_off_after_its_first_step_going_on_can_be_called_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    mirror(Place(public().place), Folder(home / "m"), None)
    shutil.rmtree(public().place)
    before.restore()
    mark_restored(Restored(before.ticks[-1]["size"], 0))
    with monkeypatch.context() as dead:
        dead.setattr(Folder, "grow", lambda *_: (_ for _ in ()).throw(OSError("dead")))
        with pytest.raises(OSError, match="dead"):
            continue_from(Folder(home / "m"))
    refused()
    continue_from(Folder(home / "m"))
    assert publish() is not None
    with pytest.raises(Refused):
        continue_from(Folder(home / "m"))


# The mark of a restored folder ----------------------------------------------------------------------


def test_the_mark_does_not_go_with_the_public_folder(home: Path) -> None:
    district = found_district()
    ticked("1", district=district)
    shutil.copytree(public().place, home / "old")
    before = Lost()
    ticked("2", district=district)
    before.restore()
    mark_restored(Restored(16, 0))
    shutil.rmtree(public().place)
    refused()
    # An older copy of the public folder beside it answers nothing either.
    shutil.rmtree(public().place, ignore_errors=True)
    shutil.copytree(home / "old", public().place)
    refused()


def test_restoring_that_is_killed_leaves_a_mark(home: Path) -> None:
    def run(*arguments: str, at: str = "a", code: str = "") -> subprocess.CompletedProcess[str]:
        start = code or "import sys; from huhang.cli.main import main; sys.exit(main(sys.argv[1:]))"
        return subprocess.run(
            [sys.executable, "-c", start, *arguments], capture_output=True, text=True, check=False,
            timeout=120, env=environment(home / at),
        )  # fmt: skip

    assert run("init").returncode == 0
    assert run("log", "tick").returncode == 0
    assert run("backup", str(home / "b.tar")).returncode == 0
    for at in ("mark", "load"):
        code = (
            "import os, signal, sys\n"
            "import django\n"
            "os.environ['DJANGO_SETTINGS_MODULE'] = 'huhang.config.settings'\n"
            "django.setup()\n"
            "from huhang.cli.main import main\n"
            "from huhang.config import backups\n"
            f"name = {'mark_restored' if at == 'mark' else 'load'!r}\n"
            "real = getattr(backups, name)\n"
            "def dying(*a, **k):\n"
            "    real(*a, **k)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "setattr(backups, name, dying)\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        assert run("restore", str(home / "b.tar"), at=at, code=code).returncode == -signal.SIGKILL
        assert (home / at / ".restored").read_text() == "0 0 open\n"
        if at == "mark":
            assert run("restore", str(home / "b.tar"), at=at).returncode == 0
        told = run("log", "tick", at=at)
        assert "restored from a backup" in told.stdout + told.stderr
        assert not (home / at / "log/checkpoint").exists()


def test_to_say_that_nothing_was_published_does_not_cover_what_came_after(
    home: Path, settings: LazySettings, watched: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    ticked("3", district=district)
    last = (public().place / CHECKPOINT).read_bytes()
    shutil.copytree(public().place, home / "copy")
    shutil.rmtree(public().place)
    before.restore()
    mark_restored(Restored(16, 0))
    for _n in range(3):
        refused()
    assert main(["log", "continue", "--nothing"]) != 0
    assert restored() == Restored(16, 0, True)
    refused()
    made = succeeding.begin(last).made
    assert (made.size, made.last.size) == (16, 48)
    assert Folder(home / "copy").hashes(16).root() == made.root


def test_tiles_that_are_gone_with_the_checkpoint_are_made_anew_for_the_witness(
    home: Path, watched: Running
) -> None:
    district = found_district()
    ticked("1", district=district)
    ticked("2", district=district)
    shutil.rmtree(public().place / "tile")
    (public().place / CHECKPOINT).unlink()
    tick()
    assert publish() is not None
    assert audit(Place(public().place), ours()).head.size == 48


def test_a_mirror_that_is_gone_later_does_not_stop_the_log(
    home: Path, settings: LazySettings
) -> None:
    district = found_district()
    ticked("1", district=district)
    mirror(Place(public().place), Folder(home / "m"), None)
    settings.HUHANG_LOG_MIRROR = str(home / "m")
    ticked("2", district=district)
    shutil.rmtree(home / "m")
    ticked("3", district=district)
    head = public().checkpoint()
    assert head is not None
    assert head.size == 48


# Copies of a whole machine --------------------------------------------------------------------------


def test_a_machine_that_is_rolled_back_with_its_memory_asks_again(
    home: Path, watched: Running
) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    shutil.copytree(public().place, home / "snap")
    ticked("2", district=district)
    before.restore()
    shutil.rmtree(public().place)
    shutil.copytree(home / "snap", public().place)
    refused()


def test_keys_that_come_back_do_not_let_an_ended_log_go_on(home: Path) -> None:
    ticked("1", district=found_district())
    shutil.copy(identity.path(), home / "keys-before")
    succeeding.begin()
    said = (home / "home/log" / ENDED).read_bytes()
    shutil.copy(home / "keys-before", identity.path())
    refused()
    with pytest.raises(Forked, match="log2"):
        succeeding.begin()
    with pytest.raises(Forked, match="log2"):
        continue_from(Folder(home / "home/log"))
    assert (home / "home/log" / ENDED).read_bytes() == said
    assert Entry.objects.filter(verb="begin_log").count() == 1


def test_an_older_backup_beside_the_folder_of_an_ended_log_does_not_go_on(home: Path) -> None:
    district = found_district()
    ticked("1", district=district)
    before, keys = Lost(), identity.path().read_bytes()
    last = Entry.objects.order_by("-seq")[0].seq
    succeeding.begin()
    before.restore()
    with unguarded():
        Entry.objects.filter(seq__gt=last).delete()
    identity.path().write_bytes(keys)
    mark_restored(Restored(before.ticks[-1]["size"], last))
    refused()
    with pytest.raises(Forked):
        continue_from(Folder(home / "home/log"))
    with pytest.raises(Forked):
        succeeding.begin()


@pytest.mark.parametrize("where", ["_show_end", "show"])
def test_what_was_being_begun_when_the_backup_was_made_is_not_begun_again_unasked(
    home: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ticked("1", district=found_district())
    with monkeypatch.context() as dead:
        real = getattr(succeeding, where)

        def dying(*given: object) -> None:
            real(*given)
            if where == "_show_end" or identity.identity().origin.endswith("2"):
                raise Refused("wait")

        dead.setattr(succeeding, where, dying)
        with pytest.raises(Refused, match="wait"):
            succeeding.begin()
    mark_restored(Restored(Tick.objects.order_by("-number")[0].size, Entry.objects.order_by("-seq")[0].seq))  # fmt: skip
    shutil.rmtree(public().place)
    with pytest.raises(Refused, match="--nothing"):
        succeeding.begin()
    assert main(["log", "continue", "--nothing"]) == 0
    assert succeeding.begin().made.origin == identity.identity().origin
    assert identity.identity().origin.endswith("/log2")
    assert Entry.objects.filter(verb="begin_log").count() == 1


# Two at once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_each_begins_one_after_the_other(home: Path) -> None:
    ticked("1", district=found_district())
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            succeeding.begin()
        except BaseException as error:  # told to the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _n in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failed
    made = [
        successions.parse(note.parse(text).text) for _seq, text in showing.told("begin_log", SLOT)
    ]
    assert len({one.origin for one in made}) == len(made) == 2
    assert made[1].logs == identity.identity().public
    assert made[1].last.origin == made[0].origin


def test_publishing_reads_the_name_and_its_folder_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticked("1", district=found_district())
    coming = identity.prepare(identity.origin_after(identity.identity().origin))
    real = publishing.comparing.with_witnesses

    def late(*given: object) -> object:
        identity.take_over(coming)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing.comparing, "with_witnesses", late)
    tick()
    publish()
    head = Folder(home / "home/log").checkpoint()
    assert head is not None
    assert head.origin.endswith("/log")


# What is said meanwhile -----------------------------------------------------------------------------


def test_no_receipt_is_given_that_would_not_hold(home: Path) -> None:
    district = found_district()
    ticked("1", district=district)
    before = Lost()
    ticked("2", district=district)
    ticked("3", district=district)
    before.restore()
    seq = entry_of(file_report(district, text="after the restore"))
    assert seq is not None
    refused()
    with pytest.raises(HuhangError):
        receipt_of(seq)


def test_a_mirror_that_cannot_be_read_ends_no_log(home: Path, settings: LazySettings) -> None:
    ticked("1", district=found_district())
    before = identity.identity()
    settings.HUHANG_LOG_MIRROR = str(home / "not-mounted")
    refused(Uncompared)
    with pytest.raises(Uncompared):
        succeeding.begin()
    assert identity.identity() == before
    assert identity.coming() is None
    assert not Entry.objects.filter(verb="begin_log").exists()
    settings.HUHANG_LOG_MIRROR = ""
    assert publish() is not None
    assert standing().fault == ""


def test_how_a_log_ends_counts_what_was_signed_and_not_published(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = found_district()
    ticked("1", district=district)
    ticked("2", district=district)
    before = Lost()
    tick()
    dies_before_publishing(monkeypatch)
    before.restore()
    path = next((public().place / "tile/entries").rglob("[0-9]*"))
    while path.is_dir():
        path = next(path.iterdir())
    path.write_bytes(b"damaged")
    made = succeeding.begin().made
    assert (made.last.size, made.size) == (48, 32)


def test_cut_off_after_the_new_keys_the_worker_publishes_and_asking_again_begins_no_third(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _old, _copy, last = lose(home, found_district())
    with monkeypatch.context() as dead:
        dead.setattr(succeeding, "unmark_restored", lambda: (_ for _ in ()).throw(OSError("dead")))
        with pytest.raises(OSError, match="dead"):
            succeeding.begin(last)
    tick()
    with pytest.raises(Forked):
        publish()
    assert succeeding.begin(last).made.origin.endswith("/log2")
    assert Entry.objects.filter(verb="begin_log").count() == 1


# What others may be told ----------------------------------------------------------------------------


def test_a_rewritten_history_is_no_succession(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = grown(tmp_path / "old", 300)
    head = Checkpoint(KEY.name, 300, old.hashes(300).root())
    new = grown(tmp_path / "new", 300, make=lambda i: leaf(i) if i != 5 else leaf(9999))
    new_head = Checkpoint(NEW.name, 300, new.hashes(300).root())
    new.publish(Note(new_head.text, (NEW.sign(new_head.text),)))
    (tmp_path / "p").write_text(f"log {KEY.key}\nlog {NEW.key}\nquorum none\n")

    def run(place: Folder, *more: str) -> int:
        return main(["log", "audit", str(place.place), "--policy", str(tmp_path / "p"), *more])

    with pytest.raises(Invalid):
        successions.parse(Succession(head, 300, new_head.root, NEW.name, (NEW.key,)).text)
    for size, root, holds in (
        (280, new.hashes(280).root(), False), (299, new.hashes(299).root(), False), (4, old.hashes(4).root(), True),
    ):  # fmt: skip
        made = Succession(head, size, root, NEW.name, (NEW.key,))
        said = str(Note(made.text, (KEY.sign(made.text),))).encode()
        old.note_down(ENDED, said)
        new.note_down(BEGUN, said)
        assert (run(old) == 0) is holds
        assert run(new) == 0, "by itself it holds, and says that the old one was not asked"
        assert "--before" in capsys.readouterr().out
        assert (run(new, "--before", str(old.place)) == 0) is holds
        assert run(new, "--before", str(new.place)) != 0


def test_a_word_about_a_new_log_hides_no_broken_promise(home: Path) -> None:
    ticked("1", district=found_district())
    me = identity.identity()
    by = datetime(2020, 1, 1, tzinfo=UTC)
    text = Promise(me.origin, b"\x01" + bytes(32), bytes(32), by - timedelta(hours=1), 1, by).text
    head = public().checkpoint()
    assert head is not None
    made = Succession(head, head.size, head.root, NEW.name, (NEW.key,))
    public().note_down(ENDED, str(Note(made.text, (me.keys[0].sign(made.text),))).encode())
    with pytest.raises(Unproven, match="BROKEN"):
        promises.look_for(promises.parse(text), Place(public().place), ours(), datetime.now(UTC))
