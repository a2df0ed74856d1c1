"""Reporting and coming back without a browser: what is stored, what is not, what is refused."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from PIL import Image

from huhang.cases.models import Attachment, Case, Message, Party, Report
from huhang.cases.queries import payload_value
from huhang.intake import media, reporter_code, staging
from huhang.intake.actions import login_hash
from huhang.kernel import files
from huhang.kernel.errors import Full, Refused
from huhang.kernel.models import Entry, Payload
from huhang.portal import limits
from huhang.tlog.verify import verify
from tests.cast import carry, do, file_report, found_district, reporter_of

pytestmark = pytest.mark.django_db
ANSWERS = {"step": "send", "subject": "unit", "unit": "示范区工商局", "kind": "demand",
           "text": "变更登记拖了两个月", "reach": "anonymous"}  # fmt: skip


def _send(client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post("/r/new/", {**ANSWERS, "login_token": "ab" * 32, **more})


def test_a_report_is_kept_once_however_often_it_is_sent() -> None:
    found_district()
    assert _send()["Location"].startswith("/r/kept/?k=")
    assert _send().status_code == 303, "sent again after a lost connection"
    report = Report.objects.get()
    assert report.channel == "scan_code"
    assert bytes(report.login_hash or b"") == login_hash("ab" * 32)
    assert Party.objects.get(case=report.case).relation == "accused", "until triage"
    assert verify(parallel=False).ok


def test_nothing_of_the_network_is_stored(home: Path) -> None:
    found_district()
    Client().post("/r/new/", {**ANSWERS, "login_token": "cd" * 32}, REMOTE_ADDR="203.0.113.77",
                  HTTP_X_FORWARDED_FOR="198.51.100.9", HTTP_USER_AGENT="SecretAgent/7")  # fmt: skip
    everything = [
        str(v)
        for m in (Entry, Payload, Report, Case)
        for row in m.objects.values()
        for v in row.values()
    ]
    for trace in ("203.0.113.77", "198.51.100.9", "SecretAgent"):
        assert not any(trace in value for value in everything)


@pytest.mark.parametrize("subject", ["own_leaders", "superior"])
def test_the_right_channel_stores_nothing(subject: str) -> None:
    found_district()
    before = Entry.objects.count()
    for step in ("whom", "what", "send"):
        page = _send(subject=subject, step=step)
        assert page.status_code == 200
        assert "12388" in page.content.decode()
    assert Entry.objects.count() == before
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("change", "step"),
    [({"text": ""}, "what"), ({"text": "x" * 20_001}, "what"), ({"kind": "nothing"}, "kind"),
     ({"subject": ""}, "whom"), ({"unit": ""}, "unit"), ({"occurred_on": "2026-02-31"}, "when"),
     ({"occurred_on": "2999-01-01"}, "when"), ({"reach": "contact"}, "contact"),
     ({"login_token": "short"}, "send"), ({"reach": ""}, "contact")],
)  # fmt: skip
def test_bad_answers_go_back_to_their_page_and_keep_the_others(
    change: dict[str, str], step: str
) -> None:
    found_district()
    page = _send(**change)
    assert page.status_code == 400
    text = page.content.decode()
    assert f'name="step" value="{step}"' in text
    assert 'role="alert"' in text
    assert not Report.objects.exists()


def test_steps_go_on_and_back_with_all_answers() -> None:
    client = Client()
    page = client.post("/r/new/", {**ANSWERS, "step": "kind", "go": "back"}).content.decode()
    assert 'name="step" value="unit"' in page
    assert ANSWERS["text"] in page
    page = client.post(
        "/r/new/", {"step": "whom", "subject": "unknown", "go": "next"}
    ).content.decode()
    assert 'name="step" value="kind"' in page, "no unit is asked for"


def test_pages_are_not_kept_by_browsers_and_set_no_cookie_but_csrf() -> None:
    found_district()
    client = Client()
    for path in ("/r/", "/r/new/", "/r/back/", _send()["Location"], "/r/nowhere/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert "unsafe" not in answer["Content-Security-Policy"]
    assert set(client.cookies) <= {"csrftoken"}


def test_csrf_is_needed() -> None:
    assert _send(Client(enforce_csrf_checks=True)).status_code == 403


def _jpeg() -> bytes:
    image = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_files_are_staged_then_kept_with_a_stripped_copy() -> None:
    district = found_district()
    client = Client()
    upload = io.BytesIO(_jpeg())
    upload.name = "证据.jpg"
    page = client.post("/r/new/", {**ANSWERS, "step": "files", "go": "next", "upload": upload})
    name = re.search(r'name="files" value="([0-9a-f]{40})"', page.content.decode())
    assert name
    assert not Attachment.objects.exists()
    assert _send(client, files=[name[1]]).status_code == 303
    kept = Attachment.objects.get()
    assert b"CameraMaker" in files.read(Payload.objects.get(pk=kept.payload).path)
    assert b"CameraMaker" not in files.read(kept.copy)
    assert staging.describe(name[1]) is None, "nothing stays staged"
    assert verify(parallel=False).ok
    office = Client()
    office.force_login(district.users["intake"])
    case = Case.objects.get(pk=kept.report.case_id)
    address = f"/console/cases/{case.ref}/files/{kept.ref}/"
    assert b"CameraMaker" not in office.get(address).content
    assert b"CameraMaker" in office.get(address + "?original=1").content
    do(district.actor("intake"), case, "accept", kind="demand")
    do(district.actor("intake"), case, "assign", responsible="market")
    handler = Client()
    handler.force_login(district.users["handler"])
    assert handler.get(address).status_code == 200
    assert handler.get(address + "?original=1").status_code == 404


def test_a_staged_file_can_be_taken_back_and_a_swept_one_is_asked_for_again() -> None:
    found_district()
    client = Client()
    upload = io.BytesIO(b"plain words")
    upload.name = "a.txt"
    page = client.post("/r/new/", {**ANSWERS, "step": "files", "upload": upload}).content.decode()
    name = re.findall(r'name="files" value="([0-9a-f]{40})"', page)[0]
    page = client.post(
        "/r/new/", {**ANSWERS, "step": "files", "files": [name], "drop": name}
    ).content.decode()
    assert name not in page
    gone = _send(client, files=["00" * 20])
    assert gone.status_code == 400
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ\x90\x00" + b"\x00" * 60), ("a.svg", b"<svg onload='x'/>\x00"), ("a.jpg", b"\xff\xd8\xff\xe0bad"),
     ("a.txt", b""), ("a.zip", b"PK\x03\x04" + b"\x00" * 40), ("big.txt", b"x" * (21 << 20))],
)  # fmt: skip
def test_files_of_other_kinds_are_refused_by_content(name: str, content: bytes) -> None:
    with pytest.raises(Refused, match=re.escape(name)):
        media.check(name, content)


def test_come_back_talk_and_rate() -> None:
    district = found_district()
    code = reporter_code.new_code()
    token = reporter_code.login_token(code)
    report = file_report(district, "market", login_hash=login_hash(token))
    client = Client()
    assert client.post("/r/back/", {"code": code[:-2]}).status_code == 400
    assert client.post("/r/back/", {"login_token": "00" * 32}).status_code == 400
    typed = "-".join(reporter_code.groups(code)).lower().replace("0", "o")
    page = client.post("/r/back/", {"code": typed})
    assert page.status_code == 200
    assert code not in page.content.decode()
    reply = client.post("/r/back/", {"login_token": token, "do": "reply", "note": "补充说明"})
    assert "补充说明" in reply.content.decode()
    early = client.post("/r/back/", {"login_token": token, "do": "rate", "rating": "5"})
    assert early.status_code == 400, "no rating before the answer"
    case = carry(district, report.case, to="fed_back")
    rated = client.post("/r/back/", {"login_token": token, "do": "rate", "rating": "4"})
    assert rated.status_code == 200
    assert Case.objects.get(pk=case.pk).rating == 4
    empty = client.post("/r/back/", {"login_token": token, "do": "reply", "note": "  "})
    assert empty.status_code == 400
    assert Message.objects.filter(from_reporter=True).count() == 1
    upload = io.BytesIO(b"more words")
    upload.name = "b.txt"
    more = client.post("/r/back/", {"login_token": token, "do": "files", "upload": upload})
    assert "b.txt" in more.content.decode()
    assert reporter_of(report).case_id == case.pk


def test_over_the_limit_a_puzzle_not_a_refusal() -> None:
    found_district()
    limits.limiter._renew(0)
    with override_settings(HUHANG_LIMIT_PER_HOUR=2):
        client = Client()
        for n in range(2):
            assert _send(client, login_token=f"{n:064x}").status_code == 303
        page = _send(client, login_token=f"{9:064x}")
        text = page.content.decode()
        seal = re.search(r'name="puzzle_seal" value="([^"]+)"', text)
        a, b = re.search(r"(\d+) 加 (\d+)", text).groups()  # type: ignore[union-attr]
        assert seal
        wrong = _send(client, login_token=f"{9:064x}", puzzle_seal=seal[1], puzzle_answer="1")
        assert "puzzle_seal" in wrong.content.decode()
        right = {"puzzle_seal": seal[1], "puzzle_answer": str(int(a) + int(b))}
        assert _send(client, login_token=f"{9:064x}", **right).status_code == 303
        again = _send(client, login_token=f"{8:064x}", **right)
        assert again.status_code == 400, "a puzzle is used up"
        other = client.post(
            "/r/new/", {**ANSWERS, "login_token": "ef" * 32}, REMOTE_ADDR="203.0.113.5"
        )
        assert other.status_code == 303, "another place is not limited"


def test_a_full_disk_refuses_clearly_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found_district()
    before = Entry.objects.count()
    with override_settings(HUHANG_MIN_FREE_MB=10**9):
        page = _send()
        assert page.status_code == 503
        assert ANSWERS["text"] in page.content.decode(), "what was typed is kept on the page"
        with pytest.raises(Full):
            files.keep(b"x")
        assert Client().get("/healthz").status_code == 503
    assert Entry.objects.count() == before
    assert _send().status_code == 303, "and goes on when there is room again"


def test_the_two_makers_of_codes_agree() -> None:
    """The vector that code.js is checked against in the browser."""
    code = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    checked = code + "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[reporter_code._check(code)]
    assert reporter_code.normalise(checked.lower()) == checked
    assert len(reporter_code.login_token(checked)) == 64
    assert reporter_code.login_token(checked) != reporter_code.sealing_key(checked)
    for _n in range(50):
        made = reporter_code.new_code()
        assert reporter_code.normalise("".join(reporter_code.groups(made))) == made


def test_erasing_reaches_everything_and_the_log_verifies() -> None:
    from huhang.cases import search
    from huhang.config.reactions import close_off

    district = found_district()
    report = file_report(district, text="很独特的词语", login_hash=login_hash("11" * 32))
    case = do(district.actor("intake"), report.case, "keep", reason="for_study")
    close_off()
    assert search.newest(Case.objects.all(), "独特的词") == [case.pk]
    do(district.actor("leader"), case, "erase", note="依申请清除")
    assert payload_value(report.words) is None
    assert not search.newest(Case.objects.all(), "独特的词")
    page = Client().post("/r/back/", {"login_token": "11" * 32}).content.decode()
    assert "很独特的词语" not in page
    assert "已经清除" in page
    assert verify(parallel=False).ok


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("证据.exe", "文字说明".encode(), "证据.exe.txt"),
        ("看图\u202egpj.hta", b"\xff\xfb\x90d" + bytes(400), "看图gpj.hta.mp3"),
        ("a.LOG", b"plain text", "a.LOG"),
        ("..\\..\\x.txt", b"plain text", "x.txt"),
    ],
)
def test_a_file_is_named_as_its_content_is(name: str, content: bytes, kept: str) -> None:
    assert media.check(name, content).name == kept


@pytest.mark.parametrize(
    "content",
    [b"<html><script>x</script>", b"\xef\xbb\xbf <svg onload=x>", b"<?xml version='1.0'?><a/>"],
)
def test_markup_is_not_taken(content: bytes) -> None:
    with pytest.raises(Refused):
        media.check("x.txt", content)


def test_a_document_with_macros_is_not_taken() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"):
            archive.writestr(part, "x")
    with pytest.raises(Refused):
        media.check("x.docx", packed.getvalue())


def test_an_image_with_broken_metadata_is_refused_or_stripped() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    whole = out.getvalue()
    for at in range(20, 60):
        broken = whole[:at] + b"\xff\xff" + whole[at + 2 :]
        try:
            copy = media.stripped(media.Media("x.jpg", "image/jpeg", broken))
        except Refused:
            continue
        assert copy is not None
        assert not Image.open(io.BytesIO(copy)).getexif()
