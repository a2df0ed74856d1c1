"""Who may be named as the signer of a step on paper: nobody whom the case keeps out."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.cases import proposing, queries
from huhang.cases.chains import Approval, ApprovalStep
from huhang.cases.models import Case, Party
from huhang.kernel.errors import Refused
from huhang.parties.models import Person, User
from huhang.parties.names import folded, parts
from huhang.parties.queries import actor_for, below


def check(name: str, case: Case) -> None:
    """Raise ``Refused`` when whoever bears this name is kept out of the case: accused (in person, or with
    their unit), mentioned in person or withdrawn. One who shares the name and sees the case may sign.

    It does not say which: that somebody withdrew, and why, is for leaders alone.
    """
    said = {folded(one) for one in (name, *parts(name))}
    users = [u for u in User.objects.select_related("person") if said & _names_of_user(u)]
    seeing = [u for u in users if u.active and queries.sees(actor_for(u), case)]
    if not seeing and (_any_kept_out(users, case) or said & _kept_out(case)):
        raise Refused(
            _("“%(name)s” sees nothing of this case and cannot sign for it.") % {"name": name},
            field="signer",
        )


def _names_of_user(user: User) -> set[str]:
    own = (user.name, user.name_en, user.person.name if user.person else "")
    return {folded(name) for name in own if name}


def _any_kept_out(users: list[User], case: Case) -> bool:
    for user in users:
        parties = queries.excluded_cases(actor_for(user))
        if parties is not None and parties.filter(case=case).exists():
            return True
    return False


def _kept_out(case: Case) -> set[str]:
    """The names of persons who do not sign in: whom the case names, and who belong to an accused unit."""
    parties = Party.objects.filter(case=case)
    units = list(
        parties.filter(relation="accused", unit__isnull=False).values_list("unit", flat=True)
    )
    persons = Person.objects.filter(
        Q(pk__in=parties.filter(person__isnull=False).values("person")) | Q(unit__in=below(units))
    )
    return {folded(name) for name in persons.values_list("name", flat=True)}


def names_of(approval: Approval) -> set[str]:
    """The names, folded, of those who have had a part in it."""
    involved = User.objects.filter(ref__in=proposing.involved(approval))
    found = {folded(name) for name in involved.values_list("name", flat=True)}
    for step in ApprovalStep.objects.filter(approval=approval, signer__isnull=False):
        found.add(folded((queries.payload_value(step.signer) or {}).get("text", "")))
    return found
