"""How approvals, clocks, sealing, recusal and merging meet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huhang.cases import accounting, approving, auditing
from huhang.cases.models import Approval, Case, Clock, Party, Report
from huhang.config.reactions import close_off
from huhang.intake import retaliation
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, PUBLIC
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.write import write
from huhang.parties import actions as people
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import District, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
NAMED = {"anonymous": False, "contact": {"name": "王某", "phone": "000"}}


def on(month: int, day: int) -> None:
    clock.set_frozen(datetime(2026, month, day, 4, tzinfo=UTC))


@pytest.fixture
def district() -> District:
    on(3, 2)
    return found_district()


def clue(d: District, *, assigned: bool = False, **more: object) -> Case:
    case = case_of(file_report(d, "tax", kind="clue", **more))
    case = do(d.actor("intake"), case, "accept", kind="clue")
    return do(d.actor("intake"), case, "assign", responsible="group-1") if assigned else case


def test_an_accused_auditor_learns_nothing_by_its_sealing(district: District) -> None:
    case = case_of(file_report(district, "tax", kind="clue"))
    do(district.actor("intake"), case, "accept", kind="clue", raise_accused=["person:auditor"])
    auditor = district.actor("auditor")

    def seen() -> list[str]:
        rows = auditing.all_rows(auditor, auditing.Wanted())
        return [row.verb for row in rows if row.ref == case.ref]

    assert seen() == []
    do(district.actor("intake"), case, "seal_forward")
    close_off()
    assert seen() == ["seal_forward"], "that something was sealed, as everybody learns by the count"


def test_what_accuses_somebody_goes_into_no_case_that_accuses_nobody(district: District) -> None:
    case = clue(district, text="税务人员索贿")
    other = case_of(file_report(district, "market", kind="complaint"))
    other = do(district.actor("intake"), other, "accept", kind="complaint")
    with pytest.raises(Refused) as refused:
        do(district.actor("intake"), case, "merge", into=other.ref)
    assert refused.value.field == "into"
    do(district.actor("intake"), other, "merge", into=case.ref)


def test_what_waits_on_a_case_falls_when_another_goes_into_it(district: District) -> None:
    case = clue(district, assigned=True)
    do(district.actor("supervisor"), case, "conclude", finding="unfounded", note="失实")
    do(district.actor("intake"), clue(district), "merge", into=case.ref)
    assert Approval.objects.get(case=case).state == "fallen"
    assert verify(parallel=False).ok


def test_what_waits_falls_when_somebody_with_a_part_in_it_is_kept_out(district: District) -> None:
    case = clue(district, assigned=True)
    do(district.actor("supervisor"), case, "talk", note="约谈")
    do(district.actor("leader"), case, "accuse", accused=["unit:town"], note="涉及")
    assert Approval.objects.get(case=case).state == "pending", "somebody else"
    name = district.users["supervisor"].username
    reason = next(iter(current().recusal_reasons))
    do(district.actor("leader"), case, "recuse", user=name, reason=reason)
    assert Approval.objects.get(case=case).state == "fallen"
    other = clue(district, assigned=True)
    do(district.actor("supervisor"), other, "talk", note="约谈")
    do(district.actor("intake"), other, "assign", responsible="group-2")
    assert Approval.objects.get(case=other).state == "fallen", "another group proposes anew"
    assert verify(parallel=False).ok


def test_whoever_proposed_records_no_signature_while_another_can(district: District) -> None:
    both = district.users["supervisor"]
    write(
        lambda w: people.add_membership(w, both.username, role="intake", group="office"),
        actor=OPERATOR,
    )
    case = clue(district, assigned=True)
    do(district.actor("supervisor"), case, "talk", note="约谈")
    waits = Approval.objects.get(case=case)
    with pytest.raises(NotAllowed):
        write(
            lambda w: approving.sign(w, waits.ref, signer="查无此人", signed_on=clock.today()),
            actor=district.actor("supervisor"),
        )


def test_whoever_withdrew_is_not_accused_of_retaliation(district: District) -> None:
    case = clue(district, assigned=True)
    reason = next(iter(current().recusal_reasons))
    do(district.actor("intake"), case, "recuse", reason=reason)
    report = Report.objects.get(case=case)
    filed = write(
        lambda w: retaliation.raise_retaliation(w, report, "被打击报复", "t" * 43), actor=PUBLIC
    )
    person = district.users["intake"].person_id
    assert not Party.objects.filter(
        case_id=filed.case_id, relation="accused", person_id=person
    ).exists()


def test_what_stands_still_is_not_given_another_rule(district: District) -> None:
    intake = district.actor("intake")
    case = case_of(file_report(district))
    case = do(intake, case, "accept", kind="complaint", nature="market_complaint")
    case = do(intake, case, "pause", reason="appraisal", note="送检")
    with pytest.raises(NotAllowed):
        do(intake, case, "regrade", nature="environment_complaint", note="改")
    case = do(intake, case, "resume")
    do(intake, case, "regrade", nature="environment_complaint", note="改")


def test_what_is_owed_to_a_named_reporter_is_owed_where_the_report_goes(district: District) -> None:
    into = clue(district)
    on(3, 3)
    named = case_of(file_report(district, "tax", kind="clue", **NAMED))
    owed = Clock.objects.get(case=named)
    do(district.actor("intake"), named, "merge", into=into.ref)
    kept = Clock.objects.get(case=into, rule="clue-told-15")
    assert (kept.started_on, kept.due_on, kept.stopped_on) == (owed.started_on, owed.due_on, None)
    assert Case.objects.get(pk=into.pk).due_on == owed.due_on
    assert verify(parallel=False).ok


def test_only_the_duty_to_conclude_calls_units_to_account(district: District) -> None:
    case = case_of(file_report(district))
    case = do(district.actor("intake"), case, "accept", kind="demand", nature="enterprise_demand")
    do(district.actor("intake"), case, "assign", responsible="market", supervising="group-1")
    on(3, 10)
    assert accounting.raise_overdue() == 0, "nobody answered the firm: that is the office's"
    on(3, 30)
    assert accounting.raise_overdue() == 1
