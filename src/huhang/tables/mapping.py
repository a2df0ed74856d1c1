"""A small YAML mapping that names a file's columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from huhang.tables.faults import UnusableFile, fault_words
from huhang.tables.headings import Vocabulary

MAX_SOURCE = 60
KINDS: dict[str, type] = {
    "source": str, "sheet": str, "header_row": int, "columns": dict, "left": list,
    "date_formats": list, "vintage": date,
}  # fmt: skip


@dataclass(frozen=True)
class Mapping:
    """What a mapping says of a file of this vocabulary. ``columns``: field -> heading.

    ``left``: headings that give no field, whatever they are usually called. ``vintage``: the day at
    which the content held (of a register or a tree of units). ``saved``: it is that of a source, and
    a column that is missing from one of its files is remarked on, not a fault.
    """

    vocabulary: Vocabulary
    source: str = ""
    sheet: str = ""
    header_row: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    vintage: date | None = None
    saved: bool = False

    def as_yaml(self) -> str:
        """The mapping as ``parse_mapping`` reads it, without its source; empty where it says nothing."""
        said = {
            "sheet": self.sheet, "header_row": self.header_row, "columns": dict(self.columns),
            "left": list(self.left), "date_formats": list(self.date_formats),
            "vintage": self.vintage,
        }  # fmt: skip
        said = {key: value for key, value in said.items() if value}
        return yaml.safe_dump(said, allow_unicode=True, sort_keys=False) if said else ""


def read_mapping(path: Path, vocabulary: Vocabulary) -> Mapping:
    """A mapping from a YAML file. Raises ``UnusableFile``."""
    try:
        return parse_mapping(path.read_bytes(), path.name, vocabulary)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None


def parse_mapping(content: bytes, name: str, vocabulary: Vocabulary) -> Mapping:
    """A mapping from YAML. Raises ``UnusableFile`` naming the key and what is allowed."""
    data = _loaded(content, name)
    for key, value in data.items():
        if key not in KINDS:
            raise _wrong(name, _("there is no key “%(key)s”; allowed: %(keys)s"),
                         key=key, keys=", ".join(KINDS))  # fmt: skip
        if not isinstance(value, KINDS[key]) or isinstance(value, bool):
            raise _wrong(name, _("“%(key)s” is of the wrong kind"), key=key)
        if isinstance(value, str) and not _is_text(value):
            raise _wrong(name, _("“%(key)s” holds characters that are no text"), key=key)
    source = data.get("source", "").strip()
    if len(source) > MAX_SOURCE:
        raise _wrong(name, _("source: at most %(limit)d characters"), limit=MAX_SOURCE)
    if data.get("header_row", 1) < 1:
        raise _wrong(name, _("header_row: the first row is 1"))
    return Mapping(
        vocabulary,
        source=source,
        sheet=data.get("sheet", ""),
        header_row=data.get("header_row", 0),
        columns=_columns(data.get("columns", {}), name, vocabulary.fields),
        left=_left(data.get("left", []), name),
        date_formats=_formats(data.get("date_formats", []), name),
        vintage=data.get("vintage"),
    )


def _loaded(content: bytes, name: str) -> dict[Any, Any]:
    try:
        data = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise UnusableFile(
            _("%(file)s is no YAML: %(error)s") % {"file": name, "error": fault_words(error)}
        ) from None
    if not isinstance(data, dict):
        raise _wrong(name, _("keys are needed: %(keys)s"), keys=", ".join(KINDS))
    return data


def _columns(columns: dict[Any, Any], name: str, fields: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in columns.items():
        if key not in fields:
            raise _wrong(name, _("columns: there is no field “%(key)s”; allowed: %(keys)s"),
                         key=key, keys=", ".join(fields))  # fmt: skip
        if isinstance(value, bool | dict | list) or not str(value or "").strip():
            raise _wrong(name, _("columns: “%(key)s” needs a heading"), key=key)
        heading = str(value).strip()
        if not _is_text(heading):
            raise _wrong(name, _("“%(key)s” holds characters that are no text"), key=key)
        if heading in found.values():
            raise _wrong(name, _("columns: “%(heading)s” is named twice"), heading=heading)
        found[key] = heading
    return found


def _left(headings: list[Any], name: str) -> tuple[str, ...]:
    for heading in headings:
        if not isinstance(heading, str) or not heading.strip() or not _is_text(heading):
            raise _wrong(name, _("left: a list of headings is needed"))
    return tuple(heading.strip() for heading in headings)


def _formats(forms: list[Any], name: str) -> tuple[str, ...]:
    for form in forms:
        if not isinstance(form, str) or not is_date_format(form):
            raise _wrong(
                name, _("date_formats: “%(form)s” is no format of a date such as %%d/%%m/%%Y"),
                form=str(form)[:40] if isinstance(form, str | int | float) else "…",
            )  # fmt: skip
    return tuple(forms)


def is_date_format(form: str) -> bool:
    """Whether a format tells a day: what it writes of one, it reads as the same."""
    if not _is_text(form):
        return False
    probe = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
    try:
        return datetime.strptime(probe.strftime(form), form).date() == probe.date()  # noqa: DTZ007
    except (ValueError, re.error):  # re.error: something is there twice
        return False


def _is_text(value: str) -> bool:
    """Whether it can be kept and shown: no half of a character (as YAML can name one), no NUL."""
    return not re.search("[\0\ud800-\udfff]", value)


def _wrong(file: str, what: str, **values: Any) -> UnusableFile:
    return UnusableFile(f"{file[:100]}: {what % {k: _short(v) for k, v in values.items()}}")


def _short(value: Any) -> Any:
    if isinstance(value, int):
        return value
    return str(value)[:200].encode("utf-8", "replace").decode("utf-8")
