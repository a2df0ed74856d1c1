"""What an argument of a command can be, and a parser that refuses in one line."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NoReturn

from django.utils.translation import gettext

from huhang.cli.output import Stop, put


class Parser(argparse.ArgumentParser):
    """Parses a command line; what is wrong with it comes as ``Stop``."""

    def error(self, message: str) -> NoReturn:
        raise Stop(f"{message} ({self.prog} --help)")

    def _print_message(self, message: str, file: Any = None) -> None:
        put(message)  # help and version; argparse would not say that they could not be written


def port(text: str) -> int:
    """A port to listen on."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            gettext("“%(given)s” is no port from 1 to 65535") % {"given": text}
        )
    return int(text)


def day(text: str) -> date:
    """A day as 2026-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            gettext("“%(given)s” is no date such as 2026-01-31") % {"given": text}
        ) from None


def some(text: str) -> str:
    """A text that is not empty."""
    if not text.strip():
        raise argparse.ArgumentTypeError(gettext("it is empty"))
    return text


def check_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text: no name, file or word is kept or shown with them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode("utf-8", "replace")
            raise Stop(
                gettext("The argument “%(given)s” holds bytes that are no UTF-8.")
                % {"given": shown}
            ) from None


def days(text: str) -> int:
    """A number of days."""
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise argparse.ArgumentTypeError(
            gettext("“%(given)s” is no number of days") % {"given": text}
        )
    return int(text)


def year(text: str) -> int:
    """A year as 2026."""
    if not text.isascii() or not text.isdigit() or len(text) != 4:
        raise argparse.ArgumentTypeError(
            gettext("“%(given)s” is no year such as 2026") % {"given": text}
        )
    return int(text)
