"""Drafts of bulletins: writing, handing on, publishing. A draft is seen by who wrote it and who holds it.

Its fields are counted anew for whoever looks, over what they may see. What they came to when it was
saved is compared only for the one who saved it: somebody else may count other cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huhang.cases.queries import payload_value
from huhang.insight import figures, suppression, texts
from huhang.insight.actions import check_title, figure_row, may_publish
from huhang.insight.figures import Scope
from huhang.insight.models import Bulletin, Draft
from huhang.kernel import ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.plain import MAX_TEXT, plain_text
from huhang.kernel.write import Write
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from huhang.rulebook import current

WRITERS = ("intake", "leader")


@dataclass(frozen=True)
class Moved:
    """A field that came to something else when the draft was saved."""

    value: texts.Value
    then: str

    @property
    def name(self) -> str:
        """The field as it stands in the text, without its braces."""
        return self.value.field.name

    @property
    def now(self) -> str:
        """What it comes to now."""
        return self.value.shown


@dataclass(frozen=True)
class Look:
    """A draft as somebody sees it: its text, what the fields come to, what moved since it was saved."""

    title: str
    text: str
    shown: str
    values: list[texts.Value]
    moved: list[Moved]
    tick: int

    @property
    def wrong(self) -> list[texts.Value]:
        """The fields that come to nothing and the braces that belong to none, each with the reason."""
        wrong = [v for v in self.values if v.wrong] + texts.strays(self.text)
        return sorted(wrong, key=lambda v: v.field.line)

    @property
    def doubled(self) -> list[tuple[texts.Value, str]]:
        """The fields that say their unit themselves, with the unit that was typed behind each."""
        return texts.doubled(self.text, self.values)

    @property
    def typed(self) -> list[str]:
        """Numbers that were typed: nothing traces them."""
        return texts.typed_numbers(self.text)


def may_write(actor: Actor) -> bool:
    """The intake office and leaders write bulletins."""
    return any(actor.has(role) for role in WRITERS)


def drafts_of(actor: Actor) -> QuerySet[Draft]:
    """The drafts that this person wrote or holds, the last saved first."""
    if not may_write(actor):
        return Draft.objects.none()
    return Draft.objects.filter(
        Q(by=actor.ref) | Q(held_by=actor.ref), discarded_at__isnull=True, bulletin__isnull=True
    ).order_by("-saved_at", "-id")


def titled(drafts: QuerySet[Draft]) -> list[tuple[Draft, str]]:
    """Drafts with their titles."""
    return [(d, (payload_value(d.payload) or {}).get("title", "")) for d in drafts[:200]]


def access_draft(actor: Actor, ref: str, *, lock: bool = False) -> Draft:
    """A draft that this person may see. Raises ``Missing``."""
    drafts = drafts_of(actor).filter(ref=ref[:12])
    found = (
        drafts.select_for_update(of=("self",)) if lock else drafts.select_related("unit")
    ).first()
    if found is None:
        raise Missing(_("There is no such draft."))
    return found


def published_from(actor: Actor, ref: str) -> Bulletin | None:
    """The bulletin that was published from a draft that this person wrote or held."""
    if not may_write(actor):
        return None
    own = Q(by=actor.ref) | Q(held_by=actor.ref)
    found = Draft.objects.filter(own, ref=ref[:12], bulletin__isnull=False)
    draft = found.select_related("bulletin").first()
    return draft.bulletin if draft is not None else None


def scope_of(draft: Draft) -> Scope:
    """The period and unit of a draft."""
    return Scope(draft.since, draft.until, draft.unit)


def look(actor: Actor, draft: Draft) -> Look:
    """The draft as this person sees it now: every number counted over what they may see."""
    body = payload_value(draft.payload) or {"title": "", "text": "", "seen": {}}
    counted = figures.count(actor, scope_of(draft))
    values = texts.values(body["text"], scope_of(draft), lambda scope: figures.count(actor, scope))
    seen = body["seen"] if draft.saved_by == actor.ref else {}
    moved = [
        Moved(value, seen[name]) for name, value in {v.field.name: v for v in values}.items()
        if name in seen and seen[name] != value.shown
    ]  # fmt: skip
    return Look(
        body["title"],
        body["text"],
        texts.rendered(body["text"], values),
        values,
        moved,
        counted.tick,
    )


def as_published(actor: Actor, draft: Draft) -> Look:
    """The draft as publishing it now would freeze it: small numbers hidden, and what gives them away."""
    body = payload_value(draft.payload) or {"title": "", "text": ""}
    values = texts.values(
        body["text"], scope_of(draft), lambda scope: suppression.as_published(actor, scope)
    )
    tick = figures.count(actor, scope_of(draft)).tick
    return Look(body["title"], body["text"], texts.rendered(body["text"], values), values, [], tick)


def receivers(actor: Actor) -> list[User]:
    """Who can be handed a draft: others who write bulletins."""
    others = User.objects.filter(active=True).exclude(ref=actor.ref).order_by("username")
    return [u for u in others if may_write(actor_for(u))]


# Verbs -------------------------------------------------------------------------------------------


def _content(w: Write, title: str, text: str, scope: Scope) -> dict[str, Any]:
    title, text = check_title(title), plain_text(text)
    if len(text) > MAX_TEXT:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": MAX_TEXT, "given": len(text)},
            field="text",
        )
    found = texts.values(text, scope, lambda one: figures.count(w.actor, one))
    return {"title": title, "text": text, "seen": {v.field.name: v.shown for v in found}}


def begin(w: Write, scope: Scope, title: str, text: str) -> Draft:
    """Save a new draft. Raises ``NotAllowed`` and ``Refused``."""
    if not may_write(w.actor):
        raise NotAllowed(_("Only the intake office and leaders write bulletins."))
    body = _content(w, title, text, scope)
    entry = w.entry("draft")
    made: Draft = w.insert(
        Draft, ref=ids.new_ref(), since=scope.since, until=scope.until,
        unit_id=scope.unit.pk if scope.unit else None, by=w.actor.ref, held_by=w.actor.ref,
        saved_by=w.actor.ref, saved_at=w.now, payload=entry.say("draft", body),
    )  # fmt: skip
    return made


def save(w: Write, ref: str, scope: Scope, title: str, text: str, *, version: int) -> Draft:
    """Save a draft anew. Raises ``Missing``, ``Conflict`` (somebody else saved it), ``Refused``."""
    draft = access_draft(w.actor, ref, lock=True)
    if version != draft.version:
        raise Conflict(_("Somebody else saved this draft in the meantime. Look at it again."))
    body = _content(w, title, text, scope)
    entry = w.entry("draft")
    w.update(
        draft, since=scope.since, until=scope.until, unit_id=scope.unit.pk if scope.unit else None,
        saved_by=w.actor.ref, saved_at=w.now, payload=entry.say("draft", body), version=draft.version + 1,
    )  # fmt: skip
    return draft


def hand_on(w: Write, ref: str, username: str) -> Draft:
    """Give a draft to somebody else who writes bulletins; who wrote it still sees it."""
    draft = access_draft(w.actor, ref, lock=True)
    to = next((u for u in receivers(w.actor) if u.username == username), None)
    if to is None:
        raise Refused(_("Choose somebody who writes bulletins."), field="to")
    w.entry("hand_on_draft")
    w.update(draft, held_by=to.ref, version=draft.version + 1)
    return draft


def discard(w: Write, ref: str) -> Draft:
    """Throw a draft away: nobody sees it any more."""
    draft = access_draft(w.actor, ref, lock=True)
    w.entry("discard_draft")
    w.update(draft, discarded_at=w.now, version=draft.version + 1)
    return draft


def publish(w: Write, ref: str, *, version: int) -> Bulletin:
    """Publish a draft: its text and the figures in it are frozen, small numbers hidden.

    A disclosure: its entry names who published what. Raises ``Missing``, ``NotAllowed``, ``Conflict``
    and ``Refused`` (a field comes to nothing).
    """
    draft = access_draft(w.actor, ref, lock=True)
    if not may_publish(w.actor):
        raise NotAllowed(_("Only a leader may publish."))
    if version != draft.version:
        raise Conflict(_("Somebody else saved this draft in the meantime. Look at it again."))
    seen = as_published(w.actor, draft)
    if not seen.text:
        raise Refused(_("There is no text."), field="text")
    for value in seen.wrong:
        raise Refused(_("Line %(line)d: %(why)s") % {"line": value.field.line, "why": value.wrong},
                      field="text")  # fmt: skip
    rows = {
        v.field.name: {
            **figure_row(replace(v.figure, value=v.value, hidden=v.hidden)), "field": v.field.name,
            "basis": v.field.basis, "from": str(v.since), "to": str(v.until),
        }
        for v in seen.values if v.figure is not None
    }  # fmt: skip
    body = {"title": seen.title, "text": seen.shown, "figures": list(rows.values())}
    entry = w.entry("publish", rulebook=current().version)
    made: Bulletin = w.insert(
        Bulletin, ref=ids.new_ref(), since=draft.since, until=draft.until, unit_id=draft.unit_id,
        tick=seen.tick, published_at=w.now, by=w.actor.ref, payload=entry.say("bulletin", body),
    )  # fmt: skip
    w.update(draft, bulletin_id=made.pk, version=draft.version + 1)
    return made
