"""Word templates: where they lie, whether they can be used, and filling one with values.

An office's own file ``HUHANG_HOME/papers/<paper>.docx`` wins over the shipped one. It is opened with
care all the same: bounded in size, nothing loaded from elsewhere, its expressions in a sandbox.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from lxml import etree

from huhang.kernel import clock
from huhang.kernel.plain import plain_text
from huhang.papers.errors import BrokenTemplate
from huhang.papers.names import NAMES, sample
from huhang.rulebook import current

SHIPPED = Path(__file__).parent / "shipped"
MAX_FILE = 5 * 1024 * 1024
MAX_UNPACKED = 40 * 1024 * 1024
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT = "word/document.xml"
_filled = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
_loading = re.compile(
    r"\s*(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|DATABASE|RD)\b", re.IGNORECASE
)
"""Fields of Word that bring something in from elsewhere."""
_harmless = re.compile(r"(capitalize|endswith|find|is[a-z]+|lower|l?strip|rstrip|split|startswith|"
                       r"swapcase|title|upper)")  # fmt: skip
"""Methods of a text that give nothing much longer than it."""
_tag = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")


class Sandbox(ImmutableSandboxedEnvironment):
    """Expressions of a template: no attributes that lead elsewhere, no multiplied texts."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers alone may be multiplied: a text times a million is no paper."""
        if isinstance(left, int) and isinstance(right, int) and operator != "**":
            return super().call_binop(context, operator, left, right)
        raise SecurityError(_("“%(operator)s” is not for texts") % {"operator": operator})

    def is_safe_callable(self, obj: Any) -> bool:
        """Of the methods of a text those that cannot make it long."""
        name = str(getattr(obj, "__name__", ""))
        if isinstance(getattr(obj, "__self__", None), str) and not _harmless.fullmatch(name):
            raise SecurityError(_("“%(operator)s” is not for texts") % {"operator": name})
        return super().is_safe_callable(obj)

    def wrap_str_format(self, value: Any) -> Any:
        """Nothing in place of ``format``, which pads a text to any width: it is refused above."""
        return None


def sandbox() -> Sandbox:
    """The environment that every template is filled in: escaped, strict, without globals."""
    made = Sandbox(autoescape=True, undefined=StrictUndefined)
    made.globals.clear()
    for name in ("batch", "center", "format", "indent", "pprint", "safe", "slice", "tojson", "urlize",
                 "wordwrap", "xmlattr"):  # fmt: skip
        made.filters.pop(name, None)
    return made


def folder() -> Path:
    """Where an office puts its own templates."""
    return Path(settings.HUHANG_HOME) / "papers"


def path_of(paper: str) -> Path:
    """The file that this paper is drawn from: the office's own, else the shipped one."""
    own = folder() / f"{paper}.docx"
    return own if own.exists() else SHIPPED / f"{paper}.docx"


def fill(paper: str, values: dict[str, Any]) -> bytes:
    """The paper as Word. Raises ``BrokenTemplate``."""
    path = path_of(paper)
    return _render(path, _read(path), values)


def names_in(paper: str) -> set[str]:
    """The names that the paper's template asks for; of one that cannot be read, all there are."""
    path = path_of(paper)
    environment = sandbox()
    found: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(_read(path))) as pack:
            for name in filter(_filled.fullmatch, pack.namelist()):
                text = "".join(
                    t.text or "" for t in _tree(path, name, pack.read(name)).iter(f"{W}t")
                )
                for asked in filter(None, map(_expression, _tag.findall(text))):
                    parsed = environment.parse("{{ " + asked + " }}")
                    found |= meta.find_undeclared_variables(parsed)
    except (BrokenTemplate, TemplateSyntaxError):
        return set(NAMES)
    return found & set(NAMES)


def _broken(path: Path, reason: Any, place: str = "") -> BrokenTemplate:
    if place:
        return BrokenTemplate(
            _("The template %(file)s cannot be used, at “%(place)s”: %(reason)s")
            % {"file": path, "place": place, "reason": reason}
        )
    return BrokenTemplate(
        _("The template %(file)s cannot be used: %(reason)s") % {"file": path, "reason": reason}
    )


