"""One world from a seed. Each event draws from a random source and a moment of its own, so that
leaving the hidden reports out moves nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from huhang.cases import accounting, actions, approving, flow, proposing
from huhang.cases.models import Approval, Case, Party, Report
from huhang.cases.queries import flow_of, verbs_for, visible_to
from huhang.config.reactions import close_off
from huhang.intake import sites
from huhang.intake.actions import ReportDraft, login_hash, submit
from huhang.intake.filing import Upload
from huhang.intake.retaliation import raise_once
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import OPERATOR, PUBLIC, WORKER, Actor
from huhang.kernel.errors import HuhangError
from huhang.kernel.write import Write, write
from huhang.papers.actions import issue_number, void_number
from huhang.papers.models import Number
from huhang.parties import actions as parties
from huhang.parties.models import Unit, User
from huhang.parties.queries import actor_for
from huhang.rulebook import POSTS, current
from huhang.tlog.actions import tick
from tests.parts.test_matrix import VALUES

BEGIN = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
HOURS = 12  # from event to event: months pass, and returns are frozen
WORDS = ["路灯不亮", "执照拖延", "停水无通知", "乱收费用", "推诿扯皮", "补贴未兑现"]
HIDDEN_WORDS = "隐秘词语"
HIDDEN_NUMBER = "H-77-"
BEFORE_TRIAGE = ("keep", "note", "message")
VERBS = sorted(set(VALUES) | {"investigate", "close"})


@dataclass
class World:
    """What was built: users by name, and the references of the hidden cases (empty without)."""

    users: list[User] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    accused: list[User] = field(default_factory=list)


class Builder:
    """Builds the world of a seed, with or without its hidden reports."""

    def __init__(self, seed: int, *, with_hidden: bool) -> None:
        self.seed = seed
        self.with_hidden = with_hidden
        self.at = 0
        self.refs: list[str] = []
        self.provisional = False
        self.recused = False
        self.world = World()

    def event(self, fn: Callable[[random.Random], Any], *, hidden: bool = False) -> Any:
        """One event with its own moment and chance; a hidden one does not happen in the bare world."""
        self.at += 1
        if hidden and not self.with_hidden:
            return None
        draw = random.Random(f"{self.seed}/{self.at}")
        clock.set_frozen(BEGIN + timedelta(hours=HOURS * self.at))
        with ids.random_source(draw.randbytes):
            return fn(draw)

    def build(self) -> World:
        """The whole story."""
        plan = random.Random(self.seed)
        codes = self.event(self._district)
        rounds = plan.randint(6, 12)
        hidden_at = sorted(plan.sample(range(rounds), k=plan.randint(1, 2)))
        # Named without being accused for good, whoever is named is kept out until triage.
        self.provisional = plan.random() < 0.3
        accused = plan.choice(
            [("unit", c) for c in codes]
            + [("person", "user0"), ("group", "g1"), ("recused", "user0")]
        )
        # Whoever withdrew knows of the case, and finds its number in the count; and what anybody
        # may read of it, they may read.
        self.recused = accused[0] == "recused"
        self.provisional = self.provisional and not self.recused
        filed = 0
        for n in range(rounds):
            if n in hidden_at:
                self.event(
                    lambda d, first=not filed: self._file_hidden(d, accused, first),
                    hidden=True,
                )
                self.event(self._transfer_hidden, hidden=True)
                filed += 1
            self.event(lambda d: self._file(d, codes))
            for _step in range(plan.randint(1, 4)):
                self.event(lambda d: self._verb(d, self.refs))
                self.event(lambda d: self._verb(d, self.world.hidden, by_hidden=True), hidden=True)
                self.event(self._merge_hidden, hidden=True)
                self.event(self._retaliate, hidden=True)
                if not self.recused:
                    self.event(lambda d: self._number(d, self.world.hidden), hidden=True)
                self.event(lambda d: self._number(d, self.refs))
            if plan.random() < 0.4:
                self._follow()
        self.event(self._push_hidden, hidden=True)
        self._follow()
        self.world.users = list(User.objects.order_by("username"))
        clock.set_frozen(BEGIN + timedelta(hours=HOURS * (self.at + 1)))
        return self.world

    def _follow(self) -> None:
        """The worker's round, at a moment that does not depend on the hidden reports."""
        clock.set_frozen(BEGIN + timedelta(hours=HOURS * self.at + 1))
        close_off()
        tick()

    def _district(self, draw: random.Random) -> list[str]:
        count = draw.randint(4, 7)
        codes = [f"u{n}" for n in range(count)]

        def action(w: Write) -> None:
            parties.add_group(w, code="office", name="受理室", kind="office")
            for n, code in enumerate(codes):
                parent = draw.choice(codes[:n]) if n and draw.random() < 0.8 else ""
                parties.add_unit(w, code=code, name=f"单位{n}", parent=parent)
                w.flush()
            for n in (1, 2):
                parties.add_group(
                    w, code=f"g{n}", name=f"监督组{n}", units=tuple(draw.sample(codes, k=2))
                )
            w.flush()
            sites.add_site(w, code="hall", name="大厅")
            parties.add_user(w, username="intake0", name="受理", role="intake", group="office")
            parties.add_user(w, username="leader0", name="领导", role="leader", group="office")
            parties.add_user(w, username="auditor0", name="审计", role="auditor", group="office",
                             workplace=draw.choice(codes))  # fmt: skip
            for n in range(draw.randint(4, 6)):
                role = draw.choice(
                    ["handler", "handler", "supervisor", "intake", "leader", "administrator"]
                )
                place = draw.choice(codes)
                w.flush()
                if role == "handler":
                    parties.add_user(w, username=f"user{n}", name=f"甲{n}", role=role, unit=place)
                elif role == "supervisor":
                    group = draw.choice(["g1", "g2"])
                    parties.add_user(w, username=f"user{n}", name=f"甲{n}", role=role, group=group,
                                     workplace=draw.choice(["", place]))  # fmt: skip
                else:
                    parties.add_user(w, username=f"user{n}", name=f"甲{n}", role=role, group="office",
                                     workplace=place)  # fmt: skip
                    if draw.random() < 0.5:
                        w.flush()
                        parties.add_membership(w, f"user{n}", role="handler", unit=place)

        write(action, actor=OPERATOR)
        # Everybody could approve: what waits must not tell the accused of hidden cases either.
        for name in User.objects.order_by("username").values_list("username", flat=True):
            write(lambda w, n=name: parties.set_posts(w, n, POSTS), actor=OPERATOR)  # type: ignore[misc]
        return codes

    def _file(self, draw: random.Random, codes: list[str]) -> None:
        units = Unit.objects.filter(code__in=draw.sample(codes, k=draw.randint(0, 2)))
        draft = ReportDraft(
            channel=draw.choice(["scan_code", "letter"]),
            words={"text": draw.choice(WORDS) + str(self.at)},
            kind=draw.choice(["demand", "complaint", "clue"]),
            units=tuple(units.order_by("code").values_list("pk", flat=True)),
            accuse=draw.random() < 0.2,
        )
        report = write(lambda w: submit(w, draft), actor=PUBLIC)
        self.refs.append(report.case_ref)

    def _file_hidden(self, draw: random.Random, accused: tuple[str, str], first: bool) -> None:
        """A report that names a unit or a person, or whose case accuses a group at once."""
        kind, name = accused
        units = tuple(
            Unit.objects.filter(code=name if kind == "unit" else "").values_list("pk", flat=True)
        )
        persons = User.objects.filter(username=name if kind == "person" else "")
        path = files.keep(draw.randbytes(20))
        draft = ReportDraft(
            channel="scan_code",
            words={"text": f"{HIDDEN_WORDS}{draw.choice(WORDS)}"},
            kind=draw.choice(["complaint", "clue", "demand"]),
            units=units,
            persons=tuple(persons.values_list("person_id", flat=True)),
            accuse=not self.provisional and kind != "recused",
            source="hotline",
            number=f"{HIDDEN_NUMBER}{len(self.world.hidden) + 1}",
            content_hash=bytes(32),
            login_hash=login_hash(draw.randbytes(32).hex()),
            uploads=(Upload("隐秘.txt", "text/plain", files.read(path), path),),
        )
        report = write(lambda w: submit(w, draft), actor=PUBLIC)
        case = Case.objects.get(pk=report.case_id)
        self.world.hidden.append(case.ref)
        if kind == "recused":
            values = {"user": name, "reason": "interest", "why": HIDDEN_WORDS}
            self._do(actor_for(User.objects.get(username="leader0")), case.ref, "recuse", values)
        if kind == "group":
            raised = {"accused": [f"group:{name}"], "note": HIDDEN_WORDS}
            self._do(actor_for(User.objects.get(username="intake0")), case.ref, "accuse", raised)
        if first:
            keeping = ("accused", "recused")
            parties = list(Party.objects.filter(case=case, relation__in=keeping))
            self.world.accused = [
                u for u in User.objects.order_by("username") if _is_accused(actor_for(u), parties)
            ]

    def _verb(self, draw: random.Random, refs: list[str], *, by_hidden: bool = False) -> None:
        """One verb by somebody who may, on a case of these: refused ones simply do not happen."""
        if not refs:
            return
        ref = draw.choice(refs)
        actors = [actor_for(u) for u in User.objects.order_by("username")]
        draw.shuffle(actors)
        if draw.random() < 0.6 and self._approve(actors, ref):
            return
        for actor in actors:
            case = visible_to(actor).filter(ref=ref).first()
            if case is None:
                continue
            allowed = [
                v
                for v in verbs_for(actor, case)
                if v in VERBS and v not in ("merge", "recur", "accuse", "erase")
            ]
            if by_hidden and self.provisional:
                allowed = [v for v in allowed if v in BEFORE_TRIAGE]
            if by_hidden and self.recused:
                allowed = [v for v in allowed if v != "disclose"]
            if not allowed:
                continue
            # Half of the steps lead on, so that cases come far within a few of them.
            onward = [v for v in allowed if _leads_on(case, v)]
            verb = draw.choice(onward if onward and draw.random() < 0.5 else allowed)
            if self._do(actor, ref, verb, self._values(draw, verb, case)):
                return

    def _approve(self, actors: list[Actor], ref: str) -> bool:
        """A step of what waits on the case, by the first who may."""
        waits = Approval.objects.filter(case__ref=ref, state="pending").order_by("id").first()
        for actor in actors if waits else ():
            with suppress(HuhangError):
                write(lambda w, a=actor: approving.approve(w, waits.ref, note="同意"), actor=actor)  # type: ignore[misc]
                return True
        return False

    def _push_hidden(self, draw: random.Random) -> None:
        """Something waits for approval on hidden cases, and accountability is proposed of them."""
        rule = current().natures["discipline_report"].approvals["hold"]
        office = actor_for(User.objects.get(username="intake0"))
        said = {"note": HIDDEN_WORDS}
        for case in Case.objects.filter(ref__in=self.world.hidden).exclude(state="merged"):
            if "hold" not in {a.verb for a in proposing.pending(case)}:
                write(lambda w, c=case: proposing.propose(w, c, "hold", said, rule), actor=office)  # type: ignore[misc]
            write(lambda w, pk=case.pk: accounting.propose_overdue(w, [pk]), actor=WORKER)  # type: ignore[misc]

    def _transfer_hidden(self, draw: random.Random) -> None:
        """A hidden case that nobody took up yet goes to another organ, sometimes."""
        if draw.random() < 0.6:
            return
        office = actor_for(User.objects.get(username="intake0"))
        for case in Case.objects.filter(ref__in=self.world.hidden, state__in=("received", "kept")):
            said = {"target": "police", "note": HIDDEN_WORDS}
            self._do(office, case.ref, "transfer_out", said)

    def _merge_hidden(self, draw: random.Random) -> None:
        """One hidden report goes into another, sometimes: who is accused in one is kept out of both."""
        if len(self.world.hidden) < 2 or draw.random() < 0.5:
            return
        ref, into = draw.sample(self.world.hidden, k=2)
        self._do(actor_for(User.objects.get(username="intake0")), ref, "merge", {"into": into})

    def _retaliate(self, draw: random.Random) -> None:
        """A reporter of a case that may be seen says that they suffer for it: where those who are
        accused in the hidden cases are kept out of the new one too."""
        if not self.world.accused or draw.random() < 0.5:
            return
        for case in Case.objects.filter(ref__in=self.refs).order_by("pk"):
            report = Report.objects.filter(case=case).first()
            among = [p for p in Party.objects.filter(case=case) if p.relation != "supervising"]
            if report is None or not all(
                _is_accused(actor_for(u), among) for u in self.world.accused
            ):
                continue
            by = Actor("reporter", "reporter", report_id=report.pk, case_id=case.pk)
            token = draw.randbytes(32).hex()
            with suppress(HuhangError):
                raise_once(report, f"{HIDDEN_WORDS}报复", token, actor=by)
                new = Report.objects.get(login_hash=login_hash(token)).case.ref
                self.world.hidden.append(new)
            return

    def _number(self, draw: random.Random, refs: list[str]) -> None:
        """A paper of one of these gets its number, or loses it again."""
        if not refs:
            return
        ref, paper = draw.choice(refs), draw.choice(["registration", "approval"])
        by = actor_for(User.objects.get(username=draw.choice(["intake0", "leader0"])))
        live = Number.objects.filter(case__ref=ref, voided_at__isnull=True).first()
        with suppress(HuhangError):
            if live is not None and draw.random() < 0.4:
                write(lambda w: void_number(w, live.ref, f"{HIDDEN_WORDS}作废"), actor=by)
            else:
                write(lambda w: issue_number(w, ref, paper), actor=by)

    def _values(self, draw: random.Random, verb: str, case: Case) -> dict[str, Any]:
        values = dict(VALUES.get(verb, {}))
        if verb == "assign":
            values = {"responsible": draw.choice(["g1", "g2", "u0", "u1", "u2"])}
            if draw.random() < 0.5:
                values["supervising"] = draw.choice(["g1", "g2"])
        elif verb == "accept":
            values = {"kind": case.kind}
        elif verb == "regrade":
            others = [n.id for n in current().natures_of(case.kind) if n.id != case.nature]
            values["nature"] = draw.choice(others)
        return values

    def _do(self, actor: Actor, ref: str, verb: str, values: dict[str, Any]) -> bool:
        try:
            write(lambda w: actions.perform(w, ref, verb, **values), actor=actor)
        except HuhangError:
            return False
        return True


def _leads_on(case: Case, verb: str) -> bool:
    row = flow.transition(flow_of(case), case.state, verb)
    return row is not None and row.target not in (
        None,
        case.state,
        "declined",
        "transferred",
        "kept",
    )


def _is_accused(actor: Actor, parties: list[Party]) -> bool:
    return any(
        p.unit_id in actor.excluded_units
        or p.group_id in actor.excluded_groups
        or p.person_id in actor.excluded_persons
        for p in parties
    )
