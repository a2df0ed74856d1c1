"""English sentences to tokens: each quantity, what kind of statement it is, and about what."""

from __future__ import annotations

import re
from dataclasses import replace

from huhang.checker import english_kinds as kinds
from huhang.checker import english_words as forms
from huhang.checker import periods, quantities, words
from huhang.checker.english_labels import (
    basis_of,
    last_clause,
    traded,
    without_periods,
    words_after,
)
from huhang.checker.english_lists import give_labels, number_turns
from huhang.checker.layout import cut_long
from huhang.checker.model import Period, Token


def sentences(text: str) -> list[tuple[int, str]]:
    """Sentences of a paragraph with their offsets."""
    out, at = [], 0
    for m in forms.END.finditer(text):
        out.append((at, text[at : m.end()]))
        at = m.end()
    out.append((at, text[at:]))
    return [piece for a, s in out for piece in cut_long(a, s, ";, ")]


def tokens(
    sentence: str, calendar: periods.Calendar, now: Period
) -> tuple[list[Token], Period, bool]:
    """The tokens of a sentence, the period that it ends with, and whether it said one."""
    seen, hidden = periods.english(sentence, calendar, now)
    seen = [
        replace(s, prior=True)
        if forms.COMPARED_VALUE.search(sentence[: s.start])
        or forms.COMPARED_FIGURE.search(sentence[: s.start])
        or _beside(s, sentence)
        or (s is seen[0] and forms.LAST_YEAR_OPENS.match(sentence))
        else s
        for s in seen
    ]
    out: list[Token] = []
    before, basis, carried, terms = 0, "yoy", False, ""
    used: set[int] = set()
    head = next((s for s in seen if not s.prior), None)
    for q in quantities.english(sentence, hidden):
        lead = sentence[before : q.start]
        blank = without_periods(lead, before, [s for s in seen if before <= s.start < q.start])
        clause, _cut = last_clause(blank)
        token = Token("level", q, label_start=before + last_clause(lead)[1])
        mine = [s for s in seen if before <= s.start < q.start and s.start not in used]
        behind = [
            s
            for s in seen
            if q.end <= s.start
            and not re.search(r"[\d;]|\band\b|\bof which\b", sentence[q.end : s.start])
        ]
        near = [
            s
            for s in behind
            if re.fullmatch(
                r"\s?,?\s?(?:(?:year[- ]on[- ]year|from a year earlier)\s?)?(?:in|for|during|over|through|by|at|from|between)?\s?(?:the\s)?",
                sentence[q.end : s.start],
            )
        ]
        gap = sentence[mine[-1].end : q.start] if mine else ""
        if mine and not sentence[: mine[-1].start].strip().removeprefix("In").strip():
            gap = gap.removeprefix(",")  # The year before, the figure had been …
        if mine and mine[-1].prior and re.search(r"[,;]|\band\b", gap):
            mine = []  # "from 10 a year earlier, and …": what follows is of this year again
        if mine:
            token.period, token.prior = mine[-1].period, mine[-1].prior
        elif near and not near[0].prior:
            token.period = near[0].period
            used.add(near[0].start)
        elif head and not carried and not head.prior and len([s for s in seen if not s.prior]) == 1:
            token.period = head.period
        if near and near[0].prior and re.search(r"compared|from|against|versus", lead, re.I):
            token.prior = True
        if (
            re.search(r"\b(?:from|than|compared (?:with|to))\s[^,;]*$", lead, re.I)
            and token.prior
            and q.unit.family != "%"
        ):
            token.kind = "other"
        carried = carried or token.period is not None
        token.fresh = before == 0 or ";" in lead
        after = words_after(sentence, q.end)
        basis = basis_of(lead, after, "yoy" if before == 0 else basis)
        token.basis = basis
        terms = words.terms(lead) or terms
        token.terms = words.terms(after + ",") or terms
        if (
            len(out) == 1
            and out[0].kind == "level"
            and re.match(
                r"\s*(?:of|among) (?:the |all |these |those )*$", sentence[: out[0].q.start], re.I
            )
        ):
            opened = True
        else:
            opened = False
        listed = lead.rstrip().endswith(":") and len(out) == 1 and out[0].kind == "level"
        behind_it = re.match(r"\s(?:of which|of whom|of them|of these)\b", sentence[q.end :], re.I)
        opened = opened or (behind_it is not None and len(out) > 0)
        token.part = (
            "all"
            if forms.ALL.search(lead)
            else "some"
            if opened or listed or forms.PART.search(lead)
            else ""
        )
        token.real = bool(words.REAL_WORDS.search(lead + " " + after))
        token.planned = bool(words.PLANNED.search(lead))
        if q.unit.family == "points":
            kinds.points(token, clause, sentence)
        elif q.unit.family == "%":
            kinds.percent(token, clause, sentence, out[-1] if out else None, lead)
        elif q.unit.family == "times":
            token.kind = "other"
        else:
            kinds.level(token, lead, clause, sentence)
            token.label = traded(lead, sentence[q.end :]) or token.label
            last = out[-1] if out else None
            token.of_the = (
                last is not None and last.kind == "level" and bool(forms.OF_THE.fullmatch(lead))
                and last.q.unit.family == q.unit.family and not forms.OWNED.match(sentence[q.end - len(q.unit.shown) :])
            )  # fmt: skip
            done = forms.WHEN_DONE.search(lead) and forms.WAS_DONE.match(sentence[q.end :])
            if (
                done
                or forms.WHEN.search(lead)
                or (
                    last is not None
                    and kinds.counted_from(lead, sentence[q.end :], last, seen, q.end)
                )
            ):
                token.kind, token.prior, token.label = "from", True, ""
            elif last is not None and kinds.set_against(lead, sentence[q.end :], last):
                token.kind, token.prior, token.label = "other", True, ""
            elif forms.CORRECTED.search(lead) or kinds.attributive(lead, sentence, token):
                token.kind = "other"
        number_turns(token, out, lead)
        out.append(token)
        before = max(q.end, token.tail)
    give_labels(out, sentence, seen)
    said = [s for s in seen if not s.prior]
    return out, (said[-1].period if said else now), bool(said)


def _beside(seen: periods.Seen, sentence: str) -> bool:
    """Whether brackets behind a value say what it was in this period: 6,418 complaints (2024: 6,102)."""
    return bool(
        forms.VALUED.search(sentence[: seen.start])
        and re.match(r"\s?:\s?[$£€¥]?\d[^()]*\)", sentence[seen.end :])
    )


def with_words(found: list[Token], text: str) -> list[Token]:
    """The tokens of a sentence and the shares that it writes in words."""
    out = list(found)
    for q in quantities.english_words(text):
        if not any(t.q.start < q.end and q.start < t.q.end for t in found):
            grown = forms.GROWTH.search(last_clause(text[: q.start])[0])
            kind = "points" if q.unit.family == "points" else "growth" if grown else "share"
            out.append(Token(kind, q, label_start=q.start))
    return sorted(out, key=lambda t: t.q.start)
