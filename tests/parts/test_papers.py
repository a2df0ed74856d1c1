"""Papers: what they say and to whom, their templates, their numbers."""

from __future__ import annotations

import io
import sys
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
import yaml
from django.db import connection
from django.utils.translation import override
from docx.shared import Mm, Pt

from huhang.cases.models import Case
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.write import start_writer, stop_writer, write
from huhang.papers import actions, drawing, pdf, queries, templates
from huhang.papers.context import content
from huhang.papers.errors import BrokenTemplate, NoPdf
from huhang.papers.models import Number
from huhang.papers.names import LISTS, NAMES, sample
from huhang.rulebook import RulebookError, current, shipped
from huhang.rulebook.loading import BOOKS, load
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db
OF_ONE_PAPER = {"paper", "serial", "draft", "red_head", "to", "reporter"}
needs_office = pytest.mark.skipif(not pdf.available(), reason="LibreOffice is not installed")


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def own(home: Path) -> Iterator[Path]:
    """The office's folder of templates, empty again afterwards."""
    folder = home / "papers"
    folder.mkdir()
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def text_of(content: bytes) -> str:
    """All words of a Word file, headers and tables included."""
    document = docx.Document(io.BytesIO(content))
    parts = [document.element.body, document.sections[0].header._element]
    return "\n".join(
        "".join(t.text or "" for t in p.iter(f"{templates.W}t"))
        for part in parts
        for p in part.iter(f"{templates.W}p")
    )


def drawn(actor: Actor, case: Case, paper: str, number: str = "") -> str:
    return text_of(drawing.draw(actor, case.ref, paper, "docx", number).content)


def issue(actor: Actor, case: Case, paper: str) -> Number:
    made: Number = write(lambda w: actions.issue_number(w, case.ref, paper), actor=actor)
    return made


def void(actor: Actor, number: Number, reason: str = "写错了收文单位") -> Number:
    made: Number = write(lambda w: actions.void_number(w, number.ref, reason), actor=actor)
    return made


def complaint(district: District, **more: Any) -> Case:
    report = file_report(district, "market", kind="complaint", title="执照拖延", **more)
    return do(district.actor("intake"), case_of(report), "accept", kind="complaint")


# What is offered, and what it says -------------------------------------------------------------


def test_which_papers_a_case_offers(district: District) -> None:
    intake = district.actor("intake")

    def offered(case: Case) -> set[str]:
        return {o.rule.id for o in queries.offers(intake, case)}

    case = case_of(file_report(district, "market", kind="complaint"))
    assert offered(case) == {"registration", "approval"}
    case = do(intake, case, "accept", kind="complaint")
    case = do(intake, case, "urge", note="快一些")
    assert offered(case) == {"registration", "approval", "urging"}
    case = carry(district, do(intake, case, "assign", responsible="market"), to="assigned")
    handler = district.actor("handler")
    for verb, values in (
        ("investigate", {}),
        ("hear", {"note": "听取", "told_route": True, "who": "窗口负责人", "route": "review"}),
        ("find", {"finding": "substantiated", "note": "属实"}),
    ):
        case = do(handler, case, verb, **values)
    assert offered(case) == {
        "registration", "approval", "urging", "rectification", "recommendation",
    }  # fmt: skip
    moved = do(intake, case_of(file_report(district)), "transfer_out", target="police", note="公安")
    assert offered(moved) == {"registration", "approval", "handover", "handover_register"}
    answered = carry(district, case_of(file_report(district, "market")), to="fed_back")
    assert "answer" in offered(answered)
    merged = do(intake, case_of(file_report(district)), "merge", into=case.ref)
    assert offered(merged) == set()
    with pytest.raises(Missing, match="registration"):
        drawing.draw(intake, moved.ref, "answer", "docx")


def test_the_names_are_those_that_are_documented(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="closed")
    said = content(case, clock.now())
    assert set(said) | OF_ONE_PAPER == set(NAMES)
    assert not set(said) & OF_ONE_PAPER
    for name, columns in LISTS.items():
        assert set(said[name][0]) == set(columns)
    text = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    for name in [*NAMES, *(c for columns in LISTS.values() for c in columns)]:
        assert f"| `{name}` |" in text, name
    for key in current().papers:
        assert f"`{key}`" in text


