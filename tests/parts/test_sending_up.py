"""What belongs to a superior organ: nothing of it is entered, and what was entered is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client

from huhang.cases import sending_up
from huhang.cases.flow import SEALED
from huhang.cases.models import Case, Report, SentUp
from huhang.cases.queries import verbs_for, visible_to
from huhang.config.reactions import catch_up, close_off
from huhang.insight.facts import reader
from huhang.intake import erasing as files_of_sources
from huhang.intake import kept, runs, staging
from huhang.intake.actions import add_files
from huhang.intake.imports import import_file
from huhang.intake.media import check
from huhang.intake.reports_import import HotlineImporter
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry, Payload
from huhang.kernel.write import write
from huhang.rulebook import use
from huhang.tlog.verify import verify
from tests.cast import TOKEN, District, carry, case_of, do, file_report, found_district, with_code
from tests.parts.test_sources import add, upload, work_on

pytestmark = pytest.mark.django_db
SENTENCE, NAME, PHONE, FILE = (
    "局长在饭店收了两条烟", "赵某某独一份", "13912345678", "附件里绝密的一行",
)  # fmt: skip


@pytest.fixture
def district() -> District:
    """On a Monday at noon; the next holiday is far away."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    return found_district()


def note(d: District, on: date, count: int = 1, who: str = "intake") -> SentUp:
    return write(lambda w: sending_up.note(w, on, count), actor=d.actor(who))


def test_a_note_holds_a_day_and_a_count_alone(district: District) -> None:
    made = note(district, date(2026, 2, 27), 3)
    assert {f.attname for f in SentUp._meta.concrete_fields} == {
        "id", "ref", "received_on", "count", "due_on", "due_provisional", "forwarded_on", "level",
    }  # fmt: skip
    # The Saturday 28 February is a make-up working day.
    assert (made.due_on, made.due_provisional) == (date(2026, 3, 5), False)
    entry = Entry.objects.get(verb="note_sent_up")
    assert not Payload.objects.filter(seq=entry.seq).exists()
    clock.set_frozen(datetime(2026, 12, 30, 4, tzinfo=UTC))
    assert note(district, date(2026, 12, 29)).due_provisional, "the next year is not announced"
    assert verify(parallel=False).ok


