"""Templates that would bring something in or never end, and a LibreOffice that many ask at once."""

from __future__ import annotations

import io
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import docx
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils.translation import override

from huhang.papers import pdf, templates
from huhang.papers.errors import BrokenTemplate, NoPdf
from huhang.papers.names import sample
from tests.parts.test_papers import own, template, with_part

__all__ = ["own"]
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
PACK = "http://schemas.openxmlformats.org/package/2006/relationships"


def links(link: str, encoding: str = "utf-8", prefix: str = "") -> bytes:
    """A list of relationships with one link."""
    name = f"{prefix}:Relationships" if prefix else "Relationships"
    space = f"xmlns:{prefix}" if prefix else "xmlns"
    text = f'<?xml version="1.0" encoding="{encoding}"?><{name} {space}="{PACK}">{link}</{name}>'
    return text.encode(encoding)


def link(kind: str, target: str = "http://198.51.100.1/x", mode: str = "External") -> str:
    return f'<Relationship Id="rId99" Type="{KIND}{kind}" Target="{target}" TargetMode="{mode}"/>'


def with_links(data: bytes) -> bytes:
    return with_part(template("{{ title }}"), "word/_rels/header9.xml.rels", data)


def with_field(instruction: str, *, simple: bool = False) -> bytes:
    """A Word file with a field, spread over runs as Word does it, or in one element."""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    half = len(instruction) // 2
    runs = (
        f'<w:fldSimple w:instr="{instruction}"><w:r><w:t>x</w:t></w:r></w:fldSimple>'
        if simple
        else '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{instruction[:half]}</w:instrText></w:r>"
        f"<w:r><w:instrText>{instruction[half:]}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = f"<w:document {w}><w:body><w:p>{runs}</w:p></w:body></w:document>"
    return with_part(template("x"), "word/document.xml", body.encode())


OUTSIDE: dict[str, bytes] = {
    "a template whose address looks like a link to click": with_links(
        links(link("attachedTemplate", "http://198.51.100.1/hyperlink"))
    ),
    "a letter written as its number": with_links(links(link("image", mode="Externa&#108;"))),
    "another encoding": with_links(links(link("image"), "utf-16")),
    "a sign that ends an element": with_links(links(link("image", "http://198.51.100.1/>x"))),
    "another prefix": with_links(
        links(link("image").replace("<Relationship", "<q:Relationship"), prefix="q")
    ),
    "a text": with_field('INCLUDETEXT "/etc/hostname"'),
    "a picture": with_field("includepicture http://198.51.100.1/x.png", simple=True),
    "a program": with_field("DDEAUTO cmd"),
}


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with override("en"), pytest.raises(BrokenTemplate) as broken:
        templates.fill("urging", sample(filled=True))
    return str(broken.value)


@pytest.mark.parametrize("what", OUTSIDE)
def test_nothing_is_loaded_from_outside(what: str, own: Path) -> None:
    assert "outside" in refusal(own / "urging.docx", OUTSIDE[what])


def test_macros_are_known_by_their_type_whatever_they_are_called(own: Path) -> None:
    types = b'<Types><Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    made = with_part(template("x"), "[Content_Types].xml", types)
    assert "macros" in refusal(own / "urging.docx", made)


def test_a_link_to_click_and_a_page_number_are_no_danger(own: Path) -> None:
    path = own / "urging.docx"
    for content in (with_links(links(link("hyperlink"))), with_field(" PAGE "),
                    with_field(" HYPERLINK \\l here ", simple=True)):  # fmt: skip
        path.write_bytes(content)
        assert templates.fill("urging", sample(filled=True))[:2] == b"PK"


@pytest.mark.parametrize(
    "mark",
    ["{{ title.ljust(900000000) }}", "{{ title.zfill(900000000) }}", "{{ title.center(900000000) }}",
     "{{ '{:>900000000}'.format(1) }}", "{{ title.format_map(steps[0]) }}",
     "{{ title.expandtabs(900000000) }}", "{{ title.replace('', title) }}", "{{ title.join(title) }}",
     "{{ ['a']|slice(900000000)|list }}", "{{ steps|batch(900000000, 'x')|list }}",
     "{{ title|wordwrap(1, wrapstring=title) }}"],
)  # fmt: skip
def test_no_mark_makes_a_text_endless(mark: str, own: Path) -> None:
    began = time.monotonic()
    said = refusal(own / "urging.docx", template(mark))
    assert "not for texts" in said or "there is no filter" in said
    assert "0x" not in said, "words, not the innards of Python"
    assert time.monotonic() - began < 2


def test_what_a_template_may_do_with_texts(own: Path) -> None:
    (own / "urging.docx").write_bytes(
        template(
            "{{ due_on_iso[:4] }}年 {{ reference.lower() }} {{ title.strip().startswith('办') }}"
        )
    )
    made = docx.Document(io.BytesIO(templates.fill("urging", sample(filled=True))))
    words = made.paragraphs[-1].text
    assert words.startswith("2026年 7kq29-f4m2x True")


def test_what_cannot_be_seen_in_a_value_breaks_no_paper() -> None:
    typed = "甲\x07\x0c\x00\x1b\ufffe\ud800\u202e乙" + "{{ title }}{% if %}<w:p>]]>&amp;"
    values = {k: typed if isinstance(v, str) and k != "paper" else v
              for k, v in sample(filled=True).items()}  # fmt: skip
    made = docx.Document(io.BytesIO(templates.fill("urging", values)))
    assert "甲乙{{ title }}{% if %}<w:p>]]>&amp;" in "\n".join(p.text for p in made.paragraphs)


# LibreOffice ---------------------------------------------------------------------------------------


def office(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = folder / "soffice"
    fake.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setattr(pdf, "program", lambda: str(fake))


SLOW = """
for last; do :; done
sleep 1; cp "$last" "${last%docx}pdf"
"""


@override_settings(HUHANG_THREADS=9)
def test_papers_leave_most_threads_to_whoever_reports(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of twelve that ask at once three are served one after the other, and nine hear at once that
    it is too much: a web process with nine threads keeps six for everything else."""
    office(tmp_path, SLOW, monkeypatch)
    got: list[tuple[str, float]] = []

    def ask() -> None:
        began = time.monotonic()
        try:
            said = pdf.from_word(b"made").decode()
        except NoPdf:
            said = "refused"
        got.append((said, time.monotonic() - began))

    threads = [threading.Thread(target=ask) for _n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said for said, _took in got) == ["made"] * 3 + ["refused"] * 9
    assert max(took for said, took in got if said == "refused") < 1
    assert pdf.from_word(b"again") == b"again", "the line is free again"


def test_what_is_in_the_making_lies_in_the_data_folder_and_goes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    office(tmp_path, f'for last; do :; done\necho "$last" > {seen}\n' + SLOW, monkeypatch)
    pdf.from_word(b"made")
    place = Path(seen.read_text().strip()).parent
    assert place.parent == Path(settings.HUHANG_HOME)
    assert not place.exists()


def test_a_libreoffice_whose_server_was_killed_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    began: list[list[str]] = []
    real = subprocess.Popen

    def start(command: list[str], **more: Any) -> Any:
        began.append(command)
        return real(command, **more)

    office(tmp_path, SLOW, monkeypatch)
    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(pdf, "SECONDS", 2)
    pdf.from_word(b"made")
    command = next(c for c in began if c[0] == "timeout")
    orphan = real([*command[:3], "sleep", "600"])  # nobody waits for it but its own clock
    assert orphan.wait(timeout=15) != 0
