"""A person reports by scan code, comes back by code, and the office answers."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def report_online(w: Any, prefix: str, text: str, words: dict[str, str]) -> str:
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
    page.click("[name=go][value=next]")
    page.wait_for_selector("[name=drop]")
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
    page.wait_for_url("**/r/kept/?k=*")
    w.check(f"kept{words['name']}")
    assert code.replace("-", "") not in page.content()
    return code


ZH = {"name": "-zh", "write": "我要反映", "continue": "继续", "send": "发送"}
EN = {"name": "-en", "write": "Write a report", "continue": "Continue", "send": "Send"}


@pytest.mark.parametrize(("prefix", "words"), [("", ZH), ("/en", EN)])
def test_report_come_back_and_talk(walker: Any, prefix: str, words: dict[str, str]) -> None:
    phone = walker(phone=True)
    text = f"变更登记拖了两个月{words['name']}"
    code = report_online(phone, prefix, text, words)
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
    phone.page.locator("form [name=do][value=reply]").click()
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


def _to_what(w: Any, text: str) -> None:
    w.go("/r/new/")
    w.page.check("[name=subject][value=unit]")
    w.press("继续")
    w.page.fill("[name=unit]", "云湖工商局")
    w.press("继续")
    w.page.check("[name=kind][value=demand]")
    w.press("继续")
    w.page.fill("[name=text]", text)
    w.press("继续")
    w.page.wait_for_selector("[name=occurred_on]")


def test_the_browsers_back_shows_the_page_before_with_its_answer(walker: Any) -> None:
    w = walker(phone=True)
    page = w.page
    _to_what(w, "按返回键也还在")
    page.go_back()
    assert page.input_value("[name=text]") == "按返回键也还在"
    page.fill("[name=text]", "改过一次")
    page.go_back()
    page.go_back()
    assert page.input_value("[name=unit]") == "云湖工商局"
    w.check("gone-back")
    page.go_forward()
    assert page.is_checked("[name=kind][value=demand]")
    w.press("继续")
    assert page.input_value("[name=text]") == "改过一次"
    w.press("继续")
    page.fill("[name=when]", "上周")
    page.reload()
    page.wait_for_selector("[name=when]")
    assert page.input_value("[name=when]") == "上周", "a reload shows the page that was open"
    page.go_back()
    page.wait_for_selector("[name=text]")
    assert page.input_value("[name=text]") == "改过一次"
    for _step in range(2):
        w.press("继续")
    page.set_input_files(
        "[name=upload]", [{"name": "一.txt", "mimeType": "text/plain", "buffer": b"words"}]
    )
    page.click("[name=go][value=next]")
    page.wait_for_selector("[name=drop]")
    page.go_back()
    w.press("继续")
    page.wait_for_selector("[name=drop]")
    page.click("[name=go][value=next]")
    page.check("[name=reach][value=anonymous]")
    w.press("继续")
    page.wait_for_selector("[data-code] li")
    assert "改过一次" in page.content()
    assert "一.txt" in page.content(), "files of a later page are not lost by going back"
    code = "".join(page.locator("[data-code] li").all_text_contents())
    page.go_back()
    page.go_forward()
    assert "".join(page.locator("[data-code] li").all_text_contents()) == code
    page.check("[data-written]")
    w.press("发送")
    page.wait_for_url("**/r/kept/?k=*")
    page.go_back()
    page.wait_for_selector("form")
    assert "改过一次" not in page.content(), "nothing stays on the device once it is sent"
    assert not page.evaluate("Object.keys(sessionStorage).length")
    assert not w.faults


def test_the_language_can_change_in_the_middle(walker: Any) -> None:
    w = walker(phone=True)
    _to_what(w, "换成英文也还在")
    w.page.fill("[name=when]", "last week")
    w.press("English")
    w.page.wait_for_url("**/en/r/new/")
    assert w.page.input_value("[name=when]") == "last week"
    w.press("Back")
    assert w.page.input_value("[name=text]") == "换成英文也还在"
    w.check("language-changed")
    w.press("中文")
    w.page.wait_for_url("**/r/new/")
    assert w.page.input_value("[name=text]") == "换成英文也还在"


def test_offline_is_said_and_the_next_press_sends(walker: Any) -> None:
    w = walker(phone=True)
    _to_what(w, "没有网络也不丢")
    w.context.set_offline(True)
    w.page.get_by_role("button", name="继续", exact=True).click()
    w.page.wait_for_selector("[data-offline]:visible")
    w.page.wait_for_timeout(300)
    w.faults.clear()  # the browser's own word that it is offline
    w.check("offline")
    w.context.set_offline(False)
    w.press("继续")
    w.page.wait_for_selector("[name=upload]")


def test_pasting_too_much_is_counted_and_refused_in_words(walker: Any) -> None:
    w = walker(phone=True)
    _to_what(w, "长")
    w.page.go_back()
    w.page.fill("[name=text]", "长" * 20_010)
    assert w.page.locator("[data-counted]").text_content() == "20010 / 20000"
    w.press("继续")
    w.page.wait_for_selector("[data-errors]")
    assert len(w.page.input_value("[name=text]")) == 20_010
    w.check("too-long")


def test_reloading_my_report_sends_nothing_again(walker: Any) -> None:
    w = walker(phone=True, java_script_enabled=False)
    w.go("/r/new/")
    w.page.check("[name=subject][value=unknown]")
    w.page.click("[name=go][value=next]")
    w.page.check("[name=kind][value=demand]")
    w.page.click("[name=go][value=next]")
    w.page.fill("[name=text]", "重新载入不重复")
    for _step in range(3):
        w.page.click("[name=go][value=next]")
    w.page.check("[name=reach][value=anonymous]")
    w.page.click("[name=go][value=next]")
    w.page.click("[name=go][value=send]")
    w.page.wait_for_selector("[data-code] li")
    code = "".join(w.page.locator("[data-code] li").all_text_contents())
    w.page.wait_for_load_state("load")
    w.page.reload()
    w.page.wait_for_selector("[data-code] li")
    assert "".join(w.page.locator("[data-code] li").all_text_contents()) == code
    w.go("/r/back/")
    w.page.fill("[name=code]", code)
    w.page.click("main form button")
    w.page.fill("[name=note]", "只说一次")
    w.page.click("[name=do][value=reply]")
    said = w.page.locator(".message", has_text="只说一次")
    said.wait_for()
    for _n in range(2):
        w.page.wait_for_load_state("load")
        w.page.reload()
        said.wait_for()
    assert said.count() == 1
