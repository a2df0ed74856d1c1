"""A person reports by scan code, comes back by code, and the office answers."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def _report(w: Any, prefix: str, text: str, words: dict[str, str]) -> str:
    """Walk through the pages; the code that was shown."""
    page = w.page
    w.go(f"{prefix}/r/")
    w.check(f"start{words['name']}")
    w.follow(words["write"])
    w.check(f"whom{words['name']}")
    page.check("[name=subject][value=unit]")
    w.press(words["continue"])
    w.check(f"unit{words['name']}")
    page.fill("[name=unit]", "云湖工商局")
    w.press(words["continue"])
    page.check("[name=kind][value=demand]")
    w.check(f"kind{words['name']}")
    w.press(words["continue"])
    page.fill("[name=text]", text)
    w.check(f"what{words['name']}")
    w.press(words["continue"])
    page.fill("[name=occurred_on]", "2026-01-05")
    w.check(f"when{words['name']}")
    w.press(words["continue"])
    page.set_input_files(
        "[name=upload]",
        [{"name": "笔记.txt", "mimeType": "text/plain", "buffer": "窗口说要补材料".encode()}],
    )
    w.page.click("[name=go][value=next]")
    w.check(f"files{words['name']}")
    page.click("[name=go][value=next]")
    page.check("[name=reach][value=anonymous]")
    w.check(f"contact{words['name']}")
    w.press(words["continue"])
    page.wait_for_selector("[data-code] li")
    w.check(f"send{words['name']}")
    code = "-".join(page.locator("[data-code] li").all_text_contents())
    w.press(words["send"])
    assert page.locator("[data-written-first]").is_visible(), "asked to write the code down first"
    page.check("[data-written]")
    w.press(words["send"])
    page.wait_for_url("**/r/kept/")
    w.check(f"kept{words['name']}")
    assert code.replace("-", "") not in page.content()
    return code


ZH = {"name": "-zh", "write": "我要反映", "continue": "继续", "send": "发送"}
EN = {"name": "-en", "write": "Write a report", "continue": "Continue", "send": "Send"}


@pytest.mark.parametrize(("prefix", "words"), [("", ZH), ("/en", EN)])
def test_report_come_back_and_talk(walker: Any, prefix: str, words: dict[str, str]) -> None:
    phone = walker(phone=True)
    text = f"变更登记拖了两个月{words['name']}"
    code = _report(phone, prefix, text, words)
    assert not [c for c in phone.context.cookies() if c["name"] != "csrftoken"], (
        "no cookie but CSRF"
    )

    desk = walker()
    desk.sign_in("intake")
    desk.find(text)
    desk.page.wait_for_selector("dl.facts")
    assert text in desk.page.content()
    assert "云湖示范区市场监督管理局" in desk.page.content(), "the former name finds the unit"
    desk.check(f"case-received{words['name']}")
    desk.follow("写信给反映人")
    desk.page.fill("[name=note]", "请问是哪个窗口？")
    desk.press("写信给反映人")
    desk.page.wait_for_url(lambda url: "done=message" in url)

    phone.go(f"{prefix}/r/back/")
    phone.check(f"back{words['name']}")
    phone.page.fill("[data-code-input]", "wrong")
    phone.page.click("main form button")
    assert phone.page.locator("[data-code-error]").is_visible()
    phone.page.fill("[data-code-input]", code.lower())
    with phone.page.expect_request(lambda r: r.method == "POST") as sent:
        phone.page.click("main form button")
    phone.page.wait_for_selector("#talk")
    assert code.replace("-", "").lower() not in (sent.value.post_data or "").lower()
    assert "请问是哪个窗口？" in phone.page.content()
    phone.check(f"my-report{words['name']}")
    phone.page.fill("[name=note]", "三号窗口")
    phone.page.locator("form:has([name=do][value=reply]) button").click()
    phone.page.wait_for_selector(".notice.done")
    desk.page.reload()
    assert "三号窗口" in desk.page.content()


def test_a_report_about_own_leaders_is_shown_the_right_channel(walker: Any) -> None:
    w = walker(phone=True)
    w.go("/r/new/")
    w.page.check("[name=subject][value=own_leaders]")
    w.press("继续")
    assert "12388" in w.page.content()
    w.check("right-channel")


def test_a_site_says_what_its_code_tells_and_can_be_dropped(walker: Any) -> None:
    w = walker(phone=True)
    w.go("/r/hall/")
    assert "政务服务大厅" in w.page.content()
    w.check("site")
    w.page.locator(".notice a.button").first.click()
    assert w.page.url.endswith("/r/")


def test_without_script_the_server_makes_the_code_and_says_so(walker: Any) -> None:
    w = walker(phone=True, java_script_enabled=False)
    w.go("/r/new/")
    w.page.check("[name=subject][value=unknown]")
    w.press("继续")
    w.page.check("[name=kind][value=complaint]")
    w.press("继续")
    w.page.fill("[name=text]", "没有脚本也能反映")
    w.press("继续")
    w.press("继续")
    w.page.click("[name=go][value=next]")
    w.page.check("[name=reach][value=anonymous]")
    w.press("继续")
    w.press("发送")
    code = "".join(w.page.locator("[data-code] li").all_text_contents())
    assert len(code) == 33
    w.go("/r/back/")
    w.page.fill("[name=code]", code)
    w.page.click("main form button")
    assert "没有脚本也能反映" in w.page.content()
