"""The reporter's code, made by the server where the browser has no script. The twin of code.js.

32 characters of Crockford's base32 (160 random bits) and a check character; the login token and
the sealing key are HKDF-SHA-256 (RFC 5869) of them. Only the token's hash is kept.
"""

from __future__ import annotations

import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from huhang.kernel import ids
from huhang.kernel.errors import Refused

LENGTH = 32
SALT = b"huhang/reporter/v1"
_dropped = set("-_.,\u00b7\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u3002\u3001\u200b\ufeff")
_fold = str.maketrans("OIL", "011")


def _check(body: str) -> int:
    value = 0
    for sign in body:
        value = (value * 32 + ids.ALPHABET.index(sign)) % 37
    return value


def new_code() -> str:
    """33 characters, no separators."""
    while True:
        body = "".join(ids.ALPHABET[b & 31] for b in ids.random_bytes(LENGTH))
        if (value := _check(body)) < 32:
            return body + ids.ALPHABET[value]


def groups(code: str) -> list[str]:
    """The code in its groups of four, the check character last."""
    return [code[i : i + 4] for i in range(0, len(code), 4)]


def normalise(typed: str) -> str:
    """The 33 characters of what somebody typed. Raises ``Refused`` saying what is wrong."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(c for c in plain if c not in _dropped and not c.isspace()).translate(_fold)
    if not code:
        raise Refused(_("Type or paste your code."), field="code")
    for sign in code:
        if sign not in ids.ALPHABET:
            raise Refused(_("“%(sign)s” is in no code.") % {"sign": sign}, field="code")
    if len(code) != LENGTH + 1:
        raise Refused(
            _("A code has 33 letters and digits; this has %(found)d.") % {"found": len(code)},
            field="code",
        )
    if _check(code[:LENGTH]) != ids.ALPHABET.index(code[LENGTH]):
        raise Refused(_("One of its letters or digits is wrong."), field="code")
    return code


def login_token(code: str) -> str:
    """The login token of a normalised code: 64 hexadecimal digits."""
    return _expand(code, b"login")


def sealing_key(code: str) -> str:
    """The sealing key of a normalised code, for comparing with the browser's. Kept nowhere."""
    return _expand(code, b"seal")


def _expand(code: str, info: bytes) -> str:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=SALT, info=info)
    return kdf.derive(code[:LENGTH].encode("ascii")).hex()
