"""From manifests to fact rows: pure, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from huhang.insight.facts.columns import CASE, STEPS
from huhang.kernel.manifest import changes

Fact = dict[str, Any]
Manifest = dict[str, Any]
CASES, PARTIES, REPORTS = "cases.case/", "cases.party/", "cases.report/"
_ZERO = {
    name: None if kind in ("BIGINT", "TIMESTAMP", "DATE", "UTINYINT") else "" if kind == "VARCHAR" else 0
    for name, kind in CASE.items()
}  # fmt: skip


def touched(manifests: Iterable[Manifest]) -> set[int]:
    """The cases whose rows these manifests change or read."""
    found: set[int] = set()
    for manifest in manifests:
        for head in ("case", "into"):
            if head in manifest:
                found.add(int(manifest[head]))
        for key, codes in changes(manifest):
            if key.startswith(CASES):
                found.add(int(key[len(CASES) :]))
            elif codes and "case_id" in codes and key.startswith((PARTIES, REPORTS)):
                found.add(int(codes["case_id"]))
    return found


class Replay:
    """Facts of some cases, brought forward manifest by manifest.

    ``find``: given "party" or "report" and a row's id, the fact that holds it, for the rare row
    whose case its manifest does not name. Raises ``LookupError`` when there is none.
    """

    def __init__(
        self, facts: dict[int, Fact], zone: ZoneInfo, find: Callable[[str, int], Fact]
    ) -> None:
        self.facts = facts
        self.find = find

        @lru_cache(maxsize=4096)
        def day(minute: str) -> str:
            # Offsets are whole minutes: all moments of one minute have the same day.
            return (
                datetime.fromisoformat(minute)
                .replace(tzinfo=UTC)
                .astimezone(zone)
                .date()
                .isoformat()
            )

        self._day = day

    def day(self, moment: str | None) -> str | None:
        """The office's day of a moment of the log."""
        return None if moment is None else self._day(moment[:16])

    def take(self, manifest: Manifest) -> None:
        """Bring the facts forward by one entry."""
        case = int(manifest["case"]) if "case" in manifest else None
        for key, codes in changes(manifest):
            if key.startswith(CASES):
                self._case(int(key[len(CASES) :]), codes)
            elif key.startswith(PARTIES):
                self._party(int(key[len(PARTIES) :]), codes, case)
            elif key.startswith(REPORTS):
                self._report(int(key[len(REPORTS) :]), codes, case)
        if case is None:
            return
        verb = manifest["verb"]
        step = STEPS.get(verb)
        fact = self.facts[case]
        if step is not None:
            first = f"first_{step}_on"
            fact[first] = fact[first] or self.day(manifest["recorded_at"])
            if verb == "feed_back":
                fact["fed_back_at"] = fact["fed_back_at"] or _moment(manifest["recorded_at"])
        elif verb == "reopen" and manifest.get("reason") == "recurrence":
            fact["recurred"] += 1

    def _case(self, case: int, codes: dict[str, Any]) -> None:
        fact = self.facts.get(case)
        if fact is None:
            fact = self.facts[case] = {
                "case_id": case, **_ZERO, "closed_on": None, "received_on": None,
                **{f"first_{step}_on": None for step in STEPS.values()},
                "fed_back_at": None, "recurred": 0, "party_rows": [], "report_rows": [],
            }  # fmt: skip
        for name, value in codes.items():
            kind = CASE.get(name)
            if kind is None:
                continue
            if kind == "TIMESTAMP":
                value = _moment(value)
                if name != "accepted_at":
                    fact[f"{name[:-3]}_on"] = self.day(value)
            elif kind == "BIGINT" and value is not None:
                value = int(value)
            fact[name] = value

    def _party(self, row: int, codes: dict[str, Any] | None, case: int | None) -> None:
        if codes is not None and "case_id" in codes:  # a new row
            self.facts[int(codes["case_id"])]["party_rows"].append({
                "id": row, "relation": codes["relation"],
                **{n: int(codes[n]) if codes.get(n) else None for n in ("unit_id", "group_id", "person_id")},
            })  # fmt: skip
            return
        held = self._holder("party", row, case)["party_rows"]
        at = next(i for i, p in enumerate(held) if p["id"] == row)
        if codes is None:
            del held[at]
        elif "relation" in codes:
            held[at]["relation"] = codes["relation"]

    def _report(self, row: int, codes: dict[str, Any], case: int | None) -> None:
        moved = int(codes["case_id"]) if "case_id" in codes else None
        if moved is not None and "ref" in codes:  # a new row
            reported = _moment(codes.get("reported_at"))
            self.facts[moved]["report_rows"].append({"id": row, "reported_at": reported})
            return
        if moved is None and "reported_at" not in codes:
            return
        held = self._holder("report", row, case)["report_rows"]
        at = next(i for i, r in enumerate(held) if r["id"] == row)
        if "reported_at" in codes:
            held[at]["reported_at"] = _moment(codes["reported_at"])
        if moved is not None:
            self.facts[moved]["report_rows"].append(held.pop(at))

    def _holder(self, kind: str, row: int, case: int | None) -> Fact:
        fact = self.facts.get(case) if case is not None else None
        if fact is not None and any(r["id"] == row for r in fact[f"{kind}_rows"]):
            return fact
        return self.find(kind, row)


def finished(fact: Fact, day: Callable[[str | None], str | None]) -> Fact:
    """The fact with the columns that follow from its parties and reports."""
    parties = fact["party_rows"]

    def named(column: str, *relations: str) -> list[int]:
        return sorted({p[column] for p in parties if p["relation"] in relations and p[column]})

    reported = [r["reported_at"] for r in fact["report_rows"] if r["reported_at"]]
    return {
        **fact,
        "reports": len(fact["report_rows"]),
        "reported_on": day(min(reported)) if reported else fact["received_on"],
        "excluded_units": named("unit_id", "accused"),
        "excluded_groups": named("group_id", "accused"),
        "excluded_persons": sorted({p["person_id"] for p in parties if p["person_id"]}),
        "serving_units": named("unit_id", "responsible", "co_handling"),
        "serving_groups": named("group_id", "responsible", "supervising"),
    }


def _moment(code: str | None) -> str | None:
    """A moment of the log in the one form that facts keep: UTC, without a zone."""
    return None if code is None else code.removesuffix("Z").replace(" ", "T")
