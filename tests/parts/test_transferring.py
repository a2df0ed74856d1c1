"""Cases given to another organ: both signatures, the answer, the way back, the register."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import python_calamine
from django.test import Client

from huhang.cases import transferring
from huhang.cases.models import Case, Transfer
from huhang.cases.queries import verbs_for
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Payload
from huhang.papers.drawing import draw
from huhang.tlog.verify import verify
from tests.cast import (
    TOKEN,
    District,
    case_of,
    do,
    file_report,
    found_district,
    token_of,
    with_code,
)
from tests.parts.test_papers import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    """On a Monday at noon; the next holiday is far away."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    return found_district()


def later(days: int) -> None:
    clock.set_frozen(clock.now() + timedelta(days=days))


def sent(d: District, *names: str, **values: Any) -> Case:
    case = case_of(file_report(d, *names))
    values = {"target": "petition_office", "note": "属于信访事项", **values}
    return do(d.actor("intake"), case, "transfer_out", **values)


def test_both_sides_sign_and_the_answer_is_noted(district: District) -> None:
    intake = district.actor("intake")
    case = sent(district, organ="茌平区信访局")
    out = Transfer.objects.get()
    assert (out.by, out.sent_on, out.due_on) == (
        district.users["intake"].ref, date(2026, 3, 2), date(2026, 3, 9),
    )  # fmt: skip
    assert transferring.status_of(out) == "sent"
    later(2)
    for signed_on in ("2026-03-01", "2026-03-05"):
        with pytest.raises(Refused) as refused:
            do(intake, case, "sign_receipt", person="张某", signed_on=signed_on)
        assert refused.value.field == "signed_on"
    case = do(
        intake, case, "sign_receipt", person="张某", signed_on="2026-03-03", document="信收18号"
    )
    assert "sign_receipt" not in verbs_for(intake, case), "it is signed for once"
    later(20)
    with pytest.raises(Refused):
        do(intake, case, "record_answer", answered_on="2026-03-02", note="早于签收")
    case = do(intake, case, "record_answer", answered_on="2026-03-20", note="已经答复信访人")
    assert case.state == "transferred"
    assert {"record_answer", "take_back"}.isdisjoint(verbs_for(intake, case))
    (row,) = transferring.rows(transferring.listed(intake))
    assert (row.status, row.organ, row.signed_by, row.document, row.outcome) == (
        "answered", "茌平区信访局", "张某", "信收18号", "已经答复信访人",
    )  # fmt: skip
    assert verify(parallel=False).ok


def test_what_comes_back_begins_anew_and_can_go_out_again(district: District) -> None:
    intake = district.actor("intake")
    case = sent(district)
    later(1)
    case = do(intake, case, "take_back", note="对方认为不属于其职责")
    assert (case.state, case.reopened) == ("accepted", 1)
    assert transferring.running(case) is None
    assert transferring.status_of(Transfer.objects.get()) == "returned"
    assert case.due_on is not None
    page = Client()
    page.force_login(district.users["intake"])
    assert "转办单位退回" in page.get(f"/console/cases/{case.ref}/").content.decode()
    assert verify(parallel=False).ok


def test_reopening_takes_it_back_too(district: District) -> None:
    case = sent(district)
    case = do(district.actor("leader"), case, "reopen", reason="new_evidence", note="有新材料")
    assert transferring.running(case) is None


def test_a_day_of_handing_over_lies_between_receipt_and_today(district: District) -> None:
    for day in ("2026-03-01", "2026-03-03"):
        with pytest.raises(Refused) as refused:
            sent(district, sent_on=day)
        assert refused.value.field == "sent_on"
    assert not Transfer.objects.exists()


def test_nobody_signs_for_what_is_not_out(district: District) -> None:
    case = case_of(file_report(district))
    for verb, values in (
        ("sign_receipt", {"person": "张某", "signed_on": "2026-03-02"}),
        ("record_answer", {"answered_on": "2026-03-02", "note": "x"}),
        ("take_back", {"note": "x"}),
    ):
        with pytest.raises(NotAllowed):
            do(district.actor("intake"), case, verb, **values)


