"""The one write path: nothing without an entry, nothing half, numbers without gaps."""

from __future__ import annotations

import errno
import fcntl
import threading

import orjson
import pytest
from django.db import connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from huhang.cases.models import Case
from huhang.intake.actions import ReportDraft, submit
from huhang.kernel import ids
from huhang.kernel.actor import OPERATOR, PUBLIC
from huhang.kernel.bulk import TURNS, fewer_checkpoints
from huhang.kernel.errors import Conflict, Refused, StrayWrite
from huhang.kernel.guard import unguarded
from huhang.kernel.manifest import canonical
from huhang.kernel.models import Entry
from huhang.kernel.rows import shape
from huhang.kernel.turns import turn
from huhang.kernel.write import Write, start_writer, stop_writer, write, write_many
from huhang.parties.models import Unit
from huhang.tlog.verify import verify


def draft(text: str = "办证太慢") -> ReportDraft:
    return ReportDraft("scan_code", {"text": text})


@pytest.mark.django_db
def test_a_change_outside_the_write_path_fails_loudly() -> None:
    with pytest.raises(StrayWrite):
        Unit.objects.create(id=1, code="x", name="x", kind="organ")
    with pytest.raises(StrayWrite), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET state = 'closed'")


@pytest.mark.django_db
def test_a_change_without_an_entry_fails_loudly() -> None:
    with pytest.raises(StrayWrite):
        write(lambda w: w.add(Unit, code="x", name="x", kind="organ"), actor=OPERATOR)


