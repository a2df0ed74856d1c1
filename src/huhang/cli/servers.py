"""Starting and stopping: init, up, run, worker, migrate."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from huhang.cli import demo_witnesses, keep, ready
from huhang.cli.listening import base_of, must_be_free
from huhang.cli.output import Stop, complain, say
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.overwrite import overwrite_deleted
from huhang.kernel.write import Write, write
from huhang.parties import accounts, actions
from huhang.parties.models import Group, User
from huhang.rulebook import current

_DIE_WITH_PARENT = 1


def invitation_url(token: str) -> str:
    """Where an invited person sets a password."""
    return f"{settings.HUHANG_BASE_URL}/console/invitation/{token}/"


def init(args: argparse.Namespace) -> int:
    """Tables, the intake office, the first administrator and an invitation."""
    with ready.alone():
        return _init(args)


def _init(args: argparse.Namespace) -> int:
    ready.migrate()
    if User.objects.exists():
        say(_("The data folder %(home)s is ready.") % {"home": settings.HUHANG_HOME})
        return 0

    office, first = current().office, current().languages[0]

    def action(w: Write) -> str:
        if not Group.objects.filter(code="office").exists():
            actions.add_group(
                w, code="office", name=office.in_(first), name_en=office.en, kind="office"
            )
            w.flush()
        actions.add_user(
            w,
            username="admin",
            name=args.name or ("管理员" if first.startswith("zh") else "Administrator"),
            role="administrator",
            group="office",
        )
        w.flush()
        actions.add_membership(w, "admin", role="intake", group="office")
        return accounts.invite(w, "admin")

    token = write(action, actor=OPERATOR)
    until = clock.local_day(clock.now() + timedelta(days=accounts.INVITATION_DAYS))
    say(
        _("The data folder %(home)s is ready.") % {"home": settings.HUHANG_HOME},
        _("Sign-in name of the first administrator: %(name)s") % {"name": "admin"},
        _("Set a password here before %(day)s, once: %(url)s")
        % {"day": until.isoformat(), "url": invitation_url(token)},
    )
    return 0


def migrate(args: argparse.Namespace) -> int:
    """Back up, then bring the database to this version."""
    if ready.is_empty():
        raise Stop(_("The data folder %(home)s is empty: run “huhang init” first.")
                   % {"home": settings.HUHANG_HOME})  # fmt: skip
    with ready.alone():
        if not ready.waiting_migrations():
            say(_("The database is of this version."))
            return 0
        say(_("Backed up to %(file)s.") % {"file": keep.save_before_migrating()})
        ready.migrate()
    say(_("The database is of this version now."))
    return 0


def run(args: argparse.Namespace) -> int:
    """`make run`: an empty folder gets the demo district; then web and worker."""
    from huhang.config import demo

    with ready.alone():
        empty = ready.is_empty()
        if not empty and ready.waiting_migrations():
            say(_("Backed up to %(file)s.") % {"file": keep.save_before_migrating()})
        elif not empty:
            say(_("Keeping the data in %(home)s.") % {"home": settings.HUHANG_HOME})
        ready.migrate()
        if not User.objects.exists():
            say(_("Loading the demo (invented) …"))
            demo.load()
    lines = [
        _("Report:   %(url)s") % {"url": "{base}/r/"},
        _("Console:  %(url)s") % {"url": "{base}/console/"},
    ]
    signs = demo.sign_ins()
    if signs:
        # Whoever only tries it has no device at hand; with people of its own an office has.
        os.environ.setdefault("HUHANG_SECOND_FACTOR", "optional")
        lines.append(_("Demo sign-ins (password %(password)s):") % {"password": demo.PASSWORD})
        lines += [f"  {name:<12} {person}" for name, person in signs]
    lines.append(_("Ctrl-C stops all of it."))
    base = base_of(args.host, args.port)
    witnesses = demo_witnesses.prepare(base) if signs and not settings.HUHANG_LOG_POLICY else {}
    return _supervise(args.host, args.port, lines, witnesses)


def up(args: argparse.Namespace) -> int:
    """Web and worker over a prepared data folder."""
    ready.need()
    return _supervise(args.host, args.port, [_("Huhang runs at %(url)s") % {"url": "{base}"}])


def worker(args: argparse.Namespace) -> int:
    """The worker alone, until it is told to stop."""
    from huhang.config import worker as work

    ready.need()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    work.run(stop)
    return 0


def web_command(host: str, port: int) -> list[str]:
    """The web process: granian, one process (one writer), no access log."""
    return [
        sys.executable, "-m", "granian", "huhang.config.wsgi:application", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--workers", "1", "--http", "1", "--no-ws",
        "--blocking-threads", str(settings.HUHANG_THREADS), "--no-access-log",
        "--log-level", "error", "--workers-kill-timeout", "15",
    ]  # fmt: skip


def _die_with_parent() -> None:
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def _start(command: list[str], base: str) -> subprocess.Popen[bytes]:
    """``base`` stands on posters and invitations, unless the office set another address."""
    environment = {**os.environ, "HUHANG_HOME": str(settings.HUHANG_HOME)}
    if not environment.get("HUHANG_BASE_URL", "").strip():
        environment["HUHANG_BASE_URL"] = base
    return subprocess.Popen(command, env=environment, preexec_fn=_die_with_parent)


def _supervise(
    host: str, port: int, lines: list[str], beside: dict[str, list[str]] | None = None
) -> int:
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        raise Stop(_("Styles and scripts are not built yet: run “make setup” first."))
    base = base_of(host, port)
    must_be_free(host, port)
    commands = {
        "web": web_command(host, port),
        "worker": [sys.executable, "-m", "huhang.cli.main", "worker"],
        **(beside or {}),
    }
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    children = {name: _start(command, base) for name, command in commands.items()}
    failures = dict.fromkeys(commands, 0)
    told = False
    status = 0
    while not stopping.wait(0.2 if not told else 1.0):
        if not told and _answers(f"{base}/healthz", host):
            told = True
            say(*(line.replace("{base}", base) for line in lines))
        for name, child in list(children.items()):
            if child.poll() is None:
                continue
            failures[name] += 1
            complain(_("%(name)s stopped (%(code)d)") % {"name": name, "code": child.returncode})
            if failures[name] > 5 or not told:
                status = 1
                stopping.set()
                break
            time.sleep(0.5)
            children[name] = _start(commands[name], base)
    _stop(children)
    overwrite_deleted()  # the database is one file again, that can be copied
    if told and status == 0:
        say(_("Stopped. Everything acknowledged is kept."))
    return status


def _answers(url: str, host: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(children: dict[str, subprocess.Popen[Any]]) -> None:
    """Ask both to stop, wait, and kill what does not."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    for child in children.values():
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
