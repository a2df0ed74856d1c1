"""The language of the answer, and names in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

POST_WORDS: dict[str, Any] = {
    "handler": gettext_lazy("case handler"),
    "office_head": gettext_lazy("head of office"),
    "leader_in_charge": gettext_lazy("leader in charge"),
    "principal_leader": gettext_lazy("principal leader"),
}
"""The posts of ``rulebook.POSTS``."""


def language() -> str:
    """The language of the page or answer."""
    return get_language() or "zh-hans"


def in_language(thing: Any) -> str:
    """The name of a unit, group, user or site in that language."""
    return "" if thing is None else str(thing.in_(language()))


def bracketed(words: str, more: str) -> str:
    """Words with more in brackets behind them."""
    return _("%(words)s (%(more)s)") % {"words": words, "more": more}


def joined(words: Iterable[str]) -> str:
    """Words in a row, as the language of the page separates them."""
    return ("、" if language().startswith("zh") else ", ").join(words)
