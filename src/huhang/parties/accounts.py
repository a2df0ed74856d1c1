"""How people sign in and let programs act for them: invitations, passwords, tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Cursor, Entry
from huhang.kernel.write import Write
from huhang.parties.actions import administrators_only, find_user, line
from huhang.parties.models import Invitation, Token, User
from huhang.parties.queries import SCOPES, token_hash

INVITATION_DAYS = 7
TOKEN_MOST_DAYS = 366
TOKENS_MOST = 50
MAIL_MOST = 254


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(b"huhang invitation " + token.encode("utf-8", "replace")).digest()


def invite(w: Write, username: str) -> str:
    """Make a one-time invitation to set a password; its token, which is kept nowhere. Earlier
    invitations of this person, lost or in wrong hands, end with it."""
    administrators_only(w.actor)
    user = find_user(username)
    token = ids.random_bytes(20).hex()
    w.entry("invite")
    _end_invitations(w, user)
    w.insert(
        Invitation,
        user_id=user.pk,
        token_hash=_token_hash(token),
        expires_at=w.now + timedelta(days=INVITATION_DAYS),
    )
    return token


def open_invitation(token: str) -> Invitation:
    """The invitation with this token. Raises ``Missing`` when unknown, used or expired."""
    found = (
        Invitation.objects.select_related("user")
        .filter(token_hash=_token_hash(token), used_at__isnull=True, expires_at__gt=clock.now())
        .first()
    )
    if found is None or not found.user.active:
        raise Missing(
            _("This invitation does not hold: it was used, is too old, or a newer one was made.")
        )
    return found


def hash_password(user: User, password: str) -> str:
    """Argon2 of a password that is good enough. Slow: never inside a write. Raises ``Refused``."""
    check_new(user, password)
    return make_password(password)


def check_new(user: User, password: str) -> None:
    """Raise ``Refused`` for a password that is not good enough."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None


def accept_invitation(w: Write, token: str, hashed: str) -> User:
    """Set the password by an invitation; it holds once. Later its owner changes it (``change_password``)."""
    invitation = open_invitation(token)
    w.entry("accept_invitation")
    _end_invitations(w, invitation.user)
    w.update(invitation.user, password=hashed)
    return invitation.user


def change_password(w: Write, username: str, hashed: str) -> User:
    """Change one's own password, which ends one's other sessions. Raises ``NotAllowed`` for another's."""
    user = find_user(username)
    if w.actor.ref != user.ref:
        raise NotAllowed(_("Everybody changes their own password."))
    w.entry("change_password")
    _end_invitations(w, user)
    w.update(user, password=hashed)
    return user


def _end_invitations(w: Write, user: User) -> None:
    for one in Invitation.objects.filter(user=user, used_at__isnull=True):
        w.update(one, used_at=w.now)


def mail_cursor(user: User) -> str:
    """The cursor that holds how far in the log a person was told by mail."""
    return f"mail {user.ref}"


def set_mail(w: Write, username: str, address: str) -> User:
    """Let oneself be told by mail that there is something new, from now on; empty: no longer.

    The address stays out of the log. Raises ``Refused`` for what is no address.
    """
    user = find_user(username)
    if w.actor.ref != user.ref:
        raise NotAllowed(_("Everybody turns on their own mails."))
    given = line(address, "mail", MAIL_MOST, needed=False)
    if given:
        try:
            validate_email(given)
        except ValidationError:
            raise Refused(_("This is no e-mail address."), field="mail") from None
        last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        Cursor.objects.update_or_create(name=mail_cursor(user), defaults={"seq": last})
    w.entry("mail_on" if given else "mail_off")
    w.update(user, mail=given)
    return user


def authenticate(username: str, password: str) -> User | None:
    """The active user whose password this is. Takes the same time whether the name exists."""
    user = User.objects.filter(username=username.strip().lower(), active=True).first()
    if user is None or not is_password_usable(user.password):
        make_password(password)
        return None
    return user if check_password(password, user.password) else None


def make_token(
    w: Write, username: str, *, name: str, scopes: Sequence[str], days: int
) -> tuple[Token, str]:
    """Make a token for oneself, or as the operator for anybody: its row, and the token itself,
    which is kept nowhere. It holds for ``days`` and never beyond what the user may do."""
    user = find_user(username)
    if w.actor.kind != "operator" and w.actor.ref != user.ref:
        raise NotAllowed(_("Everybody makes their own tokens."))
    if not user.active:
        raise Refused(_("This person is locked out."), field="username")
    wanted = [s for s in SCOPES if s in set(scopes)]
    if not wanted or len(wanted) != len(set(scopes)):
        raise Refused(_("Choose at least one of: %(scopes)s.") % {"scopes": ", ".join(SCOPES)},
                      field="scopes")  # fmt: skip
    if not 1 <= days <= TOKEN_MOST_DAYS:
        raise Refused(_("Between 1 and %(most)d days.") % {"most": TOKEN_MOST_DAYS}, field="days")
    standing = Token.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=w.now)
    if standing.count() >= TOKENS_MOST:
        raise Refused(_("At most %(limit)d tokens; revoke one first.") % {"limit": TOKENS_MOST},
                      field="name")  # fmt: skip
    shown = line(name, "name", 80)
    secret = f"huhang_{ids.random_bytes(24).hex()}"
    w.entry("make_token")
    made: Token = w.insert(
        Token, ref=ids.new_ref(), user_id=user.pk, name=shown, scopes=" ".join(wanted),
        token_hash=token_hash(secret), created_at=w.now, expires_at=w.now + timedelta(days=days),
    )  # fmt: skip
    return made, secret


def revoke_token(w: Write, ref: str) -> Token:
    """Revoke a token at once: one's own; an administrator or the operator, anybody's."""
    found = Token.objects.filter(ref=ref[:12], revoked_at__isnull=True)
    if w.actor.kind != "operator" and not w.actor.has("administrator"):
        found = found.filter(user__ref=w.actor.ref)
    token = found.select_related("user").first()
    if token is None:
        raise Missing(_("There is no such token."))
    w.entry("revoke_token")
    w.update(token, revoked_at=w.now)
    return token
