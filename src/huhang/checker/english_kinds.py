"""What kind of statement a figure is in an English sentence, and about what."""

from __future__ import annotations

import re

from huhang.checker import english_words as forms
from huhang.checker import periods, words
from huhang.checker.english_labels import is_down, label_of, last_clause
from huhang.checker.model import Token


def points(token: Token, clause: str, sentence: str) -> None:
    after = sentence[token.q.end : token.q.end + 120]
    direct = forms.POINTS_AFTER.match(after)
    verb = forms.GROWTH.search(clause)
    word = direct["d"] if direct else verb["v"] if verb else ""
    if not word:
        before = sentence[max(0, token.q.start - 90) : token.q.start]
        near = re.search(
            r"\b(?P<v>outpac|exceed|above|beat|ahead of|below|lag|trail|behind|short of)\w*\b[^,;]*\bby\s$",
            before,
            re.I,
        )
        word = (
            ""
            if near is None
            else "below"
            if near["v"].lower() in ("below", "lag", "trail", "behind", "short of")
            else "above"
        )
    if not word or re.search(r"contribut|driv|adding|pull", clause, re.I):
        token.kind = "other"
        return
    token.kind = "points"
    if direct:
        token.label = label_of(clause)
    down = is_down(word)
    if re.search(
        r"declin|decrease|contraction|fall", clause[: verb.start() if verb else 0], re.I
    ) and re.match(r"narrow|widen", word, re.I):
        down = not down
    token.q = token.q.signed(-1 if down else 1)
    ref = forms.POINTS_REF.match(after)
    if ref:
        token.reference = re.split(r"\d|\band\b|\bwhile\b|\.", ref["ref"])[0].strip()
        if verb and not direct:
            token.reference = (
                token.reference
                if not re.match(r"the same|a year|last year|the previous", token.reference)
                else "last year"
            )


GAPPED = re.compile(r",?\s?(?:and\s)?(?:in\s)?(?:the\s)?(?:[a-z-]+\s){1,4}(?:by\s)?$", re.I)
"""Domestic orders declined 2.0 % and foreign orders 0.3 %; in construction by 0.4 %: the verb is said once."""


