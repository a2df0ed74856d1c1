"""Chinese sentences to tokens: each quantity, what kind of statement it is, and about what."""

from __future__ import annotations

import re
from fractions import Fraction

from huhang.checker import chinese_kinds as kinds
from huhang.checker import chinese_words as forms
from huhang.checker import periods, quantities, words
from huhang.checker.chinese_labels import basis_of, label_of, last_clause, without_periods
from huhang.checker.chinese_lists import give_labels, number_turns
from huhang.checker.layout import cut_long
from huhang.checker.model import Period, Quantity, Token, Unit


def sentences(text: str) -> list[tuple[int, str]]:
    """Sentences of a paragraph with their offsets."""
    found = ((m.start(), m.group(0)) for m in forms.SENTENCE.finditer(text))
    return [piece for at, text_ in found for piece in cut_long(at, text_, "；，、,")]


def is_chinese(text: str) -> bool:
    """Whether a sentence is Chinese."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def tokens(
    sentence: str, calendar: periods.Calendar, now: Period
) -> tuple[list[Token], Period, bool]:
    """The tokens of a sentence, the period that it ends with, and whether it said one."""
    seen, hidden = periods.chinese(sentence, calendar, now)
    found = list(quantities.chinese(sentence, hidden))
    for m in forms.FLAT.finditer(sentence):
        flat = Quantity(m.end(), m.end(), "0", Fraction(0), Fraction(1, 10), 1, Unit("%", "%"))
        found.append(flat)
    found.sort(key=lambda q: q.start)
    out: list[Token] = []
    before, basis, terms = 0, "yoy", ""
    for q in found:
        lead = sentence[before : q.start]
        clause_at = last_clause(lead)[1]
        blank = without_periods(lead, before, seen)
        core = re.sub(
            r"(?:大?约|接近|将近|近|超过|超|逾|突破|不足|不到|至少|不少于|不低于)$", "", blank
        )
        clause, _cut = last_clause(core)
        token = Token("level", q, label_start=before + clause_at)
        token.bracket = ")" if ")" in lead else "(" if re.search(r"\([^)]*其中", lead) else ""
        token.compared = bool(forms.COMPARED.search(lead))
        mine = [s for s in seen if before <= s.start < q.start]
        if mine:
            token.period, token.prior = mine[-1].period, mine[-1].prior
            token.aside = _in_bracket(sentence, mine[-1].start)
        token.fresh = before == 0 or "；" in lead or ";" in lead
        basis = basis_of(lead, "yoy" if before == 0 else basis)
        against = re.search(r"(?:比|较|与)(\d{4})年", lead)
        year = next((s.period.year for s in reversed(seen) if s.start < q.start), now.year)
        if against and basis == "base" and int(against[1]) + 1 == (year or calendar.year):
            basis = "yoy"
        token.basis = basis
        terms = token.terms = words.terms(lead) or terms
        everything = forms.ALL.search(core)
        complete = (
            everything is not None
            and bool(everything["x"].strip("：:，"))
            and "分别" not in everything["x"]  # 依次为东盟、欧盟和美国，分别进出口…
            and q.unit.family not in ("%", "points")
        )
        made_of = re.search(r"(?:，|^)由", blank) and re.search(r"(?:组成|构成)", sentence[q.end :])
        if complete or made_of:
            token.part = "all"
        elif "其中" in lead or re.search(r"(?:，|^)(?:包括|含)", blank):
            token.part = "some"
        token.real = bool(words.REAL_WORDS.search(lead))
        token.planned = bool(words.PLANNED.search(lead))
        if q.start == q.end:
            token.kind, token.label = (
                "growth",
                label_of(forms.STRIP.sub("", forms.FLAT.sub("", clause + "持平"))),
            )
            token.label_start = min(token.label_start, q.start - 2)
        elif q.unit.family == "points":
            kinds.points(token, sentence)
        elif q.unit.family == "%":
            kinds.percent(
                token, core, clause, out[-1] if out else None, sentence[q.end : q.end + 4]
            )
        elif q.unit.family == "times":
            kinds.times(token, clause)
        elif q.unit.family == "":
            token.kind = "other"
        else:
            kinds.level(token, core, clause, sentence)
        _fallback_label(token, core)
        _following_noun(token, sentence)
        number_turns(token, out, lead)
        out.append(token)
        before = q.end
    give_labels(out, sentence, seen)
    said = [s for s in seen if not s.prior]
    plain = [s for s in said if not _in_bracket(sentence, s.start)]
    lasting = (plain or said)[-1].period if said else now
    return out, lasting, bool(said)


def _in_bracket(sentence: str, at: int) -> bool:
    """8月份受理31970件(7月份30488件)。 goes on with August."""
    return sentence.rfind("(", 0, at) > sentence.rfind(")", 0, at) and ")" in sentence[at:]


def _fallback_label(token: Token, core: str) -> None:
    """A clause that names no subject takes a known measure named earlier since the last figure."""
    if token.label or token.kind not in ("level", "growth", "share") or token.closes:
        return
    parts = forms.CUT.split(re.split(r"[；;]", core)[-1])
    for piece in reversed(parts[:-1]):
        name = words.chinese_name(piece)
        if name.measure and not re.search(r"较|比", piece):
            token.label = label_of(piece)
            return


def _following_noun(token: Token, sentence: str) -> None:
    """What is counted may stand behind: 100家规上企业."""
    if token.kind != "level" or not token.q.unit.discrete or token.closes:
        return
    after = re.match(
        r"(?:的|以上的)?(?P<n>[\u4e00-\u9fff“”]{2,14}?)(?=[，。；、,;]|$|进行|发放|反馈|《|列为|作为|签约|开展|提供|达|已|被)",
        sentence[token.q.end :],
    )
    if after and not re.match(
        rf"[两二三四五六]?个?部分|组成|构成|等|左右|{forms.UP}|{forms.DOWN}|同比|环比|占|比|较|其中|和|及|与|货值|分别|持平|{forms.BARE_WORDS}",
        after["n"],
    ):
        token.label += after["n"].strip("“”")
        token.tail = token.q.end + after.end("n")


def structures(sentence: str) -> list[tuple[int, int, list[Quantity]]]:
    """Ratios such as 5.2:40.1:54.7 that are shares of one whole."""
    out = []
    for m in forms.STRUCTURE.finditer(sentence):
        pieces = []
        for n in re.finditer(r"\d+(?:\.\d+)?", m["r"]):
            text = n.group(0)
            places = len(text.partition(".")[2])
            at = m.start("r") + n.start()
            pieces.append(Quantity(at, at + len(text), text, Fraction(text), Fraction(1, 10**places), places, Unit("%", "%")))  # fmt: skip
        if 90 <= sum(p.value for p in pieces) <= 110:
            out.append((m.start("r"), m.end("r"), pieces))
    return out
