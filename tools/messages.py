"""Translations without gettext's tools: check that nothing is missing, compile.

``src/huhang/locale/parts/*.po`` hold the Chinese words by part; ``compile`` makes
``locale/zh_Hans/LC_MESSAGES/django.mo`` of them.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "huhang"
PARTS = PACKAGE / "locale" / "parts"
TARGET = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES"
CALLS = {
    "_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 2, "ngettext_lazy": 2,
    "pgettext": 1, "pgettext_lazy": 1, "said": 0,
}  # fmt: skip
Key = tuple[str | None, str]
# Messages that Django says and its own catalogue has no words for.
OF_DJANGO: set[Key] = {
    (None, "This password is too short. It must contain at least %d character."),
}


def merged() -> Catalog:
    """All parts in one catalogue. The first translation of a message stands."""
    catalog = Catalog(locale="zh_Hans", domain="django", fuzzy=False, charset="utf-8")
    for path in sorted(PARTS.glob("*.po")):
        with path.open("rb") as part:
            for message in read_po(part, locale="zh_Hans", charset="utf-8"):
                if message.id and catalog.get(message.id, message.context) is None:
                    catalog.add(message.id, message.string, context=message.context)
    return catalog


def used() -> dict[Key, str]:
    """Every message in Python and templates: (context, msgid) -> where."""
    found: dict[Key, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            _python(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)), found)
    os.environ.setdefault("HUHANG_HOME", tempfile.mkdtemp())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huhang.config.settings")
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings._setup()
    for path in sorted(PACKAGE.rglob("templates/**/*.*")):
        if path.suffix in (".html", ".txt"):
            _template(
                templatize(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)), found
            )
    return found


def _python(source: str, where: str, found: dict[Key, str]) -> None:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in CALLS or not node.args:
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if CALLS[name] == 1 and len(texts) >= 2:
            found[(str(texts[0]), str(texts[1]))] = f"{where}:{node.lineno}"
        elif texts and isinstance(texts[0], str):
            found[(None, texts[0])] = f"{where}:{node.lineno}"


_string = r"""u?(?P<q>['"]{1,3})(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)"""
_gettext = re.compile(rf"\b(?:_|gettext)\({_string}", re.DOTALL)
_ngettext = re.compile(rf"\bngettext\({_string}", re.DOTALL)
_pgettext = re.compile(
    r"""\bpgettext\(u?(['"])(?P<context>(?:\\.|(?!\1).)*)\1,\s*""" + _string, re.DOTALL
)


def _template(code: str, where: str, found: dict[Key, str]) -> None:
    for pattern in (_gettext, _ngettext, _pgettext):
        for match in pattern.finditer(code):
            text = ast.literal_eval(match["q"] + match["text"] + match["q"])
            context = match.groupdict().get("context")
            found[(context, text)] = where


def missing(catalog: Catalog) -> list[str]:
    """Messages without Chinese words."""
    out = []
    for (context, text), where in used().items():
        message = catalog.get(text, context)
        strings = message.string if message else ""
        if not (all(strings) if isinstance(strings, tuple) else strings):
            out.append(f"{where}: {text!r}" + (f" ({context})" if context else ""))
    return out


def unused(catalog: Catalog) -> list[str]:
    """Words for messages that no code says any more."""
    known = set(used()) | OF_DJANGO
    ids = [(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in catalog if m.id]
    return [f"nobody says {text!r}" for context, text in ids if (context, text) not in known]


def compile_catalog(catalog: Catalog) -> None:
    """Write django.mo, which is not kept in git."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (TARGET / "django.mo").open("wb") as out:
        write_mo(out, catalog)


def main() -> int:
    """``compile`` or ``check``."""
    verb = sys.argv[1] if len(sys.argv) > 1 else "check"
    catalog = merged()
    if verb == "compile":
        compile_catalog(catalog)
        return 0
    lacking, idle = missing(catalog), unused(catalog)
    for line in [*lacking, *idle]:
        print(line)
    print(f"{len(lacking)} messages without Chinese words, {len(idle)} words that nobody says")
    return 1 if lacking or idle else 0


if __name__ == "__main__":
    sys.exit(main())
