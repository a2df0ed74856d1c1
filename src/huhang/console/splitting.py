"""A part of a report becomes a case of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huhang.cases.queries import payload_value
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import page
from huhang.console.reports import NewReport, code_of, filed
from huhang.intake import reporter_code, splitting
from huhang.kernel.errors import Refused

FIELDS = ("kind", "title", "text", "units", "unit_words", "person_words", "accuse", "minor")


class Part(NewReport):
    """What the part is about, of which kind, and whom it names."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in set(self.fields) - set(FIELDS):
            del self.fields[name]
        self.fields["text"].label = _("What this part is about")


@for_roles("intake", "leader")
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, ref: str, report: str) -> HttpResponse:
    """The form; filed, the reference of the new case."""
    actor = actor_of(request)
    whole = splitting.report_of(actor, ref, report)
    form = Part(request.POST or None)
    code = code_of(request) or reporter_code.new_code()
    if request.method == "POST" and form.is_valid():
        token = reporter_code.login_token(code)
        try:
            made = splitting.split_once(ref, report, form.written(), token, actor=actor)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return filed(request, made, "")
    context = {"form": form, "code": code, "case": whole.case, "report": whole,
               "said": (payload_value(whole.words) or {}).get("text")}  # fmt: skip
    return page(
        request, "console/split.html", context, here="queue", status=400 if form.errors else 200
    )
