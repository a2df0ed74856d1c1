"""The settings that the environment gives: one table, the source of docs/settings.md too."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(Exception):
    """A variable of the environment that cannot be used: one line, naming it and what is allowed."""


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    found = {"1": True, "true": True, "yes": True, "on": True,
             "0": False, "false": False, "no": False, "off": False, "": False}  # fmt: skip
    if value.lower() not in found:
        raise ValueError("1 or 0")
    return found[value.lower()]


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return parse


def _folder(value: str) -> Path:
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("a folder")
    return path


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _networks(value: str) -> list[Any]:
    try:
        return [ipaddress.ip_network(part) for part in _list(value)]
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8, separated by commas") from None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Asia/Shanghai") from None
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(allowed))
        return value

    return parse


def _database(value: str) -> str:
    if value and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("empty for SQLite, or postgresql://user:password@host:port/name")
    return value


def _base_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address that begins with http:// or https://")
    return value.rstrip("/")


@dataclass(frozen=True)
class Setting:
    """One variable: how it is read, its default as text, and what it is for."""

    name: str
    parse: Callable[[str], Any]
    default: str
    words: str


SETTINGS: tuple[Setting, ...] = (
    Setting("HUHANG_HOME", _folder, "var/huhang", "The data folder: database, files, keys."),
    Setting("HUHANG_DATABASE_URL", _database, "",
            "Empty: SQLite in the data folder. Otherwise postgresql://…"),
    Setting("HUHANG_BASE_URL", _base_url, "http://127.0.0.1:8000",
            "The address under which the public reaches this server; it stands on posters."),
    Setting("HUHANG_ALLOWED_HOSTS", _list, "127.0.0.1,localhost,[::1]",
            "Host names that requests may name, separated by commas."),
    Setting("HUHANG_HTTPS", _flag, "0",
            "1: the server is reached by https alone (secure cookies, HSTS, redirect)."),
    Setting("HUHANG_TRUSTED_PROXIES", _networks, "",
            "Networks of proxies whose X-Forwarded-For is believed, separated by commas."),
    Setting("HUHANG_TIME_ZONE", _zone, "Asia/Shanghai", "The office's time zone."),
    Setting("HUHANG_LANGUAGE", _one_of("zh-hans", "en"), "zh-hans",
            "The language of pages whose address names none."),
    Setting("HUHANG_RULEBOOK", _text, "cn-chiping", "Name of a shipped rulebook, or a path."),
    Setting("HUHANG_TICK_SECONDS", _number(1, 86_400), "60", "Seconds between two ticks."),
    Setting("HUHANG_UPLOAD_MAX_MB", _number(1, 1024), "20", "Largest file of a report, in MB."),
    Setting("HUHANG_UPLOAD_MAX_FILES", _number(0, 100), "10", "Most files of one report."),
    Setting("HUHANG_LIMIT_PER_HOUR", _number(1, 1_000_000), "20",
            "Reports an hour from one address before a puzzle is asked."),
    Setting("HUHANG_MIN_FREE_MB", _number(1, 1_000_000), "200",
            "Free disk space in MB below which intake refuses."),
    Setting("HUHANG_THREADS", _number(1, 256), "8", "Threads of the web process."),
    Setting("HUHANG_LOG_LEVEL", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO",
            "How much the servers say on standard error."),
)  # fmt: skip


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The settings by name. Raises ``BadSetting``."""
    known = {s.name for s in SETTINGS} | {"HUHANG_LANG"}
    for name in environment:
        if name.startswith("HUHANG_") and name not in known:
            raise BadSetting(f"{name}: there is no such setting")
    found: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = environment.get(setting.name, setting.default)
        try:
            found[setting.name] = setting.parse(raw)
        except ValueError as error:
            raise BadSetting(f"{setting.name}={raw!r}: allowed is {error}") from None
    return found


def reference() -> str:
    """docs/settings.md."""
    lines = ["# Settings", "", "Each is a variable of the environment. Generated: do not edit.", ""]
    lines += ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{s.name}` | `{s.default}` | {s.words} |" for s in SETTINGS]
    lines += ["", "`HUHANG_LANG` (zh or en) chooses the language of the command line.", ""]
    return "\n".join(lines)
