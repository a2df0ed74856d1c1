"""Looking at rulebooks: whether one can be used, what it says, what it says otherwise than another."""

from __future__ import annotations

import argparse
from typing import Any

import yaml
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from huhang.cli.output import Stop, as_json, say
from huhang.insight.figures import unanswerable
from huhang.rulebook import Fault, Rulebook, RulebookError, comparing, current, load, shipped


def check(args: argparse.Namespace) -> int:
    """Name every fault of rulebooks, and what is not confirmed; 1 when one cannot be used."""
    told: dict[str, Any] = {}
    for name in args.book or shipped():
        faults = _faults(name)
        told[name] = {"faults": [{"place": f.place, "reason": _reason(f)} for f in faults]}
        if not faults:
            book = load(name)
            told[name] |= {"version": book.version, "unconfirmed": comparing.unconfirmed(book)}
    wrong = any(found["faults"] for found in told.values())
    if args.json:
        as_json(told)
        return 1 if wrong else 0
    colon = pgettext("joint", ": ")
    for name, found in told.items():
        count = len(found["faults"])
        if count:
            said = ngettext("%(count)d fault", "%(count)d faults", count) % {"count": count}
            say(f"{name}{colon}{said}")
            for fault in found["faults"]:
                say("  " + colon.join(part for part in fault.values() if part))
            continue
        said = _("version %(version)s, no fault") % {"version": found["version"]}
        say(f"{name}{colon}{said}")
        if found["unconfirmed"]:
            say("  " + _("Not confirmed, or ours until the office decides:"))
            say(*(f"    {place}" for place in found["unconfirmed"]))
    return 1 if wrong else 0


def _faults(name: str) -> list[Fault]:
    try:
        book = load(name)
    except RulebookError as error:
        return list(error.faults)
    return [
        Fault(name, f"figures.{figure}", "%(error)s", {"error": why})
        for figure, why in unanswerable(book)
    ]


def _reason(fault: Fault) -> str:
    return _(fault.words) % fault.values


def _book(name: str | None) -> Rulebook:
    return load(name) if name else current()


def show(args: argparse.Namespace) -> int:
    """Print the clocks of a rulebook and what else it holds, or one rule of it."""
    book = _book(args.book)
    data: Any = comparing.as_data(book)
    place: list[str] = []
    for key in args.rule.split(".") if args.rule else ():
        if not isinstance(data, dict) or key not in data:
            raise Stop(
                _("%(place)s: there is no rule %(rule)s; there are %(known)s.")
                % {"place": ".".join(place) or book.id, "rule": key,
                   "known": ", ".join(map(str, data)) if isinstance(data, dict) else "-"}
            )  # fmt: skip
        place.append(key)
        data = data[key]
    if args.json:
        as_json(data)
    elif place:
        say(_yaml(data))
    else:
        _summary(book, data)
    return 0


def _summary(book: Rulebook, data: dict[str, Any]) -> None:
    language = get_language() or "en"
    version = _("version %(version)s") % {"version": book.version}
    say(f"{book.title.in_(language)} ({book.id}, {version})", "")
    for key, nature in book.natures.items():
        say(f"{nature.words.in_(language)} (natures.{key})")
        for clock in nature.clocks:
            said = _("confirmed") if clock.confirmed else _("not confirmed")
            say(f"  {clock.id}: {clock.words.in_(language)}")
            say(
                f"  {clock.rule}; {clock.source}; "
                + _("grade %(grade)s") % {"grade": clock.grade}
                + f"; {said}"
            )
    say("", _("Other rules (huhang rulebook show --rule NAME):"))
    for key, part in data.items():
        is_list = isinstance(part, (dict, list, tuple)) and "zh" not in part
        if key != "natures" and is_list and part:
            say(f"  {key} ({len(part)})")


def _yaml(data: Any) -> str:
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    return text.removesuffix("\n...\n").rstrip("\n")


def diff(args: argparse.Namespace) -> int:
    """Print what a rulebook says otherwise than another; 1 when they differ."""
    before, after = load(args.before), load(args.after)
    found = comparing.changes(before, after)
    if args.json:
        as_json([change._asdict() for change in found])
        return 1 if found else 0
    for change in found:
        say(change.place)
        for mark, value in (("-", change.before), ("+", change.after)):
            if value is not None:
                say(*(f"  {mark} {line}" for line in _yaml(value).splitlines()))
    if not found:
        say(_("They say the same."))
    elif (before.id, before.version) == (after.id, after.version):
        say("", _("Both are version %(version)s of %(book)s: give the newer one a version of its own, "
                  "so that decisions under it can be told apart.")
            % {"version": after.version, "book": after.id})  # fmt: skip
    return 1 if found else 0