def percent(token: Token, clause: str, sentence: str, last: Token | None, lead: str) -> None:
    after = sentence[token.q.end : token.q.end + 90]
    again = re.search(
        r"\bwhen (?:it|they|output|prices|growth|the (?:rate|share|figure|proportion|ratio))\b",
        lead,
        re.I,
    )
    said = forms.GROWTH.search(clause)
    if again and last is not None and last.kind == "points":
        down = said is not None and is_down(said["v"])
        token.kind, token.q = "reference", token.q.signed(-1 if down else 1)
        return
    signed = forms.SIGNED.search(lead)
    if signed and token.q.value > 0:
        token.kind, token.q = "growth", token.q.signed(1 if signed["sign"] == "+" else -1)
        return
    if token.q.value < 0 and lead.endswith("(") and last is not None and last.kind == "level":
        token.kind = "growth"
        return
    if (
        last is not None and last.kind == "level" and last.q.unit.discrete
        and forms.BOXED.fullmatch(lead) and after.startswith(")") and sentence[: last.q.start].endswith("(")
    ):  # fmt: skip
        token.kind = "share"
        return
    if last is not None and last.kind == "level" and forms.OF_OR.fullmatch(lead):
        clause = ""  # €9.9 billion of goods or 23.7 %
    state = re.search(
        r"^[^,;]*?\s(?:were|was|are|is)\s(?P<l>[a-z][a-z -]{2,40}?)(?=[,.;]|\sand\b|$)", after, re.I
    )
    if last is not None and last.kind in ("growth", "share") and lead.strip(" ,") in ("", "and"):
        token.kind, token.whole = last.kind, last.whole
        token.q = token.q.signed(-1 if last.q.value < 0 else 1)
        token.label = state["l"] if state and re.match(r"\s(?:were|was|are|is)\s", after) else ""
        return
    above = forms.ABOVE.match(after)
    if above:
        token.kind, token.basis = "growth", "base"
        token.q = token.q.signed(-1 if above["v"].lower() == "below" else 1)
        return
    growth = forms.GROWTH.search(clause)
    if growth and re.search(r"\bto\s", growth["adv"] + " ") and re.search(r"\bto\s?$", clause):
        growth = None
    behind = forms.AFTER_GROWTH.match(after)
    came = forms.FROM.search(clause)
    if came and re.search(r"\sto\s[^,;]{0,20}\d", after, re.I):
        token.kind, token.reference = "reference", ""
        token.label = label_of(clause[: came.start()])
        return
    share = forms.SHARE_TAIL.search(clause)
    whole = forms.OF_WHOLE.match(after)
    if whole and (forms.OF_TIME.match(whole["whole"]) or periods.ENGLISH.match(whole["whole"])):
        whole = None
    if share and not re.search(r"\bof\s$", clause[: share.end()] if not whole else ""):
        token.kind, token.whole = "share", (whole["whole"] if whole else "")
        inner = re.search(
            r"(?:share|proportion)s? of (?P<w>[^,;]+?) (?:was|were|stood|reached|rose|fell)",
            clause,
            re.I,
        )
        token.label = label_of(clause[: share.start()])
        if inner and not token.label:
            token.label = label_of(inner["w"])
        return
    if growth or behind:
        token.kind = "growth"
        word = growth["v"] if growth else behind["v"] if behind else ""
        if is_down(word) or (
            behind
            and not growth
            and re.match(r"decl|decr|drop|fall|redu|contr|lower|less|fewer", word, re.I)
        ):
            token.q = token.q.signed(-1)
        token.label = label_of(
            clause[: growth.start()] if growth else re.sub(r"\b(?:an?|the)\s?$", "", clause)
        )
        if (
            re.match(
                r"(?:increase|rise|growth|gain|decline|decrease|drop|fall|reduction)",
                token.label,
                re.I,
            )
            and len(token.label) < 12
        ):
            token.label = ""
        if forms.CONCLUDES.fullmatch(token.label):
            token.label = ""
        if behind and not growth:
            inside = re.match(
                r"\s?(?:[\w-]+\s)?(?:increase|rise|growth|gain|jump|surge|decline|decrease|drop|fall|reduction) in (?P<l>[^,.;]+?)(?:\sto\b|,|\.|;|$)",
                after,
                re.I,
            )
            if inside:
                token.label = label_of(inside["l"])
        elif growth:
            inside = re.match(r"\s?in (?P<l>[a-z][^,.;\d]+?)(?:\sto\b|,|\.|;|$)", after, re.I)
            counted_in = inside is not None and words.terms(f"in {inside['l']},")
            if (
                inside
                and not token.label
                and not periods.ENGLISH.match(inside["l"])
                and not counted_in
            ):
                token.label = label_of(inside["l"])
        return
    if whole and not re.search(r"rate|ratio", clause, re.I):
        token.kind, token.whole = "share", whole["whole"]
        token.label = label_of(clause) or (state["l"] if state else "")
        return
    if (
        re.match(r"\s(?:were|was|are|is)\s", after)
        and last is not None
        and last.kind == "share"
        and state
        and not label_of(clause)
    ):
        token.kind, token.label = "share", state["l"]
        token.tail = token.q.end + state.end("l")
        return
    if lead.endswith("(") and after.startswith(")") and last is not None and last.kind == "points":
        token.kind = "reference"
        return
    gapped = re.match(
        r"(?:and )?(?P<l>[a-z][a-z -]{2,40}) for (?:about |around |nearly |some )?$",
        clause.strip() + " ",
        re.I,
    )
    if gapped and last is not None and last.kind == "share":
        token.kind, token.label = "share", label_of(gapped["l"])
        return
    bare = re.fullmatch(
        r"(?:and |the |in )*(?P<l>(?!from|to|than|and)[a-z][a-z -]{2,40}?)(?: by)? ",
        clause.strip() + " ",
        re.I,
    )
    if (
        bare
        and last is not None
        and (
            last.kind == "share"
            or (
                last.kind == "growth"
                and (words.english_name(bare["l"]).measure or GAPPED.match(lead))
            )
        )
        and not re.search(r"\b(?:rates?|was|were|is|are|at|reached|stood|ratio|to)\b", clause, re.I)
    ):
        token.kind, token.label = last.kind, label_of(bare["l"])
        token.q = token.q.signed(-1 if last.q.value < 0 else 1)
        return
    spelled = re.fullmatch(
        r"\s?,?\s?(?:or|equivalent to|equal to)\s(?:by )?(?:about |around |some |nearly )?|\s\(",
        lead,
    )
    if (
        spelled
        and last is not None
        and last.kind == "level"
        and last.q.unit.family != "%"
        and (lead != " (" or after.startswith(")"))
    ):
        moved = forms.FROM_TO.search(sentence[: token.q.start])
        token.kind = "growth" if moved else "share"  # "from 310 to 372, or 20 %" is no share
        if moved and is_down(moved["v"]):
            token.q = token.q.signed(-1)
        return
    if (
        last is not None and last.kind == "level" and last.q.unit.discrete
        and forms.DONE.fullmatch(sentence[last.q.end : token.q.start]) and re.match(r"\s?(?:[,;.]|$)", after)
    ):  # fmt: skip
        token.kind = "share"
        return
    reference = forms.REFERENCE.search(clause)
    if reference and not forms.TO.search(clause):
        token.kind, token.reference = "reference", reference["ref"]
        came = forms.FROM.search(clause)
        if came:
            token.label = label_of(clause[: came.start()])
        return
    token.kind, token.label, token.to = "level", label_of(clause), bool(forms.TO.search(clause))
    of_all = re.match(r"\s*of (?P<w>(?:all |the |these )*[a-z][a-z ]{2,40}?),", sentence, re.I)
    if of_all and not token.to and not re.search(r"\brates?\b", lead, re.I):
        behind = re.match(
            r"\s(?:were|was|are|is|concerned|came from)\s(?P<l>[a-z][a-z -]{2,40}?)(?=[,.;]|\sand\b|$)",
            after,
            re.I,
        )
        token.kind, token.whole = "share", of_all["w"]
        token.label = behind["l"] if behind else token.label


