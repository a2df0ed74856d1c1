"""What a password may not hold because whoever guesses tries it first at this place."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from huhang.rulebook import current


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def context_words() -> list[str]:
    """Words of this place: the program's names, the office's and the rulebook's (docs/operations.md)."""
    book = current()
    named = (book.office.zh, book.office.en, book.title.zh, book.title.en, book.id)
    return [_folded(word) for word in ("huhang", "护航", "营商环境", *named)]


class NoContextWords:
    """Refuses a password that holds a word of this place, however it is written."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ``ValidationError`` when it does."""
        plain = _folded(password)
        if any(word in plain for word in context_words()):
            raise ValidationError(
                _("A word of this place stands in it: whoever guesses tries that.")
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("No word of this place, such as its name.")
