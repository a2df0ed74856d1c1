"""The ledger as Excel: what offices print and send on."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client

from huhang.cases.models import Case
from huhang.config.reactions import close_off
from huhang.insight import ledger
from tests.cast import carry, case_of, file_report, found_district

pytestmark = pytest.mark.django_db


def test_one_line_for_each_case_ready_to_print() -> None:
    d = found_district()
    file_report(d, "tax", text="=1+1 这样的标题不是公式")
    carry(d, case_of(file_report(d, "market")), to="closed")
    cases = Case.objects.select_related("unit").order_by("id")
    book = openpyxl.load_workbook(io.BytesIO(ledger.workbook(cases, "zh-hans", "台账")))
    sheet = book.active
    heads = [c.value for c in sheet[3]]
    rows = [
        dict(zip(heads, (c.value for c in row), strict=True)) for row in sheet.iter_rows(min_row=4)
    ]
    assert len(rows) == 2
    assert rows[0]["标题"].startswith("=1+1")
    assert sheet.cell(4, 2).data_type == "s"
    assert rows[1]["责任单位"] == "示范区市场监督管理局"
    assert rows[1]["核查结论"] == "属实"
    assert (sheet.freeze_panes, sheet.page_setup.orientation) == ("C4", "landscape")
    assert sheet.auto_filter.ref
    assert sheet.print_title_rows == "$3:$3"


def test_the_queue_is_saved_as_it_is_filtered_and_seen() -> None:
    d = found_district()
    file_report(d, "market", text="第一件")
    file_report(d, "tax", text="第二件", accuse=True)
    close_off()

    def titles(name: str, **query: str) -> list[str]:
        client = Client()
        client.force_login(d.users[name])
        answer = client.get("/console/cases/", {**query, "format": "excel"})
        assert answer.status_code == 200
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        return [row[1].value for row in sheet.iter_rows(min_row=4)]

    assert sorted(titles("intake")) == ["第一件", "第二件"]
    assert titles("intake", q="第二") == ["第二件"]
    assert titles("handler") == [], "whoever is named sees nothing before triage"
