"""The settings that the environment gives: one table, the source of docs/settings.md too."""

from __future__ import annotations

import ipaddress
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHOWN = 60
MAX_NAME = 63
MAX_ADDRESS = 300
_digits = re.compile(r"0*[0-9]{1,18}")
_host = re.compile(r"\w[\w.-]*|[0-9a-f.]*:[0-9a-f:.]*(%[\w.-]+)?", re.IGNORECASE)
_address = re.compile(r"[\w.+-]{1,64}@\w[\w.-]{0,180}", re.ASCII)
_allowed = re.compile(r"\*|\.?\w[\w.-]*|\[[0-9a-f:.]+\]", re.IGNORECASE)


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
        if not _digits.fullmatch(value) or not least <= int(value[-18:]) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value[-18:])

    return parse


def _folder(value: str) -> Path:
    try:
        path = Path(value).expanduser().absolute()
    except (RuntimeError, OSError):
        raise ValueError("a folder (its ~ names nobody, or the current folder is gone)") from None
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        is_folder = True  # it will be made
    except OSError as error:
        raise ValueError(f"a folder ({error.strerror})") from None
    if not is_folder:
        raise ValueError("a folder")
    return path


def _folder_or_none(value: str) -> Path | None:
    return _folder(value) if value else None


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _hosts(value: str) -> list[str]:
    names = _list(value)
    if not names or not all(_allowed.fullmatch(name) for name in names):
        raise ValueError("host names such as example.org or [::1], without ports, by commas")
    return names


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


PASSED_ON = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"}
)
"""Options of a database address that libpq gets as they are."""


def _database(value: str) -> dict[str, Any]:
    """What Django wants to know of a PostgreSQL database; nothing for SQLite."""
    if not value:
        return {}
    try:
        return _postgresql(value)
    except ValueError:
        raise ValueError(
            "empty for SQLite, or postgresql://user:password@host:port/name, with the options host, "
            + ", ".join(sorted(PASSED_ON))
        ) from None


def _postgresql(value: str) -> dict[str, Any]:
    url = urlsplit(value)
    query = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
    parts = {
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", unquote(url.hostname or "")),
        "PORT": str(url.port or ""),
    }
    all_of_it = "".join(parts.values()).encode()
    if not parts["HOST"].startswith("/"):
        parts["HOST"].encode("idna")
    if (
        not value.startswith(("postgresql://", "postgres://"))
        or not 0 < len(parts["NAME"]) <= MAX_NAME
        or b"\0" in all_of_it
        or query.keys() - PASSED_ON
    ):
        raise ValueError
    return {**parts, "OPTIONS": query}


def _base_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address that begins with http:// or https://")
    try:
        url = urlsplit(value)
        known = _host.fullmatch(url.hostname or "") and url.port != 0 and url.netloc[-1] != ":"
    except ValueError:
        known = False
    odd = not value.isprintable() or set(value) & set(" ?#@") or len(value) > MAX_ADDRESS
    if not known or odd:
        raise ValueError("an address such as https://huhang.example.org or http://10.0.0.5:8000")
    return value.rstrip("/")


def _mail_host(value: str) -> str:
    if value and not _host.fullmatch(value):
        raise ValueError("the name of a host, without a port")
    return value


def _mail_address(value: str) -> str:
    if value and not _address.fullmatch(value):
        raise ValueError("an address such as huhang@example.org")
    return value


def _issuer(value: str) -> str:
    if not value:
        return ""
    at = urlsplit(value)
    local = at.hostname in ("127.0.0.1", "localhost", "::1")
    if at.scheme not in ("https", "http") or not at.hostname or (at.scheme == "http" and not local):
        raise ValueError("an address that begins with https://")
    return value.rstrip("/")


