"""`make worlds SEEDS=a-b`: compare the worlds of these stories; go on where an earlier run stopped.

Two runs with other seeds may share the machine: each writes whole lines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def fingerprint() -> str:
    """Of the code that is compared: a change of it makes earlier results worthless."""
    digest = hashlib.sha256()
    for folder in ("src/huhang", "tests/worlds"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".yaml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def seeds(text: str) -> range:
    """``a-b``, both included."""
    first, _dash, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(last or first) < int(first):
        raise SystemExit(f"SEEDS={text!r}: a-b is needed, such as 1-100")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    """Run; the last line says what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--worlds", type=int, default=25, help="of each story")
    parser.add_argument("--looks", type=int, default=3, help="at each world; 0: all")
    asked = parser.parse_args()
    wanted = seeds(asked.seeds)
    place = ROOT / "var" / f"worlds-{fingerprint()}-{asked.worlds}-{asked.looks}.jsonl"
    place.parent.mkdir(exist_ok=True)
    known = _known(place)
    with _data_folder():
        from tests.worlds.compare import compare

        with place.open("a", encoding="utf-8") as out:
            for seed in wanted:
                if seed not in known:
                    known[seed] = asdict(compare(seed, asked.worlds, looks=asked.looks))
                    out.write(json.dumps(known[seed], ensure_ascii=False) + "\n")
                    out.flush()
                for difference in known[seed]["differences"]:
                    print(difference, flush=True)
    rows = [known[s] for s in wanted]
    found = sum(len(row["differences"]) for row in rows)
    worlds, compared = (sum(row[name] for row in rows) for name in ("worlds", "compared"))
    print(f"worlds {worlds} compared {compared} differences {found}")
    return 1 if found else 0


def _known(place: Path) -> dict[int, dict[str, Any]]:
    """What an earlier run found; a line that it was cut off in is left out."""
    if not place.exists():
        return {}
    lines = place.read_text(encoding="utf-8").splitlines()
    return {row["seed"]: row for row in (json.loads(t) for t in lines if t.endswith("}"))}


@contextmanager
def _data_folder() -> Iterator[None]:
    """Django, on a data folder that is gone afterwards."""
    home = tempfile.mkdtemp(prefix="huhang-worlds-")
    os.environ.update(
        HUHANG_HOME=home,
        HUHANG_MIN_FREE_MB="1",
        HUHANG_SECOND_FACTOR="optional",
        DJANGO_SETTINGS_MODULE="huhang.config.settings",
    )
    sys.path.insert(0, str(ROOT))
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
