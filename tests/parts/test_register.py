"""Codes of businesses and the import of a register."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huhang.intake.imports import import_file
from huhang.intake.register import VOCABULARY
from huhang.intake.register_import import RegisterImporter
from huhang.kernel.actor import OPERATOR
from huhang.parties.codes import (
    SYMBOLS,
    candidates,
    check_character,
    old_check,
    organisation_check,
    read_code,
)
from huhang.parties.models import Business, FormerRecord
from huhang.tables.mapping import Mapping
from huhang.tlog.verify import verify
from tests.conftest import SHARED
from tests.parts.test_imports import workbook

HEAD = ["企业名称", "统一社会信用代码", "注册日期", "住所"]
ONE, TWO = "91110000600037341L", "91110108551385082Q"


def made(first: str, organisation: str) -> str:
    """A valid code: eight characters, and eight of an organisation code."""
    seventeen = first + organisation + organisation_check(organisation)
    return seventeen + check_character(seventeen)


codes = st.builds(
    made,
    st.builds(
        lambda a, b, d: a + b + d,
        st.sampled_from("159ANY"),
        st.sampled_from("1239"),
        st.sampled_from(["371503", "371523", "110000", "210202"]),
    ),
    st.text(alphabet=SYMBOLS, min_size=8, max_size=8),
)


@given(codes)
def test_every_kind_of_code_is_valid_however_it_is_written(code: str) -> None:
    assert read_code(code).state == "valid"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert read_code(f" {wide[:9]} {wide[9:]}").value == code


@given(codes, st.integers(0, 17), st.sampled_from([*SYMBOLS, *"IOSVZ"]))
def test_of_one_wrong_character_the_right_code_is_among_the_candidates(
    code: str, place: int, symbol: str
) -> None:
    wrong = code[:place] + symbol + code[place + 1 :]
    if wrong == code or read_code(wrong).known:
        return
    found = candidates(wrong)
    assert code in found
    assert all(read_code(c).state == "valid" for c in found)
    assert all(sum(a != b for a, b in zip(c, wrong, strict=True)) == 1 for c in found)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (ONE, "valid"), (TWO, "valid"), ("91310115MA1H8R7C6D", "check"), ("370000000000001", "old"),
        (ONE[:-1], "length"), ("", "length"), ("9111O000600037341L", "symbol"),
        ("B1110000600037341L", "department"), ("N2371503MF1234567", "length"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_code_is_said(text: str, state: str) -> None:
    assert read_code(text).state == state


def test_two_wrong_characters_have_no_candidate() -> None:
    assert candidates("9111O0006000373I1L") == []
    assert candidates(ONE[:-1]) == []


def test_the_check_digit_of_an_old_number() -> None:
    assert sum(old_check(f"37010000000123{n}") for n in range(10)) == 1


def run(path: Path, vintage: date | None = None, **more: Any) -> dict[str, Any]:
    mapping = Mapping(VOCABULARY, vintage=vintage)
    result = import_file(RegisterImporter, path, actor=OPERATOR, mapping=mapping, **more).as_json()
    assert result["read"] == sum(result[k] for k in ("accepted", "updated", "repeated", "refused"))
    return result


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[k] for k in ("accepted", "updated", "repeated", "refused"))


@pytest.mark.django_db
def test_a_register_is_taken_in_once_and_a_later_vintage_outranks(tmp_path: Path) -> None:
    first = workbook(tmp_path / "a.xlsx", ("企业", [HEAD, ["甲公司", ONE, "1994-10-08", "某街1号"],
                                                    ["乙公司", TWO, "2010/3/3", "N/A"]]))  # fmt: skip
    assert counts(run(first, date(2022, 1, 1), dry_run=True)) == (2, 0, 0, 0)
    assert not Business.objects.exists()
    assert counts(run(first, date(2022, 1, 1))) == (2, 0, 0, 0)
    assert counts(run(first, date(2022, 1, 1))) == (0, 0, 2, 0)
    renamed = workbook(
        tmp_path / "b.xlsx", ("企业", [HEAD, ["甲集团", ONE, "1994-10-08", "某街1号"]])
    )
    assert counts(run(renamed, date(2023, 1, 1))) == (0, 1, 0, 0)
    assert counts(run(first, date(2022, 1, 1))) == (0, 0, 2, 0), "an older vintage says nothing new"
    one = Business.objects.get(value=ONE)
    assert (one.name, one.seen_on, one.district) == ("甲集团", date(2023, 1, 1), "110000")
    assert [f.name for f in one.former.all()] == ["甲公司"]
    oldest = workbook(tmp_path / "c.xlsx", ("企业", [HEAD, ["甲厂", ONE, "1994-10-08", ""]]))
    assert counts(run(oldest, date(2001, 1, 1))) == (0, 1, 0, 0)
    assert counts(run(oldest, date(2001, 1, 1))) == (0, 0, 1, 0)
    one.refresh_from_db()
    assert one.name == "甲集团"
    assert {f.name for f in one.former.all()} == {"甲公司", "甲厂"}
    again = run(renamed, date(2024, 1, 1))
    assert counts(again) == (0, 0, 1, 0)
    one.refresh_from_db()
    assert one.seen_on == date(2024, 1, 1), "seen again, unchanged"
    assert Business.objects.get(value=TWO).address == ""
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_several_names_for_one_code_in_one_file(tmp_path: Path) -> None:
    rows = [HEAD, ["甲公司", ONE, "", ""], ["甲集团", ONE, "", ""], ["甲公司", ONE, "", ""]]
    path = workbook(tmp_path / "a.xlsx", ("企业", rows))
    assert counts(run(path, dry_run=True)) == counts(run(path)) == (1, 1, 1, 0)
    assert counts(run(path)) == (0, 0, 3, 0), "the same file twice adds nothing"
    names = {Business.objects.get().name, *FormerRecord.objects.values_list("name", flat=True)}
    assert names == {"甲公司", "甲集团"}


@pytest.mark.django_db
def test_wrong_codes_are_refused_with_what_they_could_be(tmp_path: Path) -> None:
    run(workbook(tmp_path / "a.xlsx", ("企业", [HEAD, ["甲公司", ONE, "", ""]])))
    slip = ONE[:10] + "1" + ONE[11:]
    rows = [
        HEAD,
        ["甲公司", slip, "", ""],
        ["丙公司", slip, "", ""],
        ["丁公司", "", "", ""],
        ["", TWO, "", ""],
        ["戊公司", TWO, "三月中旬", ""],
        ["己公司", "370000000000001", "", ""],
        ["庚公司", "91110108551385082", "", ""],
    ]
    result = run(workbook(tmp_path / "b.xlsx", ("企业", rows)))
    refused = {r["row"]: (r["field"], r["reason"]) for r in result["refusals"]}
    assert set(refused) == {2, 3, 4, 5, 6, 8}
    assert ONE in refused[2][1]
    assert "已有" in refused[2][1]
    assert ONE in refused[3][1]
    assert "已有" not in refused[3][1], "another name confirms nothing"
    assert [refused[n][0] for n in (4, 5, 6, 8)] == [
        "统一社会信用代码", "企业名称", "注册日期", "统一社会信用代码",
    ]  # fmt: skip
    old = Business.objects.get(scheme="old")
    assert (old.name, old.flagged) == ("己公司", True)
    assert [(n["row"], n["field"]) for n in result["notices"]] == [(7, "统一社会信用代码")]
    assert Business.objects.count() == 2, "nothing was corrected by itself"


@pytest.mark.django_db
def test_letters_that_look_like_digits_are_said_and_not_applied(tmp_path: Path) -> None:
    slip = ONE.replace("0", "O").replace("1", "I")
    result = run(workbook(tmp_path / "a.xlsx", ("企业", [HEAD, ["甲公司", slip, "", ""]])))
    [refused] = result["refusals"]
    assert ONE in refused["reason"]
    assert not Business.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "head",
    [
        "详细名称 统一社会信用代码(18位) 成立日期 地址",
        "ENT_NAME UNI_SCID EST_DATE DOM",
        "qymc tyshxydm clrq zs",
        "市场主体名称 注册号/统一社会信用代码 成立时间 住所",
        "纳税人名称 纳税人识别号 登记日期 经营地址",
    ],
)
def test_headings_of_a_register_as_others_write_them(tmp_path: Path, head: str) -> None:
    rows = [head.split(), ["甲公司", ONE, "2001-03-05", "振兴路1号"]]
    assert counts(run(workbook(tmp_path / "a.xlsx", ("s", rows)))) == (1, 0, 0, 0)
    made = Business.objects.get()
    assert (made.name, made.value, made.registered_on) == ("甲公司", ONE, date(2001, 3, 5))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["dalian", "qingdao"])
def test_real_registers_as_they_are(tmp_path: Path, name: str) -> None:
    source = SHARED / "data" / "register" / f"{name}.csv.gz"
    if not source.exists():
        pytest.skip("the real registers are not here")
    path = tmp_path / f"{name}.csv"
    with gzip.open(source, "rt", encoding="utf-8-sig", newline="") as packed:
        rows = list(csv.reader(packed))[:3000]
    with path.open("w", encoding="gb18030", newline="") as target:
        csv.writer(target).writerows(rows)
    result = run(path, date(2020, 1, 1))
    assert (result["read"], result["accepted"] + result["refused"]) == (2999, 2999)
    assert result["accepted"] > 2900
    assert counts(run(path, date(2020, 1, 1)))[2] == result["accepted"]


DATED = ["企业名称", "统一社会信用代码", "曾用名", "更新日期"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("heading", "given", "kept"),
    [
        ("注册资本（万元）", 100, "100万元"),
        ("注册资金(单位：万元)", "1,200.5", "1,200.5万元"),
        ("注册资本（万元）", "100万美元", "100万美元"),
        ("注册资本", "100", "100"),
        ("注册资本（金）", "100", "100"),
    ],
)
def test_the_unit_of_money_in_a_heading_is_kept(
    tmp_path: Path, heading: str, given: Any, kept: str
) -> None:
    rows = [["企业名称", "统一社会信用代码", heading], ["甲公司", ONE, given]]
    run(workbook(tmp_path / "a.xlsx", ("s", rows)))
    assert Business.objects.get().capital == kept


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_latest_record_of_a_code_gives_its_name(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [
        ["甲厂", ONE, "", "2001-02-03"],
        ["甲公司", ONE, "", "2010/5/6"],
        ["甲集团", ONE, "", "2020年7月8日"],
    ]
    path = workbook(tmp_path / "a.xlsx", ("企业", [DATED, *(rows[n] for n in order)]))
    dry = counts(run(path, date(2023, 1, 1), dry_run=True))
    assert counts(run(path, date(2023, 1, 1))) == dry == (1, 2, 0, 0)
    one = Business.objects.get()
    assert (one.name, one.updated_on) == ("甲集团", date(2020, 7, 8))
    assert {f.name for f in one.former.all()} == {"甲厂", "甲公司"}
    for vintage in (2023, 2024):
        assert counts(run(path, date(vintage, 1, 1))) == (0, 0, 3, 0), "nothing is new"
    one.refresh_from_db()
    assert (one.name, one.seen_on) == ("甲集团", date(2024, 1, 1))
    assert one.former.count() == 2
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_former_names_of_a_column_are_kept(tmp_path: Path) -> None:
    rows = [
        DATED,
        ["甲集团", ONE, "甲厂、甲公司；甲厂\n甲集团", ""],
        ["乙公司", TWO, "无", ""],
    ]
    path = workbook(tmp_path / "a.xlsx", ("企业", rows))
    assert counts(run(path)) == (2, 0, 0, 0)
    assert counts(run(path)) == (0, 0, 2, 0)
    one = Business.objects.get(value=ONE)
    assert sorted(f.name for f in one.former.all()) == ["甲公司", "甲厂"]
    assert not Business.objects.get(value=TWO).former.exists()
    rows[1][2] += "、甲社"
    more = workbook(tmp_path / "b.xlsx", ("企业", rows))
    assert counts(run(more)) == (0, 1, 1, 0)
    assert {f.name for f in one.former.all()} == {"甲公司", "甲厂", "甲社", "甲集团"}
    assert counts(run(more)) == (0, 0, 2, 0)
    slip = workbook(tmp_path / "c.xlsx", ("企业", [HEAD[:2], ["甲厂", ONE[:17] + "1"]]))
    assert ONE in run(slip)["refusals"][0]["reason"]
    assert "已有" in run(slip)["refusals"][0]["reason"], "known by its former name"
    assert verify(parallel=False).ok


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["3.71500E+14", "9.11101E+17", 911101080000000000.0])
def test_a_code_that_excel_shortened_is_called_that(tmp_path: Path, code: Any) -> None:
    result = run(workbook(tmp_path / "a.xlsx", ("企业", [HEAD, ["甲公司", code, "", ""]])))
    [refused] = result["refusals"]
    assert refused["field"] == "统一社会信用代码"
    assert "E+1" in refused["reason"]
    assert "文本" in refused["reason"]
    whole = workbook(tmp_path / "b.xlsx", ("企业", [HEAD, ["乙公司", 371500000000017.0, "", ""]]))
    assert counts(run(whole)) == (1, 0, 0, 0), "all fifteen digits are there"


@pytest.mark.django_db
def test_a_record_updated_in_the_future_is_refused(tmp_path: Path) -> None:
    rows = [DATED, ["甲公司", ONE, "", "2999-01-01"], ["乙公司", TWO, "", "昨天"]]
    result = run(workbook(tmp_path / "a.xlsx", ("企业", rows)))
    assert [r["field"] for r in result["refusals"]] == ["更新日期", "更新日期"]
