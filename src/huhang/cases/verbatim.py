"""Which of a report's own words a text repeats. Pure: texts in, runs of the text out.

Words give a person away: whoever is concerned by a report knows who talks like that. A run is what
both say in a row, punctuation, spaces, case and width not counted: ``CHARACTERS`` Chinese
characters, ``WORDS`` words of another script (a number is one), or a mixture that comes to as much. Public
names (of units, of what the rulebook lists) count as nothing in it. Beside runs, what identifies by
itself: numbers of ``DIGITS`` digits and more, codes, addresses of e-mail, and given names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

CHARACTERS = 8
WORDS = 5
DIGITS = 7
_ENOUGH = CHARACTERS * WORDS
_IDEOGRAPHS = 0x2E80
"""From here on a letter is a character of its own; below it letters and digits make words."""
_number = re.compile(r"[0-9](?:[ .()\-\u2010-\u2015]{0,2}[0-9]){6,}")
_day = re.compile(r"(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
# Bounded: what looks on from each place of a long text must not look far.
_mail = re.compile(r"[a-z0-9._+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,6}")
_code = re.compile(r"[a-z0-9]{6,}")


@dataclass(frozen=True)
class Token:
    """A character or a word as it is compared; where it stands in the text; what it counts."""

    text: str
    start: int
    end: int
    weight: int


@dataclass(frozen=True)
class Repeated:
    """What a text repeats, in its own spelling: runs of words, and what identifies somebody."""

    words: tuple[str, ...] = ()
    identifying: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.identifying)

    def all(self) -> tuple[str, ...]:
        """Both, what identifies first."""
        return self.identifying + self.words


@dataclass(frozen=True)
class Own:
    """What is a report's own, made ready for many texts (see ``own``)."""

    windows: frozenset[tuple[str, ...]]
    marks: frozenset[str]
    names: frozenset[tuple[str, ...]]
    public: frozenset[tuple[str, ...]] = field(default=frozenset())


def own(said: Iterable[str], names: Iterable[str] = (), public: Iterable[str] = ()) -> Own:
    """``said``: the report's words. ``names``: what is kept of the reporter: name, telephone.
    ``public``: names that anybody may say."""
    known = frozenset(key for name in public if len(key := _key(name)) > 1)
    windows: set[tuple[str, ...]] = set()
    marks: set[str] = set()
    for text in said:
        windows.update(key for key, _, _ in _windows(_without(tokens(text), known)))
        marks.update(mark for mark, _, _ in _marks(text))
    given: set[tuple[str, ...]] = set()
    for name in names:
        marks.update(mark for mark, _, _ in _marks(name))
        key = _key(name)
        if sum(map(len, key)) > 1 and not "".join(key).isdigit():
            given.add(key)
    return Own(frozenset(windows), frozenset(marks), frozenset(given), known)


def repeated(text: str, of: Own) -> Repeated:
    """What of ``of`` the text says."""
    found = tokens(text)
    runs = [(a, b) for key, a, b in _windows(_without(found, of.public)) if key in of.windows]
    same = [(a, b) for mark, a, b in _marks(text) if mark in of.marks]
    same += [(found[a].start, found[b - 1].end) for a, b in _matches(found, of.names)]
    return Repeated(_spelled(text, runs), _spelled(text, same))


def tokens(text: str) -> list[Token]:
    """The characters and words of a text, in order."""
    found: list[Token] = []
    word, start, end = "", 0, 0

    def close() -> None:
        nonlocal word
        if word:
            found.append(Token(word, start, end, CHARACTERS))
            word = ""

    for at, sign in enumerate(text):
        for one in _plain(sign):
            if one in "'’" or unicodedata.category(one)[0] == "M":
                continue
            if not one.isalnum():
                close()
            elif ord(one) >= _IDEOGRAPHS:
                close()
                found.append(Token(one, at, at + 1, WORDS))
            else:
                start = at if not word else start
                word, end = word + one, at + 1
    close()
    return found


def _plain(sign: str) -> str:
    return sign.casefold() if sign.isascii() else unicodedata.normalize("NFKD", sign).casefold()


def _key(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(name))


def _matches(found: Sequence[Token], keys: frozenset[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Where keys begin and end among the tokens: the longest that begins at each place."""
    firsts = {key[0] for key in keys}
    sizes = sorted({len(key) for key in keys}, reverse=True)
    for at, token in enumerate(found):
        if token.text in firsts:
            for size in sizes:
                key = tuple(t.text for t in found[at : at + size])
                if key in keys:
                    yield at, at + len(key)
                    break


def _without(found: list[Token], public: frozenset[tuple[str, ...]]) -> list[Token]:
    """The tokens, each public name as one that counts nothing."""
    made: list[Token] = []
    done = 0
    for first, last in _matches(found, public):
        if first < done:
            continue
        made += found[done:first]
        name = " ".join(t.text for t in found[first:last])
        made.append(Token(name, found[first].start, found[last - 1].end, 0))
        done = last
    return made + found[done:]


def _windows(found: Sequence[Token]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """From each token on the shortest run that is enough, and where it stands in the text.

    A longer run that two texts share begins with one that they share: these suffice.
    """
    last, weight = 0, 0
    for first, token in enumerate(found):
        while weight < _ENOUGH and last < len(found):
            weight += found[last].weight
            last += 1
        if weight < _ENOUGH:
            return
        if token.weight:
            key = tuple(t.text for t in found[first:last])
            yield key, token.start, found[last - 1].end
        weight -= token.weight


def _marks(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers (by windows of ``DIGITS``), codes and addresses, as they are compared."""
    places: list[int] = []
    plain = []
    for at, sign in enumerate(text):
        for one in _plain(sign):
            plain.append(one)
            places.append(at)
    joined = "".join(plain)
    for match in _number.finditer(joined):
        digits = re.sub(r"[^0-9]", "", match[0])
        if not _day.fullmatch(digits):
            start, end = places[match.start()], places[match.end() - 1] + 1
            for at in range(len(digits) - DIGITS + 1):
                yield digits[at : at + DIGITS], start, end
    for match in [*_mail.finditer(joined), *_code.finditer(joined)]:
        if "@" in match[0] or not (match[0].isalpha() or match[0].isdigit()):
            yield match[0], places[match.start()], places[match.end() - 1] + 1


def _spelled(text: str, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    """The pieces of the text in these places, those that overlap as one, each once."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(dict.fromkeys(text[a:b] for a, b in joined))
