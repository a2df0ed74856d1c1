"""A report that tells of several matters: a part becomes a case of its own, and neither tells of the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huhang.cases.models import Case, Party, Report, Split
from huhang.cases.queries import payload_value, visible_to
from huhang.cases.splits import beside
from huhang.cases.timeline import timeline
from huhang.intake import clerk, reporter_code, splitting
from huhang.intake.actions import login_hash
from huhang.intake.retaliation import raise_once
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.tlog.verify import verify
from tests.cast import (
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    reporter_of,
    token_of,
    with_code,
)

pytestmark = pytest.mark.django_db
TEXT = "第二件事：税务局窗口工作人员索要好处"


@pytest.fixture
def district() -> District:
    return found_district()


def part(**given: Any) -> clerk.Written:
    return clerk.Written(
        **{"channel": "", "kind": "clue", "text": TEXT, "units": ("tax",), **given}
    )


def split(
    d: District, report: Report, name: str = "intake", token: str = "ef" * 32, **given: Any
) -> Case:
    ref = splitting.split_once(
        case_of(report).ref, report.ref, part(**given), token, actor=d.actor(name)
    )
    return Case.objects.get(ref=ref)


def seen_by(d: District, case: Case) -> set[str]:
    return {n for n in d.users if visible_to(d.actor(n)).filter(pk=case.pk).exists()}


def test_it_is_a_case_of_its_own_and_the_first_goes_on_unchanged(district: District) -> None:
    report = file_report(
        district, "market", **with_code(), contact={"name": "张三"}, anonymous=False
    )
    first = carry(district, case_of(report), to="investigating")
    before = Entry.objects.filter(case_id=first.pk).count()
    case = split(district, report)
    assert (case.kind, case.state, case.ref != first.ref) == ("clue", "received", True)
    assert Case.objects.get(pk=first.pk).version == first.version
    assert Entry.objects.filter(case_id=first.pk).count() == before
    made = Report.objects.get(case=case)
    assert payload_value(made.words) == {"text": TEXT}
    assert payload_value(made.contact) == {"name": "张三"}
    assert made.contact != report.contact, "erasing one leaves the other"
    assert (made.channel, made.anonymous, made.taken_by) == (
        report.channel, False, district.users["intake"].ref,
    )  # fmt: skip
    assert {(p.unit_id, p.relation) for p in Party.objects.filter(case=case)} == {
        (district.units["tax"].pk, "accused")
    }
    assert verify(parallel=False).ok


def test_who_is_accused_in_one_learns_nothing_of_it_from_the_other(district: District) -> None:
    report = file_report(district, "tax", kind="demand")
    first = do(district.actor("intake"), case_of(report), "accept", kind="demand")
    first = do(district.actor("intake"), first, "assign", responsible="tax")
    case = split(district, report, units=("tax",))
    assert "handler-tax" in seen_by(district, first)
    assert "handler-tax" not in seen_by(district, case)
    for name in ("intake", "leader"):
        assert beside(district.actor(name), first) == [case]
        assert beside(district.actor(name), case) == [first]
    assert beside(district.actor("handler-tax"), first) == []
    client = Client()
    client.force_login(district.users["handler-tax"])
    page = client.get(f"/console/cases/{first.ref}/").content.decode()
    assert case.ref not in page
    assert "其他部分" not in page
    client.force_login(district.users["intake"])
    assert case.ref in client.get(f"/console/cases/{first.ref}/").content.decode()
    assert first.ref in client.get(f"/console/cases/{case.ref}/").content.decode()
    words = [line["what"] for line in timeline(district.actor("intake"), first)]
    assert not any("拆" in word for word in words)


def test_whoever_withdrew_is_kept_out_of_the_part_and_a_minor_stays_one(district: District) -> None:
    report = file_report(district, "market", minor=True)
    do(district.actor("intake-2"), case_of(report), "recuse", reason="relative", why="亲属")
    case = split(district, report)
    assert "intake-2" not in seen_by(district, case)
    assert case.minor


def test_the_same_token_gives_one_case_and_parts_are_told_apart(district: District) -> None:
    report = file_report(district, "market")
    one = split(district, report)
    assert split(district, report) == one
    other = split(district, report, token="ab" * 32)
    assert [p.case for p in splitting.parts_of(report)] == [one, other]
    assert beside(district.actor("intake"), one) == [case_of(report), other]


def test_parts_merged_away_are_linked_where_they_went(district: District) -> None:
    report = file_report(district, "market")
    one = split(district, report, kind="demand", units=("market",))
    into = case_of(file_report(district, "market"))
    do(district.actor("intake"), one, "merge", into=into.ref)
    assert beside(district.actor("intake"), case_of(report)) == [into]
    assert splitting.parts_of(report)[0].case == into


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"kind": "none"}, "kind"),
        ({"units": ("nowhere",)}, "units"),
        ({"text": "长" * 200_000}, "text"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_kept(
    district: District, given: dict[str, Any], field: str
) -> None:
    report = file_report(district, "market")
    with pytest.raises(Refused) as refused:
        split(district, report, **given)
    assert refused.value.field == field
    assert (Case.objects.count(), Split.objects.count()) == (1, 0)


def test_only_who_takes_in_or_leads_splits_and_only_before_a_finding(district: District) -> None:
    report = file_report(district, "market")
    first = carry(district, case_of(report), to="investigating")
    for name in ("handler", "supervisor"):
        with pytest.raises(NotAllowed):
            split(district, report, name)
    with pytest.raises(Missing):
        split(district, report, "handler-tax")
    with pytest.raises(Missing):
        splitting.split_once(
            first.ref, "00000-00000", part(), "aa" * 32, actor=district.actor("intake")
        )
    do(district.actor("handler"), first, "find", finding="unfounded", note="x")
    with pytest.raises(NotAllowed):
        split(district, report, "leader")


def test_sealing_a_part_takes_the_link_and_sealing_the_whole_leaves_the_way_to_the_part(
    district: District,
) -> None:
    report = file_report(district, "market", **with_code())
    case, other = split(district, report), split(district, report, token="ab" * 32)
    do(district.actor("intake"), other, "seal_forward")
    assert Split.objects.get().part.case == case
    do(district.actor("intake"), case_of(report), "seal_forward")
    assert [p.case for p in splitting.parts_of(Report.objects.get(pk=report.pk))] == [case]
    assert beside(district.actor("intake"), case) == []
    assert Case.objects.get(pk=case.pk).state == "received"
    assert verify(parallel=False).ok


def test_parts_of_parts_belong_to_one_reporter_and_are_linked(district: District) -> None:
    report = file_report(district, "market")
    one = split(district, report)
    two = split(district, Report.objects.get(case=one), token="ab" * 32)
    assert [p.case for p in splitting.parts_of(report)] == [one, two]
    assert beside(district.actor("leader"), two) == [case_of(report), one]


def test_the_mark_of_a_part_opens_nothing(district: District) -> None:
    code = reporter_code.new_code()
    report = file_report(district, "market")
    split(district, report, token=reporter_code.login_token(code))
    page = Client().post("/r/back/", {"code": code})
    assert page.status_code == 400


def test_retaliation_is_out_of_reach_of_whoever_any_part_concerns(district: District) -> None:
    report = file_report(district, "market", **with_code())
    part_case = split(district, report, units=("tax",))
    do(district.actor("intake-2"), part_case, "recuse", reason="relative", why="亲属")
    raise_once(report, "被要求撤回", "cd" * 32, actor=reporter_of(report))
    case = Report.objects.get(login_hash=login_hash("cd" * 32)).case
    assert {"handler", "handler-tax", "intake-2"}.isdisjoint(seen_by(district, case))
    assert {p.unit_id for p in Party.objects.filter(case=case, unit__isnull=False)} == {
        district.units["market"].pk, district.units["tax"].pk,
    }  # fmt: skip


def test_the_reporter_follows_both_with_one_code(district: District) -> None:
    code = reporter_code.new_code()
    report = file_report(district, "market", login_hash=clerk.code_hash(code))
    case = split(district, report)
    made = Report.objects.get(case=case)
    other = Report.objects.get(
        case=split(district, file_report(district, "market"), token="ab" * 32)
    )
    do(district.actor("intake"), case, "message", note="请补充时间地点")
    visitor = Client()

    def ask(**sent: str) -> tuple[int, str]:
        answer = visitor.post("/r/back/", {"code": code, **sent})
        return answer.status_code, answer.content.decode()

    status, page = ask()
    assert status == 200
    assert TEXT in page
    assert "请补充时间地点" in page
    status, page = ask(do="reply", note="三月五日上午", part=made.ref, mark="m1")
    assert (status, "三月五日上午" in page) == (200, True)
    assert made.messages.filter(from_reporter=True).count() == 1
    assert not report.messages.exists()
    status, page = ask(do="reply", note="不该收到", part=other.ref, mark="m2")
    assert status == 400
    assert not other.messages.exists()
    status, page = ask(do="reply", note=" ", part=made.ref, mark="m3")
    assert status == 400


def test_the_form_and_the_program_do_it(district: District) -> None:
    report = file_report(district, "market", text="两件事")
    place = f"/en/console/cases/{case_of(report).ref}/reports/{report.ref}/split/"
    client = Client()
    client.force_login(district.users["leader"])
    page = client.get(place).content.decode()
    assert "两件事" in page
    assert (
        "Split off a part"
        in client.get(f"/en/console/cases/{case_of(report).ref}/").content.decode()
    )
    refused = client.post(place, {"kind": "clue", "text": ""})
    assert refused.status_code == 400
    sent = {"kind": "clue", "text": TEXT, "units": ["tax"], "server_code": reporter_code.new_code()}
    for _twice in range(2):
        assert client.post(place, sent).status_code == 200
    assert Split.objects.count() == 1
    client.force_login(district.users["handler"])
    assert client.get(place).status_code == 404
    program = Client(
        headers={"authorization": f"Bearer {token_of(district.users['intake'], 'report')}"}
    )
    body = {"case": case_of(report).ref, "report": report.ref, "kind": "demand", "text": "第三件事"}
    answer = program.post("/api/v1/reports/split", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    made = Case.objects.get(ref=answer.json()["ref"])
    assert made.kind == "demand"
    reader = Client(
        headers={"authorization": f"Bearer {token_of(district.users['leader'], 'read')}"}
    )
    shown = reader.get(f"/api/v1/cases/{made.ref}").json()
    assert shown["beside"] == [case_of(report).ref, Case.objects.get(kind="clue").ref]
