"""An administrator invites people, who set their own password; what they then find."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser
OWN = "my-own-long-word-2026"


def invited(w: Any, admin: Any, username: str, **fields: str) -> None:
    """Invite somebody as an administrator, and come in by the address that is shown once."""
    page = admin.page
    admin.go("/console/people/")
    for name, value in {"username": username, "name": username, **fields}.items():
        field = page.locator(f"main form [name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form .actions button").first.click()
    address = page.locator(".code .mono").inner_text()
    admin.check("invited")
    w.page.goto(address)
    for name in ("password", "again"):
        w.page.fill(f"[name={name}]", OWN)
    w.page.locator("main form button").click()
    w.page.wait_for_url("**/console/sign-in/**")
    w.page.fill("[name=username]", username)
    w.page.fill("[name=password]", OWN)
    w.page.click("main button")
    w.page.wait_for_url("**/console/**")


def test_an_auditor_comes_in_and_reads_what_was_done(walker: Any) -> None:
    admin, auditor = walker(), walker()
    admin.sign_in("admin")
    invited(auditor, admin, "auditor1", role="auditor", group="office")
    page = auditor.page
    page.wait_for_url("**/console/audit/")
    assert page.locator("tbody tr").count() > 1
    auditor.check("audit")
    auditor.go("/en/console/audit/?verb=add_user&sort=when")
    assert "Person added" in page.locator("tbody").inner_text()
    auditor.check("audit-en")
    with page.expect_download() as saving:
        auditor.follow("Save as CSV")
    assert saving.value.suggested_filename.endswith(".csv")


def test_a_team_is_made_and_somebody_withdraws(walker: Any) -> None:
    admin, leader = walker(), walker()
    admin.sign_in("admin")
    page = admin.page
    admin.go("/console/teams/")
    admin.check("teams-empty")
    page.fill("main form [name=code]", "joint-1")
    page.fill("main form [name=name]", "营商环境专班")
    page.locator("main form .actions button").click()
    page.wait_for_selector("tbody tr")
    admin.check("teams")
    admin.go("/en/console/teams/")
    admin.check("teams-en")
    leader.sign_in("leader")
    page = leader.page
    leader.go("/console/mail/")
    leader.check("mail")
    leader.go("/console/cases/")
    page.locator("[data-open]").first.click()
    page.wait_for_url("**/console/cases/*/")
    case = page.url
    page.locator("a[href$='/do/recuse/']").click()
    page.select_option("[name=reason]", "relative")
    page.select_option("[name=user]", "market")
    page.fill("[name=why]", "科长是其表哥")
    leader.check("recuse")
    page.locator("main form .actions button").click()
    page.wait_for_url("**done=recuse**")
    leader.check("recused")
    leader.go("/en" + case.removeprefix(leader.server.url))
    assert "Withdrawn from the case" in page.content()
    leader.check("recused-en")
