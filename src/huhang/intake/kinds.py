"""The kinds of files that can be imported, by the name that the command line and a run give them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from huhang.intake.hotline_import import HotlineImporter
from huhang.intake.imports import Kind

KINDS: dict[str, Kind] = {k.kind: k for k in (HotlineImporter,)}
WORDS: dict[str, Any] = {"hotline": gettext_lazy("a hotline's reports")}
