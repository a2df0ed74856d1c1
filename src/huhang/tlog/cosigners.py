"""Asking witnesses for their cosignatures (c2sp.org/tlog-witness), pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from huhang.tlog import checkpoint, note
from huhang.tlog.fetching import body_of
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.keys import PublicKey
from huhang.tlog.note import Note, Signature, encode
from huhang.tlog.policy import Policy

SECONDS = 10
"""So long a witness may take to begin its answer, and to end it."""
MOST_BYTES = 100_000
"""Of its answer: a few signatures."""
Proof = Callable[[int], Sequence[bytes]]
"""The consistency proof from a tree of so many leaves to the one that is to be cosigned."""


@dataclass(frozen=True)
class Word:
    """What a witness answered. ``signatures``: those that hold; else ``fault`` says why there is none.

    ``conflict``: it has seen another history of this log, or more of it than is asked about. ``seen``: the size
    that it has cosigned, where it said so.
    """

    url: str
    keys: tuple[PublicKey, ...]
    signatures: tuple[Signature, ...] = ()
    fault: Invalid | None = None
    conflict: bool = False
    seen: int | None = None


def ask_all(
    policy: Policy, urls: Collection[str], signed: Note, known: dict[str, int], proof: Proof
) -> list[Word]:
    """Ask the witnesses of the policy at these addresses, all at once. ``known``: by address the size
    that it cosigned last, as far as one knows."""
    size = checkpoint.parse(signed.text).size
    places: dict[str, list[PublicKey]] = {}
    for key in policy.witnesses.values():
        if (url := policy.urls.get(key)) in urls and url:
            places.setdefault(url, []).append(key)
    if not places:
        return []
    with ThreadPoolExecutor(len(places)) as pool:
        asked = [
            pool.submit(ask, url, tuple(keys), signed, size, known.get(url, 0), proof)
            for url, keys in places.items()
        ]
        return [one.result() for one in asked]


def ask(
    url: str, keys: tuple[PublicKey, ...], signed: Note, size: int, old: int, proof: Proof
) -> Word:
    """Ask one witness; when it has seen another size, once more from there."""
    try:
        status, text = _post(url, old, proof(old), signed)
        if status == 409:
            seen = note.number(text.removesuffix("\n"))
            if seen > size or seen == old:
                fault = Invalid(
                    said("it has cosigned another history, of %(size)d leaves"), size=seen
                )
                return Word(
                    url, keys, fault=fault, conflict=True, seen=seen if seen > size else None
                )
            status, text = _post(url, seen, proof(seen), signed)
        if status != 200:
            fault = Invalid(said("it answered %(status)d: %(text)s"),
                            status=status, text=text.strip()[:120])  # fmt: skip
            return Word(url, keys, fault=fault, conflict=status in (409, 422))
        return Word(url, keys, _held(text, signed, keys), seen=size)
    except requests.RequestException as error:
        fault = Invalid(said("it does not answer (%(reason)s)"), reason=type(error).__name__)
        return Word(url, keys, fault=fault)
    except Invalid as error:
        return Word(url, keys, fault=error)


def _held(text: str, signed: Note, keys: tuple[PublicKey, ...]) -> tuple[Signature, ...]:
    """The signatures of known keys in an answer. Raises ``Invalid``, also when there is none."""
    found = tuple(note.parse_signature(line) for line in text.removesuffix("\n").split("\n"))
    held = note.verified(Note(signed.text, found), keys)
    if not held:
        raise Invalid(said("its answer is not signed with a key of the policy"))
    return tuple(held.values())


def _post(url: str, old: int, proof: Sequence[bytes], signed: Note) -> tuple[int, str]:
    """The status and text of an answer. Raises ``Invalid`` where it is too long or too slow."""
    hashes = "".join(f"{encode(h)}\n" for h in proof)
    body = f"old {old}\n{hashes}\n{signed}".encode()
    at = f"{url.rstrip('/')}/add-checkpoint"
    with requests.post(
        at, data=body, timeout=SECONDS, allow_redirects=False, stream=True
    ) as answer:
        return answer.status_code, body_of(answer, MOST_BYTES, SECONDS).decode("utf-8", "replace")
