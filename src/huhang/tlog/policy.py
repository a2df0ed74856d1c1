"""Trust policies (c2sp.org/tlog-policy), pure: which logs, which witnesses, how many of them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from huhang.tlog import checkpoint, keys, note
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.keys import PublicKey

NONE = "none"
MOST_LINES = 1000
_LOGS = frozenset({keys.ED25519, keys.ML_DSA_44})


@dataclass(frozen=True)
class Group:
    """Witnessed when ``least`` of its members are."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """``quorum``: the name of a witness or group, or ``none``. ``urls``: of a key, where one is given."""

    logs: tuple[PublicKey, ...]
    witnesses: dict[str, PublicKey]
    groups: dict[str, Group]
    quorum: str
    urls: dict[PublicKey, str]

    @property
    def without_logs(self) -> str:
        """The lines of witnesses, groups and quorum."""
        lines = [
            f"witness {n} {k} {self.urls.get(k, '')}".rstrip() for n, k in self.witnesses.items()
        ]
        lines += [f"group {n} {g.least} {' '.join(g.members)}" for n, g in self.groups.items()]
        return "".join(f"{line}\n" for line in [*lines, f"quorum {self.quorum}"])

    def check(self, signed: note.Note) -> Checkpoint:
        """Check that a checkpoint is signed by one of the logs, whose name is its origin, and cosigned
        by the quorum; the checkpoint. Raises ``Invalid``."""
        found = self.check_log(signed)
        if not self.has_quorum(signed):
            raise Unproven(said("the checkpoint of %(size)d leaves is not cosigned by the quorum"),
                           size=found.size)  # fmt: skip
        return found

    def check_log(self, signed: note.Note) -> Checkpoint:
        """Check the signatures of the log alone. Raises ``Invalid``."""
        found = checkpoint.parse(signed.text)
        ours = [key for key in self.logs if key.name == found.origin]
        if not ours:
            raise Unproven(said("“%(origin)s” is no log of this policy"), origin=found.origin)
        if not note.verified(signed, ours):
            raise Unproven(said("the log did not sign this checkpoint"))
        return found

    def has_quorum(self, signed: note.Note) -> bool:
        """Whether enough witnesses cosigned. Raises ``Unproven`` for a wrong signature of one."""
        return self.is_met(note.verified(signed, list(self.witnesses.values())).keys())

    def is_met(self, cosigned: Set[note.Verifier]) -> bool:
        """Whether these keys are enough."""
        met = {NONE} | {name for name, key in self.witnesses.items() if key in cosigned}
        for name, group in self.groups.items():  # each after its members
            if sum(member in met for member in group.members) >= group.least:
                met.add(name)
        return self.quorum in met


def of_logs(logs: Sequence[PublicKey]) -> Policy:
    """The policy that trusts these keys of a log and asks for no witness."""
    return Policy(tuple(logs), {}, {}, NONE, {})


def parse(data: bytes | str) -> Policy:
    """The policy in these bytes. Raises ``Invalid``, naming the line."""
    raw = data.encode() if isinstance(data, str) else data
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", raw):
        raise Invalid(said("a policy has no control characters but tabs and newlines"))
    reader = _Reader()
    # Names are octets, whatever they stand for: two spellings are two names.
    lines = raw.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > MOST_LINES:
        raise Invalid(said("a policy has at most %(most)d lines"), most=MOST_LINES)
    for at, line in enumerate(lines, 1):
        words = re.findall(r"[^ \t]+", line)
        if not words or words[0].startswith("#"):
            continue
        try:
            reader.take(words)
        except Invalid as error:
            raise Invalid(said("line %(line)d: %(reason)s"), line=at, reason=error) from None
    return reader.policy()


class _Reader:
    def __init__(self) -> None:
        self.logs: list[PublicKey] = []
        self.witnesses: dict[str, PublicKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorum = ""
        self.urls: dict[PublicKey, str] = {}
        self.members: set[str] = set()

    def take(self, words: list[str]) -> None:
        kind, given = words[0], words[1:]
        most = {"log": (1, 2), "witness": (2, 3), "group": (3, MOST_LINES), "quorum": (1, 1)}
        if kind not in most:
            raise Invalid(said("“%(word)s” begins no line of a policy"), word=kind[:40])
        least, up_to = most[kind]
        if not least <= len(given) <= up_to:
            raise Invalid(said("a line of “%(word)s” with too few or too many parts"), word=kind)
        getattr(self, f"_{kind}")(*given)

    def _log(self, vkey: str, url: str = "") -> None:
        key = self._key(vkey, url, _LOGS)
        if any(key.public == other.public for other in self.logs):
            raise Invalid(said("this key stands twice"))
        self.logs.append(key)

    def _witness(self, name: str, vkey: str, url: str = "") -> None:
        key = self._key(vkey, url, keys.TIMED)
        if any(key.public == other.public for other in self.witnesses.values()):
            raise Invalid(said("this key stands twice"))
        self.witnesses[self._new(name)] = key

    def _group(self, name: str, least: str, *members: str) -> None:
        for member in members:
            self._known(member)
            if member in self.members:
                raise Invalid(said("“%(name)s” is a member already"), name=member[:40])
            self.members.add(member)
        words = {"all": len(members), "any": 1}
        count = words[least] if least in words else note.number(least)
        if not 1 <= count <= len(members):
            raise Invalid(said("%(count)d of %(members)d cannot be"),
                          count=count, members=len(members))  # fmt: skip
        self.groups[self._new(name)] = Group(count, members)

    def _quorum(self, name: str) -> None:
        if self.quorum:
            raise Invalid(said("a policy has one quorum"))
        if name != NONE:
            self._known(name)
        self.quorum = name

    def _key(self, vkey: str, url: str, kinds: frozenset[int]) -> PublicKey:
        key = keys.parse(vkey)
        if key.kind not in kinds:
            raise Invalid(said("a key of this type cannot stand here"))
        if url:
            self.urls[key] = url
        return key

    def _new(self, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise Invalid(said("“%(name)s” is a name already"), name=name[:40])
        return name

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Invalid(said("“%(name)s” is not defined above"), name=name[:40])

    def policy(self) -> Policy:
        if not self.quorum:
            raise Invalid(said("the quorum is missing"))
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum, self.urls)
