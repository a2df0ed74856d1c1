"""The kinds of files that can be imported, by the name that the command line and a run give them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from huhang.intake.events_import import EventsImporter
from huhang.intake.hotline_import import HotlineImporter
from huhang.intake.imports import Kind
from huhang.intake.lists_import import ListImporter
from huhang.intake.register_import import RegisterImporter
from huhang.intake.units_import import UnitsImporter

KINDS: dict[str, Kind] = {
    k.kind: k
    for k in (HotlineImporter, EventsImporter, RegisterImporter, UnitsImporter, ListImporter)
}
WORDS: dict[str, Any] = {
    "hotline": gettext_lazy("Reports of a hotline"),
    "events": gettext_lazy("Dispositions of another system"),
    "register": gettext_lazy("Register of businesses"),
    "units": gettext_lazy("Tree of units"),
    "list": gettext_lazy("Filled list or ledger"),
}
