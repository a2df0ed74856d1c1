"""Every name that a template may use, with its meaning: docs/papers.md is made from it."""

from __future__ import annotations

# name: what it holds, an example
NAMES: dict[str, tuple[str, str]] = {
    "paper": ("name of the paper", "督办单"),
    "serial": ("serial number (文号); empty in a draft", "护营督〔2026〕3号"),
    "draft": ("true while the paper has no number", "true"),
    "office": ("the office's name, as it signs", "营商环境监督受理室"),
    "head": ("the office's name as it stands in red above a letter", "营商环境监督受理室"),
    "red_head": ("true where the rulebook gives this paper a red head", "true"),
    "to": ("whom the paper addresses", "示范区市场监督管理局"),
    "today": ("day of the paper: of its number, or of today in a draft", "2026年11月25日"),
    "today_iso": ("the same, for sorting", "2026-11-25"),
    "reference": ("reference of the case", "7KQ29-F4M2X"),
    "title": (
        "title of the case without its full stop; its reference where it has none",
        "办理营业执照拖延",
    ),
    "kind": ("kind", "投诉"),
    "nature": ("nature", "营商环境投诉"),
    "channel": ("channel of the first report", "码上举报"),
    "behaviour": ("behaviour, where staff chose one", "拖延不办"),
    "state": ("state", "整改中"),
    "received_on": ("day of receipt", "2026年11月2日"),
    "received_on_iso": ("the same, for sorting", "2026-11-02"),
    "accepted_on": ("day of acceptance", "2026年11月3日"),
    "due_on": ("due day; empty before a clock runs", "2026年11月24日"),
    "due_on_iso": ("the same, for sorting", "2026-11-24"),
    "overdue": ("true when the clock runs and the due day has passed", "false"),
    "closed_on": ("day of closing", "2026年12月1日"),
    "responsible": ("responsible units or group, with 、 between them", "示范区市场监督管理局"),
    "co_handling": ("co-handling units", "清河镇"),
    "supervising": ("supervising group", "第一监督组"),
    "accused": ("who is accused", ""),
    "concerned": ("units concerned: accused, responsible and mentioned", "示范区市场监督管理局"),
    "reporter_stated": ("匿名, or 实名 where the office knows how to reach the reporter", "匿名"),
    "what_happened": ("what the reports say, as they came", "办理营业执照三个月没有结果"),
    "report_count": ("number of reports", "1"),
    "file_count": ("number of files", "2"),
    "reports": ("list: each report, see below", ""),
    "decision": ("what triage decided, with its reason and note", "受理。属于受理范围"),
    "hearing": ("who was heard and what they said", "听取了窗口负责人的说明"),
    "heard": ("true when those concerned were heard", "true"),
    "finding": ("finding", "属实"),
    "finding_facts": ("facts and evidence of the finding", "未一次性告知所需材料"),
    "measures": ("measures of rectification, and who is responsible", "一周内补办并道歉"),
    "recommendation": ("the recommendation of an inquiry", "一个月内作出决定"),
    "rectified": ("what was done", "已补办"),
    "verified": ("how it was checked", "现场查看"),
    "urge_reason": ("reason of the last urging", "超过办理期限"),
    "urge_count": ("how often the case was urged", "1"),
    "transfer_target": ("organ that it was transferred to", "信访部门"),
    "transfer_reason": ("what was said about the transfer", "属于信访事项"),
    "transfer_organ": ("name of that organ, where it was said", "某某区信访局"),
    "handed_over_by": ("who handed it over", "李某"),
    "handed_over_on": ("day on which it was handed over", "2026年11月4日"),
    "received_by": ("who received it there; empty until that is noted", "张某"),
    "received_there_on": ("day on which it was received there", "2026年11月6日"),
    "received_number": ("number that the other organ gave it", "信收〔2026〕18号"),
    "answer": ("answer to the reporter", "执照已办好"),
    "govern_form": ("what changed so that it does not come back", "修订制度"),
    "governed": ("true when something was changed (or found unnecessary)", "true"),
    "govern_note": ("the change, or why none is needed", "窗口实行一次性告知"),
    "cleared_whom": ("whose name was cleared last", "张某"),
    "cleared_on": ("day on which it was cleared", "2026年12月1日"),
    "cleared_forms": ("forms of clearing", "书面澄清、会议澄清"),
    "cleared_words": ("what is said in clearing", "反映的问题失实，予以澄清"),
    "steps": ("list: each step of the case, see below", ""),
    "approval_of": ("what was proposed last and waits for approval, or was approved", "谈话函询"),
    "approval_proposal": ("what the proposer wrote", "拟约谈窗口负责人"),
    "approval_proposer": ("who proposed it, and on which day", "赵监督　2026年11月6日"),
    "approval_handler": ("opinion, name and day of the case handler; empty before", ""),
    "approval_office_head": (
        "opinion, name and day of the head of office; empty before",
        "同意。\n何组长　2026年11月6日",
    ),
    "approval_leader_in_charge": (
        "the same of the leader in charge",
        "同意。\n郑主任　2026年11月7日",
    ),
    "approval_principal_leader": ("the same of the principal leader; minutes included", ""),
    "reporter": (
        "the reporter's name: only in the letter to the reporter, only where it is known, and only "
        "for those who may see it; empty otherwise",
        "李某",
    ),
}
LISTS: dict[str, dict[str, tuple[str, str]]] = {
    "reports": {
        "reference": ("reference of the report", "5MD2X-0R8KQ"),
        "channel": ("channel", "码上举报"),
        "day": ("day on which it was recorded", "2026年11月2日"),
        "text": ("what it says", "办理营业执照三个月没有结果"),
    },
    "steps": {
        "day": ("day", "2026年11月3日"),
        "what": ("verb", "受理"),
        "text": ("what was written about it", "属于受理范围"),
    },
}
APPROVAL = tuple(name for name in NAMES if name.startswith("approval_"))
"""Names that papers with a number from before there were approvals do not hold."""
FLAGS = frozenset({"draft", "red_head", "overdue", "heard", "governed"})
NUMBERS = frozenset({"report_count", "file_count", "urge_count"})


def sample(*, filled: bool) -> dict[str, object]:
    """Values for trying a template: the examples, or as little as a case can have."""
    made: dict[str, object] = {}
    for name, (_meaning, example) in NAMES.items():
        if name in FLAGS:
            made[name] = filled
        elif name in NUMBERS:
            made[name] = 1 if filled else 0
        elif name in LISTS:
            row = {k: v[1] for k, v in LISTS[name].items()}
            made[name] = [row, row] if filled else []
        else:
            made[name] = (example or name) if filled else ""
    return made


def tables() -> list[str]:
    """The names as Markdown."""
    lines = ["| name | holds | for example |", "|---|---|---|"]
    lines += [f"| `{name}` | {meaning} | {example} |" for name, (meaning, example) in NAMES.items()]
    for name, columns in LISTS.items():
        lines += [
            "",
            f"In a row of `{name}`:",
            "",
            "| name | holds | for example |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{key}` | {meaning} | {example} |" for key, (meaning, example) in columns.items()
        ]
    return lines
