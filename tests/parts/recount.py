"""A slow and straightforward recount of every figure from what ``huhang log export`` writes.

It shares nothing with the product: it reads the lines, replays the rows of cases, reports and parties as
plain dictionaries, and counts each figure in words of Python.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

CLOSED = ("closed", "declined", "transferred", "merged", "kept")


class Recount:
    """The cases of an exported log, and what figures count of them."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        head, *entries = [json.loads(line) for line in lines]
        assert head["format"] == "huhang-log-export/1"
        assert head["entries"] == len(entries)
        self.tick = head["tick"]
        self.zone = ZoneInfo(head["zone"])
        self.rows: dict[str, dict[str, Any]] = {}
        self.verbs: dict[str, list[tuple[str, str, Any]]] = {}
        for at, entry in enumerate(entries, 1):
            assert entry["seq"] == at
            manifest = entry["manifest"]
            rows = list(manifest["rows"].items())
            for label, codes, keys in manifest.get("many", []):
                rows += [(f"{label}/{key}", codes) for key in keys]
            for key, codes in rows:
                if codes is None:
                    del self.rows[key]
                else:
                    self.rows.setdefault(key, {}).update(codes)
            if "case" in manifest:
                said = (manifest["verb"], manifest["recorded_at"], manifest.get("reason"))
                self.verbs.setdefault(manifest["case"], []).append(said)
        self.cases = {
            key.partition("/")[2]: row
            for key, row in self.rows.items()
            if key.startswith("cases.case/")
        }

    def day(self, moment: str | None) -> date | None:
        if moment is None:
            return None
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(self.zone).date()

    def first(self, case: str, verb: str) -> date | None:
        said = [moment for v, moment, _r in self.verbs.get(case, []) if v == verb]
        return self.day(min(said)) if said else None

    def reported(self, case: str) -> date | None:
        moments = [
            r["reported_at"] for key, r in self.rows.items()
            if key.startswith("cases.report/") and r["case_id"] == case and r.get("reported_at")
        ]  # fmt: skip
        return self.day(min(moments)) if moments else self.day(self.cases[case]["received_at"])

    def count(self, since: date, until: date, today: date) -> dict[str, Any]:
        """Every figure by id, splits as ``id.key`` (without zeros); units by row id."""

        def within(
            when: Callable[[str, dict[str, Any]], date | None], *, merged: bool = False
        ) -> dict[str, Any]:
            found = {}
            for case, row in self.cases.items():
                day = when(case, row)
                if (
                    day is not None
                    and since <= day <= until
                    and (merged or row["state"] != "merged")
                ):
                    found[case] = row
            return found

        def as_date(text: str | None) -> date | None:
            return date.fromisoformat(text) if text else None

        everything = within(lambda _c, r: self.day(r["received_at"]), merged=True)
        received = within(lambda _c, r: self.day(r["received_at"]))
        out: dict[str, Any] = {
            "reports_received": len(everything),
            "cases_received": len(received),
            "cases_reported": len(within(lambda c, _r: self.reported(c))),
            "closed": len(within(lambda _c, r: self.day(r.get("closed_at")))),
            "case_filed": len(within(lambda c, _r: self.first(c, "file"))),
            "demand_fed_back": sum(
                r["kind"] == "demand"
                for r in within(lambda _c, r: as_date(r.get("stopped_on"))).values()
            ),
        }

        def split(name: str, column: str, rows: Iterable[dict[str, Any]]) -> None:
            for row in rows:
                if row.get(column):
                    key = f"{name}.{row[column]}"
                    out[key] = out.get(key, 0) + 1

        rows = list(received.values())
        for row in rows:
            unfounded = row.get("finding") == "unfounded" and row.get("clearing") != "cleared"
            row["reason"] = row.get("clearing") if unfounded else ""
        for name, column in (("cases_by_channel", "channel"), ("cases_by_kind", "kind"), ("cases_by_state", "state"),
                             ("cases_by_behaviour", "behaviour"), ("cases_by_unit", "unit_id"),
                             ("findings", "finding"), ("ratings", "rating"), ("not_cleared", "reason")):  # fmt: skip
            split(name, column, rows)
        stopped = [r for r in rows if r.get("stopped_on") and r.get("due_on")]
        in_time = [r for r in stopped if r["stopped_on"] <= r["due_on"]]
        late = [r for r in rows if r.get("due_on") and not r.get("stopped_on")
                and r["due_on"] < today.isoformat()]  # fmt: skip
        out["on_time"], out["overdue"] = len(in_time), len(stopped) - len(in_time)
        out["on_time_rate"] = round(100 * len(in_time) / len(stopped), 2) if stopped else None
        out["open_overdue"] = len(late)
        split("overdue_by_unit", "unit_id", late)

        def days(verb: str) -> list[int]:
            found = []
            for case, row in received.items():
                first = self.first(case, verb)
                begun = self.day(row["received_at"])
                if first is not None and begun is not None:
                    found.append((first - begun).days)
            return sorted(found)

        accepted, answered = days("accept"), days("feed_back")
        out["days_to_accept"] = round(median(accepted), 1) if accepted else None
        out["days_to_answer"] = round(median(answered), 1) if answered else None
        out["days_to_answer_p90"] = round(_quantile(answered, 0.9), 1) if answered else None
        for name, column in (("urged", "urged"), ("sent_back", "sent_back"), ("extended", "extensions"),
                             ("reopened", "reopened")):  # fmt: skip
            out[name] = sum(bool(r.get(column)) for r in rows)
        out["recurred"] = sum(
            any(v == "reopen" and why == "recurrence" for v, _m, why in self.verbs.get(case, []))
            for case in received
        )
        ratings = [r["rating"] for r in rows if r.get("rating")]
        out["rating_mean"] = round(sum(ratings) / len(ratings), 2) if ratings else None
        out["satisfied_rate"] = (
            round(100 * sum(v >= 4 for v in ratings) / len(ratings), 2) if ratings else None
        )
        fed_back = [r for case, r in received.items() if self.first(case, "feed_back")]
        rated = sum(bool(r.get("rating")) for r in fed_back)
        out["rated_rate"] = round(100 * rated / len(fed_back), 2) if fed_back else None
        out["governed"] = sum(r.get("governed", "") not in ("", "none_needed") for r in rows)
        out["governed_none_needed"] = sum(r.get("governed") == "none_needed" for r in rows)
        out["tolerated"] = sum(bool(r.get("tolerated")) for r in rows)
        unfounded = [r for r in rows if r.get("finding") == "unfounded"]
        hurt = [r for r in unfounded if r.get("clearing") != "no_effect"]
        cleared = sum(r.get("clearing") == "cleared" for r in hurt)
        out["cleared"] = cleared
        out["clearing_rate"] = round(100 * cleared / len(hurt), 2) if hurt else None
        advised = [r for case, r in received.items() if self.first(case, "recommend")]
        became = [r.get("outcome", "") for r in advised]
        out["recommendations_made"] = len(advised)
        out["recommendations_accepted"] = sum(
            b in ("accepted", "partly_accepted", "implemented") for b in became
        )
        done = out["recommendations_implemented"] = became.count("implemented")
        out["recommendations_refused"] = became.count("rejected")
        out["implementation_rate"] = round(100 * done / len(became), 2) if became else None
        out["breach_reports"] = sum(r["kind"] == "report" for r in rows)
        out["declined"] = sum(r["state"] == "declined" for r in rows)
        out["clue_collated"] = sum(r["kind"] == "clue" for r in rows)
        return out


def _quantile(ordered: list[int], part: float) -> float:
    """Between the two neighbours, in proportion (definition 7 of Hyndman and Fan, 1996)."""
    at = part * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def leaf(r: bytes, manifest: bytes) -> bytes:
    """The leaf hash of an exported entry, by the formula that its documentation gives."""
    return hashlib.sha256(b"\x00\x01" + hmac.new(r, manifest, hashlib.sha256).digest()).digest()
