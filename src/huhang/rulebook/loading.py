"""Loading and checking a rulebook; which one this process uses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from huhang.rulebook import file, local
from huhang.rulebook.book import LANGUAGES, SCHEMES, Rulebook
from huhang.rulebook.clocks import read_escalation
from huhang.rulebook.fairness import read_fairness
from huhang.rulebook.faults import RulebookError, said
from huhang.rulebook.passing import discipline_words, term_of, wrong_unit
from huhang.rulebook.reader import Reader
from huhang.rulebook.responsibility import read_causes, read_outcome_form, read_sweep
from huhang.rulebook.returns import read_return

BOOKS = Path(__file__).parent / "books"


def shipped() -> list[str]:
    """The names of the rulebooks that come with Huhang."""
    return sorted(path.stem for path in BOOKS.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of a shipped rulebook, or the one at this path."""
    return Path(name) if name.endswith((".yaml", ".yml")) else BOOKS / f"{name}.yaml"


@cache
def load(name: str) -> Rulebook:
    """The rulebook of this name (shipped) or at this path. Raises ``RulebookError`` with its faults."""
    path = path_of(name)
    r = Reader(path.name, file.read(path))
    figures = r.part(r.figures) or ()
    by_id = {f.id: f for f in figures}
    readers: dict[str, Any] = {
        "id": lambda: r.line(r.data, "", "id"),
        "version": lambda: r.line(r.data, "", "version"),
        "title": lambda: r.text_of(r.data, "", "title"),
        "office": lambda: r.text_of(r.data, "", "office"),
        "channels": lambda: r.words("channels"),
        "clerk_channels": r.clerk_channels,
        "hand_overs": lambda: r.optional("hand_overs", r.hand_over),
        "kinds": lambda: r.words("kinds"),
        "kind_questions": r.questions,
        "natures": r.natures,
        "behaviours": lambda: r.mapping("behaviours", r.behaviour),
        "findings": lambda: r.words("findings"),
        "govern_forms": lambda: r.words("govern_forms"),
        "decline_reasons": lambda: r.words("decline_reasons"),
        "transfer_targets": lambda: r.words("transfer_targets"),
        "keep_reasons": lambda: r.words("keep_reasons"),
        "reopen_reasons": lambda: r.words("reopen_reasons"),
        "extension_reasons": lambda: r.words("extension_reasons"),
        "escalation_targets": lambda: r.words("escalation_targets"),
        "recusal_reasons": lambda: r.optional("recusal_reasons", r.text),
        "escalation": lambda: read_escalation(r),
        "pause_reasons": lambda: r.optional("pause_reasons", r.text),
        "ratings": lambda: local.ratings(r),
        "right_channels": lambda: r.words("right_channels"),
        "who_reads": lambda: r.text_of(r.data, "", "who_reads"),
        "privacy_contact": lambda: (
            r.text_of(r.data, "", "privacy_contact")
            if r.has(r.data, "", "privacy_contact")
            else None
        ),
        "small_cell": lambda: r.number(r.data, "", "small_cell", 1, 1000),
        "recurrence_months": lambda: r.number(r.data, "", "recurrence_months", 1, 240),
        "figures_not_yet": lambda: r.optional("figures_not_yet", r.text),
        "unit_aliases": r.aliases,
        "confirmed_years": r.years,
        "paper_head": lambda: r.text_of(
            r.data, "", "paper_head" if r.has(r.data, "", "paper_head") else "office"
        ),
        "series": lambda: r.optional("series", r.series),
        "papers": lambda: r.optional("papers", r.paper),
        "duties": r.duties,
        "superior_levels": lambda: r.optional("superior_levels", r.text),
        "sent_up": lambda: term_of(r, "sent_up"),
        "transfer_receipt": lambda: term_of(r, "transfer_receipt"),
        "wrong_unit": lambda: wrong_unit(r),
        "return_reasons": lambda: r.optional("return_reasons", r.text),
        "discipline_words": lambda: discipline_words(r),
        "fairness": lambda: r.optional("fairness", lambda d, where: read_fairness(r, d, where)),
        "sweep": lambda: read_sweep(r),
        "accountability_causes": lambda: read_causes(r),
        "outcome_forms": lambda: r.optional(
            "outcome_forms", lambda d, where: read_outcome_form(r, d, where)
        ),
        "country": lambda: local.country(r),
        "unit_kinds": lambda: r.words("unit_kinds"),
        "group_kinds": lambda: r.words("group_kinds"),
        "adverse_findings": lambda: r.several(r.data, "", "adverse_findings", r.names("findings")),
        "office_kinds": lambda: r.several(r.data, "", "office_kinds", r.names("kinds"), ()),
        "office_channel": lambda: office_channel(r),
        "contact_kinds": lambda: r.several(r.data, "", "contact_kinds", r.names("kinds"), ()),
        "portal_channel": lambda: r.one_of(r.data, "", "portal_channel", r.names("channels")),
        "read_back_channels": lambda: r.several(
            r.data, "", "read_back_channels", r.names("channels"), ()
        ),
        "admissibility": lambda: r.optional("admissibility", r.text),
        "outcomes": lambda: r.optional("outcomes", r.text),
        "minutes": lambda: r.optional("minutes", r.text),
        "registers": lambda: r.several(r.data, "", "registers", SCHEMES, ()),
        "urgent_phone": lambda: r.given(r.data, "", "urgent_phone", str, ""),
        "emergency_phone": lambda: r.given(r.data, "", "emergency_phone", str, ""),
        "right_phone": lambda: r.given(r.data, "", "right_phone", str, ""),
        "languages": lambda: local.languages(r),
        "paper_language": lambda: r.one_of(r.data, "", "paper_language", LANGUAGES),
        "bulletin": lambda: r.text_of(r.data, "", "bulletin"),
        "demo": lambda: r.one_of(r.data, "", "demo", local.demos()),
        # Of a figure with a fault, a return would say that it is not there.
        "returns": lambda: (
            r.optional("returns", lambda d, where: read_return(r, d, where, by_id))
            if len(figures) == len(r.data.get("figures") or ())
            else r.optional("returns", lambda _d, _where: None)
        ),
    }
    parts: dict[str, Any] = {key: r.part(read) for key, read in readers.items()}
    faults = [*r.faults, *r.unknown()]
    if faults:
        raise RulebookError(faults)
    return Rulebook(figures=figures, **parts)


_used = "cn-chiping"


def use(name: str) -> None:
    """Choose the rulebook of this process."""
    global _used
    _used = name


def current() -> Rulebook:
    """The rulebook of this process."""
    return load(_used)


def office_channel(r: Reader) -> str:
    """By which channel the office opens what it opens by itself; nothing where it opens nothing so."""
    if not r.data.get("office_kinds") and "office_channel" not in r.data:
        return ""
    found: str = r.one_of(r.data, "", "office_channel", r.names("channels"))
    if found in (r.data.get("clerk_channels") or ()):
        words = said("%(channel)s is the office's own: no clerk enters a report by it")
        raise r.fail("clerk_channels", words, channel=found)
    return found
