"""Words that suggest a matter of discipline in what was handed over: shown to triage, never decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from huhang.cases import hints
from huhang.cases.asking import asked
from huhang.cases.models import Case, Hint, Party, Report
from huhang.config.reactions import catch_up, rebuild
from huhang.intake.imports import import_file
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel.actor import Actor
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(tmp_path: Path) -> District:
    """T1 suggests a matter of discipline and names the market bureau, T2 is a street lamp."""
    d = found_district()
    path = tmp_path / "hot.csv"
    path.write_text(
        "工单编号,诉求内容,承办单位\n"
        "T1,窗口人员吃、拿、卡、要，向店主索要好处,示范区市场监督管理局\n"
        "T2,路灯不亮,清河镇\n",
        encoding="utf-8",
    )
    import_file(HotlineImporter, path, actor=d.actor("intake"))
    catch_up()
    return d


def of(number: str) -> Case:
    return Case.objects.get(pk=Report.objects.get(number=number).case_id)


def hinted(actor: Actor, sort: str = "") -> list[str]:
    return [c.ref for c in asked(actor, {"hinted": True}, sort).page(1, 50).cases]


def test_the_words_are_found_whatever_stands_between_their_characters(district: District) -> None:
    assert hints.of(of("T1")) == ["吃拿卡要", "索要好处"]
    assert hints.of(of("T2")) == []
    assert list(Hint.objects.values_list("case_id", flat=True)) == [of("T1").pk]


def test_what_somebody_told_us_here_has_no_hint(district: District) -> None:
    own = case_of(file_report(district, text="有人索贿"))
    catch_up()
    assert hints.of(own) == []
    assert Hint.objects.count() == 1


def test_the_queue_finds_them_for_those_who_may_see_them(district: District) -> None:
    case = of("T1")
    for sort in ("", "received", "unit"):
        assert hinted(district.actor("intake"), sort) == [case.ref]
    assert hinted(district.actor("leader")) == [case.ref]
    for name in ("handler", "handler-tax", "supervisor", "admin"):
        assert hinted(district.actor(name)) == []
    page = Client()
    page.force_login(district.users["intake"])
    shown = page.get("/console/cases/?hinted=on").content.decode()
    assert case.ref in shown
    assert of("T2").ref not in shown
    assert "吃拿卡要" in page.get(f"/console/cases/{case.ref}/").content.decode()
    assert "疑似违纪" not in page.get(f"/console/cases/{of('T2').ref}/").content.decode()
    program = Client(headers={"authorization": f"Bearer {token_of(district.users['intake'])}"})
    found = program.get("/api/v1/cases?hinted=true").json()["cases"]
    assert [c["ref"] for c in found] == [case.ref]


def test_it_decides_nothing_and_ends_with_triage(district: District) -> None:
    case = of("T1")
    assert (case.kind, case.state) == ("demand", "received")
    before = set(Party.objects.filter(case=case).values_list("relation", "provisional"))
    catch_up()
    assert set(Party.objects.filter(case=case).values_list("relation", "provisional")) == before
    do(district.actor("intake"), case, "accept", kind="clue")
    assert hints.of(of("T1")) == []
    assert hinted(district.actor("intake")) == [], "also before anything followed the log"
    catch_up()
    assert not Hint.objects.exists()


def test_rebuilding_makes_them_anew_and_sealing_takes_them(district: District) -> None:
    rebuild()
    assert Hint.objects.count() == 1
    do(district.actor("intake"), of("T1"), "seal_forward")
    assert not Hint.objects.exists(), "at once"
    catch_up()
    assert not Hint.objects.exists()


def test_what_could_be_sealed_is_not_therefore_somebodys_turn(district: District) -> None:
    case = carry(district, of("T2"), to="rectifying")
    mine = [c.ref for c in asked(district.actor("leader"), {"mine": True}).page(1, 50).cases]
    assert case.ref not in mine
