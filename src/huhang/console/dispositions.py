"""Dispositions of other systems: counts by unit, and the review of names that mean no unit yet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, page
from huhang.intake import dispositions
from huhang.kernel.errors import HuhangError
from huhang.kernel.write import Write, write
from huhang.look.fields import Between
from huhang.parties.models import Unit

PER_PAGE = 50


class Period(Between):
    """Events created in these days."""

    begins, ends = gettext_lazy("Created from"), gettext_lazy("Created to")


@for_roles("intake", "leader", "administrator")
@require_safe
def by_unit(request: HttpRequest) -> HttpResponse:
    """How many each unit handled, in time or not."""
    form = Period(request.GET)
    form.is_valid()
    lines = dispositions.by_unit(form.cleaned_data.get("since"), form.cleaned_data.get("until"))
    total: Counter[str] = sum((line.counts for line in lines), Counter())
    context = {
        "form": form,
        "rows": [_row(line) for line in lines],
        "total": _row(dispositions.Line(None, "", total)),
        "unknown": len(dispositions.unknown_names()),
        "may_review": actor_of(request).has("administrator"),
    }
    return page(request, "console/dispositions.html", context, here="imports")


def _row(line: dispositions.Line) -> dict[str, Any]:
    share = line.share
    return {
        "name": in_language(line.unit) if line.unit else line.name or _("no unit named"),
        "known": line.unit is not None or not line.name,
        "total": line.total,
        "on_time": line.counts["on_time"],
        "overdue": line.counts["overdue"],
        "open": line.counts["open"],
        "unsaid": line.counts[""],
        "share": None if share is None else f"{share * 100:.1f}",
    }


@for_roles("administrator")
@require_http_methods(["GET", "POST"])
def names(request: HttpRequest) -> HttpResponse:
    """Names that mean no unit yet, one decision each; ``?left``: those that mean none here."""
    error = None
    asked = request.POST.get("name", "")
    if request.method == "POST":
        try:
            write(lambda w: _decide(w, request), actor=actor_of(request))
            return HttpResponseRedirect(request.get_full_path())
        except HuhangError as refused:
            error = refused
    waiting, settled = dispositions.names_without_unit()
    left = "left" in request.GET
    shown, others = (settled, waiting) if left else (waiting, settled)
    pages = Paginator(shown, PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "count": pages.count,
        "left": left,
        "others": len(others),
        "units": [(u.code, in_language(u)) for u in Unit.objects.order_by("code")],
        "error": error,
        "asked": asked,
        "new_code": request.POST.get("new_code", ""),
    }
    return page(
        request, "console/names.html", context, here="imports", status=400 if error else 200
    )


def _decide(w: Write, request: HttpRequest) -> None:
    """The unit's code is chosen for another name, and typed for a unit of its own."""
    means = request.POST.get("means", "")
    code = request.POST.get("new_code" if means == "unit" else "code", "")
    dispositions.decide(w, request.POST.get("name", ""), means, code)
