"""A clerk writes down that a reporter who telephones or visits suffers for having reported."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import page
from huhang.console.reports import NewReport, code_of, filed
from huhang.intake import clerk, reporter_code, retaliation
from huhang.kernel.errors import NotAllowed, Refused
from huhang.rulebook import current


class Told(NewReport):
    """The channel, what was said, and that it was read back or what was said of the minutes."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in set(self.fields) - {"channel", "text", "read_back", "minutes"}:
            del self.fields[name]
        self.fields["text"].label = _("What happened to them since they reported")


@for_roles("intake")
@require_http_methods(["GET", "POST"])
def raise_retaliation(request: HttpRequest, ref: str, report: str) -> HttpResponse:
    """The form; filed, the code of the new case is shown once for handing over."""
    actor = actor_of(request)
    told_of = retaliation.told_of(actor, ref, report)
    if "retaliation" not in current().fairness:
        raise NotAllowed(_("The rulebook knows nothing of this."))
    form = Told(request.POST or None)
    code = code_of(request) or reporter_code.new_code()
    if request.method == "POST" and form.is_valid():
        try:
            made = _file(ref, report, form.written(), code, actor)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return filed(request, made, code)
    status = 400 if form.errors else 200
    context = {"form": form, "code": code, "case": told_of.case, "report": told_of}
    return page(request, "console/retaliation.html", context, here="queue", status=status)


def _file(ref: str, report: str, written: clerk.Written, code: str, actor: Any) -> str:
    token = reporter_code.login_token(code)
    return retaliation.raise_told_once(ref, report, written, token, actor=actor)
