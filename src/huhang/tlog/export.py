"""The log as lines: what it says of every case, without any text or name, for a recount elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from django.conf import settings

from huhang.kernel.models import Entry
from huhang.tlog.models import Tick

FORMAT = "huhang-log-export/1"
CHUNK = 5_000


def lines() -> Iterator[bytes]:
    """One JSON object a line: first ``format``, ``tick``, ``entries``, ``tree_size``, ``root`` and
    ``zone`` (of the office's days); then each entry up to that tick with ``seq``, ``r`` (hexadecimal)
    and ``manifest``.

    The manifest stands byte for byte as it was committed to: SHA-256(0x00 || 0x01 || HMAC-SHA-256(r,
    manifest)) is its leaf.
    """
    tick = Tick.objects.order_by("-number").first()
    until = tick.seq if tick else 0
    yield _line({
        "format": FORMAT, "tick": tick.number if tick else 0, "entries": until,
        "tree_size": tick.size if tick else 0, "root": bytes(tick.root).hex() if tick else "",
        "zone": settings.TIME_ZONE,
    })  # fmt: skip
    entries = Entry.objects.filter(seq__lte=until).order_by("seq")
    for seq, r, manifest in entries.values_list("seq", "r", "manifest").iterator(CHUNK):
        yield _line({"seq": seq, "r": bytes(r).hex(), "manifest": orjson.Fragment(manifest)})


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