@pytest.mark.parametrize("paper", sorted(load("cn-chiping").papers))
@pytest.mark.parametrize("filled", [True, False])
def test_every_shipped_template_can_be_filled(paper: str, filled: bool) -> None:
    words = text_of(templates.fill(paper, sample(filled=filled)))
    assert "{{" not in words
    assert "{%" not in words
    assert "None" not in words
    assert ("草稿" in words) is filled


def test_a_paper_says_what_happened_to_the_case(district: District) -> None:
    text = "窗口让我跑了五趟\n至今没有结果"
    case = complaint(district, text=text)
    intake = district.actor("intake")
    case = do(intake, case, "urge", note="反映人再次来电")
    case = carry(district, do(intake, case, "assign", responsible="market",
                              supervising="group-1"), to="assigned")  # fmt: skip
    case = carry_on(district, case)
    form = drawn(intake, case, "registration")
    for words in (
        case.ref,
        "执照拖延",
        "窗口让我跑了五趟\n",
        "至今没有结果",
        "投诉",
        "匿名",
        "第一监督组",
    ):
        assert words in form
    notice = drawn(intake, case, "rectification")
    for words in (
        "示范区市场监督管理局：",
        "核查结论为属实",
        "情况属实",
        "限期办结",
        "抄送：第一监督组",
    ):
        assert words in notice
    assert "跑了五趟" not in notice, "what the reporter wrote stays inside the office"
    urging = drawn(intake, case, "urging")
    assert "反映人再次来电" in urging
    assert "第1次督办" in urging
    assert "跑了五趟" not in urging
    answer = drawn(intake, case, "answer")
    assert "您反映的问题已经解决" in answer
    assert "修订制度：修订办理时限规定" in drawn(intake, case, "recommendation")


def carry_on(district: District, case: Case) -> Case:
    """From assigned to governed, as ``carry`` does it for a new case."""
    handler, supervisor, intake = (district.actor(n) for n in ("handler", "supervisor", "intake"))
    steps: list[tuple[Actor, str, dict[str, Any]]] = [
        (handler, "investigate", {}),
        (
            handler,
            "hear",
            {"note": "听取了说明", "told_route": True, "who": "窗口负责人", "route": "review"},
        ),
        (handler, "find", {"finding": "substantiated", "note": "情况属实"}),
        (handler, "rectify", {"note": "限期办结"}),
        (handler, "submit", {"note": "已经办结"}),
        (supervisor, "verify", {"note": "现场核实"}),
        (intake, "feed_back", {"note": "您反映的问题已经解决"}),
        (intake, "govern", {"form": "rule", "note": "修订办理时限规定"}),
    ]
    for actor, verb, values in steps:
        case = do(actor, case, verb, **values)
    return case


def test_papers_are_chinese_whatever_the_page_is(district: District) -> None:
    case = complaint(district)
    with override("en"):
        form = drawn(district.actor("intake"), case, "registration")
    assert "已受理" in form
    assert "Accepted" not in form
    assert f"{clock.today().year}年{clock.today().month}月" in form


def test_a_heading_quotes_a_title_without_its_full_stop(district: District) -> None:
    case = case_of(file_report(district, "market", kind="complaint", title="执照拖了三个月。"))
    words = drawn(district.actor("intake"), case, "approval")
    assert "执照拖了三个月" in words
    assert "执照拖了三个月。" not in words


def test_what_people_typed_stays_text(district: District) -> None:
    hostile = '<w:p>&amp; "{{ title }}" {% if x %} <script> ]]> {_{ \u2028 结束'
    case = case_of(file_report(district, text=hostile))
    words = drawn(district.actor("intake"), case, "registration")
    assert '<w:p>&amp; "{{ title }}" {% if x %} <script> ]]>' in words
    assert "结束" in words


# Who ------------------------------------------------------------------------------------------


def test_nobody_draws_what_they_may_not_see(district: District) -> None:
    case = case_of(file_report(district, "market", kind="clue"))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    number = issue(district.actor("leader"), case, "registration")
    for name in ("handler", "handler-tax", "supervisor-2", "admin"):
        actor = district.actor(name)
        with pytest.raises(Missing) as hidden:
            drawing.draw(actor, case.ref, "registration", "docx", number.ref)
        with pytest.raises(Missing) as missing:
            drawing.draw(actor, "AAAAA-AAAAA", "registration", "docx")
        assert str(hidden.value) == str(missing.value)
        for act in (lambda a=actor: issue(a, case, "approval"), lambda a=actor: void(a, number)):
            with pytest.raises(Missing):
                act()
        assert not queries.visible_numbers(actor).exists()


