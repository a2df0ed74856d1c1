"""Who the token acts for, and people who sign in: adding, inviting, roles, locking, tokens."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Schema

from huhang.api.auth import actor_of, token_in
from huhang.api.cases import missing
from huhang.api.fields import Code, Name
from huhang.api.operations import Strict, operation
from huhang.kernel.write import Write, write
from huhang.parties import accounts, actions, factors
from huhang.parties.models import Membership, Token, User
from huhang.parties.queries import tokens_of
from huhang.parties.signed_in import end_sessions, set_active

ADMIN = ("administrator",)


class TokenOut(Schema):
    """A token, which itself is shown only where it was made."""

    ref: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def _token(token: Token) -> dict[str, Any]:
    names = ("ref", "name", "created_at", "expires_at", "revoked_at")
    return {**{n: getattr(token, n) for n in names}, "scopes": token.scopes.split()}


class Me(Schema):
    """Whom this token acts for, and as what, now."""

    username: str
    name: str
    roles: list[str]
    token: TokenOut


@operation("GET", "/me", scope="", answer=Me, tag="tokens")
def me(request: HttpRequest) -> Any:
    """Whom this token acts for, and as what."""
    token = token_in(request)
    return {"username": token.user.username, "name": token.user.name, "token": _token(token),
            "roles": sorted(actor_of(request).roles)}  # fmt: skip


@operation("GET", "/tokens", scope="read", answer=list[TokenOut], tag="tokens")
def list_tokens(request: HttpRequest) -> Any:
    """The own tokens. New ones are made in the console alone: a token cannot prolong itself."""
    return [_token(t) for t in tokens_of(actor_of(request).ref)]


@operation("POST", "/me/token/revoke", scope="", answer=TokenOut, tag="tokens")
def revoke_this(request: HttpRequest) -> Any:
    """Revoke the token that is used for this."""
    ref = token_in(request).ref
    return _token(write(lambda w: accounts.revoke_token(w, ref), actor=actor_of(request)))


@operation(
    "POST", "/tokens/{ref}/revoke", scope="admin", roles=ADMIN, answer=TokenOut, tag="tokens"
)
def revoke_any(request: HttpRequest, ref: str) -> Any:
    """Revoke anybody's token at once."""
    return _token(write(lambda w: accounts.revoke_token(w, ref), actor=actor_of(request)))


class RoleOut(Schema):
    role: str
    unit: str
    group: str
    since: date
    until: date | None


class PersonOut(Schema):
    username: str
    name: str
    name_en: str
    posts: list[str]
    active: bool
    factor_at: datetime | None
    roles: list[RoleOut]


def _person(user: User) -> dict[str, Any]:
    held = Membership.objects.filter(user=user).select_related("unit", "group").order_by("id")
    return {
        "username": user.username, "name": user.name, "name_en": user.name_en,
        "posts": user.posts.split(), "active": user.active, "factor_at": user.factor_at,
        "roles": [
            {"role": m.role, "since": m.since, "until": m.until,
             "unit": m.unit.code if m.unit else "", "group": m.group.code if m.group else ""}
            for m in held
        ],
    }  # fmt: skip


