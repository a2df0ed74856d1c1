"""Who follows the log: entry -> what is brought up to date. Read from top to bottom.

Idempotent: an entry may be seen twice (after a crash), never skipped. Entries are read in their
sequence, which has no gaps, so a cursor is one number.
"""

from __future__ import annotations

from typing import Any

import orjson

from huhang.cases import approving, erasing, flow, hints, search
from huhang.cases.models import Approval, Case, Hint, Notice, Report
from huhang.insight.facts import store as facts
from huhang.insight.returns.freezing import freeze_due
from huhang.kernel.actor import WORKER
from huhang.kernel.models import Cursor, Entry
from huhang.kernel.overwrite import overwrite_deleted
from huhang.kernel.write import Write, write
from huhang.parties.teams import end_due
from huhang.tlog.actions import tick

CHUNK = 500
CURSOR = search.CURSOR


def catch_up() -> int:
    """Bring search index and notices up to the end of the log: how many entries it took."""
    done = 0
    while taken := write(_step, actor=WORKER):
        done += taken
    return done


def close_off() -> None:
    """Bring everything up to date that follows the log, and tick."""
    catch_up()
    advance()


def advance() -> None:
    """End the joint teams whose last day is over; tick; freeze the returns whose cut-off has passed; bring the facts up to the tick.

    In this order: before they are brought up, the facts are mostly older than the cut-off.
    """
    end_due()
    tick()
    try:
        freeze_due()
    finally:
        facts.extend()


def behind() -> int:
    """How many entries the read models have not seen yet."""
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    return int(last) - _position()


def rebuild() -> int:
    """Make all read models anew from the log and the cases."""

    def forget(w: Write) -> None:
        w.derived()
        Notice.objects.all().delete()
        Hint.objects.all().delete()
        search.clear()
        Cursor.objects.filter(name=CURSOR).update(seq=0)

    write(forget, actor=WORKER)
    facts.rebuild()
    return catch_up()


def _position() -> int:
    return Cursor.objects.filter(name=CURSOR).values_list("seq", flat=True).first() or 0


def _step(w: Write) -> int:
    w.derived()
    start = _position()
    entries: list[Any] = list(
        Entry.objects.filter(seq__gt=start)
        .order_by("seq")
        .values("seq", "verb", "case_id", "recorded_at")[:CHUNK]
    )
    if not entries:
        return 0
    touched = {e["case_id"] for e in entries if e["case_id"] is not None}
    # A merge changes the case that goes on as well.
    touched |= set(
        Case.objects.filter(pk__in=touched, merged_into__isnull=False).values_list(
            "merged_into_id", flat=True
        )
    )
    search.index(touched)
    hints.index(touched)
    if any(e["verb"] in (*erasing.ERASING, "shield") for e in entries):
        search.overwrite_forgotten()
        w.after_commit(overwrite_deleted)
    _notify(w, entries)
    Cursor.objects.update_or_create(name=CURSOR, defaults={"seq": entries[-1]["seq"]})
    return len(entries)


_TOLD: dict[str, frozenset[str]] = {}
for _row in flow.TABLE:
    _TOLD[_row.verb] = _TOLD.get(_row.verb, frozenset()) | (_row.tells - {"reporter"})
_TOLD["propose_accountability"] = frozenset({"intake", "leader"})
_TOLD["report"] = _TOLD["supplement"] = _TOLD["add_files"] = frozenset({"intake"})


def _approvals(entries: list[dict[str, Any]]) -> dict[int, set[str]]:
    """Whom entries about approvals tell: the post that it waits for now, or else whoever proposed."""
    cases = set(Approval.objects.filter(case__in={e["case_id"] for e in entries if e["case_id"]})
                .values_list("case_id", flat=True))  # fmt: skip
    about = Entry.objects.filter(seq__in=[e["seq"] for e in entries if e["case_id"] in cases])
    found: dict[int, set[str]] = {}
    for seq, case_id, text in about.values_list("seq", "case_id", "manifest"):
        head = orjson.loads(text)
        post, verb = head.get("post"), head.get("proposed", "")
        if post and verb in flow.GUARDED:
            # Not everybody who holds the post and sees the case learns of it.
            found[seq] = approving.holders(post, Case.objects.get(pk=case_id or 0), verb)
        else:
            found[seq] = {post} if post else set(head.get("proposers", ()))
    return found


def _notify(w: Write, entries: list[dict[str, Any]]) -> None:
    """One notice for each standing that the transition table tells of a verb.

    The rows of a hand-over, which have a hash of their content, make none: the page of imports
    tells of them together.
    """
    Notice.objects.filter(seq__gte=entries[0]["seq"]).delete()
    imported = set(
        Report.objects.filter(
            case__in={e["case_id"] for e in entries if e["verb"] == "report"},
            content_hash__isnull=False,
        ).values_list("case_id", flat=True)
    )
    approvals = _approvals(entries)
    for entry in entries:
        if entry["case_id"] is None:
            continue
        if entry["verb"] == "report" and entry["case_id"] in imported:
            continue
        for told in sorted({*_TOLD.get(entry["verb"], ()), *approvals.get(entry["seq"], ())}):
            w.add(
                Notice,
                seq=entry["seq"],
                case_id=entry["case_id"],
                verb=entry["verb"],
                told=told,
                recorded_at=entry["recorded_at"],
            )
