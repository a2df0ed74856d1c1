"""Tell a story without and with hidden reports, look at every surface as the accused, and name each
difference."""

from __future__ import annotations

import contextvars
import logging
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.core.management import call_command
from django.db import connection

from huhang.cases import search
from huhang.kernel import clock, files
from huhang.kernel.guard import unguarded
from huhang.parties.models import User
from tests.worlds.build import Builder, Hidden
from tests.worlds.surfaces import SURFACES, Visitor, current, plain
from tests.worlds.undoing import forget, undone

Look = tuple[str, User]
"""A surface, and as whom it is looked at."""
Answers = dict[tuple[str, str], Any]
"""(surface, username) -> what they see."""


@dataclass
class Comparison:
    """What the worlds of one story showed: how many, how many answers were compared, the differences."""

    seed: int
    worlds: int = 0
    compared: int = 0
    differences: list[str] = field(default_factory=list)


class Told(NamedTuple):
    """A story told up to a round, with something hidden in it (``refs``: of those cases) or without."""

    round: int
    hidden: Hidden | None
    refs: list[str]


COUNTING = re.compile(
    "return|bulletin|dashboard|drawings|cases of a|figure|as a file|as Excel|as files"
)


class Refs(list[str]):
    """References of hidden cases; ``asked``: whether a surface looked at them."""

    asked = False

    def __iter__(self) -> Iterator[str]:
        self.asked = True
        return super().__iter__()


def compare(seed: int, worlds: int, *, only: str = "", looks: int = 0) -> Comparison:
    """Compare so many worlds of one story with hidden reports, each to the world without.

    A world is the story up to some round: others follow in the next round. ``only``: the one surface
    to look at. ``looks``: at how many surfaces to look, as one of the accused, drawn for each world
    (those that count or make files, which take longest, a fourth as often); 0: at all, as each of them.
    """
    found = Comparison(seed)
    seen: dict[int, list[tuple[Told, list[Look], Answers]]] = defaultdict(list)
    with _quiet(), _story(seed, worlds) as tales:
        for told in tales:
            if told.hidden is not None:
                wanted = _wanted(seed, told, only, looks)
                seen[told.round].append((told, wanted, _looked(told.refs, wanted, {})))
                continue
            bare: Answers = {}
            for with_hidden, wanted, answers in seen.pop(told.round, []):
                without = _looked(with_hidden.refs, wanted, bare)
                found.worlds += 1
                found.compared += sum(len(answer) for answer in answers.values())
                found.differences += [
                    f"seed {seed}, hidden {with_hidden.hidden.number}, round {told.round}: {surface} by {user}"
                    for (surface, user), answer in answers.items()
                    if with_hidden.hidden and answer != without[surface, user]
                ]  # fmt: skip
    return found


def _wanted(seed: int, told: Told, only: str, looks: int) -> list[Look]:
    assert told.hidden is not None
    users, names = told.hidden.users, [only] if only else list(SURFACES)
    if looks and users:
        draw = random.Random(f"{seed}/{told.hidden.number}/{told.round}/look")
        users = [draw.choice(users)]
        # Weighted without replacement (Efraimidis and Spirakis 2006).
        names = sorted(names, key=lambda n: draw.random() ** (4 if COUNTING.search(n) else 1))[
            -looks:
        ]
    return [(name, user) for user in users for name in names]


def leaks_shown(seed: int, leaks: dict[str, Any]) -> list[str]:
    """The planted leaks (name -> plant) that the whole story of this seed shows on their surfaces."""
    looks: list[dict[str, Answers]] = []
    hidden: Hidden | None = None
    with _quiet(), _story(seed, 1, whole=True) as tales:
        for told in tales:
            hidden = told.hidden or hidden
            assert hidden is not None
            seen = {}
            for name, plant in leaks.items():
                with plant():
                    wanted = [(surface_of(name), user) for user in hidden.users]
                    seen[name] = _looked(hidden.refs, wanted, {})
            looks.append(seen)
    return [name for name in leaks if looks[0][name] != looks[1][name]]


def surface_of(leak: str) -> str:
    """The surface on which a leak is planted."""
    return leak.removesuffix(" without gate").removesuffix(" with parts")


@contextmanager
def _story(seed: int, worlds: int, *, whole: bool = False) -> Iterator[Iterator[Told]]:
    """The worlds of a story, those with something hidden before the one without to the same round;
    each is undone when the next one is asked for. ``whole``: those to the last round alone."""
    try:
        _empty()
        yield _tell(Builder(seed), worlds, whole)
    finally:
        clock.set_frozen(None)


def _tell(builder: Builder, worlds: int, whole: bool) -> Iterator[Told]:
    last = len(builder.rounds) - 1
    wanted: list[tuple[Hidden, list[int]]] = []
    while (left := worlds - sum(len(rounds) for _plan, rounds in wanted)) > 0:
        plan = builder.hide(len(wanted))
        rounds = [last] if whole else list(range(plan.at[0], last + 1))[:left]
        wanted.append((plan, rounds))
    looked = {number for _plan, rounds in wanted for number in rounds}
    for number in range(last + 1):
        for plan, rounds in wanted:
            if plan.at[0] != number:
                continue
            with undone():
                other = builder.beside(plan)
                for later in range(number, rounds[-1] + 1):
                    other.round(later)
                    if later in rounds:
                        with other.ended():
                            yield Told(later, plan, list(plan.refs))
        builder.round(number)
        if number in looked:
            with builder.ended():
                yield Told(number, None, [])


def _looked(refs: list[str], looks: list[Look], known: Answers) -> Answers:
    """What the accused see; each look is undone. ``known``: answers that the hidden references have no
    part in, looked up and filled in."""
    found = {(n, u.username): known[n, u.username] for n, u in looks if (n, u.username) in known}
    left = [(name, user) for name, user in looks if (name, user.username) not in found]
    for user, names in groupby(left, key=itemgetter(1)):
        with undone():
            client = Visitor(user)
            for name, _user in names:
                asked = Refs(refs)
                answer = found[name, user.username] = _ask(name, client, asked, user)
                if not asked.asked:
                    known[name, user.username] = answer
    return found


def _ask(name: str, client: Any, hidden: list[str], user: User) -> tuple[Any, ...]:
    here = contextvars.copy_context()
    here.run(current.set, name)
    with undone():
        return tuple(plain(a) for a in here.run(SURFACES[name], client, hidden, user))


def _empty() -> None:
    with unguarded():
        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        search.clear()
    forget()
    shutil.rmtree(files.folder(), ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
