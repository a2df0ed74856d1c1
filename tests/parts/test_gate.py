"""The gate: whoever is accused sees nothing; hidden and missing are the same."""

from __future__ import annotations

import pytest

from huhang.cases import actions
from huhang.cases.asking import queue
from huhang.cases.models import Case, Party
from huhang.cases.queries import access_case, verbs_for, visible_to
from huhang.cases.timeline import timeline
from huhang.kernel.actor import OPERATOR, PUBLIC, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.write import write
from huhang.parties import actions as parties
from huhang.parties.models import Membership
from huhang.parties.names import PersonNames
from tests.cast import carry, case_of, do, file_report, found_district, let_through, reporter_of

pytestmark = pytest.mark.django_db


def sees(actor: Actor, case: Case) -> bool:
    return visible_to(actor).filter(pk=case.pk).exists()


def test_until_triage_every_named_unit_counts_as_accused() -> None:
    d = found_district()
    case = case_of(file_report(d, "market"))
    assert sees(d.actor("intake"), case)
    for name in ("handler", "handler-east", "handler-tax", "supervisor", "admin"):
        assert not sees(d.actor(name), case)
    assert not sees(PUBLIC, case)


def test_a_complaint_makes_the_named_unit_responsible_and_a_clue_accused() -> None:
    d = found_district()
    complaint = case_of(file_report(d, "market", kind="complaint"))
    complaint = carry(d, complaint, to="assigned")
    assert sees(d.actor("handler"), complaint)
    clue = case_of(file_report(d, "market", kind="clue"))
    clue = do(d.actor("intake"), clue, "accept", kind="clue")
    with pytest.raises(Refused, match=r"[Aa]ccused|被"):
        do(d.actor("intake"), clue, "assign", responsible="market")
    clue = do(d.actor("intake"), clue, "assign", responsible="group-1")
    assert not sees(d.actor("handler"), clue)
    assert not sees(d.actor("handler-east"), clue)
    assert sees(d.actor("supervisor"), clue)


def test_a_unit_that_a_report_named_stays_mentioned_under_a_responsible_group() -> None:
    d = found_district()
    intake = d.actor("intake")

    def stand(case: Case) -> set[tuple[str, str]]:
        parties = Party.objects.filter(case=case).select_related("unit", "group")
        return {(p.relation, str((p.unit or p.group).code)) for p in parties}  # type: ignore[union-attr]

    case = carry(d, case_of(file_report(d, "market", "tax", kind="complaint")), to="accepted")
    case = do(intake, case, "assign", responsible="group:group-1", co_handling=["town"])
    assert stand(case) == {
        ("responsible", "group-1"), ("co_handling", "town"),
        ("mentioned", "market"), ("mentioned", "tax"),
    }  # fmt: skip
    assert case.unit == d.units["market"]
    assert not sees(d.actor("handler"), case), "being named gives nobody a part"
    last = timeline(intake, case)[-1]
    assert "示范区市场监督管理局" in str(last) or "Market Regulation Bureau" in str(last)
    case = do(intake, case, "assign", responsible="market", co_handling=["tax"])
    assert stand(case) == {("responsible", "market"), ("co_handling", "tax")}
    assert sees(d.actor("handler"), case)
    case = do(intake, case, "assign", responsible="group:group-2")
    assert stand(case) == {("responsible", "group-2"), ("mentioned", "market")}
    assert not sees(d.actor("handler"), case)


def test_a_unit_that_is_accused_is_not_mentioned_beside() -> None:
    d = found_district()
    clue = case_of(file_report(d, "market", kind="clue"))
    clue = do(d.actor("intake"), clue, "accept", kind="clue")
    clue = do(d.actor("intake"), clue, "assign", responsible="group:group-2")
    parties = Party.objects.filter(case=clue, unit=d.units["market"])
    assert [p.relation for p in parties] == ["accused"]


