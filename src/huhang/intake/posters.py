"""Posters with a scan code: A4 as PDF or PNG, by Typst, in both languages."""

from __future__ import annotations

import io
import ipaddress
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
import typst
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.intake.models import Site
from huhang.kernel.errors import Missing, Refused
from huhang.rulebook import Rulebook, Text, current
from huhang.tlog.announcing import fingerprint_shown
from huhang.tlog.public_folder import public

TYPES = {"pdf": "application/pdf", "png": "image/png"}
"""Media types by form."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei")

TEMPLATE = """
#set page(paper: "a4", margin: (x: 22mm, y: 20mm))
#set text(font: (FAMILIES), lang: "LANGUAGE", size: 13pt)
#set par(spacing: 0.75em)
#let d = json(bytes(sys.inputs.at("data")))
#align(center)[
  #text(size: 40pt, weight: "bold")[#d.title]
  #v(2mm)
  #text(size: 18pt)[#d.title_en]
  #v(5mm)
  #image("code.svg", width: 84mm)
  #v(3mm)
  #text(size: 17pt, weight: "bold")[#d.how]
  #text(size: 12pt)[#d.how_en]
  #if d.place != "" [ #v(3mm) #text(size: 13pt)[#d.place] ]
]
#v(8mm)
#for line in d.lines [
  #grid(columns: (7mm, 1fr), [•], [#line.at(0) #if line.at(1) != "" [\\ #text(size: 10pt, fill: luma(70))[#line.at(1)]]])
  #v(1.5mm)
]
#place(bottom + center)[
  #align(center)[#text(size: 12pt)[#d.office] \\ #text(size: 10pt, fill: luma(70))[#d.address]
  #if d.root != "" [\\ #text(size: 8pt, fill: luma(70))[#d.root]]]
]
"""


@cache
def chinese_family() -> str:
    """A Chinese face that is installed. Raises ``Refused`` naming the package when there is none."""
    if shutil.which("fc-list"):
        found = subprocess.run(
            ["fc-list", ":", "family"], capture_output=True, text=True, check=False
        )
        for family in FAMILIES:
            if family in found.stdout:
                return family
    for folder in FONT_FOLDERS:
        for path in Path(folder).rglob("*.[ot]t[cf]"):
            if "NotoSansCJK" in path.name:
                return FAMILIES[0]
    raise Refused(
        _("No Chinese font is installed, so that a poster would have empty boxes. Install the "
          "package fonts-noto-cjk.")
    )  # fmt: skip


def on_loopback() -> bool:
    """Whether the address that stands on posters can be opened on this machine alone."""
    host = urlsplit(settings.HUHANG_BASE_URL).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def file_name(site_code: str, form: str) -> str:
    """What the file of a poster is called."""
    return f"poster-{site_code or 'everywhere'}.{form}"


SAID: dict[str, Text] = {
    "title": Text("码上举报", "Report online"),
    "how": Text("微信或相机扫一扫", "Scan with your camera"),
}
LINES = (
    Text("三分钟说清楚：谁、什么事、什么时候", "Three minutes: whom, what and when"),
    Text("不用注册，可以匿名，不记录您的网络地址",
         "No account; you may stay anonymous; your network address is not stored"),
    Text("拿到一个查询码，随时查看办理进度并留言",
         "You get a code to follow the progress and to write to us"),
)  # fmt: skip


ROOT = Text("公开存证日志根密钥指纹", "Root of the keys of the open log")


def words(book: Rulebook) -> dict[str, Any]:
    """What a poster says: in the place's usual language, and in its other one below, if it has two."""
    first, *more = book.languages
    both = {k: (t.in_(first), t.in_(more[0]) if more else "") for k, t in SAID.items()}
    return {
        **{k: one for k, (one, _other) in both.items()},
        **{f"{k}_en": other for k, (_one, other) in both.items()},
        "office": "　".join(book.office.in_(language) for language in book.languages),
        "lines": [[t.in_(first), t.in_(more[0]) if more else ""] for t in (*LINES, book.who_reads)],
    }


def root_words(book: Rulebook) -> str:
    """The fingerprint of the root of the log's keys, for whoever checks it; empty before one was announced."""
    found = fingerprint_shown(public())
    said = " · ".join(dict.fromkeys(ROOT.in_(language) for language in book.languages))
    return f"{said}: {found}" if found else ""


def _families(book: Rulebook) -> str:
    """The faces that its languages need."""
    if "zh-hans" in book.languages:
        return f'"{chinese_family()}",'
    return '"Liberation Sans", "DejaVu Sans", "Libertinus Serif",'


def poster(site_code: str, form: str) -> bytes:
    """A poster as ``pdf`` or ``png`` (150 dpi). Raises ``Missing``, ``Refused``."""
    site = None
    if site_code:
        site = Site.objects.filter(code=site_code, active=True).first()
        if site is None:
            raise Missing(_("There is no such site."))
    address = settings.HUHANG_BASE_URL + (f"/r/{site.code}/" if site else "/r/")
    book = current()
    code = io.BytesIO()
    segno.make(address, error="m").save(code, kind="svg", scale=10, border=2)
    place = " ".join(dict.fromkeys(n for n in (site.name, site.name_en) if n)) if site else ""
    data = {**words(book), "place": place, "address": address, "root": root_words(book)}
    sources = {
        "main.typ": TEMPLATE.replace("FAMILIES", _families(book))
        .replace("LANGUAGE", book.languages[0][:2])
        .encode(),
        "code.svg": code.getvalue(),
    }
    made: bytes | list[bytes] = typst.compile(  # type: ignore[call-overload]
        sources,
        format=form,
        ppi=150,
        font_paths=[f for f in FONT_FOLDERS if Path(f).is_dir()],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return made if isinstance(made, bytes) else made[0]