@dataclass(frozen=True)
class Setting:
    """One variable: how it is read, its default as text, and what it is for."""

    name: str
    parse: Callable[[str], Any]
    default: str
    words: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("HUHANG_HOME", _folder, "var/huhang", "The data folder: database, files, keys."),
    Setting("HUHANG_DATABASE_URL", _database, "",
            "Empty: SQLite in the data folder. Otherwise postgresql://user:password@host:port/name; "
            "?sslmode=require and other options of libpq may follow.",
            secret=True),
    Setting("HUHANG_BASE_URL", _base_url, "http://127.0.0.1:8000",
            "The address under which the public reaches this server; it stands on posters."),
    Setting("HUHANG_ALLOWED_HOSTS", _hosts, "127.0.0.1,localhost,[::1]",
            "Host names that requests may name, separated by commas."),
    Setting("HUHANG_HTTPS", _flag, "0",
            "1: the server is reached by https alone (secure cookies, HSTS, redirect)."),
    Setting("HUHANG_TRUSTED_PROXIES", _networks, "",
            "Networks of proxies whose X-Forwarded-For is believed, separated by commas."),
    Setting("HUHANG_TIME_ZONE", _zone, "Asia/Shanghai", "The office's time zone."),
    Setting("HUHANG_LANGUAGE", _one_of("", "zh-hans", "en"), "",
            "The language of pages whose address names none."),
    Setting("HUHANG_SECOND_FACTOR", _one_of("required", "optional"), "required",
            "Whether everybody who signs in must set up a second factor. With optional each decides; "
            "whoever has one is asked for it."),
    Setting("HUHANG_OIDC_ISSUER", _issuer, "",
            "Empty: people sign in with passwords of this system. Otherwise the address of an OpenID "
            "Connect provider of the office, such as https://id.example.org/realms/office; people who "
            "were invited here can then sign in through it too."),
    Setting("HUHANG_OIDC_CLIENT_ID", _text, "", "The name under which the provider knows this system."),
    Setting("HUHANG_OIDC_CLIENT_SECRET", _text, "", "The secret shared with the provider; empty for a "
            "public client.", secret=True),
    Setting("HUHANG_OIDC_CLAIM", _text, "preferred_username",
            "Which claim of the provider is the sign-in name here, at the first sign-in."),
    Setting("HUHANG_OIDC_NAME", _text, "OpenID Connect", "What the button calls the provider."),
    Setting("HUHANG_OIDC_SECOND_FACTOR", _one_of("here", "provider"), "here",
            "Where the second factor is asked: here too, or at the provider alone."),
    Setting("HUHANG_RULEBOOK", _text, "cn-chiping", "Name of a shipped rulebook, or a path."),
    Setting("HUHANG_TICK_SECONDS", _number(1, 86_400), "60", "Seconds between two ticks."),
    Setting("HUHANG_LOG_POLICY", _text, "",
            "A file that names the witnesses of the public log with their addresses, and how many must "
            "cosign (c2sp.org/tlog-policy); empty: none."),
    Setting("HUHANG_LOG_MIRROR", _text, "",
            "Address or folder of a mirror of the public log: the worker compares with it before it signs "
            "for the first time; empty: none."),
    Setting("HUHANG_UPLOAD_MAX_MB", _number(1, 1024), "20", "Largest file of a report, in MB."),
    Setting("HUHANG_UPLOAD_MAX_FILES", _number(0, 100), "10", "Most files of one report."),
    Setting("HUHANG_INBOX", _folder_or_none, "",
            "Where the watched folders of sources lie, one for each; empty: inbox in the data folder."),
    Setting("HUHANG_PUSH_MAX_MB", _number(1, 200), "10", "Largest body that a source pushes, in MB."),
    Setting("HUHANG_LIMIT_PER_HOUR", _number(1, 1_000_000), "20",
            "Reports an hour from one address before a puzzle is asked."),
    Setting("HUHANG_API_PER_MINUTE", _number(1, 1_000_000), "600",
            "Requests a minute with one token of the API, or to Open311 from one address, before they must wait."),
    Setting("HUHANG_SMTP_HOST", _mail_host, "",
            "The mail server that takes mails to staff who asked for them (that there are new notices, "
            "nothing of them); empty: none are sent."),
    Setting("HUHANG_SMTP_PORT", _number(1, 65_535), "587", "Its port."),
    Setting("HUHANG_SMTP_SECURITY", _one_of("starttls", "tls", "none"), "starttls",
            "How the way there is kept from readers: starttls (port 587), tls (465), or none."),
    Setting("HUHANG_SMTP_USER", _text, "", "The name to sign in with there; empty: without."),
    Setting("HUHANG_SMTP_PASSWORD", _text, "", "The password to sign in with there.", secret=True),
    Setting("HUHANG_SMTP_FROM", _mail_address, "",
            "Whom mails come from; empty: huhang at the host of HUHANG_BASE_URL."),
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
        raw = environment.get(setting.name, "")
        if not raw.strip():
            raw = setting.default
        try:
            found[setting.name] = setting.parse(raw)
        except ValueError as error:
            raise BadSetting(f"{setting.name}{_shown(setting, raw)}: allowed is {error}") from None
    return found


def _shown(setting: Setting, raw: str) -> str:
    if setting.secret:
        return ""
    return f"={raw!r}" if len(raw) <= SHOWN else f"={raw[:SHOWN]!r}…"


def reference() -> str:
    """docs/settings.md."""
    lines = ["# Settings", "", "Each is a variable of the environment. Generated: do not edit."]
    lines += ["A variable that is empty or blank counts as not set: its default holds.", ""]
    lines += ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{s.name}` | `{s.default}` | {s.words} |" for s in SETTINGS]
    lines += ["", "`HUHANG_LANG` (zh or en) chooses the language of the command line.", ""]
    return "\n".join(lines)
