"""Two witnesses beside the demo, so that whoever tries it sees a log that is watched. They run on the same
machine and therefore prove nothing: real ones are run by other institutions."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from django.conf import settings

from huhang.cli.witness import server_command
from huhang.tlog.identity import identity
from huhang.witness import folder
from huhang.witness.folder import Witness

COUNT = 2
HOST = "127.0.0.1"


def prepare(base: str) -> dict[str, list[str]]:
    """The commands that start them, by name; the servers are told of a policy that wants both."""
    place = Path(settings.HUHANG_HOME) / "demo-witnesses"
    commands: dict[str, list[str]] = {}
    lines: list[str] = []
    for number in range(1, COUNT + 1):
        name, at = f"witness-{number}", place / str(number)
        logs = [key.key for key in identity(base).keys]
        if (at / "keys").exists():
            folder.tell(at, logs)  # which may have new keys, or another name
        else:
            folder.make(at, f"{name}.demo.invalid", logs)
        port = _free_port()
        commands[name] = server_command(at, HOST, port)
        members = []
        for key in Witness(at).keys:
            members.append(f"{name}/{key.kind}")
            lines.append(f"witness {members[-1]} {key.key} http://{HOST}:{port}\n")
        lines.append(f"group {name} any {' '.join(members)}\n")
    path = place / "policy"
    path.write_text(
        "".join(lines) + f"group all all {' '.join(commands)}\nquorum all\n", encoding="utf-8"
    )
    os.environ["HUHANG_LOG_POLICY"] = str(path.absolute())
    return commands


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
