"""Write the generated files of docs/, or with --check say which are stale."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["HUHANG_HOME"] = tempfile.mkdtemp()
os.environ["DJANGO_SETTINGS_MODULE"] = "huhang.config.settings"
os.environ["LC_ALL"] = "C.UTF-8"


def settings_reference() -> str:
    from huhang.config.settings_env import reference

    return reference()


def diagram() -> str:
    """The transition table as a Mermaid state diagram and as a table."""
    from django.utils.translation import override

    from huhang.cases import flow
    from huhang.rulebook import FLOWS

    with override("en"):
        lines = [
            "# The loop",
            "",
            "Generated from `huhang.cases.flow.TABLE`: do not edit.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> received",
        ]
        moves: dict[tuple[str, str], list[str]] = {}
        for t in flow.TABLE:
            if t.target is not None and t.target != t.source:
                only = "" if t.flows == FLOWS else f" ({', '.join(t.flows)})"
                moves.setdefault((t.source, t.target), []).append(t.verb + only)
        lines += [f"    {a} --> {b}: {', '.join(v)}" for (a, b), v in moves.items()]
        lines += ["    closed --> [*]", "```", "", "## Every row", ""]
        lines += ["| flow | state | verb | to | who may | when | clock | tells |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        for t in flow.TABLE:
            lines.append(
                f"| {'all' if t.flows == FLOWS else ', '.join(t.flows)} | {flow.STATES[t.source]} | `{t.verb}` | {t.target or 'stays'} | "
                f"{', '.join(sorted(t.who))} | {t.when} | {t.clock} | {', '.join(sorted(t.tells))} |"
            )
    return "\n".join(lines) + "\n"


def rulebook_page() -> str:
    """The clocks of the shipped rulebook with their sources."""
    from huhang.rulebook import Limit, load

    def span(limit: Limit) -> str:
        return f"{limit.count} {limit.unit.replace('_', ' ')}"

    book = load("cn-chiping")
    lines = [
        f"# Rulebook {book.id}, version {book.version}",
        "",
        "Generated from `src/huhang/rulebook/books`: do not edit.",
        "",
        "| nature | flow | clock | limit | extension | source | grade | confirmed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for nature, c in [(n, c) for n in book.natures.values() for c in n.clocks]:
        more = (
            f"{c.extension.times} × up to {span(c.extension.most)}, by {c.extension.by}"
            if c.extension
            else "none"
        )
        lines.append(
            f"| {nature.words.zh} ({nature.words.en}) | `{nature.flow}` | `{c.id}` | {span(c.limit)} from the day it is {c.starts}{' (real-name reports)' if c.only else ''}, until {', '.join(c.stops)} | "
            f"{more} | {c.rule}: {c.source} | {c.grade} | "
            f"{'yes' if c.confirmed else '**no**'} |"
        )
    lines += ["", "## How long words are kept", "", "| nature | years | from the day it is | source | confirmed |",
              "|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {n.words.zh} ({n.words.en}) | {n.retention.years} | {n.retention.since} | "
        f"{n.retention.source.en}{f' ({n.retention.grade})' if n.retention.grade else ''} | "
        f"{'yes' if n.retention.confirmed else '**no**'} |"
        for n in book.natures.values()
    ]
    terms = (book.sent_up, book.transfer_receipt, book.wrong_unit and book.wrong_unit.term)
    lines += ["", "## Passed on", "", "| what | limit | source | grade | confirmed |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {t.words.zh} ({t.words.en}) | {span(t.limit)} | {t.rule}: {t.source} | {t.grade} | "
        f"{'yes' if t.confirmed else '**no**'} |"
        for t in terms
        if t
    ]
    if hints := book.discipline_words:
        lines += [
            "",
            f"Words that suggest a matter of discipline ({hints.source}): {'、'.join(hints.words)}.",
        ]
    lines += ["", "## Hand-overs", "", "| kind of import | channel | cases |", "|---|---|---|"]
    lines += [
        f"| `{key}`: {h.words.zh} ({h.words.en}) | {book.channels[h.channel].zh} | {book.kinds[h.kind].en} |"
        for key, h in book.hand_overs.items()
    ]
    lines += ["", "## Figures", "", "| id | counts | of |", "|---|---|---|"]
    lines += [
        f"| `{f.id}{'.' + f.by if f.by else ''}` | {f.definition.en} | {f.population.en} |"
        for f in book.figures
    ]
    lines += [
        "",
        "Not yet: " + "; ".join(f"`{k}` ({v.en})" for k, v in book.figures_not_yet.items()),
    ]
    lines += ["", "## Returns", "", "| table | to | every | rows | figures | source | confirmed |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| `{r.id}` {r.words.zh} ({r.words.en}) | {r.to.en} | {r.every} | "
        f"{f'{r.by}, level {r.level}' if r.level else r.by or 'one'} | "
        f"{', '.join(f'`{f}`' for f in r.figures)} | {r.source.en} | {'yes' if r.confirmed else '**no**'} |"
        for r in book.returns.values()
    ]
    lines += [
        "",
        "## Fairness",
        "",
        "| rule | holds | source | grade | confirmed |",
        "|---|---|---|---|---|",
    ]
    for f in book.fairness.values():
        held = [
            f"{key}: {', '.join(w.en for w in words.values())}" for key, words in f.lists.items()
        ]
        if f.base_form:
            held.append(f"every form needs {f.base_form}; public: {', '.join(f.public_forms)}")
        if f.check_days:
            days = ", ".join(map(str, f.check_days))
            held.append(f"asked again {days} days after it was {f.check_from}")
        lines.append(
            f"| `{f.id}` {f.words.zh} ({f.words.en}) | {'; '.join(held)} | {f.rule}: {f.source} | "
            f"{f.grade} | {'yes' if f.confirmed else '**no**'} |"
        )
    return "\n".join(lines) + "\n"


def figures_page() -> str:
    """docs/figures.md with its tables made anew: figures with their queries, columns of a fact."""
    from huhang.insight.facts import columns
    from huhang.rulebook import load
    from huhang.rulebook.book import FIGURE_PERIODS

    def code(text: str) -> str:
        return "`" + text.replace("|", "\\|") + "`" if text else ""

    figures = ["| id | value | period | where |", "|---|---|---|---|"]
    for f in load("cn-chiping").figures:
        value = f.value + (f" of {code(f.of)}" if f.of else "") + (f", by {f.by}" if f.by else "")
        figures.append(f"| `{f.id}` | {value} | {f.period} | {code(f.where)} |")
    periods = ["| period | the day that lies in it |", "|---|---|"]
    periods += [f"| {name} | `{day}` |" for name, day in FIGURE_PERIODS.items()]
    facts = ["| column | type |", "|---|---|"]
    facts += [
        f"| `{name}` | {kind} |" for name, kind in {**columns.CASE, **columns.DERIVED}.items()
    ]
    return _filled("docs/figures.md", {"figures": figures, "periods": periods, "columns": facts})


def papers_page() -> str:
    """docs/papers.md with its tables made anew: papers, names of templates, faces."""
    from huhang.papers import names, pdf
    from huhang.rulebook import load

    book = load("cn-chiping")
    conditions = {
        "always": "always", "accepted": "once accepted", "urged": "once urged",
        "adverse": "finding substantiated, wholly or partly", "transferred": "transferred out",
        "fed_back": "once fed back", "found_or_governed": "once there is a finding",
        "cleared": "once a name was cleared",
    }  # fmt: skip
    papers = ["| paper | file | offered | number | red head |", "|---|---|---|---|---|"]
    for rule in book.papers.values():
        number = f"that of `{rule.number_of}`"
        if rule.series:
            later = "" if rule.number_when == rule.when else f" ({conditions[rule.number_when]})"
            number = book.series[rule.series].pattern + later
        papers.append(
            f"| {rule.words.zh} ({rule.words.en}) | `{rule.id}` | {conditions[rule.when]} | {number} | "
            f"{'yes' if rule.red_head else 'no'} |"
        )
    faces = ["| named | stand-ins, first wins |", "|---|---|"]
    faces += [f"| {face} | {', '.join(others)} |" for face, others in pdf.FACES.items()]
    return _filled("docs/papers.md", {"papers": papers, "names": names.tables(), "faces": faces})


def imports_page() -> str:
    """docs/imports.md with the example of a push that the page of a source shows."""
    shown = ROOT / "src/huhang/console/templates/console/push_example.txt"
    text = re.sub(
        r"{% if speaks.zh %}(.*?){% else %}.*?{% endif %}", r"\1", shown.read_text(encoding="utf-8")
    )
    lines = text.splitlines()
    return _filled("docs/imports.md", {"push": ["```python", *lines, "```"]})


def _filled(name: str, parts: dict[str, list[str]]) -> str:
    """A page with the lines between its marks made anew."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for part, lines in parts.items():
        before, mark, rest = text.partition(f"<!-- generated: {part} -->\n")
        after = rest[rest.index("<!-- end -->") :]
        text = before + mark + "\n".join(lines) + "\n" + after
    return text


def openapi() -> str:
    """The API as OpenAPI, in English and for the shipped rulebook."""
    import json

    from django.utils.translation import override

    from huhang.api.urls import api

    with override("en"):
        schema = api.get_openapi_schema()
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


GENERATED: list[tuple[str, Callable[[], str]]] = [
    ("docs/settings.md", settings_reference),
    ("docs/loop.md", diagram),
    ("docs/rulebook.md", rulebook_page),
    ("docs/papers.md", papers_page),
    ("docs/figures.md", figures_page),
    ("docs/imports.md", imports_page),
    ("docs/openapi.json", openapi),
]


def main() -> int:
    import django

    django.setup()
    stale = []
    for name, make in GENERATED:
        path = ROOT / name
        text = make()
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print("Stale, run `make generate`: " + ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
