"""Every rule over every claim, and no contradiction told twice."""

from __future__ import annotations

from collections.abc import Iterator

from huhang.checker import (
    rules_aggregates,
    rules_averages,
    rules_befores,
    rules_lead_totals,
    rules_lists,
    rules_months,
    rules_moves,
    rules_points,
    rules_rates,
    rules_ratios,
    rules_sets,
    rules_shares,
    rules_slips,
    rules_sums,
    rules_time,
)
from huhang.checker.arithmetic import Contradiction
from huhang.checker.assembly import Assembly
from huhang.checker.figures import Claims
from huhang.checker.patience import Watched


def _again(kind: str, claims: frozenset[int], told: str, before: frozenset[int]) -> bool:
    """Whether this was told already, with the same claims or as a part of something larger."""
    if kind == told:
        return claims <= before or before <= claims
    return kind == "rank_subset" and told in ("growth_aggregation", "part_sum") and claims <= before


def _tell(
    told: dict[int, list[tuple[str, frozenset[int]]]], kind: str, claims: frozenset[int]
) -> None:
    for claim in claims:
        told.setdefault(claim, []).append((kind, claims))


def _about(
    told: dict[int, list[tuple[str, frozenset[int]]]], claims: frozenset[int]
) -> Iterator[tuple[str, frozenset[int]]]:
    """What was told of any of these claims."""
    for claim in claims:
        yield from told.get(claim, [])


# By what claims are named: the same measure, place and period.
NAMED = (
    rules_sums.sums, rules_sums.growth_of_parts, rules_aggregates.growth_by_values, rules_aggregates.growth_of_opposites, rules_sets.subsets, rules_sets.balances, rules_shares.shares,
    rules_shares.shares_of_wholes, rules_rates.differences, rules_rates.own_growth, rules_rates.integer_bases, rules_time.months,
)  # fmt: skip
# By where figures stand: a rate behind the counts that it is made of.
BESIDE = (
    rules_ratios.ratios, rules_befores.befores, rules_averages.products, rules_averages.means, rules_lists.listed,
    rules_lists.rests, rules_lists.scales, rules_months.months, rules_months.far_months, rules_points.points, rules_moves.moves,
    rules_sets.named_subsets, rules_slips.slipped, rules_slips.counted, rules_slips.differences, rules_lead_totals.lead_totals,
)  # fmt: skip


def contradictions(assembly: Assembly) -> list[Contradiction]:
    """What cannot all be right, in the order of the text."""
    claims = Watched((c for c in assembly.claims if not c.planned), assembly.patience)
    book = rules_sums.Book(claims, assembly.listings)
    out: list[Contradiction] = []
    told: dict[int, list[tuple[str, frozenset[int]]]] = {}  # by the claims that they are of
    for rule in (rules_shares.structures(assembly.structures), *NAMED):
        for made in rule(book):
            mine = frozenset(id(c) for c in made.claims)
            if any(_again(made.kind, mine, kind, before) for kind, before in _about(told, mine)):
                continue
            _tell(told, made.kind, mine)
            out.append(made)
    known = Claims(assembly.claims)
    for passage in assembly.passages:
        passage.figures = Watched(passage.figures, assembly.patience)
    for beside in BESIDE:
        for made in beside(assembly.passages, known):
            mine = frozenset(id(c) for c in made.claims)
            if any(mine <= before or before <= mine for _kind, before in _about(told, mine)):
                continue  # the names have told it already
            _tell(told, made.kind, mine)
            out.append(made)
    return sorted(out, key=lambda c: min(claim.start for claim in c.claims))
