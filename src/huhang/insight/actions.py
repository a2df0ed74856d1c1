"""Publishing a bulletin and withdrawing it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from huhang.insight import figures, suppression
from huhang.insight.models import Bulletin
from huhang.kernel import ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write
from huhang.rulebook import current


def may_publish(actor: Actor) -> bool:
    """A leader publishes, or the operator of the machine."""
    return actor.kind == "operator" or actor.has("leader")


def figure_row(figure: figures.Figure) -> dict[str, Any]:
    """A figure as a published bulletin keeps it, with its names in both languages."""
    words = figures.key_words(figure)
    names = {"zh": "", "en": ""}
    if figure.rule.by == "state":
        names = {"zh": str(figure.key), "en": str(figure.key)}
    elif words is not None:
        names = {"zh": words.zh, "en": words.en}
    return {"id": figure.id, "figure": figure.rule.id, "key": figure.key, "names": names,
            "value": figure.value, "suppressed": figure.hidden}  # fmt: skip


def check_title(title: str) -> str:
    """The title on one line. Raises ``Refused``."""
    title = plain_line(title)
    if not title:
        raise Refused(_("This is needed."), field="title")
    if len(title) > 120:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.") % {"limit": 120, "given": len(title)},
            field="title",
        )
    return title


def publish(w: Write, scope: figures.Scope, title: str) -> Bulletin:
    """Publish the figures of a period and scope as the publisher may count them, small cells gone.

    A disclosure: the text never changes afterwards, and its entry names who published what.
    Raises ``NotAllowed`` and ``Refused``.
    """
    if not may_publish(w.actor):
        raise NotAllowed(_("Only a leader may publish."))
    title = check_title(title)
    counted = suppression.as_published(w.actor, scope)
    body = {"title": title, "figures": [figure_row(f) for f in counted]}
    entry = w.entry("publish", rulebook=current().version)
    made: Bulletin = w.insert(
        Bulletin,
        ref=ids.new_ref(),
        since=scope.since,
        until=scope.until,
        unit_id=scope.unit.pk if scope.unit else None,
        tick=counted.tick,
        published_at=w.now,
        by=w.actor.ref,
        payload=entry.say("bulletin", body),
    )
    return made


def withdraw(w: Write, ref: str) -> Bulletin:
    """Take a bulletin off the page; that it was published stays on the log."""
    if not may_publish(w.actor):
        raise NotAllowed(_("Only a leader may publish."))
    bulletin = Bulletin.objects.filter(ref=ref, withdrawn_at__isnull=True).first()
    if bulletin is None:
        raise Missing(_("There is no such bulletin."))
    w.entry("withdraw")
    w.update(bulletin, withdrawn_at=w.now)
    return bulletin
