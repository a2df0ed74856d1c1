"""Keeping a copy of a log that only takes what continues it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from huhang.tlog import note, openings
from huhang.tlog.audit import Audited, Missing, Progress, Source, ahead, head_of
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.policy import Policy
from huhang.tlog.successions import BEGUN, ENDED
from huhang.tlog.tiles import ENTRIES, HASH, WIDTH, Tile, bundles_of, unbundle
from huhang.tlog.tree import leaf_hash


def mirror(
    found: Source, here: Folder, policy: Policy | None, told: Progress | None = None
) -> Audited:
    """Bring a mirror to the log's checkpoint, with all entries, its statements of keys, and what it says of the log
    before or after it. Its tiles are computed here, from what it holds already and what is new: a log that took
    something back or changed it leads to another root. What is held from before is not read again (``audit.audit``).

    Raises ``Unproven`` when the log does not continue the mirror, which then stays as it was, and
    ``Invalid``.
    """
    result = head_of(found, policy)
    before = here.checkpoint()
    old = before.size if before else 0
    size = result.head.size
    if before is not None and before.origin != result.head.origin:
        raise Unproven(said("this mirror is of another log: %(name)s"), name=before.origin)
    if size < old:
        raise Unproven(said("the log has %(size)d leaves, but signed %(old)d of them before"),
                       size=size, old=old)  # fmt: skip
    opened = _opened(found, here)
    with TemporaryDirectory(dir=_made(here.place), prefix=".new-") as place:
        new = Folder(Path(place))
        tree = here.hashes(old).range()
        for tile, data in ahead(lambda t: (t, found.read(t)), bundles_of(size, since=old), found):
            entries = unbundle(data, tile.width)
            tree.extend(map(leaf_hash, entries[max(0, old - tile.number * WIDTH) :]))
            new.write(tile, data)
            if told is not None:
                told(tree.size, size)
        if tree.root() != result.head.root:
            raise Unproven(said("the log does not continue what this mirror holds: it was changed"))
        here.grow(old, size, lambda start, end: _entries(here, old, new, start, end))
    for name, data in opened.items():
        here.note_down(name, data)
    here.publish(result.signed)
    return result


def _made(place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return place


def _entries(here: Folder, old: int, new: Folder, start: int, end: int) -> Iterator[bytes]:
    """The entries from ``start``: up to ``old`` those that are held, or came again, as the held hashes want them."""
    for tile in bundles_of(end, since=start):
        entries = unbundle(new.read(tile), tile.width)
        known = min(WIDTH, max(0, old - tile.number * WIDTH))
        if known:
            hashes = here.read(Tile(0, tile.number, known))
            for at, held in enumerate(_held(here, Tile(ENTRIES, tile.number, known))):
                wanted = hashes[HASH * at : HASH * (at + 1)]
                if leaf_hash(held) == wanted:
                    entries[at] = held
                elif leaf_hash(entries[at]) != wanted:
                    raise Unproven(said("what this mirror holds was damaged: audit it"))
        yield from entries


def _held(here: Folder, tile: Tile) -> list[bytes]:
    try:
        return unbundle(here.read(tile), tile.width)
    except Invalid:
        return [b""] * tile.width  # damaged: each entry has to come again


def _opened(found: Source, here: Folder) -> dict[str, bytes]:
    """What the log shows beside its entries and is not held yet. Raises ``Unproven`` where it is another one than is
    held."""
    names = [BEGUN, ENDED]
    names += [f"{openings.PLACE}/{number}" for number in range(1, openings.MOST + 1)]
    more: dict[str, bytes] = {}
    for name in names:
        held = _file(here, name)
        try:
            data = found.file(name)
        except Missing:
            if name.startswith(openings.PLACE):
                break
            continue
        if held is not None and held != data:
            raise Unproven(said("the log shows another %(name)s than it did before"), name=name)
        note.parse(data)
        more[name] = data
        proof = f"{name}.tlog-proof"
        if _file(here, proof) is None:
            try:
                more[proof] = found.file(proof)
            except Missing:
                continue  # witnesses have not cosigned it yet
    return more


def _file(here: Folder, name: str) -> bytes | None:
    try:
        return (here.place / name).read_bytes()
    except FileNotFoundError:
        return None
