"""Before a text goes to whom it concerns: a report's own words stay, or somebody answers for them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import orjson
import pytest
from docx import Document

from huhang.cases.flow import REPEATED
from huhang.cases.models import Case
from huhang.kernel.errors import Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.papers import actions, drawing
from huhang.tlog.verify import verify
from tests.cast import (
    HEARD,
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    let_through,
    reporter_of,
)

pytestmark = pytest.mark.django_db
SAID = "窗口的王科长让我先交三百元才肯收材料，我没有给"
PIECE = "先交三百元才肯收材料"
CONTACT = {"name": "李小明", "phone": "13805431234"}


@pytest.fixture
def district() -> District:
    return found_district()


def submitted(district: District, **more: Any) -> Case:
    more = {"kind": "complaint", "text": SAID, **more}
    case = carry(district, case_of(file_report(district, "market", **more)), to="assigned")
    return carry(district, case, to="submitted")


def clue(district: District) -> Case:
    case = case_of(file_report(district, "market", kind="clue", text=SAID, accuse=True))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    return do(district.actor("intake"), case, "assign", responsible="group-1")


def refused(district: District, who: str, case: Case, verb: str, **values: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        do(district.actor(who), case, verb, **values)
    return caught.value


@pytest.mark.parametrize("verb", ["urge", "send_back", "disclose"])
def test_the_writer_is_shown_the_words_and_may_let_them_out(district: District, verb: str) -> None:
    case = submitted(district)
    error = refused(district, "leader", case, verb, note=f"反映“{PIECE}”一事请核实")
    assert error.field == REPEATED
    assert f"「{PIECE}」" in str(error)
    assert "请核实" not in str(error)
    do(district.actor("leader"), case, verb, note=f"反映“{PIECE}”一事请核实", repeated=True)
    head = orjson.loads(Entry.objects.filter(case_id=case.pk, verb=verb).get().manifest)
    assert head[REPEATED] == 1
    assert verify(parallel=False).ok


@pytest.mark.parametrize("verb", ["urge", "send_back", "disclose"])
def test_words_of_ones_own_need_no_word(district: District, verb: str) -> None:
    case = submitted(district)
    do(district.actor("leader"), case, verb, note="请说明收取费用的依据")
    entry = Entry.objects.filter(case_id=case.pk, verb=verb).get()
    assert REPEATED not in orjson.loads(entry.manifest)


def test_of_a_confidential_case_nothing_leaves_whatever_is_confirmed(district: District) -> None:
    case = clue(district)
    for confirmed in (False, True):
        error = refused(
            district, "intake", case, "urge", note=f"关于{PIECE}的线索", repeated=confirmed
        )
        assert error.field == "note"
        assert PIECE in str(error)
    do(district.actor("intake"), case, "urge", note="线索请抓紧核实")


def test_a_named_reporter_who_accuses_nobody_is_answered_for_by_the_public_alone(
    district: District,
) -> None:
    case = submitted(district, contact=CONTACT, anonymous=False)
    do(district.actor("leader"), case, "urge", note=f"{PIECE}，请答复")
    assert refused(district, "leader", case, "disclose", note=PIECE).field == REPEATED


@pytest.mark.parametrize("piece", ["李小明", "138-0543-1234"])
def test_a_name_and_a_number_never_become_public(district: District, piece: str) -> None:
    said = f"{SAID}。我是李小明，电话13805431234"
    case = submitted(district, text=said, contact=CONTACT, anonymous=False)
    error = refused(district, "leader", case, "disclose", note=f"{piece}反映", repeated=True)
    assert error.field == "note"
    assert f"「{piece}」" in str(error)


def test_a_guess_at_the_reporters_name_is_confirmed_to_nobody_who_may_not_know_it(
    district: District,
) -> None:
    case = submitted(district, contact=CONTACT)
    do(district.actor("leader"), case, "urge", note="李小明说过此事")
    assert refused(district, "intake", case, "urge", note="李小明说过此事").field == REPEATED


def test_what_the_reporter_wrote_later_counts_as_well(district: District) -> None:
    report = file_report(district, "market", kind="complaint", text=SAID)
    case = carry(district, case_of(report), to="accepted")
    case = do(reporter_of(report), case, "reply", note="我在二楼三号窗口又等了两小时")
    error = refused(district, "intake", case, "urge", note="二楼三号窗口又等了两小时，请解释")
    assert "二楼三号窗口又等了两小时" in str(error)


def test_the_name_of_a_unit_is_nobodys_own(district: District) -> None:
    case = case_of(
        file_report(district, "market", kind="complaint", text="示范区市场监督管理局收费")
    )
    case = carry(district, case, to="assigned")
    do(district.actor("intake"), case, "urge", note="请示范区市场监督管理局抓紧")


def text_of(content: bytes) -> str:
    assert zipfile.is_zipfile(io.BytesIO(content))
    document = Document(io.BytesIO(content))
    rows = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([p.text for p in document.paragraphs] + rows)


def issue(district: District, case: Case, paper: str, **more: Any) -> Any:
    intake = district.actor("intake")
    return write(lambda w: actions.issue_number(w, case.ref, paper, **more), actor=intake)


def test_a_letter_to_the_unit_is_numbered_when_somebody_answers_for_its_words(
    district: District,
) -> None:
    case = submitted(district)
    with pytest.raises(Refused, match=SAID.split("，")[0]):  # the title begins as the report does
        issue(district, case, "rectification")
    made = issue(district, case, "rectification", repeated=True)
    entry = Entry.objects.get(verb="issue_number")
    assert orjson.loads(entry.manifest)[REPEATED] >= 1
    assert made.serial


def test_a_letter_of_a_confidential_case_bears_its_reference(district: District) -> None:
    case = do(district.actor("intake"), clue(district), "urge", note="请抓紧核实")
    issue(district, case, "urging")
    drawn = drawing.draw(district.actor("intake"), case.ref, "urging", "docx", "latest")
    text = text_of(drawn.content)
    assert case.ref in text
    assert "王科长" not in text
    own = drawing.draw(district.actor("intake"), case.ref, "registration", "docx")
    assert SAID in text_of(own.content), "the office's own form says what was reported"


def test_facts_that_repeat_the_report_keep_a_confidential_letter_back(district: District) -> None:
    case = clue(district)
    supervisor = district.actor("supervisor")
    case = let_through(district, do(supervisor, case, "investigate"))
    case = do(supervisor, case, "hear", **HEARD)
    case = do(supervisor, case, "find", finding="substantiated", note=f"查明{PIECE}属实")
    with pytest.raises(Refused, match=PIECE):
        issue(district, case, "rectification", repeated=True)


def test_a_hand_over_is_warned_about_and_goes(district: District) -> None:
    case = case_of(file_report(district, "market", kind="complaint", text=SAID))
    case = do(district.actor("intake"), case, "transfer_out", target="police", note=PIECE)
    issue(district, case, "handover")
