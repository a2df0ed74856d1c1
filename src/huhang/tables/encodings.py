"""Text files as bytes: unpacked when they are packed, and how their text is written."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

from huhang.tables.faults import UnusableFile, fault_words

GZIP = b"\x1f\x8b"
NO_TEXT = [bytes([b]) for b in range(32) if b not in b"\t\n\x0b\x0c\r"]
"""Bytes that no text is made of."""
MAX_UNPACKED = 4 << 30
"""Bytes of a packed file, unpacked."""
CERTAIN = 4
"""Chinese characters in UTF-8 before the first byte that is none: another encoding hardly looks so."""
_chinese = re.compile("[\u4e00-\u9fff]")


def opened(path: Path) -> BinaryIO:
    """A file's bytes, unpacked as they are read when it is packed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def opened_text(path: Path, encoding: str, *, whole: bool = True) -> io.TextIOWrapper:
    """A file's text, unpacked as it is read; ends of lines stay. Where it is not ``whole`` in this
    encoding, a byte that does not belong comes as half of a character."""
    errors = "strict" if whole else "surrogateescape"
    return io.TextIOWrapper(opened(path), encoding=encoding, errors=errors, newline="")


def encoding_of(path: Path, name: str, head: bytes) -> tuple[str, bool]:
    """How a text is written, and whether all of it is: one that begins in UTF-8 may hold rows that
    somebody added in another encoding, or end within a character. ``head``: its first bytes.
    Raises ``UnusableFile`` where it is no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif sum(map(head.count, NO_TEXT)) * 20 > len(head):
        # Stray ones are dropped from their cells; many are no text, whatever the file is called.
        raise UnusableFile(_("%(file)s is neither Excel nor text.") % {"file": name})
    else:
        tried = ["utf-8-sig", "gb18030"]
    bad = 0
    for encoding in tried:
        try:
            place, certain = _decodes(path, encoding)
        except (OSError, EOFError, zlib.error) as error:
            raise UnusableFile(
                _("%(file)s cannot be read: %(error)s")
                % {"file": name, "error": fault_words(error)}
            ) from None
        if place == MAX_UNPACKED:
            raise UnusableFile(
                _("%(file)s is larger than %(limit)d MB.")
                % {"file": name, "limit": MAX_UNPACKED >> 20}
            )
        if place is None or certain:
            return encoding, place is None
        bad = place
    raise UnusableFile(
        _("%(file)s is text neither in UTF-8 nor in GB18030 (byte %(byte)d).")
        % {"file": name, "byte": bad}
    )


def _decodes(path: Path, encoding: str) -> tuple[int | None, bool]:
    """None when the whole file decodes, else the byte where it does not, or beyond which it goes on;
    whether it is surely UTF-8 until there."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = seen = 0
    is_utf8 = encoding == "utf-8-sig"
    try:
        with opened(path) as file:
            while block := file.read(1 << 20):
                text = decoder.decode(block)
                done += len(block)
                if is_utf8 and seen < CERTAIN:
                    seen += len(_chinese.findall(text))
                if done > MAX_UNPACKED and isinstance(file, gzip.GzipFile):
                    return MAX_UNPACKED, False
            decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        if is_utf8 and seen < CERTAIN:
            seen += len(_chinese.findall(error.object[: error.start].decode("utf-8", "ignore")))
        return done + error.start, seen >= CERTAIN
    return None, False