def test_who_may_note_and_what_is_refused(district: District) -> None:
    for who in ("handler", "supervisor", "admin"):
        with pytest.raises(NotAllowed):
            note(district, date(2026, 3, 1), who=who)
    for on, count, field in (
        (date(2026, 3, 3), 1, "received_on"), (date(1899, 1, 1), 1, "received_on"),
        (date(2026, 3, 1), 0, "count"), (date(2026, 3, 1), 1001, "count"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            note(district, on, count)
        assert refused.value.field == field
    assert not SentUp.objects.exists()


def test_a_rulebook_without_superior_organs_knows_nothing_of_them(district: District) -> None:
    old = note(district, date(2026, 3, 1))
    use("eu-2019-1937")
    try:
        with pytest.raises(NotAllowed):
            note(district, date(2026, 3, 1))
        with pytest.raises(NotAllowed):
            write(lambda w: sending_up.forward(w, old.ref, "city", date(2026, 3, 2)),
                  actor=district.actor("leader"))  # fmt: skip
    finally:
        use("cn-chiping")


def test_they_go_up_once_and_are_counted_by_month(district: District) -> None:
    leader = district.actor("leader")
    late = note(district, date(2026, 2, 2), 2)
    early = note(district, date(2026, 2, 27))
    note(district, date(2026, 3, 1))

    def forward(ref: str, level: str, on: date) -> SentUp:
        return write(lambda w: sending_up.forward(w, ref, level, on), actor=leader)

    for level, on, field in (
        ("moon", date(2026, 3, 2), "level"), ("city", date(2026, 3, 3), "forwarded_on"),
        ("city", date(2026, 2, 1), "forwarded_on"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            forward(late.ref, level, on)
        assert refused.value.field == field
    forward(late.ref, "city", date(2026, 3, 2))
    forward(early.ref, "province", date(2026, 3, 2))
    with pytest.raises(Refused):
        forward(early.ref, "province", date(2026, 3, 2))
    assert sending_up.by_month() == [
        sending_up.Month(date(2026, 3, 1), 1, 0, 0),
        sending_up.Month(date(2026, 2, 1), 3, 3, 2),
    ]
    assert [n.received_on for n in sending_up.open_ones()] == [date(2026, 3, 1)]
    assert verify(parallel=False).ok


def with_everything(d: District, to: str = "received", file: str = FILE) -> tuple[Report, Case]:
    """A report with words, a contact, a file, a code, a message, a person, carried along."""
    upload_made = staging.keep_one(check("证据.txt", file.encode()))
    report = file_report(
        d, "market", text=SENTENCE, contact={"name": NAME, "phone": PHONE}, anonymous=False,
        persons=(d.users["handler-east"].person_id,), uploads=(upload_made,), site="hall",
        title=f"{NAME}举报", kind="complaint", **with_code(),
    )  # fmt: skip
    case = case_of(report)
    do(d.actor("intake"), case, "message", note=f"{NAME}您好")
    return report, carry(d, case, to=to)


def grep(*traces: str) -> list[str]:
    """The tables in which one of these stands in any cell of any row."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            cells = [c for row in cursor.fetchall() for c in row]
            texts = [
                c if isinstance(c, str) else bytes(c).decode("utf-8", "replace")
                for c in cells if isinstance(c, str | bytes | memoryview)
            ]  # fmt: skip
            found += [f"{table} {t}" for t in traces if any(t in text for text in texts)]
    return sorted(found)


@pytest.mark.parametrize("to", ["received", "accepted", "rectifying", "closed"])
def test_nothing_is_left_of_a_sealed_case(district: District, to: str) -> None:
    report, case = with_everything(district, to)
    close_off()
    traces = (SENTENCE, NAME, PHONE, FILE, "证据.txt")
    assert {g.split()[0] for g in grep(*traces)} >= {"kernel_payload", "cases_case"}
    do(district.actor("intake"), case, "seal_forward")
    assert grep(*traces) == [], "at once, before anything followed the log"
    close_off()
    assert grep(*traces) == []
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.unit_id, after.title, after.channel) == (SEALED, None, "", "")
    assert clock.local_day(after.received_at) == date(2026, 3, 2)
    kept = {"Case", "Report", "SentUp", "CalendarYear", "Cursor"}
    for model in apps.get_app_config("cases").get_models():
        assert model.__name__ in kept or not model._base_manager.exists(), model.__name__
    left = Report.objects.get(pk=report.pk)
    assert (left.site, left.channel, left.content_hash, left.words) == ("", "", None, None)
    (noted,) = SentUp.objects.all()
    assert (noted.received_on, noted.count, noted.due_on) == (
        date(2026, 3, 2), 1, date(2026, 3, 9),
    )  # fmt: skip
    said = Entry.objects.get(verb="seal_forward")
    for trace in (*traces, "market", "hall"):
        assert trace not in said.manifest
    assert verify(parallel=False).ok


def test_what_earlier_manifests_keep_is_numbers_of_rows(district: District) -> None:
    """What docs/threat-model.md says of it: no name and no code of the unit, but its row's number."""
    _report, case = with_everything(district)
    do(district.actor("intake"), case, "seal_forward")
    unit = district.units["market"]
    of_case = "".join(Entry.objects.filter(case_id=case.pk).values_list("manifest", flat=True))
    assert unit.code not in of_case
    assert str(unit.pk) in of_case


def test_it_leaves_every_list(district: District) -> None:
    report, case = with_everything(district, "assigned")
    do(district.actor("intake"), case, "seal_forward")
    close_off()
    for name in district.users:
        assert not visible_to(district.actor(name)).exists()
        client = Client()
        client.force_login(district.users[name])
        assert client.get(f"/console/cases/{case.ref}/").status_code in (403, 404)
    assert not visible_to(OPERATOR).exists()
    assert reader.ask(reader.state(), "SELECT count(*) FROM facts") == [(0,)]
    page = Client()
    page.force_login(district.users["intake"])
    assert case.ref not in page.get("/console/cases/?state=all").content.decode()
    found = page.get(f"/console/cases/?q={case.ref}").content.decode()
    assert f"/console/cases/{case.ref}/" not in found
    back = Client().post("/r/back/", {"login_token": TOKEN})
    assert back.status_code == 200, "the code still opens what became of the report"
    assert "已封存上报" in back.content.decode()
    assert SENTENCE not in back.content.decode()
    sent = Client().post("/r/back/", {"login_token": TOKEN, "do": "reply", "note": "补充"})
    assert sent.status_code == 400
    with pytest.raises(NotAllowed):
        write(lambda w: add_files(w, report, []), actor=OPERATOR)


def test_those_merged_into_it_are_sealed_with_it(district: District) -> None:
    _report, case = with_everything(district)
    other = case_of(file_report(district, "tax", text="另一件里的那句话"))
    do(district.actor("intake"), other, "merge", into=case.ref)
    do(district.actor("leader"), case, "seal_forward")
    close_off()
    assert grep("另一件里的那句话") == []
    assert set(Case.objects.values_list("state", flat=True)) == {SEALED}
    assert SentUp.objects.get().count == 2
    assert verify(parallel=False).ok


def test_whoever_may_not_triage_may_not_seal(district: District) -> None:
    _report, case = with_everything(district, "assigned")
    assert "seal_forward" in verbs_for(district.actor("leader"), case)
    for name in ("handler", "supervisor"):
        assert "seal_forward" not in verbs_for(district.actor(name), case)


def test_a_file_does_not_bring_it_back(district: District, tmp_path: Path) -> None:
    path = tmp_path / "hot.csv"
    path.write_text(f"工单编号,诉求内容\nT1,{SENTENCE}\nT2,路灯不亮\n", encoding="utf-8")
    intake = district.actor("intake")
    import_file(HotlineImporter, path, actor=intake)
    case = Case.objects.get(pk=Report.objects.get(number="T1").case_id)
    do(intake, case, "seal_forward")
    catch_up()
    for who in (intake, district.actor("intake-2"), OPERATOR):
        result = import_file(HotlineImporter, path, actor=who)
        assert (result.accepted, result.repeated) == (0, 2)
        assert grep(SENTENCE) == []
    assert verify(parallel=False).ok


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    d = found_district()
    actor = d.actor("intake")
    add(actor)
    run = upload(actor, f"工单编号,诉求内容,受理时间\nT1,{SENTENCE},2026-03-01\n", "hot")
    runs.confirm(run, actor)
    work_on(run)
    own_file = "只在这个测试里的附件"  # the files of tests that were rolled back lie there still
    _report, filed = with_everything(d, file=own_file)
    imported = Case.objects.get(pk=Report.objects.get(number="T1").case_id)
    close_off()

    def on_disk() -> list[str]:
        places = [p for p in Path(settings.HUHANG_HOME).rglob("*") if p.is_file()]
        # A server's own files are not the product's: PostgreSQL clears dead rows when it vacuums.
        servers = [p.parent for p in places if p.name == "PG_VERSION"]
        places = [p for p in places if not any(s in p.parents for s in servers)]
        if connection.vendor == "sqlite":
            name = str(connection.settings_dict["NAME"])
            places += [p for p in map(Path, (name, f"{name}-wal")) if p.is_file()]
        content = b"".join(p.read_bytes() for p in places)
        return [t for t in (SENTENCE, NAME, PHONE, own_file) if t.encode() in content]

    assert set(on_disk()) >= {SENTENCE, own_file}
    for case in (imported, filed):
        do(actor, case, "seal_forward")
    close_off()
    assert files_of_sources.catch_up() == 1
    assert not kept.place_of(run.ref).is_dir()
    assert on_disk() == []


def test_the_page_notes_and_sends_up(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    assert "没有待上报" in client.get("/console/sent-up/").content.decode()
    wrong = client.post("/console/sent-up/", {"received_on": "2026-03-09", "count": "0"})
    assert wrong.status_code == 400
    sent = client.post("/console/sent-up/", {"received_on": "2026-02-02", "count": "2"})
    assert sent.status_code == 302
    made = SentUp.objects.get()
    shown = client.get(sent["Location"]).content.decode()
    assert "2026年2月2日" in shown
    assert "超期" in shown
    answer: dict[str, Any] = {f"{made.ref}-forwarded_on": "2026-03-02"}
    refused = client.post(f"/console/sent-up/{made.ref}/", answer)
    assert refused.status_code == 400
    done = client.post(f"/console/sent-up/{made.ref}/", {**answer, f"{made.ref}-level": "city"})
    assert done.status_code == 302
    assert "市级" in client.get(done["Location"]).content.decode()
    assert client.post("/console/sent-up/AAAAA-AAAAA/", {
        "AAAAA-AAAAA-forwarded_on": "2026-03-02", "AAAAA-AAAAA-level": "city"}).status_code == 404  # fmt: skip
