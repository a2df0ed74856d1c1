"""Rows that a source pushes, signed as *Standard Webhooks* 1.0.0 says.

Signed is ``webhook-id.webhook-timestamp.body`` by HMAC-SHA-256; ``webhook-signature`` holds one or
more ``v1,`` and base64, by spaces. The answer comes after the rows are stored; the same id gives the
first answer again, also where the server was killed before it could be given.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huhang.intake import kept, runs, sources, work
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun, PushKey, Source
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, HuhangError, NotAllowed, Refused

TOLERANCE = 300
"""Seconds that a push's timestamp may be away from this server's clock."""
TYPES = {"application/json": "push.json", "text/csv": "push.csv"}
COUNTS = ("read", "accepted", "updated", "repeated", "refused")
_id = re.compile(r"[A-Za-z0-9_-]{1,200}")
_seconds = re.compile(r"[0-9]{1,12}")
_NOBODY = PushKey(ref="")


class Unsigned(HuhangError):
    """No signature that holds; nobody is told whether there is such a source."""


class Gone(HuhangError):
    """The source was retired: its sender can stop."""


class Unreadable(HuhangError):
    """What was sent is no table of its kind; nothing more of it was taken in."""


@dataclass(frozen=True)
class Pushed:
    """A push as it came: its headers, and the body to the byte."""

    source: str
    message_id: str
    timestamp: str
    signatures: str
    content_type: str
    body: bytes


def signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    """HMAC-SHA-256 of what is signed."""
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
    return hmac.digest(secret, signed, "sha256")


def verified(pushed: Pushed) -> Source:
    """The source that signed this. Raises ``Unsigned``, ``Gone``."""
    if not _id.fullmatch(pushed.message_id) or not _seconds.fullmatch(pushed.timestamp):
        raise Unsigned(
            _("webhook-id (letters, digits, - and _) and webhook-timestamp (seconds) are needed."),
            field="webhook-id",
        )
    source = Source.objects.filter(code=pushed.source[:40]).first()
    given = _given(pushed.signatures)
    holds = False
    # Every key is tried, and one even where there is none: the time tells nothing.
    for key in (sources.keys_of(source) if source else []) or [_NOBODY]:
        made = signature(sources.secret_of(key), pushed.message_id, pushed.timestamp, pushed.body)
        for one in given:
            holds |= hmac.compare_digest(made, one) and key is not _NOBODY
    if source is None or not holds:
        raise Unsigned(_("No signature of this request holds."), field="webhook-signature")
    away = int(pushed.timestamp) - int(clock.now().timestamp())
    if abs(away) > TOLERANCE:
        raise Unsigned(
            _("webhook-timestamp is %(away)d seconds away from this server's clock; at most %(most)d "
              "are let pass.") % {"away": away, "most": TOLERANCE},
            field="webhook-timestamp",
        )  # fmt: skip
    if not source.active:
        raise Gone(_("This source is out of use."))
    return source


def _given(signatures: str) -> list[bytes]:
    found = []
    for one in signatures.split()[:10]:
        version, _comma, text = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(text, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def receive(pushed: Pushed, source: Source, language: str) -> dict[str, Any]:
    """Take in what a source pushed: the counts, each refused row, and the run's reference.

    Raises ``Unreadable``, ``Refused``, ``NotAllowed``, ``Conflict`` (the id was used for something
    else, or is worked on now), ``Full``.
    """
    name = TYPES.get(pushed.content_type.partition(";")[0].strip().lower())
    if name is None:
        raise Refused(
            _("Content-Type: one of %(types)s is needed.") % {"types": ", ".join(TYPES)},
            field="content-type",
        )
    if not pushed.body.strip():
        raise Refused(_("The body is empty."), field="body")
    key = hashlib.sha256(f"{source.code}\n{pushed.message_id}".encode()).hexdigest()
    run = ImportRun.objects.filter(push=key).first() or _begin(pushed, source, key, name, language)
    if run.file_hash != hashlib.sha256(pushed.body).hexdigest():
        raise Conflict(_("This webhook-id was used for another content."), field="webhook-id")
    if run.state == "running":
        work.carry_out(run, wait=True)  # the worker may have been faster, or go on after a kill
        run.refresh_from_db()
    return _answer(run)


def _begin(pushed: Pushed, source: Source, key: str, name: str, language: str) -> ImportRun:
    owner = _owner(source)
    files.check_room(len(pushed.body) * 4)
    ref = ids.new_ref()
    try:
        return runs.start(
            KINDS[source.kind], [pushed.body], name, "", language, owner,
            origin=source, way="push", state="running", push=key, ref=ref,
        )  # fmt: skip
    except IntegrityError:  # the same push came twice at a time: the other one was first
        kept.forget(ref)
        return ImportRun.objects.get(push=key)


def _owner(source: Source) -> Actor:
    owner = work.owner_of(source.owner, KINDS[source.kind])
    if owner is None:
        raise NotAllowed(_("The person for whom this source is taken in may not import any more."))
    return owner


def _answer(run: ImportRun) -> dict[str, Any]:
    """The first answer. After a week the counts are all that is left of it."""
    status = kept.status(run)
    if run.state == "failed":
        raise Unreadable(status.get("error") or _("This could not be read."), field="body")
    if run.state != "done":
        raise Conflict(_("This push is being worked on; ask again in a moment."))
    told = status.get("result") or {name: getattr(run, name) for name in COUNTS}
    refusals = told.get("refusals", [])
    return {
        "ref": run.ref,
        **{name: told[name] for name in COUNTS},
        "refusals": refusals,
        "notices": told.get("notices", []),
    }
