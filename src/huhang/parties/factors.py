"""The second factor of signing in: one-time codes by time (TOTP, RFC 6238), and recovery codes.

Whoever has the database alone does not have the secrets: they are encrypted under a key that is
derived from the one in ``keys/``. A code that was accepted is not accepted again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import Write
from huhang.parties.actions import administrators_only, find_user
from huhang.parties.models import RecoveryCode, User

STEP_SECONDS = 30
STEPS_ASIDE = 1
"""So many steps a device's clock may be wrong either way."""
RECOVERY_CODES = 10
_lock = threading.Lock()
_used: dict[int, int] = {}
"""User -> the last step whose code was accepted, of this process: a code holds for a minute and a half."""


def required() -> bool:
    """Whether everybody who signs in needs a second factor."""
    return bool(settings.HUHANG_SECOND_FACTOR == "required")


def _box() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"huhang second factor").derive(
        str(settings.SECRET_KEY).encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))


def new_secret() -> str:
    """A secret of 160 bits in base32, as authenticator apps take it."""
    return base64.b32encode(ids.random_bytes(20)).decode()


def address(user: User, secret: str, issuer: str) -> str:
    """The otpauth address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=issuer)


def _step(secret: str, code: str) -> int | None:
    """The step whose code this is, now or a step aside."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def accepts(user: User, code: str) -> bool:
    """Whether this is a code of the user's device that was not used before. Once: it is used then.

    Raises ``Refused`` when the secret cannot be read: the key in ``keys/`` is another one.
    """
    try:
        secret = _box().decrypt(user.factor.encode()).decode()
    except InvalidToken:
        raise Refused(
            _("This server's key is not the one with which your second factor was kept. An "
              "administrator can take it away; then you set up a new one."), field="code",
        ) from None  # fmt: skip
    step = _step(secret, "".join(code.split()))
    with _lock:
        if step is None or step <= _used.get(user.pk, -1):
            return False
        _used[user.pk] = step
        return True


def enrol(w: Write, username: str, secret: str, code: str) -> list[str]:
    """Set up one's second factor with a code from the device; the recovery codes.

    Raises ``Refused`` for a wrong code, and when there is a factor already.
    """
    user = _own(w, username)
    if user.factor:
        raise Refused(_("You have a second factor already."), field="code")
    if _step(secret, "".join(code.split())) is None:
        raise Refused(
            _("This is not the code of this moment. Is the clock of your device right?"),
            field="code",
        )
    w.entry("enrol_factor")
    w.update(user, factor=_box().encrypt(secret.encode()).decode(), factor_at=w.now)
    return _new_codes(w, user)


def renew_codes(w: Write, username: str) -> list[str]:
    """New recovery codes; the older ones end."""
    user = _own(w, username)
    if not user.factor:
        raise Refused(_("You have no second factor yet."), field="code")
    w.entry("renew_recovery_codes")
    return _new_codes(w, user)


def use_recovery_code(w: Write, username: str, code: str) -> bool:
    """Whether this is a recovery code that holds; it holds no more."""
    user = _own(w, username)
    found = (
        RecoveryCode.objects.select_for_update()
        .filter(user=user, code_hash=_hash(user, code), used_at__isnull=True)
        .first()
    )
    if found is None:
        w.derived()
        return False
    w.entry("use_recovery_code")
    w.update(found, used_at=w.now)
    return True


def codes_left(user: User) -> int:
    """How many recovery codes hold."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def remove(w: Write, username: str) -> User:
    """Take a second factor away: one's own, to set up another device; an administrator or the
    operator that of anybody who lost theirs. All sessions of that user end."""
    user = find_user(username)
    if w.actor.ref != user.ref:
        administrators_only(w.actor)
    if not user.factor:
        raise Refused(_("There is no second factor."), field="username")
    w.entry("remove_factor")
    _end_codes(w, user)
    w.update(user, factor="", factor_at=None)
    return user


def _own(w: Write, username: str) -> User:
    user = find_user(username)
    if w.actor.ref != user.ref:
        raise NotAllowed(_("Everybody sets up their own second factor."))
    return user


def _new_codes(w: Write, user: User) -> list[str]:
    _end_codes(w, user)
    codes = [f"{ids.new_ref()}-{ids.new_ref()}" for _n in range(RECOVERY_CODES)]
    for code in codes:
        w.insert(RecoveryCode, user_id=user.pk, code_hash=_hash(user, code))
    return codes


def _end_codes(w: Write, user: User) -> None:
    for one in RecoveryCode.objects.filter(user=user, used_at__isnull=True):
        w.update(one, used_at=w.now)


def _hash(user: User, code: str) -> bytes:
    known = f"huhang recovery code {user.ref} {ids.folded(code)}"
    return hashlib.sha256(known.encode("utf-8", "replace")).digest()
