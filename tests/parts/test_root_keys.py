"""Which keys hold: signed by a root that is offline, in the log, and followed from a fingerprint alone."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as settings_of
from django.test import Client

from huhang.cli.main import main
from huhang.intake import posters
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry
from huhang.rulebook import current
from huhang.tlog import (
    announcing,
    identity,
    note,
    openings,
    policy,
    recipients,
    showing,
    statements,
)
from huhang.tlog.actions import tick
from huhang.tlog.audit import Missing, Place, audit, source
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import COSIGNATURE, ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.mirroring import mirror
from huhang.tlog.note import Note
from huhang.tlog.public_folder import public
from huhang.tlog.publishing import publish
from huhang.tlog.statements import Statement, check_chain, fingerprint, same_fingerprint
from huhang.tlog.verify import verify
from tests.cast import found_district

pytestmark = pytest.mark.django_db
ROOT, SECOND, STRANGER = (
    PrivateKey("office.example/root", ED25519, bytes([n]) * 32) for n in (1, 2, 3)
)
WITNESS = PrivateKey("w.example/1", COSIGNATURE, b"\x05" * 32)


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path / "home"
    (tmp_path / "home").mkdir()
    found_district()
    tick()
    publish()
    return tmp_path


def signed(statement: Statement, by: PrivateKey = ROOT) -> bytes:
    return str(Note(statement.text, (by.sign(statement.text),))).encode()


def announce(
    by: PrivateKey = ROOT, successor: PrivateKey | None = None, first: bool = False
) -> Statement:
    asked = announcing.to_sign(ROOT.key if first else None, successor.key if successor else None)
    return announcing.announce(signed(asked, by))


def check(print_: str = "") -> Statement:
    return openings.check_keys(Place(public().place).file, print_ or fingerprint(ROOT.key))[-1]


def test_the_keys_are_followed_from_the_fingerprint_alone(
    home: Path, settings: LazySettings
) -> None:
    (home / "policy").write_text(f"witness press {WITNESS.key}\nquorum none\n")
    settings.HUHANG_LOG_POLICY = str(home / "policy")
    made = announce(first=True)
    assert (made.number, made.root, made.next) == (1, ROOT.key, ROOT.key)
    found = check()
    assert found == made
    assert list(found.logs) == [key.key for key in identity.identity().keys]
    assert found.witnesses == {"press": WITNESS.key}
    assert any(path.startswith("/static/portal/") for path in found.scripts)
    trusted = policy.parse("".join(f"log {key}\n" for key in found.logs) + "quorum none\n")
    assert audit(Place(public().place), trusted).quorum
    entry = Entry.objects.get(verb="announce_keys")
    assert ROOT.key.name not in entry.manifest
    assert verify(parallel=False).ok


def test_roots_follow_one_another_and_a_lost_one_is_replaced(home: Path) -> None:
    announce(first=True)
    announce(successor=SECOND)
    with pytest.raises(Refused, match="没有签署"):
        announce(by=STRANGER)
    asked = announcing.to_sign(None, None)
    assert asked.root == SECOND.key
    announcing.announce(signed(asked, SECOND))
    assert check().number == 3
    # The second one burns.
    another = announcing.to_sign(STRANGER.key, None)
    with pytest.raises(Refused, match="--lost"):
        announcing.announce(signed(another, STRANGER))
    announcing.announce(signed(another, STRANGER), lost=True)
    with pytest.raises(Unproven, match="not named before"):
        check()
    assert check(fingerprint(STRANGER.key)).number == 4
    assert [statements.parse(n.text).number for n in announcing.announced()] == [1, 2, 3, 4]
    last = announcing.to_sign(None, None)
    with pytest.raises(Refused, match="并未遗失"):
        announcing.announce(signed(last, STRANGER), lost=True)


def test_the_logs_own_keys_are_renewed_while_it_goes_on(home: Path) -> None:
    old = identity.identity().keys
    announce(first=True)
    with pytest.raises(Refused, match="先更换"):
        announcing.retire_keys()
    announcing.renew_keys()
    with pytest.raises(Refused):
        announcing.renew_keys()
    both = identity.identity().keys
    assert both[:2] == old
    tick()
    found = publish()
    assert found is not None
    assert len(note.verified(found, [key.key for key in both])) == 4
    with pytest.raises(Refused, match="没有列出"):
        announcing.retire_keys()
    announce()
    announcing.retire_keys()
    assert identity.identity().keys == both[2:]
    tick()
    found = publish()
    assert found is not None
    assert list(note.verified(found, [key.key for key in old])) == []
    announce()
    last = check()
    assert list(last.logs) == [key.key for key in both[2:]]
    trusted = policy.parse("".join(f"log {key}\n" for key in last.logs) + "quorum none\n")
    assert audit(Place(public().place), trusted).quorum
    verbs = (
        Entry.objects.filter(verb__endswith="log_keys")
        .order_by("seq")
        .values_list("verb", flat=True)
    )
    assert list(verbs) == ["renew_log_keys", "retire_log_keys"]
    assert identity.path().stat().st_mode & 0o777 == 0o600
    assert verify(parallel=False).ok


def test_what_is_not_about_this_log_or_out_of_order_is_refused(home: Path) -> None:
    with pytest.raises(Refused, match="--root"):
        announcing.to_sign(None, None)
    asked = announcing.to_sign(ROOT.key, None)
    for made in (
        replace(asked, origin="other.example"), replace(asked, number=2), replace(asked, logs=asked.logs[:1]),
        replace(asked, logs=(SECOND.key,)),
    ):  # fmt: skip
        with pytest.raises(Refused):
            announcing.announce(signed(made))
    for data in (
        signed(asked, STRANGER),
        asked.text.encode(),
        b"nothing",
        signed(asked).replace(b"next", b"Next"),
    ):
        with pytest.raises(Refused):
            announcing.announce(data)
    assert not Entry.objects.filter(verb="announce_keys").exists()


CHEATS = {
    "another root": lambda n, p, text: text.replace("0", "1", 1) if p else text,
    "no proof": lambda n, p, text: None if p and n == 2 else text,
    "the first is gone": lambda n, p, text: None if n == 1 else text,
    "another statement": lambda n, p, text: text if p or n != 2 else _other(),
}


def _other() -> str:
    before = statements.parse(announcing.announced()[1].text)
    return signed(replace(before, witnesses={"mine": WITNESS.key})).decode()


@pytest.mark.parametrize("how", CHEATS)
def test_a_server_that_shows_other_keys_is_caught(home: Path, how: str) -> None:
    announce(first=True)
    announce()
    here = Place(public().place)

    def get(path: str) -> bytes:
        text = here.file(path).decode()
        if path.startswith("keys/"):
            number, _dot, proof = path.removeprefix("keys/").partition(".")
            changed = CHEATS[how](int(number), bool(proof), text)
            if changed is None:
                raise Missing("%(path)s is not there", path=path)
            return changed.encode()
        return text.encode()

    assert openings.check_keys(here.file, fingerprint(ROOT.key))[-1].number == 2
    with pytest.raises(Invalid):
        openings.check_keys(get, fingerprint(ROOT.key))


def test_a_chain_is_checked_link_by_link() -> None:
    logs = (PrivateKey("o", ED25519, b"\x07" * 32).key,)
    one = Statement("o", 1, ROOT.key, SECOND.key, logs)
    two = Statement("o", 2, SECOND.key, SECOND.key, logs)

    def chain(*pairs: tuple[Statement, PrivateKey]) -> list[Note]:
        return [note.parse(signed(s, k)) for s, k in pairs]

    good = chain((one, ROOT), (two, SECOND))
    assert check_chain(good, fingerprint(ROOT.key)) == [one, two]
    assert check_chain(good, fingerprint(ROOT.key).upper().replace(" ", ":")) == [one, two]
    assert check_chain(good, fingerprint(SECOND.key)) == [two]
    for bad in (
        chain((one, ROOT), (two, ROOT)), chain((one, STRANGER)), [], chain((two, SECOND)), chain((one, ROOT), (one, ROOT)),
        chain((one, ROOT), (replace(two, number=3), SECOND)), chain((one, ROOT), (replace(two, origin="p"), SECOND)),
        chain((one, ROOT), (replace(two, root=STRANGER.key), STRANGER)),
    ):  # fmt: skip
        with pytest.raises(Unproven):
            check_chain(bad, fingerprint(ROOT.key))
    assert not same_fingerprint("", "")
    for text in (one.text[:-1], one.text + "\n", one.text.replace("next ", "root "), one.text.replace("\n1\n", "\n01\n"),
                 one.text + "log x\n", one.text + "script a b\n", one.text + f"log {logs[0]}\n" * 600):  # fmt: skip
        with pytest.raises(Invalid):
            statements.parse(text)


AGE = [
    "age1xwuvwhz5t8j2auyq868grgzqm8sdmyaemle079e2x98yxttjduns0hx9a3",
    "age15x38srlzl5r9nfkexk3etlpsjnykj5gkecwp23x3ze5pdlmqxywq3t36fh",
]
"""Made by pyrage."""


def test_to_whom_texts_can_be_sealed_stands_in_the_statements(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")
    made = announcing.to_sign(ROOT.key, None, {"intake": AGE[0], "leader": AGE[1]})
    announcing.announce(signed(made))
    assert check().handlers == {"intake": AGE[0], "leader": AGE[1]}
    assert announce().handlers == made.handlers, "they hold until others are named"
    path = home / "handlers"
    path.write_text(f"# who opens reports\n\nintake {AGE[1]}\n")
    assert main(["log", "statement", "--handlers", str(path)]) == 0
    text = capsys.readouterr().out
    assert f"handler intake {AGE[1]}\n" in text
    assert AGE[0] not in text
    announcing.announce(signed(statements.parse(text)))
    assert main(["log", "keys", str(public().place), "--fingerprint", fingerprint(ROOT.key)]) == 0
    assert f"# handler intake {AGE[1]}\n" in capsys.readouterr().out
    for wrong in (
        f"intake {AGE[0][:-1]}q",
        f"intake {AGE[0]}\nintake {AGE[1]}",
        "intake",
        f"a+b {AGE[0]}",
        "intake age1x",
    ):
        path.write_text(f"{wrong}\n")
        assert main(["log", "statement", "--handlers", str(path)]) == 2
        assert f"{path}, line {wrong.count(chr(10)) + 1}:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    ["", "age1", AGE[0].upper(), AGE[0][:-1], AGE[0] + "q", AGE[0].replace("age1", "agf1"), AGE[0][:9] + AGE[0][10] + AGE[0][9] + AGE[0][11:],
     "age1pq" + AGE[0][6:], AGE[0].replace("h", "b"), "AGE-SECRET-KEY-1" + AGE[0][4:].upper()],
)  # fmt: skip
def test_a_recipient_is_read_strictly(text: str) -> None:
    for one in AGE:
        assert recipients.check(one) == one
    with pytest.raises(Invalid):
        recipients.check(text)


def test_a_mirror_holds_the_statements_too_and_notices_others(home: Path) -> None:
    announce(first=True)
    announce()
    here = Folder(home / "mirror")
    mirror(Place(public().place), here, None)
    assert openings.check_keys(Place(here.place).file, fingerprint(ROOT.key))[-1].number == 2
    announce()
    mirror(Place(public().place), here, None)
    assert openings.check_keys(Place(here.place).file, fingerprint(ROOT.key))[-1].number == 3
    (public().place / "keys/2").write_bytes((public().place / "keys/1").read_bytes())
    with pytest.raises(Unproven, match="keys/2"):
        mirror(Place(public().place), here, None)
    assert openings.check_keys(Place(here.place).file, fingerprint(ROOT.key))[-1].number == 3


def test_what_is_no_fingerprint_or_no_log_is_said_to_be_that(home: Path) -> None:
    for wrong in ("", "x" * 32, "0" * 31, "0" * 33):
        with pytest.raises(Invalid, match="no fingerprint") as refused:
            openings.check_keys(Place(public().place).file, wrong)
        assert not isinstance(refused.value, Unproven)
    with pytest.raises(Missing):
        openings.check_keys(Place(public().place).file, "0" * 32)


def test_the_page_shows_the_root_that_holds_after_another_was_lost(home: Path) -> None:
    announce(first=True, successor=SECOND)
    announce(SECOND)
    assert announcing.fingerprint_shown(public()) == fingerprint(ROOT.key), "posters stay true"
    asked = announcing.to_sign(STRANGER.key, None)
    announcing.announce(signed(asked, STRANGER), lost=True)
    assert announcing.fingerprint_shown(public()) == fingerprint(STRANGER.key)
    with pytest.raises(Unproven, match="from the office"):
        check()
    assert check(fingerprint(STRANGER.key)).number == 3


def test_of_a_witness_either_key_is_enough_in_the_printed_policy(
    home: Path,
    settings: LazySettings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")
    many = [
        PrivateKey(f"w{n}.example", kind, bytes([n + 1]) * 32)
        for n in range(2)
        for kind in (COSIGNATURE, ML_DSA_44)
    ]
    lines = "".join(f"witness a{n} {key.key}\n" for n, key in enumerate(many[:3]))
    (home / "policy").write_text(f"{lines}quorum none\n")
    settings.HUHANG_LOG_POLICY = str(home / "policy")
    announce(first=True)
    identity.renew()
    announce()
    identity.retire()
    announce()
    assert main(["log", "keys", str(public().place), "--fingerprint", fingerprint(ROOT.key)]) == 0
    text = capsys.readouterr().out
    made = policy.parse(text)
    assert made.is_met({many[0].key, many[2].key})
    assert made.is_met({many[1].key, many[2].key})
    assert not made.is_met({many[0].key, many[1].key})
    assert not made.is_met({many[2].key})
    assert text.count("\nlog ") == 2
    assert text.count("# before: log ") == 2


def test_a_statement_without_a_proof_yet_is_announced_as_that(
    home: Path,
    settings: LazySettings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")
    (home / "policy").write_text(f"witness w {WITNESS.key} http://127.0.0.1:9\nquorum w\n")
    settings.HUHANG_LOG_POLICY = str(home / "policy")
    (home / "signed").write_bytes(signed(announcing.to_sign(ROOT.key, None)))
    assert main(["log", "announce", str(home / "signed")]) == 0
    assert "Its proof follows once enough witnesses cosign" in capsys.readouterr().out
    settings.HUHANG_LOG_POLICY = ""
    assert main(["log", "tick"]) == 0
    assert showing.is_proven(1)


def test_every_script_that_a_script_imports_is_named_with_its_hash() -> None:
    named = announcing.scripts()
    assert any("/portal/receipt." in path for path in named)
    imported = set()
    for path in named:
        file = Path(settings_of.STATIC_ROOT) / path.removeprefix(settings_of.STATIC_URL)
        for other in re.findall(r"""\bfrom\s*["'](\.[^"']+)["']""", file.read_text()):
            imported.add(f"{path.rpartition('/')[0]}/{other.removeprefix('./')}")
    assert imported
    assert imported <= set(named)


def test_from_the_command_line_as_the_documents_say(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")

    def run(*arguments: object, status: int = 0) -> str:
        assert main([str(a) for a in arguments]) == status
        found = capsys.readouterr()
        return found.out if status == 0 else found.out + found.err

    vkey, told = run("root", "init", home / "root", "--name", "office.example/root").splitlines()[
        1:
    ]
    assert (home / "root").stat().st_mode & 0o777 == 0o600
    print_ = told.removeprefix("Fingerprint: ")
    run("root", "init", home / "root", "--name", "office.example/root", status=2)
    assert "--root" in run("log", "statement", status=2)
    (home / "statement").write_text(run("log", "statement", "--root", vkey))
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert "Nothing was signed" in run("root", "sign", home / "root", home / "statement", status=2)
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    (home / "signed").write_text(run("root", "sign", home / "root", home / "statement"))
    assert print_ in run("log", "announce", home / "signed")
    run("log", "announce", home / "signed", status=2)
    shown = run("log", "keys", public().place, "--fingerprint", print_)
    (home / "trusted").write_text(shown)
    assert "the policy asks for no witness" in run(
        "log", "audit", public().place, "--policy", home / "trusted"
    )
    assert "DOES NOT HOLD" in run(
        "log", "keys", public().place, "--fingerprint", "0" * 32, status=1
    )
    run("root", "sign", home / "statement", home / "statement", "--yes", status=2)


def test_the_public_reads_the_statements_and_the_poster_has_the_fingerprint(
    home: Path, client: Client
) -> None:
    assert posters.root_words(current()) == ""
    assert client.get("/log/keys/1").status_code == 404
    announce(first=True)
    answer = client.get("/log/keys/1")
    assert statements.check_one(note.parse(answer.content)).number == 1
    assert "max-age=5" in answer.headers["Cache-Control"]
    assert client.get("/log/keys/1.tlog-proof").status_code == 200
    for path in (
        "keys/0",
        "keys/2",
        "keys/01",
        "keys/1.",
        "keys/../../keys/log",
        "keys/1.tlog-proof2",
        "keys/",
    ):
        assert client.get(f"/log/{path}").status_code == 404, path
    assert fingerprint(ROOT.key) in client.get("/r/log/").content.decode()
    words = posters.root_words(current())
    assert words.endswith(fingerprint(ROOT.key))
    assert posters.poster("", "pdf").startswith(b"%PDF")
    assert source(str(public().place)).file("keys/1") == answer.content


def test_a_proof_that_had_to_wait_for_the_witnesses_comes_later(
    home: Path, settings: LazySettings
) -> None:
    (home / "policy").write_text(f"witness press {WITNESS.key} http://127.0.0.1:9\nquorum press\n")
    settings.HUHANG_LOG_POLICY = str(home / "policy")
    announce(first=True)
    with pytest.raises(Missing):
        check()
    settings.HUHANG_LOG_POLICY = ""
    tick()
    publish()
    showing.show_missing()
    assert check().number == 1
    before = public().place.joinpath("keys/1.tlog-proof").read_bytes()
    showing.show_missing()
    assert public().place.joinpath("keys/1.tlog-proof").read_bytes() == before
