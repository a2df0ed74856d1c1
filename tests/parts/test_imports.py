"""Hotline files of many shapes: nothing twice, nothing lost, each refused row named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huhang.cases.models import Case, Party, Report
from huhang.cases.queries import payload_value
from huhang.intake.hotline import VOCABULARY
from huhang.intake.importer import GROUP
from huhang.intake.imports import begin_run, import_file, open_file
from huhang.intake.models import ImportRun
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel import ids
from huhang.kernel.actor import OPERATOR
from huhang.kernel.models import Entry
from huhang.tables.faults import UnusableFile
from huhang.tables.mapping import Mapping, parse_mapping
from huhang.tables.refusals import write_refusals
from huhang.tlog.verify import verify
from tests.cast import do, found_district
from tests.conftest import SHARED

pytestmark = pytest.mark.django_db

HEAD = ["工单编号", "诉求标题", "诉求内容", "受理时间", "承办单位", "备注"]
ROWS = [
    ["T1", "路灯", "路灯不亮三个月", "2026-03-01 10:00:00", "示范区市场监督管理局", "甲"],
    ["T2", "排水", "下雨积水", "2026/3/2", "示范区工商局", ""],
    ["T3", "停车", "乱停车", "2026年3月3日", "没有这个局", ""],
]


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return path


def run(path: Path, **more: Any) -> dict[str, Any]:
    result = import_file(HotlineImporter, path, actor=OPERATOR, **more).as_json()
    counted = [result[k] for k in ("accepted", "updated", "repeated", "refused")]
    assert result["read"] == sum(counted)
    return result


def test_the_same_file_twice_adds_nothing_and_a_changed_one_updates(tmp_path: Path) -> None:
    found_district()
    path = workbook(tmp_path / "a.xlsx", ("诉求", [HEAD, *ROWS]))
    first = run(path)
    assert (first["accepted"], first["refused"]) == (3, 0)
    assert [n["field"] for n in first["notices"]] == ["承办单位"]
    units = {r.number: r.case.unit for r in Report.objects.select_related("case__unit")}
    assert units["T1"] == units["T2"], "the alias means the same unit"
    assert units["T3"] is None
    before = Entry.objects.filter(verb__in=["report", "supplement"]).count()
    assert run(path)["repeated"] == 3
    assert Entry.objects.filter(verb__in=["report", "supplement"]).count() == before
    changed = [[*r] for r in ROWS]
    changed[0] = [*changed[0][:5], "已答复"]
    again = run(workbook(tmp_path / "b.xlsx", ("诉求", [HEAD, *changed])))
    assert (again["updated"], again["repeated"]) == (1, 2)
    words = payload_value(Report.objects.get(number="T1").words)
    assert words is not None
    assert words["+备注"] == "已答复"
    assert Entry.objects.filter(verb="supplement").count() == 1
    assert verify(parallel=False).ok


def test_a_file_without_a_column_says_nothing_of_what_stood_there(tmp_path: Path) -> None:
    found_district()
    head = ["工单编号", "诉求内容", "受理时间", "答复意见", "联系电话"]
    row = ["T1", "路灯不亮", "2026-03-01", "已修复", "13800000000"]
    full = workbook(tmp_path / "full.xlsx", ("诉求", [head, row]))
    assert run(full)["accepted"] == 1
    narrow = workbook(tmp_path / "narrow.xlsx", ("诉求", [head[:3], row[:3]]))
    assert run(narrow)["repeated"] == 1, "the same content, fewer columns"
    other = workbook(
        tmp_path / "other.xlsx", ("诉求", [head[:3], ["T1", "路灯仍不亮", "2026-03-01"]])
    )
    assert run(other, dry_run=True)["updated"] == 1
    assert run(other)["updated"] == 1
    report = Report.objects.get(number="T1")
    words = payload_value(report.words) or {}
    assert (words["text"], words["reply"]) == ("路灯仍不亮", "已修复")
    assert payload_value(report.contact) == {"phone": "13800000000"}
    assert verify(parallel=False).ok


def test_whom_a_later_export_names_is_kept_out_too(tmp_path: Path) -> None:
    d = found_district()
    head = ["工单编号", "诉求内容", "承办单位", "被反映人"]
    run(workbook(tmp_path / "a.xlsx", ("s", [head, ["T1", "无人办理", "", ""]])))
    assert not Party.objects.exists()
    changed = ["T1", "无人办理", "示范区工商局", "王某"]
    assert run(workbook(tmp_path / "b.xlsx", ("s", [head, changed])))["updated"] == 1
    named = {(p.unit_id, p.person_id, p.relation, p.provisional) for p in Party.objects.all()}
    person = d.users["handler-east"].person_id
    assert named == {(d.units["market"].pk, None, "accused", True), (None, person, "accused", True)}
    assert Case.objects.get().unit == d.units["market"]
    do(d.actor("intake"), Case.objects.get(), "accept", kind="demand")
    changed[2] = "tax"
    run(workbook(tmp_path / "c.xlsx", ("s", [head, changed])))
    assert Party.objects.get(unit=d.units["tax"]).relation == "mentioned"
    assert verify(parallel=False).ok


def test_what_was_erased_does_not_come_back_with_the_same_file(tmp_path: Path) -> None:
    d = found_district()
    path = workbook(tmp_path / "a.xlsx", ("诉求", [HEAD, *ROWS]))
    run(path)
    case = Report.objects.get(number="T1").case
    case = do(d.actor("intake"), case, "decline", reason="litigation", note="请诉讼解决")
    do(d.actor("leader"), case, "erase", note="依申请清除")
    assert run(path, dry_run=True)["repeated"] == 3
    assert run(path)["repeated"] == 3
    changed = [*ROWS[0][:2], "路灯还是不亮", *ROWS[0][3:]]
    assert run(workbook(tmp_path / "b.xlsx", ("诉求", [HEAD, changed])))["repeated"] == 1
    other = ["T9", *ROWS[0][1:]]
    assert run(workbook(tmp_path / "c.xlsx", ("诉求", [HEAD, other])))["accepted"] == 1
    assert not Report.objects.filter(number="T1").exists()
    assert verify(parallel=False).ok


def test_order_names_extra_columns_sheets_and_blank_tails(tmp_path: Path) -> None:
    rows = [
        ["导出时间：2026-03-09", "", "", ""],
        ["来电时间*", "反映内容（详细）", "满意度", "流水号"],
        ["2026-03-01", "楼道堆物", "满意", 20260301001.0],
        ["", "", "", ""],
        ["2026-03-02 08:30", "噪音扰民", "", 20260301002.0],
        ["", "", "", ""],
    ]
    path = workbook(
        tmp_path / "x.xlsx", ("说明", [["本表由系统导出"]]), ("Sheet1", rows), ("空", [])
    )
    result = run(path)
    assert result["accepted"] == 2
    assert set(Report.objects.values_list("number", flat=True)) == {"20260301001", "20260301002"}


def test_bad_rows_are_named_and_can_be_corrected_and_sent_again(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ROWS[0],
        ["T8", "x", "坏日期", "三月中旬", "", ""],
        ["T9", "", "", "2026-03-01", "", ""],
    ]
    path = workbook(tmp_path / "a.xlsx", ("诉求", rows))
    result = import_file(HotlineImporter, path, actor=OPERATOR)
    assert (result.accepted, result.refused) == (1, 2)
    told = [(r.sheet, r.row, r.field) for r in result.refusals]
    assert told == [("诉求", 3, "受理时间"), ("诉求", 4, "诉求内容")]
    back = tmp_path / "refused.xlsx"
    write_refusals(back, open_file(HotlineImporter, path), result.refusals)
    book = openpyxl.load_workbook(back)
    sheet = book.active
    assert sheet is not None
    assert [c.value for c in sheet[1]][:6] == HEAD
    sheet["D2"] = "2026-03-15"
    sheet["C3"] = "补上的内容"
    book.save(back)
    again = run(back)
    assert (again["accepted"], again["refused"]) == (2, 0)
    words = payload_value(Report.objects.get(number="T8").words)
    assert words is not None
    assert not [k for k in words if "原因" in k], "the columns of the refusal are not content"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_usual_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "热线.csv"
    text = "\r\n".join(",".join(f'"{c}"' for c in row) for row in [HEAD, *ROWS]) + "\r\n\r\n"
    path.write_bytes(text.encode(encoding))
    assert run(path)["accepted"] == 3


def test_old_excel(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("诉求")
    for n, row in enumerate([HEAD, *ROWS]):
        for m, cell in enumerate(row):
            sheet.write(n, m, cell)
    book.save(str(tmp_path / "old.xls"))
    assert run(tmp_path / "old.xls")["accepted"] == 3


def test_a_mapping_names_the_columns(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", ("s", [["甲", "乙"], ["1", "内容一"], ["2", "内容二"]]))
    with pytest.raises(UnusableFile):
        import_file(HotlineImporter, path, actor=OPERATOR)
    mapping = parse_mapping(
        "source: 某热线\ncolumns: {number: 甲, text: 乙}".encode(), "m.yaml", VOCABULARY
    )
    assert run(path, mapping=mapping)["accepted"] == 2
    assert set(Report.objects.values_list("source", flat=True)) == {"某热线"}
    with pytest.raises(UnusableFile, match="丙"):
        import_file(
            HotlineImporter,
            path,
            actor=OPERATOR,
            mapping=Mapping(VOCABULARY, columns={"text": "丙"}),
        )


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken", b"\x00\x01\x02\xff\xfe\xfd", b"a,b\n1,2\n",
     "只有一行".encode()],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnusableFile, match=r"bad\.xlsx"):
        import_file(HotlineImporter, path, actor=OPERATOR)
    assert not Case.objects.exists()


def test_a_dry_run_takes_nothing_in_and_says_what_the_import_would_do(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ("诉求", [HEAD, *ROWS, ROWS[0], [*ROWS[1][:2], "改", *ROWS[1][3:]]])
    )
    dry = run(path, dry_run=True)
    assert not Entry.objects.exists()
    assert not ImportRun.objects.exists()
    real = run(path)
    assert {k: v for k, v in dry.items() if k != "notices"} == {
        k: v for k, v in real.items() if k != "notices"
    }


def test_an_interrupted_import_goes_on_where_it_was(tmp_path: Path) -> None:
    rows = [[f"N{n}", "", f"内容{n}", "2026-03-01", "", ""] for n in range(GROUP + 200)]
    path = workbook(tmp_path / "a.xlsx", ("诉求", [HEAD, *rows]))

    def stop(done: int, total: int) -> None:
        if done >= GROUP:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(HotlineImporter, path, actor=OPERATOR, progress=stop)
    assert Report.objects.count() == GROUP
    result = run(path)
    assert (result["repeated"], result["accepted"]) == (GROUP, 200)


_cell = st.one_of(st.none(), st.text(max_size=12), st.floats(allow_nan=False, allow_infinity=False),
                  st.booleans(), st.sampled_from(["#REF!", "2026-02-30", "　", "=1+1", "T1"]))  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.lists(_cell, min_size=0, max_size=8), max_size=8))
def test_any_rows_are_accepted_or_refused_and_again_add_nothing(
    tmp_path: Path, rows: list[list[Any]]
) -> None:
    path = tmp_path / "any.csv"
    import csv

    with path.open("w", newline="", encoding="utf-8", errors="replace") as out:
        csv.writer(out).writerows([HEAD, *rows])
    first = run(path)
    again = run(path)
    assert again["refused"] == first["refused"]
    assert again["accepted"] == 0


def test_the_real_file(tmp_path: Path) -> None:
    path = SHARED / "data" / "hotline" / "messages.xlsx"
    if not path.exists():
        pytest.skip("the real hotline file is not here")
    result = run(path)
    assert (result["read"], result["accepted"], result["refused"]) == (4326, 4326, 0)
    assert run(path)["repeated"] == 4326


def test_a_reference_that_is_given_already_is_drawn_again(tmp_path: Path) -> None:
    found_district()
    numbers = iter(range(1, 100))
    for name in ("一", "二"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"工单编号,诉求内容\n{name},路灯不亮\n", encoding="utf-8")
        again = iter([bytes(6)] * 2)  # of the case and the report

        def draw(n: int, again: Iterator[bytes] = again) -> bytes:
            drawn = next(again, b"") if n == 6 else b""
            return drawn or next(numbers).to_bytes(n, "little")

        run_ref = ids.new_ref()
        with ids.random_source(draw):
            begun = begin_run(
                HotlineImporter, OPERATOR, ref=run_ref, state="running", way="command",
                name=path.name, file_hash="", source="hotline",
            )  # fmt: skip
            done = import_file(HotlineImporter, path, actor=OPERATOR, run=begun)
        assert (done.accepted, done.refused) == (1, 0)
    assert Case.objects.filter(ref="00000-00000").count() == 1
    assert Case.objects.count() == 2
    assert verify(parallel=False).ok


def test_references_of_a_group_share_a_letter_and_nothing_else(tmp_path: Path) -> None:
    found_district()
    path = tmp_path / "many.csv"
    rows = "".join(f"{n},路灯不亮{n}\n" for n in range(1000))
    path.write_text(f"工单编号,诉求内容\n{rows}", encoding="utf-8")
    run(path)
    refs = Case.objects.values_list("ref", flat=True)
    assert len({ref[0] for ref in refs}) == 1
    assert len({ref[1] for ref in refs}) == 32, "chance begins with the second letter"
    assert all(ids.read_ref(ref) == ref for ref in refs)
