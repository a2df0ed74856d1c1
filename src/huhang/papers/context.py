"""What a paper says: the values of ``names.NAMES``, from a case.

Papers are in the rulebook's language, whatever the language of the page that draws them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import override, pgettext

from huhang.cases import flow, queries, transferring
from huhang.cases.approvals_seen import said as said_of
from huhang.cases.fairness import reading
from huhang.cases.models import Approval, Case, Party
from huhang.kernel import clock
from huhang.kernel.actor import PUBLIC, Actor
from huhang.kernel.plain import plain_text
from huhang.papers import repeats
from huhang.papers.models import Number
from huhang.papers.names import APPROVAL
from huhang.parties.models import User
from huhang.parties.words import in_language, joined
from huhang.rulebook import PaperRule, Rulebook, current

WORDS = {
    "zh-hans": {
        "erased": "（内容已依规定删除）", "known": "实名（联系方式存受理机关）", "anonymous": "匿名",
        "responsible": "有关单位", "transfer_target": "有关机关", "reporter": "反映人",
        "cleared": "有关人员", "agreed": "同意。",
        "verdict": "{verb}（{chosen}）。", "bare": "{verb}。",
    },
    "en": {
        "erased": "(erased under the rules)", "known": "known to the office", "anonymous": "anonymous",
        "responsible": "the institution concerned", "transfer_target": "the competent authority",
        "reporter": "the complainant", "cleared": "the person concerned", "agreed": "Agreed.",
        "verdict": "{verb} ({chosen}).", "bare": "{verb}.",
    },
}  # fmt: skip
"""What a paper says of itself, in each language."""
UNSAID = ("note", "message", "reply", "acknowledge", "rate", "erase", "merge", "issue_number",
          "void_number", *flow.GUARDED)  # fmt: skip
"""Verbs that are no step of a paper: remarks inside the office, words to and from the reporter, and
what not everybody who sees the case learns of."""
TRIAGE = ("accept", "decline", "transfer_out", "keep")
Values = dict[str, Any]


def _day(value: date | datetime | None) -> date | None:
    return clock.local_day(value) if isinstance(value, datetime) else value


def _own(key: str) -> str:
    return WORDS[current().paper_language][key]


def _words(value: date | datetime | None) -> str:
    day = _day(value)
    return clock.day_words(day, current().paper_language) if day else ""


def _iso(value: date | datetime | None) -> str:
    day = _day(value)
    return day.isoformat() if day else ""


def content(case: Case, now: datetime, actor: Actor | None = None) -> Values:
    """What every paper of the case can say: what all who may see the case see, never a contact.

    ``actor``: for whom a draft is made, who may learn of more proposals than all do.
    """
    with override(current().paper_language):
        return {
            **_facts(case, now), **_parties(case), **_reports(case), **_steps(case),
            **_transfer(case), **_approval(case, actor), **reading.last_clearing(case),
        }  # fmt: skip


def _facts(case: Case, now: datetime) -> Values:
    book = current()
    today = clock.local_day(now)
    runs = case.due_on is not None and case.stopped_on is None
    return {
        "office": book.office.in_(current().paper_language),
        "head": book.paper_head.in_(current().paper_language),
        "today": _words(today),
        "today_iso": _iso(today),
        "reference": case.ref,
        "title": case.title.rstrip("。．.；;，, ") or case.ref,
        "kind": book.kinds[case.kind].in_(current().paper_language),
        "nature": book.natures[case.nature].words.in_(current().paper_language),
        "channel": book.channels[case.channel].in_(current().paper_language),
        "behaviour": book.behaviours[case.behaviour].words.in_(current().paper_language)
        if case.behaviour
        else "",
        "state": str(flow.STATES[case.state]),
        "received_on": _words(case.received_at),
        "received_on_iso": _iso(case.received_at),
        "accepted_on": _words(case.accepted_at),
        "due_on": _words(case.due_on),
        "due_on_iso": _iso(case.due_on),
        "overdue": bool(runs and case.due_on and case.due_on < today),
        "closed_on": _words(case.closed_at),
        "heard": case.heard,
        "finding": book.findings[case.finding].in_(current().paper_language)
        if case.finding
        else "",
        "urge_count": case.urged,
        "governed": bool(case.governed),
        "govern_form": book.govern_forms[case.governed].in_(current().paper_language)
        if case.governed
        else "",
    }


def _parties(case: Case) -> Values:
    names: dict[str, list[str]] = {}
    for party in Party.objects.filter(case=case).select_related("unit", "group", "person"):
        place = party.unit or party.group
        name = in_language(place) if place else str(party.person.name)  # type: ignore[union-attr]
        if name not in names.setdefault(party.relation, []):
            names[party.relation].append(name)
    concerned = [n for r in ("accused", "responsible", "mentioned") for n in names.get(r, ())]
    return {
        **{r: joined(names.get(r, ())) for r in ("responsible", "co_handling", "supervising",
                                                    "accused")},
        "concerned": joined(dict.fromkeys(concerned)),
    }  # fmt: skip


def _reports(case: Case) -> Values:
    book = current()
    rows = []
    files = known = 0
    for report in queries.reports_of(case):
        said = queries.payload_value(report.words)
        text = (
            _own("erased") if said is None else str(said.get("text") or said.get("subject") or "")
        )
        files += len(report.attachments.all())
        known += report.contact is not None
        rows.append(
            {
                "reference": report.ref,
                "channel": book.channels[report.channel].in_(current().paper_language),
                "day": _words(report.recorded_at),
                "text": plain_text(text),
            }
        )
    return {
        "reports": rows,
        "report_count": len(rows),
        "file_count": files,
        "what_happened": "\n".join(r["text"] for r in rows),
        "reporter_stated": _own("known" if known else "anonymous"),
    }


def _steps(case: Case) -> Values:
    """The last words on each verb since the case was last opened, and all its steps."""
    book = current()
    last: dict[str, str] = {}
    decision = target = ""
    steps = []
    for entry in queries.timeline(case):
        verb, head = entry["verb"], entry["head"]
        if head.get("case") != str(case.pk):
            continue  # of a case that was merged into this one: its reports are here, not its steps
        note = _own("erased") if entry["erased"] else plain_text(entry["note"] or "")
        if verb == "reopen":
            last = {}
        if verb == "hear" and entry["said"].get("who"):
            note = f"{plain_text(entry['said']['who'])}：{note}"
        last[verb] = note
        if verb in TRIAGE:
            chosen = _chosen(book, verb, head)
            verdict = _own("verdict" if chosen else "bare").format(
                verb=flow.VERBS[verb], chosen=chosen
            )
            decision = f"{verdict}\n{note}".strip()
            target = chosen if verb == "transfer_out" else ""
        if verb in flow.VERBS and verb not in UNSAID:
            steps.append(
                {
                    "day": _words(entry["recorded_at"]),
                    "what": str(flow.VERBS[verb]),
                    "text": note,
                }
            )
    return {
        "decision": decision,
        "transfer_target": target,
        "transfer_reason": last.get("transfer_out", ""),
        "hearing": last.get("hear", ""),
        "finding_facts": last.get("find", ""),
        "measures": last.get("rectify", ""),
        "recommendation": last.get("recommend", ""),
        "rectified": last.get("submit", ""),
        "verified": last.get("verify", ""),
        "urge_reason": last.get("urge", ""),
        "answer": last.get("feed_back", ""),
        "govern_note": last.get("govern", ""),
        "steps": steps,
    }


def _transfer(case: Case) -> Values:
    """Both signatures of the last transfer; empty as long as one is lacking."""
    out = transferring.latest(case)
    row = transferring.rows([out])[0] if out is not None else None
    user = User.objects.filter(ref=out.by).first() if out is not None else None
    return {
        "transfer_organ": row.organ if row else "",
        "handed_over_by": user.name if user else "",
        "handed_over_on": _words(out.sent_on) if out else "",
        "received_by": row.signed_by if row else "",
        "received_there_on": _words(out.signed_on) if out else "",
        "received_number": row.document if row else "",
    }


def _approval(case: Case, actor: Actor | None) -> Values:
    """The last proposal that waits, or was approved: the steps with names, days and words."""
    found = dict.fromkeys(APPROVAL, "")
    known = Approval.objects.filter(case=case, state__in=("pending", "approved"))
    if actor is None or not reading.entrusted(actor, case):
        known = known.exclude(verb__in=flow.GUARDED)
    one = known.last()
    if one is None:
        return found
    names = dict(User.objects.values_list("ref", "name"))
    found["approval_of"] = str(flow.VERBS.get(one.verb, one.verb))
    found["approval_proposal"] = _proposed(one, actor or PUBLIC)
    found["approval_proposer"] = _signed(names.get(one.proposed_by, ""), one.proposed_at)
    for step in one.taken.all():
        words = queries.payload_value(step.words)
        opinion = (
            _own("agreed") if step.words is None else words["text"] if words else _own("erased")
        )
        signer = queries.payload_value(step.signer)
        name = names.get(step.by, "") if step.signer is None else signer["text"] if signer else ""
        signed = _signed(plain_text(name), step.signed_on or step.at)
        found[f"approval_{step.post}"] = f"{plain_text(opinion)}\n{signed}"
    return found


def _proposed(one: Approval, actor: Actor) -> str:
    """What was proposed, its note last and without a label; of another case what ``actor`` may see."""
    values = queries.payload_value(one.values)
    if values is None:
        return _own("erased")
    note = str(values.pop("note", "") or "")
    colon = pgettext("joint", ": ")
    lines = [f"{label}{colon}{value}" for label, value in said_of(actor, one.verb, values) or ()]
    return plain_text("\n".join([*lines, note] if note else lines))


def _signed(name: str, day: date | datetime) -> str:
    return f"{name}　{_words(day)}"


def _chosen(book: Rulebook, verb: str, head: Values) -> str:
    """What triage chose from a list of the rulebook, in words."""
    lists = {
        "accept": (book.kinds, "kind"),
        "decline": (book.decline_reasons, "reason"),
        "transfer_out": (book.transfer_targets, "target"),
        "keep": (book.keep_reasons, "reason"),
    }
    words, key = lists[verb]
    return words[head[key]].in_(current().paper_language) if head.get(key) in words else ""


def values(actor: Actor, case: Case, rule: PaperRule, number: Number | None) -> Values:
    """All values of one paper for this viewer.

    With a number: what the paper said when it was given; a draft says what holds now. The signatures
    of a transfer, which come later, are always those of now.
    """
    said = None
    if number is not None:
        said = queries.payload_value(number.payload)
    if said is None:
        said = (
            content(case, clock.now(), actor) if number is None else content(case, number.issued_at)
        )
    said = repeats.without_title(actor, case, rule, said)
    said = {**said, **_transfer(case)}
    reporter = _reporter(actor, case) if rule.to == "reporter" else ""
    addressees = {"office": said["office"], "responsible": said["responsible"] or _own("responsible"),
                  "transfer_target": said["transfer_organ"] or said["transfer_target"]
                  or _own("transfer_target"),
                  "reporter": reporter or _own("reporter"),
                  "cleared": said.get("cleared_whom") or _own("cleared")}  # fmt: skip
    return {
        **dict.fromkeys(APPROVAL, ""),
        **said,
        "paper": rule.words.in_(current().paper_language),
        "serial": number.serial if number is not None else "",
        "draft": number is None,
        "red_head": rule.red_head,
        "to": addressees[rule.to],
        "reporter": reporter,
    }


def _reporter(actor: Actor, case: Case) -> str:
    """The names of the reporters, for those who may see them."""
    if not queries.may_see_contact(actor, case):
        return ""
    contacts = [queries.payload_value(r.contact) or {} for r in queries.reports_of(case)]
    names = [plain_text(str(c.get("name") or "")) for c in contacts]
    return joined(dict.fromkeys(n for n in names if n))
