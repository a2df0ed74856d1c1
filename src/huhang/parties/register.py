"""The register of businesses: what is known of each code, and how it changes.

A later vintage of a register outranks an earlier one, and a later date of a record an earlier date;
what a business was called before, or is called beside, stays as a former record. Nothing here
guesses: a code is what a register says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from huhang.kernel.write import Write
from huhang.parties.models import Business, FormerRecord

TEXTS = ("name", "kind", "status", "industry", "capital", "scope", "place", "address")
Code = tuple[str, str]


def by_code(codes: Iterable[Code]) -> dict[Code, Business]:
    """The businesses of these (scheme, value)."""
    wanted: dict[str, list[str]] = {}
    for scheme, value in codes:
        wanted.setdefault(scheme, []).append(value)
    return {
        (b.scheme, b.value): b
        for scheme, values in wanted.items()
        for b in Business.objects.filter(scheme=scheme, value__in=values)
    }


def former_hashes(businesses: Iterable[Business]) -> set[tuple[int, bytes]]:
    """(business, content) of what was said of these before."""
    keys = [b.pk for b in businesses]
    found = FormerRecord.objects.filter(business__in=keys).values_list(
        "business_id", "content_hash"
    )
    return {(key, bytes(content)) for key, content in found}


def known_as(codes: list[str], name: str) -> list[str]:
    """Those of these codes that the register has under this very name, now or formerly."""
    found = Business.objects.filter(scheme="uscc", value__in=codes).prefetch_related("former")
    return sorted(b.value for b in found if name in {b.name, *(f.name for f in b.former.all())})


def add(w: Write, scheme: str, value: str, texts: dict[str, str], **more: Any) -> int:
    """A business that was not known. ``texts``: by field of ``TEXTS``; its key."""
    said = {name: texts.get(name, "") for name in TEXTS}
    district = value[2:8] if scheme == "uscc" and value[2:8].isdigit() else ""
    return w.add(Business, scheme=scheme, value=value, district=district, **said, **more)


def change(w: Write, business: Business, texts: dict[str, str], **more: Any) -> None:
    """Take over what a later vintage says; what was said before becomes a former record."""
    note_former(w, business, business.name, business.seen_on, bytes(business.content_hash))
    w.update(business, **{name: texts.get(name, "") for name in TEXTS}, **more)


def note_former(
    w: Write, business: Business, name: str, seen_on: date, content_hash: bytes
) -> None:
    """Keep what an earlier vintage, or another row of the same one, says."""
    w.add(
        FormerRecord, business_id=business.pk, name=name, seen_on=seen_on,
        content_hash=content_hash,
    )  # fmt: skip


def former_names(businesses: Iterable[Business]) -> dict[int, set[str]]:
    """business -> what these are known to have been called."""
    found: dict[int, set[str]] = {}
    keys = [b.pk for b in businesses]
    for key, name in FormerRecord.objects.filter(business__in=keys).values_list(
        "business_id", "name"
    ):
        found.setdefault(key, set()).add(name)
    return found


def note_names(w: Write, business: int, names: Iterable[str], seen_on: date) -> None:
    """Keep what a register tells of former names, as far as it was not known."""
    for name in names:
        said = hashlib.sha256(f"former={name}".encode("utf-8", "replace")).digest()
        w.add(FormerRecord, business_id=business, name=name, seen_on=seen_on, content_hash=said)


def seen(w: Write, business: Business, day: date, updated_on: date | None) -> None:
    """A later vintage, or a later record, says the same."""
    w.update(business, seen_on=day, updated_on=updated_on)
