"""What the figure checker takes from where figures stand: rates behind counts, changes beside the value
before, lists, numbers in words, tables; and what it leaves alone."""

from __future__ import annotations

import io

import docx
import pytest

from huhang.checker import Source, check, read_bytes
from huhang.checker.numerals import han_number


def kinds(text: str) -> list[str]:
    return [c.kind for c in check(Source(text)).contradictions]


RIGHT_AND_WRONG = [
    ("受理388,275件、办结219,546件、办结率{}%。", "56.54", "66.54", "share_of_whole"),
    ("本月受理诉求一万二千件，办结一万一千四百件，办结率{}%。", "95", "85", "share_of_whole"),
    ("收到建议40条，采纳32条，采纳率{}。", "八成", "六成", "share_of_whole"),
    ("发现问题84个，其中政务服务方面42个，占{}。", "一半", "三分之一", "share_of_whole"),
    ("办结率由上年的91.2%提高到94.6%，提高{}个百分点。", "3.4", "4.4", "pp_difference"),
    ("热线接听来电8,412个，较上周的8,127个上升{}%。", "3.51", "5.31", "growth_rate"),
    ("动力电池产量12.6万套，是2021年4.2万套的{}倍。", "3", "5", "growth_rate"),
    ("发放资金4,120万元，惠及企业2,060家，平均每家{}万元。", "2", "3", "growth_rate"),
    ("信访举报2480件次，其中来信1240件次、来访388件次、来电612件次、网络{}件次。", "240", "420", "part_sum"),
    ("全区投诉2,150件。行政执法类投诉860件。行政执法类投诉中，乱收费214件，乱罚款{}件，其余474件。", "172", "712", "part_sum"),
    ("1—10月，全市新登记企业4.36万户。10月当月新登记企业{}万户。", "0.43", "6.43", "ytd_minus_prev_ytd"),
    ("Of the 670 complaints investigated, 389 were upheld, an uphold rate of {}%.", "58.1", "51.8", "share_of_whole"),
    ("Formal complaints rose from 310 to 372, or {}%.", "20", "12", "growth_rate"),
    ("The rate was 4.2% in August, up 0.3 percentage points from {}% in the previous quarter.", "3.9", "3.6", "pp_difference"),
    ("The office awarded 1,260 contracts. Small firms won 504 contracts, or {} of the total.", "two fifths", "one third", "share_of_whole"),
    ("Grants of €24.6 million went to 410 projects, an average of {} each.", "€60,000", "€90,000", "growth_rate"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong", "kind"), RIGHT_AND_WRONG)
def test_a_figure_beside_those_that_it_is_made_of(
    text: str, right: str, wrong: str, kind: str
) -> None:
    assert kinds(text.format(right)) == []
    assert kinds(text.format(wrong)) == [kind]


@pytest.mark.parametrize("text", [
    "当月受理诉求1,020件，办结1,163件（含上月结转），按时办结率99.8%。",
    "受理诉求1,020件，办结约900件，办结率95.6%。",
    "受理诉求1,020件，办结980件，按期办结率99.1%。",
    "给予处分268人，其中党纪处分203人、政务处分91人。",
    "问到希望改善的方面（可多选），融资占47.3%，用工占39.8%，审批占48.6%。",
    "承诺环节由7.2个减至2.4个，平均时限由18天减至5天，分别压减66.7%和72.2%。",
    "存款余额5,128.6亿元，比年初增加412.3亿元，同比增长9.1%。",
    "教育支出14.08亿元，社会保障支出9.18亿元，民生支出48.96亿元，均为一般公共预算支出61.20亿元的一部分。",
    "坚持“三个区分开来”，运用“四种形态”，十三届全会以来推进“两项机制”。",
    "In all, 421 complaints were investigated (60% upheld), out of 23,846 enquiries.",
    "Receipts were 88.1 billion, 5.9 billion (7.2 per cent) ahead of the previous year.",
    "Complaints often raise several issues: 46 per cent were about delay, 38 per cent about costs and 31 per cent about others.",
])  # fmt: skip
def test_what_only_looks_like_a_contradiction(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(("words", "number"), [
    ("十三", 13), ("三百零五", 305), ("一万二千", 12_000), ("一万二", 12_000), ("两千零四十", 2_040), ("二三", None),
    ("四千零六十", 4_060), ("三百五", 350), ("一亿二千万", 120_000_000), ("百", 100),
])  # fmt: skip
def test_numbers_in_chinese(words: str, number: int | None) -> None:
    assert han_number(words) == number


TABLE = [
    ["单位", "受理量（件）", "办结量（件）", "办结率（%）"],
    ["东城区", "3512", "3320", "94.53"],
    ["西城区", "2874", "2801", "97.46"],
    ["河阳县", "1966", "1890", "96.13"],
    ["临水县", "948", "940", "99.16"],
    ["合计", "9300", "8951", "96.25"],
]


def table(row: int, column: int, text: str) -> list[list[str]]:
    rows = [list(r) for r in TABLE]
    rows[row][column] = text
    return rows


MISPRINTS = [
    (1, 3, "98.17", {"share_of_whole"}),
    (5, 1, "9400", {"part_sum"}),
    (2, 2, "2081", {"part_sum", "share_of_whole"}),
]


@pytest.mark.parametrize("mark", ["\t", " | ", " "])
@pytest.mark.parametrize(("row", "column", "text", "found"), MISPRINTS)
def test_a_table_in_a_text(mark: str, row: int, column: int, text: str, found: set[str]) -> None:
    clean = "\n".join(mark.join(r) for r in TABLE)
    assert kinds("办理情况\n" + clean) == []
    wrong = "\n".join(mark.join(r) for r in table(row, column, text))
    assert found <= set(kinds("办理情况\n" + wrong)) <= {"part_sum", "share_of_whole"}


def test_a_table_in_a_word_document() -> None:
    document = docx.Document()
    document.add_paragraph("各县区办理情况")
    made = document.add_table(rows=len(TABLE), cols=4)
    for r, cells in enumerate(table(1, 3, "98.17")):
        for c, text in enumerate(cells):
            made.cell(r, c).text = text
    file = io.BytesIO()
    document.save(file)
    report = check(read_bytes(file.getvalue()))
    (only,) = report.contradictions
    assert only.kind == "share_of_whole"
    assert "98.17" in {c.text for c in only.claims}
    assert "东城区 办结率" in {c.name.words for c in only.claims}


def test_a_table_with_parts_inside_is_not_added_up() -> None:
    rows = "指标\t户数\n企业\t3,860\n其中：民营\t3,420\n个体工商户\t9,741\n合计\t13,601"
    assert kinds(rows) == []


@pytest.mark.parametrize(
    "unit", ["其中受理1件、", "占1%，", "3 of the 4 (5%) ", "a\t1\t2\t3%\n", "百分之", "12 34 56\n"]
)
def test_a_long_text_of_one_thing_ends(unit: str) -> None:
    assert check(Source("共1件。" + unit * (20_000 // len(unit)))).claims


@pytest.mark.parametrize(
    "text",
    [
        "全年受理投诉1200件，同比增长20%，上年为1000件；办结率95%，上年为93%。",
        "全年受理投诉1200件，上年为1000件，办结量增长15%。",
        "受理投诉1200件，上年为1000件，挽回损失同比增长50%。",
        "投诉1200件，其中消费类投诉增长30%，上年为1000件。",
        "全年受理投诉1200件（上年为1000件），其中消费类投诉增长30%。",
        "全年受理投诉1200件，上年为1000件，消费类投诉增长30%。",
        "投诉量1200件，上年为1000件，环比增长30%。",
        "9月受理投诉1200件，上月为1000件，同比增长30%。",
        "出口额126.6亿元，上年为100亿元，同比增长5.2个百分点。",
    ],
)
def test_the_value_before_says_nothing_of_another_things_growth(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "rest",
    [
        "同比增长",
        "投诉同比增长",
        "投诉件数增长",
        "全区投诉总量增长",
        "总量增长",
        "数量增长了",
        "增幅",
    ],
)
def test_the_value_before_still_speaks_of_its_own_growth(rest: str) -> None:
    text = "全年受理投诉1200件，上年为1000件，" + rest
    assert kinds(text + "20%。") == []
    assert kinds(text + "30%。") == ["growth_rate"]