def test_only_the_office_and_leaders_give_and_void_numbers(district: District) -> None:
    case = complaint(district)
    case = do(district.actor("intake"), case, "assign", responsible="market",
              supervising="group-1")  # fmt: skip
    number = issue(OPERATOR, case, "registration")
    for name in ("handler", "supervisor"):
        actor = district.actor(name)
        assert not any(o.may_issue or o.may_void for o in queries.offers(actor, case))
        with pytest.raises(NotAllowed):
            issue(actor, case, "approval")
        with pytest.raises(NotAllowed):
            void(actor, number)
        assert number.serial in drawn(actor, case, "registration", number.ref)


def test_the_reporter_is_named_only_in_the_answer_and_only_to_whom_it_is_shown(
    district: District,
) -> None:
    contact = {"name": "李四光", "phone": "13800001234"}
    case = complaint(district, contact=contact, text="窗口不办")
    case = carry_on(district, do(district.actor("intake"), case, "assign", responsible="market",
                                 supervising="group-1"))  # fmt: skip
    intake, handler = district.actor("intake"), district.actor("handler")
    assert "李四光：" in drawn(intake, case, "answer")
    assert "反映人：" in drawn(handler, case, "answer")
    for paper in ("registration", "approval", "rectification", "recommendation"):
        words = drawn(intake, case, paper)
        assert "李四光" not in words, paper
    for actor in (intake, handler):
        for offer in queries.offers(actor, case):
            words = drawn(actor, case, offer.rule.id)
            assert "13800001234" not in words
    number = issue(intake, case, "answer")
    assert "李四光：" in drawn(intake, case, "answer", number.ref)
    assert "李四光" not in drawn(handler, case, "answer", number.ref)
    assert "李四光" not in str(content(case, clock.now())), "nothing of it is kept with the number"


# Numbers --------------------------------------------------------------------------------------


def test_numbers_follow_each_other_and_a_void_one_is_never_given_again(district: District) -> None:
    intake, leader = district.actor("intake"), district.actor("leader")
    year = clock.today().year
    first, second, third = (complaint(district) for _ in range(3))
    one = issue(intake, first, "registration")
    two = issue(leader, second, "registration")
    assert (one.serial, two.serial) == (f"护营登〔{year}〕1号", f"护营登〔{year}〕2号")
    assert issue(intake, first, "approval").serial == f"护营呈〔{year}〕1号", "a series of its own"
    with pytest.raises(Refused):
        issue(intake, first, "registration")
    with pytest.raises(Refused) as wanted:
        void(intake, two, "  ")
    assert wanted.value.field == "reason"
    void(leader, two, "重复登记")
    with pytest.raises(Refused):
        void(intake, two)
    again = issue(intake, second, "registration")
    assert again.number == 3
    assert issue(intake, third, "registration").number == 4
    listed = [
        (n.number, n.voided_at is not None) for n in queries.listed(intake, "registration", year)
    ]
    assert listed == [(4, False), (3, False), (2, True), (1, False)]
    assert f"护营登〔{year}〕3号" in drawn(intake, second, "registration", again.ref)
    with pytest.raises(Missing):
        drawing.draw(intake, second.ref, "registration", "docx", two.ref)
    assert verify(parallel=False).ok


def test_a_new_year_begins_anew(district: District) -> None:
    case, other = complaint(district), complaint(district)
    with clock.frozen(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)):
        assert issue(OPERATOR, case, "approval").serial == "护营呈〔2026〕1号"
    with clock.frozen(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):  # midnight at the office
        assert issue(OPERATOR, other, "approval").serial == "护营呈〔2027〕1号"
    assert queries.years(district.actor("intake")) == [2027, 2026]


def test_an_urging_letter_has_a_number_for_each_time(district: District) -> None:
    intake = district.actor("intake")
    case = do(intake, complaint(district), "urge", note="第一次")
    first = issue(intake, case, "urging")
    with pytest.raises(Refused):
        issue(intake, case, "urging")
    case = do(intake, case, "urge", note="第二次")
    with pytest.raises(Conflict):
        write(lambda w: actions.issue_number(w, case.ref, "urging", known=0), actor=intake)
    second = issue(intake, case, "urging")
    assert second.number == 2
    assert "第一次" in drawn(intake, case, "urging", first.ref), "as it was when it was numbered"
    assert "第二次" in drawn(intake, case, "urging", second.ref)


