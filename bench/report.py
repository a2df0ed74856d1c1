"""What a benchmark found, and the machine it ran on."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Result:
    """One figure: ``value`` in ``unit``, the goal in words, whether it was met, and the method."""

    name: str
    value: float
    unit: str
    goal: str
    met: bool
    method: str


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0..1) of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)


def machine() -> dict[str, object]:
    """Cores, Python, SQLite: what the figures depend on."""
    import sqlite3

    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.system(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def write(results: list[Result], before: dict[str, object]) -> None:
    """Print the table and write bench/results.json; parts that were not run keep their figures."""
    width = max(len(r.name) for r in results)
    for r in results:
        mark = "met" if r.met else "MISSED"
        print(f"{r.name:<{width}}  {r.value:>12,.2f} {r.unit:<12} goal {r.goal:<28} {mark}")
        print(f"{'':<{width}}  {r.method}")
    place = Path(__file__).parent / "results.json"
    known = json.loads(place.read_text())["results"] if place.exists() else []
    names = {r.name for r in results}
    kept = [r for r in known if r["name"] not in names]
    place.write_text(
        json.dumps({"machine": before, "results": [*kept, *(asdict(r) for r in results)]}, indent=1,
                   ensure_ascii=False) + "\n"
    )  # fmt: skip
