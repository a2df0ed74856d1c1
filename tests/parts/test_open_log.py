"""The log that the public reads: published after a tick, audited and mirrored from its files alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from huhang.kernel.errors import HuhangError
from huhang.kernel.guard import unguarded
from huhang.tlog import identity, keys, note, policy
from huhang.tlog.actions import tick
from huhang.tlog.audit import Address, Place, audit
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import ED25519, PrivateKey
from huhang.tlog.mirroring import mirror
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.public_folder import Forked, public
from huhang.tlog.publishing import publish
from huhang.tlog.tiles import ENTRIES, Tile, bundles_of, tiles_of
from huhang.tlog.tree import Range, leaf_hash
from tests.cast import file_report, found_district

KEY = PrivateKey("log.example/1", ED25519, b"\x07" * 32)
POLICY = policy.parse(f"log {KEY.key}\nquorum none\n")


def leaf(i: int) -> bytes:
    return b"\x01" + i.to_bytes(32, "big")


def signed(origin: str, size: int, make: Callable[[int], bytes] = leaf) -> Note:
    tree = Range()
    tree.extend([leaf_hash(make(i)) for i in range(size)])
    head = Checkpoint(origin, size, tree.root())
    return Note(head.text, (KEY.sign(head.text),))


def grown(place: Path, *sizes: int, make: Callable[[int], bytes] = leaf) -> Folder:
    """A log in a folder that was published at each of these sizes."""
    here = Folder(place)
    old = 0
    for size in sizes:
        here.grow(old, size, lambda start, end: (make(i) for i in range(start, end)))
        here.publish(signed(KEY.name, size, make))
        old = size
    return here


def files(place: Path) -> dict[str, bytes]:
    found = (p for p in place.rglob("*") if p.is_file() and p.name != ".lock")
    return {str(p.relative_to(place)): p.read_bytes() for p in found}


# The folder -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sizes",
    [(1,), (16, 32, 48), (255, 256, 257), (1, 300, 700), (70_000,), (65_535, 65_536, 65_553)],
)
def test_a_log_that_grew_is_audited(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    here = grown(tmp_path, *sizes)
    found = audit(Place(tmp_path), POLICY)
    assert (found.head.size, found.quorum) == (sizes[-1], True)
    assert here.hashes(sizes[-1]).root() == found.head.root
    assert here.hashes(sizes[-1]).range().root() == found.head.root
    for size in sizes:
        for tile in [*tiles_of(size), *bundles_of(size)]:
            assert here.read(tile), "what a checkpoint needed is there still"


def test_it_grows_step_by_step_to_what_it_is_made_at_once(tmp_path: Path) -> None:
    slow, fast = grown(tmp_path / "slow", *range(50, 701, 50)), grown(tmp_path / "fast", 700)
    for tile in [*tiles_of(700), *bundles_of(700)]:
        assert slow.read(tile) == fast.read(tile)
    assert not (slow.place / "tile/0/000.p").exists(), "the full tile took its place"


def test_each_changed_byte_of_each_file_is_found(tmp_path: Path) -> None:
    grown(tmp_path, 300)
    for name, data in files(tmp_path).items():
        path = tmp_path / name
        for at in {0, 1, len(data) // 2, len(data) - 1}:
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            with pytest.raises(Invalid):
                audit(Place(tmp_path), POLICY)
        path.write_bytes(data[:-1])
        with pytest.raises(Invalid):
            audit(Place(tmp_path), POLICY)
        path.unlink()
        with pytest.raises(Invalid, match="not there"):
            audit(Place(tmp_path), POLICY)
        path.write_bytes(data)
    assert audit(Place(tmp_path), POLICY).head.size == 300


def test_a_log_of_somebody_else_and_one_that_nobody_signed_are_refused(tmp_path: Path) -> None:
    here = grown(tmp_path, 20)
    other = PrivateKey(KEY.name, ED25519, b"\x08" * 32)
    with pytest.raises(Unproven, match="did not sign"):
        audit(Place(tmp_path), policy.parse(f"log {other.key}\nquorum none\n"))
    with pytest.raises(Unproven, match="no log"):
        audit(
            Place(tmp_path),
            policy.parse(f"log {PrivateKey('b', ED25519, bytes(32)).key}\nquorum none\n"),
        )
    head = Checkpoint(KEY.name, 20, bytes(32))
    here.publish(Note(head.text, (KEY.sign(head.text),)))
    with pytest.raises(Unproven, match="another root"):
        audit(Place(tmp_path), POLICY)
    assert audit(Place(grown(tmp_path / "b", 5).place)).quorum is None


# Mirrors, and an operator who cheats ----------------------------------------------------------------


def test_a_mirror_follows_and_is_a_log_itself(tmp_path: Path) -> None:
    here = Folder(tmp_path / "mirror")
    for sizes in ((10,), (10, 300), (10, 300, 300), (10, 300, 900)):
        shutil.rmtree(tmp_path / "log", ignore_errors=True)
        grown(tmp_path / "log", *sizes)
        assert mirror(Place(tmp_path / "log"), here, POLICY).head.size == sizes[-1]
        assert audit(Place(here.place), POLICY).head.size == sizes[-1]
    assert not list(here.place.glob(".new-*"))
    assert mirror(Place(here.place), Folder(tmp_path / "second"), POLICY).head.size == 900


def test_what_was_damaged_in_a_mirror_comes_again_or_is_said(tmp_path: Path) -> None:
    grown(tmp_path / "log", 300)
    here = Folder(tmp_path / "mirror")
    mirror(Place(tmp_path / "log"), here, POLICY)
    bundle = tmp_path / "mirror/tile/entries/001.p/44"
    whole = bundle.read_bytes()
    for damaged in (whole[:80] + b"x" + whole[81:], b"\xff" + whole[1:], whole[:-3], b""):
        shutil.copytree(here.place, tmp_path / "damaged")
        (tmp_path / "damaged/tile/entries/001.p/44").write_bytes(damaged)
        grown(tmp_path / "longer", 300, 320)
        mirror(Place(tmp_path / "longer"), Folder(tmp_path / "damaged"), POLICY)
        assert audit(Place(tmp_path / "damaged"), POLICY).head.size == 320
        shutil.rmtree(tmp_path / "damaged")
    false = grown(tmp_path / "false", 320, make=lambda i: leaf(i) if i != 270 else leaf(7))
    honest = grown(tmp_path / "honest", 320)

    class Liar(Place):
        """The true tree, but for an old entry that the mirror holds already."""

        def read(self, tile: Tile) -> bytes:
            return (false if tile.level == ENTRIES else honest).read(tile)

    bundle.write_bytes(b"")
    with pytest.raises(Unproven, match="damaged"):
        mirror(Liar(honest.place), here, POLICY)


CHEATS: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "a rollback": (299, leaf),
    "a changed leaf": (400, lambda i: leaf(7 if i == 6 else i)),
    "a changed leaf of the last bundle": (400, lambda i: leaf(7 if i == 299 else i)),
    "a dropped leaf": (400, lambda i: leaf(i + (i >= 100))),
    "a leaf put in before others": (
        400,
        lambda i: leaf(1_000_000) if i == 50 else leaf(i - (i > 50)),
    ),
    "another log of the same size": (300, lambda i: leaf(i + 1)),
}


@pytest.mark.parametrize("how", CHEATS)
def test_a_cheating_operator_is_caught_by_whoever_mirrored(tmp_path: Path, how: str) -> None:
    grown(tmp_path / "log", 300)
    here = Folder(tmp_path / "mirror")
    mirror(Place(tmp_path / "log"), here, POLICY)
    before = files(here.place)
    size, make = CHEATS[how]
    grown(tmp_path / "other", size, make=make)
    assert audit(Place(tmp_path / "other"), POLICY).head.size == size, "by itself it holds"
    with pytest.raises(Unproven):
        mirror(Place(tmp_path / "other"), here, POLICY)
    assert files(here.place) == before, "the mirror is the evidence: it stays"
    grown(tmp_path / "honest", 300, 400)
    assert mirror(Place(tmp_path / "honest"), here, POLICY).head.size == 400


def test_a_mirror_of_one_log_takes_no_other(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 20)
    mirror(Place(here.place), Folder(tmp_path / "mirror"), POLICY)
    here.publish(signed("other.example", 20))
    with pytest.raises(Unproven, match="another log"):
        mirror(Place(here.place), Folder(tmp_path / "mirror"), None)


# Published by the system ----------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_each_tick_is_published_signed_and_holds_every_entry(home: Path) -> None:
    assert publish() is None
    district = found_district()
    for n in range(3):
        file_report(district, text=f"{n}")
        tick()
        signed_ = publish()
        assert signed_ is not None
        ours = identity.identity()
        trusted = policy.parse("".join(f"log {k.key}\n" for k in ours.keys) + "quorum none\n")
        found = audit(Place(public().place), trusted)
        last = Tick.objects.order_by("-number")[0]
        assert (found.head.size, found.head.root) == (last.size, bytes(last.root))
        assert list(note.verified(found.signed, [k.key for k in ours.keys])) == [
            k.key for k in ours.keys
        ]
    assert ours.origin == "127.0.0.1:8000/log"
    assert publish() == signed_, "signed once"
    kept = identity.path()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not list(kept.parent.glob("log.*"))


@pytest.mark.django_db
def test_what_was_not_published_in_time_is_published_later(home: Path) -> None:
    found_district()
    tick()
    publish()
    shutil.rmtree(home / "log" / "tile")
    (home / "log" / CHECKPOINT).unlink()
    for _n in range(40):
        tick()
    publish()
    assert audit(Place(home / "log")).head.size == Tick.objects.order_by("-number")[0].size


@pytest.mark.django_db
def test_nothing_is_signed_over_another_tree(home: Path) -> None:
    found_district()
    tick()
    tick()
    publish()
    before = (home / "log" / CHECKPOINT).read_bytes()
    with unguarded():
        last = Tick.objects.order_by("-number")[0]
        Leaf.objects.filter(index__gte=last.size - 16).delete()
        last.delete()
    with pytest.raises(Forked, match="不属于这个数据库"):
        publish()
    tick()
    with pytest.raises(Forked):
        publish()
    assert (home / "log" / CHECKPOINT).read_bytes() == before
    (home / "log" / CHECKPOINT).write_text("nothing")
    with pytest.raises(Forked, match="无法读取"):
        publish()


@pytest.mark.django_db
def test_keys_that_cannot_be_read_are_said_and_never_replaced(home: Path) -> None:
    found_district()
    tick()
    publish()
    identity.path().write_text("PRIVATE+KEY+nonsense\n")
    tick()
    with pytest.raises(HuhangError, match="不是日志的密钥"):
        publish()
    assert identity.path().read_text() == "PRIVATE+KEY+nonsense\n"


@pytest.mark.django_db
def test_the_public_reads_what_is_published_and_nothing_beyond(home: Path, client: Client) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    found_district()
    for _n in range(17):
        tick()
    publish()
    tick()
    answer = client.get("/log/checkpoint")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "max-age=5" in answer.headers["Cache-Control"]
    head = public().checkpoint()
    assert head is not None
    assert note.parse(answer.content) == public().note()
    for tile in [*tiles_of(head.size), *bundles_of(head.size), *tiles_of(16), *bundles_of(16)]:
        answer = client.get(f"/log/{tile.path}")
        assert answer.status_code == 200, tile
        assert answer.content == public().read(tile)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    last = max(tiles_of(head.size))
    for path in (
        Tile(0, 5).path, Tile(last.level, last.number, last.width + 1).path, Tile(ENTRIES, 1).path,
        "tile/0/000.p/0", "tile/00/000", "tile", "../keys/log", ".lock", "checkpoint/", "tile/0/../../../keys/log",
    ):  # fmt: skip
        assert client.get(f"/log/{path}").status_code == 404, path
    assert client.post("/log/checkpoint").status_code == 405
    told = policy.parse(client.get("/log/policy").content)
    assert list(told.logs) == [k.key for k in identity.identity().keys]


@pytest.mark.django_db
def test_the_page_says_what_the_log_is_in_both_languages(home: Path, client: Client) -> None:
    assert "还没有检查点" in client.get("/r/log/").content.decode()
    found_district()
    tick()
    publish()
    for address, words in (("/r/log/", "公开存证日志"), ("/en/r/log/", "The open log")):
        body = client.get(address).content.decode()
        assert words in body
        head = public().checkpoint()
        assert head is not None
        assert f"{head.origin}\n{head.size}\n" in body
        assert "<svg" in body
        assert "huhang log audit" in body
    shown = body.partition('<pre class="wrap">')[2].partition("</pre>")[0]
    ed25519 = next(k.key for k in identity.identity().keys if k.kind == keys.ED25519)
    assert list(note.verified(note.parse(shown), [ed25519])) == [ed25519], (
        "what is printed can be checked"
    )
    assert "/r/log/" in client.get("/r/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_log_is_audited_and_mirrored_at_its_address(
    home: Path, live_server: LiveServer, tmp_path: Path
) -> None:
    found_district()
    for _n in range(20):
        tick()
    publish()
    there = Address(f"{live_server.url}/log/")
    assert audit(there).head == public().checkpoint()
    here = Folder(tmp_path / "mirror")
    mirror(there, here, None)
    tick()
    publish()
    assert mirror(there, here, None).head == public().checkpoint()
    with pytest.raises(Invalid, match="not there"):
        audit(Address(f"{live_server.url}/nothing"))
    with pytest.raises(Invalid, match="does not answer"):
        audit(Address("http://127.0.0.1:9/log"))
