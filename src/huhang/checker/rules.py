"""Every rule over every claim, and no contradiction told twice."""

from __future__ import annotations

from huhang.checker import rules_rates, rules_sets, rules_sums, rules_time
from huhang.checker.arithmetic import Contradiction
from huhang.checker.assembly import Assembly
from huhang.checker.patience import Watched


def _again(kind: str, claims: frozenset[int], told: str, before: frozenset[int]) -> bool:
    """Whether this was told already, with the same claims or as a part of something larger."""
    if kind == told:
        return claims <= before or before <= claims
    return kind == "rank_subset" and told in ("growth_aggregation", "part_sum") and claims <= before


def contradictions(assembly: Assembly) -> list[Contradiction]:
    """What cannot all be right, in the order of the text."""
    claims = Watched((c for c in assembly.claims if not c.planned), assembly.patience)
    book = rules_sums.Book(claims, assembly.listings)
    out: list[Contradiction] = []
    told: set[tuple[str, frozenset[int]]] = set()
    for rule in (
        rules_sums.sums,
        rules_sums.growth_of_parts,
        rules_sets.subsets,
        rules_sets.balances,
        rules_rates.structures(assembly.structures),
        rules_rates.shares,
        rules_rates.shares_of_wholes,
        rules_rates.differences,
        rules_rates.own_growth,
        rules_rates.integer_bases,
        rules_time.months,
    ):
        for made in rule(book):
            key = (made.kind, frozenset(id(c) for c in made.claims))
            if any(_again(made.kind, key[1], kind, before) for kind, before in told):
                continue
            told.add(key)
            out.append(made)
    return sorted(out, key=lambda c: min(claim.start for claim in c.claims))
