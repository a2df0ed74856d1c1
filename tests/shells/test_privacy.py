"""The notice of the portal: in both languages, with the rulebook's terms, linked from every page."""

from __future__ import annotations

import pytest
from django.test import Client

from huhang.intake import staging
from huhang.rulebook import Rulebook, Text, current
from tests.cast import found_district

pytestmark = pytest.mark.django_db


def page(address: str = "/r/privacy/") -> str:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert not answer.cookies, "a notice sets nothing"
    return answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_says_the_terms_of_the_rulebook(language: str) -> None:
    said = page("/r/privacy/" if language == "zh-hans" else "/en/r/privacy/")
    for nature in current().natures.values():
        assert nature.words.in_(language) in said
        unit = "年" if language == "zh-hans" else "years"
        assert f"{nature.retention.years} {unit}" in said.partition(nature.words.in_(language))[2]
    assert current().who_reads.in_(language) in said
    assert str(staging.KEEP_SECONDS // 3600) in said
    unsure = "尚未全部确认" if language == "zh-hans" else "has not confirmed all of them"
    assert unsure in said


def test_english_says_nothing_in_chinese() -> None:
    said = page("/en/r/privacy/").partition("<main")[2].partition("</main")[0]
    assert not [c for c in said if "\u4e00" <= c <= "\u9fff"]


def test_it_says_whom_to_ask_or_that_nobody_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "尚未在此写明" in page()
    book = current()
    named = Rulebook(**{**vars(book), "privacy_contact": Text("张三，电话 0635-1234567", "Zhang")})
    monkeypatch.setattr("huhang.portal.privacy.current", lambda: named)
    assert "张三，电话 0635-1234567" in page()
    assert "尚未在此写明" not in page()


@pytest.mark.parametrize("address", ["/r/", "/r/new/", "/r/back/"])
def test_every_page_of_the_portal_leads_there(address: str) -> None:
    found_district()
    assert 'href="/r/privacy/"' in Client().get(address).content.decode()