def test_the_register_filters_sorts_and_marks_what_is_overdue(district: District) -> None:
    intake = district.actor("intake")
    first, second = sent(district), sent(district, target="police")
    later(1)
    third = sent(district, target="courts")
    do(intake, second, "sign_receipt", person="李某", signed_on="2026-03-03")
    later(7)
    do(intake, third, "take_back", note="退回")

    def refs(**wanted: Any) -> list[str]:
        return [out.case.ref for out in transferring.listed(intake, **wanted)]

    assert refs() == [first.ref, second.ref, third.ref]
    assert refs(status="open") == [first.ref, second.ref]
    assert refs(status="overdue") == [first.ref]
    assert refs(status="signed") == [second.ref]
    assert refs(status="returned") == refs(target="courts") == [third.ref]
    assert refs(status="answered") == []
    assert refs(since=date(2026, 3, 3)) == [third.ref]
    assert refs(until=date(2026, 3, 2), sort="-sent") == [first.ref, second.ref]
    assert refs(sort="-due")[0] == third.ref
    assert [r.overdue for r in transferring.rows(transferring.listed(intake))] == [
        True, False, False,
    ]  # fmt: skip
    page = Client()
    page.force_login(district.users["leader"])
    shown = page.get("/console/transfers/").content.decode()
    assert first.ref in shown
    assert third.ref not in shown
    assert "超期" in shown
    assert "没有符合" in page.get("/console/transfers/?status=answered").content.decode()


def test_whoever_is_accused_sees_no_transfer(district: District) -> None:
    case = case_of(file_report(district, persons=(district.users["handler-east"].person_id,)))
    do(district.actor("intake"), case, "transfer_out", target="police", note="已转公安")
    assert not transferring.listed(district.actor("handler-east")).exists()
    assert not transferring.listed(district.actor("supervisor")).exists()
    assert transferring.listed(district.actor("leader")).count() == 1


def test_the_register_as_files_and_for_programs(district: District) -> None:
    case = sent(district, organ="=2+3 公司")
    page = Client()
    page.force_login(district.users["intake"])
    answer = page.get("/console/transfers/?format=excel")
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    cells = [c for row in sheet.get_sheet_by_index(0).to_python() for c in row]
    assert {case.ref, "=2+3 公司", "用户intake", date(2026, 3, 2)} <= set(cells)
    table = page.get("/console/transfers/?format=csv").content.decode("utf-8-sig")
    assert "'=2+3 公司" in table
    assert "2026-03-09" in table
    program = Client(headers={"authorization": f"Bearer {token_of(district.users['intake'])}"})
    (row,) = program.get("/api/v1/transfers").json()["transfers"]
    assert (row["case"], row["organ"], row["status"]["key"], row["due_on"]) == (
        case.ref, "=2+3 公司", "sent", "2026-03-09",
    )  # fmt: skip
    assert program.get("/api/v1/transfers?target=moon").status_code == 400
    assert program.get(f"/api/v1/transfers?case={case.ref}&status=answered").json()["count"] == 0
    file = program.get("/api/v1/transfers/file?format=csv")
    assert case.ref in file.content.decode("utf-8-sig")


def test_papers_print_both_signatures(district: District) -> None:
    intake = district.actor("intake")
    case = sent(district, organ="茌平区信访局")
    for paper in ("handover", "handover_register"):
        before = text_of(draw(intake, case.ref, paper, "docx").content)
        assert "用户intake" in before
        assert "茌平区信访局" in before
        assert "张某" not in before
    do(intake, case, "sign_receipt", person="张某", signed_on="2026-03-02", document="信收18号")
    for paper in ("handover", "handover_register"):
        after = text_of(draw(intake, case.ref, paper, "docx").content)
        assert "用户intake" in after
        assert "张某" in after
        assert "2026年3月2日" in after
    assert "信收18号" in after


def test_a_number_given_before_still_shows_who_signed_later(district: District) -> None:
    from huhang.kernel.write import write
    from huhang.papers.actions import issue_number

    intake = district.actor("intake")
    case = sent(district)
    write(lambda w: issue_number(w, case.ref, "handover"), actor=intake)
    do(intake, case, "sign_receipt", person="张某", signed_on="2026-03-02")
    drawn = draw(intake, case.ref, "handover_register", "docx", "latest")
    assert "张某" in text_of(drawn.content)


def test_erasing_takes_the_names(district: District) -> None:
    intake = district.actor("intake")
    case = sent(district, organ="茌平区信访局")
    do(intake, case, "sign_receipt", person="张某", signed_on="2026-03-02")
    do(district.actor("leader"), case, "erase", note="依申请")
    (row,) = transferring.rows(transferring.listed(intake))
    assert (row.organ, row.signed_by) == ("", "")
    assert not Payload.objects.filter(body__contains="张某").exists()
    assert verify(parallel=False).ok


def test_the_reporter_is_told(district: District) -> None:
    case = case_of(file_report(district, **with_code()))
    do(district.actor("intake"), case, "transfer_out", target="police", note="已经移交公安")
    back = Client().post("/r/back/", {"login_token": TOKEN}).content.decode()
    assert "已经移交公安" in back
