"""The named cast of the tests: a small district and everybody in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from huhang.cases import actions, approving
from huhang.cases.models import Approval, Case, Report
from huhang.intake.actions import ReportDraft, login_hash, submit
from huhang.intake.models import Site
from huhang.kernel import clock, ids
from huhang.kernel.actor import OPERATOR, PUBLIC, Actor
from huhang.kernel.write import Write, write
from huhang.parties.accounts import make_token
from huhang.parties.models import (
    Group,
    GroupUnit,
    Membership,
    Person,
    Unit,
    UnitAlias,
    User,
)
from huhang.parties.queries import SCOPES, actor_for
from huhang.rulebook import current

TOKEN = "ab" * 32
HEARD: dict[str, Any] = {
    "who": "窗口负责人", "note": "听取了说明", "told_route": True, "route": "review",
}  # fmt: skip
"""The least that the minutes of a hearing need."""


@dataclass
class District:
    """Units, groups and users by short names."""

    units: dict[str, Unit]
    groups: dict[str, Group]
    users: dict[str, User]

    def actor(self, name: str) -> Actor:
        """The actor that this user is now."""
        return actor_for(self.users[name])


UNITS = [
    ("gov", "示范区人民政府", "Demo District Government", "organ", None),
    ("market", "示范区市场监督管理局", "Market Regulation Bureau", "organ", "gov"),
    ("market-east", "东城市场监管所", "East Market Office", "organ", "market"),
    ("tax", "示范区税务局", "Tax Bureau", "organ", "gov"),
    ("town", "清河镇", "Qinghe Town", "township", "gov"),
]


def found_district() -> District:
    """Create the district through the one write path."""

    def action(w: Write) -> District:
        w.entry("set_up")
        units: dict[str, Unit] = {}
        for code, name, name_en, kind, parent in UNITS:
            units[code] = w.insert(
                Unit, code=code, name=name, name_en=name_en, kind=kind,
                parent_id=units[parent].pk if parent else None,
            )  # fmt: skip
        w.add(UnitAlias, unit_id=units["market"].pk, name="示范区工商局")
        groups = {
            code: w.insert(Group, code=code, name=name, kind=kind)
            for code, name, kind in (
                ("office", "受理室", "office"),
                ("group-1", "第一监督组", "resident"),
                ("group-2", "第二监督组", "resident"),
            )
        }
        w.add(GroupUnit, group_id=groups["group-1"].pk, unit_id=units["market"].pk)
        w.add(GroupUnit, group_id=groups["group-2"].pk, unit_id=units["tax"].pk)
        w.add(Site, code="hall", name="政务服务大厅", unit_id=None)
        person = w.insert(Person, name="王某", unit_id=units["market-east"].pk)
        users: dict[str, User] = {}
        for name, role, unit, group, person_id in (
            ("intake", "intake", None, "office", None),
            ("intake-2", "intake", None, "office", None),
            ("leader", "leader", None, "office", None),
            ("handler", "handler", "market", None, None),
            ("handler-tax", "handler", "tax", None, None),
            ("handler-east", "handler", "market-east", None, person.pk),
            ("supervisor", "supervisor", None, "group-1", None),
            ("supervisor-2", "supervisor", None, "group-2", None),
            ("admin", "administrator", None, "office", None),
            ("auditor", "auditor", None, "office", None),
        ):
            if person_id is None:
                person_id = w.add(Person, name=f"用户{name}", unit_id=None)
            user = w.insert(
                User, ref=ids.new_ref(), username=name, name=f"用户{name}", person_id=person_id,
                password="!",
            )  # fmt: skip
            w.add(
                Membership, user_id=user.pk, role=role, since=date(2020, 1, 1),
                unit_id=units[unit].pk if unit else None,
                group_id=groups[group].pk if group else None,
            )  # fmt: skip
            users[name] = user
        return District(units, groups, users)

    return write(action, actor=OPERATOR)


def file_report(
    district: District, *names: str, text: str = "办理营业执照三个月没有结果", **more: Any
) -> Report:
    """A report by scan code that names these units."""
    draft = ReportDraft(
        channel=more.pop("channel", current().portal_channel),
        words={"text": text},
        units=tuple(district.units[n].pk for n in names),
        **more,
    )
    filed = write(lambda w: submit(w, draft), actor=PUBLIC)
    return Report.objects.get(pk=filed.report_id)


def with_code(token: str = TOKEN) -> dict[str, Any]:
    """What gives a report a code to come back with."""
    return {"login_hash": login_hash(token)}


def case_of(report: Report) -> Case:
    """The case that carries the report now."""
    return Case.objects.get(pk=Report.objects.get(pk=report.pk).case_id)


def reporter_of(report: Report) -> Actor:
    """The actor who holds the report's code."""
    case_id = Report.objects.get(pk=report.pk).case_id
    return Actor("reporter", "reporter", report_id=report.pk, case_id=case_id)


def do(actor: Actor, case: Case, verb: str, **values: Any) -> Case:
    """Perform a verb through the one write path; the case as it is then."""
    write(lambda w: actions.perform(w, case.ref, verb, **values), actor=actor)
    return Case.objects.get(pk=case.pk)


def token_of(user: User, *scopes: str, days: int = 30) -> str:
    """A token of this user; of every scope where none is named."""
    _made, secret = write(
        lambda w: make_token(w, user.username, name="试", scopes=scopes or SCOPES, days=days),
        actor=OPERATOR,
    )
    return secret


def carry(district: District, case: Case, *, to: str) -> Case:
    """Carry a case along the loop, from where it is, until it is in the state ``to``."""
    intake, handler = district.actor("intake"), district.actor("handler")
    supervisor = district.actor("supervisor")
    steps: list[tuple[Actor, str, dict[str, Any]]] = [
        (intake, "accept", {"kind": case.kind}),
        (intake, "assign", {"responsible": "market", "supervising": "group-1"}),
        (handler, "investigate", {}),
        (handler, "hear", HEARD),
        (handler, "find", {"finding": "substantiated", "note": "情况属实"}),
        (handler, "rectify", {"note": "限期办结"}),
        (handler, "submit", {"note": "已经办结"}),
        (supervisor, "verify", {"note": "现场核实"}),
        (intake, "feed_back", {"note": "您反映的问题已经解决"}),
        (intake, "govern", {"form": "rule", "note": "修订办理时限规定"}),
        (intake, "close", {}),
    ]
    begins = ["received", "accepted", "assigned", "investigating", "investigating", "found", "rectifying",
              "submitted", "verified", "fed_back", "governed"]  # fmt: skip
    for actor, verb, values in steps[
        begins.index(case.state) if case.state in begins else len(steps) :
    ]:
        if case.state == to:
            return case
        case = do(actor, case, verb, **values)
    return case


def head_of(entry: Any) -> dict[str, Any]:
    """What an entry's manifest says."""
    found: dict[str, Any] = orjson.loads(entry.manifest)
    return found


def let_through(district: District, case: Case) -> Case:
    """Record on paper each step of what waits for approval on the case; the case as it is then."""
    for waits in Approval.objects.filter(case=case, state="pending"):
        own = waits.proposed_by == district.users["intake"].ref
        clerk = district.actor("intake-2" if own else "intake")
        for at, _post in enumerate(waits.steps.split()):
            write(
                lambda w, ref=waits.ref, n=at: approving.sign(  # type: ignore[misc]
                    w, ref, signer=f"签批人{n}", signed_on=clock.today(), note="同意"
                ),
                actor=clerk,
            )
    return Case.objects.get(pk=case.pk)
