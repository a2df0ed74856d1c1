"""Recipients of age (github.com/C2SP/C2SP/blob/main/age.md), to whom texts can be sealed: X25519 keys in Bech32. Pure."""

from __future__ import annotations

from huhang.tlog.invalid import Invalid, said

HRP = "age"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LENGTH = 52 + 6
"""Letters of 32 bytes and of the checksum."""


def check(text: str) -> str:
    """The recipient, if it is one: ``age1`` and 58 letters whose checksum (BIP 173) holds. Raises ``Invalid``."""
    start, _one, letters = text.partition("1")
    values = [_LETTERS.find(letter) for letter in letters]
    sound = start == HRP and len(letters) == _LENGTH and -1 not in values
    if not sound or values[51] & 0xF or _checksum([*_spread(start), *values]) != 1:
        raise Invalid(said("this is no recipient of age: %(text)s"), text=text[:80])
    return text


def _spread(text: str) -> list[int]:
    return [ord(c) >> 5 for c in text] + [0] + [ord(c) & 31 for c in text]


def _checksum(values: list[int]) -> int:
    sum_ = 1
    for value in values:
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate(_GENERATOR):
            sum_ ^= word if top >> bit & 1 else 0
    return sum_
