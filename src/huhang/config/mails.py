"""Mails to staff who asked for them: that there are new notices, how many, and where to look.

Nothing else: a mail is read by servers that are not ours. At most one an hour for each person; sent by
the worker, after what it tells of is committed. Reporters get none.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from huhang.cases.queries import notices_for
from huhang.kernel import clock
from huhang.kernel.actor import WORKER
from huhang.kernel.models import Cursor
from huhang.kernel.write import Write, write
from huhang.parties.accounts import mail_cursor
from huhang.parties.models import User
from huhang.parties.queries import actor_for

logger = logging.getLogger("huhang.worker")
PAUSE = timedelta(hours=1)
"""Between two mails to one person."""
TIMEOUT_SECONDS = 10


def send_due() -> int:
    """Send what is due: how many mails. A server that cannot be reached is tried again later."""
    if not settings.HUHANG_SMTP_HOST:
        return 0
    due = [(user, count, last) for user in _waiting() for count, last in [_fresh(user)] if count]
    if not due:
        return 0
    sent = 0
    try:
        with _connected() as server:
            for user, count, last in due:
                sent += _send(server, user, count, last)
    except (OSError, smtplib.SMTPException) as error:
        # The message could hold an address: the kind of the fault alone is said.
        logger.warning("mail: %s, trying again", type(error).__name__)
    return sent


def _waiting() -> list[User]:
    """Who asked for mails and got none within the hour."""
    found = list(User.objects.filter(active=True).exclude(mail="").order_by("id"))
    since = int((clock.now() - PAUSE).timestamp())
    lately = set(
        Cursor.objects.filter(name__in=[_sent(u) for u in found], seq__gt=since).values_list(
            "name", flat=True
        )
    )
    return [u for u in found if _sent(u) not in lately]


def _sent(user: User) -> str:
    """The cursor that holds when the last mail was sent, in seconds."""
    return f"mailed {user.ref}"


def _fresh(user: User) -> tuple[int, int]:
    """How many notices came since the last mail, and the last one's place in the log."""
    known = Cursor.objects.filter(name=mail_cursor(user)).values_list("seq", flat=True).first() or 0
    notices = notices_for(actor_for(user)).filter(seq__gt=known)
    last = notices.values_list("seq", flat=True).first()
    return (0, known) if last is None else (notices.count(), last)


def _send(server: smtplib.SMTP, user: User, count: int, last: int) -> bool:
    """Send one mail. That it is sent is kept first: whatever fails then, there is none within the hour."""
    _keep(_sent(user), int(clock.now().timestamp()))
    try:
        server.send_message(letter(user.mail, count))
    except smtplib.SMTPResponseException as error:
        logger.warning("mail: refused with %s", error.smtp_code)
        return False
    except smtplib.SMTPRecipientsRefused:
        logger.warning("mail: a recipient was refused")
        return False
    _keep(mail_cursor(user), last)
    return True


def _keep(name: str, value: int) -> None:
    def action(w: Write) -> None:
        w.derived()
        Cursor.objects.update_or_create(name=name, defaults={"seq": value})

    write(action, actor=WORKER)


def sender() -> str:
    """Whom mails come from."""
    host = urlsplit(settings.HUHANG_BASE_URL).hostname or "localhost"
    return str(settings.HUHANG_SMTP_FROM) or f"huhang@{host}"


def letter(address: str, count: int) -> EmailMessage:
    """The whole mail: a number and the address of the console."""
    place = f"{settings.HUHANG_BASE_URL}/console/"
    with override(settings.LANGUAGE_CODE):
        said = ngettext("%(count)d new notice", "%(count)d new notices", count) % {"count": count}
        body = _(
            "There is something new for you in Huhang: %(said)s. Sign in to read it: %(place)s\n\n"
            "This mail says nothing more, since mails can be read on their way. You asked for it; "
            "under “Mail” in your menu you can turn it off."
        ) % {"said": said, "place": place}
        made = EmailMessage()
        made["Subject"] = _("Huhang: %(said)s") % {"said": said}
    made["From"] = sender()
    made["To"] = address
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = make_msgid(domain=sender().rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body)
    return made


@contextmanager
def _connected() -> Iterator[smtplib.SMTP]:
    """The server that takes mails, signed in where it wants that."""
    given = settings
    secure = ssl.create_default_context()
    at = (given.HUHANG_SMTP_HOST, given.HUHANG_SMTP_PORT)
    with (
        smtplib.SMTP_SSL(*at, timeout=TIMEOUT_SECONDS, context=secure)
        if given.HUHANG_SMTP_SECURITY == "tls"
        else smtplib.SMTP(*at, timeout=TIMEOUT_SECONDS)
    ) as server:
        if given.HUHANG_SMTP_SECURITY == "starttls":
            server.starttls(context=secure)
        if given.HUHANG_SMTP_USER:
            server.login(given.HUHANG_SMTP_USER, given.HUHANG_SMTP_PASSWORD)
        yield server
