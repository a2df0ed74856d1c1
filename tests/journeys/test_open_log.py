"""Somebody who reported gets a receipt that proves it, and checks it without the office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_scan_code import EN, ZH, report_online
from tests.server import Server, huhang

pytestmark = pytest.mark.browser
HOLDS = {"": ("成立", "不成立"), "/en": ("It holds", "IT DOES NOT HOLD")}
SAVE = {"": "保存凭证", "/en": "Save the receipt"}


@pytest.mark.parametrize(("prefix", "words"), [("", ZH), ("/en", EN)])
def test_a_receipt_is_saved_and_checked_offline(
    walker: Any, demo: Server, tmp_path: Path, prefix: str, words: dict[str, str]
) -> None:
    phone = walker(phone=True, accept_downloads=True)
    code = report_online(phone, prefix, f"要有凭证{words['name']}", words)

    def come_back() -> None:
        phone.go(f"{prefix}/r/back/")
        phone.page.fill("[data-code-input]", code)
        phone.page.click("main form button")
        phone.page.wait_for_selector("#receipt")

    trusted = demo.home / "demo-witnesses" / "policy"
    come_back()
    # The worker does this once a minute.
    for _try in range(5):
        done = huhang(demo.home, "log", "tick", HUHANG_LOG_POLICY=str(trusted))
        assert done.returncode == 0, done.stderr
        come_back()
        if phone.page.get_by_role("button", name=SAVE[prefix]).count():
            break
    phone.check(f"receipt{words['name']}")
    with phone.page.expect_download() as download:
        phone.page.get_by_role("button", name=SAVE[prefix]).click()
    receipt = tmp_path / download.value.suggested_filename
    download.value.save_as(receipt)
    assert receipt.name == "receipt.tlog-proof"

    # Whoever checks it trusts the log's key and both witnesses, and has no data folder.
    log_keys = [
        line
        for line in phone.page.request.get(f"{demo.url}/log/policy").text().splitlines()
        if line.startswith("log ")
    ]
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*log_keys, trusted.read_text()]))
    none = tmp_path / "none"
    held = huhang(none, "receipt", "verify", str(receipt), "--policy", str(policy))
    assert held.returncode == 0, held.stdout + held.stderr
    assert "It is signed and cosigned" in held.stdout
    whole = receipt.read_text()
    receipt.write_text(whole.replace("index ", "index 1"))
    assert huhang(none, "receipt", "verify", str(receipt), "--policy", str(policy)).returncode == 1

    phone.page.get_by_role(
        "link", name="如何核查" if not prefix else "How to check it"
    ).first.click()
    phone.page.wait_for_selector(".qr svg")
    phone.check(f"open-log{words['name']}")
    assert "witness-1.demo.invalid" in phone.page.content()
    audited = huhang(none, "log", "audit", f"{demo.url}/log", "--policy", str(policy))
    assert audited.returncode == 0, audited.stdout + audited.stderr

    # The same in the browser, with the network cut, and without WebCrypto, which pages without https do not have.
    phone.page.add_init_script(
        "Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})"
    )
    phone.go(f"{prefix}/r/log/check/")
    phone.page.wait_for_selector("[data-receipt]")
    phone.context.set_offline(True)
    said = phone.page.locator("[data-receipt-result]")
    changed = (receipt.read_text(), whole.replace("=", "A", 1))
    for text, told, looks in (
        (whole, 0, "done"),
        *((c, 1, "overdue") for c in changed),
        (whole, 0, "done"),
    ):
        receipt.write_text(text)
        phone.page.set_input_files("[data-receipt-file]", receipt)
        phone.page.click("[data-receipt] button")
        phone.page.wait_for_selector(f"[data-receipt-result].{looks}")
        assert said.text_content().strip().startswith(HOLDS[prefix][told])
    phone.context.set_offline(False)
    phone.check(f"check{words['name']}")