def test_a_unit_below_the_accused_is_excluded_and_one_above_is_not() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market-east", kind="complaint")), to="accepted")
    case = do(d.actor("intake"), case, "assign", responsible="market", supervising="group-1")
    assert sees(d.actor("handler"), case)
    case = do(d.actor("leader"), case, "accuse", accused=["unit:market-east"], note="涉及该所")
    assert not sees(d.actor("handler-east"), case)
    assert sees(d.actor("handler"), case)
    case = do(d.actor("leader"), case, "accuse", accused=["unit:market"], note="涉及该局")
    assert not sees(d.actor("handler"), case)
    assert not Party.objects.filter(case=case, relation="responsible").exists()


def test_a_person_and_a_group_can_be_accused() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market-east", kind="complaint")), to="accepted")
    case = do(d.actor("intake"), case, "assign", responsible="market-east", supervising="group-1")
    for name in ("handler-east", "handler", "supervisor"):
        assert sees(d.actor(name), case)
    case = do(d.actor("leader"), case, "accuse", accused=["person:handler-east"], note="涉及该人")
    assert not sees(d.actor("handler-east"), case)
    assert sees(d.actor("handler"), case)
    case = do(d.actor("leader"), case, "accuse", accused=["group:group-1"], note="涉及该组")
    assert not sees(d.actor("supervisor"), case)
    assert not Party.objects.filter(case=case, relation="supervising").exists()
    with pytest.raises(Refused):
        do(d.actor("leader"), case, "accuse", accused=["person:nobody"], note="x")


def test_a_person_whom_a_report_names_is_kept_out_before_and_after_triage() -> None:
    d = found_district()
    named = PersonNames().find_all("王某，窗口负责人")
    assert named == (d.users["handler-east"].person_id,)
    case = case_of(file_report(d, "market-east", persons=named))
    case = do(d.actor("intake"), case, "accept", kind="demand")
    case = do(d.actor("intake"), case, "assign", responsible="market-east")
    assert not sees(d.actor("handler-east"), case)
    assert sees(d.actor("handler"), case), "the unit itself is responsible, not accused"


def test_no_adverse_finding_before_the_accused_were_heard() -> None:
    d = found_district()
    for accused in ([], ["person:handler-east"]):
        case = carry(d, case_of(file_report(d, "market")), to="assigned")
        if accused:
            case = do(d.actor("intake"), case, "accuse", accused=accused, note="涉及该人")
        case = do(d.actor("handler"), case, "investigate")
        if accused:
            with pytest.raises(NotAllowed):
                do(d.actor("handler"), case, "find", finding="partly", note="x")
            case = do(
                d.actor("handler"),
                case,
                "hear",
                note="听取说明",
                told_route=True,
                who="窗口负责人",
                route="review",
            )
        assert do(d.actor("handler"), case, "find", finding="partly", note="x").state == "found"


def test_merging_into_an_assigned_case_gives_nobody_a_part_in_it() -> None:
    d = found_district()
    going_on = carry(d, case_of(file_report(d, "market")), to="assigned")
    other = case_of(file_report(d, "tax"))
    do(d.actor("intake"), other, "merge", into=going_on.ref)
    assert not sees(d.actor("handler-tax"), going_on)
    assert Party.objects.get(case=going_on, unit=d.units["tax"]).relation == "mentioned"


def test_merging_before_triage_keeps_those_named_out() -> None:
    d = found_district()
    other = case_of(file_report(d, "market"))
    going_on = case_of(file_report(d))
    do(d.actor("intake"), other, "merge", into=going_on.ref)
    party = Party.objects.get(case=going_on)
    assert (party.relation, party.provisional) == ("accused", True)
    going_on = do(
        d.actor("intake"), case_of(going_on.reports.all()[0]), "accept", kind="clue", units=["tax"]
    )
    for case in (going_on, Case.objects.get(pk=other.pk)):
        accused = Party.objects.filter(case=case, relation="accused")
        assert {p.unit_id for p in accused} == {d.units["market"].pk, d.units["tax"].pk}
    with pytest.raises(Refused):
        do(d.actor("intake"), going_on, "assign", responsible="market")


def test_whoever_left_an_accused_unit_stays_out_of_its_cases() -> None:
    d = found_district()
    write(
        lambda w: parties.add_membership(w, "handler", role="intake", group="office"),
        actor=OPERATOR,
    )
    case = case_of(file_report(d, "market", kind="clue"))
    assert not sees(d.actor("handler"), case)
    own = Membership.objects.get(user=d.users["handler"], unit__isnull=False)
    write(lambda w: parties.end_membership(w, "handler", own.pk), actor=OPERATOR)
    assert d.actor("handler").units == frozenset()
    assert not sees(d.actor("handler"), case)


