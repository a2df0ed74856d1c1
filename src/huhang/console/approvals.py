"""The steps of an approval: approve, return, take back, record what was signed on paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from huhang.cases import approving, queries
from huhang.cases.approvals_seen import approvals_of
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, page
from huhang.console.places import failed
from huhang.kernel.errors import HuhangError, Missing, NotAllowed
from huhang.kernel.plain import MAX_TEXT
from huhang.kernel.write import Write, write
from huhang.look.fields import Form, LongText, Typed

LABELS: dict[str, Any] = {
    "approve": pgettext_lazy("approval", "Approve"),
    "return": pgettext_lazy("approval", "Return"),
    "take_back": pgettext_lazy("approval", "Take back"),
    "sign": pgettext_lazy("approval", "Signed on paper …"),
}


class Step(Form):
    """What a step of an approval says."""

    signer = Typed(label=gettext_lazy("Who signed"), most=80)
    signed_on = forms.DateField(
        label=gettext_lazy("Signed on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    note = LongText(label=gettext_lazy("Opinion"), most=MAX_TEXT, required=False)

    def __init__(self, do: str, minutes: bool, data: Any = None) -> None:
        super().__init__(data)
        if do != "sign":
            del self.fields["signer"], self.fields["signed_on"]
        if do in ("return", "take_back"):
            self.fields["note"].label = _("Reason in words")
            self.fields["note"].required = do == "return"
        elif minutes:
            self.fields["note"].label = _("Minutes of the collective study")
            self.fields["note"].required = True


def take(w: Write, ref: str, do: str, values: dict[str, Any]) -> Any:
    """Do one of ``approving.DOINGS``."""
    doing: Any = {
        "approve": approving.approve, "return": approving.send_back,
        "take_back": approving.take_back, "sign": approving.sign,
    }[do]  # fmt: skip
    return doing(w, ref, **values)


@for_roles(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def approval(request: HttpRequest, ref: str, do: str) -> HttpResponse:
    """The form of a step; sent, the step is taken."""
    actor = actor_of(request)
    found, case = approving.access(actor, ref)
    if do not in approving.DOINGS:
        raise Missing(_("There is no such verb."))
    if request.method == "GET" and do not in approving.doings(actor, found, case):
        raise NotAllowed(_("You cannot do this on this case now."))
    form = Step(do, found.collective and found.last, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                write(lambda w: take(w, ref, do, form.cleaned_data), actor=actor)
            except HuhangError as error:
                if isinstance(error, Missing):
                    raise
                status = 409 if isinstance(error, NotAllowed) else 400
                failed(form, error)
            else:
                seen = queries.sees(actor, case)
                place = (
                    reverse("console:case", args=[case.ref]) if seen else reverse("console:queue")
                )
                done = "sign_on_paper" if do == "sign" else do
                return HttpResponseRedirect(f"{place}?done={done}")
    shown = next(a for a in approvals_of(actor, case) if a["ref"] == found.ref)
    context = {"case": case, "approval": shown, "form": form, "label": LABELS[do], "do": do}
    return page(request, "console/approval.html", context, here="queue", status=status)
