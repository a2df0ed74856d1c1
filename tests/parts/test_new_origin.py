"""A log that cannot go on ends, and another begins in its place: what was signed stays true, and both say so."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from huhang.cases.queries import entry_of
from huhang.cli.main import main
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry
from huhang.tlog import (
    announcing,
    identity,
    note,
    openings,
    policy,
    promises,
    proof_file,
    receipts,
    showing,
    succeeding,
    successions,
)
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place, audit
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import ED25519, PrivateKey
from huhang.tlog.mirroring import mirror
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import Policy
from huhang.tlog.public_folder import Forked, Restored, mark_restored, public
from huhang.tlog.publishing import publish
from huhang.tlog.receipting import promise_of, receipt_of
from huhang.tlog.statements import fingerprint
from huhang.tlog.successions import BEGUN, ENDED, SLOT, Succession
from huhang.tlog.verify import verify
from huhang.tlog.witnessing import witness_policy
from huhang.witness import folder as witness_folder
from tests.cast import District, file_report, found_district
from tests.parts.test_continuing import Lost, ticked
from tests.parts.test_open_log import KEY, grown, leaf
from tests.parts.test_root_keys import ROOT, announce
from tests.parts.test_witness import Running, named

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path / "home"
    settings.HUHANG_HOME.mkdir()
    return tmp_path


def ours() -> Policy:
    """The keys of the log as it is now."""
    return policy.parse(identity.identity().policy() + "quorum none\n")


def both(one: Policy, other: Policy) -> Policy:
    return policy.of_logs([*one.logs, *other.logs])


def lose(home: Path, district: District) -> tuple[Policy, Folder, bytes]:
    """A log whose last two ticks are lost with its public folder, and a backup of before that is restored: its keys,
    a copy of the public folder, the last checkpoint."""
    ticked("one", district=district)
    before = Lost()
    ticked("two", district=district)
    ticked("three", district=district)
    shutil.copytree(public().place, home / "copy")
    last = (public().place / "checkpoint").read_bytes()
    shutil.rmtree(public().place)
    before.restore()
    mark_restored(Restored(before.ticks[-1]["size"], 0))
    tick()
    with pytest.raises(Forked):
        publish()
    return ours(), Folder(home / "copy"), last


def opened(place: Path, trusted: Policy) -> Note:
    """What the entry says that is proven in this file."""
    proof = proof_file.parse(place.read_bytes())
    opening = openings.parse(proof.extra)
    trusted.check_log(proof.checkpoint)
    proof.check(openings.leaf_hash(opening.leaf))
    return opening.note(SLOT)


def test_a_log_that_can_still_speak_says_itself_how_it_ends(home: Path, client: Client) -> None:
    district = found_district()
    ticked("one", district=district)
    seq = entry_of(file_report(district, text="waits"))
    assert seq is not None
    promised = promise_of(seq)
    old, old_place = ours(), public().place
    tick()
    publish()
    receipt = receipt_of(seq)
    assert receipt is not None
    done = succeeding.begin()
    new = ours()
    assert done.proven
    assert (old_place.name, public().place.name) == ("log", "log2")
    assert done.made.origin == identity.identity().origin == f"{old.logs[0].name}2"
    assert {key.public for key in old.logs}.isdisjoint(key.public for key in new.logs)
    # Both logs hold together, and say the same of each other.
    assert audit(Place(old_place), old).head.size >= done.made.size
    assert audit(Place(public().place), new).head.size > done.made.size
    assert successions.ended(Place(old_place), old, audit(Place(old_place)).head) == done.made
    found = audit(Place(public().place), new)
    assert successions.begun(Place(public().place), old, found.head) == done.made
    for place, name, trusted in ((old_place, ENDED, old), (public().place, BEGUN, new)):
        signed = note.parse((place / name).read_bytes())
        assert opened(place / f"{name}.tlog-proof", trusted) == signed
        assert successions.check(signed, old) == done.made
    # What reporters hold stays true: under the old keys as before, and in the new log.
    assert receipts.verify(str(receipt).encode(), old).head.origin == old.logs[0].name
    again = receipt_of(seq)
    assert again is not None
    assert receipts.verify(str(again).encode(), new).head.origin == done.made.origin
    made = promises.check(str(promised).encode(), old)
    now = datetime.now(UTC)
    for place in (old_place, public().place):
        index = promises.look_for(made, Place(place), both(old, new), now)[1]
        assert index == Leaf.objects.get(seq=seq).index
    assert verify(parallel=False).ok
    tick()
    assert publish() is not None
    assert '"verb":"begin_log"' in Entry.objects.get(verb="begin_log").manifest.replace(" ", "")


def test_what_is_lost_stays_in_the_old_log_alone(home: Path, client: Client) -> None:
    old, copy, last = lose(home, found_district())
    common = Tick.objects.order_by("number")[0].size
    done = succeeding.begin(last)
    assert not done.proven
    assert (done.made.size, done.made.last.size) == (common, common + 32)
    assert Folder(home / "home/log").note() is None, "the old log is signed no more"
    assert audit(Place(public().place), ours()).head.size > common
    signed = note.parse((home / "home/log/successor").read_bytes())
    assert successions.check(signed, old) == done.made
    assert (
        successions.begun(Place(public().place), old, audit(Place(public().place)).head)
        == done.made
    )
    assert opened(public().place / "predecessor.tlog-proof", ours()) == signed
    assert verify(parallel=False).ok
    # Both can be read at their addresses; the page says what was lost.
    assert client.get("/log/successor").content == str(signed).encode()
    assert client.get("/log/policy").content.decode() == "".join(f"log {k}\n" for k in old.logs) + "quorum none\n"  # fmt: skip
    assert client.get("/log2/predecessor").content == str(signed).encode()
    assert client.get("/log2/predecessor.tlog-proof").status_code == 200
    assert client.get("/log2/checkpoint").content == (public().place / "checkpoint").read_bytes()
    for address in (
        "/log/checkpoint", "/log3/checkpoint", "/log1/successor", "/log02/checkpoint", "/log/.restored", "/log2/.signed",
        "/log3/policy", "/log2/tile/0/../../../keys/log",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    page = client.get("/en/r/log/").content.decode()
    assert "32 marks after them were lost here" in page
    assert "/log2/policy" in page
    assert old.logs[0].name in page
    check = client.get("/en/r/log/check/").content.decode()
    assert all(str(key) in check.replace("&#x2B;", "+") for key in (*old.logs, *ours().logs))
    assert mirror(Place(copy.place), Folder(home / "kept"), old).head.size == common + 32


def test_a_promise_of_the_old_log_is_kept_by_the_new_one(home: Path) -> None:
    district = found_district()
    old, copy, last = lose(home, district)
    report = entry_of(file_report(district, text="after the restore"))
    assert report is not None
    made = promises.check(str(promise_of(report)).encode(), old)
    succeeding.begin(last)
    trusted = both(old, ours())
    index = promises.look_for(made, Place(public().place), trusted, made.by)[1]
    assert index == Leaf.objects.get(seq=report).index
    # Who asks the old log is told where to ask; who does not trust it is told nothing.
    shutil.copy(home / "home/log/successor", copy.place)
    with pytest.raises(Unproven, match="goes on as"):
        promises.look_for(made, Place(copy.place), trusted, made.by)
    with pytest.raises(Unproven, match="did not sign which log goes on"):
        promises.look_for(made, Place(public().place), ours(), made.by)
    (public().place / BEGUN).unlink()
    with pytest.raises(Unproven, match="of another log"):
        promises.look_for(made, Place(public().place), trusted, made.by)


def test_it_is_not_begun_where_nothing_is_known_of_the_old_one(home: Path) -> None:
    found_district()
    tick()
    mark_restored(Restored(0, 0))
    with pytest.raises(Refused, match=r"什么都不知道|Nothing is known"):
        succeeding.begin()
    assert identity.coming() is None
    assert not Entry.objects.filter(verb="begin_log").exists()


def test_it_is_not_begun_where_the_old_one_could_go_on(home: Path) -> None:
    district = found_district()
    ticked("one", district=district)
    before = Lost()
    ticked("two", district=district)
    before.restore()
    tick()
    keys = identity.identity()
    with pytest.raises(Refused, match="huhang log continue"):
        succeeding.begin()
    assert identity.identity() == keys
    assert identity.coming() is None
    assert not Entry.objects.filter(verb="begin_log").exists()
    # Where what is there is damaged, there is nothing else.
    path = next((public().place / "tile/entries").rglob("[0-9]*"))
    while path.is_dir():
        path = next(path.iterdir())
    path.write_bytes(b"damaged")
    mark_restored(Restored(before.ticks[-1]["size"], 0))
    assert succeeding.begin().made.size == before.ticks[-1]["size"]


def test_a_last_checkpoint_of_somebody_else_or_another_history_is_refused(home: Path) -> None:
    _old, copy, last = lose(home, found_district())
    ours = identity.identity()
    fork = Checkpoint(ours.origin, 16, bytes(32))
    stranger = PrivateKey(ours.origin, ED25519, bytes(32))
    for given in (b"", b"x", last[:-2], str(ours.sign(fork.text)).encode(), str(Note(fork.text, (stranger.sign(fork.text),))).encode()):  # fmt: skip
        with pytest.raises(Refused):
            succeeding.begin(given)
    assert not Entry.objects.filter(verb="begin_log").exists()
    assert succeeding.begin(last).made.last == copy.checkpoint()


@pytest.mark.parametrize("where", ["prepare", "_say", "_show_end", "take_over", "tick", "show"])
@pytest.mark.parametrize("forked", [True, False])
def test_cut_off_anywhere_it_is_ended_by_asking_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, where: str, forked: bool
) -> None:
    if forked:
        lose(home, found_district())
    else:
        ticked("one", district=found_district())
    before = identity.identity().origin
    owner = identity if where in ("prepare", "take_over") else succeeding
    real = getattr(owner, where)
    calls = []

    def dying(*given: object) -> object:
        """Dies after its work; of ticks the one under the new name."""
        found = real(*given)
        calls.append(given)
        if where not in ("tick", "show") or identity.identity().origin != before:
            raise OSError("dead")
        return found

    with monkeypatch.context() as dead:
        dead.setattr(owner, where, dying)
        with pytest.raises(OSError, match="dead"):
            succeeding.begin()
    assert calls
    if identity.identity().origin == before:
        showing.show_missing()
    done = succeeding.begin()
    assert identity.identity().origin == f"{before}2"
    assert identity.coming() is None
    assert Entry.objects.filter(verb="begin_log").count() == 1
    assert done.proven is not forked
    assert (public().place / f"{BEGUN}.tlog-proof").exists()
    assert (
        audit(Place(public().place), ours()).head.size == Tick.objects.order_by("-number")[0].size
    )
    assert verify(parallel=False).ok


def test_witnesses_and_a_mirror_of_the_old_log_do_not_keep_the_new_one_from_being_published(
    home: Path, settings: LazySettings
) -> None:
    ticked("one", district=found_district())
    mirror(Place(public().place), Folder(home / "mirror"), None)
    settings.HUHANG_LOG_MIRROR = str(home / "mirror")
    place = home / "w"
    witness_folder.make(place, "w.example/1", [k.key for k in identity.identity().keys])
    running = Running(place)
    try:
        named(home, settings, running)
        tick()
        publish()
        running.stop()
        tick()
        with pytest.raises(Refused, match=r"见证|Witnesses have to cosign"):
            succeeding.begin()
        running.start()
        assert succeeding.begin().proven
        signed = public().note()
        assert signed is not None
        assert not witness_policy().has_quorum(signed), "it does not know the new name"
        witness_folder.tell(place, [k.key for k in identity.identity().keys])
        running.stop()
        running.start()
        tick()
        again = publish()
        assert again is not None
        assert witness_policy().has_quorum(again)
        showing.show_missing()
        assert (public().place / f"{BEGUN}.tlog-proof").exists()
    finally:
        running.stop()


def test_the_root_leads_on_to_the_new_log(home: Path) -> None:
    ticked("one", district=found_district())
    announce(first=True)
    old = identity.identity().origin
    succeeding.begin()
    source = Place(public().place)
    with pytest.raises(Invalid):
        openings.check_keys(source.file, fingerprint(ROOT.key))
    asked = announcing.to_sign(None, None)
    assert (asked.number, asked.after) == (2, old)
    for wrong in (replace(asked, after=""), replace(asked, after="other.example/log")):
        with pytest.raises(Refused):
            announcing.announce(str(Note(wrong.text, (ROOT.sign(wrong.text),))).encode())
    announce()
    announce()
    found = openings.check_keys(source.file, fingerprint(ROOT.key))[-1]
    assert (found.number, found.after, found.origin) == (3, "", identity.identity().origin)
    assert set(found.logs) == set(ours().logs)
    assert announcing.fingerprint_shown(public()) == fingerprint(ROOT.key)


def test_a_third_log_follows_the_second(home: Path) -> None:
    ticked("one", district=found_district())
    first = identity.identity().origin
    succeeding.begin()
    done = succeeding.begin(base="https://moved.example.org/x")
    assert done.made.last.origin == f"{first}2"
    assert done.made.origin == "moved.example.org/x/log3"
    assert public().place.name == "log3"
    assert (home / "home/log2" / f"{ENDED}.tlog-proof").exists()
    found = audit(Place(public().place), ours())
    assert successions.begun(Place(public().place), policy.parse((home / "home/log2/policy").read_bytes()), found.head)  # fmt: skip


def test_a_restored_public_folder_shows_everything_again(home: Path) -> None:
    ticked("one", district=found_district())
    succeeding.begin()
    announce(first=True)
    files = ["predecessor", "predecessor.tlog-proof", "keys/1", "keys/1.tlog-proof"]
    before = (public().place / BEGUN).read_bytes()
    shutil.rmtree(public().place)
    tick()
    publish()
    showing.show_missing()
    assert all((public().place / name).exists() for name in files)
    assert (public().place / BEGUN).read_bytes() == before


# What others may claim ------------------------------------------------------------------------------

NEW = PrivateKey("log.example/2", ED25519, b"\x0a" * 32)


def claimed(here: Folder, by: PrivateKey = KEY, **changes: object) -> None:
    """A word of the old log about the one in this folder, which has its first 100 leaves."""
    size = int(str(changes.pop("size", 100)))
    last = Checkpoint(KEY.name, 300, bytes(32))
    made = Succession(last, size, here.hashes(min(size, 200)).root(), NEW.name, (NEW.key,))
    made = replace(made, **changes)  # type: ignore[arg-type]
    here.note_down(BEGUN, str(Note(made.text, (by.sign(made.text),))).encode())


def test_a_log_that_only_says_that_it_goes_on_is_caught(tmp_path: Path) -> None:
    here = grown(tmp_path / "new", 200)
    root = here.hashes(200).root()
    head = Checkpoint(NEW.name, 200, root)
    here.publish(Note(head.text, (NEW.sign(head.text),)))
    trusted = policy.of_logs([KEY.key, NEW.key])
    claimed(here)
    assert successions.begun(Place(here.place), trusted, head) is not None
    claimed(here, size=200)
    assert successions.begun(Place(here.place), trusted, head) is not None
    other = grown(tmp_path / "other", 100, make=lambda i: leaf(i + 1)).hashes(100).root()
    for by, changes in (
        (KEY, {"root": other}), (NEW, {}), (KEY, {"size": 250}), (KEY, {"size": 99, "root": here.hashes(98).root()}),
        (KEY, {"origin": "log.example/3", "logs": ()}), (KEY, {"last": Checkpoint("log.example/0", 300, bytes(32))}),
    ):  # fmt: skip
        claimed(here, by, **changes)
        with pytest.raises(Invalid):
            successions.begun(Place(here.place), trusted, head)
    (here.place / BEGUN).unlink()
    assert successions.begun(Place(here.place), trusted, head) is None


def test_what_a_log_says_of_another_is_read_strictly() -> None:
    made = Succession(Checkpoint("a/log", 5, bytes(32)), 3, bytes(32), NEW.name, (NEW.key,))
    assert successions.parse(made.text) == made
    text = made.text
    for wrong in (
        "", text[:-1], text + "\n", text.replace("v1", "v2"), text.replace("last 5", "last 05"), text.replace("same 3", "same 6"),
        text.replace("next ", "nxt "), text.replace("log log", "log  log"), text.replace("a/log", NEW.name), text + "log x\n",
        replace(made, logs=(KEY.key,)).text, replace(made, logs=()).text, text.replace("same 3 ", "same 3"),
        replace(made, root=bytes(31)).text, text * 30,
    ):  # fmt: skip
        with pytest.raises(Invalid):
            successions.parse(wrong)


def test_from_the_command_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")

    def run(*arguments: object, status: int = 0) -> str:
        assert main([str(a) for a in arguments]) == status
        found = capsys.readouterr()
        return found.out + found.err

    old, _copy, last = lose(home, found_district())
    (home / "last").write_bytes(last)
    (home / "old").write_text("".join(f"log {k}\n" for k in old.logs) + "quorum none\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    asked = run("log", "new-origin", status=2)
    assert "This cannot be undone" in asked
    assert "Nothing was changed" in asked
    assert "An address begins with" in run("log", "new-origin", "--address", "x", status=2)
    assert "last checkpoint" in run("log", "new-origin", "--yes", "--last", home / "old", status=2)
    assert identity.identity().origin == old.logs[0].name
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    told = run("log", "new-origin", "--last", home / "last")
    assert "32 leaves after them are lost here" in told
    assert "cannot be published any more" in told
    (home / "both").write_text((home / "old").read_text().replace("quorum none\n", "") + identity.identity().policy() + "quorum none\n")  # fmt: skip
    assert "a mirror of it was not asked" in run("log", "audit", public().place, "--policy", home / "both")  # fmt: skip
    (home / "home/log/checkpoint").write_bytes(last)
    shutil.copytree(home / "copy/tile", home / "home/log/tile")
    assert "It ended, and goes on as" in run("log", "audit", home / "home/log", "--policy", home / "old")  # fmt: skip
    assert "no log of this policy" in run("log", "audit", public().place, "--policy", home / "old", status=1)  # fmt: skip
    (home / "new").write_text(identity.identity().policy() + "quorum none\n")
    assert "whose keys the policy does not have" in run("log", "audit", public().place, "--policy", home / "new")  # fmt: skip
    told = run("log", "audit", public().place, "--policy", home / "both", "--json")
    assert json.loads(told)["ok"] is True
    assert "needs --policy" in run(
        "log", "audit", public().place, "--before", home / "copy", status=2
    )
    (home / "home/log/checkpoint").unlink()
    assert "It ended, and goes on as" in run("log", "audit", home / "home/log", "--policy", home / "old", status=2)  # fmt: skip
