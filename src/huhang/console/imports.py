"""Importing a file: upload, look at what it would do, confirm, watch, save refused rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, language, page
from huhang.intake import reconcile, runs
from huhang.intake.kinds import KINDS, WORDS
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing, Refused
from huhang.look.files import EXCEL, download_kept

STATES = {
    "checking": gettext_lazy("being looked at"),
    "checked": gettext_lazy("waits for your word"),
    "running": gettext_lazy("running"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("could not be read"),
    "dropped": gettext_lazy("given up"),
}


class Upload(forms.Form):
    """What kind of file, the file and, where its columns have unusual names, a mapping."""

    kind = forms.ChoiceField(label=gettext_lazy("What it holds"))
    file = forms.FileField(label=gettext_lazy("Excel or CSV file"),
                           widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}))  # fmt: skip
    mapping = forms.CharField(
        label=gettext_lazy("Mapping (YAML)"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text=gettext_lazy("Only if columns are not recognised. For example: columns: {text: 情况, number: 单号}"),
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [
            (key, WORDS[key])
            for key, kind in KINDS.items()
            if any(actor.has(role) for role in kind.roles)
        ]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]


ROLES = (*CASE_ROLES, "administrator")


@for_roles(*ROLES)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file, and the imports that this person started."""
    actor = actor_of(request)
    first = {"kind": request.GET.get("kind", "")}
    form = Upload(actor, request.POST or None, request.FILES or None, initial=first)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                run = runs.take(
                    KINDS[form.cleaned_data["kind"]], sent.chunks(), sent.size, sent.name, form.cleaned_data["mapping"], language(),
                    actor,
                )  # fmt: skip
            except Refused as error:
                form.add_error(error.field, str(error))
            else:
                return HttpResponseRedirect(reverse("console:import_run", args=[run.ref]))
    own = runs.own_runs(actor)
    mine = [(r, WORDS.get(r.kind, r.kind), STATES.get(r.state, r.state)) for r in own]
    return page(
        request,
        "console/imports.html",
        {
            "form": form,
            "runs": mine,
            "may_review": actor.has("intake") or actor.has("administrator"),
            "days": [(d, WORDS.get(d.kind, d.kind)) for d in reconcile.by_day(own)],
        },
        here="imports",
        status=status,
    )


@for_roles(*ROLES)
@require_http_methods(["GET", "POST"])
def import_run(request: HttpRequest, ref: str) -> HttpResponse:
    """How one import stands; its confirmation."""
    actor = actor_of(request)
    run = runs.access_run(actor, ref)
    if request.method == "POST":
        if request.POST.get("do") == "drop":
            runs.give_up(run, actor)
            return HttpResponseRedirect(reverse("console:imports"))
        runs.confirm(run, actor, request.POST.getlist("over"))
        return HttpResponseRedirect(reverse("console:import_run", args=[run.ref]))
    status = runs.status(run, actor)
    asked: set[str] = set()
    for change in (status.get("result") or {}).get("changes", []):
        # One question for a row, at the first of its cells that changed here.
        change["asks"] = change["conflict"] and change["key"] not in asked
        asked |= {change["key"]} if change["conflict"] else set()
    context = {
        "run": run,
        "state": STATES.get(run.state, run.state),
        "kind": WORDS.get(run.kind, run.kind),
        "busy": run.state in ("checking", "running") and runs.data_of(run) is not None,
        "interrupted": run.state in ("checking", "running") and runs.data_of(run) is None,
        "status": status,
        "result": status.get("result"),
        "preview": status.get("preview", []),
        "has_refusals": runs.refusals_of(run) is not None,
    }
    return page(request, "console/import_run.html", context, here="imports")


@for_roles(*ROLES)
@require_safe
def refusals(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The refused rows as Excel."""
    path = runs.refusals_of(runs.access_run(actor_of(request), ref))
    if path is None:
        raise Missing(_("There is no such file."))
    return download_kept(path, EXCEL, f"refused-{ref}.xlsx")