def _user(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise missing()
    return found


@operation("GET", "/people", scope="admin", roles=ADMIN, answer=list[PersonOut], tag="people")
def list_people(request: HttpRequest) -> Any:
    """Everybody who signs in."""
    return [_person(user) for user in User.objects.order_by("username")]


class NewPerson(Strict):
    """``workplace``: the unit for which the person works; what accuses it is hidden from them too."""

    username: Code
    name: Name
    name_en: Name = ""
    role: Code
    unit: Code = ""
    group: Code = ""
    workplace: Code = ""


class Invited(Schema):
    """The address to set a password at; it holds once, and is shown only now."""

    username: str
    url: str
    days: int


def _invited(request: HttpRequest, username: str, token: str) -> dict[str, Any]:
    url = request.build_absolute_uri(reverse("console:invitation", args=[token]))
    return {"username": username, "url": url, "days": accounts.INVITATION_DAYS}


@operation("POST", "/people", scope="admin", roles=ADMIN, answer=Invited, tag="people")
def add_person(request: HttpRequest, data: NewPerson) -> Any:
    """Add somebody with one role, and invite them."""

    def add(w: Write) -> str:
        actions.add_user(w, **data.dict())
        w.flush()
        return accounts.invite(w, data.username)

    token = write(add, actor=actor_of(request))
    return _invited(request, data.username.strip().lower(), token)


@operation("GET", "/people/{username}", scope="admin", roles=ADMIN, answer=PersonOut, tag="people")
def read_person(request: HttpRequest, username: str) -> Any:
    """One person with their roles, past ones too."""
    return _person(_user(username))


@operation(
    "POST", "/people/{username}/invite", scope="admin", roles=ADMIN, answer=Invited, tag="people"
)
def invite(request: HttpRequest, username: str) -> Any:
    """A new invitation to set a password."""
    user = _user(username)
    token = write(lambda w: accounts.invite(w, user.username), actor=actor_of(request))
    return _invited(request, user.username, token)


class NewRole(Strict):
    """A role in a unit (handlers) or in a group (all others)."""

    role: Code
    unit: Code = ""
    group: Code = ""


@operation(
    "POST", "/people/{username}/roles", scope="admin", roles=ADMIN, answer=PersonOut, tag="people"
)
def give_role(request: HttpRequest, username: str, data: NewRole) -> Any:
    """Give somebody another role."""
    user = _user(username)
    write(
        lambda w: actions.add_membership(w, user.username, **data.dict()), actor=actor_of(request)
    )
    return _person(user)


@operation(
    "POST",
    "/people/{username}/roles/end",
    scope="admin",
    roles=ADMIN,
    answer=PersonOut,
    tag="people",
)
def end_role(request: HttpRequest, username: str, data: NewRole) -> Any:
    """End a role today."""
    user = _user(username)
    write(lambda w: actions.end_role(w, user.username, **data.dict()), actor=actor_of(request))
    return _person(user)


class Posts(Strict):
    """The posts by which somebody approves: handler, office_head, leader_in_charge,
    principal_leader."""

    posts: list[Code]


@operation(
    "PUT", "/people/{username}/posts", scope="admin", roles=ADMIN, answer=PersonOut, tag="people"
)
def set_posts(request: HttpRequest, username: str, data: Posts) -> Any:
    """Say which posts somebody holds; those that are not named end."""
    user = _user(username)
    return _person(
        write(lambda w: actions.set_posts(w, user.username, data.posts), actor=actor_of(request))
    )


@operation(
    "POST", "/people/{username}/lock", scope="admin", roles=ADMIN, answer=PersonOut, tag="people"
)
def lock(request: HttpRequest, username: str) -> Any:
    """Lock somebody out, and with them their tokens."""
    user = _user(username)
    return _person(write(lambda w: set_active(w, user.username, False), actor=actor_of(request)))


@operation(
    "POST", "/people/{username}/unlock", scope="admin", roles=ADMIN, answer=PersonOut, tag="people"
)
def unlock(request: HttpRequest, username: str) -> Any:
    """Let somebody in again."""
    user = _user(username)
    return _person(write(lambda w: set_active(w, user.username, True), actor=actor_of(request)))


@operation(
    "POST", "/people/{username}/end-sessions", scope="admin", roles=ADMIN, answer=PersonOut,
    tag="people",
)  # fmt: skip
def sign_out(request: HttpRequest, username: str) -> Any:
    """Sign somebody out in every browser; their tokens stay."""
    user = _user(username)
    write(lambda w: end_sessions(w, user.username), actor=actor_of(request))
    return _person(user)


@operation(
    "POST", "/people/{username}/remove-factor", scope="admin", roles=ADMIN, answer=PersonOut,
    tag="people",
)  # fmt: skip
def remove_factor(request: HttpRequest, username: str) -> Any:
    """Take the second factor of somebody away who lost their device; they are signed out everywhere."""
    user = _user(username)
    return _person(write(lambda w: factors.remove(w, user.username), actor=actor_of(request)))


@operation(
    "GET", "/people/{username}/tokens", scope="admin", roles=ADMIN, answer=list[TokenOut],
    tag="tokens",
)  # fmt: skip
def tokens_of_person(request: HttpRequest, username: str) -> Any:
    """Somebody's tokens."""
    return [_token(t) for t in tokens_of(_user(username).ref)]
