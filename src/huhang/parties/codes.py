"""统一社会信用代码: the code that identifies an organisation in China. Pure.

GB 32100-2015: 18 characters of 31 symbols; 1 registering department, 1 kind, 6 district, 9
organisation code (GB 11714, with a check character of its own), 1 check character. Sources and
grades: docs/imports.md.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEPARTMENTS = frozenset("123456789ANY")
"""First characters; A is the military, N agriculture (collective organisations), Y other."""
_VALUE = {symbol: n for n, symbol in enumerate(SYMBOLS)}
_WEIGHTS = tuple(pow(3, n, 31) for n in range(17))
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_OLD_MODULUS = 10
_LOOK_ALIKE = str.maketrans("OISZ", "0152")


@dataclass(frozen=True)
class Reading:
    """What a cell that should hold a code holds.

    ``value``: the code in its usual form. ``state``: ``valid``; ``old`` for a registration number
    of 15 digits from before 2015; ``length``, ``symbol``, ``department``, ``organisation`` (the
    inner check character) or ``check`` for what is wrong first. ``place``: index of a wrong symbol.
    """

    value: str
    state: str
    place: int = -1

    @property
    def known(self) -> bool:
        """Whether it identifies somebody: a valid code or an old number."""
        return self.state in ("valid", "old")


def check_character(first: str) -> str:
    """The 18th character of these 17 (GB 32100-2015): weights 3**i mod 31."""
    total = sum(w * _VALUE[c] for w, c in zip(_WEIGHTS, first, strict=True))
    return SYMBOLS[(31 - total) % 31]


def organisation_check(first: str) -> str:
    """The 9th character of an organisation code (GB 11714): 10 is X, 11 is 0."""
    total = sum(
        w * _ORGANISATION.index(c) for w, c in zip(_ORGANISATION_WEIGHTS, first, strict=True)
    )
    return "0X987654321"[total % 11]


def read_code(text: str) -> Reading:
    """A cell's text as a code: width, case, spaces and dashes do not matter."""
    value = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c not in " \t-–—·'’`")
    if len(value) == 15 and value.isascii() and value.isdigit():
        return Reading(value, "old")
    if len(value) != 18:
        return Reading(value, "length")
    for place, symbol in enumerate(value):
        if symbol not in _VALUE:
            return Reading(value, "symbol", place)
    if value[0] not in DEPARTMENTS:
        return Reading(value, "department", 0)
    inner = organisation_check(value[8:16]) == value[16]
    outer = check_character(value[:17]) == value[17]
    if not outer:
        return Reading(value, "check")
    return Reading(value, "valid" if inner else "organisation")


def candidates(value: str) -> list[str]:
    """The valid codes that differ from this one in one character; none when it is of another length.

    Both check characters leave few: an error in the organisation code breaks both.
    """
    if len(value) != 18:
        return []
    wrong = [n for n, symbol in enumerate(value) if symbol not in _VALUE]
    if len(wrong) > 1:
        return []
    found = []
    for place in wrong or range(18):
        for symbol in SYMBOLS:
            tried = value[:place] + symbol + value[place + 1 :]
            if symbol != value[place] and read_code(tried).state == "valid":
                found.append(tried)
    return found


def as_digits(value: str) -> str:
    """The valid code where letters that do not occur there (O, I, S, Z) are read as the digits that
    they look like; "" when there is none."""
    tried = value.translate(_LOOK_ALIKE)
    return tried if tried != value and read_code(tried).state == "valid" else ""


def old_check(value: str) -> bool:
    """Whether the 15th digit of an old registration number checks (ISO 7064, MOD 11,10)."""
    rest = _OLD_MODULUS
    for digit in value[:14]:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return (rest + int(value[14])) % 10 == 1
