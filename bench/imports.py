"""Imports of a district's files: a million hotline rows, a register of 700,000 businesses."""

from __future__ import annotations

import csv
import os
import random
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench import vocabulary
from bench.report import Result, median

HEADINGS = ["工单编号", "诉求标题", "诉求内容", "受理时间", "来电人", "联系电话", "承办单位", "办理结果",
            "办结时间", "诉求类型", "区域", "满意度"]  # fmt: skip
UNITS = ["示范区市场监督管理局", "示范区税务局", "清河镇", "东城市场监管所", "示范区城市管理局", ""]
SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def write_hotline(path: Path, rows: int) -> None:
    """A hotline's year: twelve columns, texts of 30 to 200 characters."""
    draw = random.Random(3)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS)
        for n in range(rows):
            said = vocabulary.text(draw)
            at = f"2025-{n * 12 // rows + 1:02d}-{n % 28 + 1:02d}"
            table.writerow(
                [f"DH2025{n:08d}", said[:18], said, f"{at} {n // 60 % 24:02d}:{n % 60:02d}:{n % 59:02d}",
                 draw.choice("王李张刘陈") + "某", f"138{n % 100_000_000:08d}", draw.choice(UNITS),
                 "经核实，" + vocabulary.text(draw)[:60], f"{at} 23:{n % 60:02d}:00",
                 draw.choice(["投诉", "咨询", "求助"]), draw.choice(["东城", "清河"]),
                 draw.choice(["满意", "一般", ""])]
            )  # fmt: skip


def write_register(path: Path, rows: int) -> None:
    """A register whose codes are valid (GB 32100, GB 11714) and all different."""
    from huhang.parties.codes import check_character

    draw = random.Random(4)
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            [
                "统一社会信用代码",
                "企业名称",
                "企业类型",
                "成立日期",
                "登记状态",
                "行业",
                "住所",
                "经营范围",
            ]
        )
        for n in range(rows):
            body = f"{n:08d}"
            inner = 11 - sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11
            code = "9137" + "1503" + body + {10: "X", 11: "0"}.get(inner, str(inner))
            name = "".join(draw.choices(vocabulary.words(), k=2))
            table.writerow(
                [code + check_character(code), f"示范区{name}{n}有限公司", draw.choice(["有限责任公司", "个体工商户"]),
                 f"20{n % 25:02d}-{n % 12 + 1:02d}-{n % 28 + 1:02d}", draw.choice(["在营", "注销"]),
                 draw.choice(["零售业", "餐饮业", "批发业"]), f"清河镇{name}路{n % 900 + 1}号",
                 vocabulary.text(draw)]
            )  # fmt: skip


