"""The demo place of the rulebook: invented units, people and reports, made through the product's own verbs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.utils.translation import get_language

from huhang.cases import actions as verbs
from huhang.cases.models import Case
from huhang.cases.queries import verbs_for
from huhang.config.demo_steps import OPTIONAL, steps_of
from huhang.config.reactions import close_off
from huhang.intake import sites
from huhang.intake.actions import ReportDraft, submit
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, PUBLIC, Actor
from huhang.kernel.write import Write, write
from huhang.parties import accounts, actions
from huhang.parties.models import Unit, User
from huhang.parties.queries import actor_for
from huhang.rulebook import current
from huhang.rulebook.local import DEMOS

PASSWORD = "huhang-demo-2026"  # noqa: S105 - printed at the start, for the demo alone


def district() -> dict[str, Any]:
    """The demo's data."""
    path = DEMOS / f"{current().demo}.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def sign_ins() -> list[tuple[str, str]]:
    """Sign-in names of the demo's people with who they are, in the language of the command line;
    empty where this is no demo."""
    known = set(User.objects.values_list("username", "name_en"))
    # An earlier demo had fewer people.
    people = [u for u in district()["users"] if (u["username"], u["name_en"]) in known]
    if not (get_language() or "").startswith("zh"):
        return [(u["username"], u["name_en"]) for u in people]
    names = {p["code"]: p["name"] for p in [*district()["units"], *district()["groups"]]}
    return [(u["username"], f"{u['name']}（{_place(u, names)}）") for u in people]


def _place(user: dict[str, str], names: dict[str, str]) -> str:
    return names[user.get("unit") or user["group"]]


def load() -> None:
    """Fill an empty database."""
    data = district()
    hashed = make_password(PASSWORD)

    def people(w: Write) -> None:
        for unit in data["units"]:
            names = unit.get("aliases", [])
            actions.add_unit(w, **{k: v for k, v in unit.items() if k != "aliases"})
            w.flush()
            for name in names:
                actions.add_alias(w, unit["code"], name)
                w.flush()
        for group in data["groups"]:
            actions.add_group(w, **{**group, "units": tuple(group.get("units", ()))})
            w.flush()
        for user in data["users"]:
            actions.add_user(w, **{k: v for k, v in user.items() if k != "posts"})
            w.flush()
            if "posts" in user:
                actions.set_posts(w, user["username"], user["posts"])
                w.flush()
            token = accounts.invite(w, user["username"])
            w.flush()
            accounts.accept_invitation(w, token, hashed)
        for site in data["sites"]:
            sites.add_site(w, **site)
            w.flush()

    begin = clock.now()
    # The district was there before its first report.
    clock.set_frozen(begin - timedelta(days=90))
    write(people, actor=OPERATOR)
    clock.set_frozen(None)
    for report in data["reports"]:
        _carry(report, begin - timedelta(days=report["days"], minutes=37))
    clock.set_frozen(None)
    close_off()


def _carry(report: dict[str, Any], filed: Any) -> None:
    clock.set_frozen(filed)
    units = {u.code: u for u in Unit.objects.all()}
    named = [units[c] for c in report["units"]]
    draft = ReportDraft(
        channel=report["channel"],
        words={"text": report["text"]},
        kind=report["kind"],
        units=tuple(u.pk for u in named),
    )
    made = write(lambda w: submit(w, draft), actor=PUBLIC)
    case = Case.objects.get(pk=made.case_id)
    people = {u.username: actor_for(u) for u in User.objects.all()}
    steps = steps_of(district(), report, named, case, clock.local_day(filed))
    for step, (who, verb, values) in enumerate(steps, 1):
        if Case.objects.get(pk=case.pk).state == report["to"]:
            break
        clock.set_frozen(min(filed + timedelta(days=step, hours=step), _before_now(step)))
        _do(people, who, case, verb, values)
    if "proposes" in report:
        clock.set_frozen(min(filed + timedelta(days=8), _before_now(20)))
        note = "拟约谈被反映人所在中队负责人，请其就反映事项作出说明，五个工作日内完成。"
        _do(people, ("group1",), case, report["proposes"], {"note": note})


def _before_now(step: int) -> Any:
    clock.set_frozen(None)
    return clock.now() - timedelta(minutes=30 - step)


def _do(
    people: dict[str, Actor], who: tuple[str, ...], case: Case, verb: str, values: dict[str, Any]
) -> None:
    """By the first of these people who may; a reporter by the case's own code."""
    fresh = Case.objects.get(pk=case.pk)
    for name in who:
        if name == "reporter":
            actor = Actor("reporter", "reporter", case_id=case.pk,
                          report_id=fresh.reports.values_list("pk", flat=True)[0])  # fmt: skip
        else:
            actor = people[name]
        if verb in verbs_for(actor, fresh):
            write(lambda w: verbs.perform(w, case.ref, verb, **values), actor=actor)
            return
    if verb not in OPTIONAL:
        raise AssertionError(f"the demo cannot {verb} a case that is {fresh.state}")
