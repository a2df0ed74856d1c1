"""`make torture N=1000 SEED=7`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> int:
    """Run, and say in the last line what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    if args.kills < 1:
        parser.error("at least one kill")
    from tests.torture.run import torture

    outcome = torture(args.kills, args.seed)
    if outcome.errors:
        print(f"{outcome.errors} answers of 500 or more")
    print(outcome.line)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
