"""A paper as PDF: the Word file through LibreOffice, alone with its own profile, without network.

LibreOffice is optional (Debian's package libreoffice-writer-nogui); Word works without it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import scratch
from huhang.papers.errors import NoPdf

PACKAGE = "libreoffice-writer-nogui"
SECONDS = 60
PATIENCE = 20
_one = threading.Lock()
"""One conversion at a time: it takes a processor and 200 MB."""


class _Line:
    """Who converts and who waits: at most every third thread of the web process, so that whoever
    reports something always finds one that is free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside >= max(1, settings.HUHANG_THREADS // 3):
                raise _too_many()
            self._inside += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1


_line = _Line()


def _too_many() -> NoPdf:
    return NoPdf(_("Too many papers are being made at once. Try again in a minute."))


# Faces that official papers name, and open ones that stand in where they are not installed.
FACES: dict[str, tuple[str, ...]] = {
    "仿宋_GB2312": ("FangSong_GB2312", "FangSong", "仿宋", "FZFangSong-Z02", "Zhuque Fangsong (technical preview)",
                  "FandolFang R", "Noto Serif CJK SC", "Source Han Serif SC"),
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", "Source Han Serif SC"),
    "黑体": ("SimHei", "Noto Sans CJK SC", "Source Han Sans SC"),
    "楷体_GB2312": ("KaiTi_GB2312", "KaiTi", "楷体", "LXGW WenKai", "AR PL UKai CN", "Noto Serif CJK SC"),
    "宋体": ("SimSun", "Noto Serif CJK SC", "Source Han Serif SC"),
}  # fmt: skip
BOLD = ("方正小标宋简体",)
"""Heavy by design: their stand-in is the bold one."""

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """LibreOffice's program, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def available() -> bool:
    """Whether this machine can make a PDF."""
    return program() is not None


def needs() -> str:
    """What is needed for PDF, in words."""
    return _("PDF needs LibreOffice on this server (Debian's package %(package)s); Word works.") % {
        "package": PACKAGE
    }


@cache
def _without_network() -> tuple[str, ...]:
    """A prefix that runs a program where there is no network at all, if this machine allows it."""
    prefix = ("unshare", "--user", "--map-current-user", "--net")
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if done.returncode == 0 else ()


def _no_longer_than(seconds: int) -> tuple[str, ...]:
    """A prefix that ends a program also when this process was killed and cannot do it."""
    return ("timeout", "--signal=KILL", str(seconds)) if shutil.which("timeout") else ()


def from_word(content: bytes) -> bytes:
    """The PDF of a Word file. Raises ``NoPdf``."""
    office = program()
    if office is None:
        raise NoPdf(needs())
    with _line:
        if not _one.acquire(timeout=PATIENCE):
            raise _too_many()
        try:
            with scratch.place() as place:  # what a killed process leaves there is swept
                return _convert(office, place, content)
        finally:
            _one.release()


def _convert(office: str, place: Path, content: bytes) -> bytes:
    profile = place / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    (place / "fonts.conf").write_text(fonts(place), encoding="utf-8")
    (place / "paper.docx").write_bytes(content)
    command = [
        *_no_longer_than(SECONDS + 5), *_without_network(), office, "--headless", "--norestore", "--nolockcheck", "--nodefault",
        "--nofirststartwizard", f"-env:UserInstallation={profile.as_uri()}",
        "--convert-to", "pdf:writer_pdf_Export", "--outdir", str(place), str(place / "paper.docx"),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(place),
        "TMPDIR": str(place),
        "LANG": "zh_CN.UTF-8",
        "FONTCONFIG_FILE": str(place / "fonts.conf"),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        running = subprocess.Popen(
            command, env=environment, cwd=place, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise NoPdf(
            _("LibreOffice cannot be started: %(error)s") % {"error": error.strerror}
        ) from None
    try:
        running.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NoPdf(
            _("LibreOffice did not finish within %(seconds)d seconds.") % {"seconds": SECONDS}
        ) from None
    finally:
        try:
            os.killpg(running.pid, signal.SIGKILL)  # with whatever it left running
        except ProcessLookupError:
            pass
        running.wait()
    made = place / "paper.pdf"
    if not made.exists():
        raise NoPdf(_("LibreOffice made no PDF of this paper."))
    return made.read_bytes()


def fonts(place: Path) -> str:
    """A fontconfig file with the stand-ins, beside the machine's own."""
    lines = [
        '<?xml version="1.0"?>',
        '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
        "<fontconfig>",
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
        f"<cachedir>{place}/fonts</cachedir>",
    ]
    for face, others in FACES.items():
        bold = (
            '<edit name="weight" mode="assign" binding="strong"><const>bold</const></edit>'
            if face in BOLD
            else ""
        )
        families = "".join(f"<string>{other}</string>" for other in others)
        lines.append(
            f'<match target="pattern"><test name="family"><string>{face}</string></test>'
            f'<edit name="family" mode="append" binding="strong">{families}</edit>{bold}</match>'
        )
    return "\n".join([*lines, "</fontconfig>", ""])
