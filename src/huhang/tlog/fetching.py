"""Reading an answer of a server that is not trusted: so many bytes, within so many seconds. Pure."""

from __future__ import annotations

import time

import requests
from urllib3.exceptions import HTTPError

from huhang.tlog.invalid import Invalid, said

PIECE = 1 << 16


def body_of(answer: requests.Response, most: int, seconds: float) -> bytes:
    """The body of an answer that was asked for with ``stream``. Raises ``Invalid`` where it is longer, or comes
    too slowly."""
    content, end = bytearray(), time.monotonic() + seconds
    try:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            content += piece
            if len(content) > most:
                raise Invalid(said("%(path)s is too large"), path=answer.url)
            if time.monotonic() > end:
                raise Invalid(said("%(path)s comes too slowly"), path=answer.url)
    except (HTTPError, OSError) as error:
        raise Invalid(said("%(url)s does not answer (%(reason)s)"),
                      url=answer.url, reason=type(error).__name__) from None  # fmt: skip
    return bytes(content)
