"""Units with their aliases, groups, sites with their posters, the log's state."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema

from huhang.api.auth import actor_of
from huhang.api.fields import Code, Codes, Name
from huhang.api.operations import Strict, operation
from huhang.intake import posters, sites
from huhang.intake.models import Site
from huhang.kernel.write import write
from huhang.look.files import download
from huhang.parties import actions, teams
from huhang.parties.models import Group, Unit
from huhang.tlog.models import Tick

READERS = ("intake", "leader", "administrator")
MANAGERS = ("intake", "administrator")
ADMIN = ("administrator",)
LOG = ("administrator", "leader", "auditor")


class UnitOut(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    parent: str
    active: bool
    aliases: list[str]


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "code": unit.code, "name": unit.name, "name_en": unit.name_en, "kind": unit.kind,
        "parent": unit.parent.code if unit.parent else "", "active": unit.active,
        "aliases": sorted(a.name for a in unit.aliases.all()),
    }  # fmt: skip


@operation("GET", "/units", scope="read", roles=READERS, answer=list[UnitOut], tag="units")
def list_units(request: HttpRequest) -> Any:
    """The tree of units with their aliases."""
    found = Unit.objects.select_related("parent").prefetch_related("aliases").order_by("code")
    return [_unit(unit) for unit in found]


class NewUnit(Strict):
    code: Code
    name: Name
    name_en: Name = ""
    kind: Code = ""
    parent: Code = ""


@operation("POST", "/units", scope="admin", roles=ADMIN, answer=UnitOut, tag="units")
def add_unit(request: HttpRequest, data: NewUnit) -> Any:
    """Add a unit to the tree. ``parent``: the code of the unit above it."""
    made = write(lambda w: actions.add_unit(w, **data.dict()), actor=actor_of(request))
    return _unit(made)


class ChangedUnit(Strict):
    name: Name
    name_en: Name = ""
    parent: Code = ""
    active: bool = True


@operation("POST", "/units/{code}", scope="admin", roles=ADMIN, answer=UnitOut, tag="units")
def change_unit(request: HttpRequest, code: str, data: ChangedUnit) -> Any:
    """Rename or move a unit, or take it out of use. A former name becomes an alias."""
    changed = write(lambda w: actions.change_unit(w, code, **data.dict()), actor=actor_of(request))
    return _unit(Unit.objects.select_related("parent").get(pk=changed.pk))


class Alias(Strict):
    name: Name


@operation("POST", "/units/{code}/aliases", scope="admin", roles=ADMIN, answer=UnitOut, tag="units")
def add_alias(request: HttpRequest, code: str, data: Alias) -> Any:
    """Give a unit another name by which people call it."""
    made = write(lambda w: actions.add_alias(w, code, data.name), actor=actor_of(request))
    return _unit(Unit.objects.select_related("parent").get(pk=made.unit_id))


@operation(
    "POST", "/units/{code}/aliases/remove", scope="admin", roles=ADMIN, answer=UnitOut, tag="units"
)
def remove_alias(request: HttpRequest, code: str, data: Alias) -> Any:
    """Take another name away; that it was there stays on the log."""
    write(lambda w: actions.remove_alias(w, code, data.name), actor=actor_of(request))
    return _unit(Unit.objects.select_related("parent").get(code=code))


class GroupOut(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    units: list[str]
    ends_on: date | None
    ended_on: date | None


def _group(group: Group) -> dict[str, Any]:
    return {
        "code": group.code, "name": group.name, "name_en": group.name_en, "kind": group.kind,
        "ends_on": group.ends_on, "ended_on": group.ended_on,
        "units": sorted(s.unit.code for s in group.supervised.select_related("unit")),
    }  # fmt: skip


@operation("GET", "/groups", scope="read", roles=READERS, answer=list[GroupOut], tag="units")
def list_groups(request: HttpRequest) -> Any:
    """The groups, and the units that they supervise."""
    return [_group(group) for group in Group.objects.order_by("code")]


class NewGroup(Strict):
    code: Code
    name: Name
    name_en: Name = ""
    kind: Code = ""
    units: Codes = []
    ends_on: date | None = None


@operation("POST", "/groups", scope="admin", roles=ADMIN, answer=GroupOut, tag="units")
def add_group(request: HttpRequest, data: NewGroup) -> Any:
    """Add a group."""
    given = {**data.dict(), "units": tuple(dict.fromkeys(data.units))}
    return _group(write(lambda w: actions.add_group(w, **given), actor=actor_of(request)))


class Renewed(Strict):
    ends_on: date


@operation("POST", "/groups/{code}/renew", scope="admin", roles=ADMIN, answer=GroupOut, tag="units")
def renew_team(request: HttpRequest, code: str, data: Renewed) -> Any:
    """Let a joint team go on until another last day, also one that has ended."""
    return _group(write(lambda w: teams.renew(w, code, data.ends_on), actor=actor_of(request)))


@operation("POST", "/groups/{code}/end", scope="admin", roles=ADMIN, answer=GroupOut, tag="units")
def end_team(request: HttpRequest, code: str) -> Any:
    """End a joint team now: its members no longer see its cases by it."""
    return _group(write(lambda w: teams.end(w, code), actor=actor_of(request)))


class Supervised(Strict):
    units: Codes


@operation("POST", "/groups/{code}/units", scope="admin", roles=ADMIN, answer=GroupOut, tag="units")
def supervise(request: HttpRequest, code: str, data: Supervised) -> Any:
    """Set which units a group supervises."""
    write(lambda w: actions.supervise(w, code, tuple(data.units)), actor=actor_of(request))
    return _group(Group.objects.get(code=code.strip()))


class SiteOut(Schema):
    code: str
    name: str
    name_en: str
    unit: str
    active: bool


def _site(site: Site) -> dict[str, Any]:
    return {"code": site.code, "name": site.name, "name_en": site.name_en, "active": site.active,
            "unit": site.unit.code if site.unit else ""}  # fmt: skip


@operation("GET", "/sites", scope="read", roles=MANAGERS, answer=list[SiteOut], tag="sites")
def list_sites(request: HttpRequest) -> Any:
    """The places where a scan code hangs."""
    return [_site(site) for site in Site.objects.select_related("unit").order_by("code")]


class NewSite(Strict):
    code: Code
    name: Name
    name_en: Name = ""
    unit: Code = ""


@operation("POST", "/sites", scope="admin", roles=MANAGERS, answer=SiteOut, tag="sites")
def add_site(request: HttpRequest, data: NewSite) -> Any:
    """Add a site."""
    return _site(write(lambda w: sites.add_site(w, **data.dict()), actor=actor_of(request)))


class ChangedSite(Strict):
    name: Name
    name_en: Name = ""
    active: bool = True


@operation("POST", "/sites/{code}", scope="admin", roles=MANAGERS, answer=SiteOut, tag="sites")
def change_site(request: HttpRequest, code: str, data: ChangedSite) -> Any:
    """Rename a site, or take its code out of use."""
    return _site(
        write(lambda w: sites.change_site(w, code, **data.dict()), actor=actor_of(request))
    )


class Poster(Schema):
    """Without a site: the poster for everywhere."""

    site: Code = ""
    format: Literal["pdf", "png"] = "pdf"


@operation(
    "GET", "/poster", scope="read", roles=MANAGERS, file="application/octet-stream", tag="sites"
)
def poster(request: HttpRequest, wanted: Query[Poster]) -> HttpResponse:
    """A poster with a scan code."""
    content = posters.poster(wanted.site, wanted.format)
    name = posters.file_name(wanted.site, wanted.format)
    return download(content, posters.TYPES[wanted.format], name)


class LogOut(Schema):
    """The last tick. No sizes: they could tell that something was filed."""

    tick: int
    ticked_at: datetime | None


@operation("GET", "/log", scope="read", roles=LOG, answer=LogOut, tag="log")
def log(request: HttpRequest) -> Any:
    """How far the log is closed off."""
    tick = Tick.objects.order_by("-number").first()
    return {"tick": tick.number if tick else 0, "ticked_at": tick.ticked_at if tick else None}
