"""`make worlds SEEDS=a-b`: compare pairs of worlds; go on where an earlier run stopped."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

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
    wanted = seeds(parser.parse_args().seeds)
    place = ROOT / "var" / f"worlds-{fingerprint()}.jsonl"
    place.parent.mkdir(exist_ok=True)
    known: dict[int, dict[str, object]] = {}
    if place.exists():
        for line in place.read_text(encoding="utf-8").splitlines():
            if line.endswith("}"):
                row = json.loads(line)
                known[row["seed"]] = row
    home = tempfile.mkdtemp(prefix="huhang-worlds-")
    os.environ.update(
        HUHANG_HOME=home, HUHANG_MIN_FREE_MB="1", DJANGO_SETTINGS_MODULE="huhang.config.settings"
    )
    sys.path.insert(0, str(ROOT))
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    from tests.worlds.compare import compare

    try:
        with place.open("a", encoding="utf-8") as out:
            for seed in wanted:
                if seed not in known:
                    done = compare(seed)
                    row = {"seed": seed, "compared": done.compared, "differences": done.differences}
                    known[seed] = row
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
                    out.flush()
                for difference in known[seed]["differences"]:  # type: ignore[attr-defined]
                    print(difference)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    rows = [known[s] for s in wanted]
    found = sum(len(r["differences"]) for r in rows)  # type: ignore[arg-type]
    compared = sum(int(r["compared"]) for r in rows)  # type: ignore[call-overload]
    print(f"worlds {len(rows)} compared {compared} differences {found}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