def test_a_registration_gets_its_number_on_acceptance(district: District) -> None:
    case = case_of(file_report(district, "market", kind="complaint"))
    with pytest.raises(Refused):
        issue(OPERATOR, case, "registration")
    case = do(district.actor("intake"), case, "accept", kind="complaint")
    assert issue(OPERATOR, case, "registration").number == 1
    moved = do(district.actor("intake"), case_of(file_report(district)), "transfer_out",
               target="police", note="公安")  # fmt: skip
    with pytest.raises(Refused):
        issue(OPERATOR, moved, "handover_register")
    letter = issue(OPERATOR, moved, "handover")
    assert letter.serial in drawn(OPERATOR, moved, "handover_register", "latest")


def test_numbers_of_cases_that_accuse_somebody_leave_no_gap(district: District) -> None:
    intake = district.actor("intake")
    before = issue(intake, complaint(district), "approval")
    untriaged = case_of(file_report(district, "market", kind="complaint"))
    clue = do(intake, case_of(file_report(district, kind="clue")), "accept", kind="clue")
    raised = do(intake, complaint(district), "accuse", accused=["unit:tax"], note="涉及")
    for case in (untriaged, clue, raised):
        number = issue(intake, case, "approval")
        assert number.number is None
        assert number.serial == f"护营呈专〔{clock.today().year}〕{number.ref}号"
    after = issue(intake, complaint(district), "approval")
    assert (before.number, after.number) == (1, 2)
    assert verify(parallel=False).ok


