"""The acknowledgement of a report, pure: a signed promise that the log will hold a leaf, by when.

A signed note under the log's Ed25519 key. Its first line is no origin, so that it is never a checkpoint. Whoever
holds it shows with it that the promise was broken: the leaf is in no checkpoint that was signed later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from huhang.tlog import checkpoint, keys, note, successions
from huhang.tlog.audit import Audited, Source, audit
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.keys import TIMED
from huhang.tlog.note import Note, decode, encode, number
from huhang.tlog.policy import NONE, Policy

HEADER = "huhang promise v1"
SECONDS = 3600
"""Within so many seconds of receipt the log holds the leaf, or the promise is broken."""
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_NAMES = ("leaf", "r", "received", "tick", "by")


@dataclass(frozen=True)
class Promise:
    """``leaf``: 33 bytes, ``r``: 32; ``tick``: the number of the tick that will hold it; moments in UTC."""

    origin: str
    leaf: bytes
    r: bytes
    received: datetime
    tick: int
    by: datetime

    @property
    def text(self) -> str:
        """The text that is signed."""
        values = (
            encode(self.leaf),
            encode(self.r),
            _moment(self.received),
            str(self.tick),
            _moment(self.by),
        )
        lines = (HEADER, self.origin, *(f"{n} {v}" for n, v in zip(_NAMES, values, strict=True)))
        return "".join(f"{line}\n" for line in lines)


def parse(text: str) -> Promise:
    """The promise that this text of a note is. Raises ``Invalid``."""
    lines = text[:-1].split("\n") if text.endswith("\n") else []
    if len(lines) != 2 + len(_NAMES) or lines[0] != HEADER:
        raise Invalid(said("this is no promise: its first line must be %(line)s"), line=HEADER)
    values = []
    for name, line in zip(_NAMES, lines[2:], strict=True):
        if not line.startswith(f"{name} "):
            raise Invalid(said("the line “%(name)s” is missing"), name=name)
        values.append(line.removeprefix(f"{name} "))
    leaf, r, received, tick, by = values
    found = Promise(lines[1], decode(leaf), decode(r), _read(received), number(tick), _read(by))
    if (len(found.leaf), len(found.r)) != (33, 32):
        raise Invalid(said("the promise does not hold the leaf that it is about"))
    return found


def check(data: bytes, policy: Policy) -> Promise:
    """The promise in these bytes, signed by a log of the policy under its name. Raises ``Invalid``."""
    signed = note.parse(data)
    found = parse(signed.text)
    ours = [key for key in policy.logs if key.name == found.origin and key.kind == keys.ED25519]
    if not ours or not note.verified(signed, ours):
        raise Unproven(said("the log did not sign this promise"))
    return found


def look_for(
    promise: Promise, found: Source, policy: Policy, now: datetime
) -> tuple[Audited, int | None]:
    """Audit the log and look for the leaf: what was audited, and its index; None where it is not in the log
    and need not be yet.

    Raises ``Unproven`` when the log is another one or does not hold; when it was signed after ``by`` without the
    leaf: then the promise was broken; and when ``by`` is over and the log shows nothing that was signed later.
    """
    at: list[int] = []

    def look(start: int, entries: list[bytes]) -> None:
        if promise.leaf in entries:
            at.append(start + entries.index(promise.leaf))

    result = audit(found, policy, each=look)
    if result.head.origin != promise.origin:
        before = successions.begun(found, policy, result.head)
        if before is None or before.last.origin != promise.origin:
            raise Unproven(
                said("the promise is of another log, “%(origin)s”"), origin=promise.origin
            )
    if at:
        return result, at[0]
    if is_later(result.signed, policy, promise.by):
        raise Unproven(
            said("THE PROMISE WAS BROKEN: a checkpoint signed later does not hold the leaf, promised by %(by)s"),
            by=_moment(promise.by),
        )  # fmt: skip
    goes_on = successions.ended(found, policy, result.head)
    if goes_on is not None:
        raise Unproven(
            said("the leaf is not there; this log ended, and goes on as “%(origin)s”: ask for it there"),
            origin=goes_on.origin,
        )  # fmt: skip
    if now > promise.by:
        raise Unproven(
            said("the leaf is not there, promised by %(by)s, and the log shows nothing that was surely signed later: "
                 "ask again, and ask others what they are shown"), by=_moment(promise.by),
        )  # fmt: skip
    return result, None


def is_later(signed: Note, policy: Policy, than: datetime) -> bool:
    """Whether the log itself says that it signed this checkpoint later, or so many witnesses that they are the
    quorum. What they say counts where their signature holds. Raises ``Unproven`` for a wrong one."""
    ours = [key for key in policy.logs if key.name == checkpoint.parse(signed.text).origin]
    known = [key for key in (*policy.witnesses.values(), *ours) if key.kind in TIMED]
    held = note.verified(signed, known)
    late = {key for key in known if key in held
            and keys.time_of(key, held[key].raw) > than.timestamp()}  # fmt: skip
    return bool(late.intersection(ours)) or (policy.quorum != NONE and policy.is_met(late))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_FORM)


def _read(text: str) -> datetime:
    try:
        found = datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(said("this is no moment: %(text)s"), text=text[:40]) from None
    if _moment(found) != text:
        raise Invalid(said("this is no moment: %(text)s"), text=text[:40])
    return found
