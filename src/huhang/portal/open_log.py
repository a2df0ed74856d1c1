"""The public log: its files for programs (c2sp.org/tlog-tiles), and a page for people."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huhang.kernel.errors import HuhangError
from huhang.look.qr import drawn
from huhang.portal.views import page_context
from huhang.tlog import announcing, checkpoint, successions
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import identity
from huhang.tlog.identity import place as here_now
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519
from huhang.tlog.note import Note
from huhang.tlog.policy import NONE
from huhang.tlog.public_folder import POLICY, former, public
from huhang.tlog.successions import BEGUN
from huhang.tlog.tiles import parse_path, tile_of
from huhang.tlog.witnessing import last_words, witness_policy

logger = logging.getLogger("huhang.portal")
FRESH_SECONDS = 5
YEAR_SECONDS = 31_536_000
_SHOWN = re.compile(r"(?:keys/[1-9][0-9]{0,3}|successor|predecessor)(?:\.tlog-proof)?")


@require_safe
def file(request: HttpRequest, place: str, path: str) -> HttpResponse:
    """A checkpoint, tile or entry bundle of what is published, of this log or one that ended; nothing beyond
    the checkpoint."""
    here = Folder(Path(settings.HUHANG_HOME) / place)
    try:
        if _SHOWN.fullmatch(path):
            return _public(
                (here.place / path).read_bytes(), "text/plain; charset=utf-8", FRESH_SECONDS
            )
        signed = here.note()
        if signed is None:
            raise Http404
        head = checkpoint.parse(signed.text)
        if path == CHECKPOINT:
            body, kind, seconds = (
                str(signed).encode(),
                "text/plain; charset=utf-8",
                FRESH_SECONDS,
            )
        else:
            tile = parse_path(path)
            widest = tile_of(tile.level, tile.number, head.size)
            if widest is None or tile.width > widest.width:
                raise Http404
            body, kind, seconds = here.read(tile), "application/octet-stream", YEAR_SECONDS
    except (Invalid, FileNotFoundError):
        raise Http404 from None
    return _public(body, kind, seconds)


def _public(body: bytes | str, kind: str, seconds: int) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    lasts = ", immutable" if seconds == YEAR_SECONDS else ""
    answer["Cache-Control"] = f"public, max-age={seconds}{lasts}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def keys(request: HttpRequest, place: str) -> HttpResponse:
    """The public keys of a log as a policy (c2sp.org/tlog-policy), to be compared with what the office
    says of them elsewhere."""
    if place == here_now():
        text = identity().policy(_address(place)) + "quorum none\n"
    else:
        try:
            text = (Path(settings.HUHANG_HOME) / place / POLICY).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Http404 from None
    return _public(text, "text/plain; charset=utf-8", FRESH_SECONDS)


def _address(place: str) -> str:
    return f"{settings.HUHANG_BASE_URL}/{place}"


def _log_lines() -> str:
    """The keys of this log and of those that ended: receipts of all of them can be checked."""
    ended = [folder.place / POLICY for folder in former()]
    before = [path.read_text(encoding="utf-8") for path in ended if path.exists()]
    return identity().policy(_address(here_now())) + "".join(
        text.removesuffix("quorum none\n") for text in before
    )


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """A page that checks receipts in the browser, under a policy that can be typed over."""
    try:
        policy = _log_lines() + witness_policy().without_logs
    except HuhangError as error:
        logger.error("portal: no policy to check with: %s", error)
        policy = ""
    return render(request, "portal/check.html", page_context(policy=policy))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the log is, its checkpoint as text and as a code to print, and how to check it."""
    context = page_context()
    try:
        place = here_now()
        context.update(place=place, address=_address(place), before=_before())
        signed = public().note()
        if signed is not None:
            trusted, short = witness_policy(), _short(signed)
            context.update(
                text=short, qr=drawn(short), head=checkpoint.parse(signed.text),
                print=announcing.fingerprint_shown(public()),
                watched=trusted.quorum != NONE, quorum=trusted.has_quorum(signed),
                witnesses=[{"word": word, "at": _moment(word.at)} for word in last_words()],
            )  # fmt: skip
    except (Invalid, HuhangError) as error:
        logger.error("portal: the log is not shown: %s", error)
        context["broken"] = True
    return render(request, "portal/open_log.html", context)


def _before() -> dict[str, Any] | None:
    """The log that ended, where this one goes on in its place."""
    signed = public().note(BEGUN)
    if signed is None:
        return None
    made = successions.parse(signed.text)
    ended = former()[0]
    return {"made": made, "lost": made.last.size - made.size, "place": ended.place.name,
            "checkpoint": ended.note() is not None}  # fmt: skip


def _moment(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def _short(signed: Note) -> str:
    """The checkpoint with the signature that is short enough to print: a whole note for who checks it."""
    ids = {key.key.key_id for key in identity().keys if key.kind == ED25519}
    return str(Note(signed.text, tuple(s for s in signed.signatures if s.key_id in ids)))
