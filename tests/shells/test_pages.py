"""What pages, posters and bulletins say: true, complete, and in both languages."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from urllib.parse import unquote

import docx
import openpyxl
import pytest
from django.test import Client, override_settings
from docx.shared import Mm

from huhang.config.reactions import close_off
from huhang.insight.models import Bulletin
from huhang.intake import posters
from huhang.look.fields import Choice
from huhang.parties.models import Invitation, UnitAlias
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
PERIOD = "from=2026-01-01&to=2027-12-31"


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def leader(district: District) -> Client:
    for n in range(7):
        file_report(district, "market" if n < 3 else "tax", text=f"第{n}件")
    carry(district, case_of(file_report(district, "market")), to="closed")
    close_off()
    return _as(district, "leader")


def _as(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _publish(client: Client) -> str:
    sent = {"from": "2026-01-01", "to": "2027-12-31", "title": "简报", "confirm": "yes"}
    client.post("/console/bulletin/publish/", sent)
    return f"/console/bulletin/{Bulletin.objects.get().ref}/"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_page_sends_nobody_to_a_file_that_it_cannot_open(district: District, prefix: str) -> None:
    admin, intake = _as(district, "admin"), _as(district, "intake")
    intake.post("/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    tokens = _text(admin, f"{prefix}/console/tokens/")
    for page in (tokens, _text(intake, f"{prefix}/console/sources/hot/")):
        assert not re.search(r"docs/|\.md\b", page)
    (described,) = re.findall(r'href="(/api/[^"]+)"', tokens)
    assert Client().get(described).json()["info"]["title"] == "Huhang"


def test_a_published_bulletin_never_says_how_small_a_cell_is(leader: Client) -> None:
    preview = _text(leader, f"/console/bulletin/publish/?{PERIOD}")
    place = _publish(leader)
    document = docx.Document(io.BytesIO(leader.get(place + "?format=word").content))
    paper = "\n".join(
        [p.text for p in document.paragraphs]
        + [c.text for t in document.tables for r in t.rows for c in r.cells]
    )
    sheet = openpyxl.load_workbook(io.BytesIO(leader.get(place + "?format=excel").content)).active
    assert sheet is not None
    table = "\n".join(str(c) for row in sheet.iter_rows(values_only=True) for c in row)
    for words in (preview, _text(leader, place), paper, table):
        assert "未显示" in words
        assert "少于" not in words
        assert "推算" in words, "what “not shown” means is said"
        assert "2026年1月1日至2027年12月31日" in words
    english = _text(leader, "/en" + place)
    assert "not shown" in english
    assert "1 Jan 2026 to 31 Dec 2027" in english
    assert not re.search(r"\bunder 5</", english)


def test_a_bulletin_is_printed_on_a4(leader: Client) -> None:
    page = docx.Document(io.BytesIO(leader.get(_publish(leader) + "?format=word").content))
    width, height = page.sections[0].page_width, page.sections[0].page_height
    assert width is not None
    assert height is not None
    assert abs(width - Mm(210)) < Mm(1)
    assert abs(height - Mm(297)) < Mm(1)


def test_a_bulletin_is_saved_under_a_name_that_says_what_and_of_when(leader: Client) -> None:
    period = "from=2026-01-01&to=2026-03-31&unit=market"
    place = _publish(leader)
    ref = place.split("/")[-2]
    for address, name in (
        (f"/console/bulletin/?{period}", "简报-2026-01-01至2026-03-31-示范区市场监督管理局"),
        (f"/en/console/bulletin/?{period}", "bulletin-2026-01-01-2026-03-31-Market Regulation Bureau"),
        (f"{place}?", f"简报-2026-01-01至2027-12-31-{ref}"),
    ):  # fmt: skip
        for form, suffix in (("word", "docx"), ("excel", "xlsx"), ("json", "json")):
            answer = leader.get(f"{address}&format={form}")
            said = unquote(answer["Content-Disposition"])
            assert said == f"attachment; filename*=UTF-8''{name}.{suffix}"


def test_a_published_bulletin_as_json_hides_what_the_page_hides(leader: Client) -> None:
    made = leader.get(_publish(leader) + "?format=json").json()
    assert made["title"] == "简报"
    hidden = [f for f in made["figures"] if f.get("suppressed")]
    assert hidden
    assert all(f["value"] is None for f in hidden)
    assert {"id", "value", "unit", "definition", "population", "from", "to"} <= set(hidden[0])


def test_a_case_shows_its_number_its_date_and_its_words(district: District) -> None:
    moment = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    report = file_report(
        district, "market", channel="hotline_file", number="A-77", source="热线", reported_at=moment
    )
    page = _text(_as(district, "intake"), f"/console/cases/{report.case.ref}/")
    assert "A-77" in page
    assert "2026年3月1日 10:00" in page


def test_the_timeline_says_to_whom(district: District) -> None:
    intake = district.actor("intake")
    case = do(intake, case_of(file_report(district)), "accept", kind="demand")
    case = do(
        intake, case, "assign", responsible="unit:tax", co_handling=["town"], supervising="group-2"
    )
    do(intake, case, "accuse", accused=["unit:market"], note="与其有关")
    timeline = _text(_as(district, "intake"), f"/console/cases/{case.ref}/").partition("办理过程")[
        2
    ]
    for line in (
        "责任：示范区税务局",
        "协办：清河镇",
        "监督：第二监督组",
        "被反映：示范区市场监督管理局",
    ):
        assert line in timeline


def test_a_merge_is_said_to_be_for_good_and_into_what(district: District) -> None:
    intake = district.actor("intake")
    one, two = (case_of(file_report(district, text=f"重复{n}")) for n in range(2))
    client = _as(district, "intake")
    form = _text(client, f"/console/cases/{one.ref}/do/merge/")
    assert "合并不能撤销" in form
    assert "重新办理" not in form
    do(intake, one, "merge", into=two.ref)
    assert f"并入 {two.ref}" in _text(client, f"/console/cases/{one.ref}/")


def test_a_clock_names_its_source_and_how_good_it_is(district: District) -> None:
    case = do(district.actor("intake"), case_of(file_report(district)), "accept", kind="demand")
    page = _text(_as(district, "intake"), f"/console/cases/{case.ref}/")
    assert "出处：" in page
    assert re.search(r"官方全文|官方网页|他人转载", page)


def test_an_alias_goes_after_a_question(district: District) -> None:
    admin = _as(district, "admin")
    sent = {"do": "drop", "name": "示范区工商局"}
    asked = admin.post("/console/units/market/", sent).content.decode()
    assert "示范区工商局" in asked
    assert UnitAlias.objects.filter(name="示范区工商局").exists()
    confirmed = dict(re.findall(r'<input type="hidden" name="(do|name)" value="([^"]+)"', asked))
    admin.post("/console/units/market/", {**confirmed, "confirm": "yes"})
    assert not UnitAlias.objects.filter(name="示范区工商局").exists()


def test_a_reserved_code_of_a_site_is_said_to_be_one(district: District) -> None:
    page = _as(district, "intake").post(
        "/console/sites/", {"do": "add", "code": "kept", "name": "某处"}
    )
    assert page.status_code == 400
    assert "「kept」" in page.content.decode()
    assert "小写字母" not in re.findall(r'class="error">([^<]+)', page.content.decode())[0]


@pytest.mark.parametrize(
    ("base", "alone"),
    [("http://127.0.0.1:8000", True), ("http://localhost:80", True), ("http://[::1]:8000", True),
     ("https://huhang.example.gov", False), ("http://10.0.0.5:8000", False)],
)  # fmt: skip
def test_posters_warn_of_an_address_that_only_this_machine_opens(
    base: str, alone: bool, district: District
) -> None:
    with override_settings(HUHANG_BASE_URL=base):
        assert posters.on_loopback() is alone
        assert ("HUHANG_BASE_URL" in _text(_as(district, "intake"), "/console/sites/")) is alone


def test_a_password_that_is_too_short_is_said_in_chinese(district: District) -> None:
    made = _as(district, "admin").post(
        "/console/people/",
        {"username": "town1", "name": "镇上的人", "role": "handler", "unit": "town"},
        follow=True,
    )
    token = re.search(r"/console/invitation/([0-9a-f]+)/", made.content.decode())
    assert token
    address = f"/console/invitation/{token[1]}/"
    short = Client().post(address, {"password": "short", "again": "short"})
    assert "密码太短，至少要 10 个字符" in short.content.decode()
    good = {"password": "quiet-river-88", "again": "quiet-river-88"}
    Client().post(address, good)
    used = Client().get(address).content.decode()
    assert Invitation.objects.exists()
    assert "只能使用一次" in used
    assert "请返回上一页" not in used


def test_the_due_badge_says_answered_and_has_no_bracket_in_a_bracket(district: District) -> None:
    do(district.actor("intake"), case_of(file_report(district)), "accept", kind="demand")
    carried = carry(district, case_of(file_report(district, "market")), to="fed_back")
    client = _as(district, "intake")
    assert "按期答复" in _text(client, f"/console/cases/{carried.ref}/")
    queue = _text(client, "/console/cases/")
    assert re.search(r"个工作日（\d+月\d+日 周.）", queue)
    assert "））" not in queue


def test_choices_that_belong_together_stand_under_their_name() -> None:
    field = Choice(choices=[("", "—"), ("甲&乙", [("a", "<一>"), ("b", "二")]), ("c", "三")])
    html = field.widget.render("of", "b")
    assert '<optgroup label="甲&amp;乙"><option value="a">&lt;一&gt;</option>' in html
    assert '<option value="b" selected>二</option></optgroup>' in html
    assert html.count("<option") == 4
    assert html.count("selected") == 1
