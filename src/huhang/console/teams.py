"""Joint teams: groups for one task, made, renewed and ended by an administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, page
from huhang.console.places import asked, failed
from huhang.kernel import clock
from huhang.kernel.errors import HuhangError
from huhang.kernel.write import write
from huhang.look.fields import Form, Typed
from huhang.parties import actions
from huhang.parties import teams as joint
from huhang.parties.models import JOINT, Group, Membership


class LastDay(Form):
    """Until when a team goes on."""

    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"})
    )


class NewTeam(Form):
    code = Typed(label=gettext_lazy("Code"), most=40)
    name = Typed(label=pgettext_lazy("thing", "Name"), most=120)
    name_en = Typed(label=pgettext_lazy("thing", "Name in English"), most=160, required=False)
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), required=False,
        help_text=gettext_lazy("Left open: it goes on until you end it. Its members see each case only "
                               "while that is open."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip


@for_roles("administrator")
@require_http_methods(["GET", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """The joint teams with their members; one is made, renewed or ended."""
    actor = actor_of(request)
    do = request.POST.get("do", "")
    code = request.POST.get("code", "")
    form = NewTeam(request.POST if do == "add" else None)
    told = None
    if do == "end" and "confirm" not in request.POST:
        return asked(
            request, title=_("End the joint team “%(code)s” now?") % {"code": code[:40]},
            text=_("Its members no longer see its cases by it. Cases that it handles are to be "
                   "assigned anew. You can renew it."),
            kept=_("That it ended, by whom and when."), label=_("End the team"),
            back_url=reverse("console:teams"),
        )  # fmt: skip
    try:
        if do == "add" and form.is_valid():
            given = {**form.cleaned_data, "kind": JOINT}
            write(lambda w: actions.add_group(w, **given), actor=actor)
        elif do == "renew":
            until = LastDay(request.POST)
            if until.is_valid():
                write(lambda w: joint.renew(w, code, until.cleaned_data["ends_on"]), actor=actor)
            else:
                told = " ".join(str(e) for e in until.errors["ends_on"])
        elif do == "end":
            write(lambda w: joint.end(w, code), actor=actor)
        if do and not form.errors and told is None:
            return HttpResponseRedirect(reverse("console:teams"))
    except HuhangError as error:
        if do == "add":
            failed(form, error)
        else:
            told = str(error)
    return page(
        request, "console/teams.html", {"rows": _rows(), "form": form, "error": told},
        here="units", status=400 if told or form.errors else 200,
    )  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    members: dict[int, list[str]] = {}
    held = Membership.objects.filter(group__kind=JOINT, until__isnull=True)
    for row in held.select_related("user").order_by("user__username"):
        members.setdefault(row.group_id or 0, []).append(in_language(row.user))
    today = clock.today()
    return [
        {
            "team": team, "name": in_language(team), "members": members.get(team.pk, []),
            "ended": team.ended_on or (team.ends_on if team.ends_on and team.ends_on < today else None),
        }
        for team in Group.objects.filter(kind=JOINT).order_by("code")
    ]  # fmt: skip
