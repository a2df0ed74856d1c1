"""The auditor's page: who did what when on which case, and nothing of what it is about."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huhang.cases import auditing, flow
from huhang.console.entry_words import ENTRY_WORDS, entry_words
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import in_language, page
from huhang.kernel import clock
from huhang.look.fields import Between, Choice
from huhang.look.files import download
from huhang.parties.models import User

CSV = "text/csv; charset=utf-8"
NOBODY_SIGNED_IN: dict[str, Any] = {
    "public": gettext_lazy("Reporter"),
    "reporter": gettext_lazy("Reporter, with their code"),
    "operator": gettext_lazy("Operator of the machine"),
    "worker": gettext_lazy("Huhang"),
}


class Filters(Between):
    """The filters of entries, all in the address; an unknown value is said and left out."""

    begins = gettext_lazy("From")
    ends = gettext_lazy("To")
    field_order = ("verb", "by", "since", "until", "sort")
    verb = Choice(label=gettext_lazy("What"), required=False)
    by = Choice(label=gettext_lazy("By whom"), required=False)
    sort = Choice(
        label=gettext_lazy("Order"), required=False,
        choices=[("", gettext_lazy("the newest first")), ("when", gettext_lazy("the oldest first"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verbs = sorted(((v, str(w)) for v, w in ENTRY_WORDS.items()), key=lambda one: one[1])
        users = [(u.ref, _named(u)) for u in User.objects.order_by("username")]
        for name, choices in (("verb", verbs), ("by", [*NOBODY_SIGNED_IN.items(), *users])):
            self.fields[name].choices = [("", _("any")), *choices]  # type: ignore[attr-defined]

    @property
    def active(self) -> bool:
        """Whether anything is asked for, also what was left out."""
        return any(self.data.get(name) for name in self.fields)

    def wanted(self) -> auditing.Wanted:
        """What is asked for, without what was wrong."""
        given = {k: v for k, v in self.cleaned_data.items() if v}
        return auditing.Wanted(oldest_first=given.pop("sort", "") == "when", **given)


def _named(user: User) -> str:
    return f"{in_language(user)} ({user.username})"


@for_roles("auditor")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """A page of entries, or all that is asked for as CSV."""
    actor = actor_of(request)
    form = Filters(request.GET)
    form.is_valid()
    wanted = form.wanted()
    if request.GET.get("format") == "csv":
        rows = list(auditing.all_rows(actor, wanted))
        return download(_as_csv(rows), CSV, _("Entries {day}.csv").format(day=clock.today()))
    place = auditing.read_place(request.GET.get("place", ""))
    found, following = auditing.page(actor, wanted, place)
    context = {
        "form": form,
        "rows": _in_words(found),
        "next": following,
        "later": place is not None,
    }
    return page(request, "console/audit.html", context, here="audit")


def _in_words(rows: list[auditing.Row]) -> list[dict[str, Any]]:
    users = {u.ref: _named(u) for u in User.objects.filter(ref__in={r.by for r in rows})}
    return [
        {
            "at": row.at,
            "what": entry_words(row.verb),
            "by": users.get(row.by) or NOBODY_SIGNED_IN.get(row.by, row.by),
            "token": row.token,
            "ref": row.ref,
            "before": flow.STATES.get(row.before, row.before),
            "after": flow.STATES.get(row.after, row.after),
            "rule": row.rule,
            "rule_version": row.rule_version,
        }
        for row in rows
    ]


def _as_csv(rows: list[auditing.Row]) -> bytes:
    """The rows with a mark by which Excel knows that they are UTF-8; moments of the office, whole."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("When"), _("Verb"), _("What"), _("By whom"), _("Token"), _("Reference"),
                     _("State before"), _("State after"), _("Rule"), _("Version of the rulebook")])  # fmt: skip
    for row, said in zip(rows, _in_words(rows), strict=True):
        at = row.at.astimezone(clock.local_zone()).isoformat(timespec="seconds")
        writer.writerow(
            [at, row.verb, *(_cell(said[k]) for k in ("what", "by", "token", "ref", "before", "after",
                                                      "rule", "rule_version"))]
        )  # fmt: skip
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    """A value that no program takes for a formula: somebody's name could begin like one."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
