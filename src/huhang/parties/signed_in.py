"""Where people are signed in: their sessions, which they and an administrator can end."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _

from huhang.kernel import clock
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.parties.actions import administrators_only, find_user
from huhang.parties.models import User

SINCE, BROWSER = "since", "browser"
"""What a session knows of itself: when it began, and in which browser. No address."""
_BROWSERS = (
    ("WeChat", r"MicroMessenger/"), ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/"), ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS)/"), ("Safari", r"Version/.* Safari/"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"), ("Android", r"Android"), ("iOS", r"iPhone|iPad|iPod"), ("Windows", r"Windows"),
    ("macOS", r"Macintosh"), ("Linux", r"Linux|X11"),
)  # fmt: skip


class SignedIn(NamedTuple):
    """A session: ``ref`` names it and does not open it."""

    ref: str
    since: datetime | None
    browser: str


def browser_of(agent: str) -> str:
    """What a browser says of itself, in two words, such as Firefox · Linux; empty when in none."""
    found = [
        next((name for name, pattern in known if re.search(pattern, agent[:400])), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(word for word in found if word)


def ref_of(key: str | None) -> str:
    """What names the session with this key in a list."""
    return hashlib.sha256(f"huhang session {key}".encode()).hexdigest()[:16]


def _of(user: User) -> Iterator[tuple[Session, SignedIn]]:
    known = user.get_session_auth_hash()
    for one in Session.objects.filter(expire_date__gt=clock.now()).order_by("expire_date"):
        data = one.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk) and data.get("_auth_user_hash") == known:
            since = data.get(SINCE)
            began = datetime.fromisoformat(since) if since else None
            yield one, SignedIn(ref_of(one.session_key), began, data.get(BROWSER, ""))


def sessions_of(user: User) -> list[SignedIn]:
    """The sessions in which somebody is signed in, the oldest first."""
    return [told for _session, told in _of(user)]


def end_sessions(w: Write, username: str, *, only: str = "", besides: str = "") -> int:
    """End sessions of oneself, or as administrator or operator of anybody; how many ended.

    ``only``: one of them, by its ``ref``; ``besides``: all but that one.
    """
    user = find_user(username)
    if w.actor.ref != user.ref:
        administrators_only(w.actor)
    ended = [s for s, told in _of(user) if told.ref != besides and only in ("", told.ref)]
    if not ended:
        w.derived()
        return 0
    w.entry("end_sessions")
    for session in ended:
        session.delete()
    return len(ended)


def set_active(w: Write, username: str, active: bool) -> User:
    """Let a user sign in, or no longer: then their sessions end."""
    administrators_only(w.actor)
    user = find_user(username)
    if not active and w.actor.ref == user.ref:
        raise Refused(_("You cannot lock yourself out."), field="active")
    w.entry("unlock_user" if active else "lock_user")
    w.update(user, active=active)
    for session, _told in _of(user):
        session.delete()
    return user