def _read(path: Path) -> bytes:
    """The file's bytes, once it is known to be a Word file that is safe to open."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise _broken(
                path, _("it is larger than %(most)d MB") % {"most": MAX_FILE // 1024 // 1024}
            )
        content = path.read_bytes()
    except OSError as error:
        raise _broken(path, error.strerror or _("it cannot be read")) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            if DOCUMENT not in pack.namelist():
                raise _broken(path, _("it is no Word file (.docx)"))
            if sum(i.file_size for i in pack.infolist()) > MAX_UNPACKED:
                raise _broken(path, _("it is too large when unpacked"))
            for name in pack.namelist():
                if name.lower().endswith("vbaproject.bin"):
                    raise _broken(path, _("it holds macros"))
                if name == "[Content_Types].xml" and re.search(
                    rb"macroEnabled|vbaProject", pack.read(name)
                ):
                    raise _broken(path, _("it holds macros"))
                if name.lower().endswith(".rels") and _leads_outside(path, name, pack.read(name)):
                    raise _broken(path, _("it loads something from outside"))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise _broken(path, _("it is no Word file (.docx)")) from None
    return content


def _tree(path: Path, name: str, content: bytes) -> Any:
    """A part as XML: nothing but what stands in it, no entities, no network."""
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise _broken(path, _("%(part)s is no XML") % {"part": name}) from None


def _leads_outside(path: Path, name: str, content: bytes) -> bool:
    """Whether a list of relationships names anything outside that is more than a link to click."""
    return any(
        link.get("TargetMode", "").strip().lower() == "external"
        and link.get("Type", "").rpartition("/")[2] != "hyperlink"
        for link in _tree(path, name, content).iter("{*}Relationship")
    )


def _render(path: Path, content: bytes, values: dict[str, Any]) -> bytes:
    problems = list(_problems(path, content))
    if problems:
        raise problems[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            template = DocxTemplate(io.BytesIO(content))
            template.render(_in_paragraphs(values), sandbox(), autoescape=True)
            _stamp(template, values)
            made = io.BytesIO()
            template.save(made)
    except TemplateSyntaxError as error:
        raise _broken(path, error.message, _near(error)) from None
    except (TemplateError, SecurityError) as error:
        place = _near(error) or _asking(content, str(error.message))
        raise _broken(path, error.message or type(error).__name__, place) from None
    except etree.XMLSyntaxError:
        raise _broken(
            path,
            _("a mark stands where Word cannot hold its value: write {%p …%} alone in its paragraph, "
              "{%tr …%} alone in its row"),
        ) from None  # fmt: skip
    except Exception as error:
        raise _broken(path, f"{type(error).__name__}: {str(error)[:200]}") from None
    return made.getvalue()


def _stamp(template: DocxTemplate, values: dict[str, Any]) -> None:
    """Properties of the file: what it is and when it was made, nobody's name."""
    properties: Any = template.docx.core_properties  # type: ignore[union-attr]
    properties.author = properties.last_modified_by = ""
    properties.title = str(values["paper"])
    properties.created = properties.modified = clock.now().replace(tzinfo=None)


