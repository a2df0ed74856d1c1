"""Lists of figures in Chinese: 分别为4.1%、6.3%和6.9%."""

from __future__ import annotations

import re

from huhang.checker import chinese_words as forms
from huhang.checker import periods, words
from huhang.checker.chinese_labels import label_of, last_clause, without_periods
from huhang.checker.model import Token


def number_turns(token: Token, out: list[Token], lead: str) -> None:
    """Number the members of a list with 分别."""
    if "分别" in lead and token.part != "all":
        token.turn = 1
    elif out and out[-1].turn and out[-1].kind == token.kind:
        gap = forms.GROWTH.sub("", lead) if token.kind in ("growth", "change") else lead
        gap = re.sub(r"^[、，,和及与]?占$", "、", gap)
        same = out[-1].q.unit.family == token.q.unit.family
        if same and forms.LIST_GAP.match(gap.strip()):
            token.turn = out[-1].turn + 1


def give_labels(out: list[Token], sentence: str, seen: list[periods.Seen]) -> None:
    """Give each member of a list with 分别 its own label out of the list before it."""
    i = 0
    while i < len(out):
        if out[i].turn != 1:
            i += 1
            continue
        group = [out[i]]
        while i + len(group) < len(out) and out[i + len(group)].turn == len(group) + 1:
            group.append(out[i + len(group)])
        start = out[i - 1].q.end if i else 0
        before = without_periods(sentence[start : out[i].q.start], start, seen)
        items = _items(before.partition("分别")[0])
        named = len(items) == len(group) > 1
        named_periods = [s for s in seen if start <= s.start < out[i].q.start and not s.prior]
        if not named and len(named_periods) == len(group) > 1 and group[0].kind == "level":
            _by_period(group, named_periods, before)
            i += len(group)
            continue
        for k, token in enumerate(group):
            token.turns = len(group)
            if named:
                token.label = items[k]
                token.turns = 0 if token.kind != "growth" else token.turns
                token.turn = 0
            else:
                token.label = ""
        i += len(group)


def _by_period(group: list[Token], seen: list[periods.Seen], before: str) -> None:
    """4月、5月分别受理3200件、3500件: one thing in several periods."""
    label = label_of(forms.STRIP.sub("", before.partition("分别")[0] + before.partition("分别")[2]))
    for token, period in zip(group, seen, strict=True):
        token.label, token.period, token.turn, token.turns = (
            label.strip("、和及与"),
            period.period,
            0,
            0,
        )


def _items(text: str) -> list[str]:
    clause, _cut = last_clause(text.strip("，,；;"))
    clause = forms.STRIP.sub("", label_of(clause))
    clause = re.sub(
        r"第?一、(?:第)?二、(?:第)?三(?:次)?产业", "第一产业、第二产业、第三产业", clause
    )
    clause = clause.partition("占")[0] if not clause.startswith("占") else clause
    clause = re.sub(r"三次产业(?:增加值)?|三大产业", "第一产业、第二产业、第三产业", clause)
    clause = re.sub(
        r"(?:等)?[两二三四五六七八九十\d]+(?:大?类|项|者|个|种)(?:诉求|事项|问题|企业|主体)?$",
        "",
        clause,
    )
    items = [x for x in re.split(r"、|和|及|与|以及", clause) if x]
    if len(items) < 2:
        return items
    last, first = items[-1], items[0]
    size = (
        len(words.chinese_name(first).scope)
        if not words.chinese_name(first).measure
        else len(first)
    )
    if words.chinese_name(first).measure == words.chinese_name(last).measure != "":
        return items
    if not words.chinese_name(first).measure and len(last) > size:
        return [x if x is last else x + last[len(x) :] if len(x) < len(last) else x for x in items]
    return items