class Memory(threading.Thread):
    """The most memory that this process and those that it starts hold together, looked at 20 times a
    second. Pages of the database that are mapped into memory count, though the system may drop them.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(0.05):
            own = os.getpid()
            self.peak = max(self.peak, sum(map(_resident, [own, *_children(own)])))


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def take(kind: str, path: Path) -> tuple[float, float, Any]:
    """Import a file: seconds, megabytes of all processes at their peak, what it did."""
    from huhang.intake import imports
    from huhang.intake.runs import KINDS
    from huhang.kernel.actor import OPERATOR

    memory = Memory()
    memory.start()
    begin = time.perf_counter()
    result = imports.import_file(KINDS[kind], path, actor=OPERATOR)
    seconds = time.perf_counter() - begin
    memory.over.set()
    memory.join()
    return seconds, memory.peak / 2**20, result


def bare(tables: dict[str, str], count: int, most: int = 50_000, group: int = 2000) -> float:
    """Seconds for each of ``count`` rows of a file, by bare sqlite3: the rows that this import wrote,
    the last of them, into the same tables with the same indexes, in as large groups, each synced.

    ``tables``: a table and how its rows are found for the last ``most`` of the file.
    """
    from django.db import connection

    share = min(1.0, most / count)
    rows: dict[str, list[Any]] = {}
    with (
        connection.cursor() as cursor,
        tempfile.TemporaryDirectory(prefix="huhang-bench-") as place,
    ):
        database = sqlite3.connect(f"{place}/bare.sqlite3", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 16000",
                       "cache_size = -65536", "mmap_size = 268435456", "secure_delete = ON"):  # fmt: skip
            database.execute(f"PRAGMA {pragma}").fetchall()
        for name, order in tables.items():
            cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL"
                           " ORDER BY type DESC", [name])  # fmt: skip
            for (sql,) in cursor.fetchall():
                database.execute(sql)
            cursor.execute(f"SELECT COUNT(*) FROM {name}")
            wanted = int(cursor.fetchone()[0] * share)
            cursor.execute(f"SELECT * FROM {name} ORDER BY {order} DESC LIMIT {wanted}")
            rows[name] = cursor.fetchall()[::-1]
        taken = int(count * share)
        groups = max(1, taken // group)
        begin = time.perf_counter()
        for n in range(groups):
            database.execute("BEGIN IMMEDIATE")
            for name, all_rows in rows.items():
                part = all_rows[len(all_rows) * n // groups : len(all_rows) * (n + 1) // groups]
                if part:
                    marks = ", ".join("?" * len(part[0]))
                    database.executemany(f"INSERT INTO {name} VALUES ({marks})", part)
            database.execute("COMMIT")
        seconds = time.perf_counter() - begin
        database.close()
    return seconds / taken


HOTLINE_TABLES = {"cases_case": "id", "cases_report": "id", "cases_party": "id", "kernel_entry": "seq",
                  "kernel_payload": "id"}  # fmt: skip
REGISTER_TABLES = {"parties_business": "id", "kernel_entry": "seq", "kernel_payload": "id"}


def run() -> list[Result]:
    """Both files, each into an empty district; bare sqlite3 writes the same rows in the same run."""
    from tests.cast import found_district

    hotline = int(os.environ.get("BENCH_HOTLINE", 1_000_000))
    register = int(os.environ.get("BENCH_REGISTER", 700_000))
    found_district()
    results = []
    with tempfile.TemporaryDirectory(prefix="huhang-bench-") as place:
        path = Path(place) / "file.csv"
        write_hotline(path, hotline)
        size = path.stat().st_size / 2**20
        seconds, peak, result = take("hotline", path)
        if (result.accepted, result.refused) != (hotline, 0):
            raise AssertionError(result.as_json()["refusals"][:3])
        limit = 1 / median([bare(HOTLINE_TABLES, hotline) for _n in range(3)])
        rate = hotline / seconds
        method = (
            f"one run of {hotline:,} rows of twelve columns ({size:.0f} MB), each a report, a case, its "
            "parties and an entry, in groups of 2,000, each committed with synchronous=FULL; the file "
            "is read by a process of its own"
        )
        results += [
            Result("the machine: rows of an import by bare sqlite3", limit, "rows/s", "limit", True,
                   "the last 50,000 rows of that import into the same tables and indexes, as large "
                   "groups, median of 3; nothing is read, judged, hashed or described"),
            Result("hotline import", rate, "rows/s", "at least 10,000", rate >= 10_000, method),
            Result("hotline import / bare sqlite3", rate / limit, "", "see the rate", True, method),
            Result("hotline import, memory", peak, "MB", "under 500 MB", peak < 500,
                   "resident, all processes together, the database's mapped pages included"),
        ]  # fmt: skip
        write_register(path, register)
        size = path.stat().st_size / 2**20
        seconds, _peak, result = take("register", path)
        if (result.accepted, result.refused) != (register, 0):
            raise AssertionError(result.as_json()["refusals"][:3])
        limit = register * median([bare(REGISTER_TABLES, register) for _n in range(3)])
        results += [
            Result("the machine: a register by bare sqlite3", limit, "s", "limit", True,
                   "as above: its last 50,000 rows, projected"),
            Result(f"register of {register:,} businesses", seconds, "s", "under 120 s", seconds < 120,
                   f"one run ({size:.0f} MB), {register / seconds:,.0f} rows/s"),
        ]  # fmt: skip
    return results
