"""The demo district in a real server, and a browser to walk through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CHROMIUM
from tests.server import Server, running

ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "huhang-demo-2026"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`huhang run` on an empty data folder."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with running(home, "run", HUHANG_LIMIT_PER_HOUR="1000") as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser of the system."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the browser journeys are skipped")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Walker:
    """A page that watches itself: no error on the console, nothing from outside."""

    def __init__(self, browser: Any, server: Server, screens: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.server = server
        self.screens = Path(screens) if screens else None
        self.faults: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            self.faults.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.faults.append(f"from outside: {request.url}")

    def go(self, path: str) -> None:
        self.page.goto(self.server.url + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def settle(self) -> None:
        """Wait until the page that a form was sent for is there, to its last line."""
        self.page.wait_for_selector("form[aria-busy]", state="detached")
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def check(self, name: str) -> None:
        """axe, sideways scrolling at 360 px, faults; a picture when pictures are wanted."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(
            self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
        )
        bad = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found.response["violations"]]
        assert not bad, f"{name}: {bad}"
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 360, "height": 780})
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        self._picture(f"{name}-360")
        self.page.set_viewport_size(size)
        assert wide <= 360, f"{name} scrolls sideways at 360 px: {wide}"
        self._picture(name)
        assert not self.faults, f"{name}: {self.faults}"

    def _picture(self, name: str) -> None:
        """Where pictures are wanted, the whole page with its drawings as they are for this width."""
        if self.screens is None:
            return
        self.screens.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(
            """async () => {
                const frame = () => new Promise(requestAnimationFrame);
                for (const image of document.images) image.loading = "eager";
                await frame();
                do await frame(); while (![...document.images].every((image) => image.complete));
            }"""
        )
        self.page.screenshot(path=self.screens / f"{name}.png", full_page=True)

    def sign_in(self, name: str, *, prefix: str = "") -> None:
        self.go(f"{prefix}/console/sign-in/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url("**/console/**")

    def find(self, text: str) -> None:
        """Open the case that a search finds; the worker follows the log within seconds."""
        found = self.page.locator("tr[data-row] a[data-open]")
        for _try in range(40):
            self.go(f"/console/cases/?q={text}")
            if found.count():
                break
            self.page.wait_for_timeout(250)
        found.first.click()

    def open_figure(self, path: str, link: str) -> None:
        """Open the cases behind a figure of a page: there must be as many as it says.

        A tick of the worker between the page and its cases moves both; then the page is asked again.
        """
        for _tick in range(5):
            self.go(path)
            figure = self.page.locator(link).first
            value = figure.text_content()
            figure.click()
            title = self.page.locator("h1").text_content()
            if title.endswith(f"：{value}"):
                return
        pytest.fail(f"{path}: {value} opens onto {title}")

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def walker(chromium: Any, demo: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes walkers: ``walker()`` with a desk's screen, ``walker(phone=True)`` with a phone's."""
    made: list[Walker] = []

    def make(*, phone: bool = False, **options: Any) -> Walker:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
        w = Walker(chromium, demo, request.config.getoption("--screens"), viewport=size,
                   permissions=["clipboard-read", "clipboard-write"], **options)  # fmt: skip
        made.append(w)
        return w

    yield make
    for w in made:
        w.close()