def level(token: Token, lead: str, clause: str, sentence: str) -> None:
    after = sentence[token.q.end : token.q.end + 60]
    came = forms.FROM.search(clause)
    if came:
        token.kind, token.label = "from", label_of(clause[: came.start()])
        if token.q.unit.family == "count":
            token.label = token.label or _noun(token, sentence)
        year_before = r"\s(?:a year (?:earlier|ago|before)|in the same|last year|the (?:previous year|year before))"
        risen = re.fullmatch(r"\s?(?:up|down|compared|rising|falling)?\s?from\s", clause, re.I)
        token.prior = bool(re.match(year_before, after, re.I)) or bool(
            risen and not re.search(r"\bto\b", after)
        )
        return
    m = forms.GROWTH.search(clause)
    beside = re.match(
        r"\s(?:\([\d.]+\s?(?:%|per ?cent)\)\s)?(?P<v>more|fewer|less|higher|lower)\s(?:than\b|year)?",
        after,
        re.I,
    )
    if beside or (
        m and "to" not in m["adv"].split() and m["v"].lower() not in ("growth", "higher", "lower", "exceeded", "exceeding", "added", "lost")
    ):  # fmt: skip
        token.kind = "change"
        word = beside["v"] if beside else m["v"] if m else ""
        token.q = token.q.signed(-1 if is_down(word) else 1)
        token.label = label_of(clause[: m.start()]) if m and not beside else ""
        return
    token.kind = "change" if forms.EXCEEDED.search(clause) else "level"
    token.compared = bool(forms.BESIDE.search(lead))
    token.to = bool(forms.TO.search(clause))
    token.closes = bool(forms.CLOSES.search(lead))
    token.rest = bool(forms.REST.search(lead)) or token.q.unit.shown.split(" ")[-1] in (
        "others",
        "other",
    )
    label = "" if token.closes else label_of(clause)
    if not label and lead.endswith("("):
        label = label_of(last_clause(lead.rstrip(" ("))[0])
    token.apposed = bool(forms.APPOSED.search(lead)) and not forms.ONE_IN.match(after)
    way = "" if token.q.unit.family == "count" else _way(token, sentence)
    if way:
        label = f"{label} {way}".strip()
    elif token.q.unit.family != "count":
        behind = re.match(
            r"\s(?:worth\s)?(?:in|of|from|for)\s(?P<l>(?!a\b|the\b|(?:19|20)\d\d|Q\d)[a-z][a-z -]{2,40}?)(?=[,.;:]|\sand\b|\sin\b|\swhile\b|\sup\b|\sdown\b|$)",
            after,
            re.I,
        )
        if (
            behind
            and not words.english_name(label).measure
            and not periods.ENGLISH.match(behind["l"])
        ):
            label = f"{label} {behind['l']}".strip()
            token.tail = token.q.end + behind.end("l")
    else:
        noun = _noun(token, sentence)
        if token.part or not label or token.rest:
            label = noun or label
        elif noun and noun.lower() not in label.lower():
            label = f"{label} {noun}"
    led = re.fullmatch(
        r"\s*(?:year[- ]on[- ]year |from a year earlier )?to\s(?:about |around |nearly |over |more than |some |a record )*",
        lead,
        re.I,
    )
    token.label = "" if led else label


