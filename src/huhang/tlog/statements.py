"""Which keys hold: statements of a root that is kept offline, each an entry of the log. Pure.

A statement is a signed note under the root's Ed25519 key. It replaces the one before it and names the root that
signs the next. Whoever knows the fingerprint of one root (it stands on the poster) follows the chain to the keys
that hold now, and needs to believe the server nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from huhang.tlog import keys, note, recipients
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.keys import ED25519, PublicKey
from huhang.tlog.note import Note, number

HEADER = "huhang keys v1"
MOST_LINES = 500
_SCRIPT = re.compile(r"[!-~]{1,200} [0-9a-f]{64}")


@dataclass(frozen=True)
class Statement:
    """``root``: who signs this one; ``next``: who signs the next. ``witnesses``: by name. ``handlers``: by name,
    to whom texts can be sealed (age recipients). ``scripts``: by path, SHA-256 in hexadecimal of what browsers are
    given. ``after``: the log that ended, in the first statement of the one that goes on."""

    origin: str
    number: int
    root: PublicKey
    next: PublicKey
    logs: tuple[PublicKey, ...]
    witnesses: dict[str, PublicKey] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    handlers: dict[str, str] = field(default_factory=dict)
    after: str = ""

    @property
    def text(self) -> str:
        """The text that the root signs."""
        lines = [HEADER, self.origin, str(self.number), f"root {self.root}", f"next {self.next}"]
        lines += [f"after {self.after}"] if self.after else []
        lines += [f"log {key}" for key in self.logs]
        lines += [f"witness {name} {key}" for name, key in self.witnesses.items()]
        lines += [f"handler {name} {to}" for name, to in self.handlers.items()]
        lines += [f"script {path} {digest}" for path, digest in sorted(self.scripts.items())]
        return "".join(f"{line}\n" for line in lines)


def parse(text: str) -> Statement:
    """The statement that this text of a note is. Raises ``Invalid``."""
    lines = text[:-1].split("\n") if text.endswith("\n") else []
    if not 5 < len(lines) <= MOST_LINES or lines[0] != HEADER:
        raise Invalid(
            said("this is no statement of keys: its first line must be %(line)s"), line=HEADER
        )
    root, successor = _key(lines[3], "root"), _key(lines[4], "next")
    logs: list[PublicKey] = []
    witnesses: dict[str, PublicKey] = {}
    scripts: dict[str, str] = {}
    handlers: dict[str, str] = {}
    after = ""
    for line in lines[5:]:
        word, _space, rest = line.partition(" ")
        if word == "after" and rest:
            after = rest
        elif word == "log":
            logs.append(keys.parse(rest))
        elif word == "witness" and " " in rest:
            name, _space, vkey = rest.partition(" ")
            witnesses[name] = keys.parse(vkey)
        elif word == "handler" and " " in rest:
            name, _space, to = rest.partition(" ")
            handlers[name] = recipients.check(to)
        elif word == "script" and _SCRIPT.fullmatch(rest):
            path, _space, digest = rest.partition(" ")
            scripts[path] = digest
        else:
            raise Invalid(said("this line says nothing of a key: %(line)s"), line=line[:80])
    found = Statement(lines[1], number(lines[2]), root, successor, tuple(logs), witnesses, scripts,
                      handlers, after)  # fmt: skip
    if found.text != text or not logs or found.number < 1:
        raise Invalid(said("a statement of keys has its lines in order, each once"))
    return found


def _key(line: str, word: str) -> PublicKey:
    if not line.startswith(f"{word} "):
        raise Invalid(said("the line “%(name)s” is missing"), name=word)
    key = keys.parse(line.removeprefix(f"{word} "))
    if key.kind != ED25519:
        raise Invalid(said("a key of this type cannot stand here"))
    return key


def fingerprint(root: PublicKey) -> str:
    """What stands on posters: the first 128 bits of SHA-256 over the key's text, in groups of four."""
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def same_fingerprint(one: str, other: str) -> bool:
    """Whether both are the same, however they were typed."""
    return _bare(one) == _bare(other) != ""


def is_fingerprint(text: str) -> bool:
    """Whether it can be the fingerprint of a root."""
    return re.fullmatch(r"[0-9a-f]{32}", _bare(text)) is not None


def _bare(text: str) -> str:
    return re.sub(r"[\s:·-]", "", text).lower()


def check_one(signed: Note) -> Statement:
    """The statement, signed by the root that it names, whoever that is. Raises ``Invalid``."""
    found = parse(signed.text)
    if not note.verified(signed, [found.root]):
        raise Unproven(said("the root did not sign this statement of keys"))
    return found


def check_chain(signed: Iterable[Note], print_: str) -> list[Statement]:
    """The statements of the chain that begins with the root of this fingerprint; the last one holds now.

    ``signed``: all statements of a log, in order. Raises ``Invalid``.
    """
    chain: list[Statement] = []
    for place, one in enumerate(signed, 1):
        found = check_one(one)
        if found.number != place:
            raise Unproven(
                said("statement %(number)d stands in the place of another"), number=found.number
            )
        if not chain:
            if same_fingerprint(fingerprint(found.root), print_):
                chain.append(found)
            continue
        before = chain[-1]
        goes_on = found.origin == before.origin or found.after == before.origin
        if not goes_on or found.number != before.number + 1:
            words = said("a statement of keys is missing before number %(number)d")
            raise Unproven(words, number=found.number)
        if found.root != before.next:
            words = said(
                "statement %(number)d is signed by a root that was not named before: the one of this fingerprint was lost or "
                "is not asked any more; take the new fingerprint from the office"
            )
            raise Unproven(words, number=found.number)
        chain.append(found)
    if not chain:
        raise Unproven(said("no root with this fingerprint signed for this log"))
    return chain
