"""`make bench`: a table with its method, and bench/results.json. Each part in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report, world

os.environ["HUHANG_SECOND_FACTOR"] = "optional"  # invented people open the pages

PARTS = (
    "scan_code",
    "beside",
    "write_path",
    "imports",
    "lists",
    "bulletin",
    "dashboard",
    "returns",
    "clocks",
    "hidden",
    "verify_log",
    "open_log",
)


def part(name: str) -> int:
    """Run one part and print its results as JSON."""
    import importlib

    module = importlib.import_module(f"bench.{name}")
    if name in ("scan_code", "beside", "lists"):  # these have a data folder of their own
        results = module.run()
    else:
        with world.data_folder() as home:
            world.set_up(home)
            results = module.run()
    print(json.dumps([asdict(r) for r in results]))
    return 0


def main() -> int:
    """All parts, or those that are named."""
    if len(sys.argv) == 3 and sys.argv[1] == "--part":
        return part(sys.argv[2])
    before = report.machine()
    results: list[report.Result] = []
    failed = []
    for name in sys.argv[1:] or PARTS:
        print(f"{name} …", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--part", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stderr[-3000:], file=sys.stderr)
            failed.append(name)
            continue
        found = [report.Result(**r) for r in json.loads(done.stdout.strip().splitlines()[-1])]
        report.write(found, before)
        results += found
    for name in failed:
        print(f"{name} could not be measured")
    return 0 if all(r.met for r in results) and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
