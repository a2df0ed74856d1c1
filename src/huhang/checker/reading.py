"""Text out of files: plain text in its encodings, Word documents, PDFs that hold text."""

from __future__ import annotations

import io
import logging
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_CHARACTERS = 1_000_000
MOST_PAGES = 500
MOST_LINES = 50_000
MOST_IN_CELL = 60  # characters: more in a cell of a table is prose
NO_TEXTS = frozenset((
    ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp", ".mp3", ".mp4", ".7z", ".gz",
    ".rar", ".tar", ".zip", ".xls", ".xlsx", ".ppt", ".pptx", ".exe", ".bin",
))  # fmt: skip
"""Endings of files that hold no text, whatever their bytes look like."""
_DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class UnusableText(Exception):
    """A file that cannot be read as text; the message says why and what to do."""


@dataclass(frozen=True)
class Source:
    """A text to check. ``wrapped``: its lines may be broken anywhere."""

    text: str
    wrapped: bool = True


def read_file(path: Path) -> Source:
    """Read a file; raises ``UnusableText``, or ``OSError`` when the system refuses."""
    if path.is_dir():
        raise UnusableText(_("It is a folder, not a file."))
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    return read_bytes(content, path.name)


def read_bytes(content: bytes, name: str = "") -> Source:
    """Read what a file holds. Its kind is told from the content; a ``name`` that says something else
    (a .docx that is no Word document, a picture) refuses it: any bytes can pass for Chinese text."""
    ending = Path(name).suffix.lower()
    if len(content) > MOST_BYTES:
        raise UnusableText(_("It is larger than %(limit)d MB.") % {"limit": MOST_BYTES >> 20})
    if content[:1024].lstrip()[:5] == b"%PDF-":
        source = Source(_pdf(content))
    elif content[:4] == b"PK\x03\x04":
        source = Source(_word(content), wrapped=False)
    elif not content.strip():
        raise UnusableText(_("There is no text in it."))
    elif content[:8] == _DOC:
        raise UnusableText(
            _("It is an old Word or Excel file: save it as .docx, or paste its text.")
        )
    elif ending == ".docx":
        raise UnusableText(_("It is not readable as a Word document: it is damaged, or none."))
    elif ending == ".pdf":
        raise UnusableText(_("It is not readable as a PDF: it is damaged, or none."))
    elif ending in NO_TEXTS:
        raise _no_text()
    else:
        source = Source(_text(content))
    return checked(source)


def checked(source: Source) -> Source:
    """The source, unless it is empty or too long."""
    if len(source.text) > MOST_CHARACTERS:
        raise UnusableText(_("It has more than %(limit)d characters.") % {"limit": MOST_CHARACTERS})
    if not source.text.strip():
        raise UnusableText(_("There is no text in it."))
    return source


def _no_text() -> UnusableText:
    return UnusableText(_("It is not readable as text: a .txt, .docx or .pdf file is needed."))


def _text(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names = ["utf-16"]
    else:
        names = ["utf-8-sig", "gb18030"]
    for name in names:
        try:
            text = content.decode(name).removesuffix("\x1a")  # which old systems put at the end
        except UnicodeDecodeError:
            continue
        if not _is_text(text) or (name == "gb18030" and not _is_chinese(text)):
            break
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    raise _no_text()


def _is_text(text: str) -> bool:
    """Whether there is no control character in it, and next to none that has no meaning."""
    kinds = [unicodedata.category(c) for c in set(text) - set("\t\n\r\f\v\x85")]
    if "Cc" in kinds:
        return False
    odd = sum(unicodedata.category(c) in ("Co", "Cn") for c in text)
    return odd * 50 <= len(text)


def _is_chinese(text: str) -> bool:
    """Whether the characters beyond ASCII are such as people write: random bytes give rare ones."""
    beyond = [c for c in text if c > "\x7f"]
    usual = sum(bool(c.encode("gb2312", "ignore")) for c in beyond)
    return usual * 2 > len(beyond)


def _word(content: bytes) -> str:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.infolist()
            if sum(i.file_size for i in names) > MOST_UNPACKED:
                raise UnusableText(_("It unpacks to more than is read here."))
            if not any(i.filename == "word/document.xml" for i in names):
                raise UnusableText(_("It is no Word document: a .txt, .docx or .pdf is needed."))
        lines: list[str] = []
        for block in docx.Document(io.BytesIO(content)).iter_inner_content():
            if isinstance(block, Paragraph):
                lines += block.text.split("\n")
            elif isinstance(block, Table):
                lines += _rows(block)
            if len(lines) > MOST_LINES:
                raise UnusableText(_("It has more than %(limit)d lines.") % {"limit": MOST_LINES})
    except UnusableText:
        raise
    except Exception:  # a damaged file fails in many ways, all of them the file's
        raise UnusableText(
            _("It is not readable as a Word document: it is damaged, or none.")
        ) from None
    return "\n".join(lines)


def _rows(table: Any) -> list[str]:
    """The rows of a Word table, tabs between their cells; a cell that holds prose stands alone."""
    from docx.table import _Cell

    lines: list[str] = []
    for row in table.rows:
        # Not row.cells: it repeats a cell for as many columns as a file says it spans.
        texts = [_Cell(tc, table).text for tc in row._tr.tc_lst]
        if any(len(text) > MOST_IN_CELL or "\n" in text.strip() for text in texts):
            lines += [line for text in texts for line in text.split("\n")]
        else:
            lines.append("\t".join(text.strip().replace("\t", " ") for text in texts))
    return lines


def _pdf(content: bytes) -> str:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnusableText(_("The PDF is locked with a password."))
        if len(reader.pages) > MOST_PAGES:
            raise UnusableText(_("It has more than %(limit)d pages.") % {"limit": MOST_PAGES})
        pages: list[str] = []
        size = 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > MOST_CHARACTERS:
                break
    except UnusableText:
        raise
    except Exception:  # a damaged file fails in many ways, all of them the file's
        raise UnusableText(_("It is not readable as a PDF: it is damaged, or none.")) from None
    text = "\n".join(pages)
    if not text.strip():
        raise UnusableText(_("The PDF holds no text, only pictures: recognise its text first."))
    return text
