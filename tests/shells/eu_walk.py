"""Walks a demo place under the rulebook of the environment, in a process of its own: what every page,
paper, sheet and command says, as JSON on standard output (address: status and text)."""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson

os.environ["DJANGO_SETTINGS_MODULE"] = "huhang.config.settings"
_tags = re.compile(rb"<[^>]+>")


def _text(answer: Any) -> str:
    """What somebody reads: of a page its words and its attributes, of a package its parts."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type", "").startswith("image/png"):
        return ""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as pack:
            parts = [pack.read(n) for n in pack.namelist() if n.endswith(".xml")]
        # Beside names of styles, which Word keeps in its own part.
        return b" ".join(_tags.sub(b" ", part) for part in parts).decode()
    return body.decode("utf-8", "replace")


def quarter() -> str:
    """The period that runs."""
    from huhang.kernel import clock

    today = clock.today()
    return f"{today.year}-Q{(today.month - 1) // 3 + 1}"


def _consoles(ref: str, client: Any) -> Iterator[str]:
    """The addresses of a case; without one those of everything else."""
    from django.urls import reverse

    from huhang.console import urls
    from huhang.insight.charts.definitions import CHARTS
    from huhang.parties.models import Unit
    from huhang.rulebook import current

    given = {"ref": ref or "0" * 10, "code": Unit.objects.order_by("pk")[1].code, "username": "customs", "form": "png",
             "suffix": "docx", "table": next(iter(current().returns)), "period": quarter(),
             "token": "00" * 20, "file": "0" * 10, "number": "0" * 10, "which": "negative", "do": "approve",
             "report": "0" * 10}  # fmt: skip
    many: dict[str, list[str]] = {
        "paper": list(current().papers), "chart": [d.id for d in CHARTS], "verb": _verbs(client, ref) if ref else [],
    }  # fmt: skip
    for pattern in urls.urlpatterns:
        if ("cases/<str:ref>" in str(pattern.pattern)) != bool(ref):
            continue
        names = list(pattern.pattern.converters) or list(
            getattr(pattern.pattern, "regex", re.compile("")).groupindex
        )
        more = next((n for n in names if n in many), "")
        for value in many.get(more, [""]):
            values = {n: value if n == more else given[n] for n in names}
            if pattern.name == "site_poster":
                values["code"] = "library"
            yield reverse(f"console:{pattern.name}", kwargs=values)


def _verbs(client: Any, ref: str) -> list[str]:
    from huhang.cases import flow

    page = client.get(f"/console/cases/{ref}/").content.decode()
    return [v for v in flow.VERBS if f"/do/{v}/" in page]


def console() -> Iterator[tuple[str, int, str]]:
    """Every address of the console by every person, of one case in each state that they see."""
    from django.test import Client

    from huhang.cases.queries import visible_to
    from huhang.parties.models import User
    from huhang.parties.queries import actor_for
    from huhang.rulebook import current

    for user in User.objects.order_by("username"):
        client = Client()
        client.force_login(user)
        seen = {(c.state, c.kind): c.ref for c in visible_to(actor_for(user)).order_by("pk")}
        for ref in ["", *seen.values()]:
            for address in _consoles(ref, client):
                answer = client.get(address, follow=True)
                yield f"{user.username} {address}", answer.status_code, _text(answer)
        period = f"returns/{next(iter(current().returns))}/{quarter()}/"
        for query in ("cases/?state=all&format=excel", "bulletin/?format=excel", "bulletin/?format=word",
                      "dashboard/?format=excel", "dashboard/?format=word", f"{period}?format=excel",
                      f"{period}?format=word", "cases/?q=permit", "imports/?kind=units"):  # fmt: skip
            answer = client.get(f"/console/{query}", follow=True)
            yield f"{user.username} /console/{query}", answer.status_code, _text(answer)


def portal() -> Iterator[tuple[str, int, str]]:
    """Every page of the portal, each question of a report, and its errors."""
    from django.test import Client

    client = Client()
    for address in ("/", "/r/", "/r/new/", "/r/kept/", "/r/back/", "/r/library/", "/r/no/such/page/",
                    "/console/sign-in/", "/console/nothing/"):  # fmt: skip
        answer = client.get(address, follow=True)
        yield address, answer.status_code, _text(answer)
    told = {"subject": "unit", "unit": "Customs Administration", "kind": "report", "text": "Gifts",
            "reach": "anonymous"}  # fmt: skip
    for step in ("whom", "unit", "kind", "what", "when", "files", "contact", "send"):
        for go in ("next", "show"):
            answer = client.post("/r/new/", {**told, "step": step, "go": go})
            yield f"/r/new/ {step} {go}", answer.status_code, _text(answer)
    wrong = client.post("/r/new/", {"step": "kind", "go": "next", "subject": "unit", "unit": "x"})
    yield "/r/new/ wrong", wrong.status_code, _text(wrong)
    ours = client.post("/r/new/", {"step": "whom", "go": "next", "subject": "own_leaders"})
    yield "/r/new/ own_leaders", ours.status_code, _text(ours)
    for path in ("/r/new/%00", "/healthz"):
        answer = client.get(path)
        yield path, answer.status_code, _text(answer)


def come_back() -> Iterator[tuple[str, int, str]]:
    """What the reporter of a case in each state reads."""
    from django.test import Client

    from huhang.cases.models import Report
    from huhang.intake.actions import login_hash
    from huhang.kernel.guard import unguarded

    client = Client()
    for number, report in enumerate(Report.objects.select_related("case").order_by("pk")):
        token = f"{number:064x}"
        with unguarded():  # the demo's reporters have no codes
            Report.objects.filter(pk=report.pk).update(login_hash=login_hash(token))
        answer = client.post("/r/back/", {"login_token": token})
        yield f"/r/back/ {report.case.state}", answer.status_code, _text(answer)


def programs() -> Iterator[tuple[str, int, str]]:
    """The API's vocabulary, its answers and its description."""
    from django.test import Client

    from huhang.kernel.actor import OPERATOR
    from huhang.kernel.write import write
    from huhang.parties.accounts import make_token
    from huhang.parties.queries import SCOPES

    for username in ("intake", "admin", "leader"):
        _made, secret = write(
            lambda w, u=username: make_token(w, u, name="walk", scopes=SCOPES, days=2),
            actor=OPERATOR,
        )
        head = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
        client = Client(headers=head)
        for path in ("vocabulary", "cases", "units", "groups", "sites", "people", "me", "returns", "papers",
                     "notices", "drafts", "sources", "bulletin", "lists/negative", "openapi.json", "docs"):  # fmt: skip
            answer = client.get(f"/api/v1/{path}")
            yield f"{username} /api/v1/{path}", answer.status_code, _text(answer)
    client = Client()
    for path in ("services.json", "discovery.json", "requests.json"):
        answer = client.get(f"/open311/v2/{path}")
        yield f"/open311/v2/{path}", answer.status_code, _text(answer)


def commands() -> Iterator[tuple[str, int, str]]:
    """The help of every command."""
    from django.utils import translation

    from huhang.cli.main import parser

    translation.activate("en")
    waiting = [parser()]
    while waiting:
        one = waiting.pop()
        yield f"$ {one.prog} --help", 200, one.format_help()
        for action in one._actions:
            if isinstance(action.choices, dict):
                waiting += action.choices.values()


def main() -> int:
    """Load the demo, walk, and say what was read."""
    import django

    django.setup()
    from django.core.management import call_command

    from huhang.config import demo

    call_command("migrate", verbosity=0)
    demo.load()
    found = [*console(), *portal(), *come_back(), *programs(), *commands()]
    sys.stdout.buffer.write(orjson.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
