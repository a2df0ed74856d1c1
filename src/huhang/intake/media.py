"""Checking files that people send: by content, not by name; metadata stripped from images."""

from __future__ import annotations

import io
import threading
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from huhang.kernel.errors import Refused
from huhang.kernel.plain import plain_line

IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
ALLOWED = {
    **{k: v.lower() for k, v in IMAGES.items()},
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/amr": "amr",
    "audio/x-wav": "wav",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "text/plain": "txt",
}
OTHER_ENDINGS = {"jpeg": ("jpg",), "m4a": ("mp4", "aac"), "txt": ("log", "csv", "md")}
MARKUP = ("<!doctype", "<html", "<svg", "<script", "<?xml", "<head", "<body", "<job", "<hta:")
MAX_PIXELS = 60_000_000
_one_image = threading.Lock()
"""One picture is opened at a time: a small file can unfold to hundreds of megabytes."""


def kinds_taken() -> str:
    """The endings of the files that are taken, as people know them."""
    return ", ".join(sorted({*ALLOWED.values(), "jpg"}))


@dataclass(frozen=True)
class Media:
    """A checked file. ``media_type``: what its content is."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes) -> Media:
    """The file, if it may be taken in. Raises ``Refused`` naming the file and what is allowed."""
    shown = PurePath(plain_line(name).replace("\\", "/")).name[:120] or "file"
    limit = settings.HUHANG_UPLOAD_MAX_MB
    if not content:
        raise Refused(_("%(name)s is empty.") % {"name": shown}, field="files")
    if len(content) > limit * 1024 * 1024:
        raise Refused(
            _("%(name)s is larger than %(limit)d MB.") % {"name": shown, "limit": limit},
            field="files",
        )
    kind = _kind(content)
    if kind not in ALLOWED:
        raise Refused(
            _("%(name)s is of a kind that is not taken. Allowed are: %(allowed)s.")
            % {"name": shown, "allowed": kinds_taken()},
            field="files",
        )
    # The name that handlers save it under ends as its content is: nothing runs by being opened.
    ending = ALLOWED[kind]
    if PurePath(shown).suffix.lower().lstrip(".") not in (ending, *OTHER_ENDINGS.get(ending, ())):
        shown = f"{shown}.{ending}"
    media = Media(shown, kind, content)
    if kind in IMAGES:
        stripped(media)
    return media


def _kind(content: bytes) -> str:
    guess = filetype.guess(content)
    if guess is not None:
        if guess.mime == "application/zip" or guess.extension in ("docx", "xlsx", "pptx"):
            return _office(content)
        return str(guess.mime)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            return ""
    begin = text.lstrip("\ufeff \t\r\n")[:200].casefold()
    return "" if "\x00" in text or begin.startswith(MARKUP) else "text/plain"


def _office(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except zipfile.BadZipFile:
        return ""
    if any(n.endswith("vbaProject.bin") for n in names):
        return ""
    for part, extension in (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx")):
        if part in names:
            return next(k for k, v in ALLOWED.items() if v == extension)
    return ""


def stripped(media: Media) -> bytes | None:
    """The handlers' copy of an image: the picture alone, turned upright, without any metadata.

    None for other kinds. Raises ``Refused`` for an image that cannot be read or is too large.
    """
    form = IMAGES.get(media.media_type)
    if form is None:
        return None
    with _one_image:
        return _without_metadata(media, form)


def _without_metadata(media: Media, form: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(media.content))
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombWarning
            image.load()
            upright = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(
            _("%(name)s has too many pixels.") % {"name": media.name}, field="files"
        ) from None
    except Exception:
        # A decoder meets bytes from anybody and documents no set of what it raises (struct.error,
        # TypeError and others were seen): whatever it is, the picture is refused in words.
        raise Refused(
            _("%(name)s is no image that can be read.") % {"name": media.name}, field="files"
        ) from None
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    if form == "JPEG":
        mode = "RGB"
    plain = Image.new(mode, upright.size)
    plain.paste(upright.convert(mode))
    out = io.BytesIO()
    plain.save(out, form, quality=88)
    return out.getvalue()
