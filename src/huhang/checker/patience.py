"""How long a check may take: what nobody wrote as a text can take hours."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.utils.translation import gettext as _

from huhang.checker.reading import UnusableText


class Patience:
    """Asked now and then; raises ``UnusableText`` once the ``seconds`` are over (none: never)."""

    def __init__(self, seconds: float | None = None) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds

    def ask(self) -> None:
        """Go on, or give up."""
        if self._until is not None and time.monotonic() > self._until:
            raise UnusableText(
                _("Checking it takes too long: it is hardly prose. Check it in parts.")
            )


_T = TypeVar("_T")


class Watched(list[_T]):
    """A list that asks the patience at each step of a loop over them."""

    def __init__(self, them: Iterable[_T], patience: Patience) -> None:
        super().__init__(them)
        self._patience = patience

    def __iter__(self) -> Iterator[_T]:
        for one in super().__iter__():
            self._patience.ask()
            yield one
