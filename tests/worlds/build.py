"""One world from a seed. Each event draws from a random source and a moment of its own, so that
hidden reports move nothing else."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from huhang.cases import accounting, actions, approving, flow, proposing
from huhang.cases.models import Approval, Case, Party, Report
from huhang.cases.queries import flow_of, verbs_for, visible_to
from huhang.config.reactions import close_off
from huhang.insight import figures
from huhang.insight.actions import publish
from huhang.intake import sites
from huhang.intake.actions import ReportDraft, login_hash, submit
from huhang.intake.clerk import Written
from huhang.intake.filing import Upload
from huhang.intake.retaliation import raise_once
from huhang.intake.splitting import split_once
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import OPERATOR, PUBLIC, WORKER, Actor
from huhang.kernel.errors import HuhangError
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Payload
from huhang.kernel.write import Write, write
from huhang.papers.actions import issue_number, void_number
from huhang.papers.models import Number
from huhang.parties import actions as parties
from huhang.parties import teams
from huhang.parties.models import Group, Unit, User
from huhang.parties.queries import actor_for
from huhang.rulebook import POSTS, current
from huhang.tlog.actions import tick
from tests.parts.test_matrix import VALUES
from tests.worlds.undoing import undone

BEGIN = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
HOURS = 12  # from event to event: months pass, and returns are frozen
WORDS = ["路灯不亮", "执照拖延", "停水无通知", "乱收费用", "推诿扯皮", "补贴未兑现"]
HIDDEN_WORDS = "隐秘词语"
HIDDEN_NUMBER = "H-77-"
GROUPS = ("g1", "g2", "t1")
BEFORE_TRIAGE = ("keep", "note", "message")
VERBS = sorted(set(VALUES) | {"investigate", "close"})


@dataclass
class Hidden:
    """What is added to a story: when hidden reports come in, whom they accuse, and what they became.

    ``at``: the rounds. ``accused``: "unit", "person", "group" or "recused", and which. ``provisional``:
    named without being accused for good. ``refs``, ``users``: the hidden cases, and who is kept out.
    """

    number: int
    at: list[int]
    accused: tuple[str, str]
    provisional: bool
    refs: list[str] = field(default_factory=list)
    users: list[User] = field(default_factory=list)

    @property
    def recused(self) -> bool:
        """Whether it is somebody who withdrew: they know of the case, and find its number in the
        count; and what anybody may read of it, they may read."""
        return self.accused[0] == "recused"


class Builder:
    """Tells the story of a seed round by round; with hidden reports where these are given."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.at = 0
        self.refs: list[str] = []
        self.hidden: Hidden | None = None
        self.codes: list[str] = self.event(self._district)
        self.users = list(User.objects.order_by("username"))
        self.actors = {u.username: actor_for(u) for u in self.users}
        # Whom an accusation keeps somebody out of whose eyes a world can be looked at with.
        out = {key for a in self.actors.values() for key in (*a.excluded_units, *a.excluded_groups)}
        units = Unit.objects.filter(pk__in=out).order_by("code")
        groups = Group.objects.filter(pk__in=out, code__in=GROUPS).order_by("code")
        self.places = [("unit", u.code) for u in units] + [("group", g.code) for g in groups]
        plan = random.Random(seed)
        self.rounds = [
            (plan.randint(1, 3), plan.random() < 0.3) for _n in range(plan.randint(4, 8))
        ]

    def hide(self, number: int) -> Hidden:
        """The plan of what could be hidden in this story, by a number."""
        plan = random.Random(f"{self.seed}/{number}")
        at = sorted(plan.sample(range(len(self.rounds)), k=plan.randint(1, 2)))
        others = [("person", "user0"), ("recused", "user0")]
        accused = plan.choice([*self.places, *others])
        return Hidden(number, at, accused, plan.random() < 0.3 and accused[0] != "recused")

    def beside(self, hidden: Hidden) -> Builder:
        """The same story, told on with hidden reports."""
        other = copy.copy(self)
        other.refs = list(self.refs)
        other.hidden = hidden
        return other

    def event(self, fn: Callable[[random.Random], Any], *, hidden: bool = False) -> Any:
        """One event with its own moment and chance; a hidden one does not happen in the bare world."""
        self.at += 1
        if hidden and self.hidden is None:
            return None
        mark = f"/{self.hidden.number}" if hidden and self.hidden else ""
        draw = random.Random(f"{self.seed}/{self.at}{mark}")
        clock.set_frozen(BEGIN + timedelta(hours=HOURS * self.at))
        with ids.random_source(draw.randbytes):
            return fn(draw)

    def round(self, number: int) -> None:
        """A report, some steps on the cases, and now and then the worker's round."""
        steps, follows = self.rounds[number]
        for hidden in (self._file_hidden, self._transfer_hidden):
            self.event(lambda d, fn=hidden: fn(d, number), hidden=True)  # type: ignore[misc]
        self.event(self._file)
        self.event(self._move)
        self.event(self._publish)
        for _step in range(steps):
            self.event(lambda d: self._verb(d, self.refs))
            self.event(self._verb_hidden, hidden=True)
            self.event(self._merge_hidden, hidden=True)
            self.event(self._retaliate, hidden=True)
            self.event(self._split_hidden, hidden=True)
            self.event(self._split)
            self.event(self._number_hidden, hidden=True)
            self.event(lambda d: self._number(d, self.refs))
        if follows:
            self._follow()

    @contextmanager
    def ended(self) -> Iterator[None]:
        """The worker's last round, and the moment in which everybody looks; then that is undone."""
        with undone():
            last = copy.copy(self)
            last.event(last._push_hidden, hidden=True)
            last._follow()
            clock.set_frozen(BEGIN + timedelta(hours=HOURS * (last.at + 1)))
            yield

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
            parties.add_group(w, code="t1", name="专班", kind="joint")
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
                    group = draw.choice(GROUPS)
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

    def _file(self, draw: random.Random) -> None:
        units = Unit.objects.filter(code__in=draw.sample(self.codes, k=draw.randint(0, 2)))
        draft = ReportDraft(
            channel=draw.choice(["scan_code", "letter"]),
            words={"text": draw.choice(WORDS) + str(self.at)},
            kind=draw.choice(["demand", "complaint", "clue"]),
            units=tuple(units.order_by("code").values_list("pk", flat=True)),
            accuse=draw.random() < 0.2,
        )
        report = write(lambda w: submit(w, draft), actor=PUBLIC)
        self.refs.append(report.case_ref)

    def _move(self, draw: random.Random) -> None:
        """Somebody gets a role elsewhere, or leaves one, sometimes; a joint team ends or is renewed."""
        if draw.random() < 0.5:
            return
        user = draw.choice([u for u in self.users if u.username.startswith("user")])
        held = list(user.memberships.filter(until__isnull=True).order_by("pk"))
        day = clock.today() + timedelta(days=draw.randint(1, 60))
        moves: list[Callable[[Write], Any]] = [
            lambda w: parties.add_membership(w, user.username, role="handler", unit=draw.choice(self.codes)),
            lambda w: parties.add_membership(w, user.username, role="supervisor", group=draw.choice(GROUPS)),
            lambda w: parties.end_membership(w, user.username, draw.choice(held).pk),
            lambda w: teams.renew(w, "t1", day),
            lambda w: teams.end(w, "t1"),
        ]  # fmt: skip
        with suppress(HuhangError, IndexError):
            write(draw.choice(moves), actor=OPERATOR)
        self.actors = {u.username: actor_for(u) for u in self.users}

    def _publish(self, draw: random.Random) -> None:
        """A bulletin is published, sometimes. Its disclosure lists what it says, hidden cases counted
        in it; with that list taken out, nothing that shows it may differ."""
        if draw.random() < 0.7:
            return
        scope = figures.Scope(date(2020, 1, 1), clock.today())
        with suppress(HuhangError), unguarded():
            made = write(
                lambda w: publish(w, scope, f"简报{self.at}"), actor=self.actors["leader0"]
            )
            listed = Payload.objects.get(pk=made.payload)
            body = {**orjson.loads(listed.body), "figures": []}
            Payload.objects.filter(pk=made.payload).update(body=orjson.dumps(body).decode())

    def _file_hidden(self, draw: random.Random, number: int) -> None:
        """A report that names a unit or a person, or whose case accuses a group at once."""
        assert self.hidden is not None
        if number not in self.hidden.at:
            return
        kind, name = self.hidden.accused
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
            accuse=not self.hidden.provisional and kind != "recused",
            source="hotline",
            number=f"{HIDDEN_NUMBER}{len(self.hidden.refs) + 1}",
            content_hash=bytes(32),
            login_hash=login_hash(draw.randbytes(32).hex()),
            uploads=(Upload("隐秘.txt", "text/plain", files.read(path), path),),
        )
        report = write(lambda w: submit(w, draft), actor=PUBLIC)
        case = Case.objects.get(pk=report.case_id)
        if kind == "recused":
            values = {"user": name, "reason": "interest", "why": HIDDEN_WORDS}
            self._do(self.actors["leader0"], case.ref, "recuse", values)
        if kind == "group":
            raised = {"accused": [f"group:{name}"], "note": HIDDEN_WORDS}
            self._do(self.actors["intake0"], case.ref, "accuse", raised)
        if not self.hidden.refs:
            keeping = ("accused", "recused")
            parties = list(Party.objects.filter(case=case, relation__in=keeping))
            self.hidden.users = [
                u for u in self.users if _is_accused(self.actors[u.username], parties)
            ]
        self.hidden.refs.append(case.ref)

    def _verb_hidden(self, draw: random.Random) -> None:
        assert self.hidden is not None
        self._verb(draw, self.hidden.refs, self.hidden)

    def _number_hidden(self, draw: random.Random) -> None:
        assert self.hidden is not None
        if not self.hidden.recused:
            self._number(draw, self.hidden.refs)

    def _verb(self, draw: random.Random, refs: list[str], hidden: Hidden | None = None) -> None:
        """One verb by somebody who may, on a case of these: refused ones simply do not happen."""
        if not refs:
            return
        ref = draw.choice(refs)
        actors = [*self.actors.values()]
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
            if hidden and hidden.provisional:
                allowed = [v for v in allowed if v in BEFORE_TRIAGE]
            if hidden and hidden.recused:
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
        if waits is None:
            return False
        for actor in actors:
            with suppress(HuhangError):
                write(lambda w: approving.approve(w, waits.ref, note="同意"), actor=actor)
                return True
        return False

    def _push_hidden(self, draw: random.Random) -> None:
        """Something waits for approval on hidden cases, and accountability is proposed of them."""
        assert self.hidden is not None
        rule = current().natures["discipline_report"].approvals["hold"]
        office = self.actors["intake0"]
        said = {"note": HIDDEN_WORDS}
        for case in Case.objects.filter(ref__in=self.hidden.refs).exclude(state="merged"):
            if "hold" not in {a.verb for a in proposing.pending(case)}:
                write(lambda w, c=case: proposing.propose(w, c, "hold", said, rule), actor=office)  # type: ignore[misc]
            write(lambda w, pk=case.pk: accounting.propose_overdue(w, [pk]), actor=WORKER)  # type: ignore[misc]

    def _transfer_hidden(self, draw: random.Random, number: int) -> None:
        """A hidden case that nobody took up yet goes to another organ, sometimes."""
        assert self.hidden is not None
        if number not in self.hidden.at or draw.random() < 0.6:
            return
        for case in Case.objects.filter(ref__in=self.hidden.refs, state__in=("received", "kept")):
            said = {"target": "police", "note": HIDDEN_WORDS}
            self._do(self.actors["intake0"], case.ref, "transfer_out", said)

    def _merge_hidden(self, draw: random.Random) -> None:
        """One hidden report goes into another, sometimes: who is accused in one is kept out of both."""
        assert self.hidden is not None
        if len(self.hidden.refs) < 2 or draw.random() < 0.5:
            return
        ref, into = draw.sample(self.hidden.refs, k=2)
        self._do(self.actors["intake0"], ref, "merge", {"into": into})

    def _retaliate(self, draw: random.Random) -> None:
        """A reporter of a case that may be seen says that they suffer for it: where those who are
        accused in the hidden cases are kept out of the new one too."""
        assert self.hidden is not None
        if not self.hidden.users or draw.random() < 0.5:
            return
        for case in Case.objects.filter(ref__in=self.refs).order_by("pk"):
            report = Report.objects.filter(case=case).first()
            among = [p for p in Party.objects.filter(case=case) if p.relation != "supervising"]
            if report is None or not all(
                _is_accused(self.actors[u.username], among) for u in self.hidden.users
            ):
                continue
            by = Actor("reporter", "reporter", report_id=report.pk, case_id=case.pk)
            token = draw.randbytes(32).hex()
            with suppress(HuhangError):
                raise_once(report, f"{HIDDEN_WORDS}报复", token, actor=by)
                new = Report.objects.get(login_hash=login_hash(token)).case.ref
                self.hidden.refs.append(new)
            return

    def _split(self, draw: random.Random) -> None:
        """A part of a case that may be seen becomes one of its own, sometimes."""
        if draw.random() < 0.15:
            self._part(draw, draw.choice(self.refs), self.refs, units=(draw.choice(self.codes),))

    def _split_hidden(self, draw: random.Random) -> None:
        """The same of a hidden case, or of one that may be seen and tells of the accused in a part."""
        assert self.hidden is not None
        kind, name = self.hidden.accused
        if kind not in ("unit", "person") or not self.hidden.refs or draw.random() < 0.5:
            return
        named: dict[str, Any] = {"units": (name,)} if kind == "unit" else {"person_words": "甲0"}
        ref = draw.choice([*self.refs, *self.hidden.refs])
        self._part(draw, ref, self.hidden.refs, accuse=not self.hidden.provisional, **named)

    def _part(self, draw: random.Random, ref: str, refs: list[str], **named: Any) -> None:
        report = Report.objects.filter(case__ref=ref).order_by("pk").first()
        part = Written(channel="", kind=draw.choice(["complaint", "clue", "demand"]),
                       text=f"{HIDDEN_WORDS if refs is not self.refs else ''}{draw.choice(WORDS)}", **named)  # fmt: skip
        token = draw.randbytes(32).hex()
        with suppress(HuhangError):
            refs.append(
                split_once(
                    ref, report.ref if report else "", part, token, actor=self.actors["intake0"]
                )
            )

    def _number(self, draw: random.Random, refs: list[str]) -> None:
        """A paper of one of these gets its number, or loses it again."""
        if not refs:
            return
        ref, paper = draw.choice(refs), draw.choice(["registration", "approval"])
        by = self.actors[draw.choice(["intake0", "leader0"])]
        live = Number.objects.filter(case__ref=ref, voided_at__isnull=True).first()
        with suppress(HuhangError):
            if live is not None and draw.random() < 0.4:
                write(lambda w: void_number(w, live.ref, f"{HIDDEN_WORDS}作废"), actor=by)
            else:
                write(lambda w: issue_number(w, ref, paper), actor=by)

    def _values(self, draw: random.Random, verb: str, case: Case) -> dict[str, Any]:
        values = dict(VALUES.get(verb, {}))
        if verb == "assign":
            values = {"responsible": draw.choice([*GROUPS, "u0", "u1", "u2"])}
            if draw.random() < 0.5:
                values["supervising"] = draw.choice(GROUPS)
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
