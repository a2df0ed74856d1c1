"""QR codes as SVG, drawn here: what they hold goes to nobody else."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def drawn(text: str) -> SafeString:
    """A QR code of this text, for the page."""
    out = io.BytesIO()
    segno.make(text, micro=False).save(
        out,
        kind="svg",
        border=2,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        dark="#000",
        light="#fff",
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 - our own drawing of a code
