"""The transition table: in which flow, from, verb, to, who may, when, clock, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from huhang.cases.flow import fairness, inquiry
from huhang.cases.flow.states import OPEN_STATES, PROGRESSING, PUBLIC_STATES, SEALED, SHOWN, STATES
from huhang.cases.flow.verbs import VERBS
from huhang.rulebook import FLOWS


@dataclass(frozen=True)
class Transition:
    """One row. ``flows``: in which it stands. ``target`` None: the state stays. ``when``: a guard."""

    flows: tuple[str, ...]
    source: str
    verb: str
    target: str | None
    who: frozenset[str]
    when: str = ""
    clock: str = ""
    tells: frozenset[str] = frozenset()


def _rows() -> Iterable[Transition]:
    def row(
        source: str, verb: str, target: str | None, who: str, *, when: str = "",
        clock: str = "", tells: str = "", flows: tuple[str, ...] = FLOWS,
    ) -> Transition:  # fmt: skip
        who_may, told = frozenset(who.split()), frozenset(tells.split())
        return Transition(flows, source, verb, target, who_may, when, clock, told)

    for source in ("received", "kept"):
        yield row(source, "accept", "accepted", "intake", clock="start", tells="intake")
        yield row(source, "decline", "declined", "intake", clock="stop")
        yield row(source, "transfer_out", "transferred", "intake", clock="stop")
    yield row("transferred", "sign_receipt", None, "intake", when="unsigned")
    yield row("transferred", "record_answer", None, "intake", when="unanswered")
    yield row("transferred", "take_back", "accepted", "intake leader", when="unanswered",
              clock="start", tells="responsible supervising")  # fmt: skip
    for source in ("received", "kept", "accepted"):
        yield row(source, "merge", "merged", "intake", clock="stop")
        yield row(source, "recur", "merged", "intake", clock="stop")
    yield row("received", "keep", "kept", "intake", clock="stop")
    yield row("accepted", "assign", "assigned", "intake leader",
              tells="responsible co_handling supervising")  # fmt: skip
    for source in ("assigned", "investigating", "rectifying"):
        yield row(source, "assign", source if source != "investigating" else "assigned",
                  "intake leader", tells="responsible co_handling supervising")  # fmt: skip
    yield row("assigned", "return_assignment", "accepted", "responsible leader", when="returnable",
              tells="intake leader")  # fmt: skip
    yield row("assigned", "investigate", "investigating", "responsible supervising")
    yield from inquiry.rows(row)
    yield row("investigating", "hear", "investigating", "responsible supervising")
    yield row("investigating", "find", "found", "responsible supervising",
              when="heard_if_adverse", tells="intake supervising")  # fmt: skip
    # The operator takes in lists that units filled in.
    rectified = tuple(f for f in FLOWS if f not in inquiry.INQUIRY)
    yield row("found", "rectify", "rectifying", "responsible operator", when="adverse",
              flows=rectified)  # fmt: skip
    for source in PROGRESSING:
        yield row(source, "progress", None,
                  "responsible co_handling supervising intake operator", tells="supervising",
                  flows=rectified)  # fmt: skip
    yield row("rectifying", "submit", "submitted", "responsible operator",
              tells="supervising intake")  # fmt: skip
    for verb, target in (("verify", "verified"), ("send_back", "rectifying")):
        yield row("submitted", verb, target, "supervising intake leader",
                  when="not_submitter", tells="responsible")  # fmt: skip
    yield row("found", "feed_back", "fed_back", "intake", when="not_adverse", clock="stop",
              tells="reporter")  # fmt: skip
    yield row("verified", "feed_back", "fed_back", "intake", clock="stop", tells="reporter")
    for source in ("fed_back", "governed", "closed"):
        yield row(source, "rate", None, "reporter", when="not_rated", tells="intake")
    yield row("fed_back", "govern", "governed", "responsible supervising intake", tells="intake")
    yield row("governed", "close", "closed", "intake leader")
    for source in ("fed_back", "governed", "closed", "declined", "transferred"):
        yield row(source, "reopen", "accepted", "intake leader", clock="start",
                  tells="responsible supervising")  # fmt: skip
    # The four ways of disposing of a clue (谈话函询, 初步核实, 暂存待查, 予以了结), and formal filing.
    discipline = ("discipline",)
    for source in ("assigned", "held"):
        yield row(source, "talk", "talking", "responsible supervising", flows=discipline)
    for source in ("talking", "held"):
        yield row(source, "investigate", "investigating", "responsible supervising",
                  flows=discipline)  # fmt: skip
    for source in ("assigned", "talking", "investigating"):
        yield row(source, "hold", "held", "responsible supervising",
                  tells="intake supervising", flows=discipline)  # fmt: skip
    yield row("kept", "sweep", None, "intake leader", when="sweepable")
    yield row("held", "sweep", None, "responsible supervising intake leader", when="sweepable",
              flows=discipline)  # fmt: skip
    for source in ("assigned", "talking", "held"):
        yield row(source, "conclude", "found", "responsible supervising",
                  tells="intake supervising", flows=discipline)  # fmt: skip
    for source in ("talking", "held", "filed"):
        yield row(source, "assign", source, "intake leader",
                  tells="responsible co_handling supervising", flows=discipline)  # fmt: skip
    for source in ("talking", "filed"):
        yield row(source, "hear", source, "responsible supervising", flows=discipline)
    yield row("talking", "find", "found", "responsible supervising",
              when="heard_if_adverse", tells="intake supervising", flows=discipline)  # fmt: skip
    yield row("found", "file", "filed", "leader", when="adverse",
              tells="responsible supervising intake", flows=discipline)  # fmt: skip
    yield row("filed", "rectify", "rectifying", "responsible operator", flows=discipline)
    yield row("filed", "feed_back", "fed_back", "intake", clock="stop", tells="reporter",
              flows=discipline)  # fmt: skip
    working = ("accepted", "assigned", "investigating", "found", "rectifying", "submitted",
               "verified", "talking", "held", "filed", "awaiting_reply", "replied", "awaiting_comments",
               "commented", "proposed", "recommended", "followed_up")  # fmt: skip
    for source in working:
        yield row(source, "urge", None, "intake supervising leader", tells="responsible")
        yield row(source, "extend", None, "intake leader", when="extendable", clock="extend",
                  tells="responsible")  # fmt: skip
        yield row(source, "pause", None, "intake leader", when="pausable", clock="pause",
                  tells="responsible supervising")  # fmt: skip
        yield row(source, "resume", None, "intake leader", when="paused", clock="resume",
                  tells="responsible supervising")  # fmt: skip
        yield row(source, "regrade", None, "intake leader", when="regradable", clock="regrade",
                  tells="responsible supervising")  # fmt: skip
        yield row(source, "escalate", None, "intake supervising", tells="leader")
    for source in PUBLIC_STATES:
        yield row(source, "disclose", None, "leader", when="disclosable",
                  tells="intake responsible supervising")  # fmt: skip
        yield row(source, "retract", None, "leader", when="published",
                  tells="intake responsible supervising")  # fmt: skip
    for source in OPEN_STATES:
        yield row(source, "accuse", None, "intake leader")
        yield row(source, "link", None, "intake leader")
        yield row(source, "note", None, "intake responsible co_handling supervising leader")
        yield row(source, "message", None, "intake", tells="reporter")
    for source in ("kept", "closed", "declined", "transferred"):
        yield row(source, "message", None, "intake", tells="reporter")
        yield row(source, "note", None, "intake leader")
        yield row(source, "erase", None, "leader operator")
    for source, verb, who, when, tells in fairness.ROWS:
        yield row(source, verb, None, who, when=when, tells=tells)
    for source in SHOWN:
        if source != "merged":
            yield row(source, "recuse", None,
                      "intake responsible co_handling supervising leader", tells="intake")  # fmt: skip
            yield row(
                source, "shield", None, "intake responsible supervising leader", when="of_age"
            )
            yield row(source, "unshield", None, "leader", when="under_age")
            yield row(source, "reply", None, "reporter", tells="intake")
            yield row(source, "seal_forward", SEALED, "intake leader", when="sent_up", clock="stop")


def _reached(flow: str, rows: list[Transition]) -> set[str]:
    """The states that a case of this flow can come to."""
    found = {"received"}
    while more := {
        r.target for r in rows if flow in r.flows and r.source in found and r.target
    } - found:  # fmt: skip
        found |= more
    return found


def _table() -> tuple[Transition, ...]:
    """The rows, each in the flows in which a case can come to its state."""
    rows = list(_rows())
    reached = {flow: _reached(flow, rows) for flow in FLOWS}
    return tuple(
        replace(r, flows=tuple(f for f in r.flows if r.source in reached[f])) for r in rows
    )


TABLE = _table()
_BY: dict[tuple[str, str, str], Transition] = {
    (f, t.source, t.verb): t for t in TABLE for f in t.flows
}
if len(_BY) != sum(len(t.flows) for t in TABLE):
    raise AssertionError("two rows of the transition table have the same flow, state and verb")


def _running() -> tuple[str, ...]:
    found = {"received"}
    while (
        more := {t.target for t in TABLE if t.source in found and t.target and t.clock != "stop"}
        - found
    ):
        found |= more
    return tuple(s for s in STATES if s in found)


RUNNING_STATES = _running()
"""The states in which a clock may run: from receipt until a verb stops all."""


def rows_of(flow: str, state: str) -> list[Transition]:
    """The rows of a flow for this state, in the table's order."""
    return [t for t in TABLE if flow in t.flows and t.source == state]


@cache
def used(flows: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The states and the verbs that cases of these flows can come to and take."""
    rows = [t for t in TABLE if flows & set(t.flows)]
    states = {t.source for t in rows} | {t.target for t in rows if t.target}
    verbs = {t.verb for t in rows}
    return tuple(s for s in STATES if s in states), tuple(v for v in VERBS if v in verbs)


def transition(flow: str, state: str, verb: str) -> Transition | None:
    """The row of a flow for this state and verb, or None."""
    return _BY.get((flow, state, verb))
