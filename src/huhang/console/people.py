"""People who sign in: adding, inviting, roles, locking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import ROLE_WORDS, in_language, page
from huhang.console.places import asked, failed
from huhang.console.tokens import rows_of
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.plain import whole_number
from huhang.kernel.write import write
from huhang.look.fields import Choice, Form, Typed
from huhang.look.once import new_mark, once, shown
from huhang.parties import accounts, actions, factors
from huhang.parties.models import Group, Membership, Unit, User
from huhang.parties.queries import standing
from huhang.parties.signed_in import end_sessions, sessions_of, set_active
from huhang.parties.words import POST_WORDS
from huhang.rulebook import current


def _places() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    units = [(u.code, in_language(u)) for u in Unit.objects.filter(active=True).order_by("code")]
    groups = [(g.code, in_language(g)) for g in Group.objects.filter(standing()).order_by("code")]
    return [("", "—"), *units], [("", "—"), *groups]


class Role(Form):
    """A role in a unit (handlers) or in a group (supervisors, intake, leaders)."""

    role = Choice(label=gettext_lazy("Role"), choices=list(ROLE_WORDS.items()))
    unit = Choice(label=gettext_lazy("In the unit"), required=False)
    group = Choice(label=gettext_lazy("Or in the group"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units, groups = _places()
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.fields["group"].choices = groups  # type: ignore[attr-defined]
        if "workplace" in self.fields:
            self.fields["workplace"].choices = units  # type: ignore[attr-defined]


class Posts(Form):
    """The posts by which somebody approves."""

    posts = forms.MultipleChoiceField(
        label=gettext_lazy("Posts"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=list(POST_WORDS.items()),
        help_text=gettext_lazy("What waits for a post is approved by whoever holds it and may see the case."),
    )  # fmt: skip


class NewPerson(Role):
    username = Typed(label=gettext_lazy("Sign-in name"), most=60)
    name = Typed(label=gettext_lazy("Name"), most=80)
    name_en = Typed(label=gettext_lazy("Name in English"), most=80, required=False)
    workplace = Choice(
        label=gettext_lazy("Works for"), required=False,
        help_text=gettext_lazy("Where a case accuses this unit, the person does not see it."),
    )  # fmt: skip
    field_order = ("username", "name", "name_en", "role", "unit", "group", "workplace")


QUESTIONS: dict[str, tuple[Any, Any, Any]] = {
    "lock": (
        gettext_lazy("Lock %(name)s out?"),
        gettext_lazy("Whoever is signed in under this name is out at once, until you let them in "
                     "again. Their cases stay with their unit or group."),
        gettext_lazy("Lock out"),
    ),
    "sign_out": (
        gettext_lazy("Sign %(name)s out everywhere?"),
        gettext_lazy("They can sign in again at once. What they had not sent is lost to them."),
        gettext_lazy("Sign out"),
    ),
    "factor": (
        gettext_lazy("Take the second factor of %(name)s away?"),
        gettext_lazy("Only when you know that it is they who ask: whoever knows the password can then "
                     "sign in and set up a device of their own. They are signed out everywhere."),
        gettext_lazy("Take away"),
    ),
    "end": (
        gettext_lazy("End this role of %(name)s?"),
        gettext_lazy("They no longer see what this role shows, from now on. You can give the role again."),
        gettext_lazy("End the role"),
    ),
}  # fmt: skip


@for_roles("administrator")
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who signs in; somebody new gets an invitation."""
    actor = actor_of(request)
    form = NewPerson(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():

            def add(w: Any) -> str:
                actions.add_user(w, **form.cleaned_data)
                w.flush()
                return accounts.invite(w, form.cleaned_data["username"])

            try:
                token = write(add, actor=actor)
                return _show_once(request, form.cleaned_data["username"].lower(), token)
            except HuhangError as error:
                failed(form, error)
    roles: dict[int, list[str]] = {}
    for m in (
        Membership.objects.filter(until__isnull=True)
        .select_related("unit", "group")
        .order_by("role", "unit__code", "group__code", "id")
    ):
        where = in_language(m.unit or m.group)
        roles.setdefault(m.user_id, []).append(f"{ROLE_WORDS.get(m.role, m.role)} · {where}")
    rows = [(u, in_language(u), roles.get(u.pk, [])) for u in User.objects.order_by("username")]
    return page(
        request, "console/people.html", {"rows": rows, "form": form}, here="people", status=status
    )


def _show_once(request: HttpRequest, username: str, token: str) -> HttpResponse:
    """Go on to the page that shows the invitation once: loaded again, it makes no other."""
    shown.keep(f"invitation {actor_of(request).ref} {username}", token)
    return HttpResponseRedirect(reverse("console:person", args=[username]) + "?invited=1")


def _invited(request: HttpRequest, username: str) -> HttpResponse:
    token = shown.take(f"invitation {actor_of(request).ref} {username}")
    path = reverse("console:invitation", args=[token]) if token else ""
    context = {
        "username": username, "days": accounts.INVITATION_DAYS,
        "url": request.build_absolute_uri(path) if path else "",
    }  # fmt: skip
    return page(request, "console/invited.html", context, here="people")


@for_roles("administrator")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One person: roles, invitation, lock."""
    actor = actor_of(request)
    found = User.objects.filter(username=username).first()
    if found is None:
        raise Missing(_("There is no such user."))
    if request.method == "GET" and "invited" in request.GET:
        return _invited(request, username)
    do = request.POST.get("do", "")
    form = Role(request.POST if do == "role" else None)
    posts = Posts(request.POST if do == "posts" else None, initial={"posts": found.posts.split()})
    told = None
    if do in QUESTIONS and "confirm" not in request.POST:
        title, text, label = QUESTIONS[do]
        return asked(
            request, here="people", title=title % {"name": in_language(found)}, text=text,
            kept=_("That this was done, by whom and when."), label=label,
            back_url=reverse("console:person", args=[username]),
        )  # fmt: skip
    try:
        if do == "invite":
            mark = request.POST.get("mark", "")
            token = once.run(
                mark and f"invite {actor.ref} {username} {mark}",
                lambda: write(lambda w: accounts.invite(w, username), actor=actor),
            )
            return _show_once(request, username, token)
        if do == "role" and form.is_valid():
            write(lambda w: actions.add_membership(w, username, **form.cleaned_data), actor=actor)
        elif do == "posts" and posts.is_valid():
            write(
                lambda w: actions.set_posts(w, username, posts.cleaned_data["posts"]), actor=actor
            )
        elif do == "end":
            number = request.POST.get("membership", "")
            write(
                lambda w: actions.end_membership(w, username, whole_number(number) or 0),
                actor=actor,
            )
        elif do == "sign_out":
            write(lambda w: end_sessions(w, username), actor=actor)
        elif do == "factor":
            write(lambda w: factors.remove(w, username), actor=actor)
        elif do in ("lock", "unlock"):
            write(lambda w: set_active(w, username, do == "unlock"), actor=actor)
        if do and not form.errors and not posts.errors:
            return HttpResponseRedirect(reverse("console:person", args=[username]))
    except HuhangError as error:
        if do == "role":
            failed(form, error)
        else:
            told = error
    memberships = [
        (m, ROLE_WORDS.get(m.role, m.role), in_language(m.unit or m.group))
        for m in Membership.objects.filter(user=found)
        .select_related("unit", "group")
        .order_by("id")
    ]
    context = {"person": found, "name": in_language(found), "form": form,
               "posts": posts if any(n.approvals for n in current().natures.values()) else None, "error": told,
               "memberships": memberships, "rows": rows_of(found.ref), "mark": new_mark(),
               "sessions": len(sessions_of(found))}  # fmt: skip
    return page(
        request, "console/person.html", context, here="people",
        status=400 if told or form.errors or posts.errors else 200,
    )  # fmt: skip