def counted_from(lead: str, after: str, last: Token, seen: list[periods.Seen], end: int) -> bool:
    """Whether a value is what the one before it is compared with: up 6.9 % on the 9,684 of the year before.

    The text has to say behind it of which other time it is.
    """
    changed = last.kind in ("growth", "change") and forms.BASE.fullmatch(lead)
    if not changed and not (last.kind == "level" and forms.AGAINST.match(lead)):
        return False
    rest = re.split(r"[,;.()](?!\d)", after)[0]
    if forms.BEFORE.search(rest):
        return True
    return any(end <= s.start < end + len(rest) and (s.prior or not changed) for s in seen)


def attributive(lead: str, sentence: str, token: Token) -> bool:
    """Whether a count only says of how many something is: turnover of the 12 largest firms rose 8 %."""
    counted = token.q.unit.family == "count" and token.q.unit.shown and forms.ONLY_THE.search(lead)
    return bool(counted) and bool(forms.VERB.match(sentence[token.q.end :]))


def set_against(lead: str, after: str, last: Token) -> bool:
    """Whether the rate or amount right before a value is counted from it, whenever it was."""
    if lead.strip() == "(" and last.kind == "level" and last.q.unit.family != "%":
        return forms.YEAR_BEFORE.match(after) is not None
    changed = last.kind in ("growth", "change") or (
        last.q.unit.family == "%" and lead.startswith(")")
    )
    return changed and forms.SET_AGAINST.fullmatch(lead) is not None


_WAY = re.compile(
    r"\s(?:(?:were|was|are|came|came in|went|arrived|travelled|made|received|sent|moved|carried|submitted|filed|sold|handled)\s){0,2}"
    r"(?P<l>(?:by|via|through|using)\s(?!the (?:end|year|month)|then\b|now\b|half|an?\s|more|less|over|about)[a-z][a-z -]{2,40}?|in person|in writing|in stores?|online|face to face)"
    r"(?=[,.;:]|\s\(|\sand\b|$)",
    re.I,
)
"""By which way what is counted came: 622,800 visitors came by air and …"""


def _way(token: Token, sentence: str) -> str:
    m = _WAY.match(sentence[token.q.end :])
    if m is None or periods.ENGLISH.search(m["l"]):
        return ""
    token.tail = token.q.end + m.end("l")
    return m["l"]


def _noun(token: Token, sentence: str) -> str:
    shown = re.sub(
        r"^(?:thousand|million|billion|trillion|bn|mn|k|m|b)\b\s?", "", token.q.unit.shown
    )
    way = _way(token, sentence)
    if way:
        return f"{shown} {way}".strip()
    after = re.match(
        r"\s(?:were|was|are|concerned|involved|came from|related to|went to|of them|about|on|over|for|from|against)\s(?P<l>[a-z][a-z -]{2,40}?)(?=[,.;:]|\s\(|\sand\b|$)",
        sentence[token.q.end :],
        re.I,
    )
    if shown or after is None:
        return shown
    token.tail = token.q.end + after.end("l")
    return after["l"]
