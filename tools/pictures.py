"""Cut the journeys' pictures for the README to one screen, with few colours: `make pictures`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
HEIGHT = 900

for name in ("queue.png", "queue-en.png", "dashboard.png"):
    with Image.open(ROOT / "var" / "screens" / name) as picture:
        cut = picture.convert("RGB").crop((0, 0, picture.width, min(HEIGHT, picture.height)))
        target = ROOT / "docs" / "pictures" / name
        target.parent.mkdir(exist_ok=True)
        cut.quantize(64).save(target, optimize=True)
