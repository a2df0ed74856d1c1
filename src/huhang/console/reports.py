"""A clerk enters a letter, a visit (read back to the visitor) or a call."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.cases.flow import MINOR_HINT
from huhang.cases.models import Report
from huhang.cases.queries import payload_value
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, language, page
from huhang.intake import clerk, reporter_code
from huhang.kernel.errors import Refused
from huhang.kernel.plain import MAX_TEXT
from huhang.look.fields import Choice, Form, LongText, Typed
from huhang.look.once import new_mark, once
from huhang.look.views import not_found
from huhang.parties.models import Unit
from huhang.rulebook import current


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class NewReport(Form):
    """What a clerk writes down."""

    channel = Choice(label=gettext_lazy("Channel"))
    kind = Choice(label=gettext_lazy("Kind"))
    title = Typed(label=gettext_lazy("Title"), required=False, most=200)
    text = LongText(label=gettext_lazy("What was said or written"), most=MAX_TEXT, rows=8)
    units = forms.MultipleChoiceField(
        label=gettext_lazy("Units concerned"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Until triage each of them is kept out of the case."),
    )  # fmt: skip
    unit_words = Typed(label=gettext_lazy("Or the unit as it was named"), required=False,
                                 most=120)  # fmt: skip
    person_words = Typed(
        label=gettext_lazy("Persons as they were named"), required=False, most=120,
        help_text=gettext_lazy("Members of staff of that name are kept out of the case."),
    )  # fmt: skip
    accuse = forms.BooleanField(
        label=gettext_lazy("The reporter says that it is about somebody’s conduct: those named stay "
                           "accused after triage"),
        required=False,
    )  # fmt: skip
    occurred_on = forms.DateField(label=gettext_lazy("When it happened"), required=False,
                                  widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    name = Typed(label=gettext_lazy("Reporter’s name"), required=False, most=80)
    phone = Typed(label=gettext_lazy("Telephone or address"), required=False, most=120)
    upload = forms.FileField(label=gettext_lazy("Scans and files"), required=False,
                             widget=_Files(attrs={"multiple": True}))  # fmt: skip
    read_back = forms.BooleanField(
        label=gettext_lazy("I read this back to the visitor, who agreed"), required=False,
        help_text=gettext_lazy("Needed for a visit."),
    )  # fmt: skip
    minor = forms.BooleanField(
        label=gettext_lazy("It is about somebody under age"), required=False,
        help_text=MINOR_HINT,
    )  # fmt: skip
    minutes = Choice(
        label=gettext_lazy("What the reporter said of the minutes"), required=False,
        help_text=gettext_lazy("Needed for what was said in a meeting or on the telephone: the minutes are offered "
                               "to be checked, corrected and agreed to."),
    )  # fmt: skip
    give_code = forms.BooleanField(
        label=gettext_lazy("Make a code for the reporter to come back with"), required=False,
        initial=True,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = current()
        lists = {
            "channel": [(c, book.channels[c].in_(language())) for c in book.clerk_channels],
            "kind": [
                (k, v.in_(language())) for k, v in book.kinds.items() if k not in book.office_kinds
            ],
            "units": [
                (u.code, in_language(u)) for u in Unit.objects.filter(active=True).order_by("code")
            ],
        }
        if book.minutes:
            minutes = [(k, v.in_(language())) for k, v in book.minutes.items()]
            lists["minutes"] = [("", "—"), *minutes]
            del self.fields["read_back"]
        else:
            del self.fields["minutes"]
        for field, choices in lists.items():
            self.fields[field].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What cannot be filed stands beside its field."""
        data: dict[str, Any] = super().clean() or {}
        for field, reason in clerk.faults(self.written()):
            self.add_error(field, reason)
        return data

    def written(self) -> clerk.Written:
        """What ``clerk.enter`` takes."""
        given = {k: v for k, v in self.cleaned_data.items() if k not in ("upload", "give_code")}
        given["units"] = tuple(given.get("units") or ())
        return clerk.Written(**{"channel": "", "kind": "", "text": "", **given})


class OwnInquiry(NewReport):
    """What the office looks into by itself: nobody reported it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = current()
        for name in ("channel", "name", "phone", "read_back", "minutes", "give_code", "minor"):
            self.fields.pop(name, None)
        kinds = [(k, book.kinds[k].in_(language())) for k in book.office_kinds]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["text"].label = _("What it is about, and why the office looks into it")
        self.fields["accuse"].label = _(
            "It is about somebody’s conduct: those named stay accused after triage"
        )

    def written(self) -> clerk.Written:
        """What ``clerk.enter`` takes."""
        return replace(super().written(), channel=current().office_channel)


@for_roles("intake", "leader")
@require_http_methods(["GET", "POST"])
def own_inquiry(request: HttpRequest) -> HttpResponse:
    """The form by which the office opens a case of its own, where the rulebook has such kinds."""
    if not current().office_kinds:
        return not_found(request)
    form = OwnInquiry(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _file_once(request, form)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    status = 400 if form.errors else 200
    here = "new_report" if actor_of(request).has("intake") else "own_inquiry"
    context = {"form": form, "mark": new_mark()}
    return page(request, "console/own_inquiry.html", context, here=here, status=status)


@for_roles("intake")
@require_http_methods(["GET", "POST"])
def new_report(request: HttpRequest) -> HttpResponse:
    """The form; filed, the reporter's code is shown once for handing over."""
    form = NewReport(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _file_once(request, form)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    status = 400 if form.errors else 200
    return page(
        request,
        "console/new_report.html",
        {
            "form": form,
            "code": code_of(request) or reporter_code.new_code(),
            "mark": new_mark(),
            "own": bool(current().office_kinds),
        },
        here="new_report",
        status=status,
    )


def code_of(request: HttpRequest) -> str:
    """The code that was made with the form; a form without one gets a new code."""
    try:
        return reporter_code.normalise(request.POST.get("server_code", ""))
    except Refused:
        return ""


def _file_once(request: HttpRequest, form: NewReport) -> HttpResponse:
    """File it, and answer the same form sent again (a reload of the answer) with the same page.

    The code comes with the form and goes with the answer, and is kept nowhere: the hash of its
    token in the report is unique. Without a code the form's mark does the same for some hours.
    """
    code = ""
    if form.cleaned_data.get("give_code"):  # the office's own inquiry has nobody to give it to
        code = code_of(request) or reporter_code.new_code()
        known = (
            Report.objects.filter(login_hash=clerk.code_hash(code)).select_related("case").first()
        )
        if known is not None:
            said = payload_value(known.words)
            if said is None or said.get("text") == form.cleaned_data["text"]:
                return filed(request, known.case.ref, code)
            code = reporter_code.new_code()  # another report, in a form that came back
        ref = _file(request, form, code)
    else:
        mark = request.POST.get("mark", "")
        key = f"{actor_of(request).ref} {mark} {form.cleaned_data['text']}" if mark else ""
        digest = hashlib.sha256(key.encode()).hexdigest() if key else ""
        ref = once.run(digest, lambda: _file(request, form, ""))
    return filed(request, ref, code)


def filed(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """The page after filing: the case, and the reporter's code, shown once."""
    groups = reporter_code.groups(code) if code else []
    return page(request, "console/filed.html", {"ref": ref, "groups": groups}, here="new_report")


def _file(request: HttpRequest, form: NewReport, code: str) -> str:
    sent = [(f.name or "file", f.read()) for f in request.FILES.getlist("upload")]
    return clerk.enter(form.written(), sent, code=code, actor=actor_of(request)).case_ref
