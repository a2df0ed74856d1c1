"""JSON as programs save it: a list, a list inside an object, lines; streamed, and refused in words."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huhang.cases.models import Report
from huhang.intake import work
from huhang.intake.imports import import_file
from huhang.intake.kinds import KINDS
from huhang.intake.models import Disposition, ImportRun
from huhang.kernel.actor import OPERATOR
from huhang.parties.models import Business, Unit
from huhang.tables.faults import UnusableFile
from tests.cast import found_district
from tests.parts.test_register import ONE, TWO

pytestmark = pytest.mark.django_db
Row = dict[str, Any]
TABLES: dict[str, list[Row]] = {
    "hotline": [{"工单编号": "A1", "诉求内容": "路灯不亮"}, {"工单编号": "A2", "诉求内容": "积水"}],
    "events": [
        {"事件编号": "E1", "处置部门": "甲局", "上报时间": "2018-02-08", "是否超期": "否"},
        {"事件编号": "E2", "处置部门": "乙局", "上报时间": "2018-02-09", "是否超期": "是"},
    ],
    "register": [
        {"企业名称": "甲公司", "统一社会信用代码": ONE},
        {"企业名称": "乙公司", "统一社会信用代码": TWO},
    ],
    "units": [
        {"单位名称": "聊城市", "单位代码": "371500", "类型": "行政区划", "上级单位": None},
        {"单位名称": "茌平区", "单位代码": "371503", "类型": "行政区划", "上级单位": "371500"},
    ],
}
HELD = {"hotline": Report, "events": Disposition, "register": Business, "units": Unit}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


FORMS: dict[str, Callable[[list[Row]], bytes]] = {
    "list.json": lambda rows: _text(rows).encode(),
    "rows.json": lambda rows: _text({"rows": rows}).encode(),
    "records.JSON": lambda rows: _text({"records": rows, "total": len(rows)}).encode(),
    "deep.json": lambda rows: _text(
        {"code": 0, "columns": [{"name": "x"}], "data": {"page": {"n": 1}, "records": rows}}
    ).encode(),
    "other.json": lambda rows: _text({"ok": True, "工单": rows, "none": []}).encode(),
    "marked.json": lambda rows: b"\xef\xbb\xbf" + _text(rows).encode(),
    "wide.json": lambda rows: json.dumps(rows, ensure_ascii=False, indent=2).encode("utf-16"),
    "chinese.json": lambda rows: _text(rows).encode("gb18030"),
    "lines.jsonl": lambda rows: "\n".join(map(_text, rows)).encode(),
    "lines.json": lambda rows: ("\r\n\r\n".join(map(_text, rows)) + "\r\n").encode(),
    "lines.NDJSON": lambda rows: b"\xef\xbb\xbf" + "\n".join(map(_text, rows)).encode(),
    "called.txt": lambda rows: _text({"data": rows}).encode(),
    "packed.json.gz": lambda rows: gzip.compress(_text(rows).encode()),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", TABLES)
def test_each_kind_takes_json_as_it_comes(kind: str, name: str, tmp_path: Path) -> None:
    found_district()
    held = HELD[kind].objects.count()
    path = tmp_path / name
    path.write_bytes(FORMS[name](TABLES[kind]))
    result = import_file(KINDS[kind], path, actor=OPERATOR)
    assert (result.read, result.accepted, result.refusals) == (2, 2, [])
    assert HELD[kind].objects.count() == held + 2
    assert import_file(KINDS[kind], path, actor=OPERATOR).repeated == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["records.JSON", "lines.jsonl", "lines.NDJSON", "marked.json"])
def test_the_console_takes_them_too(name: str) -> None:
    district = found_district()
    client = Client()
    client.force_login(district.users["intake"])
    content = FORMS[name](TABLES["hotline"])
    sent = {"kind": "hotline", "mapping": "", "file": SimpleUploadedFile(name, content)}
    run = client.post("/en/console/imports/", sent)["Location"]
    assert work.step() == 1
    client.post(run, {"do": "confirm"})
    assert work.step() == 1
    assert ImportRun.objects.get().accepted == 2


def test_one_object_alone_is_one_row(tmp_path: Path) -> None:
    found_district()
    path = tmp_path / "a.jsonl"
    path.write_text(_text(TABLES["hotline"][0]) + "\n", encoding="utf-8")
    assert import_file(KINDS["hotline"], path, actor=OPERATOR).accepted == 1


def test_a_broken_line_costs_its_row_and_no_other(tmp_path: Path) -> None:
    found_district()
    lines = [_text(row) for row in TABLES["hotline"]]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([lines[0], lines[1][:-9], "[1]", "", lines[1]]), encoding="utf-8")
    result = import_file(KINDS["hotline"], path, actor=OPERATOR)
    assert (result.read, result.accepted, result.refused) == (4, 2, 2)
    assert [r.row for r in result.refusals] == [3, 4]
    assert ["第 2 行" in r.reason or "第 3 行" in r.reason for r in result.refusals] == [True, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"rows": []}', "每行一个对象"),
        ('{"data": {"records": []}}', "每行一个对象"),
        ("[]", "每行一个对象"),
        ('{"a": [{"x": 1}], "b": {"c": [{"y": 1}]}}', "a、b.c"),
        ('[{"number": "1", "text": "灯"},\n{"number": NaN}]', "NaN"),
        ('[{"number": "1", "text": "灯"}\n\n{"number": "2"}]', "第 3 行"),
        ('[{"number": "1", "text": "灯"}]\n]', "第 2 行"),
        ("[" * 100_000, "JSON"),
        ('{"a":' * 100_000, "JSON"),
        ('[{"text": "' + "长" * 9_000_000, "8000000"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "三月.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnusableFile) as refused:
        import_file(KINDS["hotline"], path, actor=OPERATOR)
    assert str(refused.value).startswith("三月.json ")
    assert said in str(refused.value)


def test_half_a_character_is_replaced_and_a_whole_one_kept(tmp_path: Path) -> None:
    found_district()
    path = tmp_path / "a.json"
    path.write_text(
        r'[{"工单编号": "A1", "诉求内容": "灯\ud83d 亮\ud83d\ude00"}]', encoding="utf-8"
    )
    assert import_file(KINDS["hotline"], path, actor=OPERATOR, dry_run=True).accepted == 1
    assert import_file(KINDS["hotline"], path, actor=OPERATOR).accepted == 1


READ = """
import os, resource, sys
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huhang.config.settings")
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from huhang.intake.register import VOCABULARY, RegisterFile
from huhang.tables.mapping import Mapping
from huhang.tables.reading import read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = read(RegisterFile, Path(sys.argv[1]), mapping=Mapping(VOCABULARY), zone=UTC, now=datetime.now(UTC))
rows = sum(1 for _row in file.rows())
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", ["list.json", "deep.json", "lines.jsonl"])
def test_a_large_file_is_streamed(name: str, tmp_path: Path) -> None:
    row = {**TABLES["register"][0], "经营范围": "批发零售" * 100}
    path = tmp_path / name
    path.write_bytes(FORMS[name]([row] * 40_000))
    assert path.stat().st_size > 45 << 20
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 40_000
    assert megabytes < 40, "no more than a block and a row are held"


@pytest.mark.parametrize(
    ("name", "second", "says"),
    [
        ("deep.jsonl", b'{"a": ' + b"[" * 100_000 + b"}", "嵌套层数过多"),
        ("broken.jsonl", b'{"b": nothing}', "从第 7 个字符起无法读取"),
        ("cut.jsonl.gz", b'{"a": "b"}' * 50, "被截断"),
    ],
)
def test_what_a_library_says_is_said_in_words(
    tmp_path: Path, name: str, second: bytes, says: str
) -> None:
    found_district()
    path = tmp_path / name
    content = _text(TABLES["hotline"][0]).encode() + b"\n" + second + b"\n"
    path.write_bytes(gzip.compress(content)[:-20] if name.endswith(".gz") else content)
    try:
        told = [r.reason for r in import_file(KINDS["hotline"], path, actor=OPERATOR).refusals]
    except UnusableFile as unusable:
        told = [str(unusable)]
    assert any(says in one for one in told), told
