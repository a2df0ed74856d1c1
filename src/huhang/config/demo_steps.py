"""The steps by which a demo's case is carried as far as its report says, by the flow of its nature."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from huhang.cases import flow
from huhang.cases.models import Case
from huhang.cases.queries import flow_of
from huhang.parties.models import Group, Unit
from huhang.parties.queries import supervising_group
from huhang.rulebook import current

OPTIONAL = ("acknowledge", "hear", "rectify", "submit", "verify", "rate")
"""Verbs that a case may not need."""
Step = tuple[tuple[str, ...], str, dict[str, Any]]
OFFICE = ("intake",)


def steps_of(
    place: dict[str, Any], report: dict[str, Any], named: list[Unit], case: Case, filed: date
) -> list[Step]:
    """Who does what with which values, in order. ``place``: the demo's data."""
    words = place["words"]
    if report["to"] == "declined":
        return [(OFFICE, "decline", words["declined"])]
    if report["to"] == "kept":
        return [(OFFICE, "keep", words["kept"])]
    begin: list[Step] = []
    if "acknowledge" in words:
        begin.append((OFFICE, "acknowledge", {"note": words["acknowledge"]}))
    if report["to"] == "acknowledged":
        return begin
    nature = current().natures[case.nature]
    accept: dict[str, Any] = {"kind": report["kind"], "tests": list(nature.tests)}
    if "behaviour" in report:
        accept["behaviour"] = report["behaviour"]
    everybody = tuple(
        u["username"] for u in place["users"] if u["role"] in ("handler", "supervisor")
    )
    inquiry = flow_of(case) == "inquiry"
    begin += [
        (OFFICE, "accept", accept),
        (OFFICE, "assign", _assigned(place, report, named, inquiry)),
        (everybody, "investigate", {}),
    ]
    middle = (
        _inquiry(words, report, everybody, filed) if inquiry else _loop(words, report, everybody)
    )
    return [
        *begin,
        *middle,
        (OFFICE, "feed_back", {"note": words["feed_back"]}),
        (("reporter",), "rate", {"rating": str(report.get("rating", 4))}),
        (OFFICE, "govern", {"form": report.get("govern", "process"), "note": words["govern"]}),
        (OFFICE, "close", {}),
    ]


def _assigned(
    place: dict[str, Any], report: dict[str, Any], named: list[Unit], inquiry: bool
) -> dict[str, Any]:
    """What accuses somebody goes to a group, what else names a unit to that unit; an inquiry goes to
    the group that supervises the unit, which then replies."""
    accuses = current().accuses(report["kind"])
    group = supervising_group(named[0].pk) if named else None
    code = (
        Group.objects.values_list("code", flat=True).get(pk=group) if group else place["accusing"]
    )
    unit = place["handled_by"].get(named[0].code, named[0].code) if named else place["accusing"]
    helping = list(report.get("co_handling", []))
    if inquiry:
        return {"responsible": code, "co_handling": [unit, *helping]}
    return {
        "responsible": place["accusing"] if accuses else unit,
        "supervising": "group-2" if accuses or group is None else code,
        "co_handling": helping,
    }


def _loop(words: dict[str, Any], report: dict[str, Any], who: tuple[str, ...]) -> list[Step]:
    finding = report.get("finding", "substantiated")
    heard = {"note": words["hear"], "told_route": True, "who": words["heard"]}
    if routes := current().words_of("fairness.hearing.routes"):
        heard["route"] = next(iter(routes))
    steps: list[Step] = [
        (who, "hear", heard),
        (who, "find", {"finding": finding, "note": words["find"]}),
    ]
    if flow.adverse(finding):
        steps += [
            (who, "rectify", {"note": words["rectify"]}),
            (who, "submit", {"note": words["submit"]}),
            (("group1", "group2", "intake"), "verify", {"note": words["verify"]}),
        ]
    return steps


def _inquiry(
    words: dict[str, Any], report: dict[str, Any], who: tuple[str, ...], filed: date
) -> list[Step]:
    by = filed + timedelta(days=60)
    if report.get("settled") or report["to"] == "proposed":
        return [
            (who, "offer", {"note": words["offer"], "answer_by": by}),
            (who, "settle", {"finding": report.get("finding", "settled"), "note": words["settle"]}),
        ]
    finding = report.get("finding", "none_found")
    steps: list[Step] = [
        (who, "ask_reply", {"note": words["ask_reply"], "answer_by": by}),
        (who, "take_reply", {"note": words["take_reply"], "told_route": True}),
        (who, "ask_comments", {"note": words["ask_comments"], "answer_by": by}),
        (who, "take_comments", {"note": words["take_comments"]}),
        (who, "find", {"finding": finding, "note": words["find"]}),
    ]
    if flow.adverse(finding):
        steps += [
            (who, "recommend", {"note": words["recommend"], "answer_by": by}),
            (who, "follow_up", {"outcome": report.get("outcome", "accepted"),
                                "note": words["follow_up"]}),
        ]  # fmt: skip
    return steps
