"""A rulebook of an office's own lets an error be tolerated by a chain only: what waits, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from huhang.rulebook.loading import BOOKS
from tests.journeys.conftest import Walker
from tests.journeys.test_console import _do
from tests.journeys.test_fairness import _answer, _begin, _file
from tests.server import Server, running

pytestmark = pytest.mark.browser


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`huhang run` with a chain on tolerance and on a false accusation."""
    home = tmp_path_factory.mktemp("chains")
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    chain = {"steps": ["office_head", "leader_in_charge"], "rule": "R", "source": "-", "grade": "C",
             "confirmed": False}  # fmt: skip
    verbs = ("tolerate", "propose_false_accusation")
    data["natures"]["environment_complaint"]["approvals"] = {verb: dict(chain) for verb in verbs}
    book = home / "own.yaml"
    book.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with running(home / "home", "run", HUHANG_RULEBOOK=str(book)) as server:
        yield server


def test_verbs_of_fairness_wait_for_their_chain(
    chromium: Any, office: Server, request: pytest.FixtureRequest
) -> None:
    screens = request.config.getoption("--screens")
    size = {"width": 1280, "height": 800}
    intake, bureau, leader, head = (
        Walker(chromium, office, screens, viewport=size) for _who in range(4)
    )
    intake.sign_in("intake")
    bureau.sign_in("market")
    leader.sign_in("leader")
    head.sign_in("head1")
    case, _code = _file(intake, "试点窗口把我的材料弄丢了")
    _begin(intake, bureau, case)
    leader.go(case)
    page = leader.page
    page.locator("a[href$='/do/tolerate/']").click()
    assert "→" in page.locator("main").text_content(), "who must approve it"
    page.fill("[name=person]", "李某")
    page.select_option("[name=effect]", "reduced")
    page.fill("[name=note]", "首次试点，建议减轻问责")
    _answer(page, held=True)
    page.locator("main form .actions button").first.click()
    page.wait_for_url(lambda url: "waits=tolerate" in url)
    leader.check("chain-tolerate-zh")
    assert page.locator("text=有会议记录和票据").count() >= 8
    leader.go(f"/en{case}")
    leader.check("chain-tolerate-en")
    bureau.go(case)
    assert "首次试点，建议减轻问责" in bureau.page.content()
    _do(bureau, "find", finding="unfounded", note="未丢失，已当场找到")
    leader.go(case)
    page.locator("a[href$='/do/propose_false_accusation/']").click()
    page.fill("[name=fact]", "监控显示材料由其带走")
    page.fill("[name=intent]", "留言称要让窗口受处分")
    page.locator("main form .actions button").first.click()
    page.wait_for_url(lambda url: "waits=propose_false_accusation" in url)
    leader.check("chain-false-zh")
    head.go(case)
    assert "监控显示材料由其带走" in head.page.content()
    bureau.go(case)
    assert "诬告" not in bureau.page.content()
    assert "监控显示" not in bureau.page.content()
    for walker in (intake, bureau, leader, head):
        walker.close()
