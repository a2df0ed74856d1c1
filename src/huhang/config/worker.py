"""The worker: follows the log, ticks, freezes returns, looks into watched folders, imports, sweeps;
each day it lets late cases rise.

One step is safe to repeat.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import date

from django.conf import settings
from django.db import connection

from huhang.cases import accounting, calendars, escalating
from huhang.cases.models import Attachment
from huhang.config import mails, reactions
from huhang.insight.facts import store as facts
from huhang.intake import erasing, inbox, kept, staging, work
from huhang.kernel import clock, files, scratch
from huhang.kernel.actor import WORKER
from huhang.kernel.errors import HuhangError
from huhang.kernel.models import Cursor, Payload
from huhang.kernel.overwrite import overwrite_deleted
from huhang.kernel.write import Write, write
from huhang.tlog import publishing, showing

logger = logging.getLogger("huhang.worker")
HEARTBEAT = "worker heartbeat"
HEARTBEAT_SECONDS = 10
SWEEP_SECONDS = 3600
LOOK_SECONDS = 2
MAIL_SECONDS = 60
ORPHAN_SECONDS = 24 * 3600


def beat() -> None:
    """Leave the moment in the database, so that /healthz can tell how long the worker is silent."""

    def action(w: Write) -> None:
        w.derived()
        Cursor.objects.update_or_create(
            name=HEARTBEAT, defaults={"seq": int(clock.now().timestamp())}
        )

    write(action, actor=WORKER)


def silent_for() -> int | None:
    """Seconds since the worker's last sign of life; None when there was none."""
    at = Cursor.objects.filter(name=HEARTBEAT).values_list("seq", flat=True).first()
    return None if at is None else max(0, int(clock.now().timestamp()) - at)


def sweep() -> int:
    """Delete files that no row refers to, staged uploads, outdated import files, and what killed
    backups left: a count."""
    referred = set(Payload.objects.exclude(path="").values_list("path", flat=True))
    referred |= set(Attachment.objects.exclude(copy="").values_list("copy", flat=True))
    now = time.time()
    overwrite_deleted()
    over = kept.sweep(now)
    inbox.forget(set(over))
    swept = (
        files.sweep(referred, ORPHAN_SECONDS, now)
        + staging.sweep(now)
        + len(over)
        + facts.sweep(now)
    )
    return swept + scratch.sweep()


def publish() -> None:
    """Publish the log after a tick. What keeps it from being signed is said again and again; everything
    else goes on."""
    try:
        publishing.publish()
        showing.show_missing()
    except (HuhangError, OSError) as error:
        logger.error("worker: the log is not published: %s", error)


def run(stop: threading.Event) -> None:
    """Work until ``stop`` is set. A fault in one round is said and tried again in the next."""
    scratch.sweep()
    last_tick = last_beat = last_sweep = last_look = last_mail = 0.0
    clocks_ran_on: date | None = None
    watch = inbox.Watch()
    while not stop.is_set():
        try:
            now = time.monotonic()
            if now - last_beat >= HEARTBEAT_SECONDS or not last_beat:
                beat()
                last_beat = now
            done = reactions.catch_up()
            if now - last_tick >= settings.HUHANG_TICK_SECONDS or not last_tick:
                last_tick = now
                reactions.advance()
                publish()
            if now - last_sweep >= SWEEP_SECONDS or not last_sweep:
                sweep()
                work.mark_stopped()
                last_sweep = now
            if now - last_look >= LOOK_SECONDS or not last_look:
                done += watch.look()
                last_look = now
            if now - last_mail >= MAIL_SECONDS or not last_mail:
                last_mail = now
                mails.send_due()
            done += erasing.catch_up()
            done += work.step()
            if clocks_ran_on != clock.today():
                calendars.recount()
                late = escalating.step()
                done += late + accounting.raise_overdue()
                clocks_ran_on = None if late else clock.today()
        except Exception as error:
            # The message could hold text of a report: the kind of the fault alone is said.
            logger.error("worker: %s, trying again", type(error).__name__)
            connection.close()
            done = 0
        stop.wait(0.2 if done else 1.0)
    connection.close()
