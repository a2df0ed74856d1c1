"""Saved sources: who sends, how it is read, with which keys it is signed, and for whom.

Verbs: ``add``, ``change``, ``set_mapping``, ``set_date_formats``, ``set_active``, ``take_over``, ``make_key``, ``end_key``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from huhang.intake import kinds, work
from huhang.intake.models import PushKey, Source
from huhang.kernel import ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.parties.actions import find_user
from huhang.parties.queries import actor_for
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import Mapping, is_date_format

MOST_KEYS = 2
"""Keys of one source that hold at a time: the one in use, and the next."""
LONGEST_NAME = 120
LONGEST_MAPPING = 20_000
PREFIX = "whsec_"
_code = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def _may(actor: Actor, kind: str) -> bool:
    found = kinds.offered() if actor.kind == "operator" else kinds.offered_to(actor)
    return kind in kinds.sent_by_sources(found)


def sources_for(actor: Actor) -> list[Source]:
    """The sources of the kinds that this person may import, by code."""
    return [s for s in Source.objects.order_by("code") if _may(actor, s.kind)]


def access(actor: Actor, code: str) -> Source:
    """One of them. Raises ``Missing``."""
    found = Source.objects.filter(code=plain_line(code)[:40]).first()
    if found is None or not _may(actor, found.kind):
        raise Missing(_("There is no such source."))
    return found


def add(
    w: Write, *, code: str, name: str, kind: str, watched: bool = False, owner: str = ""
) -> Source:
    """Add a source, for oneself or, as the operator, for the user of this sign-in name."""
    code = code.strip().lower()
    if kind not in kinds.sent_by_sources(kinds.offered()):
        raise Refused(_("There is no such kind of file here."), field="kind")
    if not _may(w.actor, kind):
        raise NotAllowed(_("Your role does not import this kind of file."))
    if not _code.fullmatch(code):
        raise Refused(
            _("A source's code has small letters, digits and dashes, at most 40."), field="code"
        )
    if Source.objects.filter(code=code).exists():
        raise Refused(_("The code “%(code)s” is taken.") % {"code": code}, field="code")
    ref = w.actor.ref
    if w.actor.kind == "operator":
        user = find_user(owner)
        ref = user.ref
        if not _may(actor_for(user), kind):
            raise Refused(_("This person may not import this kind of file."), field="owner")
    w.entry("add_source")
    made: Source = w.insert(
        Source, code=code, name=_name(name), kind=kind, watched=watched, owner=ref, added_at=w.now
    )
    return made


def change(w: Write, code: str, *, name: str, watched: bool) -> Source:
    """Rename a source; let the worker look into its folder, or not."""
    source = access(w.actor, code)
    w.entry("change_source")
    w.update(source, name=_name(name), watched=watched)
    return source


def set_mapping(w: Write, code: str, text: str) -> Source:
    """Save how the columns of a source are understood: YAML, or nothing for their usual names."""
    source = access(w.actor, code)
    if len(text) > LONGEST_MAPPING:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": LONGEST_MAPPING, "given": len(text)},
            field="mapping",
        )
    try:
        found = work.parsed(kinds.KINDS[source.kind], text)
    except UnusableFile as error:
        raise Refused(str(error), field="mapping") from None
    w.entry("map_source")
    w.update(source, mapping=found.as_yaml() if found else "")
    return source


def set_date_formats(w: Write, code: str, forms: Iterable[str]) -> Source:
    """Save how dates are written in what a source sends; the rest of its mapping stays."""
    source = access(w.actor, code)
    kind = kinds.KINDS[source.kind]
    wanted = tuple(filter(None, map(str.strip, forms)))
    for form in wanted:
        if not is_date_format(form):
            raise Refused(
                _("“%(form)s” is no format of a date: it needs the day, the month and the year once "
                  "each, such as %%d/%%m/%%Y.") % {"form": form[:40]}, field="formats",
            )  # fmt: skip
    mapping = work.parsed(kind, source.mapping) or Mapping(kind.vocabulary)
    return set_mapping(w, code, replace(mapping, date_formats=wanted).as_yaml())


def set_active(w: Write, code: str, *, active: bool) -> Source:
    """Retire a source, or use it again. What it sent stays; nothing more of it is taken."""
    source = access(w.actor, code)
    if source.active != active:
        w.entry("use_source" if active else "retire_source")
        w.update(source, active=active)
    else:
        w.derived()
    return source


def take_over(w: Write, code: str) -> Source:
    """Become the one for whom the rows of a source are taken in, from now on. Its keys end: whoever
    got them from somebody else would learn from the answers what the new owner may see."""
    source = access(w.actor, code)
    if w.actor.kind != "user":
        raise NotAllowed(_("Only a person can take over a source."))
    w.entry("take_over_source")
    w.update(source, owner=w.actor.ref)
    for key in keys_of(source):
        w.update(key, ended_at=w.now)
    return source


def keys_of(source: Source) -> list[PushKey]:
    """The keys of a source that hold, the oldest first."""
    return list(PushKey.objects.filter(source=source, ended_at__isnull=True).order_by("id"))


def secret_of(key: PushKey) -> bytes:
    """The key itself: 32 bytes that only this server can make."""
    return salted_hmac("huhang.intake.push", key.ref, algorithm="sha256").digest()


def make_key(w: Write, code: str) -> tuple[PushKey, str]:
    """Make a key for a source: its row, and the key as it is shown, once. Two hold at a time, so that
    a sender can go over from one to the next. The owner alone makes them (see ``take_over``)."""
    source = access(w.actor, code)
    if w.actor.kind != "operator" and w.actor.ref != source.owner:
        raise NotAllowed(_("Only the person for whom a source is taken in makes its keys."))
    if len(keys_of(source)) >= MOST_KEYS:
        raise Refused(_("Two keys hold already: end one first."))
    w.entry("make_push_key")
    made: PushKey = w.insert(PushKey, ref=ids.new_ref(), source_id=source.pk, made_at=w.now)
    return made, PREFIX + base64.b64encode(secret_of(made)).decode("ascii")


def end_key(w: Write, code: str, ref: str) -> PushKey:
    """End a key at once."""
    source = access(w.actor, code)
    key = next((k for k in keys_of(source) if k.ref == ref), None)
    if key is None:
        raise Missing(_("There is no such key."))
    w.entry("end_push_key")
    w.update(key, ended_at=w.now)
    return key


def _name(given: str) -> str:
    name = plain_line(given)
    if not name:
        raise Refused(_("A name is needed."), field="name")
    if len(name) > LONGEST_NAME:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": LONGEST_NAME, "given": len(name)},
            field="name",
        )
    return name
