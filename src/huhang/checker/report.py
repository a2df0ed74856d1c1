"""What the checker found, as values and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.checker.arithmetic import Contradiction, rate, span, unknown, value
from huhang.checker.model import Claim, Quantity


@dataclass(frozen=True)
class Report:
    """Every claim and every contradiction of a text."""

    claims: tuple[Claim, ...]
    contradictions: tuple[Contradiction, ...]

    def as_json(self) -> dict[str, Any]:
        """The report with plain values."""
        return {
            "claims": [claim_json(c) for c in self.claims],
            "contradictions": [
                {
                    "kind": c.kind,
                    "claims": [claim.id for claim in c.claims],
                    "arithmetic": c.arithmetic,
                }
                for c in self.contradictions
            ],
            "note": unknown(),
        }


def kind_words(kind: str) -> str:
    """The name of a kind of contradiction for people."""
    return {
        "part_sum": _("Parts and total"),
        "growth_aggregation": _("Growth of parts and of the whole"),
        "rank_subset": _("A part above its whole"),
        "share_le_1": _("A share above one"),
        "share_of_whole": _("A share and its figures"),
        "pp_difference": _("A difference of rates"),
        "growth_rate": _("A value and its own growth"),
        "integer_base": _("No whole number before"),
        "ytd_minus_prev_ytd": _("Months and cumulative period"),
    }[kind]


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


def _shown_value(q: Quantity) -> tuple[int | float, str]:
    """Counts are written out; money and measures keep the unit that they are printed in."""
    if q.unit.discrete:
        prefixes = ("万亿", "千亿", "百亿", "亿", "千万", "百万", "十万", "万", "千", "百", "thousand ", "million ", "billion ",
                    "trillion ", "thousand", "million", "billion", "trillion")  # fmt: skip
        unit = q.unit.shown
        if q.unit.scale != 1:
            unit = next((unit[len(p) :] for p in prefixes if unit.startswith(p)), unit)
        return _plain(q.value), unit
    return _plain(q.value / q.unit.scale), q.unit.shown


def _ends(q: Quantity) -> list[int | float | None]:
    _value, _unit = _shown_value(q)
    scale = Fraction(1) if q.unit.discrete else q.unit.scale
    found = q.span(loose=True)
    return [None if e is None else _plain(e / scale) for e in (found.low, found.high)]


def comparisons(claim: Claim) -> list[dict[str, Any]]:
    """Rates, shares and differences that belong to a claim."""
    out: list[dict[str, Any]] = []
    for g in claim.growths:
        out.append({"kind": g.basis, "value": _plain(g.q.value), "unit": "%", "range": _ends(g.q)})
    for p in claim.points:
        unit = "percentage points" if p.proper else "%"
        out.append(
            {"kind": "difference", "value": _plain(p.q.value), "unit": unit, "to": p.reference}
        )
    for s in claim.shares if claim.kind != "share" else []:
        out.append({"kind": "share", "value": _plain(s.q.value), "unit": "%", "of": s.whole})
    if claim.change is not None:
        number, unit = _shown_value(claim.change)
        out.append({"kind": "change", "value": number, "unit": unit})
    if claim.prior_level is not None:
        number, unit = _shown_value(claim.prior_level)
        out.append({"kind": "year before", "value": number, "unit": unit})
    return out


def comparison_words(claim: Claim) -> str:
    """The same for people."""
    said: list[str] = []
    basis = {
        "yoy": _("on a year before"),
        "mom": _("on the period before"),
        "avg": _("average of years"),
        "base": _("on a base year"),
    }
    said += [f"{rate(g.q)} {basis[g.basis]}" for g in claim.growths]
    for p in claim.points:
        unit = _("percentage points") if p.proper else "%"
        sign = "+" if p.q.value > 0 else "−"
        said.append(f"{sign}{p.q.shown} {unit}" + (f" ({p.reference})" if p.reference else ""))
    said += [_("share of %(whole)s: %(share)s %%") % {"whole": s.whole, "share": s.q.shown} if s.whole
             else _("share: %(share)s %%") % {"share": s.q.shown}
             for s in claim.shares if claim.kind != "share"]  # fmt: skip
    if claim.change is not None:
        said.append(_("change: %(value)s") % {"value": value(claim.change)})
    if claim.prior_level is not None:
        said.append(_("a year before: %(value)s") % {"value": value(claim.prior_level)})
    return pgettext("joining parts of a sum", "; ").join(said)


def main_figure(claim: Claim) -> Quantity | None:
    """The value of a claim, or the rate that it states."""
    if claim.level is not None:
        return claim.level
    if claim.growths:
        return claim.growths[0].q
    return claim.shares[0].q if claim.shares else None


def subject(claim: Claim) -> str:
    """The words of the text for what the claim is about."""
    return " ".join(claim.name.words.split()).strip(" ，,、")


def measure(claim: Claim) -> str:
    """Of what kind the figure is."""
    if claim.kind == "structure":
        return "structure"
    if claim.level is None:
        return "growth" if claim.growths else "share"
    return claim.name.measure or ("rate" if claim.level.unit.family == "%" else "value")


def claim_json(claim: Claim) -> dict[str, Any]:
    """A claim with plain values."""
    q = main_figure(claim)
    number, unit = _shown_value(q) if q is not None else (None, "")
    return {
        "id": claim.id, "text": claim.text, "line": claim.line, "start": claim.start, "end": claim.end,
        "subject": subject(claim), "measure": measure(claim), "period": claim.period.shown, "value": number, "unit": unit,
        "printed": q.shown if q is not None else claim.text, "range": _ends(q) if q is not None else None,
        "comparison": comparison_words(claim) or None, "comparisons": comparisons(claim),
    }  # fmt: skip


def unit_words(claim: Claim) -> str:
    """The unit of the figure as it is printed."""
    q = main_figure(claim)
    return q.unit.shown if q is not None else ""


def range_words(claim: Claim) -> str:
    """The values that the figure can stand for."""
    q = main_figure(claim)
    return "" if q is None else span(q.span(loose=True), q.unit.scale)