def test_what_the_reporter_raised_to_accused_stays_so() -> None:
    d = found_district()
    case = case_of(file_report(d, "market", kind="complaint", accuse=True))
    case = do(d.actor("intake"), case, "accept", kind="complaint")
    assert Party.objects.get(case=case).relation == "accused"


def test_hidden_and_missing_are_told_alike() -> None:
    d = found_district()
    case = case_of(file_report(d, "market"))
    messages = []
    for ref in (case.ref, "00000-00000", "nonsense"):
        with pytest.raises(Missing) as hidden:
            access_case(d.actor("handler"), ref)
        messages.append(str(hidden.value))
    assert len(set(messages)) == 1
    with pytest.raises(Missing):
        do(d.actor("handler"), case, "note", note="x")


def test_merging_takes_the_accused_along() -> None:
    d = found_district()
    going_on = carry(d, case_of(file_report(d, "tax", kind="clue")), to="accepted")
    other = case_of(file_report(d, "market", kind="clue"))
    do(d.actor("intake"), other, "merge", into=going_on.ref)
    accused = Party.objects.filter(case=going_on, relation="accused")
    assert {p.unit_id for p in accused} == {d.units["tax"].pk, d.units["market"].pk}


def found(actor: Actor, text: str) -> list[int]:
    """The cases that a search finds."""
    return queue(actor, text=text).keys(100)


def test_search_finds_nothing_of_a_hidden_case() -> None:
    from huhang.config.reactions import close_off

    d = found_district()
    carry(d, case_of(file_report(d, "market", text="证照办理拖延")), to="assigned")
    clue = case_of(file_report(d, "market", text="证照科索要好处", kind="clue"))
    close_off()
    assert len(found(d.actor("intake"), "证照")) == 2
    assert found(d.actor("intake"), "索要") == [clue.pk]
    assert found(d.actor("intake"), "好") == [clue.pk]
    assert found(d.actor("intake"), "照科索") == [clue.pk]
    assert not found(d.actor("intake"), "索科")
    assert len(found(d.actor("intake"), "示范区工商局")) == 2, "by an alias of its unit"
    assert found(d.actor("intake"), clue.ref[:5]) == [clue.pk], "by a part of its reference"
    assert len(found(d.actor("intake"), "%")) == 0, "nothing to search for"
    assert len(found(d.actor("handler"), "示范区工商局")) == 1
    assert len(found(d.actor("handler"), "证照")) == 1
    assert not found(d.actor("handler"), "索要")


def test_the_reporter_replies_and_rates_only_their_own_case() -> None:
    d = found_district()
    report = file_report(d, "market")
    case = carry(d, case_of(report), to="fed_back")
    other = case_of(file_report(d, "tax"))
    reporter = reporter_of(report)
    assert verbs_for(reporter, case) == ["rate", "reply"]
    with pytest.raises(Missing):
        do(reporter, other, "reply", note="x")
    case = do(reporter, case, "rate", rating="5")
    assert case.rating == 5
    with pytest.raises(NotAllowed):
        do(reporter, case, "rate", rating="1")


def test_whoever_submitted_cannot_verify() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="clue")), to="accepted")
    case = do(d.actor("intake"), case, "assign", responsible="group-1", supervising="group-1")
    s = d.actor("supervisor")
    for verb, values in (
        ("investigate", {}), ("hear", {"note": "x", "told_route": True, "who": "窗口负责人", "route": "review"}),
        ("find", {"finding": "partly", "note": "x"}), ("rectify", {"note": "x"}),
        ("submit", {"note": "x"}),
    ):  # fmt: skip
        case = let_through(d, do(s, case, verb, **values))
    with pytest.raises(NotAllowed):
        do(s, case, "verify", note="x")
    assert "verify" not in verbs_for(s, case)
    write(lambda w: actions.perform(w, case.ref, "verify", note="ok"), actor=d.actor("leader"))
