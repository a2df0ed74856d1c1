"""Chinese and English wherever a person looks."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]


def _missing(*catalogues: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/messages.py", "check"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_no_message_lacks_its_chinese_words() -> None:
    found = _missing()
    assert found.returncode == 0, found.stdout


def test_the_check_would_find_one(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import messages
        from babel.messages.catalog import Catalog
    finally:
        sys.path.pop(0)
    lacking = messages.missing(Catalog(locale="zh_Hans"))
    assert len(lacking) > 500
    assert any("Sign in" in line for line in lacking), "from a template"
    assert any("There is no such case." in line for line in lacking), "from Python"


def test_chinese_words_quote_as_chinese_does() -> None:
    parts = (ROOT / "src" / "huhang" / "locale" / "parts").glob("*.po")
    said = [
        message.string
        for part in parts
        for message in read_po(io.BytesIO(part.read_bytes()), locale="zh_Hans")
        if message.id
    ]
    assert len(said) > 500
    assert [words for words in said if set("“”") & set(str(words))] == []
