"""What a rulebook holds: its rules, each of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huhang.rulebook.clocks import ClockRule, Escalation, Extension, Review
from huhang.rulebook.fairness import FairnessRule
from huhang.rulebook.passing import DisciplineWords, Term, WrongUnit
from huhang.rulebook.responsibility import ApprovalRule, OutcomeForm, SweepRule
from huhang.rulebook.retention import RetentionRule
from huhang.rulebook.returns import ReturnRule
from huhang.rulebook.words import Text

FLOWS = ("work_order", "discipline", "reporting", "inquiry")
"""The courses that a case can take: rows of the one table of transitions."""


@dataclass(frozen=True)
class Nature:
    """Which law or rule governs a case; ``flow``: of ``FLOWS``; ``relation_of_named``: responsible or
    accused; ``tests``: of ``admissibility``, what must be met before it is accepted. ``clocks``: its
    duties, the first is the one by which a case counts as on time. ``review``: None where an objection
    is handled as any other. ``approvals``: verb -> who approves it first."""

    id: str
    kind: str
    words: Text
    flow: str
    relation_of_named: str
    hearing_required: bool
    clocks: tuple[ClockRule, ...]
    retention: RetentionRule
    approvals: dict[str, ApprovalRule]
    review: Review | None = None
    tests: tuple[str, ...] = ()

    @property
    def clock(self) -> ClockRule:
        """The duty by which a case counts as on time."""
        return self.clocks[0]

    @property
    def extension(self) -> Extension | None:
        """How more time can be given to the one duty that allows it."""
        return next((c.extension for c in self.clocks if c.extension), None)

    @property
    def pauses(self) -> tuple[str, ...]:
        """The reasons for which one of its duties may stand still."""
        return tuple(dict.fromkeys(reason for c in self.clocks for reason in c.pauses))


@dataclass(frozen=True)
class Duty:
    """A kind of responsibility; ``kinds``: the kinds of units that bear it unless it is said otherwise."""

    words: Text
    list_words: Text
    kinds: tuple[str, ...]


DUTIES = ("territorial", "sector")
"""The duties by which the ledger is split: one rulebook has both of them, or none."""


@dataclass(frozen=True)
class HandOver:
    """What another body hands over: through which channel, as cases of which kind and nature (empty:
    the first of that kind)."""

    channel: str
    kind: str
    nature: str
    words: Text


@dataclass(frozen=True)
class Behaviour:
    """A harm; ``default``: not named by the source, ours until the office decides."""

    words: Text
    default: bool = False


FIGURE_PERIODS = {
    "received": "received_on", "reported": "reported_on", "closed": "closed_on",
    "fed_back": "stopped_on", "filed": "first_filed_on",
}  # fmt: skip
"""Rule of the period -> the day of a case that must lie in it."""
FIGURE_SPLITS = (
    "channel", "kind", "state", "behaviour", "unit", "finding", "rating", "clearing",
)  # fmt: skip
FIGURE_VALUES = ("count", "share", "mean", "median", "p90")


@dataclass(frozen=True)
class FigureRule:
    """A figure: words, population, rule of the period, and the query over the facts of cases.

    ``where``: a condition in SQL on a case (``$today`` is the day at the office). ``value``: count
    (of the cases that meet it), share (in %, of those that meet ``of`` too), or mean, median, p90 (of
    the number ``of``, where it is not NULL). ``by``: one figure for each value of that.
    ``unit_of_one``: the unit behind the number 1, which English says otherwise.
    """

    id: str
    words: Text
    definition: Text
    population: Text
    unit: Text
    unit_of_one: Text
    period: str
    where: str
    value: str = "count"
    of: str = ""
    by: str = ""
    decimals: int = 0


SCHEMES = ("uscc",)
"""Schemes of codes of businesses that the product can check: the Chinese unified social credit code."""
LANGUAGES = ("zh-hans", "en")
PAPER_CONDITIONS = (
    "always", "accepted", "urged", "adverse", "transferred", "fed_back", "found_or_governed",
    "cleared",
)  # fmt: skip
"""When a paper is offered, or may get a number: what ``huhang.papers`` knows to ask of a case."""
PAPER_ADDRESSEES = ("office", "responsible", "transfer_target", "reporter", "cleared")


@dataclass(frozen=True)
class Series:
    """A series of serial numbers (文号), counted anew each year without gaps.

    ``pattern`` holds ``{year}`` and ``{number}``; ``apart`` holds ``{year}`` and ``{ref}``, and is
    for cases that accuse somebody: a number left out would tell the accused of such a case.
    """

    id: str
    words: Text
    pattern: str
    apart: str
    confirmed: bool


@dataclass(frozen=True)
class PaperRule:
    """A paper that is made from a case.

    ``when``: when it is offered; ``number_when``: when it may get a number. ``series``: of its
    number; ``number_of``: instead, the paper whose number it bears. ``to``: whom it addresses.
    ``red_head``: whether the office's name stands above it in red.
    """

    id: str
    words: Text
    when: str
    number_when: str
    series: str
    number_of: str
    to: str
    red_head: bool


@dataclass(frozen=True)
class Rulebook:
    """A loaded rulebook. Lists of words are dicts: key -> Text, in the file's order.

    ``privacy_contact``: how to reach the office about personal data; None until it has said so.
    ``country``: whose working days count. ``office_kinds``: kinds that only the office opens,
    by ``office_channel``.
    ``contact_kinds``: those whose responsible unit may know how to reach the reporter.
    ``read_back_channels``: what is said there is read back before it is filed. ``minutes``: what a
    reporter can say of them, where the place writes minutes of what was said. ``registers``: the
    schemes of codes by which businesses are known. ``demo``: the invented place to try it with.
    ``languages``: what its pages speak, the usual one first.
    ``outcomes``: what can become of a recommendation.
    """

    id: str
    version: str
    title: Text
    office: Text
    channels: dict[str, Text]
    clerk_channels: tuple[str, ...]
    hand_overs: dict[str, HandOver]
    kinds: dict[str, Text]
    kind_questions: dict[str, Text]
    natures: dict[str, Nature]
    behaviours: dict[str, Behaviour]
    findings: dict[str, Text]
    govern_forms: dict[str, Text]
    decline_reasons: dict[str, Text]
    transfer_targets: dict[str, Text]
    keep_reasons: dict[str, Text]
    reopen_reasons: dict[str, Text]
    extension_reasons: dict[str, Text]
    escalation_targets: dict[str, Text]
    recusal_reasons: dict[str, Text]
    escalation: tuple[Escalation, ...]
    pause_reasons: dict[str, Text]
    ratings: dict[int, Text]
    right_channels: dict[str, Text]
    who_reads: Text
    privacy_contact: Text | None
    small_cell: int
    recurrence_months: int
    figures: tuple[FigureRule, ...]
    figures_not_yet: dict[str, Text]
    unit_aliases: dict[str, str]
    confirmed_years: tuple[int, ...]
    paper_head: Text
    series: dict[str, Series]
    papers: dict[str, PaperRule]
    duties: dict[str, Duty]
    returns: dict[str, ReturnRule]
    superior_levels: dict[str, Text]
    sent_up: Term | None
    transfer_receipt: Term | None
    wrong_unit: WrongUnit | None
    return_reasons: dict[str, Text]
    discipline_words: DisciplineWords | None
    fairness: dict[str, FairnessRule]
    sweep: SweepRule | None
    accountability_causes: dict[str, Text]
    outcome_forms: dict[str, OutcomeForm]
    country: str
    unit_kinds: dict[str, Text]
    group_kinds: dict[str, Text]
    adverse_findings: tuple[str, ...]
    office_kinds: tuple[str, ...]
    office_channel: str
    contact_kinds: tuple[str, ...]
    portal_channel: str
    read_back_channels: tuple[str, ...]
    minutes: dict[str, Text]
    registers: tuple[str, ...]
    urgent_phone: str
    emergency_phone: str
    admissibility: dict[str, Text]
    outcomes: dict[str, Text]
    right_phone: str
    languages: tuple[str, ...]
    paper_language: str
    demo: str
    bulletin: Text

    def nature_of(self, kind: str) -> Nature:
        """The nature of a new case of this kind: the first of them. Raises ``KeyError``."""
        found = self.natures_of(kind)
        if not found:
            raise KeyError(kind)
        return found[0]

    @property
    def clocks(self) -> dict[str, ClockRule]:
        """Every duty by its id."""
        return {c.id: c for nature in self.natures.values() for c in nature.clocks}

    def natures_of(self, kind: str) -> list[Nature]:
        """The natures that cases of this kind can have."""
        return [nature for nature in self.natures.values() if nature.kind == kind]

    def words_of(self, name: str) -> dict[Any, Any]:
        """The list that a choice offers, by its name: ``findings``, or ``fairness.clearing.forms``
        (empty where the book has no such rule)."""
        part, _dot, rest = name.partition(".")
        if part != "fairness":
            return dict(getattr(self, name))
        rule, _dot, key = rest.partition(".")
        found = self.fairness.get(rule)
        return dict(found.lists[key]) if found is not None else {}

    def accuses(self, kind: str) -> bool:
        """Whether a new case of this kind accuses whom it names."""
        return self.nature_of(kind).relation_of_named == "accused"