@pytest.mark.django_db
def test_what_an_entry_commits_to_is_said_before_the_next_one_opens() -> None:
    def late(w: Write) -> None:
        first = w.entry("report")
        first.say("words", "in time")
        w.entry("report")
        first.say("words", "too late")

    def late_code(w: Write) -> None:
        first = w.entry("report")
        first.tell({"to": "received"})
        w.entry("report")
        first.tell({"to": "closed"})

    for action in (late, late_code):
        with pytest.raises(StrayWrite):
            write(action, actor=OPERATOR)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_knows_no_locks_is_written_to_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_locks(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    write(lambda w: submit(w, draft()), actor=PUBLIC)
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_an_action_that_fails_leaves_nothing() -> None:
    def fails(w: object) -> None:
        submit(w, draft())  # type: ignore[arg-type]
        raise Refused("no", field="x")

    with pytest.raises(Refused):
        write(fails, actor=PUBLIC)
    assert not Case.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_in_a_group_the_failing_action_alone_is_rolled_back() -> None:
    def fails(w: object) -> None:
        submit(w, draft())  # type: ignore[arg-type]
        raise Refused("no", field="x")

    results = write_many([lambda w: submit(w, draft()), fails, lambda w: submit(w, draft())],
                         actor=PUBLIC)  # fmt: skip
    assert isinstance(results[1], Refused)
    assert Case.objects.count() == 2
    assert list(Entry.objects.values_list("seq", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_said_in_the_language_of_the_one_who_waits() -> None:
    def empty(w: Write) -> None:
        submit(w, ReportDraft("scan_code", {"text": " "}))

    said = {}
    start_writer()
    try:
        for code in ("en", "zh-hans", "en"):
            with translation.override(code):
                with pytest.raises(Refused) as one:
                    write(empty, actor=PUBLIC)
                [grouped] = write_many([empty], actor=PUBLIC)
            said[code] = {str(one.value), str(grouped)}
            assert len(said[code]) == 1
    finally:
        stop_writer()
    assert said["en"].pop().isascii()
    assert not said["zh-hans"].pop().isascii()


@pytest.mark.django_db(transaction=True)
def test_many_clients_at_once_get_numbers_without_gaps() -> None:
    start_writer()
    failures: list[BaseException] = []

    def client(n: int) -> None:
        try:
            for i in range(25):
                write(lambda w, i=i: submit(w, draft(f"{n}-{i}")), actor=PUBLIC)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    try:
        threads = [threading.Thread(target=client, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop_writer()
    assert not failures
    assert list(Entry.objects.values_list("seq", flat=True)) == list(range(1, 201))
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_rows_are_changed_together_and_found_again_by_replay() -> None:
    units = write(lambda w: _units(w, 5), actor=OPERATOR)

    def together(w: Write) -> None:
        w.entry("change_units")
        w.update_many(Unit, [u.pk for u in units[:4]], kind="organ", parent_id=units[4].pk)

    write(together, actor=OPERATOR)
    assert Unit.objects.filter(kind="organ", parent=units[4]).count() == 4
    manifest = orjson.loads(Entry.objects.order_by("-seq")[0].manifest)
    assert manifest["many"] == [
        ["parties.unit", {"kind": "organ", "parent_id": str(units[4].pk)}, [str(u.pk) for u in units[:4]]]
    ]  # fmt: skip
    assert verify(parallel=False).ok
    with unguarded():
        Unit.objects.filter(pk=units[2].pk).update(kind="township")
    bad = verify(parallel=False).first_bad
    assert bad is not None
    assert (bad.row, bad.entry) == (str(units[2].pk), Entry.objects.count())


def _units(w: Write, count: int) -> list[Unit]:
    w.entry("set_up")
    return [w.insert(Unit, code=f"u{n}", name=f"单位{n}", kind="township") for n in range(count)]


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"kind": "organ"}, {"name": "新名"}])
def test_rows_that_are_gone_or_private_columns_are_not_changed_together(
    values: dict[str, str],
) -> None:
    (unit,) = write(lambda w: _units(w, 1), actor=OPERATOR)

    def together(w: Write) -> None:
        w.entry("change_units")
        w.update_many(Unit, [unit.pk, 12345], **values)

    with pytest.raises(Conflict if "kind" in values else TypeError):
        write(together, actor=OPERATOR)
    assert Unit.objects.get(pk=unit.pk).kind == "township"


@pytest.mark.django_db
def test_a_manifest_holds_no_text_and_no_name() -> None:
    text, name = "某某局长吃拿卡要的详细经过", "张三丰"
    write(
        lambda w: submit(
            w,
            ReportDraft(
                "letter", {"text": text}, contact={"name": name, "phone": "13800000000"},
                title="关于某某局长",
            ),
        ),
        actor=PUBLIC,
    )  # fmt: skip
    for entry in Entry.objects.all():
        assert entry.manifest.isascii()
        for secret in (text, name, "13800000000", "局长"):
            assert secret not in entry.manifest


def test_every_column_of_a_logged_table_is_a_code_or_private() -> None:
    """Free text that stands in a manifest can never be erased: list the character columns."""
    from huhang.kernel.rows import logged_models

    open_text = {
        f"{shape(m).label}.{f.attname}"
        for m in logged_models()
        for f in shape(m).fields
        if f.get_internal_type() in ("CharField", "TextField") and f.attname in shape(m).open
    }
    codes = {
        "cases.accountability.ref", "cases.accountability.cause", "cases.accountability.duty",
        "cases.accountability.state", "cases.accountability.decided_by", "cases.approval.ref",
        "cases.approval.verb", "cases.approval.state", "cases.approval.steps",
        "cases.approval.post", "cases.approval.proposed_by", "cases.approvalstep.post",
        "cases.approvalstep.outcome", "cases.approvalstep.by", "cases.case.clearing",
        "cases.case.outcome", "cases.clearing.forms", "cases.clearing.reason",
        "cases.falseaccusation.outcome", "cases.falseaccusation.decided_by",
        "cases.hearing.route", "cases.jointpunishment.target", "cases.outcome.ref",
        "cases.outcome.form", "cases.outcome.revoked_by", "cases.tolerance.effect",
        "parties.user.posts",
        "cases.calendaryear.by", "cases.calendaryear.off", "cases.calendaryear.on",  # lists of days
        "cases.attachment.copy", "cases.attachment.media_type", "cases.attachment.ref",
        "cases.case.behaviour", "cases.case.channel", "cases.case.escalated_to",
        "cases.case.finding", "cases.case.governed", "cases.case.kind", "cases.case.nature",
        "cases.case.ref", "cases.case.state", "cases.case.submitted_by", "cases.clock.rule",
        "cases.disclosure.by", "cases.disclosure.ref", "parties.token.ref", "parties.token.scopes",
        "cases.clock.rule_version", "cases.party.duty", "cases.party.relation", "cases.report.channel",
        "cases.report.language", "cases.report.ref", "cases.report.site", "cases.report.source",
        "cases.report.taken_by", "cases.sentup.level", "cases.sentup.ref", "cases.transfer.by",
        "cases.transfer.ref", "cases.transfer.target", "intake.disposition.source",
        "intake.disposition.timing", "intake.nameleft.by", "intake.importrun.by", "intake.importrun.file_hash",
        "intake.importrun.kind", "intake.importrun.ref", "intake.importrun.source",
        "intake.importrun.state", "intake.importrun.push", "intake.importrun.way",
            "intake.importrun.again", "intake.source.code", "intake.source.kind", "intake.source.owner",
            "intake.pushkey.ref", "intake.site.code", "papers.number.by", "papers.number.paper",
        "papers.number.ref", "papers.number.serial",  # made from the rulebook's pattern alone
        "papers.number.series", "papers.number.voided_by", "parties.group.code", "parties.group.kind",
        "parties.business.district", "parties.business.scheme", "parties.business.source",
        "parties.business.value", "parties.membership.role", "parties.unit.code",
        "parties.unit.kind", "parties.user.ref",
    }  # fmt: skip
    assert {c for c in open_text if not c.startswith("insight.")} == codes


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_./0123456789"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz"), VALUES))
def test_the_canonical_encoding_is_rfc_8785(value: dict[str, object]) -> None:
    rfc8785 = pytest.importorskip("rfc8785")
    assert canonical(value) == rfc8785.dumps(value)


