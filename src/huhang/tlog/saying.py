"""What does not hold, in the language of whoever reads it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huhang.tlog.invalid import Invalid


def in_words(error: Invalid) -> str:
    """The message of an ``Invalid``, translated, with those that it speaks of."""
    values = {k: in_words(v) if isinstance(v, Invalid) else v for k, v in error.values.items()}
    return _(error.words) % values
