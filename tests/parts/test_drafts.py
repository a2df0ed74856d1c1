"""Bulletins as texts: fields are counted, what moved is shown, publishing freezes and hides."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import docx
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from huhang.config.reactions import close_off
from huhang.insight import drafts, figures, queries, texts
from huhang.insight.documents import excel, word
from huhang.insight.models import Draft
from huhang.kernel import clock
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.write import write
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
MARCH = figures.Scope(date(2026, 3, 1), date(2026, 3, 31))
TEXT = "三月共收到事项{cases_received}件，其中诉求{cases_by_kind.demand}件，比上月{cases_received:change}件。"


@pytest.fixture
def district() -> District:
    """Seven cases in March, five in February, none a year before."""
    made = found_district()
    for month, count in ((2, 5), (3, 7)):
        for n in range(count):
            clock.set_frozen(datetime(2026, month, 3 + n, 4, tzinfo=UTC))
            file_report(made, "market", kind="demand" if n else "complaint")
    clock.set_frozen(datetime(2026, 4, 2, 4, tzinfo=UTC))
    close_off()
    return made


def _begin(district: District, text: str = TEXT, who: str = "leader") -> Draft:
    return write(lambda w: drafts.begin(w, MARCH, "三月简报", text), actor=district.actor(who))


def test_a_field_is_counted_and_what_moved_since_is_shown(district: District) -> None:
    draft = _begin(district)
    seen = drafts.look(district.actor("leader"), draft)
    assert seen.shown == "三月共收到事项7件，其中诉求6件，比上月+2件。"
    assert (seen.moved, seen.wrong, seen.typed) == ([], [], [])
    clock.set_frozen(datetime(2026, 3, 30, 4, tzinfo=UTC))  # a report that came late
    file_report(district, "tax", kind="complaint")
    close_off()
    seen = drafts.look(district.actor("leader"), draft)
    assert [(m.name, m.then, m.now) for m in seen.moved] == [
        ("cases_received", "7", "8"), ("cases_received:change", "+2", "+3"),
    ]  # fmt: skip
    saved = write(
        lambda w: drafts.save(w, draft.ref, MARCH, "三月简报", TEXT, version=draft.version),
        actor=district.actor("leader"),
    )
    assert drafts.look(district.actor("leader"), saved).moved == []


@pytest.mark.parametrize(
    ("field", "shown"),
    [("cases_received", "7"), ("cases_received:previous", "5"), ("cases_received:last_year", "0"),
     ("cases_received:change", "+2"), ("cases_received:growth", "+40.0%"), ("cases_received:growth_year", "–"),
     ("cases_received:change_year", "+7"), ("cases_by_unit.market:growth", "+40.0%"),
     ("cases_by_unit.tax", "{cases_by_unit.tax}"), ("rating_mean", "–"), ("on_time_rate:change", "–"),
     (" cases_received ", "7")],
)  # fmt: skip
def test_what_a_field_comes_to(district: District, field: str, shown: str) -> None:
    seen = drafts.look(district.actor("leader"), _begin(district, "{" + field + "}"))
    assert seen.shown == shown


@pytest.mark.parametrize(
    ("text", "why"),
    [("第一行\n{no_such}", "no_such"), ("{cases_received:yesterday}", "yesterday"), ("{}", ""), ("{{x}}", "x"),
     ("{cases_received", "{"), ("收到{cases_received}}件", "}"), ("一行\n{cases_received\n}", "{")],
)  # fmt: skip
def test_a_wrong_field_is_kept_and_named_and_cannot_be_published(
    district: District, text: str, why: str
) -> None:
    draft = _begin(district, text)
    leader = district.actor("leader")
    seen = drafts.look(leader, draft)
    assert seen.text == text
    assert why in seen.wrong[0].wrong
    with pytest.raises(Refused) as refused:
        write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=leader)
    assert refused.value.field == "text"


def test_publishing_freezes_the_text_and_hides_small_numbers(district: District) -> None:
    case = case_of(file_report(district, "tax", kind="complaint"))
    carry(district, case, to="accepted")
    close_off()
    april = figures.Scope(date(2026, 3, 1), date(2026, 4, 30))
    text = "收到{cases_received}件，投诉{cases_by_kind.complaint}件，诉求{cases_by_kind.demand}件，税务{cases_by_unit.tax}件，去年同期{cases_received:last_year}件，增长{cases_by_kind.complaint:growth}。"
    leader = district.actor("leader")
    draft = write(lambda w: drafts.begin(w, april, "简报", text), actor=leader)
    assert "投诉2件" in drafts.look(leader, draft).shown
    preview = drafts.as_published(leader, draft)
    made = write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=leader)
    document = queries.as_published(made)
    assert document.text == preview.shown
    assert "收到8件，投诉（不公布），" in document.text, "what is not shown has no unit"
    assert "诉求（不公布），" in document.text, "with it the complaints could be computed"
    assert "税务（不公布），去年同期0件，增长（不公布）。" in document.text
    assert {r.id for s in document.sections for r in s.rows} == {
        v.field.name for v in preview.values
    }
    assert word(document)[:2] == excel(document)[:2] == b"PK"
    file_report(district, "market")
    close_off()
    assert queries.as_published(made) == document
    assert queries.published_json(made)["text"] == document.text
    assert not drafts.drafts_of(leader).exists(), "a published draft is no draft any more"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [("投诉{cases_by_kind.complaint}件。", "投诉（不公布）。"),
     ("Complaints: {cases_by_kind.complaint}.", "Complaints: (not shown).")],
)  # fmt: skip
def test_a_text_keeps_to_its_own_language_whoever_publishes_it(
    district: District, language: str, text: str, shown: str
) -> None:
    draft = _begin(district, text)
    with translation.override(language):
        assert drafts.as_published(district.actor("leader"), draft).shown == shown


def test_what_moved_is_named_in_words(district: District) -> None:
    draft = _begin(district)
    clock.set_frozen(datetime(2026, 3, 30, 4, tzinfo=UTC))
    file_report(district, "tax", kind="complaint")
    close_off()
    client = Client()
    client.force_login(district.users["leader"])
    for page in ("", "publish/"):
        address = f"/en/console/bulletin/draft/{draft.ref}/{page}"
        shown = client.get(address).content.decode()
        assert "<li>Cases received: <del>7</del> → <ins>8</ins></li>" in shown
        assert "change against the period before</span>: <del>+2</del> → <ins>+3</ins>" in shown


@pytest.mark.parametrize(
    ("text", "shown", "doubled"),
    [
        ("比上月增长{cases_received:growth}%。", "比上月增长+40.0%。", ["%"]),
        ("增长{cases_received:growth}％，", "增长+40.0%，", ["％"]),
        ("增长 {cases_received:growth} 件", "增长 +40.0%", ["件"]),
        ("增长{cases_received:growth}，多{cases_received:change}件", "增长+40.0%，多+2件", []),
        ("增长{cases_received:growth}件件有着落", "增长+40.0%件件有着落", []),
        ("up {cases_received:growth} cases in March", "up +40.0% in March", ["cases"]),
        ("评分{rating_mean}分，按期{on_time_rate}%", "评分–，按期–", []),
        ("{no_such}%", "{no_such}%", []),
    ],
)
def test_a_unit_typed_behind_a_field_that_says_its_own_is_left_out_and_named(
    district: District, text: str, shown: str, doubled: list[str]
) -> None:
    leader = district.actor("leader")
    draft = _begin(district, text)
    seen = drafts.look(leader, draft)
    assert (seen.shown, [typed for _value, typed in seen.doubled]) == (shown, doubled)
    assert drafts.as_published(leader, draft).shown == shown
    client = Client()
    client.force_login(district.users["leader"])
    for place in ("draft", "publish_draft"):
        page = client.get(reverse(f"console:{place}", args=[draft.ref])).content.decode()
        assert ("以下字段自带单位" in page) is bool(doubled), place


def test_each_number_of_a_published_text_has_its_own_unit_and_what_is_not_shown_has_none(
    district: District,
) -> None:
    for case in (case_of(file_report(district, "market")) for _n in range(10)):
        carry(district, case, to="closed")
    close_off()
    april = figures.Scope(date(2026, 4, 1), date(2026, 4, 30))
    fields = ("cases_received", "cases_received:change", "cases_received:growth",
              "cases_by_kind.complaint", "on_time_rate", "rating_mean")  # fmt: skip
    text = "，".join("{" + f + "}" for f in fields)
    leader = district.actor("leader")
    draft = write(lambda w: drafts.begin(w, april, "四月简报", text), actor=leader)
    made = write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=leader)
    rows = {s.id: s.rows[0] for s in queries.as_published(made).sections}
    assert {f: (rows[f].shown, rows[f].unit) for f in fields} == {
        "cases_received": ("10", "件"), "cases_received:change": ("+3", "件"),
        "cases_received:growth": ("+42.9", "%"), "cases_by_kind.complaint": ("0", "件"),
        "on_time_rate": ("100.00", "%"), "rating_mean": ("–", ""),
    }  # fmt: skip
    assert rows["cases_received"].name == "收到事项，2026年4月1日 – 2026年4月30日"
    assert "（比上期增长率），" in rows["cases_received:growth"].name
    units = {f["id"]: f["unit"] for f in queries.published_json(made)["figures"]}
    assert (units["cases_received"], units["cases_received:growth"]) == ("件", "%")
    table = docx.Document(io.BytesIO(word(queries.as_published(made)))).tables[0]
    lines = {r.cells[0].text: (r.cells[1].text, r.cells[2].text) for r in table.rows}
    assert lines[rows["cases_received:growth"].name] == ("+42.9", "%")
    assert lines[rows["rating_mean"].name] == ("–", "")
    sheet = openpyxl.load_workbook(io.BytesIO(excel(queries.as_published(made)))).active
    cells = {r[1]: (r[3], r[4] or "") for r in sheet.iter_rows(values_only=True)}
    assert cells[rows["cases_received:growth"].name] == (42.9, "%")
    assert cells[rows["rating_mean"].name] == ("–", "")
    with translation.override("en"):
        rows = {s.id: s.rows[0] for s in queries.as_published(made).sections}
    assert (rows["cases_received:growth"].shown, rows["cases_received:growth"].unit) == (
        "+42.9",
        "%",
    )


def test_a_value_that_is_not_shown_has_no_unit_on_the_page(district: District) -> None:
    client = Client()
    client.force_login(district.users["leader"])
    data = {"from": "2026-03-01", "to": "2026-03-31"}
    for address in ("console:bulletin", "console:publish"):
        page = client.get(reverse(address), data).content.decode()
        said = re.findall(
            r'<span class="value">(?:<a [^>]*>)?([^<]+)(?:</a>)?</span>( <span class="unit">[^<]+)?',
            page,
        )
        assert {bool(unit) for shown, unit in said if shown[0].isdigit()} == {True}
        assert {bool(unit) for shown, unit in said if shown in ("–", "未显示")} == {False}


def test_only_who_wrote_it_and_who_holds_it_see_a_draft(district: District) -> None:
    draft = _begin(district, who="intake")
    intake, leader = district.actor("intake"), district.actor("leader")
    for name in ("leader", "intake-2", "handler", "supervisor", "admin"):
        with pytest.raises(Missing):
            drafts.access_draft(district.actor(name), draft.ref)
    with pytest.raises(NotAllowed):
        write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=intake)
    for nobody in ("handler", "nobody", "intake"):
        with pytest.raises(Refused):
            write(lambda w, to=nobody: drafts.hand_on(w, draft.ref, to), actor=intake)
    handed = write(lambda w: drafts.hand_on(w, draft.ref, "leader"), actor=intake)
    assert drafts.access_draft(leader, draft.ref) == drafts.access_draft(intake, draft.ref)
    with pytest.raises(Conflict):
        write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=leader)
    write(lambda w: drafts.publish(w, draft.ref, version=handed.version), actor=leader)


def test_who_reads_a_draft_that_somebody_else_saved_counts_for_themselves(
    district: District,
) -> None:
    """A leader whose unit is accused reads a draft of the intake office: no number tells of the case."""
    accused = district.actor("leader")
    accused = type(accused)(
        **{**accused.__dict__, "excluded_units": frozenset({district.units["tax"].pk})}
    )
    clock.set_frozen(datetime(2026, 3, 20, 4, tzinfo=UTC))
    file_report(district, "tax", kind="clue")
    clock.set_frozen(datetime(2026, 4, 2, 4, tzinfo=UTC))
    close_off()
    draft = _begin(district, who="intake")
    assert "收到事项8件" in drafts.look(district.actor("intake"), draft).shown
    write(lambda w: drafts.hand_on(w, draft.ref, "leader"), actor=district.actor("intake"))
    seen = drafts.look(accused, drafts.access_draft(accused, draft.ref))
    assert "收到事项7件" in seen.shown
    assert seen.moved == []


def test_a_thrown_away_draft_is_gone_for_everybody(district: District) -> None:
    draft = _begin(district)
    leader = district.actor("leader")
    write(lambda w: drafts.discard(w, draft.ref), actor=leader)
    with pytest.raises(Missing):
        drafts.access_draft(leader, draft.ref)


@pytest.mark.parametrize(
    ("since", "until", "before", "year_before"),
    [((2026, 3, 1), (2026, 3, 31), ("2026-02-01", "2026-02-28"), ("2025-03-01", "2025-03-31")),
     ((2026, 1, 1), (2026, 3, 31), ("2025-10-01", "2025-12-31"), ("2025-01-01", "2025-03-31")),
     ((2026, 1, 1), (2026, 12, 31), ("2025-01-01", "2025-12-31"), ("2025-01-01", "2025-12-31")),
     ((2026, 3, 10), (2026, 3, 16), ("2026-03-03", "2026-03-09"), ("2025-03-10", "2025-03-16")),
     ((2024, 2, 1), (2024, 2, 29), ("2024-01-01", "2024-01-31"), ("2023-02-01", "2023-02-28")),
     ((2025, 2, 1), (2025, 2, 28), ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
     ((2024, 2, 29), (2024, 2, 29), ("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28"))],
)  # fmt: skip
def test_the_periods_before(
    since: tuple[int, int, int],
    until: tuple[int, int, int],
    before: tuple[str, str],
    year_before: tuple[str, str],
) -> None:
    scope = figures.Scope(date(*since), date(*until))

    def days(find: Callable[[figures.Scope], figures.Scope]) -> tuple[str, str]:
        return find(scope).since.isoformat(), find(scope).until.isoformat()

    assert days(texts.before) == before
    assert days(texts.year_before) == year_before


def test_numbers_that_somebody_typed_are_named() -> None:
    text = "2026年3月，收到{cases_received}件，问卷200份，走访168人次，占9.5%，3月31日止。"
    assert texts.typed_numbers(text) == ["200", "168", "9.5%"]


def test_the_case_behind_a_merged_one_is_counted_once(district: District) -> None:
    first, second = (case_of(file_report(district, "town")) for _n in range(2))
    do(district.actor("intake"), second, "merge", into=first.ref)
    close_off()
    april = figures.Scope(date(2026, 4, 1), date(2026, 4, 30))
    draft = write(
        lambda w: drafts.begin(w, april, "四月", "{cases_received}/{reports_received}"),
        actor=district.actor("leader"),
    )
    assert drafts.look(district.actor("leader"), draft).shown == "1/2"


def test_an_empty_line_stays_one_on_the_pages(district: District) -> None:
    """The style sheet keeps line breaks as they are, so that a page must add none."""
    client = Client()
    client.force_login(district.users["leader"])
    draft = _begin(district, "甲\n\n乙")
    for place in (f"draft/{draft.ref}/", f"draft/{draft.ref}/publish/"):
        assert ">甲\n\n乙</div>" in client.get(f"/console/bulletin/{place}").content.decode()
    leader = district.actor("leader")
    made = write(lambda w: drafts.publish(w, draft.ref, version=draft.version), actor=leader)
    page = client.get(reverse("console:published", args=[made.ref])).content.decode()
    assert ">甲\n\n乙</div>" in page
