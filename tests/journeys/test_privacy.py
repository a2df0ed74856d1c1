"""The notice of the portal, and the page of what is due for erasure, in a browser."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_notice_reads_well_on_a_phone(walker: Any, prefix: str) -> None:
    w = walker(phone=True)
    w.go(f"{prefix}/r/")
    w.page.locator("footer a[href$='privacy/']").click()
    w.page.wait_for_url("**/r/privacy/")
    w.check(f"privacy{prefix.replace('/', '-')}")


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_what_is_due_for_erasure_reads_well(walker: Any, prefix: str) -> None:
    w = walker()
    w.sign_in("leader", prefix=prefix)
    w.go(f"{prefix}/console/retention/")
    w.check(f"retention{prefix.replace('/', '-')}")
