"""Files that wait for their report to be sent: checked, outside of the record, swept after an hour.

A staged file is known by a random name that only the reporter's page holds.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson
from django.conf import settings

from huhang.intake.filing import Upload
from huhang.intake.media import Media, stripped
from huhang.kernel import files, ids

KEEP_SECONDS = 3 * 3600
_name = re.compile(r"[0-9a-f]{40}")


def folder() -> Path:
    """Where staged files lie, inside the data folder."""
    place = Path(settings.HUHANG_HOME) / "staging"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # sent or taken back while we looked


def put(media: Media) -> str:
    """Stage a checked file; its random name. Raises ``Full``."""
    place = folder()
    waiting = sum(_size(path) for path in place.iterdir())
    # What nobody has sent yet may take a quarter of the room, not the room that reports need.
    files.check_room(4 * (waiting + len(media.content)) - waiting)
    name = ids.random_bytes(20).hex()
    (place / name).write_bytes(media.content)
    (place / f"{name}.json").write_bytes(
        orjson.dumps({"name": media.name, "type": media.media_type, "size": len(media.content)})
    )
    return name


def describe(name: str) -> dict[str, str | int] | None:
    """Name, type and size of a staged file; None when it is no longer there."""
    if not _name.fullmatch(name):
        return None
    try:
        found: dict[str, str | int] = orjson.loads((folder() / f"{name}.json").read_bytes())
    except FileNotFoundError:
        return None
    return found


def discard(name: str) -> None:
    """Delete a staged file."""
    if _name.fullmatch(name):
        (folder() / name).unlink(missing_ok=True)
        (folder() / f"{name}.json").unlink(missing_ok=True)


def keep(names: list[str]) -> tuple[Upload, ...]:
    """Write staged files into the record's folder, synced, with the handlers' copies of images.

    Raises ``FileNotFoundError`` when one was swept, ``Full``.
    """
    kept = []
    for name in names:
        known = describe(name)
        if known is None:
            raise FileNotFoundError(name)
        content = (folder() / name).read_bytes()
        kept.append(keep_one(Media(str(known["name"]), str(known["type"]), content)))
    return tuple(kept)


def keep_one(media: Media) -> Upload:
    """Write one checked file into the record's folder, with the handlers' copy of an image."""
    copy = stripped(media)
    return Upload(
        name=media.name,
        media_type=media.media_type,
        content=media.content,
        path=files.keep(media.content),
        copy=files.keep(copy) if copy else "",
        copy_content=copy or b"",
    )


def sweep(now: float) -> int:
    """Delete what nobody sent: a count."""
    swept = 0
    for path in folder().iterdir():
        try:
            old = now - path.stat().st_mtime > KEEP_SECONDS
        except FileNotFoundError:
            continue  # sent or taken back while we looked
        if old:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
