"""Saved sources: who sends, how it is read, its folder, its keys, and what it sent."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.console.imports import rows_of
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, page
from huhang.console.places import asked, failed
from huhang.intake import inbox, runs, sources, work
from huhang.intake.kinds import KINDS, offered_to, sent_by_sources, words_of
from huhang.intake.models import Source
from huhang.kernel.actor import Actor
from huhang.kernel.errors import HuhangError, Missing
from huhang.kernel.write import Write, write
from huhang.look.fields import Choice, Form, LongText, Typed
from huhang.look.once import new_mark, once, shown
from huhang.parties.models import User
from huhang.tables.mapping import Mapping

EXAMPLE = date(2026, 12, 31)
"""The day with which a format of dates is shown."""


class ChangeSource(Form):
    """What can be changed of a source."""

    name = Typed(
        label=pgettext_lazy("thing", "Name"), most=120,
        help_text=gettext_lazy("Who sends, and what."),
    )  # fmt: skip
    watched = forms.BooleanField(
        label=gettext_lazy("Take in what is dropped into its folder"), required=False
    )


class DateFormats(Form):
    """How dates are written where they do not begin with the year."""

    formats = LongText(
        label=gettext_lazy("How dates are written"), required=False, most=1_000, rows=2,
        help_text=gettext_lazy(
            "Only where they do not begin with the year; one format a line. %d is the day, %m the month, "
            "%Y the year, %H the hour, %M the minute: %d/%m/%Y for 31/12/2026, %m/%d/%Y %H:%M for "
            "12/31/2026 13:30."
        ),
    )  # fmt: skip


class NewSource(ChangeSource):
    """A source to be added."""

    code = Typed(
        label=gettext_lazy("Code"), most=40,
        help_text=gettext_lazy("Names its folder and its address, and files its rows: small letters, digits and dashes."),
    )  # fmt: skip
    kind = Choice(label=gettext_lazy("What it sends"))
    field_order = ("name", "code", "kind", "watched")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = sent_by_sources(offered_to(actor))
        self.fields["kind"].choices = [(k, words_of(k)) for k in found]  # type: ignore[attr-defined]


@for_roles("intake", "administrator")
@require_http_methods(["GET", "POST"])
def source_list(request: HttpRequest) -> HttpResponse:
    """The sources, and a new one."""
    actor = actor_of(request)
    form = NewSource(actor, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = write(lambda w: sources.add(w, **form.cleaned_data), actor=actor)
                return HttpResponseRedirect(reverse("console:source", args=[made.code]))
            except HuhangError as error:
                failed(form, error)
    rows = [(s, words_of(s.kind)) for s in sources.sources_for(actor)]
    return page(
        request, "console/sources.html", {"form": form, "rows": rows}, here="imports", status=status
    )


@for_roles("intake", "administrator")
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, code: str) -> HttpResponse:
    """One source: what it is, its mapping, folder, keys, and its imports."""
    actor = actor_of(request)
    found = sources.access(actor, code)
    form = ChangeSource(initial={"name": found.name, "watched": found.watched})
    mapping = _mapping(found)
    dates = DateFormats(initial={"formats": "\n".join(mapping.date_formats)})
    wrong = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do in ("retire", "end_key", "take_over") and not request.POST.get("confirm"):
            return _ask(request, found, do)
        if do == "change":
            form = ChangeSource(request.POST)
        elif do == "dates":
            dates = DateFormats(request.POST)
        sent = dates if do == "dates" else form
        try:
            made = _act(request, found, do, sent, actor)
            if not sent.errors:
                back = reverse("console:source", args=[found.code])
                return HttpResponseRedirect(back + (f"?made={made}" if made else ""))
        except HuhangError as error:
            if isinstance(error, Missing):
                raise
            if sent.is_bound and error.field in sent.fields:
                failed(sent, error)
            else:
                wrong = error
    found.refresh_from_db()
    owner = User.objects.filter(ref=found.owner).first()
    own = [r for r in runs.own_runs(actor) if r.origin_id == found.pk]
    keys, made = sources.keys_of(found), request.GET.get("made", "")
    context = {
        "source": found, "kind": words_of(found.kind), "form": form, "wrong": wrong, "mark": new_mark(),
        "secret": shown.take(f"key {actor.ref} {made}"), "made": any(k.ref == made for k in keys),
        "owner": in_language(owner), "is_owner": found.owner == actor.ref,
        "folder": inbox.folder_of(found), "folder_due": inbox.is_due(found),
        "trouble": inbox.trouble(found) if found.watched else "",
        "push_url": f"{settings.HUHANG_BASE_URL}/api/v1/push/{found.code}",
        "keys": keys, "may_add_key": found.owner == actor.ref and len(keys) < sources.MOST_KEYS,
        "mapping": _columns(mapping), "dates": dates,
        "formats": [(form, EXAMPLE.strftime(form)) for form in mapping.date_formats],
        "example": EXAMPLE, "has_dates": bool(mapping.vocabulary.dates), "rows": rows_of(own),
        "mapping_text": request.POST.get("mapping", found.mapping) if wrong else found.mapping,
    }  # fmt: skip
    status = 400 if wrong or form.errors or dates.errors else 200
    return page(request, "console/source.html", context, here="imports", status=status)


def _act(request: HttpRequest, found: Source, do: str, form: forms.Form, actor: Actor) -> str:
    """Do one of the verbs; the reference of a new key, or nothing."""
    code = found.code
    if do == "make_key":
        mark = request.POST.get("mark", "")
        return once.run(mark and f"key {actor.ref} {code} {mark}", lambda: _make_key(code, actor))

    def action(w: Write) -> None:
        if do == "change":
            sources.change(w, code, **form.cleaned_data)
        elif do == "map":
            sources.set_mapping(w, code, request.POST.get("mapping", ""))
        elif do == "dates":
            sources.set_date_formats(w, code, form.cleaned_data["formats"].splitlines())
        elif do in ("retire", "use"):
            sources.set_active(w, code, active=do == "use")
        elif do == "take_over":
            sources.take_over(w, code)
        elif do == "end_key":
            sources.end_key(w, code, request.POST.get("key", ""))
        else:
            raise Missing(_("There is no such source."))

    if not form.is_bound or form.is_valid():
        write(action, actor=actor)
    return ""


def _make_key(code: str, actor: Actor) -> str:
    key, secret = write(lambda w: sources.make_key(w, code), actor=actor)
    shown.keep(f"key {actor.ref} {key.ref}", secret)
    return key.ref


def _ask(request: HttpRequest, found: Source, do: str) -> HttpResponse:
    back = reverse("console:source", args=[found.code])
    if do == "retire":
        return asked(
            request, here="imports", back_url=back, title=_("Retire the source “%(name)s”?") % {"name": found.name},
            text=_("Nothing more is taken from its folder, and its pushes are answered as gone. What it sent stays."),
            kept=_("That this was done, by whom and when."), label=_("Retire it"),
        )  # fmt: skip
    if do == "take_over":
        return asked(
            request, here="imports", back_url=back, title=_("Take over the source “%(name)s”?") % {"name": found.name},
            text=_("From now on its rows are taken in for you, and you see its imports. Its keys end: make a new one and give it to the sender."),
            kept=_("That this was done, by whom and when."), label=_("Take it over"),
        )  # fmt: skip
    return asked(
        request, here="imports", back_url=back, title=_("End this key?"),
        text=_("What is signed with it is refused from now on. It cannot be brought back."),
        kept=_("That this was done, by whom and when."), label=_("End the key"),
    )  # fmt: skip


def _mapping(found: Source) -> Mapping:
    kind = KINDS[found.kind]
    return work.parsed(kind, found.mapping) or Mapping(kind.vocabulary)


def _columns(mapping: Mapping) -> list[tuple[str, str]]:
    """The columns of a mapping: heading, and the field that it gives in words."""
    label = mapping.vocabulary.label
    rows = [(heading, label(name)) for name, heading in mapping.columns.items()]
    return rows + [(heading, _("no field")) for heading in mapping.left]
