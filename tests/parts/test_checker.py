"""The figure checker on bulletins: what it lists, what it finds, and what it leaves alone."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx
import pytest
from django.utils import translation

from huhang.checker import Report, Source, UnusableText, check, read_bytes, read_file
from huhang.checker.report import kind_words
from tests.conftest import SHARED
from tests.parts.checker_texts import CLEAN, PLANTED

SEED = SHARED / "seed" / "liaocheng-daily-2023-06-26.txt"
needs_shared = pytest.mark.skipif(not SEED.exists(), reason="../shared is not there")
CUSTOMS = (
    "前5个月我市进出口总值217.7亿元，比去年同期增长16.4%，较全省平均增速高14.3个百分点。其中出口126.6亿元，下降2.3%；"
    "进口91.1亿元，增长64%，进口增速列全省首位。5月份当月进出口总值46亿元，增长18.5%。其中出口25.2亿元，下降22%；"
    "进口20.8亿元，增长217.9%。"
)


def read(text: str) -> Report:
    """The report on a text."""
    return check(Source(text))


def kinds(report: Report) -> list[str]:
    return [c.kind for c in report.contradictions]


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_bulletin_has_no_contradiction(name: str) -> None:
    found = read(CLEAN[name])
    assert not found.contradictions, [c.arithmetic for c in found.contradictions]
    assert found.claims


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_contradiction_is_found_and_nothing_else(name: str) -> None:
    kind, text = PLANTED[name]
    found = read(text)
    assert set(kinds(found)) == {kind}, [c.arithmetic for c in found.contradictions]


def test_bulletins_one_after_the_other_do_not_mix() -> None:
    assert not read("\n\n".join(CLEAN.values())).contradictions


def test_the_customs_article() -> None:
    with translation.override("en"):
        found = read(CUSTOMS)
    assert kinds(found) == ["growth_aggregation"]
    only = found.contradictions[0]
    assert [c.text.partition("亿")[0] for c in only.claims] == [
        "前5个月我市进出口总值217.7", "其中出口126.6", "进口91.1",
    ]  # fmt: skip
    for words in (
        "+17.46…+17.73 %",
        "129.46…129.70",
        "55.50…55.60",
        "184.96…185.29",
        "+16.4 %",
        "+17.36…+17.82 %",
    ):
        assert words in only.arithmetic
    assert "cannot know which of these figures is wrong" in only.arithmetic


@needs_shared
def test_the_seed_page() -> None:
    found = check(read_file(SEED))
    assert kinds(found) == ["growth_aggregation"]
    lines = {c.line for c in found.contradictions[0].claims}
    assert len(lines) <= 3
    claims = found.as_json()["claims"]
    # DOMAIN.md 7.3: value, unit, a word of the subject, months or year
    for value, unit, subject, period in [
        (217.7, "亿元", "进出口", "5个月"), (126.6, "亿元", "出口", "5个月"), (91.1, "亿元", "进口", "5个月"),
        (46, "亿元", "进出口", "5月"), (25.2, "亿元", "出口", "5月"), (20.8, "亿元", "进口", "5月"),
        (2553, "辆", "汽车", "5个月"), (8.2, "亿元", "货值", "5个月"), (1254, "辆", "客车", "5个月"),
        (7.7, "亿元", "货值", "5个月"), (85.5, "亿元", "矿砂", "5个月"), (20.1, "亿元", "矿砂", "5月"),
        (1000, "家", "中小企业", ""), (266, "家", "专精特新", "今年"), (200, "家", "远航", "去年"),
        (41, "个", "执法领域", ""), (785, "个", "事项", ""), (300000, "个", "市场主体", ""),
        (101, "位", "企业家", ""), (710000, "户", "市场主体", "4月"), (200000, "户", "民营企业", "4月"),
        (7, "个", "重点项目", ""), (40.26, "亿元", "投资", ""), (22, "件", "线索", ""), (100, "家", "规上企业", ""),
        (20, "家", "部门", ""), (12, "项", "", ""), (5, "项", "诉求", ""), (10, "条", "线索", "2023"),
        (4, "起", "案件", "2023"), (4, "人", "处分", "2023"), (4, "名", "容错", "2022"), (21, "个", "问题", "今年"),
        (200, "份", "问卷", ""), (168, "人次", "座谈", ""), (32, "个", "问题", ""), (6, "份", "回复", ""),
        (28.5, "亿元", "投资", ""), (5000, "台", "轻型客车", ""), (15000, "台", "物流车", ""),
        (171.6, "亿元", "收入", "2022"), (7749, "家", "市场主体", "2022"), (310, "亿元", "产值", "2022"),
        (105, "家", "企业", "2022"), (14, "家", "企业", "2022"), (30.2, "%", "制造业", ""), (52, "%", "高新技术", ""),
    ]:  # fmt: skip
        mine = [c for c in claims if (c["value"], c["unit"]) == (value, unit)]
        assert any(subject in c["subject"] + c["text"] and period in c["period"] for c in mine), (
            value,
            unit,
            mine,
        )


@needs_shared
def test_no_shared_text_but_the_customs_article_contradicts_itself() -> None:
    for path in [*sorted((SHARED / "seed").glob("*.txt")), SHARED / "DOMAIN.md"]:
        found = [c for c in check(read_file(path)).contradictions if "217.7" not in c.arithmetic]
        assert not found, (path.name, [c.arithmetic for c in found])


def test_claims_quote_the_text_where_it_stands() -> None:
    text = "第一行\n\n" + CUSTOMS.replace("14.3个百分点", "14.3 个百\n分点")
    for claim in read(text).as_json()["claims"]:
        assert text[claim["start"] : claim["end"]] == claim["text"]
        assert text[: claim["start"]].count("\n") + 1 == claim["line"]
        assert claim["printed"] in claim["text"]


def test_a_claim_has_subject_period_value_unit_and_comparison() -> None:
    first = read(CUSTOMS).as_json()["claims"][0]
    assert first["subject"] == "我市进出口总值"
    assert first["measure"] == "trade"
    assert first["period"] == "前5个月"
    assert (first["value"], first["unit"], first["range"]) == (217.7, "亿元", [217.65, 217.75])
    assert [(c["kind"], c["value"]) for c in first["comparisons"]] == [
        ("yoy", 16.4),
        ("difference", 14.3),
    ]
    assert "16.4" in first["comparison"]


@pytest.mark.parametrize(
    ("text", "value", "unit", "low", "high"),
    [
        ("全市出口１,２３４.５亿元。", 1234.5, "亿元", 1234.45, 1234.55),
        ("全市出口约12.0亿元。", 12, "亿元", 10.8, 13.2),
        ("发放问卷200余份。", 200, "份", 200, 300),
        ("走访企业1200多家。", 1200, "家", 1200, 1300),
        ("惠及企业超30万户。", 300000, "户", 295000, None),
        ("共受理诉求2553件。", 2553, "件", 2553, 2553),
        ("新增就业3.2万人。", 32000, "人", 31500, 32500),
        ("全市投资100亿—120亿元。", 100, "亿元", 99.5, 120.5),
        ("Exports reached $3.4 billion in 2024.", 3.4, "billion $", 3.35, 3.45),
        ("The hotline took 12,345 calls in May.", 12345, "calls", 12345, 12345),
        ("About 1.2 million people moved.", 1200000, "people moved", 1080000, 1320000),
        ("More than 200 questionnaires were sent.", 200, "questionnaires", 200, None),
    ],
)  # fmt: skip
def test_a_printed_number_stands_for_what_rounds_to_it(
    text: str, value: float, unit: str, low: float, high: float | None
) -> None:
    claim = read(text).as_json()["claims"][0]
    assert (claim["value"], claim["unit"]) == (value, unit)
    assert claim["range"][0] == pytest.approx(low)
    assert claim["range"][1] == (None if high is None else pytest.approx(high))


def test_dates_ranks_and_hotline_numbers_are_no_figures() -> None:
    text = "6月24日，第3届会议在12345热线中心召开，位列全省第2位，推行“123”工作法，近5年来成效明显，2023年再创新高。"
    assert read(text).claims == ()
    assert read("On 24 June 2023 the 12345 hotline ranked No. 3.").claims == ()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_arithmetic_is_in_the_language_of_the_reader(language: str) -> None:
    with translation.override(language):
        for kind, text in PLANTED.values():
            for found in read(text).contradictions:
                chinese = any("\u4e00" <= c <= "\u9fff" for c in found.arithmetic.replace("．", ""))
                assert chinese or language == "en"
                assert ("无法判断" in found.arithmetic) == (language != "en")
            assert kind_words(kind)


def test_the_report_is_json() -> None:
    for text in [*CLEAN.values(), *(t for _k, t in PLANTED.values())]:
        made = json.loads(json.dumps(read(text).as_json(), ensure_ascii=False))
        known = {c["id"] for c in made["claims"]}
        assert len(known) == len(made["claims"])
        for found in made["contradictions"]:
            assert set(found) == {"kind", "claims", "arithmetic"}
            assert set(found["claims"]) <= known


def _docx(*lines: str) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "满意率102.4%。", "217.7"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_its_encodings(encoding: str) -> None:
    assert kinds(check(read_bytes(CUSTOMS.encode(encoding)))) == ["growth_aggregation"]


def test_lines_broken_anywhere() -> None:
    for width in (12, 16, 17, 33):
        broken = "\r\n".join(CUSTOMS[i : i + width] for i in range(0, len(CUSTOMS), width))
        found = check(read_bytes(broken.encode()))
        assert len(found.claims) >= 6
        assert kinds(found) == ["growth_aggregation"], width


def test_a_word_document() -> None:
    found = check(read_bytes(_docx("全市进出口情况", CUSTOMS)))
    assert sorted(kinds(found)) == ["growth_aggregation", "share_le_1"]


def _pdf(text: str) -> bytes:
    """A PDF with a text layer, in the encoding that PDF readers know without a font."""
    lines = [text[i : i + 30] for i in range(0, len(text), 30)]
    shown = " T* ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 50 700 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % i + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def test_a_pdf_with_text() -> None:
    assert kinds(check(read_bytes(_pdf(CUSTOMS)))) == ["growth_aggregation"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no text"), (b" \n\n ", "no text"), (b"\x00\x01\x02" * 50, "not readable"), (b"PK\x03\x04broken", "Word"),
        (b"%PDF-1.4 broken", "PDF"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Word"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "not readable"), (b"x" * (21 * 1024 * 1024), "larger"),
        (b"\xff" * 400, "not readable"), (_pdf(""), "pictures"), (_docx()[:900], "Word"),
    ],
)  # fmt: skip
def test_an_unusable_file_says_why(content: bytes, why: str) -> None:
    with translation.override("en"), pytest.raises(UnusableText, match=why):
        check(read_bytes(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"\x89PNG\r\n"), ("a.csv", b"name,n\r\n\x01\x02,3\r\n"), ("a.docx", b"abc"), ("A.PDF", b"%PD"),
        ("a.docx", b"\x81\x82\x83"), ("a.pdf", b"%PDF-1.7\nno more"), ("a.txt", bytes(range(128, 255)) * 9),
    ],
)  # fmt: skip
def test_what_is_no_text_is_not_read_as_one(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with translation.override("en"), pytest.raises(UnusableText, match="not readable") as refused:
        read_file(tmp_path / name)
    assert "Error" not in str(refused.value)


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableText):
        read_file(tmp_path)
    with pytest.raises(OSError):
        read_file(tmp_path / "none.txt")


@pytest.mark.parametrize(
    "text",
    [
        "1" * 50_000,
        "1," * 20_000,
        "占" * 50_000,
        "5月" * 20_000,
        "up " * 20_000,
        "其中A1件，" * 5_000,
    ],
)
def test_odd_texts_end_soon(text: str) -> None:
    assert not read(text).contradictions
