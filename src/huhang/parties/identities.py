"""Who signs in through the office's own identity provider (OpenID Connect).

Nobody gets an account by it: people are invited, and a claim of the provider says who they are. At the
first sign-in the account is bound to the provider's subject, which is never given to somebody else;
the claim alone could be.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel.errors import NotAllowed
from huhang.kernel.write import Write
from huhang.parties.accounts import find_user
from huhang.parties.models import User

MOST = 255


def identity(w: Write, claims: dict[str, Any]) -> User:
    """The active user whom these verified claims name. Raises ``NotAllowed``: no such person, locked
    out, or the account is another subject's."""
    subject = str(claims.get("sub") or "")
    name = str(claims.get(settings.HUHANG_OIDC_CLAIM) or "").strip().lower()
    bound = User.objects.filter(subject=subject).first() if subject else None
    user = bound or User.objects.filter(username=name).first()
    refused = NotAllowed(_("Nobody with this account of the office is invited here."))
    if not subject or len(subject) > MOST or user is None or not user.active:
        raise refused
    if user.subject == subject:
        w.derived()
        return user
    if user.subject:
        raise refused
    w.entry("bind_identity")
    w.update(user, subject=subject)
    return user


def forget(w: Write, username: str) -> User:
    """The operator ends the tie between an account and the provider's subject."""
    user = find_user(username)
    w.entry("forget_identity")
    w.update(user, subject="")
    return user
