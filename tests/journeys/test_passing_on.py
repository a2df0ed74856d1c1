"""What leaves the office and comes back: sent up, transferred with two signatures, returned, recurring."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_console import _do, _file

pytestmark = pytest.mark.browser


def _today(w: Any) -> str:
    """Today at the office: what the form of the page "Sent up" proposes."""
    w.go("/console/sent-up/")
    return str(w.page.locator("[name=received_on]").input_value())


def test_reports_of_a_superior_organ_are_counted_and_sealed(walker: Any) -> None:
    office, english = walker(), walker()
    office.sign_in("intake")
    english.sign_in("leader", prefix="/en")
    office.go("/console/sent-up/")
    office.page.fill("[name=received_on]", "2026-01-05")
    office.page.fill("[name=count]", "2")
    office.press("登记")
    office.check("sent-up")
    english.go("/en/console/sent-up/")
    english.check("sent-up-en")
    office.page.locator("tr[data-row] select").first.select_option("city")
    office.press("登记上报 2026年1月5日")
    assert "市级" in office.page.content()

    case = _file(office, "市里某局领导收受礼金的那件事")
    office.go(f"{case}do/seal_forward/")
    assert "不得复制" in office.page.content()
    assert "以后可以重新办理" not in office.page.content(), "nothing brings it back"
    office.check("seal")
    office.page.click("main form button")
    office.settle()
    office.go(case)
    assert "收受礼金" not in office.page.content()
    office.go("/console/sent-up/")
    office.check("sent-up-sealed")


def test_a_transfer_is_signed_by_both_sides_and_answered(walker: Any) -> None:
    office, english = walker(), walker()
    office.sign_in("intake")
    english.sign_in("leader", prefix="/en")
    office.go("/console/transfers/")
    office.check("transfers-empty")
    today = _today(office)
    case = _file(office, "邻里纠纷要求公安机关处理")
    office.go(case)
    _do(office, "transfer_out", target="police", organ="示范区公安局", note="已经移交公安机关")
    office.check("case-transferred")
    office.go("/console/transfers/")
    office.check("transfers")
    english.go("/en/console/transfers/?status=all")
    english.check("transfers-en")
    office.go(case)
    _do(office, "sign_receipt", person="张某", signed_on=today, document="公收18号")
    _do(office, "record_answer", answered_on=today, note="已经调解")
    office.go("/console/transfers/?status=answered")
    office.check("transfers-answered")
    assert "张某" in office.page.content()


def test_a_unit_returns_a_case_and_a_closed_one_recurs(walker: Any) -> None:
    office, bureau = walker(), walker(phone=True)
    office.sign_in("intake")
    bureau.sign_in("market")
    case = _file(office, "污水管网堵塞一直没有人疏通")
    office.go(case)
    _do(office, "accept", kind="demand")
    _do(office, "assign", responsible="unit:market")
    bureau.go(case)
    bureau.check("case-returnable")
    bureau.go(f"{case}do/return_assignment/")
    bureau.check("return-assignment")
    bureau.go(case)
    _do(bureau, "return_assignment", reason="not_competent", note="属于住建部门职责")
    office.go(case)
    assert "退单" in office.page.content()

    again = _file(office, "污水管网又堵塞了")
    office.go(f"{again}do/recur/")
    office.check("recur")
