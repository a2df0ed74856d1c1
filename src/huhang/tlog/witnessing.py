"""The witnesses that the office named, and what each of them said last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import clock
from huhang.kernel.errors import HuhangError
from huhang.tlog import policy as policies
from huhang.tlog.cosigners import Word
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid
from huhang.tlog.policy import Policy
from huhang.tlog.public_folder import public
from huhang.tlog.saying import in_words

WORDS = ".witnesses.json"


def witness_policy() -> Policy:
    """The witnesses that the office named, and how many of them it wants. Raises ``HuhangError``."""
    path = settings.HUHANG_LOG_POLICY
    try:
        return policies.parse(Path(path).read_bytes() if path else b"quorum none\n")
    except OSError as error:
        reason: object = error.strerror
    except Invalid as error:
        reason = in_words(error)
    raise HuhangError(_("%(file)s cannot be read (%(reason)s).") % {"file": path, "reason": reason})


@dataclass(frozen=True)
class LastWord:
    """What a witness said last: the size that it cosigned, and when; ``fault``: why not since then."""

    url: str
    name: str
    size: int
    at: int
    fault: str


def last_words() -> list[LastWord]:
    """What each witness said last, in the order of the policy."""
    told = words_of(public())
    trusted = witness_policy()
    names = {trusted.urls[k]: k.name for k in trusted.witnesses.values() if k in trusted.urls}
    return [LastWord(url, name, *told.get(url, (0, 0, ""))) for url, name in names.items()]


def words_of(here: Folder) -> dict[str, tuple[int, int, str]]:
    """By address: the size that a witness cosigned last, when, and why not since then."""
    try:
        return {k: tuple(v) for k, v in orjson.loads((here.place / WORDS).read_bytes()).items()}
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}


def note_down(here: Folder, words: Sequence[Word], size: int) -> None:
    """Keep what the witnesses said of a checkpoint of this size."""
    if not words:
        return
    told, now = words_of(here), int(clock.now().timestamp())
    for word in words:
        before, at, _fault = told.get(word.url, (0, 0, ""))
        fault = in_words(word.fault) if word.fault else ""
        told[word.url] = (size, now, "") if word.signatures else (before, at, fault)
    here.note_down(WORDS, orjson.dumps(told))
