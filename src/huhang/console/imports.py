"""Importing files: upload, look at what it would do, mend how columns are understood, confirm, watch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.cases import lists
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, language, page
from huhang.insight import forms as list_forms
from huhang.intake import kept, reconcile, runs, sources
from huhang.intake.kinds import KINDS, offered_to, words_of
from huhang.intake.models import ImportRun
from huhang.intake.reports_import import ReportsImporter
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, Missing, Refused
from huhang.look.fields import Choice, Form, Typed
from huhang.look.files import EXCEL, download_kept
from huhang.tables.headings import WHYS, Vocabulary

ROLES = (*CASE_ROLES, "administrator")
STATES = {
    "checking": gettext_lazy("being looked at"),
    "checked": gettext_lazy("waits for your word"),
    "running": gettext_lazy("running"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("could not be read"),
    "dropped": gettext_lazy("given up"),
    "stopped": gettext_lazy("stopped"),
}
WAYS = {
    "upload": gettext_lazy("uploaded"),
    "command": gettext_lazy("command line"),
    "folder": gettext_lazy("folder"),
    "push": gettext_lazy("pushed"),
    "replay": gettext_lazy("run again"),
}
UNSURE = ("extra", "second", "either")
"""Why columns give no field, of ``WHYS``, where somebody may know better."""


class Upload(Form):
    """The file, who sent it or what kind it is and, where its columns have unusual names, a mapping."""

    source = Choice(
        label=pgettext_lazy("sender", "Source"), required=False,
        help_text=gettext_lazy("A saved source says what the file holds and how its columns are understood."),
    )  # fmt: skip
    kind = Choice(
        label=gettext_lazy("What it holds"),
        help_text=gettext_lazy("Counts where no source is chosen."),
    )
    file = forms.FileField(label=gettext_lazy("Excel, CSV or JSON file"),
                           widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt,.json,.jsonl,.ndjson"}))  # fmt: skip
    mapping = Typed(
        label=gettext_lazy("Mapping (YAML)"), required=False, most=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=gettext_lazy("Only if columns are not recognised; you can also choose them after the first look. For example: columns: {text: Details, number: Ref}"),
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k, words_of(k)) for k in offered_to(actor)]  # type: ignore[attr-defined]
        saved = [
            (s.code, f"{s.name} · {words_of(s.kind)}")
            for s in sources.sources_for(actor)
            if s.active
        ]
        self.fields["source"].choices = [("", "—"), *saved]  # type: ignore[attr-defined]
        if not saved and not self.data.get("source"):
            del self.fields["source"]
            self.fields["kind"].help_text = ""


def rows_of(found: list[ImportRun]) -> list[dict[str, Any]]:
    """Imports as rows of a table."""
    return [
        {"run": r, "kind": words_of(r.kind), "state": STATES.get(r.state, r.state),
         "way": WAYS.get(r.way, ""), "source": r.origin.name if r.origin else r.source}
        for r in found
    ]  # fmt: skip


@for_roles(*ROLES)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file, and the imports of this person and of their sources."""
    actor = actor_of(request)
    form = Upload(actor, request.POST or None, request.FILES or None,
                  initial={k: request.GET.get(k, "")[:40] for k in ("kind", "source")})  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                run = runs.take(
                    KINDS[form.cleaned_data["kind"]], sent.chunks(), sent.size, sent.name, form.cleaned_data["mapping"], language(),
                    actor, source=form.cleaned_data.get("source", ""),
                )  # fmt: skip
            except Refused as error:
                form.add_error(error.field, str(error))
            else:
                return HttpResponseRedirect(reverse("console:import_run", args=[run.ref]))
    own = runs.own_runs(actor)
    return page(
        request,
        "console/imports.html",
        {
            "form": form,
            "rows": rows_of(own),
            "may_review": actor.has("intake") or actor.has("administrator"),
            "cut": len(own) == runs.SHOWN,
            "days": [(d, words_of(d.kind)) for d in reconcile.by_day(runs.recent_runs(actor))],
        },
        here="imports",
        status=status,
    )


