"""Sites: places where a scan code hangs."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from huhang.intake.models import Site
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.parties.actions import find_unit

_code = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RESERVED = frozenset({"new", "back", "report", "kept", "my", "file", "privacy"})


def may_manage(actor: Actor) -> bool:
    """Intake and administrators set up sites, and the operator of the machine."""
    return actor.kind == "operator" or actor.has("intake") or actor.has("administrator")


def _names(name: str, name_en: str) -> dict[str, str]:
    shown = plain_line(name)
    if not shown:
        raise Refused(_("This is needed."), field="name")
    if len(shown) > 120:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.") % {"limit": 120, "given": len(shown)},
            field="name",
        )
    return {"name": shown, "name_en": plain_line(name_en)[:160]}


def add_site(w: Write, *, code: str, name: str, name_en: str = "", unit: str = "") -> Site:
    """Add a site. ``unit``: the code of the unit at which it hangs, if any."""
    if not may_manage(w.actor):
        raise NotAllowed(_("Only the intake office or an administrator may do this."))
    code = code.strip().lower()
    if code in RESERVED:
        raise Refused(
            _("“%(code)s” is the address of another page here: choose another code.")
            % {"code": code},
            field="code",
        )
    if not _code.fullmatch(code):
        raise Refused(
            _("A site's code has small letters, digits and dashes, at most 40."), field="code"
        )
    if Site.objects.filter(code=code).exists():
        raise Refused(_("The code “%(code)s” is taken.") % {"code": code}, field="code")
    place = find_unit(unit) if unit else None
    w.entry("add_site")
    made: Site = w.insert(
        Site, code=code, unit_id=place.pk if place else None, **_names(name, name_en)
    )
    return made


def change_site(w: Write, code: str, *, name: str, name_en: str = "", active: bool = True) -> Site:
    """Rename a site, or take its code out of use."""
    if not may_manage(w.actor):
        raise NotAllowed(_("Only the intake office or an administrator may do this."))
    site = Site.objects.filter(code=code).first()
    if site is None:
        raise Refused(_("There is no such site."), field="code")
    w.entry("change_site")
    w.update(site, active=active, **_names(name, name_en))
    return site


def find_site(code: str) -> Site | None:
    """The active site with this code."""
    return Site.objects.filter(code=code, active=True).first()