@given(st.integers(0, 9), st.sampled_from(ids.ALPHABET))
def test_a_reference_with_one_wrong_character_is_refused(place: int, other: str) -> None:
    ref = ids.new_ref()
    bare = ref.replace("-", "")
    assert ids.read_ref(ref.lower()) == ids.read_ref(bare) == ref
    if bare[place] == other:
        return
    changed = bare[:place] + other + bare[place + 1 :]
    # 31 check values cannot tell a digit of the body moved by a multiple of 31: 0 and Z.
    if {bare[place], other} == {"0", "Z"}:
        return
    with pytest.raises(ValueError, match="check"):
        ids.read_ref(changed)


@pytest.mark.django_db(transaction=True)
def test_an_import_puts_the_checkpoint_of_its_database_back() -> None:
    def pages() -> int:
        if connection.vendor != "sqlite":
            return 0
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint")
            return int(cursor.fetchone()[0])

    before = pages()
    with fewer_checkpoints() as written:
        assert pages() > before or connection.vendor != "sqlite"
        for _group in range(2 * TURNS):  # the pages are copied while others are written
            write(lambda w: submit(w, draft()), actor=PUBLIC)
            written()
    assert pages() == before
    assert "huhang-checkpoint" not in {thread.name for thread in threading.enumerate()}
    assert verify().entries == Case.objects.count() == 2 * TURNS


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_waits_for_their_turn_but_not_for_ever() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no one write lock")
    at, order = threading.Event(), []

    def other() -> None:
        at.set()
        write(lambda w: submit(w, draft()), actor=PUBLIC)
        order.append("the other's report is there")
        connection.close()

    waiting = threading.Thread(target=other)
    with turn():
        waiting.start()
        at.wait()
        waiting.join(0.1)
        order.append("the turn is over")
    waiting.join()
    assert order == ["the turn is over", "the other's report is there"]

    def late() -> None:
        with turn(patience=0.01):
            order.append("patience is over")

    impatient = threading.Thread(target=late)
    with turn():
        impatient.start()
        impatient.join(5)
    assert order[-1] == "patience is over"


def test_ids_of_many_threads_are_of_their_own_and_grow() -> None:
    drawn: list[list[int]] = []

    def draw() -> None:
        for _action in range(50):
            new_id = ids.new_ids().__next__
            drawn.append([new_id() for _ in range(100)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == sorted(one) for one in drawn)
    assert len({key for one in drawn for key in one}) == 4 * 50 * 100