def _at_once(district: District, cases: list[Case]) -> list[int]:
    failures: list[BaseException] = []

    def client(mine: list[Case]) -> None:
        try:
            for case in mine:
                issue(OPERATOR, case, "registration")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(cases[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return sorted(Number.objects.values_list("number", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writer", [True, False])
def test_many_at_once_get_numbers_without_gaps(writer: bool) -> None:
    """In the web process's one writer, and as several processes would: each thread by itself."""
    district = found_district()
    cases = [complaint(district) for _ in range(30)]
    if writer:
        start_writer()
    try:
        numbers = _at_once(district, cases)
    finally:
        stop_writer()
    assert numbers == list(range(1, 31))
    assert verify(parallel=False).ok


def test_a_numbered_paper_says_what_it_said(district: District) -> None:
    intake = district.actor("intake")
    case = complaint(district)
    with clock.frozen(datetime(2027, 3, 5, 2, 0, tzinfo=UTC)):
        number = issue(intake, case, "registration")
    case = do(intake, case, "assign", responsible="market", supervising="group-1")
    kept = drawn(intake, case, "registration", number.ref)
    assert "第一监督组" not in kept
    assert "草稿" not in kept
    draft = drawn(intake, case, "registration")
    assert "第一监督组" in draft
    assert "草稿" in draft
    assert number.serial not in draft


def test_erasing_takes_the_words_of_papers_and_leaves_their_numbers(district: District) -> None:
    intake, leader = district.actor("intake"), district.actor("leader")
    case = carry(
        district, case_of(file_report(district, "market", text="秘密的经过")), to="governed"
    )
    number = issue(intake, case, "registration")
    gone = issue(intake, case, "answer")
    void(intake, gone, "答复写错了张三的名字")
    case = do(intake, case, "close")
    case = do(leader, case, "erase", note="依申请")
    words = drawn(intake, case, "registration", number.ref)
    assert "秘密的经过" not in words
    assert "内容已依规定删除" in words
    assert number.serial in words
    assert verify(parallel=False).ok


def test_the_manifest_of_a_number_holds_no_words(district: District) -> None:
    from huhang.kernel.models import Entry

    case = complaint(district, text="某某局长的详细经过", contact={"name": "张三丰"})
    number = issue(OPERATOR, case, "registration")
    void(OPERATOR, number, "因为张三丰")
    for entry in Entry.objects.filter(verb__in=("issue_number", "void_number")):
        for secret in ("局长", "张三丰", "执照拖延", "市场监督"):
            assert secret not in entry.manifest


# The office's own templates -------------------------------------------------------------------


def template(*paragraphs: str) -> bytes:
    made = docx.Document()
    for words in paragraphs:
        made.add_paragraph(words)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for known in source.namelist():
            if known != name:
                target.writestr(known, source.read(known))
        target.writestr(name, data)
    return out.getvalue()


def test_an_offices_own_template_wins(district: District, own: Path) -> None:
    lines = ("{{ office }}自己的样子：{{ reference }}", "{%p for step in steps %}",
             "{{ loop.index }} {{ step.day }} {{ step.what }}", "{%p endfor %}")  # fmt: skip
    (own / "registration.docx").write_bytes(template(*lines))
    case = complaint(district)
    words = drawn(district.actor("intake"), case, "registration")
    assert f"营商环境监督受理室自己的样子：{case.ref}" in words
    assert f"1 {clock.day_words(clock.today(), 'zh')} 受理" in words
    assert "登记人" not in words
    assert [c.problem for c in templates.check()] == [""]


EXTERNAL = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'relationships"><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/'
    b'2006/relationships/attachedTemplate" Target="http://198.51.100.1/x.dotm" TargetMode="External"/>'
    b"</Relationships>"
)
BROKEN: dict[str, tuple[bytes, str, str]] = {
    "no file of Word": (b"hello", "", "no Word file"),
    "another zip": (with_part(b"PK\x05\x06" + bytes(18), "a.txt", b"x"), "", "no Word file"),
    "an unknown name": (template("好", "{{ titel }}"), "{{ titel }}", "“titel”"),
    "an unknown filter": (template("{{ title|shout }}"), "{{ title|shout }}", "“shout”"),
    "no end of a mark": (template("编号 {{ title"), "编号 {{ title", "without the other"),
    "no expression": (template("{{ title + }}"), "{{ title + }}", ""),
    "no end of a loop": (template("{%p for r in reports %}", "{{ r.text }}"), "", "endfor"),
    "an unknown column": (
        template("{%p for r in reports %}", "{{ r.txt }}", "{%p endfor %}"), "{{ r.txt }}", "txt",
    ),
    "an unknown condition": (
        template("{%p if urgent %}", "急件", "{%p endif %}"), "{%p if urgent %}", "“urgent”",
    ),
    "an unknown list": (template("{% for x in things %}{{ x }}{% endfor %}"), "things", "“things”"),
    "a way out": (template("{{ ''.__class__.__mro__ }}"), "", "__class__"),
    "another way out": (template("{{ cycler.__init__.__globals__ }}"), "", "cycler"),
    "too many letters": (template("{{ 'a' * 900000000 }}"), "", "not for texts"),
    "raw XML": (template("{{ title|safe }}"), "", "safe"),
    "macros": (with_part(template("{{ title }}"), "word/vbaProject.bin", b"x"), "", "macros"),
    "a link outward": (with_part(template("x"), "word/_rels/settings.xml.rels", EXTERNAL), "", "outside"),
    "no XML": (with_part(template("x"), "word/document.xml", b"<w:document"), "", "no XML"),
    "a bomb": (with_part(template("x"), "word/media/a.bin", bytes(50_000_000)), "", "large"),
    "a paragraph's mark in a line": (
        template("text {%p if title %} and {%p endif %} more"), "", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_template_is_named_with_its_place_and_reason(
    what: str, district: District, own: Path
) -> None:
    content, place, reason = BROKEN[what]
    path = own / "registration.docx"
    path.write_bytes(zip_again(content) if content.startswith(b"PK") else content)
    case = case_of(file_report(district))
    with override("en"):
        with pytest.raises(BrokenTemplate) as broken:
            drawing.draw(district.actor("intake"), case.ref, "registration", "docx")
        said = str(broken.value)
        assert str(path) in said
        assert place in said
        assert reason in said
        assert "Traceback" not in said
        (checked,) = templates.check()
    assert checked.problem
    assert str(path) in checked.problem


def zip_again(content: bytes) -> bytes:
    """The same file, compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:  # fmt: skip
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return out.getvalue()


def test_a_file_of_another_name_is_told_of(own: Path) -> None:
    (own / "督办单.docx").write_bytes(template("{{ title }}"))
    (own / "~$urging.docx").write_bytes(b"a lock of Word")
    (checked,) = templates.check()
    assert "urging.docx" in checked.problem


# Layout and PDF -------------------------------------------------------------------------------


def test_the_shipped_templates_are_what_the_script_builds() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import papers as building
    finally:
        sys.path.pop(0)
    assert building.stale() == []
    assert set(building.PAPERS) == {p for book in shipped() for p in load(book).papers}


@pytest.mark.parametrize("paper", sorted(load("cn-chiping").papers))
def test_the_layout_is_that_of_the_standard(paper: str) -> None:
    document = docx.Document(str(templates.SHIPPED / f"{paper}.docx"))
    (page,) = document.sections
    width, height = page.page_width, page.page_height
    left, right, top, bottom = (
        page.left_margin, page.right_margin, page.top_margin, page.bottom_margin,
    )  # fmt: skip
    measured: list[Any] = [width, height, top, left, width - left - right, height - top - bottom]  # type: ignore[operator]
    for found, wanted in zip(measured, (210, 297, 37, 28, 156, 225), strict=True):
        assert abs(found - Mm(wanted)) < Mm(0.1)
    normal: Any = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.paragraph_format.line_spacing == Pt(28)
    title: Any = document.styles["公文标题"]
    assert title.font.size == Pt(22)
    number: Any = document.styles["公文页码"]
    assert number.font.size == Pt(14)
    faces = {
        f.get(templates.W + "eastAsia")
        for f in document.styles.element.iter(f"{templates.W}rFonts")
    }
    assert {"仿宋_GB2312", "方正小标宋简体", "黑体"} <= faces
    assert document.core_properties.author == ""


@needs_office
def test_a_paper_as_pdf(district: District) -> None:
    case = complaint(district)
    intake = district.actor("intake")
    number = issue(intake, case, "registration")
    made = drawing.draw(intake, case.ref, "registration", "pdf", number.ref)
    (page,) = pypdf.PdfReader(io.BytesIO(made.content)).pages
    assert abs(float(page.mediabox.width) - 595.3) < 1
    assert abs(float(page.mediabox.height) - 841.9) < 1
    words = page.extract_text().replace("\n", "").replace(" ", "")
    assert "营商环境事项登记表" in words
    assert case.ref in words
    assert number.serial in words
    assert made.name == f"登记表-{number.serial}"


def test_without_libreoffice_word_works_and_pdf_says_what_it_needs(
    district: District, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    case = complaint(district)
    intake = district.actor("intake")
    assert drawing.draw(intake, case.ref, "registration", "docx").content
    with pytest.raises(NoPdf, match="libreoffice-writer-nogui"):
        drawing.draw(intake, case.ref, "registration", "pdf")
    with pytest.raises(Missing):
        drawing.draw(district.actor("handler-tax"), case.ref, "registration", "pdf")


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 0\n", "made no PDF"), ("sleep 30\n", "did not finish")],
)
def test_a_libreoffice_that_does_not_do_its_work(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "soffice"
    fake.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setattr(pdf, "program", lambda: str(fake))
    monkeypatch.setattr(pdf, "SECONDS", 1)
    with override("en"), pytest.raises(NoPdf, match=said):
        pdf.from_word(b"x")


# The rulebook ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"series": {"urging": {"pattern": "督{year}号"}}}, "{year} and {number}"),
        ({"series": {"urging": {"pattern": "督{year}{number}{number}"}}}, "each once"),
        ({"series": {"urging": {"pattern": "督{year}{number.real}"}}}, "series.urging.pattern"),
        ({"series": {"urging": {"pattern": "督{year"}}}, "series.urging.pattern"),
        ({"series": {"urging": {"apart": "督{year}{number}"}}}, "{ref}"),
        ({"papers": {"urging": {"when": "sometimes"}}}, "papers.urging.when"),
        ({"papers": {"urging": {"series": "none"}}}, "papers.urging.series"),
        ({"papers": {"urging": {"number_of": "registration"}}}, "either series or number_of"),
        ({"papers": {"urging": {"red_head": "yes"}}}, "papers.urging.red_head"),
    ],
)
def test_a_wrong_rule_of_papers_is_named(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    book = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    for part, rules in change.items():
        for key, values in rules.items():
            book[part][key].update(values)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulebookError) as error:
        load(str(path))
    assert said in str(error.value)


def test_a_rulebook_may_do_without_papers(tmp_path: Path) -> None:
    book = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    for key in ("papers", "series", "paper_head"):
        del book[key]
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    assert load(str(path)).papers == {}


def test_what_was_merged_brings_its_words_and_not_its_triage(district: District) -> None:
    intake = district.actor("intake")
    case = do(intake, complaint(district, text="先到的"), "note", note="内部备注")
    other = case_of(file_report(district, "market", kind="complaint", text="后到的"))
    other = do(intake, other, "keep", reason="repeat", note="先留存")
    do(intake, other, "merge", into=case.ref)
    words = drawn(intake, Case.objects.get(pk=case.pk), "registration")
    assert "先到的" in words
    assert "后到的" in words
    assert "2份" in words
    assert "受理（投诉）" in words
    assert "先留存" not in words
    assert "内部备注" not in words
