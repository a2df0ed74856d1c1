"""Running a witness: a program of its own, which needs no data folder."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from django.utils.translation import gettext as _

from huhang.cli.listening import base_of, must_be_free
from huhang.cli.open_log import read
from huhang.cli.output import Stop, os_line, say
from huhang.tlog import policy
from huhang.tlog.invalid import Invalid
from huhang.tlog.saying import in_words
from huhang.witness import folder
from huhang.witness.cosigning import MOST_BYTES
from huhang.witness.folder import Witness


def init(args: argparse.Namespace) -> int:
    """Make a witness: its folder, its keys, the logs that it cosigns."""
    if not re.match(r"(https?://[^/]|$)", args.url):
        raise Stop(_("An address begins with http:// or https://"))
    try:
        logs = policy.parse(read(args.logs)).logs
        made = folder.make(Path(args.folder), args.name, logs)
    except Invalid as error:
        raise Stop(in_words(error)) from None
    except FileExistsError:
        raise Stop(_("%(folder)s holds a witness already.") % {"folder": args.folder}) from None
    say(
        _("The witness %(name)s is ready. What others put into their policies:")
        % {"name": args.name}
    )
    _lines(made, args.url)
    say(_("Start it with: %(command)s") % {"command": f"huhang witness serve {args.folder}"})
    return 0


def show(args: argparse.Namespace) -> int:
    """Its keys, and what it cosigned last."""
    made = _open(args.folder)
    _lines(made, args.url)
    for origin in dict.fromkeys(key.name for key in made.logs):
        with made.last(origin) as last:
            say(f"# {origin} {last.size}")
    return 0


def serve(args: argparse.Namespace) -> int:
    """Answer at an address until it is stopped."""
    _open(args.folder)
    must_be_free(args.host, args.port)
    command = server_command(Path(args.folder), args.host, args.port)
    say(_("The witness listens on %(url)s") % {"url": base_of(args.host, args.port)})
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606 - the server takes the place of this process


def server_command(place: Path, host: str, port: int) -> list[str]:
    """The process that answers for the witness in this folder. It takes whole requests in before a thread
    works on one, so that slow clients keep nobody waiting."""
    at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        "env", f"WITNESS_FOLDER={place.absolute()}", sys.executable, "-m", "waitress", f"--listen={at}",
        f"--max-request-body-size={MOST_BYTES}", "--channel-timeout=30", "--connection-limit=500", "--ident=",
        "huhang.witness.app:application",
    ]  # fmt: skip


def _open(place: str) -> Witness:
    try:
        return Witness(Path(place))
    except Invalid as error:
        raise Stop(in_words(error)) from None
    except OSError as error:
        raise Stop(os_line(error)) from None


def _lines(made: Witness, url: str) -> None:
    """The lines of a policy that name this witness: either of its keys does."""
    for key in made.keys:
        say(f"witness {key.name}/{key.kind:02x} {key.key} {url}".rstrip())
