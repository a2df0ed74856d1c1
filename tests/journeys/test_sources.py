"""A person makes a source, mends how its columns are understood, and drops the next file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
HEAD = "单子,情况,哪天,谁办\n"


def _wait_for(w: Any, path: str, text: str) -> None:
    for _try in range(80):
        w.go(path)
        if text in w.page.content():
            return
        w.page.wait_for_timeout(500)
    pytest.fail(f"{path} never said {text}")


@pytest.mark.parametrize(
    ("prefix", "code", "words"),
    [("", "zb-hotline", ("添加", "查看", "为这个来源保存并重新查看", "已完成", "生成密钥")),
     ("/en", "en-hotline", ("Add", "Look at it", "Save for this source and look again", "done", "Make a key"))],
)  # fmt: skip
def test_a_source_is_made_mended_and_its_next_file_dropped(
    walker: Any, tmp_path: Path, prefix: str, code: str, words: tuple[str, ...]
) -> None:
    add, look, save, done, key = words
    name = f"{code}" + prefix.replace("/", "-")
    path = tmp_path / "三月来件.csv"
    path.write_text(
        HEAD + f"{code}-1,路灯不亮三个月,2026-03-01,云湖城管局\n{code}-2,停水,三月中旬,\n", "utf-8"
    )
    w = walker()
    page = w.page
    w.sign_in("intake", prefix=prefix)
    w.go(f"{prefix}/console/imports/")
    w.page.locator("main a[href$='/sources/']").first.click()
    w.check(f"sources-empty-{name}")
    page.fill("[name=name]", f"云湖热线 {code}")
    page.fill("[name=code]", code)
    page.select_option("[name=kind]", "hotline")
    page.check("[name=watched]")
    w.press(add)
    page.wait_for_url(lambda url: url.endswith(f"/sources/{code}/"))
    w.check(f"source-new-{name}")
    page.locator(f"a[href$='?source={code}']").click()
    assert page.locator("[name=source]").input_value() == code
    page.set_input_files("[name=file]", str(path))
    w.press(look)
    page.wait_for_selector("select[name=column-0]", timeout=20_000)
    w.check(f"import-not-understood-{name}")
    for n, field in enumerate(("number", "text", "reported_on", "handling_unit")):
        page.select_option(f"[name=column-{n}]", field)
    w.press(save)
    page.wait_for_selector("button[value=confirm]", timeout=20_000)
    w.check(f"import-understood-{name}")
    page.click("button[value=confirm]")
    page.wait_for_selector(f"h1:has-text('{done}')", timeout=20_000)
    w.check(f"import-of-a-source-{name}")
    folder = w.server.home / "inbox" / code
    _wait_for(w, f"{prefix}/console/sources/{code}/", str(folder))
    for _try in range(40):
        if folder.is_dir():
            break
        page.wait_for_timeout(250)
    part = folder / "四月来件.csv.part"
    part.write_text(
        HEAD + f"{code}-1,路灯不亮四个月,2026-03-01,云湖城管局\n{code}-3,噪声,2026-04-01,\n",
        "utf-8",
    )
    part.rename(folder / "四月来件.csv")
    for _try in range(80):
        if list((folder / "done").glob("*四月来件.csv")):
            break
        page.wait_for_timeout(250)
    w.go(f"{prefix}/console/imports/")
    w.check(f"imports-by-day-{name}")
    rows = page.locator("table").nth(0).locator("tbody tr", has_text=code)
    assert "四月来件.csv" in rows.nth(0).text_content()
    assert "三月来件.csv" in rows.nth(1).text_content()
    day = page.locator("table").nth(1).locator("tbody tr", has_text=code)
    numbers = [int(t) for t in day.locator("td.num").all_text_contents()]
    assert numbers == [2, 4, 2, 1, 0, 1], "files, sent = taken in + updated + repeated + refused"
    w.go(f"{prefix}/console/sources/{code}/")
    w.press(key)
    assert re.search(r"whsec_[A-Za-z0-9+/]{43}=", page.content())
    page.evaluate("document.querySelectorAll('.code .mono')[0].textContent = 'whsec_…'")
    w.check(f"source-{name}")