@for_roles(*ROLES)
@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest, ref: str) -> HttpResponse:
    """How one import stands; its confirmation, its columns, and running it again."""
    actor = actor_of(request)
    run = runs.access_run(actor, ref)
    wrong: Refused | Conflict | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_done(request, run, actor))
        except (Refused, Conflict) as error:
            wrong = error
            run.refresh_from_db()
    status = runs.status(run, actor)
    asked: set[str] = set()
    for change in (status.get("result") or {}).get("changes", []):
        # One question for a row, at the first of its cells that changed here.
        change["asks"] = change["conflict"] and change["key"] not in asked
        asked |= {change["key"]} if change["conflict"] else set()
        change["left"] = run.state != "checked" and change.get("kept")
    idle = runs.idle(status) if run.state == "checked" else ""
    context = {
        **rows_of([run])[0],
        **({"state": _("nothing to take in")} if idle else {}),
        "busy": run.state in ("checking", "running") and kept.data_of(run) is not None,
        "status": status,
        "result": status.get("result"),
        "idle": idle,
        "preview": []
        if run.state == "done"
        else [_in_words(s, KINDS[run.kind].vocabulary) for s in status.get("preview", [])],
        "back_to": list_of(run, status),
        "onward": _onward(run),
        "columns": _columns(run, request.POST if wrong else None),
        "settled": not wrong and run.state == "checked" and _settled(status),
        "fields": KINDS[run.kind].vocabulary.labels.items(),
        "wrong": wrong,
        "may_replay": runs.may_replay(run) and not runs.headings(run),
        "may_review": actor.has("intake") or actor.has("administrator"),
        "for_this_alone": run.way not in ("folder", "push"),
        "conflicts": bool(asked),
        "has_refusals": kept.refusals_of(run) is not None,
    }
    code = 409 if isinstance(wrong, Conflict) else 400 if wrong else 200
    return page(request, "console/import_run.html", context, here="imports", status=code)


def _done(request: HttpRequest, run: ImportRun, actor: Actor) -> str:
    """Do what was asked of a run; the address to go on to. Raises ``Refused``, ``Conflict``."""
    do = request.POST.get("do", "confirm")
    if do == "drop":
        runs.give_up(run, actor)
        return reverse("console:imports")
    if do in ("use", "save"):
        chosen = {
            heading: request.POST.get(f"column-{n}", "")
            for n, (heading, _field) in enumerate(runs.headings(run))
        }
        run = runs.remap(run, chosen, actor, language(), save=do == "save")
    elif do == "replay":
        run = runs.replay(run, actor, language())
    elif do == "confirm":
        runs.confirm(run, actor, request.POST.getlist("over"))
    else:
        raise Missing(_("There is no such import."))
    return reverse("console:import_run", args=[run.ref])


def _in_words(sheet: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """A sheet of a first look in the language of the page, whatever it was looked at in."""
    columns = [
        {
            "heading": heading,
            "label": vocabulary.label(field),
            "why": WHYS.get(why, ""),
            "gives": len(field) > 1,
        }
        for heading, _label, why, field, _named in sheet["columns"]
    ]
    return {**sheet, "columns": columns}


def list_of(run: ImportRun, status: dict[str, Any]) -> tuple[str, str] | None:
    """The list that a filled form is of, and its name: the form of the list of a duty has no column of that duty.

    None for other files, and before the file was looked at."""
    sheets = status.get("preview")
    if run.kind != "list" or not sheets or not lists.names():
        return None
    given = {field for s in sheets for _h, _l, _w, field, _n in s["columns"]}
    lacking = [name for name in lists.names() if name not in (lists.NEGATIVE, *given)]
    which = lacking[0] if len(lacking) == 1 else lists.NEGATIVE
    return which, list_forms.title(which)


def _onward(run: ImportRun) -> tuple[str, str] | None:
    """Where to go on from an import that is done or could not be read, and in which words."""
    if run.state == "failed":
        again = f"source={run.origin.code}" if run.origin else f"kind={run.kind}"
        return f"{reverse('console:imports')}?{again}", _("Choose another file")
    if run.state != "done":
        return None
    if run.kind == "events":
        return reverse("console:dispositions"), _("Dispositions of other systems, by unit")
    if run.kind == "units":
        return reverse("console:units"), _("Units")
    reports = issubclass(KINDS[run.kind], ReportsImporter)
    return (reverse("console:queue"), _("To the queue")) if reports else None


def _settled(status: dict[str, Any]) -> bool:
    """Whether every column of the file was understood: nobody needs to choose anything."""
    sheets = status.get("preview", [])
    return not any(why in UNSURE for s in sheets for _h, _l, why, _f, _n in s["columns"])


def _columns(run: ImportRun, posted: Any) -> list[dict[str, Any]]:
    """Each heading that can be mapped, with the field that it gives or was chosen to give."""
    return [
        {"name": f"column-{n}", "heading": heading,
         "field": posted.get(f"column-{n}", "") if posted else field}
        for n, (heading, field) in enumerate(runs.headings(run))
    ]  # fmt: skip


@for_roles(*ROLES)
@require_safe
def refusals(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The refused rows as Excel."""
    path = kept.refusals_of(runs.access_run(actor_of(request), ref))
    if path is None:
        raise Missing(_("There is no such file."))
    return download_kept(path, EXCEL, f"{_('Refused rows')}-{ref}.xlsx")
