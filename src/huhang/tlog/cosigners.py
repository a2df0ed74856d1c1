"""Asking witnesses for their cosignatures (c2sp.org/tlog-witness), pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from huhang.tlog import checkpoint, note
from huhang.tlog.invalid import Invalid, said
from huhang.tlog.keys import PublicKey
from huhang.tlog.note import Note, Signature, encode
from huhang.tlog.policy import Policy

SECONDS = 10
"""So long a witness may take."""
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
        answer = _post(url, old, proof(old), signed)
        if answer.status_code == 409:
            seen = note.number(answer.text.removesuffix("\n"))
            if seen > size or seen == old:
                fault = Invalid(
                    said("it has cosigned another history, of %(size)d leaves"), size=seen
                )
                return Word(
                    url, keys, fault=fault, conflict=True, seen=seen if seen > size else None
                )
            answer = _post(url, seen, proof(seen), signed)
        if answer.status_code != 200:
            fault = Invalid(said("it answered %(status)d: %(text)s"),
                            status=answer.status_code, text=answer.text.strip()[:120])  # fmt: skip
            return Word(url, keys, fault=fault, conflict=answer.status_code in (409, 422))
        return Word(url, keys, _held(answer.text, signed, keys), seen=size)
    except requests.RequestException as error:
        fault = Invalid(said("it does not answer (%(reason)s)"), reason=type(error).__name__)
        return Word(url, keys, fault=fault)
    except Invalid as error:
        return Word(url, keys, fault=error)


def _held(text: str, signed: Note, keys: tuple[PublicKey, ...]) -> tuple[Signature, ...]:
    """The signatures of known keys in an answer. Raises ``Invalid``, also when there is none."""
    found = tuple(note.parse_signature(line) for line in text.removesuffix("\n").split("\n"))
    by = {(key.name, key.key_id) for key in note.verified(Note(signed.text, found), keys)}
    held = {(s.name, s.key_id): s for s in found if (s.name, s.key_id) in by}
    if not held:
        raise Invalid(said("its answer is not signed with a key of the policy"))
    return tuple(held.values())


def _post(url: str, old: int, proof: Sequence[bytes], signed: Note) -> requests.Response:
    hashes = "".join(f"{encode(h)}\n" for h in proof)
    body = f"old {old}\n{hashes}\n{signed}".encode()
    at = f"{url.rstrip('/')}/add-checkpoint"
    return requests.post(at, data=body, timeout=SECONDS, allow_redirects=False)
