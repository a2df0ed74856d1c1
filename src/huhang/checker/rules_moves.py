"""A value, by how much it changed, and the rate of that change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures
from huhang.checker.arithmetic import Contradiction, found, rate, span, value
from huhang.checker.figures import Claims, Figure, Passage


def moves(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """ "up by 113,500 or 2.0 % to 5,917,600", 42.36亿元, 增收2.05亿元, 增长5.1%: value, change and rate."""
    for passage in passages:
        for change in passage.figures:
            if (
                change.rate
                or change.token.kind != "change"
                or change.q.bound
                or change.token.label.strip("末初")
            ):
                continue
            row = passage.figures
            before = row[change.order - 1] if change.order else None
            after = row[change.order + 1] if change.order + 1 < len(row) else None
            if (
                before is None
                or after is None
                or before.sentence != change.sentence
                or after.sentence != change.sentence
            ):
                continue
            now = next(
                (f for f in figures.before(change) if not f.rate and f.token.kind == "level"), None
            )
            if (
                now is None
                or change.order - now.order > 2
                or not now.same_unit(change)
                or now.q.bound
                or now.token.planned
            ):
                continue
            beside = (
                after.q.unit.family == "%"
                and _beside(after)
                and after.token.basis == change.token.basis
            )
            beside = beside and not re.search(r"年初|上年末|年底", change.clause)
            if not beside or after.q.bound:
                continue
            size = change.span if change.q.value > 0 else -change.span
            up, down = now.span - size, now.span + size
            made = [
                q for earlier in ((down,) if change.q.value < 0 else (up,))
                if (q := size.over(earlier)) is not None
            ]  # fmt: skip
            mine = after.span if after.q.value > 0 else -after.span
            if not made or made[0].times(figures.HUNDRED).meets(mine):
                continue
            if any(
                (q := f.span.over(g.span)) is not None and q.times(figures.HUNDRED).meets(mine)
                for f in (change,)
                for g in figures.row(change, 20)
                if not g.rate and g.same_unit(change) and abs(g.sentence - change.sentence) <= 1
            ):
                continue
            rows = [claims.of(f) for f in (after, now, change)]
            yield found(
                "growth_rate", rows,
                _("%(change)s ÷ %(before)s %(unit)s before = %(made)s %%, but %(printed)s is printed.")
                % {"change": value(change.q), "before": span(down if change.q.value < 0 else up, now.q.unit.scale),
                   "unit": now.q.unit.shown, "made": span(made[0].times(figures.HUNDRED)), "printed": rate(after.q)},
            )  # fmt: skip


def _beside(figure: Figure) -> bool:
    """Whether a rate says the same as the change right before it."""
    if figure.passage.zh:
        return bool(
            re.fullmatch(
                r"[，、]?(?:同比)?(?:增长|下降|增幅|降幅|上升|减少|增加|降低)(?:率)?(?:为|达|了)?",
                figure.lead.strip(),
            )
        )
    return bool(
        re.fullmatch(
            r",?\s?(?:or|\(|, an? (?:increase|rise|fall|decline|decrease|drop) of)\s?(?:about )?",
            figure.lead.strip() + " ",
        )
    )
