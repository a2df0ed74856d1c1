"""Setting up units, aliases, groups and users with their roles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.plain import MAX_TEXT, plain_line, plain_text
from huhang.kernel.write import Write
from huhang.parties.models import (
    JOINT,
    Group,
    GroupUnit,
    Membership,
    Person,
    Unit,
    UnitAlias,
    User,
)
from huhang.parties.queries import ROLES, above
from huhang.rulebook import POSTS, current

_code = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_username = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
UNUSABLE = "!"
MOST_AHEAD = 3660


def administrators_only(actor: Actor) -> None:
    """Raise ``NotAllowed`` for whoever is neither administrator nor operator."""
    if actor.kind != "operator" and not actor.has("administrator"):
        raise NotAllowed(_("Only an administrator may do this."))


def line(value: str, field: str, limit: int, *, needed: bool = True) -> str:
    """A text of one line, at most ``limit`` characters. Raises ``Refused``."""
    return _within(plain_line(value), field, limit, needed)


def words(value: str, field: str, *, needed: bool = True) -> str:
    """A text of several lines, at most ``MAX_TEXT`` characters. Raises ``Refused``."""
    return _within(plain_text(value), field, MAX_TEXT, needed)


def _within(text: str, field: str, limit: int, needed: bool) -> str:
    if needed and not text:
        raise Refused(_("This is needed."), field=field)
    if len(text) > limit:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": limit, "given": len(text)},
            field=field,
        )
    return text


def check_code(value: str) -> str:
    """The code, trimmed. Raises ``Refused`` when it is of another shape."""
    code = value.strip()
    if not _code.fullmatch(code):
        raise Refused(_("A code has letters, digits, points and dashes, at most 40."), field="code")
    return code


def _new_code(value: str, taken: Any) -> str:
    code = check_code(value)
    if taken.filter(code=code).exists():
        raise Refused(_("The code “%(code)s” is taken.") % {"code": code}, field="code")
    return code


def find_unit(code: str, field: str = "unit") -> Unit:
    """The unit with this code. Raises ``Refused``."""
    unit = Unit.objects.filter(code=code.strip()).first()
    if unit is None:
        raise Refused(_("There is no unit “%(given)s”.") % {"given": code[:40]}, field=field)
    return unit


def find_group(code: str, field: str = "group") -> Group:
    """The group with this code. Raises ``Refused``."""
    group = Group.objects.filter(code=code.strip()).first()
    if group is None:
        raise Refused(_("There is no group “%(given)s”.") % {"given": code[:40]}, field=field)
    return group


def add_unit(
    w: Write, *, code: str, name: str, name_en: str = "", kind: str = "", parent: str = "",
    active: bool = True, valid_from: int | None = None, valid_until: int | None = None,
) -> Unit:  # fmt: skip
    """Add a unit to the tree. ``parent``: the code of the unit above it, or empty."""
    administrators_only(w.actor)
    kinds = current().unit_kinds
    kind = kind or next(iter(kinds))
    if kind not in kinds:
        raise Refused(_("There is no such kind."), field="kind")
    above_it = find_unit(parent, "parent") if parent else None
    code = _new_code(code, Unit.objects)
    w.entry("add_unit")
    made: Unit = w.insert(
        Unit,
        code=code,
        name=line(name, "name", 120),
        name_en=line(name_en, "name_en", 160, needed=False),
        kind=kind,
        parent_id=above_it.pk if above_it else None,
        active=active,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return made


def change_unit(
    w: Write, code: str, *, name: str, name_en: str = "", parent: str = "", active: bool = True,
    **more: Any,
) -> Unit:  # fmt: skip
    """Rename or move a unit, or take it out of use. Its former name becomes an alias.

    ``more``: kind, valid_from and valid_until, which stay as they are when they are not given.
    """
    administrators_only(w.actor)
    unit = find_unit(code)
    above_it = find_unit(parent, "parent") if parent else None
    if above_it is not None and unit.pk in above([above_it.pk]):
        raise Refused(_("A unit cannot stand below itself."), field="parent")
    former = unit.name
    name = line(name, "name", 120)
    w.entry("change_unit")
    w.update(
        unit,
        name=name,
        name_en=line(name_en, "name_en", 160, needed=False),
        parent_id=above_it.pk if above_it else None,
        active=active,
        **more,
    )
    if former != name and not UnitAlias.objects.filter(name=former).exists():
        w.add(UnitAlias, unit_id=unit.pk, name=former)
    return unit


def add_alias(w: Write, code: str, name: str) -> UnitAlias:
    """Give a unit another name by which people call it."""
    administrators_only(w.actor)
    unit = find_unit(code)
    name = line(name, "name", 120)
    known = UnitAlias.objects.filter(name=name).select_related("unit").first()
    if known is not None:
        raise Refused(
            _("“%(name)s” already means %(unit)s.") % {"name": name, "unit": known.unit.name},
            field="name",
        )
    w.entry("add_alias")
    made: UnitAlias = w.insert(UnitAlias, unit_id=unit.pk, name=name)
    return made


def remove_alias(w: Write, code: str, name: str) -> None:
    """Take an alias away; that it was there stays on the log."""
    administrators_only(w.actor)
    alias = UnitAlias.objects.filter(unit__code=code, name=plain_line(name)).first()
    if alias is None:
        raise Missing(_("There is no such alias."))
    w.entry("remove_alias")
    w.delete(alias)


def add_group(
    w: Write, *, code: str, name: str, name_en: str = "", kind: str = "",
    units: tuple[str, ...] = (), ends_on: date | None = None,
) -> Group:  # fmt: skip
    """Add a group. ``units``: codes of the units that a resident group supervises; ``ends_on``: the
    last day of a joint team."""
    administrators_only(w.actor)
    kinds = current().group_kinds
    kind = kind or next(iter(kinds))
    if kind not in kinds:
        raise Refused(_("There is no such kind."), field="kind")
    if ends_on is not None and kind != JOINT:
        raise Refused(_("Only a joint team ends on a day."), field="ends_on")
    supervised = [find_unit(u, "units") for u in units]
    code = _new_code(code, Group.objects)
    w.entry("add_group")
    made: Group = w.insert(
        Group, code=code, name=line(name, "name", 120), kind=kind,
        name_en=line(name_en, "name_en", 160, needed=False),
        ends_on=None if ends_on is None else last_day(ends_on),
    )  # fmt: skip
    for unit in supervised:
        w.add(GroupUnit, group_id=made.pk, unit_id=unit.pk)
    return made


def last_day(day: date) -> date:
    """A day on which something can still end. Raises ``Refused`` for one that is over."""
    if not clock.today() <= day <= clock.today() + timedelta(days=MOST_AHEAD):
        raise Refused(_("A day from today on, within ten years, is needed."), field="ends_on")
    return day


def supervise(w: Write, code: str, units: tuple[str, ...]) -> None:
    """Set which units a group supervises."""
    administrators_only(w.actor)
    group = find_group(code)
    wanted = {find_unit(u, "units").pk for u in units}
    w.entry("supervise")
    for row in GroupUnit.objects.filter(group=group):
        if row.unit_id in wanted:
            wanted.discard(row.unit_id)
        else:
            w.delete(row)
    for unit_id in sorted(wanted):
        w.insert(GroupUnit, group_id=group.pk, unit_id=unit_id)


def add_user(
    w: Write, *, username: str, name: str, name_en: str = "", role: str, unit: str = "",
    group: str = "", workplace: str = "",
) -> User:  # fmt: skip
    """Add somebody who signs in, with one role in a unit or a group.

    ``workplace``: the unit for which the person works, whose being accused hides a case from them
    too (resident groups are often staffed from elsewhere). Nobody can sign in before they accepted
    an invitation.
    """
    administrators_only(w.actor)
    username = username.strip().lower()
    if not _username.fullmatch(username):
        raise Refused(
            _("A sign-in name has 2 to 60 small letters, digits, points and dashes."),
            field="username",
        )
    if User.objects.filter(username=username).exists():
        raise Refused(
            _("The sign-in name “%(name)s” is taken.") % {"name": username}, field="username"
        )
    place = find_unit(workplace, "workplace") if workplace else None
    shown = line(name, "name", 80)
    home = _membership(role, unit, group)
    w.entry("add_user")
    person = w.add(Person, name=shown, unit_id=place.pk if place else home["unit_id"])
    user: User = w.insert(
        User, ref=ids.new_ref(), username=username, name=shown, person_id=person,
        name_en=line(name_en, "name_en", 80, needed=False), password=UNUSABLE,
    )  # fmt: skip
    w.add(Membership, user_id=user.pk, role=role, since=clock.today(), **home)
    return user


def _membership(role: str, unit: str, group: str) -> dict[str, Any]:
    if role not in ROLES:
        raise Refused(_("There is no such role."), field="role")
    if bool(unit) == bool(group):
        raise Refused(_("Give a unit or a group, one of them."), field="unit")
    if role == "handler" and group:
        raise Refused(_("A handler belongs to a unit."), field="unit")
    if role == "supervisor" and unit:
        raise Refused(_("A supervisor belongs to a group."), field="group")
    return {
        "unit_id": find_unit(unit).pk if unit else None,
        "group_id": find_group(group).pk if group else None,
    }


def _apart(user: User, role: str) -> None:
    """Refuse to make one person act and audit at the same time."""
    today = clock.today()
    standing = Membership.objects.filter(Q(until__isnull=True) | Q(until__gte=today), user=user)
    held = {*standing.values_list("role", flat=True), role}
    if "auditor" in held and len(held) > 1:
        raise Refused(
            _("An auditor holds no other role: who acts does not check what was done."),
            field="role",
        )


def add_membership(w: Write, username: str, *, role: str, unit: str = "", group: str = "") -> None:
    """Give a user another role."""
    administrators_only(w.actor)
    user = find_user(username)
    _apart(user, role)
    w.entry("add_membership")
    w.insert(
        Membership, user_id=user.pk, role=role, since=clock.today(),
        **_membership(role, unit, group),
    )  # fmt: skip


def end_membership(w: Write, username: str, membership_id: int) -> None:
    """End a role today; what was done in it stays."""
    administrators_only(w.actor)
    user = find_user(username)
    row = Membership.objects.filter(user=user, pk=membership_id, until__isnull=True).first()
    if row is None:
        raise Missing(_("There is no such role."))
    administrators = Membership.objects.filter(
        role="administrator", until__isnull=True, user__active=True
    )
    if row.role == "administrator" and administrators.count() == 1:
        raise Refused(_("The last administrator cannot be taken away."), field="role")
    w.entry("end_membership")
    # The last day of a role counts: it ends with yesterday, or it never began.
    yesterday = clock.today() - timedelta(days=1)
    if row.since > yesterday:
        w.delete(row)
    else:
        w.update(row, until=yesterday)


def end_role(w: Write, username: str, *, role: str, unit: str = "", group: str = "") -> None:
    """End today the role that a user holds in this unit or group."""
    held = Membership.objects.filter(
        user=find_user(username), role=role, until__isnull=True,
        **({"unit__code": unit} if unit else {"group__code": group}),
    ).first()  # fmt: skip
    end_membership(w, username, held.pk if held else 0)


def set_posts(w: Write, username: str, posts: Iterable[str]) -> User:
    """Say which posts a user holds: by them they approve what waits for that post."""
    administrators_only(w.actor)
    user = find_user(username)
    wanted = set(posts)
    if stray := sorted(wanted - set(POSTS)):
        raise Refused(_("There is no post “%(given)s”.") % {"given": stray[0][:40]}, field="posts")
    w.entry("set_posts")
    w.update(user, posts=" ".join(p for p in POSTS if p in wanted))
    return user


def find_user(username: str) -> User:
    """The user with this sign-in name. Raises ``Refused``."""
    user = User.objects.filter(username=username.strip().lower()).first()
    if user is None:
        raise Refused(
            _("There is no user “%(given)s”.") % {"given": username[:60]}, field="username"
        )
    return user
