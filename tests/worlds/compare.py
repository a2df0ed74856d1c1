"""Build both worlds of a seed, look at every surface as the accused, and name each difference."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from huhang.cases import reads, search
from huhang.kernel import clock, files
from huhang.kernel.guard import unguarded
from huhang.parties.models import User
from tests.worlds.build import Builder
from tests.worlds.surfaces import look


@dataclass
class Comparison:
    """What one seed's pair of worlds showed."""

    seed: int
    compared: int
    differences: list[str]


def _empty() -> None:
    with unguarded():
        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        search.clear()
    reads._noted.clear()  # what this process knows to be in the log is of the other world
    shutil.rmtree(files.folder(), ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def compare(seed: int, *, plant: Any = None, only: str = "") -> Comparison:
    """Compare the pair of this seed. ``plant``: a context in which something leaks; ``only``: the
    one surface to look at."""
    with _quiet():
        try:
            _empty()
            world = Builder(seed, with_hidden=True).build()
            names = [u.username for u in world.accused]
            first = _seen(names, world.hidden, plant, only)
            _empty()
            Builder(seed, with_hidden=False).build()
            second = _seen(names, world.hidden, plant, only)
        finally:
            clock.set_frozen(None)
    differences = [f"seed {seed}: {k}" for k in first if first[k] != second.get(k)]
    return Comparison(seed, len(first), differences)


def leaks_shown(seed: int, leaks: dict[str, Any]) -> list[str]:
    """The planted leaks (name -> plant) that the pair of this seed shows on their surfaces."""
    seen: list[dict[str, dict[str, Any]]] = []
    with _quiet():
        try:
            hidden: list[str] = []
            names: list[str] = []
            for with_hidden in (True, False):
                if not leaks:
                    return []
                _empty()
                world = Builder(seed, with_hidden=with_hidden).build()
                if with_hidden:
                    names, hidden = [u.username for u in world.accused], world.hidden
                looks = {}
                for name, plant in leaks.items():
                    with transaction.atomic():  # what a leak lets somebody do is undone
                        looks[name] = _seen(names, hidden, plant, surface_of(name))
                        transaction.set_rollback(True)
                seen.append(looks)
        finally:
            clock.set_frozen(None)
    return [name for name in leaks if seen[0][name] != seen[1][name]]


def surface_of(leak: str) -> str:
    """The surface on which a leak is planted."""
    return leak.removesuffix(" without gate")


def _seen(names: list[str], hidden: list[str], plant: Any, only: str) -> dict[str, Any]:
    users = list(User.objects.filter(username__in=names).order_by("username"))
    if plant is None:
        return dict(look(users, hidden, only))
    with plant():
        return dict(look(users, hidden, only))