def _in_paragraphs(value: Any) -> Any:
    """Each line of a text becomes a paragraph of its own, in the look of the one it stands in."""
    if isinstance(value, dict):
        return {k: _in_paragraphs(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_in_paragraphs(v) for v in value]
    if isinstance(value, str):
        lines = [line.strip() for line in plain_text(value).split("\n")]
        return "\a".join(line for line in lines if line)
    return value


def _near(error: Exception) -> str:
    """The text of the template around an error."""
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    marked = [line for line in lines if "{{" in line or "{%" in line]
    return (marked[-1] if marked else "".join(lines))[:80]


def _asking(content: bytes, message: str) -> str:
    """The mark that asks for the name that an error quotes last."""
    names = re.findall(r"'(\w+)'", message)
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        text = "".join(
            t.text or "" for t in etree.fromstring(pack.read(DOCUMENT)).iter(f"{W}t")
        )  # fmt: skip
    marks = [m for m in _tag.findall(text) if names and re.search(rf"\b{names[-1]}\b", m)]
    return marks[0][:80] if marks else ""


# Looking at a template before it is filled -----------------------------------------------------


def _problems(path: Path, content: bytes) -> Iterator[BrokenTemplate]:
    """Marks that cannot be read, and names that nobody knows, each with its paragraph."""
    environment = sandbox()
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        for name in pack.namelist():
            if not _filled.fullmatch(name):
                continue
            try:
                root = _tree(path, name, pack.read(name))
            except BrokenTemplate as error:
                yield error
                return
            for field in _fields(root):
                if _loading.match(field):
                    yield _broken(path, _("it loads something from outside"), field.strip()[:80])
            yield from _marks(path, environment, root)


def _fields(root: Any) -> Iterator[str]:
    """What Word's fields say: those in one element, and those spread over runs."""
    for simple in root.iter(f"{W}fldSimple"):
        yield simple.get(f"{W}instr", "")
    said: list[str] = []
    for part in root.iter(f"{W}fldChar", f"{W}instrText"):
        if part.tag == f"{W}instrText":
            said.append(part.text or "")
        elif said:
            yield "".join(said)
            said = []


def _marks(path: Path, environment: Sandbox, root: Any) -> Iterator[BrokenTemplate]:
    for paragraph in root.iter(f"{W}p"):
        text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
        rest = _tag.sub("", text)
        if "{{" in rest or "{%" in rest or "}}" in rest or "%}" in rest:
            yield _broken(path, _("a mark is opened or closed without the other"), text[:80])
            continue
        for mark in _tag.findall(text):
            inner = _expression(mark)
            if not inner:
                continue
            try:
                parsed = environment.parse("{{ " + inner + " }}")
            except TemplateSyntaxError as error:
                yield _broken(path, error.message, mark[:80])
                continue
            unknown = [
                get.name
                for get in parsed.find_all(nodes.Filter)
                if get.name not in environment.filters
            ]
            for name in unknown:
                yield _broken(path, _("there is no filter “%(name)s”") % {"name": name}, mark[:80])
            for name in [] if unknown else sorted(meta.find_undeclared_variables(parsed)):
                if name not in NAMES and name != "loop" and name not in _loop_names(root):
                    yield _broken(
                        path, _("there is no name “%(name)s”") % {"name": name}, mark[:80]
                    )


def _expression(mark: str) -> str:
    """What a mark asks for; nothing for one that asks for nothing."""
    inner = re.sub(r"^(p|tr|tc|r)\s+", "", mark[2:-2].strip(" -"))
    if mark.startswith("{{"):
        return inner
    found = re.match(r"(?:if|elif)\s+(.+)|for\s+[\w\s,]+?\s+in\s+(.+)|set\s+\w+\s*=\s*(.+)", inner)
    return next((g for g in found.groups() if g), "") if found and mark.startswith("{%") else ""


def _loop_names(root: Any) -> set[str]:
    """Names that the template gives itself."""
    text = "".join(t.text or "" for t in root.iter(f"{W}t"))
    found = re.findall(r"\{%\s*(?:p|tr|tc|r)?\s*(?:for|set)\s+([\w\s,]+?)(?:\s+in\b|\s*=)", text)
    return {name.strip() for names in found for name in names.split(",")}


@dataclass(frozen=True)
class Checked:
    """A template of the office: its file, and what is wrong with it (empty: nothing)."""

    path: Path
    problem: str


def check() -> list[Checked]:
    """Every file in the office's folder: whether it can be used."""
    found = []
    known = set(current().papers)
    if not folder().is_dir():
        return []
    for path in sorted(folder().iterdir()):
        problem = ""
        if path.name.startswith(("~$", ".")):
            continue
        if path.suffix != ".docx" or path.stem not in known:
            problem = str(
                _("No paper is called so; the papers are %(names)s")
                % {"names": ", ".join(f"{k}.docx" for k in sorted(known))}
            )
        else:
            for filled in (True, False):
                try:
                    _render(path, _read(path), sample(filled=filled))
                except BrokenTemplate as error:
                    problem = str(error)
                    break
        found.append(Checked(path, problem))
    return found
